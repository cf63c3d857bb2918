/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation for a terminal. Lines are filled up to the terminal's width word by word, with the
 * rest hanging under the first word; colour codes take no room. Nothing that a text or a label
 * holds can move the cursor: show_bytes sees to that. */
#include "report/explain.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "text/sentence.h"
#include "text/show.h"

enum { LONGEST_SENTENCE = 400, NAME_MOST = 60, HANG = 13, PLACE_WORDS = 7 };

/* A line being filled. */
struct line {
    struct buffer *out;
    size_t columns, hang, at; /* at: columns taken */
    struct buffer word;       /* what is not placed yet, */
    size_t width;             /* its columns, */
    int has_colour;
};

static const char *const COLOURS[] = {"\033[1;31m", "\033[31m", "", "\033[32m", "\033[1;32m"};

static void line_open(struct line *line, const char *name)
{
    buffer_text(line->out, "    ");
    show_cell(line->out, name, HANG - 4);
    line->hang = line->at = HANG;
}

/* Text into the word; level as in struct stretch. */
static void put(struct line *line, const char *text, size_t n, int level)
{
    const int is_coloured = line->has_colour && level != 0;
    buffer_text(&line->word, is_coloured ? COLOURS[level + 2] : "");
    line->width += show_bytes(&line->word, text, n, SIZE_MAX);
    buffer_text(&line->word, is_coloured ? "\033[0m" : "");
}

/* The word is whole: it goes onto this line, or the next. */
static void end_word(struct line *line)
{
    if (line->word.n == 0)
        return;
    const int is_begin = line->at == line->hang;
    if (!is_begin && line->at + 1 + line->width > line->columns) {
        buffer_byte(line->out, '\n');
        show_blanks(line->out, line->hang);
        line->at = line->hang;
    } else if (!is_begin) {
        buffer_byte(line->out, ' ');
        line->at++;
    }
    buffer_bytes(line->out, line->word.bytes, line->word.n);
    line->at += line->width;
    line->out->failed |= line->word.failed;
    buffer_clear(&line->word);
    line->width = 0;
}

static void line_close(struct line *line)
{
    end_word(line);
    buffer_byte(line->out, '\n');
}

/* Several words that hold no colour. */
static void put_words(struct line *line, const char *text)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, " ");
        put(line, text, n, 0);
        end_word(line);
        text += n + (text[n] == ' ');
    }
}

static void put_number(struct line *line, double v)
{
    struct buffer number = {0};
    explain_signed(&number, v, 3);
    put(line, number.bytes, number.n, 0);
    line->out->failed |= number.failed;
    buffer_free(&number);
}

static void put_side(struct line *line, const struct label_explanation *x, int is_for, size_t n)
{
    if (n == 0)
        return;
    line_open(line, is_for ? "for" : "against");
    for (size_t i = 0; i < n; i++) {
        const sikap_contribution *c = &x->sorted[is_for ? i : x->n - 1 - i];
        struct buffer term = {0};
        explain_term(&term, x->of->model, c->term);
        put(line, term.bytes, term.n, is_for ? 2 : -1);
        put(line, " ", 1, 0);
        put_number(line, (double)c->contribution);
        put(line, ",", i + 1 < n, 0);
        end_word(line);
        line->out->failed |= term.failed;
        buffer_free(&term);
    }
    line_close(line);
}

static void put_rest(struct line *line, const struct label_explanation *x, size_t n_for,
                     size_t n_against)
{
    const size_t n = x->n - n_for - n_against;
    struct buffer words = {0};
    buffer_format(&words, "%zu other term%s ", n, n == 1 ? "" : "s");
    explain_signed(&words, label_rest(x, n_for, n_against), 3);
    buffer_text(&words, ", bias ");
    explain_signed(&words, sikap_model_bias(x->of->model, x->label), 3);
    buffer_byte(&words, '\0');
    line_open(line, "and");
    put_words(line, words.failed ? "" : words.bytes);
    line_close(line);
    buffer_free(&words);
}

/* Stretch by stretch; white space ends words, so that a sentence is one paragraph. */
static void put_sentence(struct line *line, const struct label_explanation *x,
                         const struct sentence *s)
{
    const char *text = x->of->segments[s->segment].bytes;
    size_t end = s->end;
    if (end - s->begin > LONGEST_SENTENCE)
        for (end = s->begin + LONGEST_SENTENCE; ((unsigned char)text[end] & 0xC0) == 0x80;)
            end--;
    for (size_t at = s->begin; at < end;) {
        const struct stretch stretch = label_stretch(x, s->segment, at, end);
        while (at < stretch.end) {
            if (sentence_is_space(text[at])) {
                end_word(line);
                at++;
                continue;
            }
            size_t n = 0;
            while (at + n < stretch.end && !sentence_is_space(text[at + n]))
                n++;
            put(line, text + at, n, stretch.level);
            at += n;
        }
    }
    end_word(line);
    if (end < s->end)
        put_words(line, "…");
}

