/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_MODEL_COLLECT_H
#define SIKAP_MODEL_MODEL_COLLECT_H

#include "features/collection.h"
#include "model/model.h"

/* Reads a corpus as the model sees it: its fields, with their kinds, and its features and
 * vocabulary. What else `request` says is the caller's. */
int model_collect(struct collection **out, const sikap_model *m, const char *const *paths,
                  size_t n_paths, const struct collect_request *request, struct pool *pool,
                  const sikap_watch *watch, sikap_error *err);

#endif
