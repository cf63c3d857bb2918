/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and TSV: a table of nasty ones, random tables written in every way that RFC 4180 allows, and
 * records cut the same wherever the bytes read so far happen to end. */
#include "corpus/corpus_fixture.h"

#include "base/random.h"
#include "corpus/corpus_internal.h"

#define FFFD "\xEF\xBF\xBD"
#define MULTI "input=csv field=l:multi"
#define SINGLE "input=csv field=l:single"
#define HEAD "id,text,l\n"
#define X128                                                                                       \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"                             \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define X1K X128 X128 X128 X128 X128 X128 X128 X128

static const struct corpus_case cases[] = {
    {"rows", MULTI, HEAD "1,a,p\n2,b,p|q\n", 0, "1|a|p\n2|b|p,q\n"},
    {"quotes, separators and line ends in cells", MULTI,
     "id,text,l\r\n1,\"a, \"\"b\"\"\nc\",p|q\r\n2,d,\r\n3,e,|\r\n", 0,
     "1|a, \"b\"\nc|p,q\n2|d|-\n3|e|\n"},
    {"CRLF in a cell stays", MULTI, HEAD "1,\"a\r\nb\",p\n", 0, "1|a\r\nb|p\n"},
    {"quoted label cells, empty quoted cells", MULTI, HEAD "1,\"\",\"p|q\"\n2,\"b\",\"\"\n", 0,
     "1||p,q\n2|b|-\n"},
    {"white space and empty labels in a cell", MULTI, HEAD "1,a, p | |q|\n2,b,||\n3,c, \n", 0,
     "1|a|p,q\n2|b|\n3|c|\n"},
    {"a bar in a single field belongs to the label", SINGLE, HEAD "1,a,p|q\n2,b,\n", 0,
     "1|a|p|q\n2|b|-\n"},
    {"another label separator", "input=csv field=l:multi label-separator=;",
     HEAD "1,a,p;q|r\n2,b,;\n", 0, "1|a|p,q|r\n2|b|\n"},
    {"no newline at the end", MULTI, HEAD "1,a,p", 0, "1|a|p\n"},
    {"no newline behind a quote at the end", MULTI, HEAD "1,a,\"p\"", 0, "1|a|p\n"},
    {"a carriage return behind a quote at the end", MULTI, HEAD "1,a,\"p\"\r", 0, "1|a|p\n"},
    {"a separator at the end", MULTI, HEAD "1,a,", 0, "1|a|-\n"},
    {"a byte order mark, a quoted header", MULTI, "\xEF\xBB\xBF\"id\",\" text \",l\n1,a,p\n", 0,
     "1|a|p\n"},
    {"a header over lines", MULTI, "\"id\",text,l,\"more\nof it\"\n1,a,p,\n", 0, "1|a|p\n"},
    {"blank lines are passed over and counted", MULTI, HEAD "\n1,a,p\n\r\n\n,b,p\n", 0,
     "1|a|p\nF:6|b|p\n"},
    {"lines are counted inside cells", MULTI, HEAD "1,\"a\n\n\n\",p\n,b,p\n", 0,
     "1|a\n\n\n|p\nF:6|b|p\n"},
    {"columns are missing", MULTI, HEAD "1,a\n2,b,p\n", 0, "!2 2 columns, expected 3\n2|b|p\n"},
    {"a column too many", MULTI, HEAD "1,a,p,\n2,b,p\n", 0, "!2 4 columns, expected 3\n2|b|p\n"},
    {"columns in any order, others ignored", MULTI, "x,l,y,text,id\n,p,,a,1\n", 0, "1|a|p\n"},
    {"no column of ids", MULTI, "text,l\na,p\n", 0, "F:2|a|p\n"},
    {"only a header", MULTI, HEAD, 0, ""},
    {"empty", MULTI, "", 0, ""},
    {"NUL bytes stay", MULTI, WITH_NUL(HEAD "1,a\0b,p\n"), "1|a"},

    {"a quote that is never closed spoils one line", MULTI,
     HEAD "1,a,p\n2,\"b,q\n3,c,p\n4,\"d\",p\n", 0,
     "1|a|p\n!3 a quoted cell is not closed\n3|c|p\n4|d|p\n"},
    {"a quote that is never closed, none follows", MULTI, HEAD "1,a,p\n2,\"b,q\n3,c,p\n4,d,p", 0,
     "1|a|p\n!3 a quoted cell is not closed\n3|c|p\n4|d|p\n"},
    {"a quote that is never closed in the last line", MULTI, HEAD "1,a,p\n2,\"b,q\n", 0,
     "1|a|p\n!3 a quoted cell is not closed\n"},
    {"text behind a quote", MULTI, HEAD "1,\"a\"b,p\n2,b,p\n", 0,
     "!2 text stands behind a closing quote\n2|b|p\n"},
    {"a carriage return alone behind a quote", MULTI, HEAD "1,\"a\"\r,p\n2,b,p\n", 0,
     "!2 text stands behind a closing quote\n2|b|p\n"},
    {"quotes inside a cell mean nothing", MULTI, HEAD "1,5\" disk,p\n2,say \"b\",p\n3, \"c,p\n", 0,
     "1|5\" disk|p\n2|say \"b\"|p\n3| \"c|p\n"},
    {"only quotes", MULTI, HEAD "\"\"\"\",\"\"\"\"\"\",\n", 0, "\"|\"\"|-\n"},
    {"an open quote, longer than a record may be", "input=csv field=l:multi max-line=1024",
     HEAD "1,\"a,p\n2," X128 ",p\n3," X128 X128 X128 X128 ",p\n4," X128 X128 X128 X128
          ",p\n5,e,p\n",
     0,
     "!2 a quoted cell is not closed\n2|" X128 "|p\n3|" X128 X128 X128 X128
     "|p\n4|" X128 X128 X128 X128 "|p\n5|e|p\n"},
    {"a longer row than allowed", "input=csv field=l:multi max-line=1024",
     HEAD "1," X1K ",p\n2,b,p\n", 0, "!2 a record of more than 1024 bytes\n2|b|p\n"},

    {"broken UTF-8", MULTI, HEAD "1,caf\xE9,\xFC|p\n", 0, "1|caf" FFFD "|" FFFD ",p~2\n"},
    {"broken UTF-8 and doubled quotes", MULTI, HEAD "1,\"\xE9\"\"\xE9\",\"p\"\"\"\n", 0,
     "1|" FFFD "\"" FFFD "|p\"~2\n"},
    {"Latin-1", "input=csv field=l:multi encoding=LATIN1", HEAD "1,caf\xE9,\xFC\n", 0,
     "1|caf\xC3\xA9|\xC3\xBC\n"},
    {"semicolons", MULTI, "id;text;l\n1;a;p\n", 0, "!!3 1 --separator ';'\n"},
    {"semicolons, told", "input=csv field=l:multi separator=;", "id;text;l\n1;\"a;\";p\n", 0,
     "1|a;|p\n"},
    {"tabs", "input=tsv field=l:multi", "text\tid\tl\nx, y\t1\tp\n\"x\ty\"\t2\tp|q\n", 0,
     "1|x, y|p\n2|x\ty|p,q\n"},
    {"tabs, told for CSV", "input=csv field=l:multi separator=\\t", "text\tid\tl\nx, y\t1\tp\n", 0,
     "1|x, y|p\n"},
    {"tabs, and quotes that quote nothing", "input=tsv field=l:multi",
     "id\ttext\tl\n1\t\"a\tp\n2\t\"b\" c\tp\n3\t\"d\te\"\tp\n4\t\"f\"\"\"\t\"p\"\n5\t\"g\tp\n", 0,
     "1|\"a|p\n2|\"b\" c|p\n3|d\te|p\n4|f\"|p\n5|\"g|p\n"},
    {"two columns of one name", MULTI, "id,text,l,text\n1,a,p,b\n", 0,
     "!!3 1 header: two columns are called 'text'\n"},
    {"two columns of one name that nobody reads", MULTI, "n,id,text,l,n,,\n5,1,a,p,6,,\n", 0,
     "1|a|p\n"},
    {"blank lines before the header", MULTI, "\n \r\n" HEAD "1,a,p\n2,b\n", 0,
     "1|a|p\n!5 2 columns\n"},
    {"lines that end in a carriage return alone", MULTI, "id,text,l\r1,a,p\r", 0,
     "!!3 1 carriage return alone\n"},
    {"no column of text", MULTI, "id,body,l\n1,a,p\n", 0,
     "!!3 1 no column 'text': name the text with --segments; columns: id, body, l\n"},
    {"the quotes of the header", MULTI, "id,\"text,l\n1,a,p\n", 0,
     "!!3 1 header: a quoted cell is not closed\n"},
    {"the field is not there", "input=csv field=m", HEAD "1,a,p\n", 0,
     "!!3 0 no document has the field 'm'; keys seen: l\n"},
    {"told by a bar in a cell", "input=csv field=l", HEAD "1,a,p\n2,b,p|q\n", 0,
     "1|a|p\n2|b|p,q\n"},
    {"no bar in any cell", "input=csv field=l", HEAD "1,a,p\n2,b,q\n", 0, "1|a|p\n2|b|q\n"},
};

