/* SPDX-License-Identifier: Apache-2.0 */
/* A baseline file is told by its content: the magic of a model; one JSON object with "fields" is an
 * evaluation; anything else is a label file. The last two are evaluated on the documents at hand.
 */
#include <string.h>

#include "analyse/baseline.h"
#include "base/input.h"
#include "base/memory.h"
#include "corpus/corpus.h"
#include "model/model_format.h"

/* The JSON of an evaluation with 10^5 labels is some 50 MB. */
enum { MOST_FIGURES = 256 << 20 };

static int peek(const char *path, char *into, size_t room, size_t *n, sikap_error *err)
{
    struct input *in;
    size_t got = 1;
    int status = input_open(&in, path, err);
    *n = 0;
    while (status == 0 && got > 0 && *n < room) {
        status = input_read(in, into + *n, room - *n, &got, err);
        *n += status == 0 ? got : 0;
    }
    input_free(in);
    return status;
}

/* *out stays NULL where the file is no evaluation: a label file, then. */
static int try_figures(struct figures **out, const char *path, sikap_error *err)
{
    static const char *const fields[] = {"fields"};
    struct buffer text = {0};
    sikap_error problem = {0};
    int status = input_whole(&text, path, MOST_FIGURES, "figures", &problem);
    if (status == 0)
        status = figures_parse(out, text.bytes == NULL ? "" : text.bytes, text.n, path, &problem);
    buffer_free(&text);
    if (status == SIKAP_DATA)
        return 0;
    if (status != 0 && err != NULL)
        *err = problem;
    const struct json_node *node = status == 0 ? figures_find(*out, fields, 1) : NULL;
    if (status == 0 && (node == NULL || node->kind != JSON_OBJECT)) {
        figures_free(*out);
        *out = NULL;
    }
    return status;
}

static int tell(struct baseline_read *out, const char *path, sikap_error *err)
{
    char head[MODEL_MAGIC_SIZE];
    size_t n;
    if (strcmp(path, "-") == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--baseline: expected a file, not '-'");
    int status = peek(path, head, sizeof head, &n, err);
    if (status != 0)
        return status;
    if (n == sizeof head && memcmp(head, MODEL_MAGIC, sizeof head) == 0) {
        out->kind = BASELINE_MODEL;
        return 0;
    }
    if (n == 0)
        return error_set(err, SIKAP_DATA, path, 0, "an empty baseline");
    out->kind = BASELINE_LABELS;
    if (head[0] == '{' || head[0] == ' ' || head[0] == '\n')
        status = try_figures(&out->figures, path, err);
    if (out->figures != NULL)
        out->kind = BASELINE_FIGURES;
    return status;
}

/* How the corpus is read, as it was for the evaluation, and its fields by name and kind. */
static int like_evaluation(sikap_options **out, const struct baseline_request *request,
                           sikap_error *err)
{
    const sikap_options *given = request->options;
    int status = sikap_options_new(out, err);
    for (size_t i = 0; given != NULL && i < given->n && status == 0; i++) {
        const char *name = given->pairs[i].name;
        const int is_wanted =
            strcmp(name, "threads") == 0 ||
            (option_find(&corpus_option_table, name) != NULL && strcmp(name, "field") != 0);
        if (is_wanted)
            status = sikap_options_set(*out, name, given->pairs[i].value, err);
    }
    const struct evaluation_data *d = evaluation_data_of(request->evaluation);
    struct buffer field = {0};
    for (size_t f = 0; f < d->n_fields && status == 0; f++) {
        buffer_clear(&field);
        buffer_text(&field, d->fields[f].name);
        buffer_text(&field, d->fields[f].is_multi ? ":multi" : ":single");
        buffer_byte(&field, '\0');
        status = field.failed ? error_memory(err, "baseline")
                              : sikap_options_set(*out, "field", field.bytes, err);
    }
    buffer_free(&field);
    return status != 0 ? status : sikap_options_set(*out, "bootstrap", "0", err);
}

static int evaluate(struct baseline_read *out, const struct baseline_request *request,
                    sikap_error *err)
{
    const char *path = request->baseline->path;
    sikap_options *options = NULL;
    sikap_model *model = NULL;
    int status = like_evaluation(&options, request, err);
    if (status == 0 && out->kind == BASELINE_MODEL)
        status = sikap_model_load(&model, path, err);
    if (status == 0)
        status = out->kind == BASELINE_MODEL
                     ? sikap_evaluate(&out->evaluation, model, request->gold, request->n_gold,
                                      options, request->watch, err)
                     : sikap_evaluate_predictions(&out->evaluation, path, request->gold,
                                                  request->n_gold, options, request->watch, err);
    if (status == 0)
        status = figures_of(&out->figures, out->evaluation, err);
    sikap_model_free(model);
    sikap_options_free(options);
    return status;
}

int baseline_read(struct baseline_read *out, const struct baseline_request *request,
                  sikap_error *err)
{
    *out = (struct baseline_read){.kind = BASELINE_FIGURES};
    int status = tell(out, request->baseline->path, err);
    if (status == 0 && out->kind == BASELINE_MODEL && request->baseline->refuse_model)
        status = error_set(err, SIKAP_USAGE, request->baseline->path, 0,
                           "a model cannot be the baseline of a cross-validation, as it may have "
                           "been trained on these texts; take its --json or --predictions");
    if (status == 0 && out->kind != BASELINE_FIGURES)
        status = evaluate(out, request, err);
    if (status != 0)
        baseline_read_clear(out);
    return status;
}

void baseline_read_clear(struct baseline_read *read)
{
    figures_free(read->figures);
    sikap_evaluation_free(read->evaluation);
    *read = (struct baseline_read){.kind = read->kind};
}
