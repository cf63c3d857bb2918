/* SPDX-License-Identifier: Apache-2.0 */
#include "features/weighting.h"

#include <math.h>

void weighting_init(struct weighting *w, const struct feature_options *options, const float *idf,
                    const unsigned char *blocks)
{
    *w = (struct weighting){
        .kind = options->weighting,
        .sublinear = options->sublinear,
        .binary = options->binary,
        .norm = options->norm,
        .block_weight = {(float)options->word_weight, (float)options->char_weight},
        .k1 = options->bm25_k1,
        .b = options->bm25_b,
        .average_length = {1, 1},
        .idf = idf,
        .blocks = blocks,
    };
    for (int i = 1; i < WEIGHTING_TABLE; i++)
        w->log_table[i] = (float)(1.0 + log(i));
}

double weighting_idf(int kind, double n_documents, double df)
{
    switch ((enum idf_kind)kind) {
    case IDF_SMOOTH:
        return log((1 + n_documents) / (1 + df)) + 1;
    case IDF_PLAIN:
        return log(n_documents / df) + 1;
    case IDF_LOG:
        return log(n_documents / df);
    case IDF_NONE:
        break;
    }
    return 1;
}

static float tf_weight(const struct weighting *w, float count, double length_factor)
{
    if (w->kind == WEIGHTING_BM25)
        return (float)((double)count * (w->k1 + 1) / ((double)count + w->k1 * length_factor));
    if (w->binary)
        return 1;
    if (!w->sublinear)
        return count;
    return count < WEIGHTING_TABLE ? w->log_table[(unsigned)count]
                                   : (float)(1.0 + log((double)count));
}

static unsigned block_of(const struct weighting *w, uint32_t term)
{
    return w->blocks == NULL ? 0 : w->blocks[term] & 1;
}

void weighting_row(const struct weighting *w, const uint32_t *terms, float *values, size_t n)
{
    double factor[NGRAM_KINDS] = {1, 1};
    if (w->kind == WEIGHTING_BM25) {
        double length[NGRAM_KINDS] = {0, 0};
        for (size_t i = 0; i < n; i++)
            length[block_of(w, terms[i])] += (double)values[i];
        for (int k = 0; k < NGRAM_KINDS; k++)
            factor[k] = 1 - w->b + w->b * length[k] / w->average_length[k];
    }
    double sum[NGRAM_KINDS] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        const unsigned block = block_of(w, terms[i]);
        const float x = tf_weight(w, values[i], factor[block]) * w->idf[terms[i]];
        values[i] = x;
        sum[block] += w->norm == NORM_L1 ? (double)x : (double)x * (double)x;
    }
    float scale[NGRAM_KINDS];
    for (int k = 0; k < NGRAM_KINDS; k++) {
        const double size = w->norm == NORM_NONE ? 1 : w->norm == NORM_L1 ? sum[k] : sqrt(sum[k]);
        scale[k] = size > 0 ? (float)((double)w->block_weight[k] / size) : 0;
    }
    if (w->blocks == NULL)
        for (size_t i = 0; i < n; i++)
            values[i] *= scale[0];
    else
        for (size_t i = 0; i < n; i++)
            values[i] *= scale[w->blocks[terms[i]] & 1];
}
