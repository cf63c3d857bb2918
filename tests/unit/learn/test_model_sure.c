/* SPDX-License-Identifier: Apache-2.0 */
/* The section of certainties and calibration curves: what is saved comes back, what cannot be is
 * refused. */
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

#include "model/model.h"
#include "sikap_train.h"

static char corpus_path[] = "/tmp/sikap-test-XXXXXX";
static char model_path[64];

static int set_up(void **state)
{
    (void)state;
    const int fd = mkstemp(corpus_path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (f == NULL)
        return -1;
    for (int i = 0; i < 60; i++)
        fprintf(f, "{\"id\":\"%d\",\"text\":\"w%d w%d %s\",\"topic\":[%s]}\n", i, i % 7, i % 11,
                i % 2 ? "sanksi" : "bola",
                i % 2   ? "\"sanctions\""
                : i % 3 ? "\"sport\""
                        : "");
    snprintf(model_path, sizeof model_path, "%s.sikap", corpus_path);
    return fclose(f);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(corpus_path);
    unlink(model_path);
    return 0;
}

static sikap_model *train(const char *calibration)
{
    sikap_options *o;
    sikap_model *m;
    sikap_error err = {0};
    const char *corpus = corpus_path;
    assert_int_equal(sikap_options_new(&o, &err), 0);
    assert_int_equal(sikap_options_set(o, "field", "topic:multi", &err), 0);
    assert_int_equal(sikap_options_set(o, "calibrate", calibration, &err), 0);
    if (sikap_train(&m, &corpus, 1, o, NULL, NULL, &err) != 0)
        fail_msg("%s", err.message);
    sikap_options_free(o);
    return m;
}

static void what_is_saved_comes_back(void **state)
{
    (void)state;
    static const char *const kinds[] = {"no", "platt", "isotonic"};
    for (size_t k = 0; k < 3; k++) {
        sikap_model *m = train(kinds[k]), *loaded;
        assert_int_equal(sikap_model_save(m, model_path, NULL), 0);
        assert_int_equal(sikap_model_load(&loaded, model_path, NULL), 0);
        assert_int_equal(loaded->curves[0].n > 0, k == 2);
        for (float f = -3; f < 3; f += 0.25f) {
            const float scores[2] = {f, -f};
            double p[2], q[2];
            sikap_probabilities(m, scores, p);
            sikap_probabilities(loaded, scores, q);
            assert_memory_equal(p, q, sizeof p);
        }
        for (double coverage = 0; coverage <= 1; coverage += 0.125) {
            const double a = sikap_model_certainty(m, 0, coverage),
                         b = sikap_model_certainty(loaded, 0, coverage);
            assert_true(k == 0 ? isnan(a) && isnan(b) : a == b && a >= 0 && a <= 1);
        }
        sikap_model_free(m);
        sikap_model_free(loaded);
    }
}

/* Each damage is written by our own writer, checksums and all. */
static void damage(sikap_model *m, int kind)
{
    struct curve *c = &m->curves[0];
    double *certainty = m->fields[0].certainty;
    switch (kind) {
    case 0:
        c->score[1] = c->score[0];
        break;
    case 1:
        c->score[0] = NAN;
        break;
    case 2:
        c->probability[0] = 1.5;
        break;
    case 3:
        c->probability[0] = NAN;
        break;
    case 4:
        c->probability[c->n - 1] = 0;
        break;
    case 5:
        certainty[3] = certainty[4] + 1;
        break;
    case 6:
        certainty[0] = NAN;
        break;
    case 7:
        certainty[100] = INFINITY;
        break;
    }
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < 8; kind++) {
        sikap_model *m = train("isotonic"), *loaded;
        sikap_error err = {0};
        assert_true(m->curves[0].n > 1);
        damage(m, kind);
        assert_int_equal(sikap_model_save(m, model_path, &err), 0);
        if (sikap_model_load(&loaded, model_path, &err) != SIKAP_MODEL)
            fail_msg("damage %d was taken", kind);
        assert_non_null(
            strstr(err.message, kind < 5 ? "calibration is damaged" : "certainties are damaged"));
        sikap_model_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_saved_comes_back),
                                       cmocka_unit_test(what_cannot_be_is_refused)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
