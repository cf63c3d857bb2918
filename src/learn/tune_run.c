/* SPDX-License-Identifier: Apache-2.0 */
/* Tuning from the outside: read once (and once more for every stemmer), search, tell. */
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "learn/out_of_fold.h"
#include "learn/tune.h"
#include "sikap_train.h"

struct tuning {
    sikap_options *options;
    const char *const *paths;
    size_t n_paths;
    const struct tune_effort *effort;
    const struct tune_part *part; /* NULL: all documents */
    struct timespec since;
    struct tune_table *table;
    const sikap_watch *watch;
};

/* In what the fold of an outer cross-validation learns from. */
static int search_part(struct tuning *tuning, const struct tune_effort *effort, struct training *t,
                       sikap_error *err)
{
    const struct tune_part *part = tuning->part;
    struct training view = {.collection = NULL};
    int status = 0;
    if (t->collection->n_labelled != part->outer->n_documents)
        status = error_set(err, SIKAP_DATA, tuning->paths[0], 0,
                           "%zu documents, a moment ago there were %zu: the corpus must not change "
                           "while it is read",
                           t->collection->n_labelled, part->outer->n_documents);
    if (status == 0)
        status = training_view(&view, t, part->outer, part->fold, err);
    if (status == 0)
        status = tune_search(tuning->options, &view, part->inner, effort, &tuning->since,
                             tuning->table, err);
    training_view_free(&view);
    return status;
}

/* One search over the corpus, read as the options say by now. */
static int search(struct tuning *tuning, const struct tune_effort *effort, sikap_error *err)
{
    struct training t = {0};
    struct folds *folds = NULL;
    sikap_options *reading;
    int status = tune_reading_options(&reading, tuning->options, effort->level, err);
    if (status != 0)
        return status;
    const struct training_request wants = {.purpose = tuning->part == NULL ? TRAINING_MODEL
                                                                           : TRAINING_FOLD};
    status =
        training_start(&t, &wants, tuning->paths, tuning->n_paths, reading, tuning->watch, err);
    if (status == 0 && tuning->part != NULL) {
        status = search_part(tuning, effort, &t, err);
    } else if (status == 0) {
        status = out_of_fold_folds(&folds, t.tasks, &t.groups, t.settings.train.folds,
                                   t.settings.train.seed, 0, err);
        if (status == 0)
            status =
                tune_search(tuning->options, &t, folds, effort, &tuning->since, tuning->table, err);
    }
    folds_free(folds);
    training_end(&t);
    sikap_options_free(reading);
    return status;
}

double tune_reached(const struct tune_table *table)
{
    double value = 0;
    for (size_t i = 0; i < table->n; i++)
        if (table->trials[i].is_adopted)
            value = table->trials[i].value;
    return value;
}

/* What was found, with words by their stems: the corpus is tokenised anew. */
static int search_stems(struct tuning *tuning, sikap_error *err)
{
    static const char *const stems[] = {"indonesian", "english"};
    const struct tune_effort only_this = {.level = 0, .seconds = tuning->effort->seconds};
    int status = 0;
    for (size_t i = 0; i < sizeof stems / sizeof *stems && status == 0; i++) {
        if (tune_is_over(tuning->effort, &tuning->since))
            break;
        const double before = tune_reached(tuning->table);
        const size_t at = tuning->table->n;
        status = sikap_options_set(tuning->options, "stem", stems[i], err);
        if (status == 0)
            status = search(tuning, &only_this, err);
        if (status != 0)
            break;
        struct tune_trial *trial = &tuning->table->trials[at];
        struct buffer text = {0};
        buffer_format(&text, "stem=%s", stems[i]);
        buffer_byte(&text, '\0');
        memory_free(trial->options);
        trial->options = text.failed ? NULL : memory_string(text.bytes);
        buffer_free(&text);
        if (trial->options == NULL)
            return error_memory(err, "tuning");
        trial->is_adopted = trial->value > before + tuning->table->margin;
        if (!trial->is_adopted)
            tune_drop_last(tuning->options, 1);
    }
    return status;
}

