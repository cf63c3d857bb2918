/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_SORT_H
#define SIKAP_FEATURES_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Sorts keys[n] by their high 32 bits; of equals the order stays. spare[n] is working memory. */
void sort_by_high_half(uint64_t *keys, uint64_t *spare, size_t n);

#endif
