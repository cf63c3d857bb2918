/* SPDX-License-Identifier: Apache-2.0 */
/* What can be told without a model: labels that are rare, that go together oddly or are spelt
 * alike; texts that are empty, very long or short, or in a stray language; missing annotations. */
#include "analyse/audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/option.h"

/* Pairs are told of when chance would hardly make them: a pair that is expected EXPECTED times and
 * never seen has a probability of about exp(-EXPECTED); one label implies another when it has it
 * in at least ALWAYS of its documents and the other is not everywhere anyway. */
static const double EXPECTED = 10, ALWAYS = 0.98, EVERYWHERE = 0.9;
/* Iglewicz and Hoaglin, How to detect and handle outliers (1993): modified z-scores beyond 3.5. */
static const double OUTLIER = 3.5, MAD_TO_DEVIATION = 0.6745;
static const double STRAY_SHARE = 0.1;
enum { LEAST_FOR_OUTLIERS = 20, LONGEST_NAME = 63, LONG_NAME = 10, SHORT_NAME = 5 };

int audit_rows_add(struct audit_rows *r, size_t row)
{
    if (memory_grow(&r->rows, &r->capacity, r->n + 1, sizeof *r->rows) != 0)
        return -1;
    r->rows[r->n++] = (uint32_t)row;
    return 0;
}

enum language audit_language(const struct sikap_audit *a, size_t row)
{
    return (enum language)a->t.collection->visited[row * AUDIT_NUMBERS + AUDIT_LANGUAGE];
}

size_t audit_words(const struct sikap_audit *a, size_t row)
{
    return (size_t)a->t.collection->visited[row * AUDIT_NUMBERS + AUDIT_WORDS];
}

static int add_pair(struct audit_pairs *p, const struct audit_pair *pair)
{
    if (memory_grow(&p->items, &p->capacity, p->n + 1, sizeof *p->items) != 0)
        return -1;
    p->items[p->n++] = *pair;
    return 0;
}

