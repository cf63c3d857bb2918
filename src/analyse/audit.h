/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_AUDIT_H
#define SIKAP_ANALYSE_AUDIT_H

/* What an audit finds: filled by audit.c and audit_find.c, shown by audit_show.c and audit_json.c.
 */

#include "analyse/label_doubt.h"
#include "analyse/language.h"
#include "features/near_duplicates.h"
#include "learn/training.h"
#include "sikap_analyse.h"

/* Numbers of rows. */
struct audit_rows {
    uint32_t *rows;
    size_t n, capacity;
};
int audit_rows_add(struct audit_rows *r, size_t row);

/* Two labels that behave oddly together. */
struct audit_pair {
    uint32_t a, b;   /* tasks */
    double expected; /* documents with both, if they had nothing to do with each other */
    size_t together;
};
struct audit_pairs {
    struct audit_pair *items;
    size_t n, capacity;
};

/* A document and all its doubtful labels: doubts[first .. first + n) of the sorted list. */
struct audit_document {
    uint32_t row;
    size_t first, n;
};

/* Texts that are the same or nearly so: cluster `number` of near_duplicates. */
struct audit_cluster {
    uint32_t number;
    int labels_differ; /* in a field that all concerned are annotated for */
};
/* Of that many common word pairs on, as in sikap dedupe. */
#define AUDIT_SIMILARITY 0.8

/* Numbers that reading takes of every document, behind each other in collection.visited. */
enum audit_number { AUDIT_LANGUAGE, AUDIT_WORDS, AUDIT_NUMBERS };

struct sikap_audit {
    struct training t;
    sikap_audit_settings settings;
    float *probability; /* [n_rows][n_tasks] */

    struct label_doubt *doubts; /* grouped by document, the most doubtful document first */
    size_t n_doubts;
    struct audit_document *documents;
    size_t n_documents;

    size_t *support;          /* [n_tasks] */
    struct audit_pairs never; /* together, though expected to be */
    struct audit_pairs always;
    struct audit_pairs
        names; /* of labels that hardly differ: `together` is the edits, 0: case or punctuation */

    struct audit_rows empty, unknown; /* no words; no term that the vocabulary keeps */
    struct audit_rows shortest, longest;
    double median_words;
    size_t n_languages[LANGUAGES];
    struct near_duplicates *near;
    struct audit_cluster *clusters; /* of two and more, those with unlike labels first */
    size_t n_clusters;
    struct audit_rows stray;                     /* in a language that few documents are in */
    struct audit_rows *not_annotated, *no_label; /* [n_fields] */
};

/* Everything but the doubtful labels. */
int audit_find(struct sikap_audit *a, sikap_error *err);

enum language audit_language(const struct sikap_audit *a, size_t row);
size_t audit_words(const struct sikap_audit *a, size_t row);

#endif
