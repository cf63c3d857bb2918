/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "cli/common.h"

struct inspect_options {
    size_t top;
    struct option_list labels;
};

static const struct option_row rows[] = {
    {.shown = {"top", "K", "8", "words shown for each side of a label", "Shown"},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct inspect_options, top),
     .min = 0,
     .max = 1000},
    {.shown = {"label", "LABEL", NULL, "only this label (or FIELD:LABEL); may be repeated",
               "Shown"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct inspect_options, labels)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

struct weighted {
    uint32_t term;
    double weight;
};

/* Keeps the `room` heaviest of what is offered, heaviest first; of equals the earlier stays. */
static void offer(struct weighted *best, size_t *n, size_t room, uint32_t term, double weight)
{
    if (weight <= 0 || room == 0 || (*n == room && weight <= best[*n - 1].weight))
        return;
    size_t at = *n < room ? (*n)++ : *n - 1;
    for (; at > 0 && best[at - 1].weight < weight; at--)
        best[at] = best[at - 1];
    best[at] = (struct weighted){term, weight};
}

static void print_side(struct buffer *out, const sikap_model *model, const char *side,
                       const struct weighted *best, size_t n, double sign)
{
    buffer_format(out, "    %-9s", side);
    for (size_t i = 0; i < n; i++) {
        buffer_text(out, i == 0 ? "" : ", ");
        common_term(out, model, best[i].term);
        buffer_byte(out, ' ');
        common_signed(out, sign * best[i].weight, 2);
    }
    buffer_text(out, n == 0 ? "nothing\n" : "\n");
}

static void print_label(struct buffer *out, const sikap_model *model, size_t label, int is_multi,
                        size_t top, struct weighted *best)
{
    const char *name = sikap_model_label(model, label);
    buffer_text(out, "  ");
    common_printable(out, name, strlen(name));
    buffer_text(out, "  (bias ");
    common_signed(out, sikap_model_bias(model, label), 2);
    if (is_multi) {
        buffer_text(out, ", given from ");
        common_signed(out, sikap_model_threshold(model, label), 2);
    }
    buffer_text(out, ")\n");
    if (top == 0)
        return;
    const size_t n_terms = sikap_model_n_terms(model);
    struct weighted *against = best + top;
    size_t n_for = 0, n_against = 0;
    for (size_t t = 0; t < n_terms; t++) {
        const double weight = sikap_model_weight(model, t, label);
        offer(best, &n_for, top, (uint32_t)t, weight);
        offer(against, &n_against, top, (uint32_t)t, -weight);
    }
    print_side(out, model, "for", best, n_for, 1);
    print_side(out, model, "against", against, n_against, -1);
}

static void print_summary(struct buffer *out, const sikap_model *model)
{
    buffer_format(out, "terms: %zu\n", sikap_model_n_terms(model));
    const char *name;
    for (size_t i = 0; (name = sikap_model_note_name(model, i)) != NULL; i++) {
        const char *note = sikap_model_note(model, name);
        /* The options are one line each; they stay so, further in. */
        const int is_long = strchr(note, '\n') != NULL;
        buffer_format(out, is_long ? "%s:\n" : "%s: ", name);
        do {
            const size_t n = strcspn(note, "\n");
            buffer_text(out, is_long ? "  " : "");
            common_printable(out, note, n);
            buffer_byte(out, '\n');
            note += n + (note[n] == '\n');
        } while (*note != '\0');
    }
}

static int print_model(struct buffer *out, const sikap_model *model,
                       const struct inspect_options *own, sikap_error *err)
{
    const size_t n_fields = sikap_model_n_fields(model);
    const size_t n_all = sikap_model_n_all_labels(model);
    int status = 0;
    unsigned char *wanted = memory_zero(n_all, 1);
    struct weighted *best = memory_alloc(2 * own->top, sizeof *best);
    if (wanted == NULL || best == NULL) {
        status = error_memory(err, "top terms");
        goto done;
    }
    memset(wanted, own->labels.n == 0, n_all);
    for (size_t i = 0; i < own->labels.n && status == 0; i++) {
        size_t label = 0;
        status = sikap_model_find_label(&label, model, own->labels.items[i], err);
        if (status == 0)
            wanted[label] = 1;
    }
    if (status != 0)
        goto done;
    if (own->labels.n == 0)
        print_summary(out, model);
    for (size_t f = 0; f < n_fields; f++) {
        const size_t first = sikap_model_first_label(model, f), n = sikap_model_n_labels(model, f);
        const int is_multi = sikap_model_field_is_multi(model, f);
        const char *field = sikap_model_field(model, f);
        int has_heading = 0;
        for (size_t l = first; l < first + n; l++) {
            if (!wanted[l])
                continue;
            if (!has_heading) {
                buffer_byte(out, '\n');
                common_printable(out, field, strlen(field));
                buffer_format(out, ": %zu labels, %s\n", n,
                              is_multi ? "any number of them" : "exactly one");
                has_heading = 1;
            }
            print_label(out, model, l, is_multi, own->top, best);
        }
    }

done:
    memory_free(wanted);
    memory_free(best);
    return status;
}

static int run(struct job *job, sikap_error *err)
{
    sikap_model *model;
    struct buffer text = {0};
    int status = common_model(&model, job->n_operands == 0 ? NULL : job->operands[0], err);
    if (status == 0)
        status = sikap_model_read_terms(model, err);
    if (status == 0)
        status = print_model(&text, model, job->own, err);
    if (status == 0)
        status = terminal_print(job->terminal, &text, err);
    buffer_free(&text);
    sikap_model_free(model);
    return status;
}

const struct command command_inspect = {
    .name = "inspect",
    .summary = "what a model knows: labels, options, top terms",
    .operands = "[MODEL] [options]",
    .description =
        "Shows where a model comes from, its fields and labels, and the terms with the heaviest "
        "weights for and against each label.\n",
    .examples = "sikap inspect news.sikap\n"
                "sikap inspect news.sikap --label security --top 20\n",
    .own = &table,
    .own_size = sizeof(struct inspect_options),
    .max_operands = 1,
    .run = run,
};
