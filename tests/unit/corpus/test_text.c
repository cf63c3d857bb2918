/* SPDX-License-Identifier: Apache-2.0 */
/* Plain texts, lines, fastText's lines, directories, and files of several formats in a row. */
#include "corpus/corpus_fixture.h"

#include <sys/stat.h>
#include <zlib.h>

#define FFFD "\xEF\xBF\xBD"
#define X128                                                                                       \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"                             \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define X1K X128 X128 X128 X128 X128 X128 X128 X128
#define TEXT "input=text field=l:multi"
#define LINES "input=lines field=l:multi"
#define FASTTEXT "input=fasttext field=l:multi"

static const struct corpus_case cases[] = {
    {"one text", TEXT, "one\ntwo\n", 0, "F|one\ntwo\n|-\n"},
    {"an empty text is a document", TEXT, "", 0, "F||-\n"},
    {"a text of white space", TEXT, " \n", 0, "F| \n|-\n"},
    {"told by its first byte", "field=l:multi", "Some text {\n", 0, "F|Some text {\n|-\n"},
    {"told by its first byte behind white space", "field=l:multi", "\n {\"text\":\"x\"}\n", 0,
     "F:2|x|-\n"},
    {"a bracket in a text", "field=l:multi", "[Jakarta] Text\n", 0, "F|[Jakarta] Text\n|-\n"},
    {"an array, told to be text", TEXT, "[{\"a\":1}]", 0, "F|[{\"a\":1}]|-\n"},
    {"an object, told to be text", TEXT, "{\"a\":1}", 0, "F|{\"a\":1}|-\n"},
    {"a byte order mark", TEXT, "\xEF\xBB\xBFx", 0, "F|x|-\n"},
    {"a byte order mark alone", TEXT, "\xEF\xBB\xBF", 0, "F||-\n"},
    {"broken UTF-8", TEXT, "\x80 \xFE \xC3", 0, "F|" FFFD " " FFFD " " FFFD "|-~3\n"},
    {"UTF-16", "field=l:multi",
     "\xFF\xFE"
     "a\0",
     0, "!!3 1 --encoding UTF-16\n"},
    {"UTF-16, read", "input=text field=l:multi encoding=UTF-16",
     WITH_NUL("\xFE\xFF\0a\xD8\x3D\xDE\x00"), "F|a\xF0\x9F\x98\x80|-\n"},
    {"UTF-16, cut in a character", "input=text field=l:multi encoding=UTF-16LE",
     WITH_NUL("a\0\x3D"), "F|a" FFFD "|-~1\n"},
    {"longer than allowed", "input=text field=l:multi max-line=1024", X1K "x", 0,
     "!0 a record of more than 1024 bytes (--max-line)\n"},
    {"as long as allowed", "input=text field=l:multi max-line=1024", X1K, 0, "F|" X1K "|-\n"},

    {"lines", LINES, "one\r\n\ntwo", 0, "F:1|one|-\nF:2||-\nF:3|two|-\n"},
    {"one newline", LINES, "\n", 0, "F:1||-\n"},
    {"no line", LINES, "", 0, ""},
    {"a carriage return inside stays", LINES, "a\rb\r\n", 0, "F:1|a\rb|-\n"},
    {"spaces at the ends stay", LINES, " a \n", 0, "F:1| a |-\n"},
    {"broken lines", LINES, "a\xFF\nb\n\xFF\xFF\n", 0,
     "F:1|a" FFFD "|-~1\nF:2|b|-\nF:3|" FFFD FFFD "|-~2\n"},
    {"a longer line than allowed", "input=lines field=l:multi max-line=1024",
     "a\n" X1K X1K "\nb\n" X1K, 0,
     "F:1|a|-\n!2 a record of more than 1024 bytes\nF:3|b|-\nF:4|" X1K "|-\n"},
    {"JSON, told to be lines", LINES, "{\n", 0, "F:1|{|-\n"},

    {"fastText", FASTTEXT, "__label__p __label__q some words\nno label\n", 0,
     "F:1|some words|p,q\nF:2|no label|\n"},
    {"fastText: only labels", FASTTEXT, "__label__p\r\n__label__p __label__q  \n", 0,
     "F:1||p\nF:2||p,q\n"},
    {"fastText: tabs, and a label inside the text", FASTTEXT,
     "__label__p\t__label__q\tx __label__r y\n", 0, "F:1|x __label__r y|p,q\n"},
    {"fastText: an empty label", FASTTEXT, "__label__ x\n", 0, "F:1|x|\n"},
    {"fastText: single", "input=fasttext field=l:single",
     "__label__p x\n__label__p __label__q y\nz", 0,
     "F:1|x|p\n!2 2 labels in the single field\n!3 0 labels in the single field\n"},
    {"fastText: broken UTF-8", FASTTEXT, "__label__\xFF x\n", 0, "F:1|x|" FFFD "~1\n"},
};

