/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through the whole of predict, and as a label file through eval. The first byte chooses
 * the model and the options; what stands behind the first byte 0xFE, if any, is a second file,
 * whose labels the first is compared with. What must hold: a line of JSON for every document, each
 * document labelled or reported, and the same lines for two threads. */
#include "fuzz.h"

#include <string.h>

#include "sikap.h"

enum { SECOND_FILE = 0xFE, N_MODELS = 3 };

static sikap_model *models[N_MODELS];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const paths[N_MODELS] = {
        FUZZ_MODELS "/words.sikap", FUZZ_MODELS "/apart.sikap", FUZZ_MODELS "/targets.sikap"};
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < N_MODELS; i++)
        FUZZ_CHECK(sikap_model_load(&models[i], paths[i], NULL) == 0);
    return 0;
}

static void count_problem(void *context, const sikap_error *problem)
{
    FUZZ_CHECK(problem->code == SIKAP_DATA && problem->message[0] != '\0');
    ++*(uint64_t *)context;
}

static int predict(const sikap_model *model, const char *path, const sikap_options *options,
                   struct buffer *out)
{
    uint64_t n_problems = 0;
    sikap_counts counts;
    sikap_error err = {0};
    const sikap_watch watch = {.context = &n_problems, .problem = count_problem};
    const int status =
        sikap_predict(model, &path, 1, options, &watch, fuzz_collect, out, &counts, &err);
    /* A table without a column of text asks for --segments. */
    FUZZ_CHECK(status == 0 || status == SIKAP_DATA || status == SIKAP_USAGE);
    FUZZ_CHECK(status == 0 || err.message[0] != '\0');
    /* One for each document that was skipped, and one that tells how many were repaired. */
    FUZZ_CHECK(status != 0 || counts.n_skipped + (counts.n_repaired > 0) == n_problems);
    FUZZ_CHECK(status != 0 || fuzz_json_lines(out) == counts.n_documents);
    return status;
}

static void set(sikap_options *options, const char *name, const char *value)
{
    FUZZ_CHECK(sikap_options_set(options, name, value, NULL) == 0);
}

static void evaluate(const char *predictions, const char *gold)
{
    sikap_options *options;
    sikap_evaluation *evaluation;
    sikap_error err = {0};
    FUZZ_CHECK(sikap_options_new(&options, NULL) == 0);
    set(options, "field", "topic");
    set(options, "input", "jsonl");
    set(options, "bootstrap", "10");
    const int status =
        sikap_evaluate_predictions(&evaluation, predictions, &gold, 1, options, NULL, &err);
    FUZZ_CHECK(status == 0 || (evaluation == NULL && err.message[0] != '\0'));
    FUZZ_CHECK(status == 0 || status == SIKAP_DATA || status == SIKAP_USAGE);
    struct buffer out = {0};
    if (status == 0) {
        FUZZ_CHECK(sikap_evaluation_text(evaluation, 80, fuzz_collect, &out, NULL) == 0);
        buffer_clear(&out);
        FUZZ_CHECK(sikap_evaluation_json(evaluation, fuzz_collect, &out, NULL) == 0);
        FUZZ_CHECK(fuzz_json_lines(&out) == 1);
    }
    buffer_free(&out);
    sikap_evaluation_free(evaluation);
    sikap_options_free(options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    const unsigned choice = fuzz_byte(&in);
    const uint8_t *mark = in.n == 0 ? NULL : memchr(in.at, SECOND_FILE, in.n);
    if (mark != NULL) {
        const char *predictions = fuzz_file(0, in.at, (size_t)(mark - in.at));
        evaluate(predictions, fuzz_file(1, mark + 1, (size_t)(in.at + in.n - mark - 1)));
        return 0;
    }
    const char *path = fuzz_file(0, in.at, in.n);
    struct buffer one = {0}, two = {0};
    sikap_options *options;
    FUZZ_CHECK(sikap_options_new(&options, NULL) == 0);
    set(options, "max-line", "4096");
    if (choice & 4)
        set(options, "scores", NULL);
    if (choice & 8)
        set(options, "top", "2");
    if (choice & 16)
        set(options, "input", choice & 32 ? "csv" : "jsonl");
    set(options, "threads", "1");
    const int status = predict(models[choice % N_MODELS], path, options, &one);
    if (choice & 64) { /* not always: threads are slow */
        set(options, "threads", "2");
        FUZZ_CHECK(predict(models[choice % N_MODELS], path, options, &two) == status);
        FUZZ_CHECK(status != 0 ||
                   (one.n == two.n && (one.n == 0 || memcmp(one.bytes, two.bytes, one.n) == 0)));
    }
    sikap_options_free(options);
    buffer_free(&one);
    buffer_free(&two);
    return 0;
}
