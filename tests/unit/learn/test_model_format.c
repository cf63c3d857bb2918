/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are whole by their checksums and yet not what we write: of the format before, with
 * sections of a later sikap, with sections missing or lying. data/model-1.sikap was written by the
 * last commit that wrote format 1, from the corpus of model_fixture.h. */
#include "model_fixture.h"

#include <libdeflate.h>

enum { HEADER = 32, ENTRY = 40, MOST = 16 };

struct file {
    unsigned version;
    size_t n;
    struct part {
        char tag[5];
        uint32_t encoding;
        uint64_t raw;
        unsigned char *bytes; /* owned */
        size_t n;
    } parts[MOST];
};

static uint64_t get(const unsigned char *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

static void put(unsigned char *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (unsigned char)(v >> (8 * i));
}

static void add_part(struct file *f, const char *tag, uint32_t encoding, uint64_t raw,
                     const void *bytes, size_t n)
{
    assert_true(f->n < MOST);
    struct part *p = &f->parts[f->n++];
    memcpy(p->tag, tag, 4);
    p->tag[4] = '\0';
    p->encoding = encoding;
    p->raw = raw;
    p->n = n;
    p->bytes = malloc(n + 1);
    memcpy(p->bytes, bytes, n);
}

static void read_parts(struct file *f, const char *path)
{
    static unsigned char bytes[1 << 16];
    memset(f, 0, sizeof *f);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    const size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    assert_true(n > HEADER && n < sizeof bytes);
    f->version = (unsigned)get(bytes + 8, 4);
    for (size_t i = 0; i < get(bytes + 12, 4); i++) {
        const unsigned char *e = bytes + HEADER + i * ENTRY;
        add_part(f, (const char *)e, (uint32_t)get(e + 4, 4), get(e + 24, 8), bytes + get(e + 8, 8),
                 (size_t)get(e + 16, 8));
    }
}

static struct part *part(struct file *f, const char *tag)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->parts[i].tag, tag) == 0)
            return &f->parts[i];
    fail_msg("no section %s", tag);
    return NULL;
}

static void drop(struct file *f, const char *tag)
{
    struct part *p = part(f, tag);
    free(p->bytes);
    *p = f->parts[--f->n];
}

/* Writes other_path, checksums and all, and frees the parts. */
static void write_parts(struct file *f)
{
    static unsigned char bytes[1 << 16];
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, "\x89SIK\r\n\x1A\n", 8);
    const size_t head = HEADER + f->n * ENTRY;
    size_t at = head;
    for (size_t i = 0; i < f->n; i++) {
        const struct part *p = &f->parts[i];
        unsigned char *e = bytes + HEADER + i * ENTRY;
        at = (at + 63) / 64 * 64;
        assert_true(at + p->n < sizeof bytes);
        memcpy(e, p->tag, 4);
        put(e + 4, p->encoding, 4);
        put(e + 8, at, 8);
        put(e + 16, p->n, 8);
        put(e + 24, p->raw, 8);
        put(e + 32, libdeflate_crc32(0, p->bytes, p->n), 4);
        memcpy(bytes + at, p->bytes, p->n);
        at += p->n;
        free(p->bytes);
    }
    put(bytes + 8, f->version, 4);
    put(bytes + 12, f->n, 4);
    put(bytes + 16, at, 8);
    put(bytes + 24, libdeflate_crc32(0, bytes, head), 4);
    FILE *out = fopen(other_path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, at, out), at);
    assert_int_equal(fclose(out), 0);
}

static sikap_model *load(const char *path)
{
    sikap_model *m;
    sikap_error err = {0};
    if (sikap_model_load(&m, path, &err) != 0)
        fail_msg("%s", err.message);
    return m;
}

static size_t find_term(const sikap_model *m, const char *text, size_t n)
{
    for (size_t t = 0; t < sikap_model_n_terms(m); t++) {
        size_t length;
        const char *term = sikap_model_term(m, t, &length);
        if (length == n && memcmp(term, text, n) == 0)
            return t;
    }
    fail_msg("no term %.*s", (int)n, text);
    return 0;
}

/* Terms may be in another order: once those of one df stood in order of their bytes. */
static void assert_same_model(const char *path)
{
    sikap_model *m = load(model_path), *other = load(path);
    float expected[2], got[2];
    score(m, expected);
    score(other, got);
    assert_true(expected[0] != expected[1]);
    assert_memory_equal(got, expected, sizeof got);
    assert_int_equal(sikap_model_n_terms(other), sikap_model_n_terms(m));
    for (size_t t = 0; t < sikap_model_n_terms(m); t++) {
        size_t n;
        const char *text = sikap_model_term(m, t, &n);
        assert_true(n > 0);
        const size_t same = find_term(other, text, n);
        assert_int_equal(sikap_model_term_df(m, t), sikap_model_term_df(other, same));
    }
    sikap_model_free(m);
    sikap_model_free(other);
}

