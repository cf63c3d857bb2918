/* SPDX-License-Identifier: Apache-2.0 */
#include "model/evaluate_tuning.h"

#include <string.h>

#include "base/memory.h"
#include "text/show.h"

enum { FOLD_WIDTH = 8, VALUE_WIDTH = 8 };

int evaluation_tuning_add(struct evaluation_tuning *t, size_t repeat, size_t fold,
                          const char *options)
{
    char *copy = memory_string(options);
    if (copy == NULL || memory_grow(&t->folds, &t->capacity, t->n + 1, sizeof *t->folds) != 0) {
        memory_free(copy);
        return -1;
    }
    t->folds[t->n++] = (struct evaluation_tuned){.repeat = repeat, .fold = fold, .options = copy};
    return 0;
}

void evaluation_tuning_free(struct evaluation_tuning *t)
{
    for (size_t k = 0; k < t->n; k++)
        memory_free(t->folds[k].options);
    memory_free(t->folds);
    memory_free(t->effort);
    *t = (struct evaluation_tuning){.folds = NULL};
}

/* Words from column `at` on, the next line beginning there too. */
static void put_words(struct buffer *out, const char *text, size_t at, size_t columns)
{
    size_t column = at;
    while (*text != '\0') {
        const char *next = strstr(text, " --");
        const size_t n = next == NULL ? strlen(text) : (size_t)(next - text);
        if (column > at && column + 1 + n > columns) {
            buffer_byte(out, '\n');
            show_blanks(out, at);
            column = at;
        }
        if (column > at) {
            buffer_byte(out, ' ');
            column++;
        }
        buffer_bytes(out, text, n);
        column += n;
        text += n + (next != NULL);
    }
}

static void put_values(struct buffer *out, double given, double found, double tested)
{
    show_number(out, given, 4, VALUE_WIDTH);
    show_number(out, found, 4, VALUE_WIDTH);
    show_number(out, tested, 4, VALUE_WIDTH);
}

void evaluation_tuning_text(struct buffer *out, const struct evaluation_tuning *t, size_t n_repeats,
                            size_t columns)
{
    if (t->effort == NULL)
        return;
    const size_t at = FOLD_WIDTH + 3 * VALUE_WIDTH + 2;
    buffer_text(out, "\noptions that --tune ");
    show_text(out, t->effort, 20);
    buffer_text(out, " found in each fold\n");
    show_cell(out, n_repeats > 1 ? "repeat" : "fold", FOLD_WIDTH);
    buffer_text(out, "   given   found  tested  options\n");
    for (size_t k = 0; k < t->n; k++) {
        const struct evaluation_tuned *fold = &t->folds[k];
        struct buffer name = {0};
        if (n_repeats > 1)
            buffer_format(&name, "%zu.", fold->repeat + 1);
        buffer_format(&name, "%zu", fold->fold + 1);
        buffer_byte(&name, '\0');
        show_cell(out, name.failed ? "" : name.bytes, FOLD_WIDTH);
        out->failed |= name.failed;
        buffer_free(&name);
        put_values(out, fold->given, fold->found, fold->tested);
        buffer_text(out, "  ");
        put_words(out, fold->options[0] == '\0' ? "as given" : fold->options, at, columns);
        buffer_byte(out, '\n');
    }
    show_cell(out, "all", FOLD_WIDTH);
    put_values(out, t->given, t->found, t->tested);
    buffer_text(out, "\ngiven, found: inside the fold, on fewer texts; found, the best of many, "
                     "flatters\ntested: what was found, on the fold's own texts, which nothing was "
                     "chosen on\n");
}
