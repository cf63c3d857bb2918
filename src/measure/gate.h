/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_GATE_H
#define SIKAP_MEASURE_GATE_H

#include <stddef.h>

#include "base/error.h"

/* A condition on one figure of an evaluation:
 *
 *   topic.macro.f1>=0.70      stance.labels["sanctions-criticism"].f1 >= 0.6
 *
 *   gate     = path operator number
 *   path     = part { "." name | "[" quoted "]" }     the first part is a name or a bracket
 *   name     = letters, digits, "_", "-", and any byte past ASCII
 *   quoted   = "…" or '…', in which \ takes the next byte as it is
 *   operator = ">=" | ">" | "<=" | "<" | "==" | "!="
 *   number   = [sign] digits ["." digits] [("e"|"E") [sign] digits]
 *
 * Blanks may stand between the pieces. Numbers use the point in every locale. */
enum { GATE_MAX_TEXT = 4096, GATE_MAX_PARTS = 16 };

enum gate_operator {
    GATE_AT_LEAST,
    GATE_ABOVE,
    GATE_AT_MOST,
    GATE_BELOW,
    GATE_EQUAL,
    GATE_NOT_EQUAL,
};

struct gate {
    char *text;   /* as given, with a NUL behind it */
    char **parts; /* [n_parts] unquoted; a part never holds a NUL */
    size_t n_parts;
    enum gate_operator operator;
    double bound;
};

/* Parses text[0..n). SIKAP_USAGE says what is wrong and at which byte (1-based):
 * "gate 'topic.macro.f1=0.7', byte 15: expected one of >= > <= < == !=". Free with gate_free. */
int gate_parse(struct gate **out, const char *text, size_t n, sikap_error *err);
/* A path alone; operator and bound mean nothing. */
int gate_parse_path(struct gate **out, const char *text, size_t n, sikap_error *err);
void gate_free(struct gate *gate);

/* The figure a path names: 1 and *value, or 0 where there is none. */
typedef int gate_resolve(void *context, const char *const *parts, size_t n_parts, double *value);

/* *passed, and the figure it was decided by in *value. A figure that is not a number fails every
 * gate, != included. SIKAP_USAGE when the path names nothing. */
int gate_check(int *passed, double *value, const struct gate *gate, gate_resolve *resolve,
               void *context, sikap_error *err);

#endif
