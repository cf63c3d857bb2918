/* SPDX-License-Identifier: Apache-2.0 */
/* Inflating by ISA-L where it was there at build time: it is five times as fast as zlib on text,
 * and inflating would otherwise be half of a prediction from a gzipped corpus. zlib elsewhere. */
#include "base/inflate.h"

#include <limits.h>
#include <stdint.h>

#include "base/memory.h"

#if defined(SIKAP_ISAL)
#include <isa-l/igzip_lib.h>

struct inflater {
    struct inflate_state state;
};

int inflater_new(struct inflater **out, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    if (*out == NULL)
        return error_memory(err, "inflating");
    isal_inflate_init(&(*out)->state);
    (*out)->state.crc_flag = ISAL_GZIP;
    return 0;
}

void inflater_free(struct inflater *inflater)
{
    memory_free(inflater);
}

void inflater_reset(struct inflater *inflater)
{
    isal_inflate_reset(&inflater->state);
    inflater->state.crc_flag = ISAL_GZIP;
}

enum inflate_result inflater_step(struct inflater *inflater, const unsigned char **in, size_t *n_in,
                                  char **out, size_t *n_out, const char **what)
{
    struct inflate_state *s = &inflater->state;
    const size_t offered = *n_in < INT_MAX ? *n_in : INT_MAX;
    const size_t room = *n_out < INT_MAX ? *n_out : INT_MAX;
    s->next_in = (uint8_t *)(uintptr_t)*in; /* only read, though its type does not say so */
    s->avail_in = (uint32_t)offered;
    s->next_out = (uint8_t *)*out;
    s->avail_out = (uint32_t)room;
    const int code = isal_inflate(s);
    if (s->avail_in > offered || s->avail_out > room) {
        /* At damage it may give back bytes that it took in an earlier call: they are not there. */
        *what = "it does not inflate";
        return INFLATE_DAMAGED;
    }
    *in += offered - s->avail_in;
    *n_in -= offered - s->avail_in;
    *out += room - s->avail_out;
    *n_out -= room - s->avail_out;
    if (code < ISAL_DECOMP_OK || code == ISAL_NEED_DICT) {
        *what = code == ISAL_INCORRECT_CHECKSUM ? "its checksum is wrong"
                : code == ISAL_INVALID_WRAPPER || code == ISAL_UNSUPPORTED_METHOD
                    ? "its header is broken"
                    : "it does not inflate";
        return INFLATE_DAMAGED;
    }
    return s->block_state == ISAL_BLOCK_FINISH ? INFLATE_MEMBER_END : INFLATE_GOES_ON;
}

#else
#include <string.h>
#include <zlib.h>

struct inflater {
    z_stream stream;
};

int inflater_new(struct inflater **out, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    if (*out == NULL || inflateInit2(&(*out)->stream, 15 + 16) != Z_OK) {
        memory_free(*out);
        *out = NULL;
        return error_memory(err, "inflating");
    }
    return 0;
}

void inflater_free(struct inflater *inflater)
{
    if (inflater != NULL)
        inflateEnd(&inflater->stream);
    memory_free(inflater);
}

void inflater_reset(struct inflater *inflater)
{
    inflateReset(&inflater->stream); /* it fails only for a stream that was never begun */
}

enum inflate_result inflater_step(struct inflater *inflater, const unsigned char **in, size_t *n_in,
                                  char **out, size_t *n_out, const char **what)
{
    z_stream *z = &inflater->stream;
    const size_t offered = *n_in < INT_MAX ? *n_in : INT_MAX;
    const size_t room = *n_out < INT_MAX ? *n_out : INT_MAX;
    z->next_in = (unsigned char *)(uintptr_t)*in;
    z->avail_in = (unsigned)offered;
    z->next_out = (unsigned char *)*out;
    z->avail_out = (unsigned)room;
    const int code = inflate(z, Z_NO_FLUSH);
    *in += offered - z->avail_in;
    *n_in -= offered - z->avail_in;
    *out += room - z->avail_out;
    *n_out -= room - z->avail_out;
    if (code == Z_STREAM_END)
        return INFLATE_MEMBER_END;
    if (code == Z_OK || code == Z_BUF_ERROR)
        return INFLATE_GOES_ON;
    const char *message = z->msg == NULL ? "" : z->msg;
    const int is_checksum =
        strstr(message, "data check") != NULL || strstr(message, "length check") != NULL;
    const int is_header = strstr(message, "header") != NULL ||
                          strstr(message, "compression method") != NULL ||
                          strstr(message, "unknown header") != NULL;
    *what = code == Z_MEM_ERROR ? "memory is out"
            : is_checksum       ? "its checksum is wrong"
            : is_header         ? "its header is broken"
                                : "it does not inflate";
    return INFLATE_DAMAGED;
}
#endif
