/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_ERROR_H
#define SIKAP_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ERROR_PRINTF(nth, first) __attribute__((format(printf, nth, first)))
#else
#define ERROR_PRINTF(nth, first)
#endif

/* Fills *err (NULL: nothing is kept) and returns `code`, so that a caller can
 * write `return error_set(err, SIKAP_DATA, path, line_no, "3 columns, expected %zu", n)`.
 * `file` NULL and `line` 0 mean "no position". A message is one line, lower case, no full stop. */
int error_set(sikap_error *err, sikap_status code, const char *file, size_t line,
              const char *format, ...) ERROR_PRINTF(5, 6);

/* Out of memory while doing `what`: SIKAP_SYSTEM. */
int error_memory(sikap_error *err, const char *what);

/* A failed system call: SIKAP_SYSTEM, message "cannot WHAT: strerror(errno)". */
int error_errno(sikap_error *err, const char *file, const char *what);

/* Something the user should know of, as a problem for the watch (NULL: nobody listens). */
void error_tell(const sikap_watch *watch, const char *file, const char *format, ...)
    ERROR_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
