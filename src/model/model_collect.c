/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_collect.h"

#include "base/memory.h"

int model_collect(struct collection **out, const sikap_model *m, const char *const *paths,
                  size_t n_paths, const struct collect_request *request, struct pool *pool,
                  const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    const char **names = memory_alloc(m->n_fields, sizeof *names);
    enum field_kind *kinds = memory_alloc(m->n_fields, sizeof *kinds);
    int status = names == NULL || kinds == NULL ? error_memory(err, "fields") : 0;
    for (size_t f = 0; status == 0 && f < m->n_fields; f++) {
        names[f] = m->fields[f].name;
        kinds[f] = m->fields[f].is_multi ? FIELD_MULTI : FIELD_SINGLE;
    }
    const struct corpus_request wanted = {.wants_labels = 1,
                                          .wants_text = 1,
                                          .fields = names,
                                          .kinds = kinds,
                                          .n_fields = m->n_fields};
    struct collect_request all = *request;
    all.features = &m->features;
    all.vocabulary = m->vocabulary;
    all.request = &wanted;
    if (status == 0)
        status = collect(out, paths, n_paths, &all, pool, watch, err);
    memory_free(names);
    memory_free(kinds);
    return status;
}
