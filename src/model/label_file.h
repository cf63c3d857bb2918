/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_LABEL_FILE_H
#define SIKAP_MODEL_LABEL_FILE_H

#include "features/collection.h"

/* A corpus of which only ids, labels and further keys matter; records need no text. `like`: a
 * collection whose fields are wanted, read as multi so that the caller can tell what a single field
 * lacks; NULL: as the options say. extras and wants_shingles as in collect_request. */
int label_file_read(struct collection **out, const char *const *paths, size_t n_paths,
                    const struct corpus_options *corpus, const struct collection *like,
                    const char *const *extras, size_t n_extras, int wants_shingles,
                    struct pool *pool, const sikap_watch *watch, sikap_error *err);

/* Up to three of `n` ids, as in "'a', 'b', 'c', …", for messages. All zero is none. */
struct some_ids {
    char text[240];
    size_t n, length;
};
void some_ids_add(struct some_ids *ids, const char *id);

#endif