/* ---- files and folders ---- */

struct folder {
    char path[64];
};

static int set_up(void **state)
{
    static struct folder folder;
    strcpy(folder.path, "/tmp/sikap-corpus-XXXXXX");
    *state = &folder;
    return mkdtemp(folder.path) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    const struct folder *folder = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder->path);
    return system(command);
}

static const char *put(const struct folder *folder, const char *name, const char *bytes)
{
    static char path[8][192];
    static unsigned at;
    char *full = path[at++ % 8];
    snprintf(full, sizeof path[0], "%s/%s", folder->path, name);
    for (char *slash = full + strlen(folder->path) + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash++ = '/';
    }
    write_bytes(full, bytes, strlen(bytes));
    return full;
}

static void expect(const char *const *paths, size_t n, const char *options_text,
                   const struct corpus_request *request, const char *expected)
{
    struct corpus_options options;
    set_options(&options, options_text);
    for (size_t target = 1; target <= 1 << 20; target <<= 20) {
        struct buffer out = {0};
        read_corpus(&out, paths, n, &options, request, target, expected);
        buffer_byte(&out, '\0');
        assert_string_equal(out.bytes, expected);
        buffer_free(&out);
    }
    option_clear(&corpus_option_table, &options);
}

static const char *const title_text[] = {"title", "text"};
static const struct corpus_request labelled = {
    .wants_labels = 1, .wants_text = 1, .segments = title_text, .n_segments = 2};
static const struct corpus_request unlabelled = {
    .wants_text = 1, .segments = title_text, .n_segments = 2};

static void folders(void **state)
{
    const struct folder *folder = *state;
    put(folder, "b/2.txt", "two");
    put(folder, "b/10.txt", "ten");
    put(folder, "b/notes.md", "not read");
    put(folder, "b/.hidden.txt", "not read");
    put(folder, "a/x/deep.txt", "deep");
    put(folder, "a/y.txt", "y");
    put(folder, "top.txt", "");
    put(folder, "c/broken.txt", "\xFF");
    const char *const paths[] = {folder->path};
    expect(paths, 1, "", &unlabelled,
           "F/a/x/deep.txt|-|deep\nF/a/y.txt|-|y\nF/b/10.txt|-|ten\nF/b/2.txt|-|two\n"
           "F/c/broken.txt|-|" FFFD "~1\nF/top.txt|-|\n");
    expect(paths, 1, "folder-labels=yes field=l:single", &labelled,
           "F/a/x/deep.txt|-|deep|x\nF/a/y.txt|-|y|a\nF/b/10.txt|-|ten|b\nF/b/2.txt|-|two|b\n"
           "F/c/broken.txt|-|" FFFD "|c~1\nF/top.txt|-||-\n");
    expect(paths, 1, "input=jsonl", &unlabelled, "!!2 0 is a directory\n");
}

static void wrong_paths(void **state)
{
    const struct folder *folder = *state;
    const char *const empty[] = {folder->path};
    expect(empty, 1, "", &unlabelled, "!!3 0 no .txt files in the directory\n");
    const char *const file[] = {put(folder, "a.svm", "1 1:0.5\n")};
    expect(file, 1, "", &unlabelled, "!!2 0 svmlight files carry no text\n");
    expect(file, 1, "input=dir", &unlabelled, "!!2 0 is not a directory\n");
    const char *const missing[] = {"/nowhere/a.jsonl"};
    expect(missing, 1, "", &unlabelled, "!!5 0 cannot open: No such file or directory\n");
    const char *const damaged[] = {put(folder, "a.jsonl.gz", "\x1F\x8B damaged")};
    expect(damaged, 1, "", &unlabelled, "!!3 0 damaged gzip file\n");
}

static void several_files(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {
        put(folder, "a.jsonl", "{\"id\":\"a\",\"title\":\"T\",\"l\":[\"p\"]}"),
        put(folder, "b.csv", "l,text\np|q,b\n"),
        put(folder, "c.tsv", "text\tl\tid\nc\t\t3\n"),
        put(folder, "empty.jsonl", ""),
        put(folder, "d.ft", "__label__r d\n"),
        put(folder, "e.txt", "e"),
        put(folder, "f.csv", "text,l,m\nf,p,x\n")};
    char expected[512];
    snprintf(expected, sizeof expected,
             "a|T|-|p\n%s:2|-|b|p,q\n3|-|c|-\n%s:1|-|d|r\n%s|-|e|-\n%s:2|-|f|p\n", paths[1],
             paths[4], paths[5], paths[6]);
    expect(paths, 7, "field=l:multi", &labelled, expected);
    /* What is not said is read off the beginning. */
    expect(paths, 1, "", &labelled, "!!2 0 no key 'label' or 'labels'\n");
}

