/* SPDX-License-Identifier: Apache-2.0 */
/* What duplicates look like: a line of JSON for each cluster, a summary for people, and the corpus
 * without them. */
#include "analyse/duplicates.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

/* ---- JSON Lines ---- */

static void put_string(struct buffer *out, const char *text)
{
    json_write_string(out, text, strlen(text));
}

static void put_labels(struct buffer *out, const struct collection_field *f, size_t row)
{
    buffer_byte(out, ',');
    put_string(out, f->name);
    buffer_byte(out, ':');
    if (!f->annotated[row]) {
        buffer_text(out, "null");
        return;
    }
    buffer_text(out, f->is_multi ? "[" : "");
    for (size_t k = f->start[row]; k < f->start[row + 1]; k++) {
        buffer_text(out, k > f->start[row] ? "," : "");
        put_string(out, f->names.items[f->labels[k]]);
    }
    buffer_text(out, f->is_multi ? "]" : "");
}

static void put_document(struct buffer *out, const sikap_duplicates *d, size_t row)
{
    const struct collection *c = d->c;
    buffer_text(out, "{\"id\":");
    put_string(out, c->ids.items[row]);
    buffer_text(out, ",\"file\":");
    put_string(out, c->places.files.items[c->places.file[row]]);
    if (c->places.line[row] > 0)
        buffer_format(out, ",\"line\":%zu", c->places.line[row]);
    buffer_text(out, ",\"similarity\":");
    number_print(out, d->similarity[row]);
    for (size_t f = 0; f < c->n_fields; f++)
        put_labels(out, &c->fields[f], row);
    buffer_byte(out, '}');
}

static void put_cluster(struct buffer *out, const sikap_duplicates *d, size_t kept)
{
    size_t size = 0, n_conflicts = 0;
    for (uint32_t row = (uint32_t)kept; row != UINT32_MAX; row = d->next[row])
        size++;
    buffer_format(out, "{\"size\":%zu,\"documents\":[", size);
    for (uint32_t row = (uint32_t)kept; row != UINT32_MAX; row = d->next[row]) {
        buffer_text(out, row == kept ? "" : ",");
        put_document(out, d, row);
    }
    buffer_byte(out, ']');
    for (size_t f = 0; f < d->c->n_fields; f++) {
        if (!duplicates_conflict(d, kept, f))
            continue;
        buffer_text(out, n_conflicts++ == 0 ? ",\"conflicts\":[" : ",");
        put_string(out, d->c->fields[f].name);
    }
    buffer_text(out, n_conflicts > 0 ? "]}\n" : "}\n");
}

int sikap_duplicates_json(const sikap_duplicates *d, sikap_write *write, void *context,
                          sikap_error *err)
{
    enum { FLUSH_BYTES = 1 << 16 };
    struct buffer out = {0};
    int status = 0;
    for (size_t row = 0; row < d->c->n_rows && status == 0; row++) {
        if (d->kept[row] == row && d->next[row] != UINT32_MAX)
            put_cluster(&out, d, row);
        if (out.n >= FLUSH_BYTES || out.failed)
            status = buffer_hand_over(&out, "duplicates", write, context, err);
    }
    if (status == 0)
        status = buffer_hand_over(&out, "duplicates", write, context, err);
    buffer_free(&out);
    return status;
}

/* ---- the summary ---- */

struct file_counts {
    size_t n, n_superfluous, n_elsewhere; /* the kept one is in another file */
};

/* A path, or where it is too long the file's name alone. */
static const char *file_shown(const char *path, size_t room)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || show_width(path, SIZE_MAX) <= room ? path : slash + 1;
}

static void put_files(struct buffer *out, const sikap_duplicates *d,
                      const struct file_counts *counts, size_t columns)
{
    enum { COUNT = 11, ELSEWHERE = 18, NAME_LEAST = 10 };
    const struct collection_places *places = &d->c->places;
    const size_t beside = 2 * COUNT + ELSEWHERE;
    size_t width = NAME_LEAST;
    const size_t room = columns > beside + NAME_LEAST ? columns - beside : NAME_LEAST;
    for (size_t i = 0; i < places->files.n; i++) {
        const size_t wanted = show_width(file_shown(places->files.items[i], room), room);
        width = wanted > width ? wanted : width;
    }
    show_blanks(out, width);
    buffer_text(out, "  documents duplicates of another file's\n");
    for (size_t i = 0; i < places->files.n; i++) {
        show_cell(out, file_shown(places->files.items[i], room), width);
        show_count(out, counts[i].n, COUNT);
        show_count(out, counts[i].n_superfluous, COUNT);
        show_count(out, counts[i].n_elsewhere, ELSEWHERE);
        buffer_byte(out, '\n');
    }
}

