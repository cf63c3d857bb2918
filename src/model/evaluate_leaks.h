/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_LEAKS_H
#define SIKAP_MODEL_EVALUATE_LEAKS_H

#include "features/collection.h"
#include "features/near_duplicates.h"
#include "model/evaluate.h"

/* Tested documents whose text, or nearly, was also learnt from. */

/* What the documents of an evaluation are compared with. */
struct leak_search {
    const struct collection *tested; /* with shingles */
    const struct corpus_options *corpus;
    const struct feature_options *features;
    const struct option_list *train; /* paths of what was learnt from */
    double similarity;
    struct pool *pool;
    const sikap_watch *watch;
};
/* Fills d->leaks, whose rows are those of `tested`, and tells the watch. */
int evaluation_find_leaks(struct evaluation_data *d, const struct leak_search *search,
                          sikap_error *err);

/* For who knows the likenesses already: marks row `row` of *d and lists its document, once however
 * often its rows are marked. d->leaks must have been started. -1: out of memory. */
int evaluation_start_leaks(struct evaluation_data *d, double similarity);
int evaluation_add_leak(struct evaluation_data *d, size_t row, const char *train_id,
                        double similarity);
/* A warning with examples, when there are any. */
void evaluation_warn_of_leaks(const struct evaluation_data *d, const sikap_watch *watch);

#endif
