/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_PREDICT_INTERNAL_H
#define SIKAP_MODEL_PREDICT_INTERNAL_H

/* Shared by predict.c (the pipeline) and predict_show.c (the lines). */

#include <pthread.h>

#include "base/buffer.h"
#include "corpus/corpus.h"
#include "model/passage.h"

enum prediction_format { FORMAT_JSONL, FORMAT_TSV, FORMAT_TEXT };

struct predict_options {
    int format;
    size_t top; /* 0: the labels that are given */
    int scores; /* of all labels */
    int passages;
    double min_prob, coverage;
    struct option_list keep; /* "date,outlet": keys handed on */
    size_t threads;
};

/* What becomes of one block of records. */
struct predict_result {
    struct buffer out;
    sikap_error *problems; /* in order */
    size_t n_problems, problems_capacity;
    sikap_counts counts;
    int is_ready; /* labelled, not yet delivered */
    int status;
    sikap_error error;
};

/* Made by the thread that works with it, in a cache line of its own, so that what two workers write
 * to does not lie side by side. */
struct predict_worker {
    _Alignas(64) struct corpus_block *block;
    struct corpus_parser *parser;
    sikap_scorer *scorer;
    float *scores;
    double *probabilities; /* the numbers shown */
    unsigned char *chosen;
    unsigned char *abstained; /* [n_fields] no label is given: the document is left to people */
    struct passage_place *places;
    uint32_t *order;
    struct predict_result result; /* of the block at hand */
};

struct predict {
    const sikap_model *model;
    const sikap_watch *watch;
    struct predict_options options;
    struct option_list extras; /* keys that are read: the target's, then those kept */
    size_t first_kept;
    double *least; /* [n_fields] certainty that --coverage asks for; NULL: none */
    int strict;
    struct corpus *corpus;
    struct predict_worker *workers;
    size_t n_workers;
    sikap_write *write;
    void *write_context;
    pthread_mutex_t reading, writing;
    pthread_cond_t turn;            /* a block was delivered */
    struct predict_result *results; /* [n_results] block b waits in b % n_results for its turn */
    size_t n_results;
    size_t n_read;    /* blocks; guarded by `reading` */
    size_t n_written; /* and what follows: guarded by `writing` */
    sikap_counts counts;
    int status; /* the first failure in block order */
    sikap_error error;
};

/* Which fields the model is not sure enough of, from the worker's scores, probabilities and choice.
 */
void predict_abstain(const struct predict *p, struct predict_worker *w);
/* The line of one document that has been scored, in each of the formats, and of one that could not
 * be read. */
void predict_write_jsonl(const struct predict *p, struct predict_worker *w,
                         const struct document *doc);
void predict_write_plain(const struct predict *p, struct predict_worker *w,
                         const struct document *doc);
void predict_write_failure(const struct predict *p, struct predict_worker *w,
                           const struct document *doc, const sikap_error *problem);

#endif
