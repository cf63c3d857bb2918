/* SPDX-License-Identifier: Apache-2.0 */
/* Label files against each other. References: Krippendorff's own example (2011), scikit-learn's
 * cohen_kappa_score, alpha from a coincidence matrix in numpy, and counts by hand. */
#include "analyse/files_fixture.h"

#include "analyse/agree.h"
#include "base/error.h"

static void note_problem(void *context, const sikap_error *problem)
{
    buffer_text(context, problem->message);
    buffer_byte(context, '\n');
}

static sikap_agreement *agree(size_t n_files, const char *field, const char *bootstrap,
                              const char *group, struct buffer *notes, sikap_error *err)
{
    const sikap_watch watch = {.context = notes, .problem = note_problem};
    const char *files[N_FILES];
    sikap_options *options;
    sikap_agreement *a;
    for (int i = 0; i < N_FILES; i++)
        files[i] = paths[i];
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    sikap_options_set(options, "input", "jsonl", NULL);
    sikap_options_set(options, "field", field, NULL);
    sikap_options_set(options, "bootstrap", bootstrap, NULL);
    if (group != NULL)
        sikap_options_set(options, "group", group, NULL);
    memset(err, 0, sizeof *err);
    const int status = sikap_agree(&a, files, n_files, options, &watch, err);
    assert_int_equal(status, err->code);
    assert_true((status == 0) == (a != NULL));
    sikap_options_free(options);
    return a;
}

/* One letter per document: its label; '.': not annotated, '-': not in the file. */
static void write_codes(int file, const char *codes)
{
    struct buffer b = {0};
    for (size_t i = 0; codes[i] != '\0'; i++)
        if (codes[i] == '.')
            buffer_format(&b, "{\"id\":\"d%zu\",\"t\":null}\n", i);
        else if (codes[i] != '-')
            buffer_format(&b, "{\"id\":\"d%zu\",\"t\":\"%c\"}\n", i, codes[i]);
    write_file(file, &b);
}

/* Several letters per document: "xy x - y": '0': none of the labels. */
static void write_sets(int file, const char *sets)
{
    struct buffer b = {0};
    for (size_t i = 0; *sets != '\0'; i++) {
        if (*sets == '.')
            buffer_format(&b, "{\"id\":\"d%zu\"", i);
        else if (*sets != '-')
            buffer_format(&b, "{\"id\":\"d%zu\",\"t\":[", i);
        const int is_set = *sets != '.' && *sets != '-', is_there = *sets != '-';
        for (int n = 0; *sets != ' ' && *sets != '\0'; sets++)
            if (is_set && *sets != '0')
                buffer_format(&b, "%s\"%c\"", n++ > 0 ? "," : "", *sets);
        buffer_text(&b, is_set ? "]}\n" : is_there ? "}\n" : "");
        sets += *sets == ' ';
    }
    write_file(file, &b);
}

static const struct agree_label *label(const struct agree_field *f, const char *name)
{
    for (size_t l = 0; l < f->n_labels; l++)
        if (strcmp(f->labels[l], name) == 0)
            return &f->by_label[l];
    fail_msg("no label '%s'", name);
    return NULL;
}

