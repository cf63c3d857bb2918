/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TUNE_H
#define SIKAP_LEARN_TUNE_H

#include <time.h>

#include "learn/training.h"

/* A search over options by cross-validation on one reading of the corpus. */

/* How much is tried. */
struct tune_effort {
    int level;      /* 1: quick, 2: full */
    double seconds; /* after so many nothing new is begun; 0: no limit */
};
/* "quick", "full" or a number of seconds (a full search that ends early); else SIKAP_USAGE. */
int tune_effort_parse(struct tune_effort *effort, const char *text, sikap_error *err);

/* Whether the seconds since the search began are used up. */
int tune_is_over(const struct tune_effort *effort, const struct timespec *since);

/* One line of the table of what was tried. */
struct tune_trial {
    char *options;  /* "ngrams=1-2 chars=3-6"; "as given" for the first */
    double value;   /* what was sought: the mean over fields, see tune_value */
    int n_folds;    /* on how many folds: fewer while there were many to compare */
    int is_adopted; /* later trials stand on it */
};
struct tune_table {
    struct tune_trial *trials;
    size_t n, capacity;
    double margin; /* what a gain had to exceed */
};
void tune_table_free(struct tune_table *table);

/* The options to read a corpus with so that every trial finds its terms in one collection: those
 * given, with the widest ranges that may be tried at that level. *out is the caller's. */
int tune_reading_options(sikap_options **out, const sikap_options *given, int level,
                         sikap_error *err);
/* Takes the last n pairs away again. */
void tune_drop_last(sikap_options *options, size_t n);

/* What of `given` is best left as it is, and what is better set: the pairs are added to *found (a
 * copy of `given` on entry), which a training then takes. Only options that `given` does not name
 * are searched. `t` holds the corpus, read with tune_reading_options; `folds` leaves out what must
 * not be seen. In the order of importance each option's values are compared while the others stay
 * as they are; of many values half are dropped after two folds (successive halving, Jamieson and
 * Talwalkar 2016). A value is adopted when it gains more than 0.2 / sqrt(documents): about the
 * standard error of the difference between two models that differ in one document of twenty. */
int tune_search(sikap_options *found, struct training *t, const struct folds *folds,
                const struct tune_effort *effort, const struct timespec *since,
                struct tune_table *table, sikap_error *err);

/* A part of the corpus that a search keeps to, cut by the folds of an outer cross-validation. */
struct tune_part {
    const struct folds *outer;
    size_t fold;               /* which must not be seen */
    const struct folds *inner; /* of what it learns from */
};

/* Reads the corpus, and once more for every stemmer that is tried, and searches: what is found is
 * added to *options, each name once. part NULL: all documents, in the folds that the options say.
 * tune_table_free is due also when it fails. */
int tune_run(struct tune_table *table, sikap_options *options, const struct tune_effort *effort,
             const char *const *paths, size_t n_paths, const struct tune_part *part,
             const sikap_watch *watch, sikap_error *err);
/* SIKAP_USAGE where one of the files can be read only once. */
int tune_check_paths(const char *const *paths, size_t n_paths, sikap_error *err);
/* The value of what stands: the last that was adopted. */
double tune_reached(const struct tune_table *table);
/* " --cost 2 --idf log": the pairs from n_given on. */
void tune_print_found(struct buffer *out, const sikap_options *options, size_t n_given);

#endif
