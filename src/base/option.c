/* SPDX-License-Identifier: Apache-2.0 */
/* Options: a row of a table says what a value means, one switch over its kind does the rest. A
 * member is addressed as (noun + row.offset); all parsing, printing and comparing happens on such a
 * member, so a default is simply a second member that the fallback text was parsed into. */
#include "base/option.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* Room for the largest member, for a default to be parsed into. */
union member {
    int choice;
    size_t count;
    size_t range[2];
    double real;
    char *text;
    struct option_list list;
};

static void *member_of(const struct option_row *row, void *noun)
{
    return (char *)noun + row->offset;
}

static const void *const_member_of(const struct option_row *row, const void *noun)
{
    return (const char *)noun + row->offset;
}

static size_t member_size(const struct option_row *row)
{
    switch (row->kind) {
    case OPTION_SWITCH:
    case OPTION_CHOICE:
        return sizeof(int);
    case OPTION_COUNT:
        return sizeof(size_t);
    case OPTION_REAL:
        return sizeof(double);
    case OPTION_RANGE:
        return 2 * sizeof(size_t);
    case OPTION_TEXT:
        return sizeof(char *);
    case OPTION_LIST:
        return sizeof(struct option_list);
    }
    return 0;
}

/* ---- limits ------------------------------------------------------------------------------------
 */

static int has_limits(const struct option_row *row)
{
    return row->min != 0 || row->max != 0;
}

static size_t lower_limit(const struct option_row *row)
{
    return row->min > 0 ? (size_t)row->min : 0;
}

static size_t upper_limit(const struct option_row *row)
{
    /* 2^64 is the first double that a size_t cannot hold. */
    if (!has_limits(row) || row->max >= 18446744073709551616.0)
        return SIZE_MAX;
    return row->max > 0 ? (size_t)row->max : 0;
}

/* Limits are read by people: 1000000, not 1e+06. */
static void print_limit(struct buffer *out, double v)
{
    if (fabs(v) < 1e15 && floor(v) == v)
        number_print_fixed(out, v, 0);
    else
        number_print(out, v);
}

/* " from 1 to 7", " of at least 1", or nothing. */
static void limits_text(const struct option_row *row, char *out, size_t room)
{
    struct buffer b = {0};
    const int open = isinf(row->max) || row->max >= 18446744073709551615.0;
    if (has_limits(row) && !(isinf(row->min) && open)) {
        buffer_text(&b, isinf(row->min) ? " of at most " : open ? " of at least " : " from ");
        print_limit(&b, isinf(row->min) ? row->max : row->min);
        if (!isinf(row->min) && !open) {
            buffer_text(&b, " to ");
            print_limit(&b, row->max);
        }
    }
    const size_t n = b.failed ? 0 : b.n < room ? b.n : room - 1;
    memcpy(out, n == 0 ? "" : b.bytes, n);
    out[n] = '\0';
    buffer_free(&b);
}

/* "--min-df: 'x' is not WHAT from 1 to 7" */
static int bad_value(const struct option_row *row, const char *value, const char *what,
                     sikap_error *err)
{
    char limits[80];
    limits_text(row, limits, sizeof limits);
    return error_set(err, SIKAP_USAGE, NULL, 0, "--%s: '%.100s' is not %s%s", row->shown.name,
                     value, what, limits);
}

/* ---- parsing -----------------------------------------------------------------------------------
 */

/* Digits and perhaps K, M or G; *rest is where the number ends. -1: no number, or above SIZE_MAX.
 */
static int parse_count(const char *value, size_t *out, const char **rest)
{
    const char *at = value;
    size_t n = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        const size_t digit = (size_t)(*at - '0');
        if (n > (SIZE_MAX - digit) / 10)
            return -1;
        n = n * 10 + digit;
    }
    if (at == value)
        return -1;
    const unsigned shift = *at == 'K' ? 10 : *at == 'M' ? 20 : *at == 'G' ? 30 : 0;
    if (shift != 0) {
        if (n > SIZE_MAX >> shift)
            return -1;
        n <<= shift;
        at++;
    }
    *out = n;
    *rest = at;
    return 0;
}

static int set_switch(const struct option_row *row, int *out, const char *value, sikap_error *err)
{
    static const char *const on[] = {"", "yes", "true", "1"};
    static const char *const off[] = {"no", "false", "0"};
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        if (strcmp(value, on[i]) == 0) {
            *out = 1;
            return 0;
        }
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (strcmp(value, off[i]) == 0) {
            *out = 0;
            return 0;
        }
    return bad_value(row, value, "yes or no", err);
}

static int set_count(const struct option_row *row, size_t *out, const char *value, sikap_error *err)
{
    size_t n;
    const char *rest;
    if (parse_count(value, &n, &rest) != 0 || *rest != '\0' || n < lower_limit(row) ||
        n > upper_limit(row))
        return bad_value(row, value, "a whole number", err);
    *out = n;
    return 0;
}

static int set_real(const struct option_row *row, double *out, const char *value, sikap_error *err)
{
    double v;
    if (number_parse(&v, value, strlen(value)) != 0 || !isfinite(v) ||
        (has_limits(row) && (v < row->min || v > row->max)))
        return bad_value(row, value, "a number", err);
    *out = v;
    return 0;
}

