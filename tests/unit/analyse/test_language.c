/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyse/language.h"

static const struct {
    const char *text, *expected;
} cases[] = {
    {"", "unknown"},
    {"12 345 %%% !!", "unknown"},
    {"PBB", "unknown"},
    {"The council will meet on Tuesday to discuss the sanctions.", "en"},
    {"Sanksi sepihak itu tidak sah dan harus dicabut.", "id"},
    {"US weighs new oil sanctions", "en"},
    {"Menlu kecam serangan udara", "id"},
    {"MENLU KECAM SERANGAN UDARA DI GAZA", "id"},
    {"anak-anak, ibu-ibu dan orang-orang mengungsi", "id"},
    {"Le gouvernement a annoncé mardi que les négociations avec les partenaires européens "
     "reprendraient la semaine prochaine à Bruxelles.",
     "other"},
    {"Die Bundesregierung hat am Dienstag angekündigt, dass die Verhandlungen mit den europäischen "
     "Partnern in der kommenden Woche fortgesetzt werden sollen.",
     "other"},
    {"El presidente del gobierno declaró ayer que las negociaciones con los países vecinos "
     "continuarán durante los próximos meses.",
     "other"},
    {"Правительство объявило, что переговоры возобновятся на следующей неделе.", "other"},
    {"政府は火曜日、欧州のパートナーとの交渉を来週再開すると発表した。", "other"},
    {"أعلنت الحكومة يوم الثلاثاء أن المفاوضات ستستأنف الأسبوع المقبل", "other"},
    /* Names with accents do not make a text foreign, a quotation does not either. */
    {"President Lula met Mr. Müller and Ms. Peña in São Paulo to talk about the fund.", "en"},
    {"Presiden Erdoğan mengatakan bahwa Türkiye akan menjadi tuan rumah pertemuan itu.", "id"},
    /* A word without end counts for nothing, and hurts nobody. */
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "other"},
};

static void texts(void **state)
{
    (void)state;
    struct language_detector *d;
    assert_int_equal(language_detector_new(&d, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct language_evidence e = {0};
        language_add(d, &e, cases[i].text, strlen(cases[i].text));
        const char *got = language_name(language_decide(&e));
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("'%s': %s, expected %s", cases[i].text, got, cases[i].expected);
    }
    language_detector_free(d);
    language_detector_free(NULL);
}

/* Segments add up, and do not run into each other. */
static void segments(void **state)
{
    (void)state;
    struct language_detector *d;
    assert_int_equal(language_detector_new(&d, NULL), 0);
    struct language_evidence whole = {0}, parts = {0};
    const char text[] = "the sanctions of the council";
    language_add(d, &whole, text, strlen(text));
    language_add(d, &parts, text, 13);
    language_add(d, &parts, text + 14, strlen(text) - 14);
    assert_memory_equal(&whole, &parts, sizeof whole);
    assert_int_equal(whole.n_words, 5);
    assert_int_equal(whole.n_function_words[0], 3);
    assert_int_equal(whole.n_function_words[1], 0);
    assert_int_equal(whole.n_letters, 24);
    assert_int_equal(whole.n_pairs, 29);
    language_detector_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(segments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
