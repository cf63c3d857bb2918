/* SPDX-License-Identifier: Apache-2.0 */
/* A path, an operator, a number, each read from a cursor over bytes that may be anything. */
#include "measure/gate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

enum { SHOWN_TEXT = 120 };

struct cursor {
    const char *text;
    size_t n, at;
    sikap_error *err;
};

static int complain(const struct cursor *c, const char *problem)
{
    /* Messages are one line, so control bytes are shown as '?'. */
    char shown[SHOWN_TEXT + 1];
    const size_t n = c->n < SHOWN_TEXT ? c->n : SHOWN_TEXT;
    for (size_t i = 0; i < n; i++)
        shown[i] = (unsigned char)c->text[i] < ' ' || c->text[i] == 0x7f ? '?' : c->text[i];
    shown[n] = '\0';
    return error_set(c->err, SIKAP_USAGE, NULL, 0, "gate '%s%s', byte %zu: %s", shown,
                     n < c->n ? "..." : "", c->at + 1, problem);
}

/* The byte at the cursor, or -1 at the end. */
static int peek(const struct cursor *c)
{
    return c->at < c->n ? (unsigned char)c->text[c->at] : -1;
}

static void skip_blanks(struct cursor *c)
{
    while (peek(c) == ' ' || peek(c) == '\t')
        c->at++;
}

static int is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static int is_name(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
           byte == '_' || byte == '-' || byte >= 0x80;
}

static int add_part(struct cursor *c, struct gate *gate, const char *bytes, size_t n)
{
    if (gate->n_parts == GATE_MAX_PARTS)
        return complain(c, "the path has too many parts");
    char *part = memory_text(bytes, n);
    if (part == NULL)
        return error_memory(c->err, "gate");
    gate->parts[gate->n_parts++] = part;
    return 0;
}

static int parse_name(struct cursor *c, struct gate *gate)
{
    const size_t begin = c->at;
    while (is_name(peek(c)))
        c->at++;
    if (c->at == begin)
        return complain(c, "expected a name");
    return add_part(c, gate, c->text + begin, c->at - begin);
}

/* Behind "[". `room` has space for every byte of the text. */
static int parse_bracket(struct cursor *c, struct gate *gate, char *room)
{
    skip_blanks(c);
    const int quote = peek(c);
    if (quote != '"' && quote != '\'')
        return complain(c, "expected a quoted name");
    c->at++;
    size_t n = 0;
    while (peek(c) != quote) {
        if (peek(c) == '\\')
            c->at++;
        if (peek(c) < 0)
            return complain(c, "the quote is not closed");
        if (peek(c) == '\0')
            return complain(c, "a NUL byte in a name");
        room[n++] = c->text[c->at++];
    }
    c->at++;
    skip_blanks(c);
    if (peek(c) != ']')
        return complain(c, "expected ]");
    c->at++;
    return add_part(c, gate, room, n);
}

static int parse_path(struct cursor *c, struct gate *gate, char *room)
{
    skip_blanks(c);
    int status = 0;
    if (peek(c) != '[')
        status = parse_name(c, gate);
    while (status == 0) {
        skip_blanks(c);
        if (peek(c) == '.') {
            c->at++;
            skip_blanks(c);
            status = parse_name(c, gate);
        } else if (peek(c) == '[') {
            c->at++;
            status = parse_bracket(c, gate, room);
        } else {
            break;
        }
    }
    return status;
}

static int parse_operator(struct cursor *c, struct gate *gate)
{
    /* Longer spellings first. */
    static const struct {
        const char *spelling;
        enum gate_operator operator;
    } TABLE[] = {{">=", GATE_AT_LEAST},  {"<=", GATE_AT_MOST}, {"==", GATE_EQUAL},
                 {"!=", GATE_NOT_EQUAL}, {">", GATE_ABOVE},    {"<", GATE_BELOW}};
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        const size_t n = strlen(TABLE[i].spelling);
        if (c->n - c->at >= n && memcmp(c->text + c->at, TABLE[i].spelling, n) == 0) {
            gate->operator= TABLE[i].operator;
            c->at += n;
            return 0;
        }
    }
    return complain(c, "expected one of >= > <= < == !=");
}

