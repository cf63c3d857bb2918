/* SPDX-License-Identifier: Apache-2.0 */
/* A labelled document as a line of JSON, a line of tab-separated values, or text for people. */
#include "model/predict_internal.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "text/sentence.h"
#include "text/show.h"
#include "text/utf8.h"

static void write_score(struct buffer *out, double v)
{
    if (!isfinite(v)) /* a model's weights may add up to infinity */
        buffer_text(out, "null");
    else
        number_print_fixed(out, v, 4);
}

/* Without --min-prob the number may be a decision value. */
static int is_sure(const struct predict *p, double probability)
{
    return p->options.min_prob <= 0 || probability >= p->options.min_prob;
}

/* A single field's label that --min-prob holds back leaves nothing to say of the document. */
void predict_abstain(const struct predict *p, struct predict_worker *w)
{
    const sikap_model *m = p->model;
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        w->abstained[f] = p->least != NULL && !(model_certainty(field, w->scores, w->probabilities,
                                                                w->chosen) >= p->least[f]);
        for (size_t l = field->first; !field->is_multi && l < field->first + field->n; l++)
            w->abstained[f] |=
                w->chosen[l] && p->options.top == 0 && !is_sure(p, w->probabilities[l]);
    }
}

static int abstained(const struct predict *p, const struct predict_worker *w,
                     const struct model_field *field)
{
    return w->abstained[field - p->model->fields];
}

/* The labels of a field to show, best first where --top asks, into order[]; returns how many. */
static size_t pick_labels(const struct predict *p, struct predict_worker *w,
                          const struct model_field *field)
{
    size_t n = 0;
    if (abstained(p, w, field))
        return 0;
    if (p->options.top == 0) {
        for (size_t l = field->first; l < field->first + field->n; l++)
            if (w->chosen[l] && is_sure(p, w->probabilities[l]))
                w->order[n++] = (uint32_t)l;
        return n;
    }
    for (size_t l = field->first; l < field->first + field->n; l++) {
        size_t k = n < p->options.top ? n++ : p->options.top;
        while (k > 0 && w->scores[w->order[k - 1]] < w->scores[l]) {
            if (k < p->options.top)
                w->order[k] = w->order[k - 1];
            k--;
        }
        if (k < p->options.top)
            w->order[k] = (uint32_t)l;
    }
    return n;
}

static void write_label(struct buffer *out, const char *label)
{
    json_write_string(out, label, strlen(label));
}

static void write_scores(const struct predict *p, struct predict_worker *w, struct buffer *out)
{
    const sikap_model *m = p->model;
    buffer_text(out, ",\"scores\":{");
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        buffer_text(out, f > 0 ? "," : "");
        write_label(out, field->name);
        buffer_text(out, ":{");
        const size_t n = p->options.scores ? field->n : pick_labels(p, w, field);
        for (size_t i = 0; i < n; i++) {
            const size_t l = p->options.scores ? field->first + i : w->order[i];
            buffer_text(out, i > 0 ? "," : "");
            write_label(out, m->labels[l]);
            buffer_byte(out, ':');
            write_score(out, w->probabilities[l]);
        }
        buffer_byte(out, '}');
    }
    buffer_byte(out, '}');
}

/* Characters (code points) of valid UTF-8: what strings are counted in where JSON is read. */
static size_t count_characters(const char *text, size_t n)
{
    size_t characters = 0;
    for (size_t i = 0; i < n; i++)
        characters += ((unsigned char)text[i] & 0xC0) != 0x80;
    return characters;
}

/* Blank space around a passage is no part of it. */
static void write_place(struct buffer *out, const struct predict *p, const struct document *doc,
                        struct passage_place place)
{
    if (place.end == 0) {
        buffer_text(out, "null");
        return;
    }
    const char *text = doc->segments[place.segment].bytes;
    while (place.begin < place.end && sentence_is_space(text[place.begin]))
        place.begin++;
    while (place.end > place.begin && sentence_is_space(text[place.end - 1]))
        place.end--;
    const size_t n = place.end - place.begin, begin = count_characters(text, place.begin);
    buffer_text(out, "{\"segment\":");
    write_label(out, p->model->plan.names[place.segment]);
    buffer_format(out, ",\"begin\":%zu,\"end\":%zu,\"text\":", begin,
                  begin + count_characters(text + place.begin, n));
    json_write_string(out, text + place.begin, n);
    buffer_byte(out, '}');
}

/* Of the labels that are given: the passage, or null where the whole document carried it. */
static void write_places(const struct predict *p, struct predict_worker *w,
                         const struct document *doc)
{
    struct buffer *out = &w->result.out;
    buffer_text(out, ",\"passages\":{");
    for (size_t f = 0; f < p->model->n_fields; f++) {
        const struct model_field *field = &p->model->fields[f];
        const size_t n = pick_labels(p, w, field);
        buffer_text(out, f > 0 ? "," : "");
        write_label(out, field->name);
        buffer_text(out, ":{");
        for (size_t i = 0; i < n; i++) {
            buffer_text(out, i > 0 ? "," : "");
            write_label(out, p->model->labels[w->order[i]]);
            buffer_byte(out, ':');
            write_place(out, p, doc, w->places[w->order[i]]);
        }
        buffer_byte(out, '}');
    }
    buffer_byte(out, '}');
}

