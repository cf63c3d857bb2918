/* SPDX-License-Identifier: Apache-2.0 */
/* The public sikap_options: pairs in the order they were given. Nothing is checked when a pair is
 * added, because only the operation that uses the pairs knows its tables. Applying them in order
 * makes a later value replace an earlier one and a list grow. */
#include "base/option.h"

#include <string.h>

#include "base/memory.h"

int sikap_options_new(sikap_options **out, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    return *out == NULL ? error_memory(err, "options") : 0;
}

void sikap_options_free(sikap_options *options)
{
    if (options == NULL)
        return;
    for (size_t i = 0; i < options->n; i++) {
        memory_free(options->pairs[i].name);
        memory_free(options->pairs[i].value);
    }
    memory_free(options->pairs);
    memory_free(options);
}

int sikap_options_set(sikap_options *options, const char *name, const char *value, sikap_error *err)
{
    if (name == NULL || name[0] == '\0')
        return error_set(err, SIKAP_USAGE, NULL, 0, "an option without a name");
    if (memory_grow(&options->pairs, &options->capacity, options->n + 1, sizeof *options->pairs))
        return error_memory(err, "options");
    struct option_pair pair = {.name = memory_string(name),
                               .value = value == NULL ? NULL : memory_string(value)};
    if (pair.name == NULL || (value != NULL && pair.value == NULL)) {
        memory_free(pair.name);
        memory_free(pair.value);
        return error_memory(err, "options");
    }
    options->pairs[options->n++] = pair;
    return 0;
}

int options_have(const sikap_options *options, size_t n, const char *name)
{
    for (size_t i = 0; options != NULL && i < n && i < options->n; i++)
        if (strcmp(options->pairs[i].name, name) == 0)
            return 1;
    return 0;
}

int options_apply(const sikap_options *options, const struct option_table *table, void *noun,
                  sikap_error *err)
{
    for (size_t i = 0; options != NULL && i < options->n; i++) {
        const struct option_pair *pair = &options->pairs[i];
        if (option_find(table, pair->name) == NULL)
            continue;
        const int status = option_set(table, noun, pair->name, pair->value, err);
        if (status != 0)
            return status;
    }
    return 0;
}

int options_read(const sikap_options *options, const struct option_table *table, void *noun,
                 sikap_error *err)
{
    const int status = option_defaults(table, noun, err);
    return status != 0 ? status : options_apply(options, table, noun, err);
}

static int is_among(option_getter *const *tables, const char *name)
{
    const sikap_option *row;
    for (size_t t = 0; tables[t] != NULL; t++)
        for (size_t i = 0; (row = tables[t](i)) != NULL; i++)
            if (strcmp(row->name, name) == 0)
                return 1;
    return 0;
}

int options_among(sikap_options **out, const sikap_options *given, option_getter *const *tables,
                  sikap_error *err)
{
    int status = sikap_options_new(out, err);
    for (size_t i = 0; given != NULL && i < given->n && status == 0; i++)
        if (is_among(tables, given->pairs[i].name))
            status = sikap_options_set(*out, given->pairs[i].name, given->pairs[i].value, err);
    return status;
}

/* Optimal string alignment distance over names of at most 63 bytes: three rows of the usual table.
 */
size_t option_edits(const char *a, size_t a_n, const char *b, size_t b_n)
{
    enum { LONGEST = 64 };
    size_t rows[3][LONGEST];
    if (a_n >= LONGEST || b_n >= LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= b_n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_n; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_n; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_n % 3][b_n];
}

size_t option_suggests(const char *typed, const char *candidate)
{
    const size_t typed_n = strlen(typed), candidate_n = strlen(candidate);
    /* "--thread" or "--max-feat": what was typed is the beginning of a name. */
    if (typed_n >= 3 && typed_n < candidate_n && memcmp(typed, candidate, typed_n) == 0)
        return 1;
    const size_t distance = option_edits(typed, typed_n, candidate, candidate_n);
    return distance <= 1 + (typed_n < candidate_n ? typed_n : candidate_n) / 4 ? distance : 0;
}

int options_check(const sikap_options *options, const struct option_table *const *tables,
                  sikap_error *err)
{
    for (size_t i = 0; options != NULL && i < options->n; i++) {
        const char *name = options->pairs[i].name, *nearest = NULL;
        size_t least = 0;
        int known = 0;
        for (size_t t = 0; tables[t] != NULL && !known; t++) {
            known = option_find(tables[t], name) != NULL;
            for (size_t r = 0; r < tables[t]->n; r++) {
                const char *candidate = tables[t]->rows[r].shown.name;
                const size_t distance = option_suggests(name, candidate);
                if (distance != 0 && (least == 0 || distance < least)) {
                    least = distance;
                    nearest = candidate;
                }
            }
        }
        if (known)
            continue;
        if (nearest == NULL)
            return error_set(err, SIKAP_USAGE, NULL, 0, "unknown option '--%.100s'", name);
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "unknown option '--%.100s'; did you mean '--%s'?", name, nearest);
    }
    return 0;
}