static void assert_refused(const char *message)
{
    sikap_model *m;
    sikap_error err = {0};
    assert_int_equal(sikap_model_load(&m, other_path, &err), SIKAP_MODEL);
    assert_null(m);
    assert_string_equal(err.message, message);
}

static void test_format_1(void **state)
{
    (void)state;
    assert_same_model(TEST_DATA "/model-1.sikap");
    struct file f;
    read_parts(&f, TEST_DATA "/model-1.sikap");
    assert_int_equal(f.version, 1);
    f.version = 2; /* its sections do not make a model of format 2 */
    write_parts(&f);
    assert_refused("not a model that can be used: a section is missing");
}

/* A loaded model can be saved, and its file is the one it came from. */
static void test_saved_again(void **state)
{
    (void)state;
    sikap_model *m = load(model_path);
    sikap_error err;
    assert_int_equal(sikap_model_save(m, other_path, &err), 0);
    sikap_model_free(m);
    struct file f, g;
    read_parts(&f, model_path);
    read_parts(&g, other_path);
    assert_int_equal(f.n, g.n);
    for (size_t i = 0; i < f.n; i++) {
        assert_int_equal(f.parts[i].n, g.parts[i].n);
        assert_memory_equal(f.parts[i].bytes, g.parts[i].bytes, f.parts[i].n);
        free(f.parts[i].bytes);
        free(g.parts[i].bytes);
    }
}

static void test_unknown_sections(void **state)
{
    (void)state;
    struct file f;
    read_parts(&f, model_path);
    add_part(&f, "zzzz", 0, 3, "abc", 3);
    write_parts(&f);
    assert_same_model(other_path);
    read_parts(&f, model_path);
    add_part(&f, "ZZZZ", 0, 3, "abc", 3);
    write_parts(&f);
    assert_refused("not a model that can be used: section ZZZZ is not known");
    read_parts(&f, model_path);
    add_part(&f, "BIAS", 0, 3, "abc", 3);
    write_parts(&f);
    assert_refused("not a model that can be used: section BIAS is there twice");
}

static void test_missing_sections(void **state)
{
    (void)state;
    static const char needed[][5] = {"OPTS", "STOP", "NOTE", "FLDS", "VOCA",
                                     "BIAS", "SCAL", "ROWS", "TEXT"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct file f;
        read_parts(&f, model_path);
        drop(&f, needed[i]);
        write_parts(&f);
        assert_refused("not a model that can be used: a section is missing");
    }
    struct file f;
    read_parts(&f, model_path);
    drop(&f, "indx"); /* is made from the text then */
    write_parts(&f);
    assert_same_model(other_path);
}

/* Whatever stands in the look-up table, look-ups end and stay inside the model. */
static void test_lying_index(void **state)
{
    (void)state;
    for (unsigned fill = 0; fill < 300; fill++) {
        struct file f;
        read_parts(&f, model_path);
        struct part *index = part(&f, "indx");
        uint32_t random = fill * 2654435761U + 1;
        for (size_t i = 0; i < index->n; i++) {
            random = random * 1664525U + 1013904223U;
            /* All bits set: every bucket sends every look-up on. Else tags that are really met
             * stand beside numbers that are not the model's. */
            if (fill == 0 || i % 64 >= 32)
                index->bytes[i] = fill == 0 ? 0xFF : (unsigned char)(random >> 24);
        }
        write_parts(&f);
        sikap_model *m = load(other_path);
        float scores[2];
        score(m, scores);
        assert_true(scores[0] - scores[0] == 0 && scores[1] - scores[1] == 0);
        sikap_model_free(m);
    }
    static const size_t sizes[] = {0, 1, 63, 65};
    for (size_t i = 0; i < 4; i++) {
        struct file f;
        read_parts(&f, model_path);
        drop(&f, "indx");
        const unsigned char zeros[65] = {0};
        add_part(&f, "indx", 0, sizes[i], zeros, sizes[i]);
        write_parts(&f);
        assert_refused("not a model that can be used: its look-up table is damaged");
    }
}