/* A byte order mark in each of two files, and a decoder that must forget the first. */
static void encodings(void **state)
{
    const struct folder *folder = *state;
    char a[192], b[192];
    strcpy(a, put(folder, "a.txt", ""));
    strcpy(b, put(folder, "b.txt", ""));
    write_bytes(a,
                "\xFF\xFE"
                "a\0",
                4);
    write_bytes(b, "\xFE\xFF\0b", 4);
    const char *const paths[] = {a, b};
    char expected[512];
    snprintf(expected, sizeof expected, "F|-|a\n%s|-|b\n", b);
    expect(paths, 2, "encoding=UTF-16", &unlabelled, expected);
    expect(paths, 2, "encoding=KLINGON", &unlabelled, "!!2 0 'KLINGON' is not known\n");
}

static void wrong_options(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {put(folder, "a.csv", "id,text,l\n1,a,p\n")};
    static const struct {
        const char *options, *expected;
    } wrong[] = {
        {"field=l:both", "!!2 0 --field: 'l:both' is not NAME, NAME:multi or NAME:single\n"},
        {"field=", "!!2 0 --field: '' is not NAME, NAME:multi or NAME:single\n"},
        {"field=:multi", "!!2 0 --field: ':multi' is not NAME, NAME:multi or NAME:single\n"},
        {"separator=ab field=l", "!!2 0 --separator: 'ab' is not one character\n"},
        {"separator=\" field=l", "!!2 0 --separator: '\"' is not one character\n"},
        {"label-separator=|| field=l", "!!2 0 --label-separator is not one character\n"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(paths, 1, wrong[i].options, &labelled, wrong[i].expected);
}

/* ---- discovery ---- */

static void discovery(void **state)
{
    const struct folder *folder = *state;
    static const struct {
        const char *options, *bytes, *expected;
    } found[] = {
        {"",
         "{\"id\":1,\"text\":\"x\",\"label\":[\"p\"]}\n{\"id\":2,\"text\":\"y\",\"label\":\"q\"}",
         "1|-|x|p\n2|-|y|q\n"},
        {"", "{\"id\":1,\"text\":\"x\",\"label\":\"p\"}\n{\"id\":2,\"text\":\"y\",\"label\":[]}",
         "1|-|x|p\n2|-|y|\n"},
        {"", "{\"id\":1,\"text\":\"x\",\"label\":\"p\"}\n{\"id\":2,\"text\":\"y\",\"label\":null}",
         "1|-|x|p\n2|-|y|-\n"},
        {"", "{\"id\":1,\"text\":\"x\",\"labels\":[\"p\",\"q\"]}", "1|-|x|p,q\n"},
        {"", "{oops\n{\"id\":1,\"text\":\"\xFF\",\"label\":\"p\"}",
         "!1 not JSON\n1|-|" FFFD "|p~1\n"},
        {"", "{\"id\":1,\"text\":\"x\",\"topic\":[\"p\"],\"lang\":\"id\",\"year\":2020,\"n\":null}",
         "!!2 0 name the labels with --field; keys seen: topic, lang\n"},
        {"field=topics", "{\"id\":1,\"text\":\"x\",\"topic\":[\"p\"]}",
         "!!3 0 no document has the field 'topics'; keys seen: topic\n"},
        {"field=topic field=lang",
         "{\"id\":1,\"text\":\"x\",\"topic\":[\"p\"],\"lang\":\"id\"}\n{\"id\":2,\"text\":\"y\","
         "\"lang\":[\"id\",\"en\"]}",
         "1|-|x|p|id\n2|-|y|-|id,en\n"},
        {"field=topic:single field=lang",
         "{\"id\":1,\"text\":\"x\",\"topic\":[\"p\",\"q\"],\"lang\":\"id\"}",
         "!1 2 labels in the single field 'topic'\n"},
        {"", "", "!!3 0 no documents\n"},
        {"", "\n\n", "!!3 0 no documents\n"},
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        const char *const paths[] = {put(folder, "a.jsonl", found[i].bytes)};
        char options[128];
        snprintf(options, sizeof options, "input=jsonl%s%s", *found[i].options ? " " : "",
                 found[i].options);
        expect(paths, 1, options, &labelled, found[i].expected);
    }
}

/* Extras: strings and numbers, in their own room, however often their keys are repeated. */
static void extras(void **state)
{
    const struct folder *folder = *state;
    static const char *const names[] = {"year", "group"};
    struct corpus_request request = unlabelled;
    request.extras = names;
    request.n_extras = 2;
    struct buffer line = {0};
    buffer_text(&line, "{\"group\":5,");
    for (int i = 0; i < 100; i++)
        buffer_format(&line, "\"id\":%d,\"year\":\"%d\",\"year\":%d.25,", 1000000000 + i, i, i);
    buffer_text(&line, "\"text\":\"x\"}\n{\"text\":\"y\",\"year\":null,\"group\":\"\"}\n"
                       "{\"text\":\"z\",\"year\":[1]}\n");
    buffer_byte(&line, '\0');
    const char *const paths[] = {put(folder, "a.jsonl", line.bytes)};
    struct corpus *corpus;
    struct corpus_block *block;
    struct corpus_parser *parser;
    struct corpus_options options;
    struct document doc;
    size_t n;
    sikap_error err = {0};
    set_options(&options, "");
    assert_int_equal(corpus_open(&corpus, paths, 1, &options, &request, &err), 0);
    assert_int_equal(corpus_block_new(&block, &err), 0);
    assert_int_equal(corpus_parser_new(&parser, corpus, &err), 0);
    assert_int_equal(corpus_next(corpus, block, 1 << 20, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_int_equal(corpus_parse(parser, block, 0, &doc, &err), 0);
    assert_int_equal(doc.id.n, 10);
    assert_memory_equal(doc.id.bytes, "1000000099", 10);
    assert_int_equal(doc.extras[0].n, 5);
    assert_memory_equal(doc.extras[0].bytes, "99.25", 5);
    assert_int_equal(doc.extras[1].n, 1);
    assert_memory_equal(doc.extras[1].bytes, "5", 1);
    assert_int_equal(doc.n_bytes, 1);
    assert_int_equal(corpus_parse(parser, block, 1, &doc, &err), 0);
    assert_null(doc.extras[0].bytes);
    assert_int_equal(corpus_parse(parser, block, 2, &doc, &err), SIKAP_DATA);
    assert_string_equal(err.message, "'year' is an array, not a string or a number");
    assert_int_equal(err.line, 3);
    assert_string_equal(err.file, paths[0]);
    corpus_parser_free(parser);
    corpus_block_free(block);
    corpus_free(corpus);
    option_clear(&corpus_option_table, &options);
    buffer_free(&line);
}

/* A record longer than what is read at once, in every format: found, and in time. */
static void long_records(void **state)
{
    const struct folder *folder = *state;
    enum { N = 3 << 20 };
    static const struct {
        const char *name, *before, *after;
    } kinds[] = {{"a.jsonl", "{\"text\":\"", "\"}\n{\"text\":\"y\"}\n"},
                 {"a.csv", "text\n\"", "\"\ny\n"},
                 {"a.csv", "text\n", "\ny\n"},
                 {"a.ft", "", "\ny\n"},
                 {"a.txt", "", ""}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct buffer b = {0}, expected = {0};
        buffer_text(&b, kinds[k].before);
        const size_t from = b.n;
        for (size_t i = 0; i < N / 8; i++)
            buffer_bytes(&b, "kata, x ", 8);
        if (k == 2)
            for (size_t i = from; i < b.n; i++)
                b.bytes[i] = b.bytes[i] == ',' ? '.' : b.bytes[i];
        const size_t to = b.n;
        buffer_text(&b, kinds[k].after);
        const char *const paths[] = {put(folder, kinds[k].name, "")};
        write_bytes(paths[0], b.bytes, b.n);
        const int is_table = strcmp(kinds[k].name, "a.csv") == 0, is_text = k == 4;
        buffer_format(&expected, is_text ? "F|-|" : is_table ? "F:2|-|" : "F:1|-|");
        buffer_bytes(&expected, b.bytes + from, to - from);
        if (!is_text)
            buffer_format(&expected, "\nF:%d|-|y", is_table ? 3 : 2);
        buffer_bytes(&expected, "\n", 2);
        expect(paths, 1, "", &unlabelled, expected.bytes);
        buffer_free(&b);
        buffer_free(&expected);
    }
}

static void gzipped(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {put(folder, "a.jsonl.gz", ""), put(folder, "b.txt.gz", "")};
    gzFile file = gzopen(paths[0], "wb");
    assert_true(gzputs(file, "{\"id\":1,\"text\":\"x\"}\n") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    file = gzopen(paths[1], "wb");
    assert_true(gzputs(file, "plain") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    char expected[256];
    snprintf(expected, sizeof expected, "1|-|x\n%s|-|plain\n", paths[1]);
    expect(paths, 2, "", &unlabelled, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(encodings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(discovery, set_up, tear_down),
        cmocka_unit_test_setup_teardown(extras, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gzipped, set_up, tear_down),
    };
    const int failed = run_table("text", cases, sizeof cases / sizeof *cases);
    return failed + cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
