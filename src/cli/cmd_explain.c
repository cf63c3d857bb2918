/* SPDX-License-Identifier: Apache-2.0 */
/* Why a text has its labels. For every label given, and the nearest ones that were not: its
 * decision value as a sum (bias, the heaviest words on both sides, the rest together), and the
 * sentences that carried it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/number.h"
#include "cli/common.h"
#include "cli/passages.h"

enum { LONGEST_TEXT = 64 << 20 };

struct explain_options {
    char *model;
    size_t top, near, passages;
    struct option_list labels;
    int color;
};

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct option_row rows[] = {
    {.shown = {"model", "MODEL", NULL,
               "model file; without it $SIKAP_MODEL, else the shipped model", "Model"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_options, model)},
    {.shown = {"label", "LABEL", NULL,
               "explain this label (or FIELD:LABEL), given or not; may be "
               "repeated",
               "Shown"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct explain_options, labels)},
    {.shown = {"top", "K", "6", "words shown for each side of a label", "Shown"},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct explain_options, top),
     .min = 0,
     .max = 1e6},
    {.shown = {"near", "N", "1", "labels of each field that came nearest without being given",
               "Shown"},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct explain_options, near),
     .min = 0,
     .max = 1e6},
    {.shown = {"passages", "N", "2", "sentences shown for each label that is given", "Shown"},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct explain_options, passages),
     .min = 0,
     .max = 1e6},
    {.shown = {"color", "auto|always|never", "auto", "auto: on a terminal, unless NO_COLOR is set",
               "Shown"},
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct explain_options, color),
     .choices = colors},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

/* One text, its scores, and working memory for one label at a time. */
struct explanation {
    const sikap_model *model;
    const struct explain_options *own;
    sikap_scorer *scorer;
    struct buffer text;
    sikap_segment segment;
    float *scores;
    double *probabilities;
    unsigned char *chosen, *wanted;
    float *share;     /* [n_terms] what one occurrence of a term gave; zero between labels */
    uint32_t *places; /* [n_terms] how often it stands in the text */
    const sikap_occurrence *occurrences;
    size_t n_occurrences;
    struct passages passages;
    int colour;
};

static int start(struct explanation *e, sikap_error *err)
{
    const size_t n_labels = sikap_model_n_all_labels(e->model);
    const size_t n_terms = sikap_model_n_terms(e->model);
    e->scores = memory_zero(n_labels, sizeof *e->scores);
    e->probabilities = memory_zero(n_labels, sizeof *e->probabilities);
    e->chosen = memory_zero(n_labels, 1);
    e->wanted = memory_zero(n_labels, 1);
    e->share = memory_zero(n_terms, sizeof *e->share);
    e->places = memory_zero(n_terms, sizeof *e->places);
    if (e->scores == NULL || e->probabilities == NULL || e->chosen == NULL || e->wanted == NULL ||
        e->share == NULL || e->places == NULL)
        return error_memory(err, "scores");
    e->segment = (sikap_segment){.name = "text", .text = e->text.bytes, .n = e->text.n};
    int status = passages_new(&e->passages, e->text.bytes, e->text.n, err);
    if (status == 0)
        status = sikap_scorer_new(&e->scorer, e->model, err);
    if (status == 0)
        status = sikap_score(e->scorer, &e->segment, 1, e->scores, err);
    if (status != 0)
        return status;
    sikap_choose(e->model, e->scores, e->chosen);
    sikap_probabilities(e->model, e->scores, e->probabilities);
    return 0;
}

static void finish(struct explanation *e)
{
    sikap_scorer_free(e->scorer);
    passages_free(&e->passages);
    memory_free(e->scores);
    memory_free(e->probabilities);
    memory_free(e->chosen);
    memory_free(e->wanted);
    memory_free(e->share);
    memory_free(e->places);
    buffer_free(&e->text);
}

/* How far a label is from being given: its decision value above what was needed. */
static double margin(const struct explanation *e, size_t label, int is_multi)
{
    return (double)e->scores[label] - (is_multi ? sikap_model_threshold(e->model, label) : 0);
}

