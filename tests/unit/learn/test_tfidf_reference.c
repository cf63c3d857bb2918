/* SPDX-License-Identifier: Apache-2.0 */
/* Numeric parity with scikit-learn 1.2.1: vocabulary, idf and every vector given in
 * ../shared/reference/tfidf, to 1e-6. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input.h"
#include "base/json.h"
#include "features/selection.h"
#include "learn/design.h"
#include "learn/train_options.h"

#define FOLDER TEST_SHARED "/reference/tfidf/"

static const struct reference {
    const char *file;
    const char *options[12]; /* name, value, … NULL */
} references[] = {
    {"word1", {"ngrams", "1", "sublinear", "no", NULL}},
    {"word12_sublinear_mindf2", {"ngrams", "1-2", "min-df", "2", NULL}},
    {"word12_top451",
     {"ngrams", "1-2", "sublinear", "no", "max-features", "451", "min-token", "1", NULL}},
    {"word13_maxdf_l1",
     {"ngrams", "1-3", "sublinear", "no", "max-df", "0.5", "min-df", "2", "norm", "l1", NULL}},
    {"word1_binary_nonorm_nosmooth", {NULL}}, /* a switch among its options: see parse_settings */
    {"word1_noidf", {"ngrams", "1", "sublinear", "no", "idf", "none", "min-token", "1", NULL}},
    {"char3_5", {"chars", "3-5", "char-across", "yes", "min-df", "3", NULL}},
    {"charwb2_5", {"chars", "2-5", "min-df", "3", NULL}},
};

static char *read_all(const char *path, size_t *n)
{
    struct input *in;
    sikap_error err;
    assert_int_equal(input_open(&in, path, &err), 0);
    size_t room = 1 << 24, got = 1;
    char *text = malloc(room + JSON_PADDING);
    *n = 0;
    while (got > 0) {
        assert_int_equal(input_read(in, text + *n, room - *n, &got, &err), 0);
        *n += got;
    }
    memset(text + *n, 0, JSON_PADDING);
    input_free(in);
    return text;
}

static void set(sikap_options *o, const char *name, const char *value)
{
    assert_int_equal(sikap_options_set(o, name, value, NULL), 0);
}

static void parse_settings(struct train_settings *s, const struct reference *r)
{
    sikap_options *o;
    sikap_error err;
    assert_int_equal(sikap_options_new(&o, &err), 0);
    set(o, "tokenizer", "sklearn");
    set(o, "normalize", "lower");
    set(o, "min-token", "2");
    if (strcmp(r->file, "word1_binary_nonorm_nosmooth") == 0) {
        set(o, "ngrams", "1");
        set(o, "binary", NULL);
        set(o, "norm", "none");
        set(o, "idf", "plain");
    } else {
        for (size_t i = 0; r->options[i] != NULL; i += 2)
            set(o, r->options[i], r->options[i + 1]);
    }
    assert_int_equal(train_settings_parse(s, o, 0, &err), 0);
    sikap_options_free(o);
}

static struct collection *read_documents(const struct train_settings *s, struct pool *pool)
{
    static const char *const path = FOLDER "documents.jsonl.gz";
    const struct corpus_request wanted = {.wants_text = 1};
    const struct collect_request request = {
        .corpus = &s->corpus, .features = &s->features, .request = &wanted};
    struct collection *c;
    sikap_error err = {0};
    if (collect(&c, &path, 1, &request, pool, NULL, &err) != 0)
        fail_msg("%s", err.message);
    if (s->features.max_features > 0 && c->vocabulary->n_terms > s->features.max_features) {
        double *total = calloc(c->vocabulary->n_terms, sizeof *total);
        unsigned char *keep = calloc(c->vocabulary->n_terms, 1);
        for (size_t j = 0; j < c->counts.start[c->n_rows]; j++)
            total[c->counts.columns[j]] += (double)c->counts.values[j];
        assert_int_equal(selection_top(keep, total, c->vocabulary, s->features.max_features, &err),
                         0);
        assert_int_equal(collection_select(c, keep, &err), 0);
        free(total);
        free(keep);
    }
    return c;
}