static void put_conflicts(struct buffer *out, const sikap_duplicates *d)
{
    for (size_t f = 0; f < d->c->n_fields; f++) {
        size_t n = 0;
        for (size_t row = 0; row < d->c->n_rows; row++)
            n +=
                d->kept[row] == row && d->next[row] != UINT32_MAX && duplicates_conflict(d, row, f);
        buffer_format(out, "%zu clusters disagree about ", n);
        show_text(out, d->c->fields[f].name, 40);
        buffer_byte(out, '\n');
    }
}

static void count_files(const sikap_duplicates *d, struct file_counts *counts, size_t *n_empty)
{
    const struct collection_places *places = &d->c->places;
    for (size_t row = 0; row < d->c->n_rows; row++) {
        struct file_counts *c = &counts[places->file[row]];
        c->n++;
        c->n_superfluous += d->kept[row] != row;
        c->n_elsewhere += places->file[d->kept[row]] != places->file[row];
        *n_empty += shingles_n(&d->c->shingles, row) == 0;
    }
}

int sikap_duplicates_text(const sikap_duplicates *d, size_t columns, sikap_write *write,
                          void *context, sikap_error *err)
{
    /* Thousands of files of one document each need no line each. */
    enum { MOST_FILES = 50 };
    const size_t n = d->c->n_rows, n_files = d->c->places.files.n;
    size_t n_empty = 0;
    struct file_counts *counts = memory_zero(n_files, sizeof *counts);
    struct buffer out = {0};
    if (counts == NULL)
        return error_memory(err, "duplicates");
    count_files(d, counts, &n_empty);
    buffer_format(&out, "%zu of %zu documents are duplicates (", d->n_superfluous, n);
    number_print_fixed(&out, 100 * (double)d->n_superfluous / (double)n, 1);
    buffer_format(&out, " %%), in %zu clusters, at similarity ", d->n_clusters);
    number_print(&out, d->options.similarity);
    buffer_byte(&out, '\n');
    if (n_files > 1 && n_files <= MOST_FILES)
        put_files(&out, d, counts, columns < 40 ? 40 : columns);
    put_conflicts(&out, d);
    if (n_empty > 0)
        buffer_format(&out, "%zu documents without a word were compared with none\n", n_empty);
    if (d->n_cut > 0)
        buffer_format(
            &out,
            "%zu documents have no rare word pair, like hundreds of others: a duplicate of "
            "theirs may be missed\n",
            d->n_cut);
    const int status = buffer_hand_over(&out, "duplicates", write, context, err);
    buffer_free(&out);
    memory_free(counts);
    return status;
}

/* ---- the corpus without them ---- */

static int is_not_superfluous(const void *context, size_t record)
{
    const unsigned char *superfluous = context;
    return !superfluous[record];
}

int sikap_duplicates_keep(const sikap_duplicates *d, sikap_write *write, void *context,
                          sikap_error *err)
{
    for (size_t i = 0; i < d->n_paths; i++)
        if (strcmp(d->paths[i], "-") == 0)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "standard input cannot be read twice: keep needs a file");
    const size_t n_records = (size_t)d->c->read.n_documents;
    unsigned char *superfluous = memory_zero(n_records, 1);
    if (superfluous == NULL)
        return error_memory(err, "duplicates");
    for (size_t row = 0; row < d->c->n_rows; row++)
        superfluous[d->c->places.record[row]] = d->kept[row] != row;
    size_t n_seen;
    int status = corpus_copy((const char *const *)d->paths, d->n_paths, &d->corpus,
                             is_not_superfluous, superfluous, write, context, &n_seen, err);
    if (status == 0 && n_seen != n_records)
        status = error_set(err, SIKAP_DATA, d->paths[0], 0,
                           "%zu records at first, %zu when read again: the files changed",
                           n_records, n_seen);
    memory_free(superfluous);
    return status;
}
