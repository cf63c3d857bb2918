/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_SUGGEST_H
#define SIKAP_ANALYSE_SUGGEST_H

/* What the parts of sikap_suggest share: suggest.c reads and ranks, suggest_pick.c chooses,
 * suggest_write.c writes. */

#include "base/option.h"
#include "base/parallel.h"
#include "corpus/corpus.h"
#include "model/model.h"
#include "sikap_analyse.h"

enum suggest_format { SUGGEST_JSONL, SUGGEST_CSV, SUGGEST_IDS };

struct suggest_options {
    size_t count, threads;
    double diversity;
    int format; /* enum suggest_format */
    struct option_list labelled;
};
extern const struct option_table suggest_option_table;

/* A document that may be chosen, or one of the sample that stands for the pool, without its text.
 * All of it is one piece of memory behind the struct. */
struct candidate {
    double rank;        /* what it is kept by, the highest first */
    double uncertainty; /* bits */
    char *id;
    size_t id_n;
    struct text *segments; /* [n_segments] */
    float *scores;         /* [n_labels] */
    uint32_t *terms;       /* [n] */
    float *values;         /* [n], of length 1 */
    size_t n;
};

/* How little the model knows of a document: reference_uncertainty of all fields. */
double suggest_uncertainty(const sikap_model *m, const float *scores);

/* Chooses up to `count` of the candidates, which come most uncertain first, into chosen[], one
 * after the other: the one with the highest uncertainty · cover^diversity, where cover is by how
 * much the documents of `sample` are liker to it (cosine) than to any that is chosen already
 * (facility location among the uncertain: Wei, Iyer and Bilmes, "Submodularity in data subset
 * selection and active learning", ICML 2015). Returns how many in *n. */
int suggest_pick(size_t *chosen, size_t *n, struct candidate *const *candidates,
                 size_t n_candidates, struct candidate *const *sample, size_t n_sample,
                 size_t count, double diversity, size_t n_terms, struct pool *pool,
                 sikap_error *err);

/* One document in the format asked for; a header before the first. */
void suggest_header(struct buffer *out, const sikap_model *m, enum suggest_format format,
                    const char *const *segments, size_t n_segments);
void suggest_document(struct buffer *out, const sikap_model *m, enum suggest_format format,
                      const char *const *segments, size_t n_segments, const struct candidate *c);

#endif