/* Most surprising first. */
static int by_surprise(const void *a, const void *b)
{
    const struct audit_pair *x = a, *y = b;
    if (x->expected != y->expected)
        return x->expected > y->expected ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

/* ---- labels ---- */

static size_t field_of(const struct tasks *t, size_t task)
{
    size_t f = 0;
    while (task >= t->first[f + 1])
        f++;
    return f;
}

struct pair_counts {
    size_t *together; /* [n_tasks] with label a */
    size_t *both;     /* [n_fields] documents annotated for a's field and this one */
    size_t *has_a;    /* [n_fields] of those, with label a */
    size_t *has_b;    /* [n_tasks] with this label and annotated for a's field */
};

static void count_pairs(const struct sikap_audit *audit, size_t a, struct pair_counts *n)
{
    const struct tasks *t = audit->t.tasks;
    const struct collection_field *fields = audit->t.collection->fields;
    const size_t own = field_of(t, a), k = t->n_tasks;
    memset(n->together, 0, k * sizeof *n->together);
    memset(n->has_b, 0, k * sizeof *n->has_b);
    memset(n->both, 0, t->n_fields * sizeof *n->both);
    memset(n->has_a, 0, t->n_fields * sizeof *n->has_a);
    for (size_t row = 0; row < t->n_rows; row++) {
        if (!fields[own].annotated[row])
            continue;
        const uint8_t *gold = t->gold + row * k;
        for (size_t f = 0; f < t->n_fields; f++) {
            n->both[f] += fields[f].annotated[row] != 0;
            n->has_a[f] += fields[f].annotated[row] && gold[a];
        }
        for (size_t b = 0; b < k; b++) {
            n->has_b[b] += gold[b];
            n->together[b] += gold[b] & gold[a];
        }
    }
}

static int judge_pair(struct sikap_audit *audit, size_t a, size_t b, const struct pair_counts *n)
{
    const struct tasks *t = audit->t.tasks;
    const size_t f = field_of(t, b);
    if (f == field_of(t, a) && !audit->t.collection->fields[f].is_multi)
        return 0;
    if (n->both[f] == 0 || audit->support[a] < audit->settings.rare ||
        audit->support[b] < audit->settings.rare)
        return 0;
    const double rows = (double)n->both[f], has_a = (double)n->has_a[f],
                 has_b = (double)n->has_b[b];
    const struct audit_pair pair = {(uint32_t)a, (uint32_t)b, has_a * has_b / rows, n->together[b]};
    if (a < b && pair.together == 0 && pair.expected >= EXPECTED)
        return add_pair(&audit->never, &pair);
    if (has_a > 0 && (double)pair.together >= ALWAYS * has_a && has_b < EVERYWHERE * rows)
        return add_pair(&audit->always, &pair);
    return 0;
}

static int find_pairs(struct sikap_audit *audit)
{
    const struct tasks *t = audit->t.tasks;
    struct pair_counts n = {
        memory_alloc(t->n_tasks, sizeof *n.together), memory_alloc(t->n_fields, sizeof *n.both),
        memory_alloc(t->n_fields, sizeof *n.has_a), memory_alloc(t->n_tasks, sizeof *n.has_b)};
    int failed = n.together == NULL || n.both == NULL || n.has_a == NULL || n.has_b == NULL;
    for (size_t a = 0; a < t->n_tasks && !failed; a++) {
        count_pairs(audit, a, &n);
        for (size_t b = 0; b < t->n_tasks && !failed; b++)
            if (a != b)
                failed = judge_pair(audit, a, b, &n) != 0;
    }
    memory_free(n.together);
    memory_free(n.both);
    memory_free(n.has_a);
    memory_free(n.has_b);
    if (audit->never.n > 0)
        qsort(audit->never.items, audit->never.n, sizeof *audit->never.items, by_surprise);
    if (audit->always.n > 0)
        qsort(audit->always.items, audit->always.n, sizeof *audit->always.items, by_surprise);
    return failed ? -1 : 0;
}

/* A name without case, blanks and punctuation of ASCII; other bytes stay. Returns its length, 0
 * where it is too long to compare. */
static size_t fold_name(char *out, const char *name)
{
    size_t n = 0;
    for (; *name != '\0'; name++) {
        const unsigned char c = (unsigned char)*name;
        const int is_upper = c >= 'A' && c <= 'Z';
        if (c < 0x80 && !is_upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            continue;
        if (n == LONGEST_NAME)
            return 0;
        out[n++] = (char)(is_upper ? c | 0x20 : c);
    }
    return n;
}

/* Labels of one field whose names are the same but for case and punctuation, or one letter apart
 * (two in a long name), unless what differs is a number. */
static int find_names(struct sikap_audit *audit)
{
    const struct tasks *t = audit->t.tasks;
    for (size_t a = 0; a < t->n_tasks; a++) {
        char x[LONGEST_NAME], y[LONGEST_NAME];
        const size_t n = fold_name(x, t->labels[a]), f = field_of(t, a);
        for (size_t b = a + 1; n > 0 && b < t->first[f + 1]; b++) {
            const size_t m = fold_name(y, t->labels[b]), least = n < m ? n : m;
            const size_t most = n > m ? n : m;
            if (m == 0 || most - least > 2)
                continue;
            const size_t edits = option_edits(x, n, y, m);
            const size_t allowed = least >= LONG_NAME ? 2 : least >= SHORT_NAME;
            const int is_numbered = x[n - 1] <= '9' || y[m - 1] <= '9';
            const struct audit_pair pair = {(uint32_t)a, (uint32_t)b, 0, edits};
            if (edits <= (is_numbered ? 0 : allowed) && add_pair(&audit->names, &pair) != 0)
                return -1;
        }
    }
    return 0;
}

static int find_labels(struct sikap_audit *audit)
{
    const struct tasks *t = audit->t.tasks;
    audit->support = memory_zero(t->n_tasks, sizeof *audit->support);
    if (audit->support == NULL)
        return -1;
    for (size_t i = 0; i < t->n_rows * t->n_tasks; i++)
        audit->support[i % t->n_tasks] += t->gold[i];
    return find_pairs(audit) != 0 || find_names(audit) != 0 ? -1 : 0;
}

/* ---- texts ---- */

struct length {
    double z; /* log words at first */
    uint32_t row;
};

static int by_length(const void *a, const void *b)
{
    const struct length *x = a, *y = b;
    if (x->z != y->z)
        return x->z < y->z ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static double middle(const struct length *sorted, size_t n)
{
    return n % 2 == 1 ? sorted[n / 2].z : (sorted[n / 2 - 1].z + sorted[n / 2].z) / 2;
}

/* Rows whose log length lies far from the median, in units of the median distance from it. */
static int find_lengths(struct sikap_audit *audit)
{
    const size_t n_rows = audit->t.collection->n_labelled;
    struct length *x = memory_alloc(2 * n_rows, sizeof *x), *distance = x + n_rows;
    if (x == NULL)
        return -1;
    size_t n = 0;
    for (size_t row = 0; row < n_rows; row++)
        if (audit_words(audit, row) > 0)
            x[n++] = (struct length){log((double)audit_words(audit, row)), (uint32_t)row};
    qsort(x, n, sizeof *x, by_length);
    const double median = n > 0 ? middle(x, n) : 0;
    audit->median_words = n > 0 ? exp(median) : 0;
    for (size_t i = 0; i < n; i++)
        distance[i] = (struct length){fabs(x[i].z - median), x[i].row};
    qsort(distance, n, sizeof *distance, by_length);
    const double mad = n >= LEAST_FOR_OUTLIERS ? middle(distance, n) : 0;
    int failed = 0;
    for (size_t i = 0; mad > 0 && i < n && !failed; i++) {
        if (MAD_TO_DEVIATION * (median - x[i].z) / mad > OUTLIER)
            failed = audit_rows_add(&audit->shortest, x[i].row) != 0;
        if (!failed && MAD_TO_DEVIATION * (x[n - 1 - i].z - median) / mad > OUTLIER)
            failed = audit_rows_add(&audit->longest, x[n - 1 - i].row) != 0;
    }
    memory_free(x);
    return failed ? -1 : 0;
}

static int find_texts(struct sikap_audit *audit)
{
    const struct collection *c = audit->t.collection;
    for (size_t row = 0; row < c->n_labelled; row++)
        audit->n_languages[audit_language(audit, row)]++;
    for (size_t row = 0; row < c->n_labelled; row++) {
        const enum language language = audit_language(audit, row);
        int failed = 0;
        if (audit_words(audit, row) == 0)
            failed = audit_rows_add(&audit->empty, row) != 0;
        else if (c->counts.start[row] == c->counts.start[row + 1])
            failed = audit_rows_add(&audit->unknown, row) != 0;
        if (!failed && language != LANGUAGE_UNKNOWN &&
            (double)audit->n_languages[language] < STRAY_SHARE * (double)c->n_labelled)
            failed = audit_rows_add(&audit->stray, row) != 0;
        if (failed)
            return -1;
    }
    return find_lengths(audit);
}

static int find_unlabelled(struct sikap_audit *audit)
{
    const struct collection *c = audit->t.collection;
    audit->not_annotated = memory_zero(c->n_fields, sizeof *audit->not_annotated);
    audit->no_label = memory_zero(c->n_fields, sizeof *audit->no_label);
    if (audit->not_annotated == NULL || audit->no_label == NULL)
        return -1;
    for (size_t f = 0; f < c->n_fields; f++)
        for (size_t row = 0; row < c->n_labelled; row++) {
            const struct collection_field *field = &c->fields[f];
            if (field->annotated[row] && field->start[row] < field->start[row + 1])
                continue;
            if (audit_rows_add(field->annotated[row] ? &audit->no_label[f]
                                                     : &audit->not_annotated[f],
                               row) != 0)
                return -1;
        }
    return 0;
}

/* ---- duplicates ---- */

static int labels_differ(const struct sikap_audit *audit, size_t row, size_t other)
{
    const struct tasks *t = audit->t.tasks;
    for (size_t f = 0; f < t->n_fields; f++) {
        const unsigned char *annotated = audit->t.collection->fields[f].annotated;
        const size_t first = t->first[f], n = t->first[f + 1] - first;
        if (annotated[row] && annotated[other] &&
            memcmp(t->gold + row * t->n_tasks + first, t->gold + other * t->n_tasks + first, n) !=
                0)
            return 1;
    }
    return 0;
}

static int by_difference(const void *a, const void *b)
{
    const struct audit_cluster *x = a, *y = b;
    if (x->labels_differ != y->labels_differ)
        return x->labels_differ ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static int find_duplicates(struct sikap_audit *audit, sikap_error *err)
{
    const struct training *t = &audit->t;
    const int status = near_duplicates_new(&audit->near, &t->collection->shingles, AUDIT_SIMILARITY,
                                           t->pool, t->watch, err);
    if (status != 0)
        return status;
    const struct near_duplicates *d = audit->near;
    audit->clusters = memory_alloc(d->n_clusters, sizeof *audit->clusters);
    if (audit->clusters == NULL)
        return error_memory(err, "duplicates");
    for (size_t c = 0; c < d->n_clusters; c++) {
        const uint32_t *members = d->members + d->start[c];
        const size_t n = d->start[c + 1] - d->start[c];
        if (n < 2 || members[1] >= t->collection->n_labelled)
            continue;
        struct audit_cluster *cluster = &audit->clusters[audit->n_clusters++];
        *cluster = (struct audit_cluster){.number = (uint32_t)c};
        for (size_t i = 1; i < n && members[i] < t->collection->n_labelled; i++)
            cluster->labels_differ |= labels_differ(audit, members[0], members[i]);
    }
    if (audit->n_clusters > 0)
        qsort(audit->clusters, audit->n_clusters, sizeof *audit->clusters, by_difference);
    return 0;
}

int audit_find(struct sikap_audit *audit, sikap_error *err)
{
    const int status = find_duplicates(audit, err);
    if (status != 0)
        return status;
    return find_labels(audit) != 0 || find_texts(audit) != 0 || find_unlabelled(audit) != 0
               ? error_memory(err, "audit")
               : 0;
}
