/* SPDX-License-Identifier: Apache-2.0 */
/* From linked clusters to stars: in a cluster of near_duplicates two texts may be linked by a third
 * only. Whoever throws texts away wants each of them to be similar to one that stays. So the
 * members are gone through in order, and one that is similar to a kept one is superfluous; any
 * other is kept itself. */
#include "analyse/duplicates.h"

#include <string.h>

#include "base/memory.h"

#define AT(member) offsetof(struct duplicates_options, member)
#define GROUP "Duplicates"

static const struct option_row rows[] = {
    {{"similarity", "X", "0.8",
      "texts are duplicates from this share of common word pairs on; 1: only when all are", GROUP},
     OPTION_REAL,
     AT(similarity),
     0.1,
     1,
     NULL},
    {{"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     OPTION_COUNT,
     AT(threads),
     0,
     256,
     NULL},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_duplicates_option(size_t i)
{
    return option_shown(&table, i);
}

void sikap_duplicates_free(sikap_duplicates *d)
{
    if (d == NULL)
        return;
    option_clear(&corpus_option_table, &d->corpus);
    option_clear(&table, &d->options);
    memory_free_texts(d->paths, d->n_paths);
    collection_free(d->c);
    memory_free(d->kept);
    memory_free(d->similarity);
    memory_free(d->next);
    memory_free(d);
}

size_t sikap_duplicates_n(const sikap_duplicates *d)
{
    return d->n_superfluous;
}

/* ---- stars ---- */

/* The kept rows of one cluster, only the first MOST_KEPT of which later members are compared with:
 * whoever is similar to none of them is kept, which is the side to err on. */
enum { MOST_KEPT = 64 };

static void settle_member(sikap_duplicates *d, const struct near_duplicates *near, uint32_t row,
                          uint32_t *kept, size_t *n_kept)
{
    const uint32_t same = near->same[row];
    if (same != row) {
        d->kept[row] = d->kept[same];
        d->similarity[row] = d->similarity[same];
        return;
    }
    d->kept[row] = row;
    d->similarity[row] = 1;
    double best = 0;
    for (size_t i = 0; i < *n_kept; i++) {
        const double s = shingles_similarity(&d->c->shingles, row, kept[i]);
        if (s < near->similarity || s <= best)
            continue;
        best = d->similarity[row] = s;
        d->kept[row] = kept[i];
    }
    if (best == 0 && *n_kept < MOST_KEPT)
        kept[(*n_kept)++] = row;
}

static void settle_cluster(sikap_duplicates *d, const struct near_duplicates *near, size_t cluster)
{
    uint32_t kept[MOST_KEPT];
    size_t n_kept = 0;
    for (size_t k = near->start[cluster]; k < near->start[cluster + 1]; k++)
        settle_member(d, near, near->members[k], kept, &n_kept);
}

/* Lists the members behind their kept row. */
static void link_members(sikap_duplicates *d, uint32_t *last)
{
    for (size_t row = 0; row < d->c->n_rows; row++) {
        const uint32_t kept = d->kept[row];
        d->next[row] = UINT32_MAX;
        last[row] = (uint32_t)row;
        if (kept == row)
            continue;
        d->n_clusters += last[kept] == kept;
        d->n_superfluous++;
        d->next[last[kept]] = (uint32_t)row;
        last[kept] = (uint32_t)row;
    }
}

static int find(sikap_duplicates *d, struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    const size_t n_rows = d->c->n_rows;
    struct near_duplicates *near = NULL;
    uint32_t *last = memory_alloc(n_rows, sizeof *last);
    d->kept = memory_alloc(n_rows, sizeof *d->kept);
    d->similarity = memory_alloc(n_rows, sizeof *d->similarity);
    d->next = memory_alloc(n_rows, sizeof *d->next);
    int status =
        last == NULL || d->kept == NULL || d->similarity == NULL || d->next == NULL
            ? error_memory(err, "duplicates")
            : near_duplicates_new(&near, &d->c->shingles, d->options.similarity, pool, watch, err);
    if (status == 0) {
        for (size_t c = 0; c < near->n_clusters; c++)
            settle_cluster(d, near, c);
        link_members(d, last);
        d->n_cut = near->n_cut;
    }
    near_duplicates_free(near);
    memory_free(last);
    return status;
}

/* ---- labels ---- */

static int has_label(const struct collection_field *f, size_t row, uint32_t label)
{
    for (size_t k = f->start[row]; k < f->start[row + 1]; k++)
        if (f->labels[k] == label)
            return 1;
    return 0;
}

static int same_labels(const struct collection_field *f, size_t a, size_t b)
{
    if (f->start[a + 1] - f->start[a] != f->start[b + 1] - f->start[b])
        return 0;
    for (size_t k = f->start[a]; k < f->start[a + 1]; k++)
        if (!has_label(f, b, f->labels[k]))
            return 0;
    return 1;
}

int duplicates_conflict(const sikap_duplicates *d, size_t kept, size_t f)
{
    const struct collection_field *field = &d->c->fields[f];
    uint32_t first = UINT32_MAX;
    for (uint32_t row = (uint32_t)kept; row != UINT32_MAX; row = d->next[row]) {
        if (!field->annotated[row])
            continue;
        if (first == UINT32_MAX)
            first = row;
        else if (!same_labels(field, first, row))
            return 1;
    }
    return 0;
}

/* ---- reading ---- */

static int read_options(sikap_duplicates *d, struct feature_options *features,
                        const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table, &table, NULL};
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &d->corpus, err);
    if (status == 0)
        status = options_read(options, &table, &d->options, err);
    if (status == 0) /* for --segments, which both tables have */
        status = options_read(options, &feature_option_table, features, err);
    return status;
}

static int copy_paths(sikap_duplicates *d, const char *const *paths, size_t n_paths,
                      sikap_error *err)
{
    d->paths = memory_zero(n_paths, sizeof *d->paths);
    for (size_t i = 0; d->paths != NULL && i < n_paths; i++) {
        d->n_paths = i + 1;
        if ((d->paths[i] = memory_string(paths[i])) == NULL)
            break;
    }
    return d->paths == NULL || (n_paths > 0 && d->paths[n_paths - 1] == NULL)
               ? error_memory(err, "paths")
               : 0;
}

int sikap_duplicates_find(sikap_duplicates **out, const char *const *paths, size_t n_paths,
                          const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    struct feature_options features = {0};
    struct pool *pool = NULL;
    sikap_duplicates *d = memory_zero(1, sizeof *d);
    if (d == NULL)
        return error_memory(err, "duplicates");
    int status = read_options(d, &features, options, err);
    if (status == 0)
        status = copy_paths(d, paths, n_paths, err);
    if (status == 0)
        status = pool_new(&pool, d->options.threads, err);
    const struct corpus_request wanted = {.wants_labels = d->corpus.fields.n > 0, .wants_text = 1};
    const struct collect_request request = {.corpus = &d->corpus,
                                            .features = &features,
                                            .request = &wanted,
                                            .visit = collect_no_terms,
                                            .wants_shingles = 1,
                                            .wants_places = 1,
                                            .ids_may_repeat = 1};
    if (status == 0)
        status = collect(&d->c, paths, n_paths, &request, pool, watch, err);
    if (status == 0 && d->c->n_rows == 0)
        status = error_set(err, SIKAP_DATA, n_paths > 0 ? paths[0] : NULL, 0, "no usable document");
    if (status == 0)
        status = find(d, pool, watch, err);
    pool_free(pool);
    option_clear(&feature_option_table, &features);
    if (status != 0) {
        sikap_duplicates_free(d);
        return status;
    }
    *out = d;
    return 0;
}