/* Those that --label names; else those given, and of each field the nearest that were not. */
static int choose_wanted(struct explanation *e, sikap_error *err)
{
    for (size_t i = 0; i < e->own->labels.n; i++) {
        size_t label = 0;
        const int status = common_label(e->model, e->own->labels.items[i], &label, err);
        if (status != 0)
            return status;
        e->wanted[label] = 1;
    }
    if (e->own->labels.n > 0)
        return 0;
    memcpy(e->wanted, e->chosen, sikap_model_n_all_labels(e->model));
    for (size_t f = 0; f < sikap_model_n_fields(e->model); f++) {
        const size_t first = sikap_model_first_label(e->model, f);
        const size_t end = first + sikap_model_n_labels(e->model, f);
        const int is_multi = sikap_model_field_is_multi(e->model, f);
        for (size_t i = 0; i < e->own->near; i++) {
            size_t nearest = end;
            for (size_t l = first; l < end; l++)
                if (!e->wanted[l] &&
                    (nearest == end || margin(e, l, is_multi) > margin(e, nearest, is_multi)))
                    nearest = l;
            if (nearest == end)
                break;
            e->wanted[nearest] = 1;
        }
    }
    return 0;
}

static int by_contribution(const void *a, const void *b)
{
    const sikap_contribution *left = a, *right = b;
    if (left->contribution != right->contribution)
        return left->contribution > right->contribution ? -1 : 1;
    return left->term < right->term ? -1 : left->term > right->term;
}

/* Words from one end of the sorted list, while they are on its side. Returns how many. */
static size_t print_words(const struct explanation *e, const sikap_contribution *sorted, size_t n,
                          int is_for, struct buffer *out)
{
    size_t shown = 0;
    for (; shown < n && shown < e->own->top; shown++) {
        const sikap_contribution *c = &sorted[is_for ? shown : n - 1 - shown];
        if (is_for ? c->contribution <= 0 : c->contribution >= 0)
            break;
        if (shown == 0)
            buffer_text(out, is_for ? "    for      " : "    against  ");
        buffer_text(out, shown == 0 ? "" : ", ");
        if (e->colour)
            buffer_text(out, is_for ? "\033[1;32m" : "\033[31m");
        common_term(out, e->model, c->term);
        buffer_text(out, e->colour ? "\033[0m " : " ");
        common_signed(out, (double)c->contribution, 3);
    }
    if (shown > 0)
        buffer_byte(out, '\n');
    return shown;
}

static void print_heading(const struct explanation *e, size_t label, size_t field,
                          struct buffer *out)
{
    const char *name = sikap_model_label(e->model, label);
    buffer_text(out, e->colour ? "  \033[1m" : "  ");
    common_printable(out, name, strlen(name));
    buffer_text(out, e->colour ? "\033[0m  " : "  ");
    common_signed(out, (double)e->scores[label], 3);
    buffer_text(out, e->chosen[label] ? "  given" : "  not given");
    const int is_multi = sikap_model_field_is_multi(e->model, field);
    const int has_probability = !isnan(e->probabilities[label]);
    if (is_multi) {
        buffer_text(out, " (threshold ");
        common_signed(out, sikap_model_threshold(e->model, label), 3);
    }
    if (has_probability) {
        buffer_text(out, is_multi ? ", probability " : " (probability ");
        number_print_fixed(out, e->probabilities[label], 2);
    }
    buffer_text(out, is_multi || has_probability ? ")\n" : "\n");
}

