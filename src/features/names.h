/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_NAMES_H
#define SIKAP_FEATURES_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/* Interned strings: labels of a field, values of a group key, ids. Numbered in order of arrival.
 * All zero is an empty set. */
struct names {
    char **items; /* NUL-terminated, in `arena` */
    size_t n, capacity;
    uint32_t *slots; /* number + 1, 0: free */
    size_t n_slots;
    struct arena arena;
};

#define NAMES_FULL UINT32_MAX

/* The number of a name, added when new; *is_new may be NULL. NAMES_FULL: out of memory. A NUL
 * inside a name ends it for readers of `items`; names are compared by all their bytes. */
uint32_t names_add(struct names *names, const char *text, size_t n, int *is_new);
/* NAMES_FULL when it is not there. */
uint32_t names_find(const struct names *names, const char *text, size_t n);
void names_free(struct names *names);

#endif
