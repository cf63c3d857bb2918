/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_CHECKS_H
#define SIKAP_ANALYSE_CHECKS_H

#include "base/buffer.h"
#include "base/error.h"
#include "sikap_analyse.h"

/* A check whose texts are its own. */
struct check {
    sikap_check shown;
    char *name, *message;
};

struct sikap_checks {
    const sikap_evaluation *evaluation;
    struct check *items;
    size_t n, capacity;
};

/* Adds a check; `message` is copied without what follows a NUL. */
int checks_add(sikap_checks *checks, const char *kind, const char *name, int passed,
               const struct buffer *message, sikap_error *err);

#endif