/* ---- random tables ---- */

static void random_cell(struct random *r, struct buffer *cell)
{
    static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", "\r", " ", "\xC3\xA9", "|"};
    buffer_clear(cell);
    for (uint64_t n = random_below(r, 6); n > 0; n--)
        buffer_text(cell, pieces[random_below(r, sizeof pieces / sizeof *pieces)]);
}

/* Quoted where it must be, and sometimes where it need not be. */
static void write_cell(struct random *r, struct buffer *out, const struct buffer *cell, int is_last)
{
    int quoted = random_below(r, 3) == 0;
    for (size_t i = 0; i < cell->n; i++)
        quoted |= strchr("\",\r\n", cell->bytes[i]) != NULL;
    if (quoted)
        buffer_byte(out, '"');
    for (size_t i = 0; i < cell->n; i++) {
        if (quoted && cell->bytes[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, cell->bytes[i]);
    }
    if (quoted)
        buffer_byte(out, '"');
    buffer_text(out, !is_last ? "," : random_below(r, 2) == 0 ? "\n" : "\r\n");
}

static void random_tables(void **state)
{
    (void)state;
    char path[] = "/tmp/sikap-corpus-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    static const char *const segments[] = {"text", "more"};
    const struct corpus_request request = {.wants_text = 1, .segments = segments, .n_segments = 2};
    const char *const paths[] = {path};
    struct corpus_options options;
    set_options(&options, "input=csv");
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct random r;
        random_seed(&r, seed, 0);
        struct buffer file = {0}, expected = {0}, cell = {0}, out = {0};
        buffer_text(&file, "id,text,more\n");
        const size_t n = 1 + random_below(&r, 30);
        for (size_t i = 0; i < n; i++) {
            buffer_format(&file, "%zu,", i);
            buffer_format(&expected, "%zu", i);
            for (int k = 0; k < 2; k++) {
                random_cell(&r, &cell);
                write_cell(&r, &file, &cell, k == 1);
                buffer_byte(&expected, '|');
                buffer_bytes(&expected, cell.bytes, cell.n);
            }
            buffer_byte(&expected, '\n');
        }
        write_bytes(path, file.bytes, file.n);
        buffer_byte(&expected, '\0');
        read_corpus(&out, paths, 1, &options, &request, 1 + random_below(&r, 200), expected.bytes);
        buffer_byte(&out, '\0');
        assert_string_equal(out.bytes, expected.bytes);
        buffer_free(&file);
        buffer_free(&expected);
        buffer_free(&cell);
        buffer_free(&out);
    }
    option_clear(&corpus_option_table, &options);
    unlink(path);
}