static int set_range(const struct option_row *row, size_t out[2], const char *value,
                     sikap_error *err)
{
    if (strcmp(value, "none") == 0) {
        out[0] = out[1] = 0;
        return 0;
    }
    size_t first;
    const char *rest;
    if (parse_count(value, &first, &rest) != 0)
        return bad_value(row, value, "a range A-B", err);
    size_t last = first;
    if (*rest == '-' && parse_count(rest + 1, &last, &rest) != 0)
        return bad_value(row, value, "a range A-B", err);
    if (*rest != '\0' || first > last || first < lower_limit(row) || last > upper_limit(row))
        return bad_value(row, value, "a range A-B", err);
    out[0] = first;
    out[1] = last;
    return 0;
}

/* Is `value` one of the spellings "name=alias=alias" of a choice? */
static int spells(const char *choice, const char *value)
{
    const size_t n = strlen(value);
    while (n > 0) {
        const size_t spelling = strcspn(choice, "=");
        if (spelling == n && memcmp(choice, value, n) == 0)
            return 1;
        if (choice[spelling] == '\0')
            break;
        choice += spelling + 1;
    }
    return 0;
}

static int set_choice(const struct option_row *row, int *out, const char *value, sikap_error *err)
{
    for (int i = 0; row->choices[i] != NULL; i++)
        if (spells(row->choices[i], value)) {
            *out = i;
            return 0;
        }
    struct buffer b = {0};
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (i > 0)
            buffer_text(&b, ", ");
        buffer_bytes(&b, row->choices[i], strcspn(row->choices[i], "="));
    }
    buffer_byte(&b, '\0');
    const int status = error_set(err, SIKAP_USAGE, NULL, 0, "--%s: '%.100s' is not one of %s",
                                 row->shown.name, value, b.failed ? "its choices" : b.bytes);
    buffer_free(&b);
    return status;
}

static int set_text(char **out, const char *value, sikap_error *err)
{
    char *copy = memory_string(value);
    if (copy == NULL)
        return error_memory(err, "an option");
    memory_free(*out);
    *out = copy;
    return 0;
}

static int append_item(struct option_list *list, const char *value, sikap_error *err)
{
    char *copy = memory_string(value);
    char **items = copy == NULL ? NULL : memory_resize(list->items, list->n + 1, sizeof *items);
    if (items == NULL) {
        memory_free(copy);
        return error_memory(err, "an option");
    }
    items[list->n++] = copy;
    list->items = items;
    return 0;
}

static int set_member(const struct option_row *row, void *member, const char *value,
                      sikap_error *err)
{
    if (value == NULL && row->kind != OPTION_SWITCH)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--%s needs a value (%s)", row->shown.name,
                         row->shown.argument == NULL ? "VALUE" : row->shown.argument);
    switch (row->kind) {
    case OPTION_SWITCH:
        return set_switch(row, member, value == NULL ? "" : value, err);
    case OPTION_COUNT:
        return set_count(row, member, value, err);
    case OPTION_REAL:
        return set_real(row, member, value, err);
    case OPTION_CHOICE:
        return set_choice(row, member, value, err);
    case OPTION_RANGE:
        return set_range(row, member, value, err);
    case OPTION_TEXT:
        return set_text(member, value, err);
    case OPTION_LIST:
        return append_item(member, value, err);
    }
    return 0;
}

static void clear_member(const struct option_row *row, void *member)
{
    if (row->kind == OPTION_TEXT) {
        char **text = member;
        memory_free(*text);
        *text = NULL;
    } else if (row->kind == OPTION_LIST) {
        struct option_list *list = member;
        for (size_t i = 0; i < list->n; i++)
            memory_free(list->items[i]);
        memory_free(list->items);
        *list = (struct option_list){0};
    }
}

/* ---- comparing and printing --------------------------------------------------------------------
 */

static int same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int same_member(const struct option_row *row, const void *a, const void *b)
{
    if (row->kind == OPTION_TEXT)
        return same_text(*(char *const *)a, *(char *const *)b);
    if (row->kind != OPTION_LIST)
        return memcmp(a, b, member_size(row)) == 0;
    const struct option_list *left = a, *right = b;
    if (left->n != right->n)
        return 0;
    for (size_t i = 0; i < left->n; i++)
        if (strcmp(left->items[i], right->items[i]) != 0)
            return 0;
    return 1;
}

static void print_escaped(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '\n')
            buffer_byte(out, '\\');
        buffer_byte(out, *text == '\n' ? 'n' : *text);
    }
}

