/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a corpus: paths as given, directories walked for .txt files in byte order. */
#include "corpus/corpus_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "text/utf8.h"

enum { MAX_DEPTH = 64 };

static int ends_with(const char *path, size_t n, const char *ending)
{
    const size_t m = strlen(ending);
    return n > m && memcmp(path + n - m, ending, m) == 0;
}

static enum corpus_format format_of_name(const char *path)
{
    static const struct {
        const char *ending;
        enum corpus_format format;
    } endings[] = {{".jsonl", CORPUS_JSONL},       {".ndjson", CORPUS_JSONL}, {".csv", CORPUS_CSV},
                   {".tsv", CORPUS_TSV},           {".tab", CORPUS_TSV},      {".txt", CORPUS_TEXT},
                   {".fasttext", CORPUS_FASTTEXT}, {".ft", CORPUS_FASTTEXT}};
    size_t n = strlen(path);
    if (ends_with(path, n, ".gz"))
        n -= 3;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(path, n, endings[i].ending))
            return endings[i].format;
    return CORPUS_AUTO;
}

static int add_file(struct corpus *c, const char *path, const char *label,
                    enum corpus_format format, sikap_error *err)
{
    if (memory_grow(&c->files, &c->files_capacity, c->n_files + 1, sizeof *c->files) != 0)
        return error_memory(err, "corpus");
    struct corpus_file *f = memory_zero(1, sizeof *f);
    if (f == NULL)
        return error_memory(err, "corpus");
    c->files[c->n_files++] = f;
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    f->path = memory_string(path);
    /* A file's name is any bytes; what is shown and written of it is text. */
    f->name = utf8_repaired(name);
    f->id = utf8_repaired(path);
    f->label = label == NULL ? NULL : utf8_repaired(label);
    f->format = format;
    return f->path == NULL || f->name == NULL || f->id == NULL ||
                   (label != NULL && f->label == NULL)
               ? error_memory(err, "corpus")
               : 0;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted; the caller frees. */
static int list_directory(const char *path, char ***names, size_t *n, sikap_error *err)
{
    *names = NULL;
    *n = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return error_errno(err, path, "open the directory");
    size_t capacity = 0;
    int status = 0;
    while (status == 0) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0)
                status = error_errno(err, path, "read the directory");
            break;
        }
        if (entry->d_name[0] == '.')
            continue;
        if (memory_grow(names, &capacity, *n + 1, sizeof **names) != 0 ||
            ((*names)[*n] = memory_string(entry->d_name)) == NULL)
            status = error_memory(err, "corpus");
        else
            (*n)++;
    }
    closedir(dir);
    if (*n > 0)
        qsort(*names, *n, sizeof **names, by_bytes);
    return status;
}

static int walk(struct corpus *c, const char *path, const char *label, unsigned depth,
                sikap_error *err)
{
    if (depth > MAX_DEPTH)
        return error_set(err, SIKAP_DATA, path, 0, "directories nested too deep");
    char **names;
    size_t n;
    int status = list_directory(path, &names, &n, err);
    for (size_t i = 0; i < n && status == 0; i++) {
        struct buffer full = {0};
        buffer_text(&full, path);
        if (full.n > 0 && full.bytes[full.n - 1] != '/')
            buffer_byte(&full, '/');
        buffer_text(&full, names[i]);
        buffer_byte(&full, '\0');
        struct stat info;
        if (full.failed)
            status = error_memory(err, "corpus");
        else if (stat(full.bytes, &info) != 0)
            status = error_errno(err, full.bytes, "look at the file");
        else if (S_ISDIR(info.st_mode))
            status =
                walk(c, full.bytes, c->options.folder_labels ? names[i] : NULL, depth + 1, err);
        else if (S_ISREG(info.st_mode) && /* opening a pipe would wait for its writer */
                 format_of_name(names[i]) == CORPUS_TEXT)
            status = add_file(c, full.bytes, label, CORPUS_DIR, err);
        buffer_free(&full);
    }
    for (size_t i = 0; i < n; i++)
        memory_free(names[i]);
    memory_free(names);
    return status;
}

int corpus_add_path(struct corpus *c, const char *path, sikap_error *err)
{
    struct stat info;
    const enum corpus_format wanted = (enum corpus_format)c->options.input;
    const int is_directory =
        strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    if (is_directory) {
        if (wanted != CORPUS_AUTO && wanted != CORPUS_DIR)
            return error_set(err, SIKAP_USAGE, path, 0, "is a directory: read it with --input dir");
        return walk(c, path, NULL, 0, err);
    }
    if (wanted == CORPUS_DIR)
        return error_set(err, SIKAP_USAGE, path, 0, "is not a directory, as --input dir expects");
    if (strstr(path, ".svm") != NULL && wanted == CORPUS_AUTO &&
        format_of_name(path) == CORPUS_AUTO)
        return error_set(
            err, SIKAP_USAGE, path, 0,
            "svmlight files carry no text; sikap learns from texts (for such a matrix use "
            "liblinear-train), and writes them with sikap vectorize");
    return add_file(c, path, NULL, wanted != CORPUS_AUTO ? wanted : format_of_name(path), err);
}

const char *corpus_read_once(const char *const *paths, size_t n_paths, size_t *at)
{
    if (n_paths == 0)
        return "standard input";
    for (*at = 0; *at < n_paths; ++*at) {
        struct stat info;
        if (strcmp(paths[*at], "-") == 0)
            return "standard input";
        if (stat(paths[*at], &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
            return "a pipe";
    }
    return NULL;
}
