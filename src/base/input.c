/* SPDX-License-Identifier: Apache-2.0 */
/* Byte streams. Gzip is told by its first two bytes and inflated by a thread of its own into a ring
 * of two chunks, so that inflating the next chunk overlaps with the use of this one. */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inflate.h"
#include "base/memory.h"

enum { RAW_SIZE = 1 << 16, CHUNK_SIZE = 1 << 20, N_CHUNKS = 2, WAIT_MILLISECONDS = 50 };

struct chunk {
    char *bytes;
    size_t n;
    int status; /* of the stream behind these bytes: 0 goes on, else `error` */
    int last;
};

struct input {
    char *name;
    int fd;
    unsigned char raw[RAW_SIZE]; /* as read from fd */
    size_t raw_at, raw_n;
    int raw_end;
    int is_gzip;
    int may_wait; /* a pipe, a terminal, a socket */
    /* the inflating thread */
    int has_thread;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct chunk chunks[N_CHUNKS];
    size_t n_filled, n_used; /* chunks ever filled and ever used up */
    int stop;
    size_t at; /* in the chunk being used */
    struct inflater *inflater;
    sikap_error error; /* of the thread */
};

/* Reads more raw bytes when all are used; raw_end at the end of the file. */
static int fill_raw(struct input *in, sikap_error *err)
{
    if (in->raw_at < in->raw_n || in->raw_end)
        return 0;
    for (;;) {
        const ssize_t n = read(in->fd, in->raw, RAW_SIZE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, in->name, "read");
        in->raw_at = 0;
        in->raw_n = (size_t)n;
        in->raw_end = n == 0;
        return 0;
    }
}

/* ---- the inflating thread ---- */

static int is_stopped(struct input *in)
{
    pthread_mutex_lock(&in->mutex);
    const int stop = in->stop;
    pthread_mutex_unlock(&in->mutex);
    return stop;
}

/* As fill_raw, but input_free need not wait for whoever feeds a pipe: raw_end is then set. */
static int fill_raw_unless_stopped(struct input *in)
{
    struct pollfd ready = {.fd = in->fd, .events = POLLIN};
    while (in->may_wait && in->raw_at == in->raw_n && !in->raw_end) {
        if (poll(&ready, 1, WAIT_MILLISECONDS) != 0)
            break; /* bytes, the end, or an error that read will tell */
        in->raw_end = is_stopped(in);
    }
    return fill_raw(in, &in->error);
}

static int damaged(struct input *in, const char *what)
{
    return error_set(&in->error, SIKAP_DATA, in->name, 0, "damaged gzip file: %s", what);
}

/* At the end of a member: another one, or the end of the file, which tools that write whole blocks
 * pad with zero bytes. Anything else is garbage. *more tells. */
static int next_member(struct input *in, int *more)
{
    *more = 0;
    for (int padding = 0;;) {
        const int status = fill_raw_unless_stopped(in);
        if (status != 0 || in->raw_end)
            return status;
        while (in->raw_at < in->raw_n && in->raw[in->raw_at] == 0) {
            in->raw_at++;
            padding = 1;
        }
        if (in->raw_at == in->raw_n)
            continue;
        if (padding || in->raw[in->raw_at] != 0x1F)
            return damaged(in, "bytes that are not gzip behind its end");
        *more = 1;
        inflater_reset(in->inflater);
        return 0;
    }
}

static int fill_chunk(struct input *in, struct chunk *c)
{
    char *out = c->bytes;
    size_t room = CHUNK_SIZE;
    int status = 0;
    c->last = 0;
    while (room > 0 && status == 0 && !c->last) {
        const unsigned char *at = in->raw + in->raw_at;
        const size_t had_room = room, had = in->raw_n - in->raw_at;
        size_t n = had;
        const char *what;
        const enum inflate_result result = inflater_step(in->inflater, &at, &n, &out, &room, &what);
        in->raw_at = in->raw_n - n;
        if (result == INFLATE_DAMAGED) {
            status = damaged(in, what);
        } else if (result == INFLATE_MEMBER_END) {
            int more;
            status = next_member(in, &more);
            c->last = !more;
        } else if (room > 0 && n == 0) {
            status = fill_raw_unless_stopped(in);
            if (status == 0 && in->raw_end)
                status = damaged(in, "it is cut short");
        } else if (room == had_room && n == had) {
            status = damaged(in, "it does not inflate"); /* no progress, and none to come */
        }
    }
    c->n = CHUNK_SIZE - room;
    return status;
}

static void *inflate_main(void *argument)
{
    struct input *in = argument;
    for (;;) {
        pthread_mutex_lock(&in->mutex);
        while (in->n_filled - in->n_used == N_CHUNKS && !in->stop)
            pthread_cond_wait(&in->changed, &in->mutex);
        const int stop = in->stop;
        struct chunk *c = &in->chunks[in->n_filled % N_CHUNKS];
        pthread_mutex_unlock(&in->mutex);
        if (stop)
            return NULL;
        c->status = fill_chunk(in, c);
        const int done = c->last || c->status != 0;
        pthread_mutex_lock(&in->mutex);
        in->n_filled++;
        pthread_cond_signal(&in->changed);
        pthread_mutex_unlock(&in->mutex);
        if (done)
            return NULL;
    }
}

