/* SPDX-License-Identifier: Apache-2.0 */
/* Byte streams, written by zlib or by hand: what comes out, and what is said of damage. */
#include "base/input.h"

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
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/buffer.h"

struct scratch {
    char folder[64], path[96];
};

static int set_up(void **state)
{
    static struct scratch s;
    strcpy(s.folder, "/tmp/sikap-input-XXXXXX");
    if (mkdtemp(s.folder) == NULL)
        return -1;
    snprintf(s.path, sizeof s.path, "%s/file", s.folder);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    const struct scratch *s = *state;
    unlink(s->path);
    return rmdir(s->folder);
}

static void put_file(const char *path, const void *bytes, size_t n)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    for (size_t at = 0; at < n;) {
        const ssize_t k = write(fd, (const char *)bytes + at, n - at);
        assert_true(k > 0);
        at += (size_t)k;
    }
    assert_int_equal(close(fd), 0);
}

/* One gzip member holding bytes[0..n), appended. */
static void add_member(struct buffer *out, const void *bytes, size_t n, int level)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(buffer_reserve(out, deflateBound(&z, n) + 64), 0);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (unsigned)n;
    z.next_out = (unsigned char *)out->bytes + out->n;
    z.avail_out = (unsigned)(out->capacity - out->n);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n = (size_t)((char *)z.next_out - out->bytes);
    deflateEnd(&z);
}

/* Reads all of it, `step` bytes at a time. Returns the status. */
static int read_all(const char *path, size_t step, struct buffer *out, sikap_error *err)
{
    struct input *in;
    char *piece = malloc(step);
    int status = input_open(&in, path, err);
    buffer_clear(out);
    while (status == 0) {
        size_t got = 99;
        status = input_read(in, piece, step, &got, err);
        if (status == 0 && got == 0)
            break;
        assert_true(got <= step);
        if (status == 0)
            buffer_bytes(out, piece, got);
    }
    input_free(in);
    free(piece);
    return status;
}

static void check(const char *path, const struct buffer *expected)
{
    struct buffer got = {0};
    sikap_error err = {0};
    for (size_t step = 1; step < 3000000; step = step * 37 + 1) {
        if (expected->n / step > 1000000)
            continue;
        assert_int_equal(read_all(path, step, &got, &err), 0);
        assert_int_equal(got.n, expected->n);
        assert_true(got.n == 0 || memcmp(got.bytes, expected->bytes, got.n) == 0);
    }
    buffer_free(&got);
}

static void plain(void **state)
{
    const struct scratch *s = *state;
    static const char *const texts[] = {"",         "a",          "\x1F",
                                        "\x1F\x1F", "\x8B\x1F x", "two\nlines\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer b = {0};
        buffer_text(&b, texts[i]);
        put_file(s->path, texts[i], strlen(texts[i]));
        check(s->path, &b);
        buffer_free(&b);
    }
}

/* Text that is neither random nor one run, larger than the chunks that are inflated ahead. */
static void make_text(struct buffer *text, size_t n)
{
    uint32_t seed = 1;
    while (text->n < n) {
        seed = seed * 1664525 + 1013904223;
        buffer_format(text, "%s%u ", seed >> 28 ? "kata" : "\n", (unsigned)(seed >> 20));
    }
}

static void gzipped(void **state)
{
    const struct scratch *s = *state;
    struct buffer text = {0}, file = {0};
    make_text(&text, 5000000);
    for (int level = 0; level <= 9; level += 3) {
        buffer_clear(&file);
        add_member(&file, text.bytes, text.n, level);
        put_file(s->path, file.bytes, file.n);
        check(s->path, &text);
    }
    buffer_free(&text);
    buffer_free(&file);
}

static void members(void **state)
{
    const struct scratch *s = *state;
    struct buffer text = {0}, file = {0};
    for (int i = 0; i < 300; i++) {
        const size_t from = text.n;
        if (i % 7 != 0) /* some are empty */
            buffer_format(&text, "member %d\n", i);
        add_member(&file, text.bytes == NULL ? "" : text.bytes + from, text.n - from, i % 10);
    }
    put_file(s->path, file.bytes, file.n);
    check(s->path, &text);
    for (int i = 0; i < 1000; i++) /* padding, as tar leaves it */
        buffer_byte(&file, '\0');
    put_file(s->path, file.bytes, file.n);
    check(s->path, &text);
    buffer_free(&text);
    buffer_free(&file);
}

/* A header with every optional part: extra field, name, comment, checksum of the header. */
static void header(void **state)
{
    const struct scratch *s = *state;
    struct buffer file = {0}, text = {0};
    unsigned char extra[] = "xy", name[] = "name", comment[] = "a comment";
    gz_header head = {.extra = extra, .extra_len = 2, .name = name, .comment = comment, .hcrc = 1};
    z_stream z = {0};
    char bytes[256];
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t) "with a header";
    z.avail_in = 13;
    z.next_out = (unsigned char *)bytes;
    z.avail_out = sizeof bytes;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put_file(s->path, bytes, sizeof bytes - z.avail_out);
    deflateEnd(&z);
    buffer_text(&text, "with a header");
    check(s->path, &text);
    buffer_free(&file);
    buffer_free(&text);
}

