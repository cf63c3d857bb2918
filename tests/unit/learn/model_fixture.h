/* SPDX-License-Identifier: Apache-2.0 */
/* A model of two labels, learnt from four documents, and an article to score. */
#ifndef TEST_LEARN_MODEL_FIXTURE_H
#define TEST_LEARN_MODEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sikap_train.h"

static char corpus_path[] = "/tmp/sikap-test-XXXXXX";
static char model_path[64], other_path[64]; /* as it was saved; what a test makes of it */

static const char documents[] =
    "{\"id\":\"1\",\"text\":\"sanksi sepihak harus dicabut\",\"topic\":[\"sanctions\"]}\n"
    "{\"id\":\"2\",\"text\":\"perdamaian dan keamanan kawasan\",\"topic\":[\"security\"]}\n"
    "{\"id\":\"3\",\"text\":\"sanksi diperketat demi "
    "keamanan\",\"topic\":[\"sanctions\",\"security\"]}\n"
    "{\"id\":\"4\",\"text\":\"pertandingan bola semalam\",\"topic\":[]}\n";
static const sikap_segment article = {"text", "sanksi itu mengancam keamanan kawasan", 37};

static void train(const char *threads, const char *path)
{
    static const char *const options[][2] = {
        {"field", "topic:multi"}, {"ngrams", "1-2"}, {"threshold", "0"}, {"cost", "0.5"}};
    sikap_options *o;
    sikap_model *m;
    sikap_error err = {0};
    assert_int_equal(sikap_options_new(&o, &err), 0);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        assert_int_equal(sikap_options_set(o, options[i][0], options[i][1], &err), 0);
    assert_int_equal(sikap_options_set(o, "threads", threads, &err), 0);
    const char *corpus = corpus_path;
    if (sikap_train(&m, &corpus, 1, o, NULL, NULL, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(sikap_model_save(m, path, &err), 0);
    sikap_model_free(m);
    sikap_options_free(o);
}

static int set_up(void **state)
{
    (void)state;
    const int fd = mkstemp(corpus_path);
    if (fd < 0 || write(fd, documents, sizeof documents - 1) != (ssize_t)(sizeof documents - 1))
        return -1;
    close(fd);
    snprintf(model_path, sizeof model_path, "%s.sikap", corpus_path);
    snprintf(other_path, sizeof other_path, "%s.other", corpus_path);
    train("1", model_path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(corpus_path);
    unlink(model_path);
    unlink(other_path);
    return 0;
}

static void score(const sikap_model *m, float scores[2])
{
    sikap_scorer *s;
    sikap_error err;
    assert_int_equal(sikap_scorer_new(&s, m, &err), 0);
    assert_int_equal(sikap_model_n_all_labels(m), 2);
    assert_int_equal(sikap_score(s, &article, 1, scores, &err), 0);
    sikap_scorer_free(s);
}

#endif