/* A later pair replaces an earlier one of the same name: only the last is kept of what was found.
 */
static void keep_last(sikap_options *options, size_t n_given)
{
    for (size_t i = n_given; i < options->n; i++)
        for (size_t k = i + 1; k < options->n; k++)
            if (strcmp(options->pairs[i].name, options->pairs[k].name) == 0) {
                memory_free(options->pairs[i].name);
                memory_free(options->pairs[i].value);
                memmove(options->pairs + i, options->pairs + i + 1,
                        (options->n - i - 1) * sizeof *options->pairs);
                options->n--;
                i--;
                break;
            }
}

int tune_check_paths(const char *const *paths, size_t n_paths, sikap_error *err)
{
    size_t at;
    if (n_paths == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--tune needs a corpus file");
    const char *once = corpus_read_once(paths, n_paths, &at);
    return once == NULL
               ? 0
               : error_set(err, SIKAP_USAGE, strcmp(paths[at], "-") == 0 ? NULL : paths[at], 0,
                           "--tune reads the corpus more than once: not from %s", once);
}

int tune_run(struct tune_table *table, sikap_options *options, const struct tune_effort *effort,
             const char *const *paths, size_t n_paths, const struct tune_part *part,
             const sikap_watch *watch, sikap_error *err)
{
    struct tuning tuning = {.options = options,
                            .paths = paths,
                            .n_paths = n_paths,
                            .effort = effort,
                            .part = part,
                            .table = table,
                            .watch = watch};
    const size_t n_given = options->n;
    if (clock_gettime(CLOCK_MONOTONIC, &tuning.since) != 0)
        return error_errno(err, NULL, "read the clock");
    int status = search(&tuning, effort, err);
    if (status == 0 && effort->level > 1 && !options_have(options, n_given, "stem"))
        status = search_stems(&tuning, err);
    keep_last(options, n_given);
    return status;
}

/* ---- telling ---- */

/* A switch takes no value: '--nb-svm yes' would be another corpus. */
static int is_switch(const char *name)
{
    const struct option_row *row = option_find(&feature_option_table, name);
    row = row == NULL ? option_find(&train_option_table, name) : row;
    return row != NULL && row->shown.argument == NULL;
}

void tune_print_found(struct buffer *out, const sikap_options *options, size_t n_given)
{
    for (size_t i = n_given; i < options->n; i++) {
        const struct option_pair *pair = &options->pairs[i];
        buffer_format(out, " --%s", pair->name);
        if (!is_switch(pair->name))
            buffer_format(out, " %s", pair->value);
    }
}

static int tell(const struct tune_table *table, const sikap_options *options, size_t n_given,
                sikap_write *write, void *context, sikap_error *err)
{
    struct buffer text = {0};
    buffer_text(&text, "value    folds  options\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct tune_trial *trial = &table->trials[i];
        number_print_fixed(&text, trial->value, 4);
        buffer_format(&text, " %c %5d  %s\n", trial->is_adopted ? '*' : ' ', trial->n_folds,
                      trial->options);
    }
    buffer_text(&text, "* adopted: better than what stood before by more than ");
    number_print_fixed(&text, table->margin, 4);
    buffer_text(&text, "\nfound:");
    tune_print_found(&text, options, n_given);
    buffer_text(&text, options->n == n_given ? " nothing better\n" : "\n");
    const int status = buffer_hand_over(&text, "tuning", write, context, err);
    buffer_free(&text);
    return status;
}

int sikap_tune(sikap_options *options, const char *how, const char *const *paths, size_t n_paths,
               const sikap_watch *watch, sikap_write *write, void *context, sikap_error *err)
{
    struct tune_effort effort;
    struct tune_table table = {.trials = NULL};
    const size_t n_given = options->n;
    int status = tune_effort_parse(&effort, how, err);
    if (status == 0)
        status = tune_check_paths(paths, n_paths, err);
    if (status == 0)
        status = tune_run(&table, options, &effort, paths, n_paths, NULL, watch, err);
    if (status == 0 && write != NULL)
        status = tell(&table, options, n_given, write, context, err);
    tune_table_free(&table);
    return status;
}
