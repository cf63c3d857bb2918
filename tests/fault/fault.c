/* SPDX-License-Identifier: Apache-2.0 */
/* Makes one call of the system fail, in a program that knows nothing of it (LD_PRELOAD):
 *
 *   SIKAP_FAULT=CALL:N:WHAT     the N-th CALL (from 1) fails with WHAT, an errno such as EIO or
 *                               ENOSPC; `short` reads or writes one byte, `kill` ends the process
 *   SIKAP_FAULT_MARK=FILE       is made when that happens: without it there were fewer calls
 *
 * CALL is open, read, pread, write, fsync, rename, close, opendir, thread or malloc; calls of
 * malloc, calloc and realloc count together, from the program's first sigaction on, which is where
 * main begins. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

enum { FAULT_NONE, FAULT_ERRNO, FAULT_SHORT };

static char call[16];
static const char *mark;
static long at = -1;
static int code, is_short, is_kill;
static atomic_long n_calls;
static atomic_int is_armed;

__attribute__((constructor)) static void start(void)
{
    static const struct {
        const char *name;
        int code;
    } codes[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR},  {"ENOMEM", ENOMEM},
                 {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}};
    const char *fault = getenv("SIKAP_FAULT");
    mark = getenv("SIKAP_FAULT_MARK");
    const char *n = fault == NULL ? NULL : strchr(fault, ':');
    const char *what = n == NULL ? NULL : strchr(n + 1, ':');
    if (what == NULL || (size_t)(n - fault) >= sizeof call)
        return;
    memcpy(call, fault, (size_t)(n - fault));
    at = strtol(n + 1, NULL, 10);
    is_short = strcmp(what + 1, "short") == 0;
    is_kill = strcmp(what + 1, "kill") == 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(what + 1, codes[i].name) == 0)
            code = codes[i].code;
}

static int strikes(const char *name)
{
    if (at < 0 || strcmp(name, call) != 0 || atomic_fetch_add(&n_calls, 1) + 1 != at)
        return FAULT_NONE;
    if (mark != NULL)
        syscall(SYS_close, (int)syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0600));
    if (is_kill)
        syscall(SYS_kill, (int)syscall(SYS_getpid), SIGKILL);
    errno = code;
    return is_short ? FAULT_SHORT : FAULT_ERRNO;
}

/* The function that would have been called: the C library's, or a sanitizer's. */
#define NEXT(name, type)                                                                           \
    static type *next;                                                                             \
    if (next == NULL)                                                                              \
    *(void **)&next = dlsym(RTLD_NEXT, name)

typedef int open_function(const char *path, int flags, ...);
typedef ssize_t read_function(int fd, void *to, size_t n);
typedef ssize_t pread_function(int fd, void *to, size_t n, off_t offset);
typedef ssize_t write_function(int fd, const void *from, size_t n);
typedef int fd_function(int fd);
typedef int rename_function(const char *from, const char *to);
typedef DIR *opendir_function(const char *path);
typedef int thread_function(pthread_t *thread, const pthread_attr_t *attributes,
                            void *(*run)(void *), void *argument);
typedef int sigaction_function(int number, const struct sigaction *action, struct sigaction *old);

SHOWN int open(const char *path, int flags, ...)
{
    NEXT("open", open_function);
    va_list list;
    va_start(list, flags);
    const mode_t mode = flags & O_CREAT ? (mode_t)va_arg(list, unsigned) : 0;
    va_end(list);
    return strikes("open") != FAULT_NONE ? -1 : next(path, flags, mode);
}

SHOWN ssize_t read(int fd, void *to, size_t n)
{
    NEXT("read", read_function);
    const int fault = strikes("read");
    return fault == FAULT_ERRNO ? -1 : next(fd, to, fault == FAULT_SHORT && n > 1 ? 1 : n);
}

SHOWN ssize_t pread(int fd, void *to, size_t n, off_t offset)
{
    NEXT("pread", pread_function);
    const int fault = strikes("pread");
    return fault == FAULT_ERRNO ? -1 : next(fd, to, fault == FAULT_SHORT && n > 1 ? 1 : n, offset);
}

SHOWN ssize_t write(int fd, const void *from, size_t n)
{
    NEXT("write", write_function);
    const int fault = strikes("write");
    return fault == FAULT_ERRNO ? -1 : next(fd, from, fault == FAULT_SHORT && n > 1 ? 1 : n);
}

SHOWN int fsync(int fd)
{
    NEXT("fsync", fd_function);
    return strikes("fsync") != FAULT_NONE ? -1 : next(fd);
}

/* The file is closed all the same, as by Linux. */
SHOWN int close(int fd)
{
    NEXT("close", fd_function);
    const int fault = strikes("close"), why = errno;
    const int result = next(fd);
    if (fault == FAULT_NONE)
        return result;
    errno = why;
    return -1;
}

SHOWN int rename(const char *from, const char *to)
{
    NEXT("rename", rename_function);
    return strikes("rename") != FAULT_NONE ? -1 : next(from, to);
}

SHOWN DIR *opendir(const char *path)
{
    NEXT("opendir", opendir_function);
    return strikes("opendir") != FAULT_NONE ? NULL : next(path);
}

SHOWN int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                         void *argument)
{
    NEXT("pthread_create", thread_function);
    return strikes("thread") != FAULT_NONE ? code : next(thread, attributes, run, argument);
}

SHOWN int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    NEXT("sigaction", sigaction_function);
    atomic_store(&is_armed, 1);
    return next(number, action, old);
}

/* Not beside a sanitizer, which brings an allocator of its own. */
#if defined(FAULT_MALLOC)
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t n);

static int has_no_memory(void)
{
    return atomic_load(&is_armed) && strikes("malloc") != FAULT_NONE;
}

SHOWN void *malloc(size_t n)
{
    return has_no_memory() ? NULL : __libc_malloc(n);
}

SHOWN void *calloc(size_t n, size_t size)
{
    return has_no_memory() ? NULL : __libc_calloc(n, size);
}

SHOWN void *realloc(void *old, size_t n)
{
    return has_no_memory() ? NULL : __libc_realloc(old, n);
}
#endif
