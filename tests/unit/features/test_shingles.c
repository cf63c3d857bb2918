/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as the same text: sets of word pairs, counted by hand. */
#include "features/shingles.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "corpus/corpus.h"

static struct text text_of(const char *text)
{
    return (struct text){text, text == NULL ? 0 : strlen(text)};
}

static void add(struct shingles *rows, struct shingler *s, const char *title, const char *text)
{
    const struct text segments[] = {text_of(title), text_of(text)};
    size_t first, n;
    assert_int_equal(shingler_add(s, segments, 2, &first, &n, NULL), 0);
    assert_int_equal(shingles_append(rows, s->items + first, n), 0);
}

static const struct {
    const char *what, *a, *b;
    size_t n_a, n_b;
    double similarity;
} PAIRS[] = {
    {"the same", "sanctions are not lawful", "sanctions are not lawful", 3, 3, 1},
    {"case and punctuation", "Sanctions: are NOT lawful!", "sanctions are not lawful", 3, 3, 1},
    {"full-width letters",
     "\xef\xbc\xb3"
     "anctions are",
     "sanctions are", 1, 1, 1},
    {"one word of four changed", "a b c d", "a b x d", 3, 3, 1.0 / 5},
    {"a word behind", "a b c d", "a b c d e", 3, 4, 3.0 / 4},
    {"another order", "a b c", "c b a", 2, 2, 0},
    {"a pair that is repeated counts once", "a b a b a b", "a b a", 2, 2, 1},
    {"a short text in a long one", "a b c", "a b c d e f g h i", 2, 8, 2.0 / 8},
    {"single words", "peace", "Peace!", 1, 1, 1},
    {"a single word is not a pair", "peace", "peace now", 1, 1, 0},
    {"no word at all", "", "", 0, 0, 0},
    {"only punctuation", "... !!", "... !!", 0, 0, 0},
};

static void similarity_is_shared_pairs(void **state)
{
    (void)state;
    struct shingler *s;
    assert_int_equal(shingler_new(&s, NULL), 0);
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        struct shingles rows = {0};
        add(&rows, s, NULL, PAIRS[i].a);
        add(&rows, s, NULL, PAIRS[i].b);
        if (shingles_n(&rows, 0) != PAIRS[i].n_a || shingles_n(&rows, 1) != PAIRS[i].n_b ||
            fabs(shingles_similarity(&rows, 0, 1) - PAIRS[i].similarity) > 1e-12)
            fail_msg("%s: %zu and %zu pairs, similarity %g", PAIRS[i].what, shingles_n(&rows, 0),
                     shingles_n(&rows, 1), shingles_similarity(&rows, 0, 1));
        shingles_free(&rows);
        shingler_clear(s);
    }
    shingler_free(s);
}

/* Pairs do not cross from title to text; single words count only where no segment has a pair. */
static void segments_are_kept_apart(void **state)
{
    (void)state;
    struct shingler *s;
    struct shingles rows = {0};
    assert_int_equal(shingler_new(&s, NULL), 0);
    add(&rows, s, "one two", "three four");
    add(&rows, s, "one", "two three");
    add(&rows, s, "one", "two");
    add(&rows, s, NULL, NULL);
    const size_t expected[] = {2, 1, 2, 0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(shingles_n(&rows, i), expected[i]);
    for (size_t row = 0; row < 4; row++) /* ascending and distinct */
        for (size_t k = rows.start[row] + 1; k < rows.start[row + 1]; k++)
            assert_true(rows.items[k - 1] < rows.items[k]);
    shingles_free(&rows);
    shingler_free(s);
}

/* An overlap that cannot be reached is told to be less, one that is there is exact. */
static void overlap_may_give_up(void **state)
{
    (void)state;
    struct shingles rows = {0};
    uint32_t even[400], third[400];
    for (uint32_t i = 0; i < 400; i++) {
        even[i] = 2 * i;
        third[i] = 3 * i;
    }
    assert_int_equal(shingles_append(&rows, even, 400), 0);
    assert_int_equal(shingles_append(&rows, third, 400), 0);
    /* Multiples of 6 below 800: 134. */
    assert_int_equal(shingles_overlap(&rows, 0, 1, 0), 134);
    assert_int_equal(shingles_overlap(&rows, 0, 1, 134), 134);
    assert_true(shingles_overlap(&rows, 0, 1, 135) < 135);
    assert_true(shingles_overlap(&rows, 0, 1, 400) < 400);
    shingles_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similarity_is_shared_pairs),
        cmocka_unit_test(segments_are_kept_apart),
        cmocka_unit_test(overlap_may_give_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
