/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are whole or not there, and what happens on the way. */
#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], target[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sikap-output-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(target, sizeof target, "%s/file", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static void expect_file(const char *path, const char *bytes, size_t n)
{
    char *got = malloc(n + 2);
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    size_t at = 0;
    for (ssize_t k = 1; k > 0 && at < n + 1; at += (size_t)k) {
        k = read(fd, got + at, n + 1 - at);
        assert_true(k >= 0);
    }
    close(fd);
    assert_int_equal(at, n);
    assert_memory_equal(got, bytes, n);
    free(got);
}

static size_t n_files(void)
{
    DIR *dir = opendir(folder);
    size_t n = 0;
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void whole_files(void **state)
{
    (void)state;
    sikap_error err = {0};
    assert_int_equal(output_file(target, "old", 3, &err), 0);
    expect_file(target, "old", 3);
    assert_int_equal(output_file(target, "", 0, &err), 0);
    expect_file(target, "", 0);
    assert_int_equal(output_file(target, "a\0b", 3, &err), 0);
    expect_file(target, "a\0b", 3);
    assert_int_equal(n_files(), 1);
}

/* Pieces of every size around the buffer's come out in order. */
static void pieces(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    static const size_t sizes[] = {1, 65535, 65536, 65537, 3, 100000, 0, 65530, 7};
    char *bytes = malloc(N);
    for (size_t i = 0; i < N; i++)
        bytes[i] = (char)(i * 7 % 251);
    sikap_error err = {0};
    struct output *out;
    assert_int_equal(output_open(&out, target, &err), 0);
    size_t n = 0;
    for (size_t i = 0; n < 700000; i++) {
        const size_t k = sizes[i % (sizeof sizes / sizeof *sizes)];
        assert_int_equal(output_write(out, bytes + n, k, &err), 0);
        n += k;
    }
    assert_int_equal(access(target, F_OK), -1); /* nothing there before the end */
    assert_int_equal(output_commit(out, &err), 0);
    expect_file(target, bytes, n);
    free(bytes);
}

static void abandoned(void **state)
{
    (void)state;
    sikap_error err = {0};
    struct output *out;
    assert_int_equal(output_file(target, "old", 3, &err), 0);
    assert_int_equal(output_open(&out, target, &err), 0);
    assert_int_equal(output_write(out, "new", 3, &err), 0);
    expect_file(target, "old", 3);
    output_abandon(out);
    output_abandon(NULL);
    expect_file(target, "old", 3);
    assert_int_equal(n_files(), 1);
}

static void modes(void **state)
{
    (void)state;
    sikap_error err = {0};
    struct stat info;
    const mode_t mask = umask(027);
    assert_int_equal(output_file(target, "x", 1, &err), 0);
    umask(mask);
    assert_int_equal(stat(target, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_int_equal(chmod(target, 0604), 0);
    assert_int_equal(output_file(target, "y", 1, &err), 0);
    assert_int_equal(stat(target, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
}

static void links(void **state)
{
    (void)state;
    sikap_error err = {0};
    char link[128], dangling[128];
    struct stat info;
    snprintf(link, sizeof link, "%s/link", folder);
    snprintf(dangling, sizeof dangling, "%s/dangling", folder);
    assert_int_equal(output_file(target, "old", 3, &err), 0);
    assert_int_equal(symlink("file", link), 0);
    assert_int_equal(output_file(link, "new", 3, &err), 0);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    expect_file(target, "new", 3);
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_int_equal(output_file(dangling, "x", 1, &err), 0);
    expect_file(dangling, "x", 1);
}

static void wrong_places(void **state)
{
    (void)state;
    sikap_error err = {0};
    struct output *out = (struct output *)(uintptr_t)1;
    char missing[128];
    snprintf(missing, sizeof missing, "%s/no/file", folder);
    assert_int_equal(output_open(&out, missing, &err), SIKAP_SYSTEM);
    assert_null(out);
    assert_string_equal(err.file, missing);
    assert_string_equal(err.message, "cannot create the file: No such file or directory");
    assert_int_equal(output_open(&out, folder, &err), SIKAP_SYSTEM);
    assert_string_equal(err.message, "cannot open the file for writing: Is a directory");
    assert_int_equal(output_open(&out, "", &err), SIKAP_SYSTEM);
}

/* Writing may fail early or only when what is buffered goes out; the first failure stays. */
static void full_device(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    sikap_error err = {0};
    struct output *out;
    assert_int_equal(output_open(&out, "/dev/full", &err), 0);
    assert_int_equal(output_write(out, "x", 1, &err), 0);
    assert_int_equal(output_commit(out, &err), SIKAP_SYSTEM);
    assert_string_equal(err.file, "/dev/full");
    assert_string_equal(err.message, "cannot write: No space left on device");
    char big[70000] = {0};
    assert_int_equal(output_open(&out, "/dev/full", &err), 0);
    assert_int_equal(output_write(out, big, sizeof big, &err), SIKAP_SYSTEM);
    assert_int_equal(output_write(out, "x", 1, &err), SIKAP_SYSTEM);
    assert_int_equal(output_commit(out, &err), SIKAP_SYSTEM);
}

/* A limit on the size of files stands in for a full disk: the old file stays, no temporary does. */
static void full_disk(void **state)
{
    (void)state;
    sikap_error err = {0};
    char big[70000] = {0};
    struct rlimit before, small;
    assert_int_equal(output_file(target, "old", 3, &err), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int status = output_file(target, big, sizeof big, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, SIKAP_SYSTEM);
    assert_string_equal(err.message, "cannot write: File too large");
    expect_file(target, "old", 3);
    assert_int_equal(n_files(), 1);
}

/* Two writers of one file: each writes its own temporary, the last to end wins, nothing is mixed.
 */
static void two_writers(void **state)
{
    (void)state;
    sikap_error err = {0};
    struct output *a, *b;
    assert_int_equal(output_open(&a, target, &err), 0);
    assert_int_equal(output_open(&b, target, &err), 0);
    assert_int_equal(output_write(a, "aaaa", 4, &err), 0);
    assert_int_equal(output_write(b, "bb", 2, &err), 0);
    assert_int_equal(output_commit(a, &err), 0);
    expect_file(target, "aaaa", 4);
    assert_int_equal(output_commit(b, &err), 0);
    expect_file(target, "bb", 2);
    assert_int_equal(n_files(), 1);
}

/* A named pipe is written to, not replaced. */
static void pipes(void **state)
{
    (void)state;
    sikap_error err = {0};
    struct output *out;
    struct stat info;
    assert_int_equal(mkfifo(target, 0600), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char got[8] = {0};
        const int fd = open(target, O_RDONLY);
        const ssize_t n = read(fd, got, sizeof got);
        _exit(n == 5 && memcmp(got, "bytes", 5) == 0 ? 0 : 1);
    }
    assert_int_equal(output_open(&out, target, &err), 0);
    assert_int_equal(output_write(out, "bytes", 5, &err), 0);
    assert_int_equal(output_commit(out, &err), 0);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(stat(target, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
}

/* Killed at any moment, a writer leaves the old file or the new one. */
static void killed(void **state)
{
    (void)state;
    enum { N = 300000 };
    char *old = malloc(N), *new = malloc(N);
    memset(old, 'o', N);
    memset(new, 'n', N);
    sikap_error err = {0};
    size_t n_old = 0, n_new = 0;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(output_file(target, old, N, &err), 0);
        const pid_t child = fork();
        if (child == 0) {
            output_file(target, new, N, NULL);
            _exit(0);
        }
        nanosleep(&(const struct timespec){.tv_nsec = i * 25000L}, NULL);
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        const int fd = open(target, O_RDONLY);
        char first = 0;
        assert_int_equal(read(fd, &first, 1), 1);
        close(fd);
        expect_file(target, first == 'o' ? old : new, N);
        *(first == 'o' ? &n_old : &n_new) += 1;
    }
    assert_true(n_old > 0);
    (void)n_new; /* whether any writer got through depends on the machine */
    free(old);
    free(new);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {CASE(whole_files), CASE(pieces),    CASE(abandoned),
                                       CASE(modes),       CASE(links),     CASE(wrong_places),
                                       CASE(full_device), CASE(full_disk), CASE(two_writers),
                                       CASE(pipes),       CASE(killed)};
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
