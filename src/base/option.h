/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_OPTION_H
#define SIKAP_BASE_OPTION_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* Option tables. Each noun that has options owns one struct and one table whose rows say how a
 * value is parsed, checked, stored, printed and shown in --help. The command line, the man page,
 * the model file and --tune all go through these tables; nothing about an option is written twice.
 */
enum option_kind {
    OPTION_SWITCH, /* int: 0 or 1; "", "yes", "true", "1" are on; "no", "false", "0" off */
    OPTION_COUNT,  /* size_t in [min, max] (both 0: no limits); suffixes K, M, G (powers of 1024) */
    OPTION_REAL,   /* double in [min, max] (both 0: no limits), finite */
    OPTION_CHOICE, /* int: index into the NULL-terminated `choices`; an entry may have an alias
                    * behind a '=': "l2svm-dual=1" accepts both spellings */
    OPTION_RANGE,  /* size_t[2] "A-B" or "N" (= N-N) within [min, max], or "none" (= 0-0) */
    OPTION_TEXT,   /* char *, owned, replaced by a later value */
    OPTION_LIST,   /* struct option_list, appended to by a later value */
};

struct option_list {
    char **items;
    size_t n;
};

struct option_row {
    sikap_option shown;
    enum option_kind kind;
    size_t offset; /* of the member in the noun's struct */
    double min, max;
    const char *const *choices;
};

struct option_table {
    const struct option_row *rows;
    size_t n;
};

/* Sets every member to its row's default (shown.fallback parsed; NULL: all bits zero). */
int option_defaults(const struct option_table *table, void *noun, sikap_error *err);
/* Parses `value` into the member of row `name`: SIKAP_USAGE for an unknown name or a bad value
 * ("--min-df: 'x' is not a whole number from 1 to 4294967295"). */
int option_set(const struct option_table *table, void *noun, const char *name, const char *value,
               sikap_error *err);
/* Frees texts and lists. */
void option_clear(const struct option_table *table, void *noun);
/* "name=value\n" for every row whose value differs from its default, in table order; newlines and
 * backslashes in values are escaped. option_load reads it back. Lists give one line per item. */
void option_save(const struct option_table *table, const void *noun, struct buffer *out);
/* Every row, whatever its default: for files that must mean the same when defaults change. */
void option_save_all(const struct option_table *table, const void *noun, struct buffer *out);
int option_load(const struct option_table *table, void *noun, const char *text, size_t n,
                sikap_error *err);
/* What --help shows of row i; NULL past the table's end. */
const sikap_option *option_shown(const struct option_table *table, size_t i);
const struct option_row *option_find(const struct option_table *table, const char *name);
/* Same value in both: used to tell a default from a choice. */
int option_equal(const struct option_row *row, const void *a, const void *b);
/* Is `candidate` a likely reading of the mistyped `typed`? Its distance in edits (insert, delete,
 * replace, swap of neighbours), or 0 when it is too far to suggest. */
size_t option_suggests(const char *typed, const char *candidate);
/* The distance alone; 64 where a name has 64 bytes or more. */
size_t option_edits(const char *a, size_t n, const char *b, size_t m);

/* The public sikap_options: an ordered list of name/value pairs. */
struct sikap_options {
    struct option_pair {
        char *name;
        char *value; /* NULL: a switch */
    } * pairs;
    size_t n, capacity;
};
/* Whether one of the first n pairs has the name; SIZE_MAX: one of all. options may be NULL. */
int options_have(const sikap_options *options, size_t n, const char *name);
/* Applies every pair whose name the table has to `noun` (which must hold valid values). */
int options_apply(const sikap_options *options, const struct option_table *table, void *noun,
                  sikap_error *err);
/* Defaults, then the pairs. */
int options_read(const sikap_options *options, const struct option_table *table, void *noun,
                 sikap_error *err);
/* The pairs of `given` whose names are in one of the NULL-terminated list of tables: what another
 * operation may be handed of them. The caller frees *out with sikap_options_free. */
typedef const sikap_option *option_getter(size_t i);
int options_among(sikap_options **out, const sikap_options *given, option_getter *const *tables,
                  sikap_error *err);
/* SIKAP_USAGE for a pair that no table of the NULL-terminated list `tables` knows; the message
 * names the nearest option that exists. */
int options_check(const sikap_options *options, const struct option_table *const *tables,
                  sikap_error *err);

#endif
