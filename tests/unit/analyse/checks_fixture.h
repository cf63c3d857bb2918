/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluations with a known number of right answers, and a baseline file beside them. */
#ifndef TEST_ANALYSE_CHECKS_FIXTURE_H
#define TEST_ANALYSE_CHECKS_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "model/evaluation_fixture.h"
#include "sikap_analyse.h"

/* A single field "s" over labels a and b: `n` documents, gold a, the first n_right labelled so. */
static inline sikap_evaluation *fixture_single(size_t n, size_t n_right, size_t bootstrap)
{
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "s", 0, n, 2);
    for (size_t i = 0; i < n; i++) {
        f->gold[2 * i] = 1;
        f->chosen[2 * i + (i < n_right ? 0 : 1)] = 1;
    }
    return fixture_evaluate(&d, bootstrap, 1);
}

static inline void fixture_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

#endif