static void print_member(const struct option_row *row, const void *member, struct buffer *out)
{
    const size_t *range = member;
    switch (row->kind) {
    case OPTION_SWITCH:
        buffer_text(out, *(const int *)member ? "yes" : "no");
        break;
    case OPTION_COUNT:
        buffer_format(out, "%zu", *range);
        break;
    case OPTION_REAL:
        number_print(out, *(const double *)member);
        break;
    case OPTION_CHOICE: {
        const char *choice = row->choices[*(const int *)member];
        buffer_bytes(out, choice, strcspn(choice, "="));
        break;
    }
    case OPTION_RANGE:
        if (range[0] == 0 && range[1] == 0)
            buffer_text(out, "none");
        else if (range[0] == range[1])
            buffer_format(out, "%zu", range[0]);
        else
            buffer_format(out, "%zu-%zu", range[0], range[1]);
        break;
    case OPTION_TEXT:
        print_escaped(out, *(char *const *)member);
        break;
    case OPTION_LIST:
        break;
    }
}

static void save_row(const struct option_row *row, const void *member, struct buffer *out)
{
    const size_t name_n = strlen(row->shown.name);
    if (row->kind == OPTION_LIST) {
        const struct option_list *list = member;
        for (size_t i = 0; i < list->n; i++) {
            buffer_bytes(out, row->shown.name, name_n);
            buffer_byte(out, '=');
            print_escaped(out, list->items[i]);
            buffer_byte(out, '\n');
        }
        return;
    }
    if (row->kind == OPTION_TEXT && *(char *const *)member == NULL)
        return;
    buffer_bytes(out, row->shown.name, name_n);
    buffer_byte(out, '=');
    print_member(row, member, out);
    buffer_byte(out, '\n');
}

/* ---- tables ------------------------------------------------------------------------------------
 */

const struct option_row *option_find(const struct option_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->rows[i].shown.name, name) == 0)
            return &table->rows[i];
    return NULL;
}

static int default_member(const struct option_row *row, void *member, sikap_error *err)
{
    memset(member, 0, member_size(row));
    return row->shown.fallback == NULL ? 0 : set_member(row, member, row->shown.fallback, err);
}

int option_defaults(const struct option_table *table, void *noun, sikap_error *err)
{
    /* All zero first: option_clear must be safe whichever row fails. */
    for (size_t i = 0; i < table->n; i++)
        memset(member_of(&table->rows[i], noun), 0, member_size(&table->rows[i]));
    for (size_t i = 0; i < table->n; i++) {
        const int status = default_member(&table->rows[i], member_of(&table->rows[i], noun), err);
        if (status != 0) {
            option_clear(table, noun);
            return status;
        }
    }
    return 0;
}

int option_set(const struct option_table *table, void *noun, const char *name, const char *value,
               sikap_error *err)
{
    const struct option_row *row = option_find(table, name);
    if (row == NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0, "unknown option '--%.100s'", name);
    return set_member(row, member_of(row, noun), value, err);
}

void option_clear(const struct option_table *table, void *noun)
{
    for (size_t i = 0; i < table->n; i++)
        clear_member(&table->rows[i], member_of(&table->rows[i], noun));
}

const sikap_option *option_shown(const struct option_table *table, size_t i)
{
    return i < table->n ? &table->rows[i].shown : NULL;
}

int option_equal(const struct option_row *row, const void *a, const void *b)
{
    return same_member(row, const_member_of(row, a), const_member_of(row, b));
}

void option_save(const struct option_table *table, const void *noun, struct buffer *out)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct option_row *row = &table->rows[i];
        const void *member = const_member_of(row, noun);
        union member fallback;
        if (default_member(row, &fallback, NULL) != 0)
            out->failed = 1;
        else if (!same_member(row, member, &fallback))
            save_row(row, member, out);
        clear_member(row, &fallback);
    }
}

void option_save_all(const struct option_table *table, const void *noun, struct buffer *out)
{
    for (size_t i = 0; i < table->n; i++) {
        const void *member = const_member_of(&table->rows[i], noun);
        char *text = NULL;
        if (table->rows[i].kind == OPTION_TEXT)
            memcpy(&text, member, sizeof text);
        if (table->rows[i].kind != OPTION_TEXT || text != NULL)
            save_row(&table->rows[i], member, out);
    }
}

/* One line "name=value" in line[0..n), undone and NUL-terminated in place. */
static int load_line(const struct option_table *table, void *noun, char *line, size_t n,
                     sikap_error *err)
{
    line[n] = '\0';
    char *equals = memchr(line, '=', n);
    if (equals == NULL || strlen(line) != n)
        return error_set(err, SIKAP_USAGE, NULL, 0, "stored option '%.100s' is not name=value",
                         line);
    *equals = '\0';
    char *to = equals + 1;
    for (const char *from = to; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0') {
            from++;
            *to++ = (char)(*from == 'n' ? '\n' : *from);
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return option_set(table, noun, line, equals + 1, err);
}

int option_load(const struct option_table *table, void *noun, const char *text, size_t n,
                sikap_error *err)
{
    char *copy = memory_text(text, n);
    if (copy == NULL)
        return error_memory(err, "stored options");
    int status = 0;
    for (size_t at = 0; at < n && status == 0;) {
        const char *end = memchr(copy + at, '\n', n - at);
        const size_t line_n = end == NULL ? n - at : (size_t)(end - (copy + at));
        status = load_line(table, noun, copy + at, line_n, err);
        at += line_n + 1;
    }
    memory_free(copy);
    return status;
}
