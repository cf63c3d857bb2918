/* SPDX-License-Identifier: Apache-2.0 */
#include "analyse/checks.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

int sikap_checks_new(sikap_checks **out, const sikap_evaluation *evaluation, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    if (*out == NULL)
        return error_memory(err, "checks");
    (*out)->evaluation = evaluation;
    return 0;
}

void sikap_checks_free(sikap_checks *checks)
{
    if (checks == NULL)
        return;
    for (size_t i = 0; i < checks->n; i++) {
        memory_free(checks->items[i].name);
        memory_free(checks->items[i].message);
    }
    memory_free(checks->items);
    memory_free(checks);
}

const sikap_check *sikap_checks_at(const sikap_checks *checks, size_t i)
{
    return i < checks->n ? &checks->items[i].shown : NULL;
}

size_t sikap_checks_n_failed(const sikap_checks *checks)
{
    size_t n = 0;
    for (size_t i = 0; i < checks->n; i++)
        n += !checks->items[i].shown.passed;
    return n;
}

int checks_add(sikap_checks *checks, const char *kind, const char *name, int passed,
               const struct buffer *message, sikap_error *err)
{
    if (message->failed ||
        memory_grow(&checks->items, &checks->capacity, checks->n + 1, sizeof *checks->items) != 0)
        return error_memory(err, "checks");
    struct check *c = &checks->items[checks->n];
    c->name = memory_string(name);
    c->message = memory_text(message->n == 0 ? "" : message->bytes, message->n);
    if (c->name == NULL || c->message == NULL) {
        memory_free(c->name);
        memory_free(c->message);
        return error_memory(err, "checks");
    }
    c->shown =
        (sikap_check){.kind = kind, .name = c->name, .message = c->message, .passed = passed};
    checks->n++;
    return 0;
}

int sikap_checks_gate(sikap_checks *checks, const char *expression, sikap_error *err)
{
    int passed;
    double value;
    int status = sikap_evaluation_gate(checks->evaluation, expression, &passed, &value, err);
    if (status != 0)
        return status;
    struct buffer message = {0};
    if (isnan(value))
        buffer_text(&message, "not a number");
    else
        number_print_fixed(&message, value, 4);
    status = checks_add(checks, "gate", expression, passed, &message, err);
    buffer_free(&message);
    return status;
}
