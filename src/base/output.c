/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic writing: the bytes go to a temporary file beside the target, which is synced and renamed
 * over it. A reader, or a crash at any moment, sees the old file or the new one. Of a symbolic link
 * the file it leads to is the target: the link stays. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { BUFFER_SIZE = 1 << 16, MAX_TRIES = 100 };

struct output {
    int fd;
    char *path;
    char *temporary; /* NULL: written in place */
    int is_stdout;   /* not ours to close */
    int failed;
    size_t n;
    char buffer[BUFFER_SIZE];
};

/* PATH.tmp-PID-N: never a name that a reader would take for a model or a corpus. */
static int open_temporary(struct output *o, sikap_error *err)
{
    const size_t room = strlen(o->path) + 64;
    o->temporary = memory_alloc(room, 1);
    if (o->temporary == NULL)
        return error_memory(err, "output");
    struct stat old;
    const int exists = stat(o->path, &old) == 0;
    for (unsigned i = 0; i < MAX_TRIES; i++) {
        snprintf(o->temporary, room, "%s.tmp-%ld-%u", o->path, (long)getpid(), i);
        o->fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (o->fd >= 0) {
            if (exists)
                (void)fchmod(o->fd, old.st_mode & 07777); /* keep the mode where we may */
            return 0;
        }
        if (errno != EEXIST)
            break;
    }
    const int code = error_errno(err, o->path, "create the file");
    memory_free(o->temporary);
    o->temporary = NULL;
    return code;
}

/* Standard output, devices and pipes are written directly: o->fd is then set. */
static int open_directly(struct output *o, const char *path, sikap_error *err)
{
    struct stat info;
    if (path[0] == '\0') {
        errno = ENOENT;
        return error_errno(err, path, "create the file");
    }
    if (strcmp(path, "-") == 0) {
        o->fd = STDOUT_FILENO;
        o->is_stdout = 1;
        return 0;
    }
    if (stat(path, &info) != 0 || S_ISREG(info.st_mode))
        return 0;
    o->fd = open(path, O_WRONLY | O_CLOEXEC); /* a directory: EISDIR */
    return o->fd < 0 ? error_errno(err, path, "open the file for writing") : 0;
}

int output_open(struct output **out, const char *path, sikap_error *err)
{
    *out = NULL;
    struct output *o = memory_zero(1, sizeof *o);
    if (o == NULL)
        return error_memory(err, "output");
    o->fd = -1;
    char target[PATH_MAX];
    struct stat link;
    int status = open_directly(o, path, err);
    if (o->is_stdout)
        path = "<stdout>";
    else if (status == 0 && o->fd < 0 && lstat(path, &link) == 0 && S_ISLNK(link.st_mode) &&
             realpath(path, target) != NULL)
        path = target;
    if (status == 0) {
        o->path = memory_string(path);
        if (o->path == NULL)
            status = error_memory(err, "output");
    }
    if (status == 0 && o->fd < 0)
        status = open_temporary(o, err);
    if (status != 0) {
        output_abandon(o);
        return status;
    }
    *out = o;
    return 0;
}

static int write_all(struct output *o, const char *bytes, size_t n, sikap_error *err)
{
    while (n > 0) {
        const ssize_t done = write(o->fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            o->failed = 1;
            return error_errno(err, o->path, "write");
        }
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

static int flush(struct output *o, sikap_error *err)
{
    const size_t n = o->n;
    o->n = 0;
    return write_all(o, o->buffer, n, err);
}

int output_write(struct output *o, const void *bytes, size_t n, sikap_error *err)
{
    if (o->failed)
        return error_set(err, SIKAP_SYSTEM, o->path, 0, "an earlier write failed");
    if (n >= BUFFER_SIZE - o->n) {
        const int status = flush(o, err);
        if (status != 0 || n >= BUFFER_SIZE)
            return status != 0 ? status : write_all(o, bytes, n, err);
    }
    if (n > 0)
        memcpy(o->buffer + o->n, bytes, n);
    o->n += n;
    return 0;
}

/* The folder of `path`, to be synced: the rename itself must reach the disk. *fd is -1 for a folder
 * that may be written but not read: there is nothing to sync it by. */
static int open_folder(const char *path, int *fd, sikap_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? memory_text(".", 1)
                   : slash == path ? memory_text("/", 1)
                                   : memory_text(path, (size_t)(slash - path));
    if (folder == NULL)
        return error_memory(err, "output");
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    memory_free(folder);
    return 0;
}

static int rename_into_place(struct output *o, sikap_error *err)
{
    int folder = -1;
    int status = open_folder(o->path, &folder, err); /* all that can fail, before the rename */
    if (status != 0)
        return status;
    if (rename(o->temporary, o->path) != 0) {
        status = error_errno(err, o->path, "rename the finished file into place");
    } else {
        memory_free(o->temporary);
        o->temporary = NULL;
        if (folder >= 0 && fsync(folder) != 0 && errno != EINVAL && errno != EROFS)
            status = error_errno(err, o->path, "sync the folder");
    }
    if (folder >= 0)
        close(folder);
    return status;
}

int output_commit(struct output *o, sikap_error *err)
{
    int status = o->failed ? error_set(err, SIKAP_SYSTEM, o->path, 0, "an earlier write failed")
                           : flush(o, err);
    if (status == 0 && o->temporary != NULL && fsync(o->fd) != 0)
        status = error_errno(err, o->path, "sync");
    if (!o->is_stdout) {
        const int fd = o->fd;
        o->fd = -1;
        if (close(fd) != 0 && errno != EINTR && status == 0)
            status = error_errno(err, o->path, "close");
    }
    if (status == 0 && o->temporary != NULL)
        status = rename_into_place(o, err);
    output_abandon(o);
    return status;
}

void output_abandon(struct output *o)
{
    if (o == NULL)
        return;
    if (o->fd >= 0 && !o->is_stdout)
        close(o->fd);
    if (o->temporary != NULL)
        unlink(o->temporary);
    memory_free(o->temporary);
    memory_free(o->path);
    memory_free(o);
}

int output_file(const char *path, const void *bytes, size_t n, sikap_error *err)
{
    struct output *o;
    int status = output_open(&o, path, err);
    if (status != 0)
        return status;
    status = output_write(o, bytes, n, err);
    if (status == 0)
        return output_commit(o, err);
    output_abandon(o);
    return status;
}