static int print_label(struct explanation *e, size_t label, size_t field, struct buffer *out,
                       sikap_error *err)
{
    const sikap_contribution *contributions;
    size_t n;
    const int status = sikap_explain(e->scorer, label, &contributions, &n, err);
    if (status != 0)
        return status;
    sikap_contribution *sorted = memory_alloc(n, sizeof *sorted);
    if (sorted == NULL)
        return error_memory(err, "contributions");
    if (n > 0)
        memcpy(sorted, contributions, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_contribution);

    print_heading(e, label, field, out);
    const size_t n_for = print_words(e, sorted, n, 1, out);
    const size_t n_against = print_words(e, sorted + n_for, n - n_for, 0, out);
    double rest = 0;
    for (size_t i = n_for; i < n - n_against; i++)
        rest += (double)sorted[i].contribution;
    buffer_text(out, "    and      ");
    const size_t n_rest = n - n_for - n_against;
    buffer_format(out, "%zu other term%s ", n_rest, n_rest == 1 ? "" : "s");
    common_signed(out, rest, 3);
    buffer_text(out, ", bias ");
    common_signed(out, sikap_model_bias(e->model, label), 3);
    buffer_byte(out, '\n');

    if (e->chosen[label] && e->own->passages > 0) {
        for (size_t i = 0; i < n; i++)
            if (e->places[sorted[i].term] > 0)
                e->share[sorted[i].term] =
                    sorted[i].contribution / (float)e->places[sorted[i].term];
        passages_weigh(&e->passages, 0, e->share, e->occurrences, e->n_occurrences);
        passages_print(&e->passages, e->own->passages, "    passage  ", e->colour, out);
        for (size_t i = 0; i < n; i++)
            e->share[sorted[i].term] = 0;
    }
    memory_free(sorted);
    return 0;
}

static int print_explanation(struct explanation *e, struct buffer *out, sikap_error *err)
{
    int status = choose_wanted(e, err);
    if (status == 0)
        status =
            sikap_occurrences(e->scorer, &e->segment, 1, &e->occurrences, &e->n_occurrences, err);
    for (size_t i = 0; status == 0 && i < e->n_occurrences; i++)
        e->places[e->occurrences[i].term]++;
    for (size_t f = 0; status == 0 && f < sikap_model_n_fields(e->model); f++) {
        const size_t first = sikap_model_first_label(e->model, f);
        const size_t end = first + sikap_model_n_labels(e->model, f);
        int has_heading = 0;
        /* Those given first, then the others; each in the model's order. */
        for (int given = 1; given >= 0; given--)
            for (size_t l = first; status == 0 && l < end; l++) {
                if (!e->wanted[l] || e->chosen[l] != given)
                    continue;
                if (!has_heading)
                    buffer_format(out, "%s%s\n", out->n == 0 ? "" : "\n",
                                  sikap_model_field(e->model, f));
                has_heading = 1;
                status = print_label(e, l, f, out, err);
            }
    }
    return status;
}

static int run(struct job *job, sikap_error *err)
{
    const struct explain_options *own = job->own;
    sikap_model *model;
    struct explanation e = {.own = own};
    struct buffer text = {0};
    int status = common_model(&model, own->model, err);
    if (status != 0)
        return status;
    common_hint_stdin(job);
    e.model = model;
    const char *no_color = getenv("NO_COLOR");
    e.colour = own->color == 1 || (own->color == 0 && terminal_is_rich(STDOUT_FILENO) &&
                                   (no_color == NULL || no_color[0] == '\0'));
    status = input_whole(&e.text, job->n_operands == 0 ? "-" : job->operands[0], LONGEST_TEXT,
                         "one article", err);
    if (status == 0)
        status = sikap_model_read_terms(model, err);
    if (status == 0)
        status = start(&e, err);
    if (status == 0)
        status = print_explanation(&e, &text, err);
    if (status == 0)
        status = terminal_print(job->terminal, &text, err);
    buffer_free(&text);
    finish(&e);
    sikap_model_free(model);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "why a text has its labels: words and passages",
    .operands = "[-m MODEL] [FILE] [options]",
    .description =
        "Labels one text (a file, or standard input) and shows why. A score is a sum, and it is "
        "shown as one: the words for and against with what each adds, everything else together, "
        "the bias; then the sentences that carried the label.\n",
    .examples = "sikap explain article.txt\n"
                "sikap explain -m news.sikap article.txt --label security --top 20\n",
    .own = &table,
    .own_size = sizeof(struct explain_options),
    .max_operands = 1,
    .run = run,
};
