/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/agreement.h"

#include "cases.h"

static void kappa_agrees_with_scikit_learn(void **state)
{
    (void)state;
    uint32_t a[SINGLE_N + 2], b[SINGLE_N + 2];
    single_case(a, b);
    double kappa;
    assert_int_equal(agreement_kappa(&kappa, a, b, SINGLE_N, SINGLE_LABELS, NULL), 0);
    assert_near(kappa, 0.65177548682703323);
    /* What only one of them coded does not count. */
    a[SINGLE_N] = AGREEMENT_MISSING;
    b[SINGLE_N] = 1;
    a[SINGLE_N + 1] = 2;
    b[SINGLE_N + 1] = AGREEMENT_MISSING;
    assert_int_equal(agreement_kappa(&kappa, a, b, SINGLE_N + 2, SINGLE_LABELS, NULL), 0);
    assert_near(kappa, 0.65177548682703323);
}

static void no_variation_is_not_a_number(void **state)
{
    (void)state;
    const uint32_t codes[] = {1, 1, 1, 1};
    double out = 0;
    assert_int_equal(agreement_kappa(&out, codes, codes + 2, 2, 2, NULL), 0);
    assert_true(isnan(out));
    out = 0;
    assert_int_equal(agreement_alpha(&out, codes, 2, 2, 2, NULL), 0);
    assert_true(isnan(out));
    out = 0;
    assert_int_equal(agreement_kappa(&out, codes, codes, 0, 2, NULL), 0);
    assert_true(isnan(out));
    assert_int_equal(agreement_kappa(&out, codes, codes, 2, 1, NULL), SIKAP_DATA);
}

/* The worked example of Krippendorff (2011), part C: four observers, twelve units, nominal alpha
 * 0.743. From its coincidence matrix: 40 pairable values, observed disagreement 8/40, expected
 * 1216/1560, alpha = 1 - 0.2 / 0.7794871... */
static void alpha_of_the_published_example(void **state)
{
    (void)state;
    enum { X = -1 };
    static const int CODES[4][12] = {
        {1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X},
        {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3},
        {X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X},
        {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X},
    };
    uint32_t codes[48];
    for (size_t i = 0; i < 48; i++)
        codes[i] = CODES[i / 12][i % 12] == X ? AGREEMENT_MISSING : (uint32_t)CODES[i / 12][i % 12];
    double alpha;
    assert_int_equal(agreement_alpha(&alpha, codes, 4, 12, 6, NULL), 0);
    assert_near(alpha, 0.74342105263157898);
}

/* Krippendorff (2011), part A: two observers, ten units of 0 and 1, alpha 0.095; and by hand:
 * observed disagreement 8/20, expected 2 * 14 * 6 / (20 * 19), 1 - 0.4 / 0.442105... = 2/21. */
static void a_label_of_two_coders(void **state)
{
    (void)state;
    const uint8_t a[] = {0, 1, 0, 0, 0, 0, 0, 0, 1, 0};
    const uint8_t b[] = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0};
    struct label_agreement g;
    agreement_labels(&g, a, b, NULL, NULL, 10, 1);
    assert_int_equal(g.both, 1);
    assert_int_equal(g.only_a, 1);
    assert_int_equal(g.only_b, 3);
    assert_int_equal(g.neither, 5);
    assert_near(g.observed, 0.6);
    assert_near(g.alpha, 2.0 / 21);
    /* Chance: 0.2 * 0.4 + 0.8 * 0.6 = 0.56. */
    assert_near(g.kappa, 0.04 / 0.44);
    assert_near(g.f1, 1.0 / 3);
    uint32_t codes[20];
    for (size_t i = 0; i < 10; i++) {
        codes[i] = a[i];
        codes[10 + i] = b[i];
    }
    double alpha;
    assert_int_equal(agreement_alpha(&alpha, codes, 2, 10, 2, NULL), 0);
    assert_near(alpha, g.alpha);
}

static void documents_one_coder_skipped_do_not_count(void **state)
{
    (void)state;
    const uint8_t a[] = {1, 0, 0, 1, 1, 1}, b[] = {1, 0, 1, 1, 0, 0};
    const uint8_t has_a[] = {1, 1, 0}, has_b[] = {1, 1, 1};
    struct label_agreement g[2];
    agreement_labels(g, a, b, has_a, has_b, 3, 2);
    assert_int_equal(g[0].both, 1);
    assert_int_equal(g[0].only_b, 1);
    assert_int_equal(g[0].only_a, 0);
    assert_int_equal(g[1].both, 1);
    assert_int_equal(g[1].neither, 1);
    assert_near(g[1].kappa, 1);
    const uint8_t nobody[] = {0, 0, 0};
    agreement_labels(g, a, b, nobody, NULL, 3, 2);
    assert_true(isnan(g[0].kappa) && isnan(g[0].alpha));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kappa_agrees_with_scikit_learn),
        cmocka_unit_test(no_variation_is_not_a_number),
        cmocka_unit_test(alpha_of_the_published_example),
        cmocka_unit_test(a_label_of_two_coders),
        cmocka_unit_test(documents_one_coder_skipped_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
