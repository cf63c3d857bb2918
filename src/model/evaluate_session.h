/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_SESSION_H
#define SIKAP_MODEL_EVALUATE_SESSION_H

#include "features/collection.h"
#include "model/evaluate.h"

/* What sikap_evaluate and sikap_evaluate_predictions have in common: options, the gold documents,
 * and the evaluation data that grows from them. */
struct session {
    struct corpus_options corpus;
    struct evaluate_options options;
    struct pool *pool;
    const sikap_watch *watch;
    struct collection *gold, *predicted;
    struct evaluation_data data;
};

int session_start(struct session *s, const sikap_options *options, const sikap_watch *watch,
                  sikap_error *err);
void session_end(struct session *s);

/* Ids and groups of the gold documents into s->data. */
int session_take_rows(struct session *s, sikap_error *err);
/* With --train: s->data.leaks; `features` as the gold documents were read with, NULL: defaults. */
int session_find_leaks(struct session *s, const struct feature_options *features, sikap_error *err);
/* Does any document carry labels of field f? */
int session_has_annotation(const struct collection *c, size_t f);
/* The next field of s->data (which has room for it) over these labels, gold filled in and nothing
 * chosen. */
int session_add_field(struct session *s, const struct collection_field *gold,
                      const struct names *labels, int is_multi, struct evaluation_field **out,
                      sikap_error *err);
/* SIKAP_DATA: no document is annotated for `wanted` ("a field of the model: 'topic'"); the message
 * names the keys that could be meant. */
int session_nothing_annotated(const struct session *s, const char *const *paths, size_t n_paths,
                              const char *wanted, sikap_error *err);
/* Adds the names of `from` that `to` does not have; -1: out of memory. */
int session_join_names(struct names *to, const struct names *from);

#endif