/* The number of a term by its text, or VOCABULARY_ABSENT. */
static uint32_t find_term(const struct vocabulary *v, const char *text, size_t n)
{
    for (size_t t = 0; t < v->n_terms; t++) {
        size_t length;
        const char *term = vocabulary_text(v, t, &length);
        if (length == n && memcmp(term, text, n) == 0)
            return (uint32_t)t;
    }
    return VOCABULARY_ABSENT;
}

static void check_idf(const struct reference *r, const struct design *d, const struct vocabulary *v,
                      const struct json_node *nodes, const struct json_node *idf)
{
    assert_int_equal(v->n_terms, idf->n);
    for (size_t i = (size_t)(idf - nodes) + 1; i < idf->next; i = nodes[i].next) {
        const uint32_t t = find_term(v, nodes[i].key, nodes[i].key_n);
        if (t == VOCABULARY_ABSENT)
            fail_msg("%s: term '%.*s' is missing", r->file, (int)nodes[i].key_n, nodes[i].key);
        if (!(fabs((double)d->idf[t] - nodes[i].number) < 1e-6))
            fail_msg("%s: idf of '%.*s' is %g, expected %g", r->file, (int)nodes[i].key_n,
                     nodes[i].key, (double)d->idf[t], nodes[i].number);
    }
}

static void check_vectors(const struct reference *r, const struct collection *c,
                          const struct design *d, const struct json_node *nodes,
                          const struct json_node *vectors)
{
    size_t n_checked = 0;
    for (size_t i = (size_t)(vectors - nodes) + 1; i < vectors->next; i = nodes[i].next) {
        const uint32_t row = names_find(&c->ids, nodes[i].key, nodes[i].key_n);
        assert_true(row != NAMES_FULL);
        assert_int_equal(d->x.start[row + 1] - d->x.start[row], nodes[i].n);
        for (size_t j = d->x.start[row]; j < d->x.start[row + 1]; j++) {
            const size_t t = d->x.columns[j];
            size_t n;
            const char *text = vocabulary_text(c->vocabulary, t, &n);
            char *key = calloc(n + 1, 1);
            memcpy(key, text, n);
            const struct json_node *value = json_member(nodes, &nodes[i], key);
            if (value == NULL || !(fabs(value->number - (double)d->x.values[j]) < 1e-6))
                fail_msg("%s: document %.*s, term '%s': %g", r->file, (int)nodes[i].key_n,
                         nodes[i].key, key, (double)d->x.values[j]);
            free(key);
            n_checked++;
        }
    }
    assert_true(n_checked > 50);
}

static void test_reference(void **state)
{
    const struct reference *r = *state;
    if (access(FOLDER "documents.jsonl.gz", R_OK) != 0) {
        print_message("../shared/reference/tfidf is missing: skipped\n");
        skip();
    }
    struct train_settings s;
    parse_settings(&s, r);
    struct pool *pool;
    sikap_error err;
    assert_int_equal(pool_new(&pool, 2, &err), 0);
    struct collection *c = read_documents(&s, pool);
    struct design *d;
    const struct design_request all = {.options = &s.features};
    assert_int_equal(design_new(&d, c, &all, pool, &err), 0);
    char path[512];
    snprintf(path, sizeof path, "%s%s.json.gz", FOLDER, r->file);
    size_t n;
    char *text = read_all(path, &n);
    struct json_parser *parser;
    const struct json_node *nodes;
    assert_int_equal(json_parser_new(&parser, &err), 0);
    assert_int_equal(json_parse(parser, text, n, &nodes, NULL, &err), 0);
    check_idf(r, d, c->vocabulary, nodes, json_member(nodes, nodes, "idf"));
    check_vectors(r, c, d, nodes, json_member(nodes, nodes, "vectors"));
    json_parser_free(parser);
    free(text);
    design_free(d);
    collection_free(c);
    pool_free(pool);
    train_settings_clear(&s);
}

int main(void)
{
    enum { N = sizeof references / sizeof *references };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){references[i].file, test_reference, NULL, NULL,
                                       (void *)(uintptr_t)&references[i]};
    return _cmocka_run_group_tests("tfidf_reference", tests, N, NULL, NULL);
}
