/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_CERTAINTY_H
#define SIKAP_MODEL_CERTAINTY_H

#include <stddef.h>

/* How sure a model is: calibration curves of labels, and how sure it was of the documents it has
 * been trained on, out of fold. */

/* Probability at a score: linear between points of rising score, level outside them; never falls.
 * n 0: there is none, the label has Platt's sigmoid. */
struct curve {
    size_t n;
    float *score;        /* [n] */
    double *probability; /* [n] in [0, 1] */
};
double curve_at(const struct curve *curve, double score);
void curve_free(struct curve *curve); /* its arrays */

/* Quantiles of certainties: CERTAINTY_POINTS of them, from the least to the greatest. */
enum { CERTAINTY_POINTS = 101 };
/* The certainty that a share `coverage` of the documents reach, linear between quantiles. */
double certainty_quantile(const double *quantiles, double coverage);

/* That the labels given are exactly right: in a single field the probability of the one, in a multi
 * field the product over labels, taken as independent. */
double certainty_of(const double *probabilities, const unsigned char *chosen, size_t n_labels,
                    int is_multi);
/* Without probabilities a single field has the lead of the best score over the next. */
double certainty_lead(const float *scores, const unsigned char *chosen, size_t n_labels);

#endif
