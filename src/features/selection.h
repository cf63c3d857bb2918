/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_SELECTION_H
#define SIKAP_FEATURES_SELECTION_H

#include "features/vocabulary.h"

/* keep[t] = 1 for the n terms of highest merit; of equal merits those first in the order of bytes
 * (what scikit-learn's alphabetical vocabulary keeps). keep[n_terms] must be zero before. */
int selection_top(unsigned char *keep, const double *merit, const struct vocabulary *v, size_t n,
                  sikap_error *err);

#endif
