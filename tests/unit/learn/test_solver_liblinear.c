/* SPDX-License-Identifier: Apache-2.0 */
/* LIBLINEAR behind its fence gives what its own command gives, for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "solver_fixture.h"

static struct pool *new_pool(size_t n_threads)
{
    struct pool *pool;
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    return pool;
}

static void train(struct fixture *f, const struct solver_settings *settings, size_t n_threads)
{
    struct pool *pool = new_pool(n_threads);
    sikap_error err = {0};
    if (liblinear_train(&f->problem, settings, pool, NULL, &f->solution, &err) != 0)
        fail_msg("%s", err.message);
    pool_free(pool);
}

/* ---- Debian's liblinear-train ------------------------------------------------------------------
 */

static const char tool[] = "/usr/bin/liblinear-train";

/* One line for each row whose target of the task is not 0; for kind 4 the number of its +1. */
static void write_svmlight(const char *path, const struct fixture *f, size_t task, int is_multi)
{
    const size_t n_tasks = f->problem.n_tasks;
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (size_t i = 0; i < f->problem.n_rows; i++) {
        const int8_t *y = f->targets + i * n_tasks;
        int label = y[task];
        for (size_t l = 0; is_multi && l < n_tasks; l++)
            if (y[l] > 0)
                label = (int)l + 1;
        if (label == 0)
            continue;
        fprintf(out, "%d", label);
        for (size_t k = f->x.start[i]; k < f->x.start[i + 1]; k++)
            fprintf(out, " %u:%.17g", (unsigned)f->x.columns[k] + 1, (double)f->x.values[k]);
        fprintf(out, "\n");
    }
    assert_int_equal(fclose(out), 0);
}