/* The fields that are null because the model is not sure enough. */
static void write_abstained(const struct predict *p, const struct predict_worker *w,
                            struct buffer *out)
{
    const sikap_model *m = p->model;
    int any = 0;
    for (size_t f = 0; f < m->n_fields; f++) {
        if (!w->abstained[f])
            continue;
        buffer_text(out, any ? "," : ",\"abstained\":[");
        write_label(out, m->fields[f].name);
        any = 1;
    }
    buffer_text(out, any ? "]" : "");
}

/* As text, whatever the input had; null where it had nothing. */
static void write_kept(const struct predict *p, struct buffer *out, const struct document *doc)
{
    for (size_t k = p->first_kept; k < p->extras.n; k++) {
        buffer_byte(out, ',');
        write_label(out, p->extras.items[k]);
        buffer_byte(out, ':');
        if (doc->extras[k].bytes == NULL)
            buffer_text(out, "null");
        else
            json_write_string(out, doc->extras[k].bytes, doc->extras[k].n);
    }
}

void predict_write_jsonl(const struct predict *p, struct predict_worker *w,
                         const struct document *doc)
{
    const sikap_model *m = p->model;
    struct buffer *out = &w->result.out;
    buffer_text(out, "{\"id\":");
    json_write_string(out, doc->id.bytes, doc->id.n);
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        const size_t n = pick_labels(p, w, field);
        const int is_array = field->is_multi || p->options.top > 0;
        buffer_byte(out, ',');
        write_label(out, field->name);
        buffer_byte(out, ':');
        if (abstained(p, w, field)) {
            buffer_text(out, "null");
            continue;
        }
        buffer_text(out, is_array ? "[" : "");
        for (size_t i = 0; i < n; i++) {
            buffer_text(out, i > 0 ? "," : "");
            write_label(out, m->labels[w->order[i]]);
        }
        buffer_text(out, is_array ? "]" : "");
    }
    write_abstained(p, w, out);
    write_scores(p, w, out);
    if (p->options.passages)
        write_places(p, w, doc);
    write_kept(p, out, doc);
    buffer_text(out, "}\n");
}

/* Tabs and line ends would break a line of TSV: spaces stand for them. Text is for people, and may
 * be shown by a terminal. */
static void write_cell(const struct predict *p, struct buffer *out, const char *text, size_t n)
{
    if (p->options.format == FORMAT_TEXT) {
        show_bytes(out, text, n, SIZE_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++)
        buffer_byte(out, (unsigned char)text[i] < ' ' ? ' ' : text[i]);
}

void predict_write_plain(const struct predict *p, struct predict_worker *w,
                         const struct document *doc)
{
    const sikap_model *m = p->model;
    struct buffer *out = &w->result.out;
    const int tsv = p->options.format == FORMAT_TSV;
    write_cell(p, out, doc->id.bytes, doc->id.n);
    buffer_text(out, tsv ? "" : "\n");
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        const size_t n = pick_labels(p, w, field);
        if (tsv) {
            buffer_byte(out, '\t');
        } else {
            buffer_text(out, "  ");
            write_cell(p, out, field->name, strlen(field->name));
            buffer_byte(out, ':');
        }
        for (size_t i = 0; i < n; i++) {
            const char *label = m->labels[w->order[i]];
            buffer_text(out, tsv ? (i > 0 ? "|" : "") : i > 0 ? ", " : " ");
            write_cell(p, out, label, strlen(label));
            if (tsv && !p->options.scores)
                continue;
            buffer_text(out, tsv ? "=" : " ");
            write_score(out, w->probabilities[w->order[i]]);
        }
        if (abstained(p, w, field))
            buffer_text(out, tsv ? "?" : " ?");
        else if (n == 0 && !tsv)
            buffer_text(out, " -");
        buffer_text(out, tsv ? "" : "\n");
    }
    for (size_t k = p->first_kept; k < p->extras.n; k++) {
        buffer_byte(out, '\t');
        write_cell(p, out, doc->extras[k].bytes, doc->extras[k].n);
    }
    buffer_text(out, tsv ? "\n" : "");
}

void predict_write_failure(const struct predict *p, struct predict_worker *w,
                           const struct document *doc, const sikap_error *problem)
{
    struct buffer *out = &w->result.out;
    if (p->options.format == FORMAT_JSONL) {
        struct buffer message = {0}; /* it may quote names, cut off inside a character */
        utf8_repair(problem->message, strlen(problem->message), &message);
        buffer_text(out, "{\"id\":");
        json_write_string(out, doc->id.bytes, doc->id.n);
        buffer_text(out, ",\"error\":");
        json_write_string(out, message.bytes, message.n);
        buffer_text(out, "}\n");
        out->failed |= message.failed;
        buffer_free(&message);
        return;
    }
    write_cell(p, out, doc->id.bytes, doc->id.n);
    buffer_text(out, p->options.format == FORMAT_TSV ? "\terror: " : "\n  error: ");
    write_cell(p, out, problem->message, strlen(problem->message));
    buffer_byte(out, '\n');
}