static int put_sentences(struct line *line, const struct label_explanation *x, size_t most,
                         sikap_error *err)
{
    most = most < x->n_sentences ? most : x->n_sentences;
    size_t *best = memory_alloc(most, sizeof *best);
    if (best == NULL)
        return error_memory(err, "explanation");
    const size_t n = label_best_sentences(x, best, most);
    for (size_t i = 0; i < n; i++) {
        const struct sentence *s = &x->sentences[best[i]];
        line_open(line, "passage");
        struct buffer sum = {0};
        explain_signed(&sum, s->sum, 2);
        put(line, sum.bytes, sum.n, 0);
        put(line, " ", 1, 0);
        end_word(line);
        buffer_free(&sum);
        line->hang = line->at + 1;
        show_blanks(line->out, 1);
        line->at = line->hang;
        put_sentence(line, x, s);
        line_close(line);
    }
    memory_free(best);
    return 0;
}

/* Where the score comes from, when that is not the whole text: the passage's first words. */
static void put_place(struct line *line, const struct label_explanation *x)
{
    const char *text = x->of->segments[x->place.segment].bytes;
    size_t begin = x->place.begin;
    while (begin < x->place.end && sentence_is_space(text[begin]))
        begin++;
    line_open(line, "read in");
    put_words(line, "the passage that begins");
    size_t end = begin;
    for (int words = 0; end < x->place.end && text[end] != '\n'; end++)
        if (text[end] == ' ' && ++words == PLACE_WORDS)
            break;
    if (end - begin > LONGEST_SENTENCE)
        end = begin;
    put_sentence(line, x, &(struct sentence){x->place.segment, begin, end, 0});
    put_words(line, "…");
    line_close(line);
}

static void put_heading(struct line *line, const struct label_explanation *x,
                        const struct model_field *field)
{
    const struct explanation *e = x->of;
    const double probability = e->probabilities[x->label];
    struct buffer *out = line->out;
    buffer_text(out, line->has_colour ? "  \033[1m" : "  ");
    show_text(out, e->model->labels[x->label], NAME_MOST);
    buffer_text(out, line->has_colour ? "\033[0m  " : "  ");
    explain_signed(out, (double)e->scores[x->label], 3);
    buffer_text(out, e->chosen[x->label] ? "  given" : "  not given");
    if (field->is_multi) {
        buffer_text(out, " (threshold ");
        explain_signed(out, (double)e->model->threshold[x->label], 3);
    }
    if (!isnan(probability)) {
        buffer_text(out, field->is_multi ? ", probability " : " (probability ");
        number_print_fixed(out, probability, 2);
    }
    buffer_text(out, field->is_multi || !isnan(probability) ? ")\n" : "\n");
    if (x->place.end > 0)
        put_place(line, x);
}

static int put_label(void *context, const sikap_explanation *e, const struct label_explanation *x,
                     size_t field, int is_first, sikap_error *err)
{
    struct line *line = context;
    const struct model_field *f = &e->model->fields[field];
    if (is_first) {
        buffer_text(line->out, line->out->n == 0 ? "" : "\n");
        show_text(line->out, f->name, NAME_MOST);
        buffer_byte(line->out, '\n');
    }
    put_heading(line, x, f);
    const size_t n_for = label_side(x, 1, e->options.top);
    const size_t most = x->n - n_for < e->options.top ? x->n - n_for : e->options.top;
    const size_t n_against = label_side(x, 0, most);
    put_side(line, x, 1, n_for);
    put_side(line, x, 0, n_against);
    put_rest(line, x, n_for, n_against);
    /* Of a label that only came near nothing carried it; of one that was asked for, show it. */
    const int has_sentences = e->core->chosen[x->label] || e->options.labels.n > 0;
    return has_sentences ? put_sentences(line, x, e->options.passages, err) : 0;
}

int sikap_explanation_text(const sikap_explanation *e, size_t columns, int has_colour,
                           sikap_write *write, void *context, sikap_error *err)
{
    struct buffer out = {0};
    struct line line = {
        .out = &out, .columns = columns < 40 ? 40 : columns, .has_colour = has_colour};
    int status = explain_each(e, put_label, &line, err);
    if (status == 0)
        status = buffer_hand_over(&out, "explanation", write, context, err);
    buffer_free(&line.word);
    buffer_free(&out);
    return status;
}
