/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_INFLATE_H
#define SIKAP_BASE_INFLATE_H

#include <stddef.h>

#include "base/error.h"

/* Inflating one gzip stream (RFC 1952): header, data and checksum of one member after the other. */
struct inflater;

enum inflate_result { INFLATE_GOES_ON, INFLATE_MEMBER_END, INFLATE_DAMAGED };

int inflater_new(struct inflater **out, sikap_error *err);
void inflater_free(struct inflater *inflater);
/* Ready for the header of another member. */
void inflater_reset(struct inflater *inflater);
/* Inflates from *in (*n_in bytes) to *out (room for *n_out), moving both; stops at the end of a
 * member, when the input is used up, or when the room is. *what: what is damaged, a constant. */
enum inflate_result inflater_step(struct inflater *inflater, const unsigned char **in, size_t *n_in,
                                  char **out, size_t *n_out, const char **what);

#endif
