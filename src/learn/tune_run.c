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
    struct tune_effort effort;
    struct timespec since;
    struct tune_table table;
    const sikap_watch *watch;
};

/* One search over the corpus, read as the options say by now. */
static int search(struct tuning *tuning, const struct tune_effort *effort, sikap_error *err)
{
    struct training t = {0};
    struct folds *folds = NULL;
    sikap_options *reading;
    int status = tune_reading_options(&reading, tuning->options, effort->level, err);
    if (status != 0)
        return status;
    const struct training_request wants = {.purpose = TRAINING_MODEL};
    status =
        training_start(&t, &wants, tuning->paths, tuning->n_paths, reading, tuning->watch, err);
    if (status == 0)
        status = out_of_fold_folds(&folds, t.tasks, &t.groups, t.settings.train.folds,
                                   t.settings.train.seed, 0, err);
    if (status == 0)
        status =
            tune_search(tuning->options, &t, folds, effort, &tuning->since, &tuning->table, err);
    folds_free(folds);
    training_end(&t);
    sikap_options_free(reading);
    return status;
}

/* The value of what stands: the last that was adopted. */
static double reached(const struct tune_table *table)
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
    const struct tune_effort only_this = {.level = 0, .seconds = tuning->effort.seconds};
    int status = 0;
    for (size_t i = 0; i < sizeof stems / sizeof *stems && status == 0; i++) {
        if (tune_is_over(&tuning->effort, &tuning->since))
            break;
        const double before = reached(&tuning->table);
        const size_t at = tuning->table.n;
        status = sikap_options_set(tuning->options, "stem", stems[i], err);
        if (status == 0)
            status = search(tuning, &only_this, err);
        if (status != 0)
            break;
        struct tune_trial *trial = &tuning->table.trials[at];
        struct buffer text = {0};
        buffer_format(&text, "stem=%s", stems[i]);
        buffer_byte(&text, '\0');
        memory_free(trial->options);
        trial->options = text.failed ? NULL : memory_string(text.bytes);
        buffer_free(&text);
        if (trial->options == NULL)
            return error_memory(err, "tuning");
        trial->is_adopted = trial->value > before + tuning->table.margin;
        if (!trial->is_adopted)
            tune_drop_last(tuning->options, 1);
    }
    return status;
}

/* ---- telling ---- */

static int write_text(const struct buffer *text, sikap_write *write, void *context,
                      sikap_error *err)
{
    if (text->failed)
        return error_memory(err, "tuning");
    return write(context, text->bytes, text->n) != 0 ? error_errno(err, NULL, "write the table")
                                                     : 0;
}

static int tell(const struct tuning *tuning, size_t n_given, sikap_write *write, void *context,
                sikap_error *err)
{
    struct buffer text = {0};
    buffer_text(&text, "value    folds  options\n");
    for (size_t i = 0; i < tuning->table.n; i++) {
        const struct tune_trial *trial = &tuning->table.trials[i];
        number_print_fixed(&text, trial->value, 4);
        buffer_format(&text, " %c %5d  %s\n", trial->is_adopted ? '*' : ' ', trial->n_folds,
                      trial->options);
    }
    buffer_text(&text, "* adopted: better than what stood before by more than ");
    number_print_fixed(&text, tuning->table.margin, 4);
    buffer_text(&text, "\nfound:");
    for (size_t i = n_given; i < tuning->options->n; i++)
        buffer_format(&text, " --%s %s", tuning->options->pairs[i].name,
                      tuning->options->pairs[i].value);
    buffer_text(&text, tuning->options->n == n_given ? " nothing better\n" : "\n");
    const int status = write_text(&text, write, context, err);
    buffer_free(&text);
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

int sikap_tune(sikap_options *options, const char *how, const char *const *paths, size_t n_paths,
               const sikap_watch *watch, sikap_write *write, void *context, sikap_error *err)
{
    struct tuning tuning = {.options = options, .paths = paths, .n_paths = n_paths, .watch = watch};
    const size_t n_given = options->n;
    int status = tune_effort_parse(&tuning.effort, how, err);
    for (size_t i = 0; i < n_paths && status == 0; i++)
        if (strcmp(paths[i], "-") == 0)
            status = error_set(err, SIKAP_USAGE, NULL, 0,
                               "--tune reads the corpus more than once: not from standard input");
    if (status == 0 && n_paths == 0)
        status = error_set(err, SIKAP_USAGE, NULL, 0, "--tune needs a corpus file");
    if (status == 0)
        status = clock_gettime(CLOCK_MONOTONIC, &tuning.since) != 0
                     ? error_errno(err, NULL, "read the clock")
                     : 0;
    if (status == 0)
        status = search(&tuning, &tuning.effort, err);
    if (status == 0 && tuning.effort.level > 1 && !options_have(options, n_given, "stem"))
        status = search_stems(&tuning, err);
    keep_last(options, n_given);
    if (status == 0 && write != NULL)
        status = tell(&tuning, n_given, write, context, err);
    tune_table_free(&tuning.table);
    return status;
}