/* Whatever part of the bytes is there, a record's end is the one found in all of them, or not found
 * yet; and records tile the bytes. */
static void cuts(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\"", "\"\"", ",", "\n", "\r", "a", "\",", "\"\n"};
    const struct corpus_file file = {.format = CORPUS_CSV, .separator = ','};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct random r;
        random_seed(&r, seed, 1);
        struct buffer b = {0};
        for (uint64_t n = 1 + random_below(&r, 20); n > 0; n--)
            buffer_text(&b, pieces[random_below(&r, sizeof pieces / sizeof *pieces)]);
        for (size_t at = 0; at < b.n;) {
            const size_t whole = format_csv.cut(&file, b.bytes + at, b.n - at, 0, 1);
            assert_in_range(whole, 1, b.n - at);
            for (size_t n = 1; n < b.n - at; n++) {
                char *part = malloc(n); /* of its own, so that reading past it is seen */
                memcpy(part, b.bytes + at, n);
                const size_t end = format_csv.cut(&file, part, n, 0, 0);
                free(part);
                if (end != 0 && end != whole)
                    fail_msg("seed %zu: %zu of %zu bytes give %zu, all give %zu", (size_t)seed, n,
                             b.n - at, end, whole);
            }
            at += whole;
        }
        buffer_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_tables), cmocka_unit_test(cuts)};
    const int failed = run_table("csv", cases, sizeof cases / sizeof *cases);
    return failed + cmocka_run_group_tests_name("csv, random", tests, NULL, NULL);
}
