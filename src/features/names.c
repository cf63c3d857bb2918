/* SPDX-License-Identifier: Apache-2.0 */
#include "features/names.h"

#include <string.h>

#include "base/hash.h"

/* Each item is stored with its length in front, so that names with NULs stay distinct. */
static size_t length_of(const char *item)
{
    uint64_t n;
    memcpy(&n, item - sizeof n, sizeof n);
    return (size_t)n;
}

static size_t find_slot(const struct names *names, const char *text, size_t n)
{
    size_t slot = hash_bytes(text, n, 0) & (names->n_slots - 1);
    while (names->slots[slot] != 0) {
        const char *item = names->items[names->slots[slot] - 1];
        if (length_of(item) == n && memcmp(item, text, n) == 0)
            break;
        slot = (slot + 1) & (names->n_slots - 1);
    }
    return slot;
}

static int grow(struct names *names)
{
    const size_t n_slots = names->n_slots == 0 ? 64 : names->n_slots * 2;
    uint32_t *slots = memory_zero(n_slots, sizeof *slots);
    if (slots == NULL)
        return -1;
    memory_free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
    for (size_t i = 0; i < names->n; i++)
        slots[find_slot(names, names->items[i], length_of(names->items[i]))] = (uint32_t)i + 1;
    return 0;
}

uint32_t names_add(struct names *names, const char *text, size_t n, int *is_new)
{
    if (is_new != NULL)
        *is_new = 0;
    if (2 * (names->n + 1) > names->n_slots && grow(names) != 0)
        return NAMES_FULL;
    const size_t slot = find_slot(names, text, n);
    if (names->slots[slot] != 0)
        return names->slots[slot] - 1;
    if (names->n >= NAMES_FULL - 2 ||
        memory_grow(&names->items, &names->capacity, names->n + 1, sizeof *names->items) != 0)
        return NAMES_FULL;
    char *item = arena_alloc(&names->arena, sizeof(uint64_t) + n + 1);
    if (item == NULL)
        return NAMES_FULL;
    const uint64_t length = n;
    memcpy(item, &length, sizeof length);
    item += sizeof length;
    if (n > 0)
        memcpy(item, text, n);
    item[n] = '\0';
    names->items[names->n] = item;
    names->slots[slot] = (uint32_t)++names->n;
    if (is_new != NULL)
        *is_new = 1;
    return (uint32_t)names->n - 1;
}

uint32_t names_find(const struct names *names, const char *text, size_t n)
{
    if (names->n_slots == 0)
        return NAMES_FULL;
    const size_t slot = find_slot(names, text, n);
    return names->slots[slot] == 0 ? NAMES_FULL : names->slots[slot] - 1;
}

void names_free(struct names *names)
{
    memory_free(names->items);
    memory_free(names->slots);
    arena_free(&names->arena);
    memset(names, 0, sizeof *names);
}
