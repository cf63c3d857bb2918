/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement for people: the field's figures, its labels, what is taken for what, and of more than
 * two files each pair. */
#include <math.h>
#include <stdlib.h>

#include "analyse/agree.h"
#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

enum {
    NUMBER_WIDTH = 7,
    COUNT_WIDTH = 7,
    INTERVAL_WIDTH = 16, /* "  [0.123, 0.456]" */
    NAME_LEAST = 10,
    NAME_MOST = 40,
    CONFUSIONS_SHOWN = 5,
};

/* Krippendorff (2004, p. 241): below it not even tentative conclusions; reliable from 0.8 on. */
static const double TENTATIVE = 0.667;

static void put_interval(struct buffer *out, const struct agree_figure *figure)
{
    static const char *const REASONS[] = {
        [INTERVAL_FEW_UNITS] = "(few units)",     [INTERVAL_RARE_LABEL] = "(rare)",
        [INTERVAL_RARE_LABELS] = "(rare labels)", [INTERVAL_NO_VARIATION] = "(no spread)",
        [INTERVAL_TOO_LARGE] = "(too large)",     [INTERVAL_OFF] = "",
    };
    struct buffer text = {0};
    if (figure->state != INTERVAL_GIVEN) {
        buffer_text(&text, REASONS[figure->state]);
    } else {
        buffer_byte(&text, '[');
        number_print_fixed(&text, figure->interval.low, 3);
        buffer_text(&text, ", ");
        number_print_fixed(&text, figure->interval.high, 3);
        buffer_byte(&text, ']');
    }
    show_right(out, &text, INTERVAL_WIDTH);
}

static void put_line(struct buffer *out, const char *name, const struct agree_figure *figure)
{
    show_cell(out, name, 34);
    show_number(out, figure->value, 3, NUMBER_WIDTH);
    if (figure->state != INTERVAL_OFF)
        put_interval(out, figure);
    buffer_byte(out, '\n');
}

static void put_summary(struct buffer *out, const sikap_agreement *a, const struct agree_field *f)
{
    const struct agree_figure kappa = {.value = f->kappa, .state = INTERVAL_OFF};
    const struct agree_figure observed = {.value = f->observed, .state = INTERVAL_OFF};
    const int is_mean = f->is_multi || a->n_coders > 2;
    show_cell(out, "", 34 + NUMBER_WIDTH);
    buffer_text(out, f->alike.state == INTERVAL_OFF ? "\n" : "   95 % interval\n");
    put_line(out,
             f->is_multi ? "same labels, share of documents" : "same label, share of documents",
             &f->alike);
    if (f->is_multi) {
        put_line(out, "single decisions that agree", &observed);
        put_line(out, "F1, one against the other", &f->f1);
    }
    put_line(out, f->is_multi ? "Krippendorff's alpha, mean" : "Krippendorff's alpha", &f->alpha);
    put_line(out, is_mean ? "Cohen's kappa, mean" : "Cohen's kappa", &kappa);
    buffer_byte(out, '\n');
}

static size_t name_width(const struct agree_field *f, size_t beside, size_t columns)
{
    size_t wanted = NAME_LEAST;
    for (size_t l = 0; l < f->n_labels; l++) {
        const size_t longest = show_width(f->labels[l], NAME_MOST);
        wanted = longest > wanted ? longest : wanted;
    }
    const size_t room = columns > beside + NAME_LEAST ? columns - beside : NAME_LEAST;
    return wanted < room ? wanted : room;
}