static int start_inflating(struct input *in, sikap_error *err)
{
    for (size_t i = 0; i < N_CHUNKS; i++) {
        in->chunks[i].bytes = memory_alloc(CHUNK_SIZE, 1);
        if (in->chunks[i].bytes == NULL)
            return error_memory(err, "inflating");
    }
    const int status = inflater_new(&in->inflater, err);
    if (status != 0)
        return status;
    if (pthread_create(&in->thread, NULL, inflate_main, in) != 0)
        return error_set(err, SIKAP_SYSTEM, in->name, 0, "cannot start a thread");
    in->has_thread = 1;
    return 0;
}

static int open_file(struct input *in, const char *path, sikap_error *err)
{
    in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0)
        return error_errno(err, path, "open");
    struct stat info;
    if (fstat(in->fd, &info) != 0)
        return error_errno(err, in->name, "read");
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return error_errno(err, in->name, "read");
    }
    in->may_wait = !S_ISREG(info.st_mode);
    return 0;
}

/* The first bytes decide; a pipe may bring them one by one. */
static int look_for_gzip(struct input *in, sikap_error *err)
{
    int status = fill_raw(in, err);
    while (status == 0 && in->raw_n == 1 && in->raw[0] == 0x1F && !in->raw_end) {
        const ssize_t n = read(in->fd, in->raw + 1, RAW_SIZE - 1);
        if (n < 0 && errno != EINTR)
            status = error_errno(err, in->name, "read");
        if (n == 0)
            break;
        if (n > 0)
            in->raw_n += (size_t)n;
    }
    in->is_gzip = in->raw_n >= 2 && in->raw[0] == 0x1F && in->raw[1] == 0x8B;
    return status;
}

int input_open(struct input **out, const char *path, sikap_error *err)
{
    *out = NULL;
    struct input *in = memory_zero(1, sizeof *in);
    if (in == NULL)
        return error_memory(err, "input");
    in->fd = -1;
    pthread_mutex_init(&in->mutex, NULL);
    pthread_cond_init(&in->changed, NULL);
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    in->name = memory_string(name);
    int status = in->name == NULL ? error_memory(err, "input") : open_file(in, path, err);
    if (status == 0)
        status = look_for_gzip(in, err);
    if (status == 0 && in->is_gzip)
        status = start_inflating(in, err);
    if (status != 0) {
        input_free(in);
        return status;
    }
    *out = in;
    return 0;
}

static int read_inflated(struct input *in, char *into, size_t n, size_t *got, sikap_error *err)
{
    for (;;) {
        pthread_mutex_lock(&in->mutex);
        while (in->n_filled == in->n_used)
            pthread_cond_wait(&in->changed, &in->mutex);
        pthread_mutex_unlock(&in->mutex);
        const struct chunk *c = &in->chunks[in->n_used % N_CHUNKS];
        if (in->at < c->n) {
            *got = n < c->n - in->at ? n : c->n - in->at;
            memcpy(into, c->bytes + in->at, *got);
            in->at += *got;
            return 0;
        }
        if (c->status != 0)
            return error_set(err, in->error.code, in->error.file, 0, "%s", in->error.message);
        if (c->last) {
            *got = 0;
            return 0;
        }
        in->at = 0;
        pthread_mutex_lock(&in->mutex);
        in->n_used++;
        pthread_cond_signal(&in->changed);
        pthread_mutex_unlock(&in->mutex);
    }
}

int input_read(struct input *in, char *into, size_t n, size_t *got, sikap_error *err)
{
    *got = 0;
    if (n == 0)
        return 0;
    if (in->is_gzip)
        return read_inflated(in, into, n, got, err);
    if (in->raw_at < in->raw_n) {
        *got = n < in->raw_n - in->raw_at ? n : in->raw_n - in->raw_at;
        memcpy(into, in->raw + in->raw_at, *got);
        in->raw_at += *got;
        return 0;
    }
    while (!in->raw_end) {
        const ssize_t k = read(in->fd, into, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return error_errno(err, in->name, "read");
        *got = (size_t)k;
        break;
    }
    return 0;
}

const char *input_name(const struct input *in)
{
    return in->name;
}

void input_free(struct input *in)
{
    if (in == NULL)
        return;
    if (in->has_thread) {
        pthread_mutex_lock(&in->mutex);
        in->stop = 1;
        pthread_cond_signal(&in->changed);
        pthread_mutex_unlock(&in->mutex);
        pthread_join(in->thread, NULL);
    }
    inflater_free(in->inflater);
    for (size_t i = 0; i < N_CHUNKS; i++)
        memory_free(in->chunks[i].bytes);
    pthread_cond_destroy(&in->changed);
    pthread_mutex_destroy(&in->mutex);
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    memory_free(in->name);
    memory_free(in);
}

int input_whole(struct buffer *out, const char *path, size_t most, const char *what,
                sikap_error *err)
{
    enum { AT_ONCE = 1 << 16 };
    struct input *in;
    size_t got = 1, n = 0;
    int status = input_open(&in, path, err);
    while (status == 0 && got > 0) {
        if (buffer_reserve(out, AT_ONCE) != 0)
            status = error_memory(err, what);
        else
            status = input_read(in, out->bytes + out->n, AT_ONCE, &got, err);
        if (status != 0)
            break;
        out->n += got;
        n += got;
        if (n > most)
            status = error_set(err, SIKAP_DATA, input_name(in), 0,
                               "more than %zu bytes, expected %s", most, what);
    }
    input_free(in);
    return status;
}