static void skip_digits(struct cursor *c)
{
    while (is_digit(peek(c)))
        c->at++;
}

/* The grammar is checked here, so that only plain decimals reach the conversion: no "inf". */
static int parse_number(struct cursor *c, double *out)
{
    const int plus = peek(c) == '+';
    if (plus)
        c->at++;
    const size_t begin = c->at;
    if (peek(c) == '-' && !plus)
        c->at++;
    if (!is_digit(peek(c)))
        return complain(c, "expected a number");
    skip_digits(c);
    if (peek(c) == '.') {
        c->at++;
        if (!is_digit(peek(c)))
            return complain(c, "expected digits behind the point");
        skip_digits(c);
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        c->at++;
        if (peek(c) == '-' || peek(c) == '+')
            c->at++;
        if (!is_digit(peek(c)))
            return complain(c, "expected the digits of an exponent");
        skip_digits(c);
    }
    if (number_parse(out, c->text + begin, c->at - begin) != 0) {
        c->at = begin;
        return complain(c, "the number is too large or too small");
    }
    return 0;
}

static int parse(struct cursor *c, struct gate *gate, int is_path, char *room)
{
    int status = parse_path(c, gate, room);
    if (status != 0)
        return status;
    skip_blanks(c);
    if (is_path)
        return c->at < c->n ? complain(c, "expected nothing behind the path") : 0;
    status = parse_operator(c, gate);
    if (status != 0)
        return status;
    skip_blanks(c);
    status = parse_number(c, &gate->bound);
    if (status != 0)
        return status;
    skip_blanks(c);
    return c->at < c->n ? complain(c, "expected nothing behind the number") : 0;
}

static int gate_new(struct gate **out, const char *text, size_t n, int is_path, sikap_error *err)
{
    *out = NULL;
    struct cursor c = {.text = text, .n = n, .err = err};
    if (n > GATE_MAX_TEXT) {
        c.at = GATE_MAX_TEXT;
        return complain(&c, "the gate is too long");
    }
    struct gate *gate = memory_zero(1, sizeof *gate);
    char *room = memory_alloc(n, 1);
    int status = 0;
    if (gate == NULL || room == NULL) {
        status = error_memory(err, "gate");
        goto done;
    }
    gate->text = memory_text(text, n);
    gate->parts = memory_zero(GATE_MAX_PARTS, sizeof *gate->parts);
    if (gate->text == NULL || gate->parts == NULL) {
        status = error_memory(err, "gate");
        goto done;
    }
    status = parse(&c, gate, is_path, room);
    if (status != 0)
        goto done;
    *out = gate;
    gate = NULL;
done:
    memory_free(room);
    gate_free(gate);
    return status;
}

int gate_parse(struct gate **out, const char *text, size_t n, sikap_error *err)
{
    return gate_new(out, text, n, 0, err);
}

int gate_parse_path(struct gate **out, const char *text, size_t n, sikap_error *err)
{
    return gate_new(out, text, n, 1, err);
}

void gate_free(struct gate *gate)
{
    if (gate == NULL)
        return;
    for (size_t i = 0; i < gate->n_parts; i++)
        memory_free(gate->parts[i]);
    memory_free(gate->parts);
    memory_free(gate->text);
    memory_free(gate);
}

static int holds(double value, enum gate_operator operator, double bound)
{
    switch (operator) {
    case GATE_AT_LEAST:
        return value >= bound;
    case GATE_ABOVE:
        return value > bound;
    case GATE_AT_MOST:
        return value <= bound;
    case GATE_BELOW:
        return value < bound;
    case GATE_EQUAL:
        return value == bound;
    case GATE_NOT_EQUAL:
        return value != bound;
    }
    return 0;
}

int gate_check(int *passed, double *value, const struct gate *gate, gate_resolve *resolve,
               void *context, sikap_error *err)
{
    *passed = 0;
    *value = NAN;
    if (!resolve(context, (const char *const *)gate->parts, gate->n_parts, value))
        return error_set(err, SIKAP_USAGE, NULL, 0, "gate '%s': there is no such figure",
                         gate->text);
    *passed = !isnan(*value) && holds(*value, gate->operator, gate->bound);
    return 0;
}
