/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_PARALLEL_H
#define SIKAP_BASE_PARALLEL_H

#include <stddef.h>

#include "base/error.h"

/* A fixed set of worker threads (the caller is worker 0). Tasks are handed out one index at a time
 * in ascending order; which worker takes which is not fixed, so results must be written by index.
 */
struct pool;

/* n_threads 0: one per core this process may run on (1 to 256). The caller frees with pool_free. */
int pool_new(struct pool **out, size_t n_threads, sikap_error *err);
void pool_free(struct pool *pool);
size_t pool_n_threads(const struct pool *pool);

/* Runs task(context, index, worker) for every index in [0, n_tasks) and returns when all are done;
 * worker is in [0, pool_n_threads). Not re-entrant: a task must not call it on the same pool. */
typedef void parallel_task(void *context, size_t index, size_t worker);
void parallel_for(struct pool *pool, size_t n_tasks, parallel_task *task, void *context);

#endif