static char *table(const sikap_agreement *a)
{
    struct buffer b = {0};
    assert_int_equal(sikap_agreement_text(a, 80, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static char *json(const sikap_agreement *a)
{
    struct buffer b = {0};
    assert_int_equal(sikap_agreement_json(a, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static void krippendorffs_example(void **state)
{
    (void)state;
    write_codes(0, "123321412...");
    write_codes(1, "1233224125.3"); /* the last is nobody else's */
    write_codes(2, ".3332342251-");
    write_codes(3, "12332441251.");
    struct buffer notes = {0};
    sikap_error err;
    sikap_agreement *a = agree(4, "t", "0", NULL, &notes, &err);
    if (a == NULL)
        fail_msg("%s", err.message);
    const struct agree_field *f = &a->fields[0];
    assert_false(f->is_multi);
    assert_int_equal(f->n_documents, 11);
    assert_near(f->alpha.value, 0.743421052631579);
    assert_near(label(f, "1")->alpha.value, 0.7204301075268815);
    assert_near(label(f, "2")->alpha.value, 0.6666666666666667);
    assert_near(label(f, "3")->alpha.value, 0.74);
    assert_near(label(f, "4")->alpha.value, 0.7771428571428571);
    assert_near(label(f, "5")->alpha.value, 1);
    assert_int_equal(f->n_pairs, 6);
    assert_near(f->pairs[0].kappa, 0.8448275862068966);
    assert_near(f->pairs[1].kappa, 0.4782608695652174);
    assert_near(f->pairs[5].kappa, 0.6153846153846154);
    assert_near(f->kappa, 0.7001626371070886); /* mean of the six */
    buffer_byte(&notes, '\0');
    assert_has(notes.bytes, "1 of 12 documents are missing: 'd11'\n");
    sikap_agreement_free(a);
    buffer_free(&notes);
}

static void two_coders_single(void **state)
{
    (void)state;
    write_codes(0, "ppqqrrpqrp");
    write_codes(1, "pqqqrppqrr");
    struct buffer notes = {0};
    sikap_error err;
    sikap_agreement *a = agree(2, "t", "0", NULL, &notes, &err);
    if (a == NULL)
        fail_msg("%s", err.message);
    const struct agree_field *f = &a->fields[0];
    assert_near(f->kappa, 0.5522388059701492);
    assert_near(f->alpha.value, 0.5714285714285714);
    assert_near(f->alike.value, 0.7);
    /* Only p: documents 1, 9 by the first, 5 by the second. */
    assert_int_equal(label(f, "p")->only[0], 2);
    assert_int_equal(label(f, "p")->only[1], 1);
    assert_int_equal(label(f, "p")->both, 2);
    assert_int_equal(label(f, "p")->neither, 5);
    assert_near(label(f, "p")->f1.value, 4.0 / 7);
    assert_int_equal(f->n_confused, 3);
    assert_int_equal(notes.n, 0);
    char *text = table(a);
    assert_has(text, "t: single, 10 documents labelled by both\n");
    assert_has(text, "same label, share of documents      0.700\n");
    assert_has_not(text, "interval\nsame"); /* --bootstrap 0 */
    memory_free(text);
    sikap_agreement_free(a);
}

static void two_coders_multi(void **state)
{
    (void)state;
    write_sets(0, "x xy 0 y . x");
    write_sets(1, "x x y y x -");
    struct buffer notes = {0};
    sikap_error err;
    sikap_agreement *a = agree(2, "t", "0", NULL, &notes, &err);
    if (a == NULL)
        fail_msg("%s", err.message);
    const struct agree_field *f = &a->fields[0];
    assert_int_equal(f->n_documents, 4);
    const struct agree_label *x = label(f, "x"), *y = label(f, "y");
    assert_near(x->alpha.value, 1);
    assert_near(x->kappa, 1);
    assert_int_equal(x->both, 2);
    assert_int_equal(x->neither, 2);
    assert_near(y->observed, 0.5);
    assert_near(y->kappa, 0);
    assert_near(y->alpha.value, 0.125); /* 1 - (1/2) / (1 - 24/56) */
    assert_near(y->f1.value, 0.5);
    assert_int_equal(y->only[0], 1);
    assert_int_equal(y->only[1], 1);
    assert_near(f->alike.value, 0.5);
    assert_near(f->observed, 0.75);
    assert_near(f->f1.value, 0.75);
    assert_near(f->alpha.value, 0.5625);
    assert_near(f->kappa, 0.5);
    assert_int_equal(f->n_confused, 0); /* never one label in place of another */
    struct buffer lines = {0};
    assert_int_equal(sikap_agreement_disagreements(a, fixture_append, &lines, NULL), 0);
    buffer_byte(&lines, '\0');
    assert_string_equal(lines.bytes,
                        "{\"id\":\"d1\",\"field\":\"t\",\"given\":[[\"x\",\"y\"],[\"x\"]]}\n"
                        "{\"id\":\"d2\",\"field\":\"t\",\"given\":[[],[\"y\"]]}\n");
    buffer_free(&lines);
    sikap_agreement_free(a);
    buffer_free(&notes);
}

static void nothing_to_agree_about(void **state)
{
    (void)state;
    write_sets(0, "x x x");
    write_sets(1, "x x x");
    struct buffer notes = {0};
    sikap_error err;
    sikap_agreement *a = agree(2, "t", "100", NULL, &notes, &err);
    assert_non_null(a);
    const struct agree_field *f = &a->fields[0];
    assert_true(isnan(f->alpha.value) && isnan(f->kappa) && isnan(label(f, "x")->alpha.value));
    assert_near(f->alike.value, 1);
    assert_int_equal(f->alike.state, INTERVAL_FEW_UNITS);
    char *text = json(a);
    assert_has(text, "\"alpha\":{\"value\":null,\"interval\":{\"none\":\"few-units\"}}");
    memory_free(text);
    sikap_agreement_free(a);
}

/* 40 documents: x is common and disputed, z is in three of them. */
static void intervals_where_honest(void **state)
{
    (void)state;
    struct buffer files[2] = {{0}}, notes = {0};
    sikap_error err;
    for (size_t i = 0; i < 40; i++)
        for (int c = 0; c < 2; c++) {
            const int x = i % 2 == 0 && !(c == 1 && i % 10 == 0), z = i < 3;
            buffer_format(&files[c], "{\"id\":\"%zu\",\"g\":\"%zu\",\"t\":[%s%s%s]}\n", i, i / 8,
                          x ? "\"x\"" : "", x && z ? "," : "", z ? "\"z\"" : "");
        }
    write_file(0, &files[0]);
    write_file(1, &files[1]);
    sikap_agreement *a = agree(2, "t", "500", NULL, &notes, &err);
    assert_non_null(a);
    const struct agree_field *f = &a->fields[0];
    const struct agree_figure *alpha = &label(f, "x")->alpha;
    assert_int_equal(alpha->state, INTERVAL_GIVEN);
    assert_true(alpha->interval.low < alpha->value && alpha->value < alpha->interval.high);
    assert_int_equal(label(f, "z")->alpha.state, INTERVAL_RARE_LABEL);
    assert_int_equal(f->alpha.state, INTERVAL_RARE_LABELS);
    assert_int_equal(f->alike.state, INTERVAL_GIVEN);
    assert_int_equal(f->n_units, 40);
    sikap_agreement_free(a);
    a = agree(2, "t", "500", "g", &notes, &err);
    assert_non_null(a);
    assert_int_equal(a->fields[0].n_units, 5);
    assert_int_equal(a->fields[0].alike.state, INTERVAL_FEW_UNITS);
    sikap_agreement_free(a);
    a = agree(2, "t", "500", "nothing", &notes, &err);
    assert_null(a);
    assert_string_equal(err.message, "--group: no document has the key 'nothing'");
    buffer_free(&notes);
}

static void what_is_given_in_place(void **state)
{
    (void)state;
    write_sets(0, "a a ab c a");
    write_sets(1, "b b bc c a");
    struct buffer notes = {0};
    sikap_error err;
    sikap_agreement *a = agree(2, "t", "0", NULL, &notes, &err);
    assert_non_null(a);
    const struct agree_field *f = &a->fields[0];
    assert_int_equal(f->n_confused, 2);
    assert_string_equal(f->labels[f->confused[0].labels[0]], "a");
    assert_string_equal(f->labels[f->confused[0].labels[1]], "b");
    assert_int_equal(f->confused[0].n, 2);
    assert_int_equal(f->confused[1].n, 1); /* ab, bc: a for c */
    sikap_agreement_free(a);
}

static void what_does_not_fit(void **state)
{
    (void)state;
    struct buffer notes = {0};
    sikap_error err;
    write_sets(0, "x - x");
    write_sets(1, "- x -");
    assert_null(agree(2, "t", "0", NULL, &notes, &err));
    assert_int_equal(err.code, SIKAP_DATA);
    assert_has(err.message, "no document has the field 't' in two of the files");
    write_codes(0, "xy");
    write_sets(1, "x xy");
    assert_null(agree(2, "t:single", "0", NULL, &notes, &err));
    assert_int_equal(err.code, SIKAP_DATA);
    assert_has(err.message, "document 'd1' has 2 labels in the single field 't', expected 1");
    assert_null(agree(1, "t", "0", NULL, &notes, &err));
    assert_int_equal(err.code, SIKAP_USAGE);
    buffer_free(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(krippendorffs_example),  cmocka_unit_test(two_coders_single),
        cmocka_unit_test(two_coders_multi),       cmocka_unit_test(nothing_to_agree_about),
        cmocka_unit_test(intervals_where_honest), cmocka_unit_test(what_is_given_in_place),
        cmocka_unit_test(what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
