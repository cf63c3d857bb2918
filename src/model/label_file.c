/* SPDX-License-Identifier: Apache-2.0 */
/* Label files are read by `collect` under an empty vocabulary: of a document only its labels
 * matter.
 */
#include "model/label_file.h"

#include <stdio.h>

#include "base/memory.h"

int label_file_read(struct collection **out, const char *const *paths, size_t n_paths,
                    const struct corpus_options *corpus, const struct collection *like,
                    const char *const *extras, size_t n_extras, int wants_shingles,
                    struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    const size_t n_fields = like == NULL ? 0 : like->n_fields;
    const char **names = memory_alloc(n_fields, sizeof *names);
    enum field_kind *kinds = memory_alloc(n_fields, sizeof *kinds);
    struct feature_options features = {0};
    struct vocabulary *empty = NULL;
    int status = names == NULL || kinds == NULL
                     ? error_memory(err, "labels")
                     : option_defaults(&feature_option_table, &features, err);
    for (size_t f = 0; status == 0 && f < n_fields; f++) {
        names[f] = like->fields[f].name;
        kinds[f] = FIELD_MULTI;
    }
    if (status == 0)
        status = vocabulary_new(&empty, 0, err);
    if (status == 0)
        status = vocabulary_index(empty, err);
    const struct corpus_request wanted = {
        .wants_labels = 1, .fields = names, .kinds = kinds, .n_fields = n_fields};
    const struct collect_request request = {.corpus = corpus,
                                            .features = &features,
                                            .request = &wanted,
                                            .extras = extras,
                                            .n_extras = n_extras,
                                            .vocabulary = empty,
                                            .wants_shingles = wants_shingles};
    if (status == 0)
        status = collect(out, paths, n_paths, &request, pool, watch, err);
    vocabulary_free(empty);
    option_clear(&feature_option_table, &features);
    memory_free(names);
    memory_free(kinds);
    return status;
}

void some_ids_add(struct some_ids *ids, const char *id)
{
    enum { SHOWN = 3, ID_MOST = 60 };
    if (ids->n++ >= SHOWN)
        return;
    const int n = snprintf(ids->text + ids->length, sizeof ids->text - ids->length, "%s'%.*s'",
                           ids->n > 1 ? ", " : "", ID_MOST, id);
    ids->length += n > 0 ? (size_t)n : 0;
}
