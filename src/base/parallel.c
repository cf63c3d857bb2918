/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/memory.h"

enum { MAX_THREADS = 256 };

struct pool {
    size_t n_threads;
    pthread_t *threads; /* n_threads - 1 */
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* a new round, or the end */
    pthread_cond_t idle; /* the last worker of a round is done */
    size_t round;
    size_t n_running;
    int stop;
    size_t n_tasks;
    atomic_size_t next;
    parallel_task *task;
    void *context;
};

struct start {
    struct pool *pool;
    size_t worker;
};

static void run_tasks(struct pool *pool, size_t worker)
{
    for (;;) {
        const size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= pool->n_tasks)
            return;
        pool->task(pool->context, index, worker);
    }
}

static void *worker_main(void *argument)
{
    struct start *start = argument;
    struct pool *pool = start->pool;
    const size_t worker = start->worker;
    memory_free(start);
    size_t seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->round == seen && !pool->stop)
            pthread_cond_wait(&pool->wake, &pool->mutex);
        if (pool->stop)
            break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->mutex);
        run_tasks(pool, worker);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->n_running == 0)
            pthread_cond_signal(&pool->idle);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static size_t cores(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int n = CPU_COUNT(&set);
    return n < 1 ? 1 : (size_t)n;
}

int pool_new(struct pool **out, size_t n_threads, sikap_error *err)
{
    *out = NULL;
    if (n_threads == 0)
        n_threads = cores();
    if (n_threads > MAX_THREADS)
        n_threads = MAX_THREADS;
    struct pool *pool = memory_zero(1, sizeof *pool);
    if (pool == NULL)
        return error_memory(err, "thread pool");
    pool->threads = memory_zero(n_threads, sizeof *pool->threads);
    if (pool->threads == NULL) {
        memory_free(pool);
        return error_memory(err, "thread pool");
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->idle, NULL);
    pool->n_threads = 1;
    while (pool->n_threads < n_threads) {
        struct start *start = memory_alloc(1, sizeof *start);
        if (start == NULL) {
            pool_free(pool);
            return error_memory(err, "thread pool");
        }
        start->pool = pool;
        start->worker = pool->n_threads;
        if (pthread_create(&pool->threads[pool->n_threads - 1], NULL, worker_main, start) != 0) {
            memory_free(start);
            pool_free(pool);
            return error_set(err, SIKAP_SYSTEM, NULL, 0, "cannot start a thread");
        }
        pool->n_threads++;
    }
    *out = pool;
    return 0;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = 1;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i + 1 < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    memory_free(pool->threads);
    memory_free(pool);
}

size_t pool_n_threads(const struct pool *pool)
{
    return pool->n_threads;
}

void parallel_for(struct pool *pool, size_t n_tasks, parallel_task *task, void *context)
{
    if (pool->n_threads == 1 || n_tasks <= 1) {
        for (size_t i = 0; i < n_tasks; i++)
            task(context, i, 0);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->n_tasks = n_tasks;
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    pool->n_running = pool->n_threads - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    run_tasks(pool, 0);
    pthread_mutex_lock(&pool->mutex);
    while (pool->n_running > 0)
        pthread_cond_wait(&pool->idle, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}
