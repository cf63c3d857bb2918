/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the readers fails once: an error that says so, and nothing leaks (which the
 * address sanitizer sees). base/memory.c is built into this program with an allocator that fails on
 * demand, in place of the library's. */
#include <pthread.h>
#include <stdlib.h>

static void *failing_malloc(size_t n);
static void *failing_calloc(size_t n, size_t size);
static void *failing_realloc(void *old, size_t n);
static void *failing_aligned(size_t alignment, size_t n);
#define malloc(n) failing_malloc(n)
#define calloc(n, size) failing_calloc(n, size)
#define realloc(old, n) failing_realloc(old, n)
#define aligned_alloc(alignment, n) failing_aligned(alignment, n)
#include "../../../src/base/memory.c" /* NOLINT: on purpose */
#undef malloc
#undef calloc
#undef realloc
#undef aligned_alloc

#include <zlib.h>

#include "corpus/corpus_fixture.h"

/* The allocation that fails, counted from 0; SIZE_MAX: none does. Inflating has its own thread. */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static size_t n_allocations, failing = SIZE_MAX;

static int fails(void)
{
    pthread_mutex_lock(&counting);
    const int fail = n_allocations++ == failing;
    pthread_mutex_unlock(&counting);
    return fail;
}

static void *failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *failing_calloc(size_t n, size_t size)
{
    return fails() ? NULL : calloc(n, size);
}

static void *failing_realloc(void *old, size_t n)
{
    return fails() ? NULL : realloc(old, n);
}

static void *failing_aligned(size_t alignment, size_t n)
{
    return fails() ? NULL : aligned_alloc(alignment, n);
}

static const struct {
    const char *name, *options, *bytes;
} corpora[] = {
    {"a.jsonl", "field=l:multi",
     "{\"id\":1,\"text\":\"x\",\"l\":[\"p\",\"q\"],\"year\":2020.5}\n{\"text\":\"\xFF\\ud800\"}"
     "\noops\n"
     "{\"title\":\"only\"}\n{\"id\":123456789012345678901234567890,\"text\":\"\"}\n{}\n"},
    {"b.jsonl", "", "{\"text\":\"x\",\"label\":[\"p\"]}\n{\"text\":\"\xFF\",\"label\":\"q\"}\n"},
    {"c.jsonl", "", "{\"text\":\"x\",\"topic\":[\"p\"]}\n"},
    {"d.csv", "field=l:multi", "id,text,l\n1,\"a \"\"b\"\"\",p|q\n2,\xFF,\n3,\"c\n4,d,e,f\n"},
    {"e.csv", "", "id,text,labels\n1,a,p|q\n"},
    {"f.csv", "field=l", "id,body,l\n1,a,p\n"},
    {"g.ft", "", "__label__p __label__q x\n\xFF\n"},
    {"h.txt", "field=l:single", "text \xFF"},
    {"i.txt", "field=l:single encoding=LATIN1", "text \xFF"},
    {"folder", "folder-labels=yes field=l:single", NULL},
    {"j.jsonl.gz", "field=l:multi", NULL},
};

static int read_documents(struct corpus *corpus, sikap_error *err)
{
    struct corpus_block *block = NULL;
    struct corpus_parser *parser = NULL;
    int status = corpus_block_new(&block, err);
    if (status == 0)
        status = corpus_parser_new(&parser, corpus, err);
    for (size_t n = 1; n > 0 && status == 0;) {
        status = corpus_next(corpus, block, 1, &n, err);
        for (size_t i = 0; i < n && status == 0; i++) {
            struct document doc;
            status = corpus_parse(parser, block, i, &doc, err);
            if (status == SIKAP_DATA)
                status = 0;
        }
    }
    corpus_parser_free(parser);
    corpus_block_free(block);
    return status;
}

static int read_once(const char *path, const struct corpus_options *options, sikap_error *err)
{
    static const char *const segments[] = {"title", "text"};
    static const char *const extras[] = {"year"};
    const struct corpus_request request = {.wants_labels = 1,
                                           .wants_text = 1,
                                           .segments = segments,
                                           .n_segments = 2,
                                           .extras = extras,
                                           .n_extras = 1};
    struct corpus *corpus;
    int status = corpus_open(&corpus, &path, 1, options, &request, err);
    if (status == 0)
        status = read_documents(corpus, err);
    corpus_free(corpus);
    return status;
}

static void every_allocation(void **state)
{
    (void)state;
    char folder[] = "/tmp/sikap-corpus-XXXXXX", path[128], command[512];
    assert_non_null(mkdtemp(folder));
    for (size_t c = 0; c < sizeof corpora / sizeof *corpora; c++) {
        snprintf(path, sizeof path, "%s/%s", folder, corpora[c].name);
        if (strstr(path, ".gz") != NULL) {
            gzFile file = gzopen(path, "wb");
            assert_true(gzputs(file, corpora[0].bytes) > 0);
            assert_int_equal(gzclose(file), Z_OK);
        } else if (corpora[c].bytes == NULL) {
            snprintf(command, sizeof command, "mkdir -p %s/a; echo x >%s/a/b.txt", path, path);
            assert_int_equal(system(command), 0);
        } else {
            write_bytes(path, corpora[c].bytes, strlen(corpora[c].bytes));
        }
        struct corpus_options options;
        set_options(&options, corpora[c].options);
        n_allocations = 0;
        failing = SIZE_MAX;
        const int expected = read_once(path, &options, NULL);
        const size_t n = n_allocations;
        assert_true(n > 10);
        for (size_t k = 0; k < n; k++) {
            sikap_error err = {0};
            n_allocations = 0;
            failing = k;
            const int status = read_once(path, &options, &err);
            if (status != SIKAP_SYSTEM || strstr(err.message, "out of memory") == NULL)
                fail_msg("%s: allocation %zu of %zu fails: status %d (%d without), '%s'",
                         corpora[c].name, k, n, status, expected, err.message);
        }
        failing = SIZE_MAX;
        assert_int_equal(read_once(path, &options, NULL), expected);
        option_clear(&corpus_option_table, &options);
    }
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests_name("corpus without memory", tests, NULL, NULL);
}
