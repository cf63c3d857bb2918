/* SPDX-License-Identifier: Apache-2.0 */
/* Two models or label files beside the same gold. Each is evaluated by itself, as `eval` would do
 * it; here the two evaluations are laid side by side, by id and by name. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analyse/comparison.h"
#include "base/memory.h"
#include "corpus/corpus.h"
#include "model/model_format.h"

/* ---- the two sides -----------------------------------------------------------------------------
 */

struct side {
    const char *path;
    sikap_model *model; /* NULL: a label file */
    sikap_evaluation *evaluation;
};

static int is_regular(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && S_ISREG(file.st_mode);
}

/* A model tells itself by its first bytes; what cannot be looked at without eating it (a pipe) is a
 * label file. A file that is not there is reported by whoever reads it next. */
static int side_open(struct side *side, const char *path, sikap_error *err)
{
    unsigned char magic[MODEL_MAGIC_SIZE];
    side->path = path;
    if (!is_regular(path))
        return 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_errno(err, path, "open the file");
    const size_t n = fread(magic, 1, sizeof magic, file);
    fclose(file);
    if (n < sizeof magic || memcmp(magic, MODEL_MAGIC, sizeof magic) != 0)
        return 0;
    return sikap_model_load(&side->model, path, err);
}

static void side_close(struct side *side)
{
    sikap_evaluation_free(side->evaluation);
    sikap_model_free(side->model);
}

/* Both sides read gold, and the second would report its bad records again: only what is wrong with
 * the side itself passes. */
struct relay {
    const sikap_watch *watch;
    const char *path;
};

static void relay_problem(void *context, const sikap_error *problem)
{
    const struct relay *r = context;
    if (r->watch->problem != NULL && (problem->line == 0 || strcmp(problem->file, r->path) == 0))
        r->watch->problem(r->watch->context, problem);
}

static void relay_progress(void *context, const char *stage, size_t done, size_t total)
{
    const struct relay *r = context;
    if (r->watch->progress != NULL)
        r->watch->progress(r->watch->context, stage, done, total);
}

static int relay_stopped(void *context)
{
    const struct relay *r = context;
    return r->watch->stopped != NULL && r->watch->stopped(r->watch->context);
}

static int side_evaluate(struct side *side, const char *const *gold, size_t n_gold,
                         const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    if (side->model != NULL)
        return sikap_evaluate(&side->evaluation, side->model, gold, n_gold, options, watch, err);
    return sikap_evaluate_predictions(&side->evaluation, side->path, gold, n_gold, options, watch,
                                      err);
}

/* ---- options -----------------------------------------------------------------------------------
 */

/* The caller's options for one evaluation: no intervals, and where a label file stands beside a
 * model, the model's fields. */
static int inner_options(sikap_options **out, const sikap_options *options,
                         const sikap_model *model, sikap_error *err)
{
    int status = sikap_options_new(out, err);
    for (size_t i = 0; status == 0 && options != NULL && i < options->n; i++)
        status = sikap_options_set(*out, options->pairs[i].name, options->pairs[i].value, err);
    if (status == 0)
        status = sikap_options_set(*out, "bootstrap", "0", err);
    for (size_t f = 0; status == 0 && model != NULL && f < sikap_model_n_fields(model); f++) {
        struct buffer field = {0};
        if (options_have(options, SIZE_MAX, "field"))
            break;
        buffer_format(&field, "%s:%s", sikap_model_field(model, f),
                      sikap_model_field_is_multi(model, f) ? "multi" : "single");
        buffer_byte(&field, '\0');
        status = field.failed ? error_memory(err, "options")
                              : sikap_options_set(*out, "field", field.bytes, err);
        buffer_free(&field);
    }
    return status;
}

static int read_options(const sikap_options *options, struct corpus_options *corpus,
                        struct evaluate_options *evaluate, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table,
                                                        &evaluate_option_table, NULL};
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, corpus, err);
    if (status == 0)
        status = options_read(options, &evaluate_option_table, evaluate, err);
    if (status == 0 && evaluate->bootstrap == 0)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--bootstrap: a comparison needs resamples, expected 1 or more");
    return status;
}

const sikap_option *sikap_compare_option(size_t i)
{
    return sikap_evaluate_option(i);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

/* Both sides read gold, so it must be there a second time. */
static int check_paths(const char *a, const char *b, const char *const *gold, size_t n_gold,
                       sikap_error *err)
{
    if (n_gold == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "no gold corpus to compare with");
    if (strcmp(a, "-") == 0 && strcmp(b, "-") == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "only one side can come from standard input");
    for (size_t i = 0; i < n_gold; i++) {
        struct stat file;
        const int is_pipe =
            strcmp(gold[i], "-") == 0 ||
            (stat(gold[i], &file) == 0 && !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode));
        if (is_pipe)
            return error_set(err, SIKAP_USAGE, gold[i], 0,
                             "gold is read once for each side: expected a file, not a pipe");
    }
    return 0;
}

static int evaluate_both(struct side *sides, const char *const *gold, size_t n_gold,
                         const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    struct relay relay = {watch, sides[1].path};
    const sikap_watch second = {&relay, relay_problem, relay_progress, relay_stopped};
    const sikap_model *model = sides[0].model != NULL ? sides[0].model : sides[1].model;
    sikap_options *inner = NULL;
    int status = inner_options(&inner, options, model, err);
    if (status == 0)
        status = side_evaluate(&sides[0], gold, n_gold, inner, watch, err);
    if (status == 0)
        status = side_evaluate(&sides[1], gold, n_gold, inner, watch == NULL ? NULL : &second, err);
    sikap_options_free(inner);
    return status;
}

int sikap_compare(sikap_comparison **out, const char *a, const char *b, const char *const *gold,
                  size_t n_gold, const sikap_options *options, const sikap_watch *watch,
                  sikap_error *err)
{
    *out = NULL;
    struct corpus_options corpus = {0};
    struct evaluate_options evaluate = {0};
    struct side sides[2] = {0};
    struct pool *pool = NULL;
    sikap_comparison *c = NULL;
    int status = read_options(options, &corpus, &evaluate, err);
    if (status == 0)
        status = check_paths(a, b, gold, n_gold, err);
    if (status == 0)
        status = side_open(&sides[0], a, err);
    if (status == 0)
        status = side_open(&sides[1], b, err);
    if (status == 0)
        status = evaluate_both(sides, gold, n_gold, options, watch, err);
    if (status == 0)
        status = pool_new(&pool, evaluate.threads, err);
    if (status == 0)
        status =
            comparison_new(&c, evaluation_data_of(sides[0].evaluation),
                           evaluation_data_of(sides[1].evaluation), &corpus.fields, watch, err);
    if (status == 0) {
        c->names[0] = memory_string(a);
        c->names[1] = memory_string(b);
        status = c->names[0] == NULL || c->names[1] == NULL
                     ? error_memory(err, "comparison")
                     : comparison_test(c, &evaluate, pool, watch, err);
    }
    if (status == 0)
        *out = c;
    else
        sikap_comparison_free(c);
    pool_free(pool);
    side_close(&sides[0]);
    side_close(&sides[1]);
    option_clear(&corpus_option_table, &corpus);
    option_clear(&evaluate_option_table, &evaluate);
    return status;
}