/* The text is looked at late: scoring does not need it, and who asks for it is told. */
static void test_lying_text(void **state)
{
    (void)state;
    static const struct {
        uint32_t encoding;
        const char *bytes;
        size_t n, raw;
        const char *message;
    } cases[] = {
        {1, "not zlib at all!", 16, 100, "a section does not inflate"},
        {0, "", 0, 0, "its terms are damaged"},
        {0, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
         21, 21, "its terms are damaged"},
        {0, "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
         21, 21, "its terms are damaged"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file f;
        read_parts(&f, model_path);
        drop(&f, "TEXT");
        add_part(&f, "TEXT", cases[i].encoding, cases[i].raw, cases[i].bytes, cases[i].n);
        write_parts(&f);
        sikap_model *m = load(other_path), *good = load(model_path);
        float scores[2], expected[2];
        score(m, scores);
        score(good, expected);
        assert_memory_equal(scores, expected, sizeof scores);
        size_t n = 1;
        assert_string_equal(sikap_model_term(m, 0, &n), "");
        assert_int_equal(n, 0);
        sikap_error err = {0};
        assert_int_equal(sikap_model_read_terms(m, &err), SIKAP_MODEL);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_string_equal(err.file, other_path);
        sikap_model_free(m);
        sikap_model_free(good);
    }
}

static void test_lying_vocabulary(void **state)
{
    (void)state;
    /* n_terms, n_steps, then steps of one byte each; 17 terms are in the weights. */
    static const struct {
        uint64_t n_terms, n_steps;
        const char *steps;
        size_t n;
    } cases[] = {
        {UINT64_MAX, 0, "", 0},         {17, UINT64_MAX, "", 0}, /* more steps than bytes */
        {17, 1, "\x01\x12", 2},                                  /* a step of 18 terms */
        {17, 1, "\x01\x10", 2},                                  /* one of 16: a term without */
        {17, 2, "\x01\x00\x01\x00", 4},                          /* steps of none */
        {1000, 1, "\x01\x7F", 2},                                /* more kinds than there are */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file f;
        read_parts(&f, model_path);
        drop(&f, "VOCA");
        unsigned char bytes[16 + 8 + 17] = {0};
        put(bytes, cases[i].n_terms, 8);
        put(bytes + 8, cases[i].n_steps, 8);
        memcpy(bytes + 16, cases[i].steps, cases[i].n);
        const size_t n = 16 + cases[i].n + 17;
        add_part(&f, "VOCA", 0, n, bytes, n);
        write_parts(&f);
        sikap_model *m;
        sikap_error err = {0};
        assert_int_equal(sikap_model_load(&m, other_path, &err), SIKAP_MODEL);
        assert_true(strstr(err.message, "its vocabulary is damaged") != NULL ||
                    strstr(err.message, "its document frequencies are damaged") != NULL);
    }
}

/* What a model keeps of its training texts: it can be missing, but must not lie. */
static void test_lying_reference(void **state)
{
    (void)state;
    enum { DOCUMENTS = 5, QUANTITIES = 3, LABELS = 2, EDGES = 19, BINS = 20 };
    enum { QUANTITY = 4 * (EDGES + BINS), N = 12 + QUANTITIES * QUANTITY + 4 * LABELS };
    static const struct {
        size_t at, n; /* where four bytes are changed, and how many bytes there are */
        uint32_t value;
        int is_good;
    } cases[] = {
        {0, N, DOCUMENTS, 1},
        {0, N, DOCUMENTS + 1, 0},  /* documents that no bin has */
        {4, N, QUANTITIES + 1, 0}, /* a field too many */
        {8, N, LABELS + 1, 0},     /* a label too many */
        {8, N, UINT32_MAX, 0},
        {12, N, 0x7FC00000, 0},             /* an edge that is not a number */
        {12, N, 0x3F800000, 0},             /* edges that fall */
        {12 + 4 * EDGES, N, UINT32_MAX, 0}, /* a bin of more than all */
        {N - 4, N, DOCUMENTS, 1},
        {N - 4, N, DOCUMENTS + 1, 0}, /* a label given to more than all */
        {0, N - 4, DOCUMENTS, 0},
        {0, N + 4, DOCUMENTS, 0},
        {0, 3, DOCUMENTS, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char bytes[N + 4] = {0};
        put(bytes, DOCUMENTS, 4);
        put(bytes + 4, QUANTITIES, 4);
        put(bytes + 8, LABELS, 4);
        for (size_t q = 0; q < QUANTITIES; q++)
            put(bytes + 12 + q * QUANTITY + 4 * EDGES, DOCUMENTS, 4);
        put(bytes + cases[i].at, cases[i].value, 4);
        struct file f;
        read_parts(&f, model_path);
        drop(&f, "refs");
        add_part(&f, "refs", 0, cases[i].n, bytes, cases[i].n);
        write_parts(&f);
        if (cases[i].is_good)
            assert_same_model(other_path);
        else
            assert_refused("not a model that can be used: its reference is damaged");
    }
    struct file f;
    read_parts(&f, model_path);
    drop(&f, "refs");
    write_parts(&f);
    assert_same_model(other_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_1),         cmocka_unit_test(test_saved_again),
        cmocka_unit_test(test_unknown_sections), cmocka_unit_test(test_missing_sections),
        cmocka_unit_test(test_lying_index),      cmocka_unit_test(test_lying_text),
        cmocka_unit_test(test_lying_vocabulary), cmocka_unit_test(test_lying_reference)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