/* The worst first; where there was nothing to agree about, last. */
static int by_alpha(const void *a, const void *b)
{
    const struct agree_label *x = *(const struct agree_label *const *)a;
    const struct agree_label *y = *(const struct agree_label *const *)b;
    if (isnan(x->alpha.value) != isnan(y->alpha.value))
        return isnan(x->alpha.value) ? 1 : -1;
    if (x->alpha.value < y->alpha.value || x->alpha.value > y->alpha.value)
        return x->alpha.value < y->alpha.value ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void put_label(struct buffer *out, const struct agree_label *label, int is_two)
{
    show_number(out, label->alpha.value, 3, NUMBER_WIDTH);
    put_interval(out, &label->alpha);
    show_number(out, label->kappa, 3, NUMBER_WIDTH);
    show_number(out, label->f1.value, 3, NUMBER_WIDTH);
    show_count(out, label->both, COUNT_WIDTH);
    show_count(out, is_two ? label->only[0] : label->one, COUNT_WIDTH);
    if (is_two)
        show_count(out, label->only[1], COUNT_WIDTH);
    buffer_byte(out, '\n');
}

static void put_labels(struct buffer *out, const sikap_agreement *a, const struct agree_field *f,
                       size_t columns)
{
    const int is_two = a->n_coders == 2;
    const size_t n_counts = is_two ? 3 : 2;
    const size_t width =
        name_width(f, 3 * NUMBER_WIDTH + INTERVAL_WIDTH + n_counts * COUNT_WIDTH, columns);
    const struct agree_label **order = memory_alloc(f->n_labels, sizeof *order);
    if (order == NULL) {
        out->failed = 1;
        return;
    }
    for (size_t l = 0; l < f->n_labels; l++)
        order[l] = &f->by_label[l];
    qsort(order, f->n_labels, sizeof *order, by_alpha);
    show_cell(out, "label", width);
    buffer_text(out, is_two ? "  alpha   95 % interval  kappa     F1   both only 1 only 2\n"
                            : "  alpha   95 % interval  kappa     F1   both    one\n");
    for (size_t l = 0; l < f->n_labels; l++) {
        show_cell(out, f->labels[order[l] - f->by_label], width);
        put_label(out, order[l], is_two);
    }
    memory_free(order);
}

static void put_weak(struct buffer *out, const struct agree_field *f)
{
    size_t n = 0;
    for (size_t l = 0; l < f->n_labels; l++)
        n += f->by_label[l].alpha.value < TENTATIVE;
    if (n == 0)
        return;
    buffer_format(out, "\n%zu of %zu labels have an alpha below 0.667, too low to conclude from.\n",
                  n, f->n_labels);
}

static void put_confused(struct buffer *out, const sikap_agreement *a, const struct agree_field *f,
                         size_t columns)
{
    if (f->n_confused == 0)
        return;
    size_t width = (columns - COUNT_WIDTH - 4) / 2;
    width = width > NAME_MOST ? NAME_MOST : width;
    buffer_text(out, "\nmost often given in place of each other\n  times  ");
    show_cell(out, a->n_coders == 2 ? "1 gave" : "one gave", width);
    buffer_text(out, a->n_coders == 2 ? "  2 gave\n" : "  another gave\n");
    for (size_t k = 0; k < f->n_confused && k < CONFUSIONS_SHOWN; k++) {
        show_count(out, f->confused[k].n, COUNT_WIDTH);
        buffer_text(out, "  ");
        show_cell(out, f->labels[f->confused[k].labels[0]], width);
        buffer_text(out, "  ");
        show_text(out, f->labels[f->confused[k].labels[1]], width);
        buffer_byte(out, '\n');
    }
}

static void put_pairs(struct buffer *out, const sikap_agreement *a, const struct agree_field *f)
{
    if (a->n_coders == 2)
        return;
    buffer_text(out, "\nfiles    documents  same labels     F1  kappa\n");
    for (size_t p = 0; p < f->n_pairs; p++) {
        const struct agree_pair *pair = &f->pairs[p];
        struct buffer name = {0};
        buffer_format(&name, "%zu, %zu", pair->coders[0] + 1, pair->coders[1] + 1);
        buffer_byte(&name, '\0');
        show_cell(out, name.failed ? "" : name.bytes, 8);
        show_count(out, pair->n_documents, 10);
        show_number(out, pair->alike, 3, 13);
        show_number(out, pair->f1, 3, NUMBER_WIDTH);
        show_number(out, pair->kappa, 3, NUMBER_WIDTH);
        buffer_byte(out, '\n');
        out->failed |= name.failed;
        buffer_free(&name);
    }
}

static void put_field(struct buffer *out, const sikap_agreement *a, const struct agree_field *f,
                      size_t columns)
{
    buffer_byte(out, '\n');
    show_text(out, f->name, NAME_MOST);
    buffer_format(out, ": %s, %zu documents labelled by %s", f->is_multi ? "multi" : "single",
                  f->n_documents, a->n_coders == 2 ? "both" : "two or more");
    if (a->group != NULL)
        buffer_format(out, " in %zu groups", f->n_units);
    buffer_byte(out, '\n');
    put_summary(out, a, f);
    put_labels(out, a, f, columns);
    put_weak(out, f);
    put_confused(out, a, f, columns);
    put_pairs(out, a, f);
}

int sikap_agreement_text(const sikap_agreement *a, size_t columns, sikap_write *write,
                         void *context, sikap_error *err)
{
    struct buffer out = {0};
    columns = columns < 40 ? 40 : columns;
    for (size_t c = 0; c < a->n_coders; c++) {
        buffer_format(&out, "%zu: ", c + 1);
        show_text(&out, a->files[c], columns - 5);
        buffer_byte(&out, '\n');
    }
    for (size_t f = 0; f < a->n_fields; f++)
        put_field(&out, a, &a->fields[f], columns);
    const int status = buffer_hand_over(&out, "agreement", write, context, err);
    buffer_free(&out);
    return status;
}