static void run_tool(int kind, const char *weight, const char *data, const char *model)
{
    char solver[8];
    snprintf(solver, sizeof solver, "%d", kind);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(tool, tool, "-q", "-s", solver, "-c", "2", "-B", "1.5", "-w1", weight, data, model,
              (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The numbers behind "w" into w[n], and those behind "label" into labels[2..]. */
static void read_model(const char *path, double *w, size_t n, long *labels, size_t n_labels)
{
    char text[1 << 16];
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    const size_t size = fread(text, 1, sizeof text - 1, in);
    assert_true(size > 0 && size < sizeof text - 1);
    text[size] = '\0';
    fclose(in);
    char *at = strstr(text, "\nlabel ");
    assert_non_null(at);
    at += strlen("\nlabel ");
    for (size_t l = 0; l < n_labels; l++)
        labels[l] = strtol(at, &at, 10);
    at = strstr(text, "\nw\n");
    assert_non_null(at);
    at += strlen("\nw\n");
    for (size_t c = 0; c < n; c++) {
        char *end;
        w[c] = strtod(at, &end);
        assert_ptr_not_equal(at, end);
        at = end;
    }
}

/* With seed 1 our generator draws what rand() draws in a fresh process, so the weights are the same
 * to the last digit of float32, dual solvers included. */
static void test_same_as_the_tool(void **state)
{
    (void)state;
    if (access(tool, X_OK) != 0) {
        print_message("liblinear-train is not installed: not compared\n");
        skip();
    }
    enum { N = 150, D = 120, L = 3 };
    char folder[] = "solver-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char data[64], model[64];
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(model, sizeof model, "%s/model", folder);
    for (int kind = SOLVER_L2R_LR; kind <= SOLVER_L2R_LR_DUAL; kind++) {
        const int is_multi = kind == SOLVER_MCSVM_CS;
        const float weight[] = {2.5f, 2.5f, 2.5f}, even[] = {2.5f, 1, 1};
        struct fixture f;
        fixture_random(&f, N, D, L, is_multi ? 0 : 5, 6);
        for (size_t i = 0; is_multi && i < N * L; i++)
            f.targets[i] = i % L == (i / L * 7 / 5) % L ? 1 : -1;
        f.problem.positive_weight = is_multi ? even : weight;
        const struct solver_settings settings = {
            .kind = (enum solver_kind)kind, .cost = 2, .bias = 1.5, .seed = 1};
        train(&f, &settings, 2);
        for (size_t l = 0; l < (is_multi ? 1 : L); l++) {
            double w[(D + 1) * L];
            long labels[L] = {0};
            const size_t stride = is_multi ? L : 1;
            write_svmlight(data, &f, l, is_multi);
            run_tool(kind, "2.5", data, model);
            read_model(model, w, (D + 1) * stride, labels, is_multi ? L : 2);
            for (size_t m = 0; m < stride; m++) {
                const size_t task = is_multi ? (size_t)labels[m] - 1 : l;
                const double sign = is_multi || labels[0] == 1 ? 1 : -1;
                for (size_t c = 0; c < D; c++)
                    assert_near(f.solution.weights[c * L + task], sign * w[c * stride + m], 1e-6);
                assert_near(f.solution.bias[task], sign * 1.5 * w[D * stride + m], 2e-6);
            }
        }
        fixture_free(&f);
    }
    assert_int_equal(unlink(data), 0);
    assert_int_equal(unlink(model), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* -------------------------------------------------------------------------------------------------
 */

static void test_threads(void **state)
{
    (void)state;
    const enum solver_kind kinds[] = {SOLVER_L2R_L2LOSS_SVC_DUAL, SOLVER_L2R_L1LOSS_SVC_DUAL,
                                      SOLVER_L2R_LR_DUAL, SOLVER_L2R_LR, SOLVER_L1R_LR};
    enum { N = 200, D = 300, L = 9 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct fixture f, g;
        fixture_random(&f, N, D, L, 9, 21);
        fixture_random(&g, N, D, L, 9, 21);
        struct solver_settings settings = {.kind = kinds[k], .cost = 1, .bias = 1, .seed = 7};
        train(&f, &settings, 1);
        for (size_t n_threads = 2; n_threads < 5; n_threads++) {
            train(&g, &settings, n_threads);
            assert_memory_equal(f.solution.weights, g.solution.weights, D * L * sizeof(float));
            assert_memory_equal(f.solution.bias, g.solution.bias, L * sizeof(float));
        }
        if (k < 3) {
            settings.seed = UINT64_C(1) << 63;
            train(&g, &settings, 1);
            assert_memory_not_equal(f.solution.weights, g.solution.weights, D * L * sizeof(float));
        }
        fixture_free(&f);
        fixture_free(&g);
    }
}

/* Two rows, x = 1 of class 0 and x = -1 of class 1: w_0 = v, w_1 = -v, and the objective is
 * v^2 + 2 C max(0, 1 - 2 v): v = 2 C, but at most 1/2. Class 2 has no row. */
static void test_crammer_singer(void **state)
{
    (void)state;
    const float rows[] = {1, -1, 0.5f};
    const int8_t targets[] = {1, -1, -1, -1, 1, -1, 0, 0, 0};
    const double table[][3] = {{1, 0.5, 0.25}, {0.1, 0.2, 0.16}};
    for (size_t t = 0; t < 2; t++) {
        struct fixture f;
        fixture_dense(&f, rows, targets, 3, 1, 3);
        const struct solver_settings settings = {
            .kind = SOLVER_MCSVM_CS, .cost = table[t][0], .epsilon = 1e-6, .bias = -1, .seed = 1};
        train(&f, &settings, 1);
        assert_near(f.solution.weights[0], table[t][1], 1e-5);
        assert_near(f.solution.weights[1], -table[t][1], 1e-5);
        assert_true(f.solution.weights[2] == 0.0f && f.solution.bias[2] == -1.0f);
        assert_near(f.solution.objective[0] + f.solution.objective[1], table[t][2], 1e-5);
        fixture_free(&f);
    }
    /* One class alone always wins. */
    struct fixture f;
    fixture_dense(&f, rows, (const int8_t[]){-1, 1, -1, 1, -1, 1}, 3, 1, 2);
    const struct solver_settings settings = {
        .kind = SOLVER_MCSVM_CS, .cost = 1, .bias = 1, .seed = 1};
    train(&f, &settings, 1);
    assert_true(f.solution.bias[0] == -1.0f && f.solution.bias[1] == 1.0f);
    assert_true(f.solution.weights[0] == 0.0f && f.solution.weights[1] == 0.0f);
    fixture_free(&f);
}

/* A label that no row has for its first would be a class that LIBLINEAR does not make. */
static void test_crammer_singer_one_label(void **state)
{
    (void)state;
    const float rows[] = {1, -1, 0.5f};
    const int8_t targets[] = {1, 1, -1, -1, -1, 1, 1, -1, -1};
    struct fixture f;
    fixture_dense(&f, rows, targets, 3, 1, 3);
    const struct solver_settings settings = {.kind = SOLVER_MCSVM_CS, .cost = 1, .bias = 1};
    struct pool *pool = new_pool(1);
    sikap_error err = {0};
    assert_int_equal(liblinear_train(&f.problem, &settings, pool, NULL, &f.solution, &err),
                     SIKAP_USAGE);
    assert_non_null(strstr(err.message, "document 1 has 2"));
    pool_free(pool);
    fixture_free(&f);
}

static int stop_at_count(void *context)
{
    return --*(int *)context < 0;
}

/* Between tasks, and inside a task through the generator. */
static void test_stopped(void **state)
{
    (void)state;
    for (size_t n_threads = 1; n_threads < 3; n_threads++) {
        struct pool *pool = new_pool(n_threads);
        for (int after = 0; after < 3; after++) {
            struct fixture f;
            fixture_random(&f, 1000, 150, 3, 0, 4);
            const struct solver_settings settings = {.kind = SOLVER_L2R_L1LOSS_SVC_DUAL,
                                                     .cost = 1000,
                                                     .epsilon = 1e-9,
                                                     .bias = 1,
                                                     .seed = 1};
            int count = after;
            const sikap_watch watch = {.context = &count, .stopped = stop_at_count};
            sikap_error err = {0};
            assert_int_equal(
                liblinear_train(&f.problem, &settings, pool, &watch, &f.solution, &err),
                SIKAP_CANCELLED);
            assert_int_equal(err.code, SIKAP_CANCELLED);
            assert_string_equal(err.message, "training was stopped");
            fixture_free(&f);
        }
        pool_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_the_tool), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_crammer_singer),   cmocka_unit_test(test_crammer_singer_one_label),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