static void damage(void **state)
{
    const struct scratch *s = *state;
    struct buffer text = {0}, file = {0}, got = {0};
    sikap_error err = {0};
    make_text(&text, 400);
    add_member(&file, text.bytes, text.n, 6);
    for (size_t n = 2; n < file.n; n++) { /* every truncation */
        put_file(s->path, file.bytes, n);
        assert_int_equal(read_all(s->path, 4096, &got, &err), SIKAP_DATA);
        assert_string_equal(err.file, s->path);
        assert_string_equal(err.message, "damaged gzip file: it is cut short");
    }
    size_t n_refused = 0;
    for (size_t i = 2; i < file.n; i++) { /* every changed byte, and some of its bits */
        for (int bit = 0; bit < 8; bit++) {
            file.bytes[i] = (char)(file.bytes[i] ^ 1 << bit);
            put_file(s->path, file.bytes, file.n);
            const int status = read_all(s->path, 4096, &got, &err);
            if (status == 0) { /* a time stamp, a flag without effect, bits behind the data */
                assert_int_equal(got.n, text.n);
                assert_memory_equal(got.bytes, text.bytes, text.n);
            } else {
                assert_int_equal(status, SIKAP_DATA);
                n_refused++;
            }
            file.bytes[i] = (char)(file.bytes[i] ^ 1 << bit);
        }
    }
    assert_true(n_refused >= 8 * (file.n - 10) - 7);
    buffer_free(&text);
    buffer_free(&file);
    buffer_free(&got);
}

static void garbage(void **state)
{
    const struct scratch *s = *state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *message;
    } tails[] = {
        {"x", 1, "damaged gzip file: bytes that are not gzip behind its end"},
        {"\0\0x", 3, "damaged gzip file: bytes that are not gzip behind its end"},
        {"\0\x1F\x8B", 3, "damaged gzip file: bytes that are not gzip behind its end"},
        {"\x1F", 1, "damaged gzip file: it is cut short"},
        {"\x1F\x8B\x08", 3, "damaged gzip file: it is cut short"},
        {"\x1F\x8C\x08\0\0\0\0\0\0\0\0\0\0", 13, "damaged gzip file: its header is broken"},
    };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        struct buffer file = {0}, got = {0};
        sikap_error err = {0};
        add_member(&file, "text", 4, 6);
        buffer_bytes(&file, tails[i].bytes, tails[i].n);
        put_file(s->path, file.bytes, file.n);
        assert_int_equal(read_all(s->path, 10, &got, &err), SIKAP_DATA);
        assert_string_equal(err.message, tails[i].message);
        assert_int_equal(got.n, 4); /* what came before it was read */
        buffer_free(&file);
        buffer_free(&got);
    }
}

static void not_there(void **state)
{
    const struct scratch *s = *state;
    struct input *in = (struct input *)(uintptr_t)1;
    sikap_error err = {0};
    assert_int_equal(input_open(&in, "/nowhere/at/all", &err), SIKAP_SYSTEM);
    assert_null(in);
    assert_string_equal(err.file, "/nowhere/at/all");
    assert_string_equal(err.message, "cannot open: No such file or directory");
    assert_int_equal(input_open(&in, s->folder, &err), SIKAP_SYSTEM);
    assert_string_equal(err.message, "cannot read: Is a directory");
    input_free(NULL);
}

/* Standard input as a pipe: `feeder` writes bytes[0..n) one by one, then sleeps or closes. */
static pid_t feed_stdin(const char *bytes, size_t n, int closes)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        for (size_t i = 0; i < n; i++)
            if (write(ends[1], bytes + i, 1) != 1)
                _exit(1);
        while (!closes)
            pause();
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    return child;
}

static void from_a_pipe(void **state)
{
    (void)state;
    struct buffer text = {0}, file = {0}, got = {0};
    sikap_error err = {0};
    make_text(&text, 3000);
    add_member(&file, text.bytes, text.n, 6);
    int status;
    pid_t child = feed_stdin(file.bytes, file.n, 1);
    assert_int_equal(read_all("-", 1000, &got, &err), 0);
    assert_int_equal(got.n, text.n);
    assert_memory_equal(got.bytes, text.bytes, text.n);
    waitpid(child, &status, 0);
    child = feed_stdin(text.bytes, text.n, 1);
    assert_int_equal(read_all("-", 1000, &got, &err), 0);
    assert_int_equal(got.n, text.n);
    waitpid(child, &status, 0);
    child = feed_stdin(file.bytes, file.n - 1, 1);
    assert_int_equal(read_all("-", 1000, &got, &err), SIKAP_DATA);
    assert_string_equal(err.file, "<stdin>");
    waitpid(child, &status, 0);
    buffer_free(&text);
    buffer_free(&file);
    buffer_free(&got);
}

/* Giving up while a pipe is silent must not wait for whoever feeds it. */
static void giving_up(void **state)
{
    (void)state;
    struct buffer file = {0};
    struct input *in;
    sikap_error err = {0};
    make_text(&file, 1000);
    struct buffer member = {0};
    add_member(&member, file.bytes, file.n, 6);
    const pid_t child = feed_stdin(member.bytes, member.n / 2, 0);
    assert_int_equal(input_open(&in, "-", &err), 0);
    assert_string_equal(input_name(in), "<stdin>");
    alarm(20);
    input_free(in);
    alarm(0);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    buffer_free(&file);
    buffer_free(&member);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gzipped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_there, set_up, tear_down),
        cmocka_unit_test(from_a_pipe),
        cmocka_unit_test(giving_up),
    };
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
