/* SPDX-License-Identifier: Apache-2.0 */
/* Cells are the combinations of values that occur, in the order of their values, byte by byte: time
 * runs forward, since periods are named so. */
#include "analyse/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/label_file.h"

static int add_key(sikap_aggregation *a, const char *name, size_t n, const char *date,
                   sikap_error *err)
{
    const char *colon = memchr(name, ':', n);
    const size_t n_key = colon == NULL ? n : (size_t)(colon - name);
    struct aggregate_key *key = &a->keys[a->n_keys++];
    if (n_key == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--by: expected keys such as month,outlet");
    key->period = colon == NULL ? period_find(name, n) : period_find(colon + 1, n - n_key - 1);
    if (colon != NULL && key->period < 0)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--by: '%.*s' is not KEY, KEY:year, KEY:quarter, KEY:month, KEY:week or "
                         "KEY:day",
                         (int)(n < 100 ? n : 100), name);
    key->name = memory_text(name, n);
    key->key = colon == NULL && key->period >= 0 ? memory_string(date) : memory_text(name, n_key);
    return key->name == NULL || key->key == NULL ? error_memory(err, "aggregation") : 0;
}

int aggregate_parse_keys(sikap_aggregation *a, const char *by, const char *date, sikap_error *err)
{
    size_t n_keys = 1;
    for (const char *at = by; *at != '\0'; at++)
        n_keys += *at == ',';
    a->keys = memory_zero(n_keys, sizeof *a->keys);
    int status = a->keys == NULL ? error_memory(err, "aggregation") : 0;
    while (status == 0) {
        const size_t n = strcspn(by, ",");
        status = add_key(a, by, n, date, err);
        if (by[n] == '\0')
            break;
        by += n + 1;
    }
    return status;
}

struct cells {
    sikap_aggregation *a;
    const struct label_table *counted, *corpus;
    struct names tuples;      /* values of the keys, each behind its length */
    struct some_ids *undated; /* [n_keys] */
    struct some_ids unjoined;
};

static const char *value_of(const struct label_table *t, size_t row, size_t k)
{
    const struct label_key *key = &t->keys[k];
    return key->value[row] == NAMES_FULL ? NULL : key->values.items[key->value[row]];
}

/* The value of key k for a counted row, "" where there is none; `name` holds a period's. */
static const char *cell_value(struct cells *c, size_t row, size_t joined, size_t k,
                              char name[PERIOD_NAME_SIZE])
{
    const struct aggregate_key *key = &c->a->keys[k];
    const char *value = value_of(c->counted, row, k);
    if (value == NULL && joined != SIZE_MAX)
        value = value_of(c->corpus, joined, k);
    if (value == NULL || key->period < 0)
        return value == NULL ? "" : value;
    if (period_name(name, value, (enum period)key->period) != 0) {
        some_ids_add(&c->undated[k], c->counted->ids.items[row]);
        return "";
    }
    return name;
}

static int find_tuples(struct cells *c, size_t *cell_of)
{
    struct buffer tuple = {0};
    int failed = 0;
    for (size_t row = 0; row < c->counted->n_rows && !failed; row++) {
        char name[PERIOD_NAME_SIZE];
        size_t joined = SIZE_MAX;
        if (c->corpus != NULL) {
            joined = label_table_row(c->corpus, c->counted->ids.items[row]);
            if (joined == SIZE_MAX)
                some_ids_add(&c->unjoined, c->counted->ids.items[row]);
        }
        buffer_clear(&tuple);
        for (size_t k = 0; k < c->a->n_keys; k++) {
            buffer_text(&tuple, cell_value(c, row, joined, k, name));
            buffer_byte(&tuple, '\x1f'); /* the unit separator */
        }
        const uint32_t number =
            tuple.failed ? NAMES_FULL : names_add(&c->tuples, tuple.bytes, tuple.n, NULL);
        failed = number == NAMES_FULL;
        cell_of[row] = number;
    }
    buffer_free(&tuple);
    return failed ? -1 : 0;
}

struct ordered {
    const char *tuple;
    size_t number;
};

static int by_tuple(const void *x, const void *y)
{
    return strcmp(((const struct ordered *)x)->tuple, ((const struct ordered *)y)->tuple);
}

static int order_cells(struct cells *c, size_t *cell_of)
{
    sikap_aggregation *a = c->a;
    const size_t n = c->tuples.n;
    struct ordered *order = memory_alloc(n, sizeof *order);
    size_t *place = memory_alloc(n, sizeof *place);
    a->values = memory_zero(n * a->n_keys, sizeof *a->values);
    int failed = order == NULL || place == NULL || a->values == NULL;
    if (!failed) {
        a->n_cells = n;
        for (size_t i = 0; i < n; i++)
            order[i] = (struct ordered){c->tuples.items[i], i};
        qsort(order, n, sizeof *order, by_tuple);
    }
    for (size_t i = 0; i < n && !failed; i++) {
        const char *at = order[i].tuple;
        place[order[i].number] = i;
        for (size_t k = 0; k < a->n_keys; k++) {
            const size_t length = strcspn(at, "\x1f");
            failed |= (a->values[i * a->n_keys + k] = memory_text(at, length)) == NULL;
            at += length + (at[length] != '\0');
        }
    }
    for (size_t row = 0; row < c->counted->n_rows && !failed; row++)
        cell_of[row] = place[cell_of[row]];
    memory_free(order);
    memory_free(place);
    return failed ? -1 : 0;
}

static void tell_gaps(const struct cells *c, const sikap_watch *watch)
{
    if (c->unjoined.n > 0)
        error_tell(
            watch, NULL, "%zu of %zu documents are not in the corpus that has their keys: %s%s",
            c->unjoined.n, c->counted->n_rows, c->unjoined.text, c->unjoined.n > 3 ? ", …" : "");
    for (size_t k = 0; k < c->a->n_keys; k++)
        if (c->undated[k].n > 0)
            error_tell(watch, NULL,
                       "%zu documents have a '%.60s' that cannot be cut to %.20s (expected "
                       "YYYY-MM-DD): %s%s",
                       c->undated[k].n, c->a->keys[k].key, c->a->keys[k].name, c->undated[k].text,
                       c->undated[k].n > 3 ? ", …" : "");
}

/* A key that nobody has is a mistake, not a cell without a name. */
static int check_keys(const struct cells *c, sikap_error *err)
{
    const sikap_aggregation *a = c->a;
    for (size_t k = 0; k < a->n_keys; k++)
        if (c->counted->keys[k].values.n == 0 &&
            (c->corpus == NULL || c->corpus->keys[k].values.n == 0))
            return error_set(
                err, SIKAP_USAGE, NULL, 0, "--by: no document has the key '%.100s'%s",
                a->keys[k].key,
                c->corpus == NULL ? " (--corpus names the file that has it, joined by id)" : "");
    return 0;
}

int aggregate_cells(sikap_aggregation *a, const struct label_table *counted,
                    const struct label_table *corpus, size_t *cell_of, const sikap_watch *watch,
                    sikap_error *err)
{
    struct cells c = {.a = a, .counted = counted, .corpus = corpus};
    int status = check_keys(&c, err);
    if (status != 0)
        return status;
    c.undated = memory_zero(a->n_keys, sizeof *c.undated);
    if (c.undated == NULL || find_tuples(&c, cell_of) != 0 || order_cells(&c, cell_of) != 0)
        status = error_memory(err, "aggregation");
    else
        tell_gaps(&c, watch);
    memory_free(c.undated);
    names_free(&c.tuples);
    return status;
}
