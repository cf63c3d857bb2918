/* SPDX-License-Identifier: Apache-2.0 */
/* Errors travel as a status code plus a caller-owned struct; nothing here allocates, so an
 * out-of-memory error can always be reported. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void copy_tail(char *out, size_t room, const char *text)
{
    /* The end of a long path tells more than its beginning. */
    const size_t n = strlen(text);
    if (n < room) {
        memcpy(out, text, n + 1);
        return;
    }
    memcpy(out, "...", 3);
    memcpy(out + 3, text + n - (room - 4), room - 3);
}

int error_set(sikap_error *err, sikap_status code, const char *file, size_t line,
              const char *format, ...)
{
    if (err == NULL)
        return (int)code;
    /* An argument may be the message that stands there now: it is read before it is replaced. */
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    err->code = code;
    err->line = line;
    err->file[0] = '\0';
    if (file != NULL)
        copy_tail(err->file, sizeof err->file, file);
    memcpy(err->message, message, sizeof message);
    return (int)code;
}

int error_memory(sikap_error *err, const char *what)
{
    return error_set(err, SIKAP_SYSTEM, NULL, 0, "out of memory (%s)", what);
}

int error_errno(sikap_error *err, const char *file, const char *what)
{
    char reason[128];
    const int code = errno;
    /* The XSI strerror_r returns an int and always fills the buffer; strerror is not thread-safe.
     */
    if (strerror_r(code, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", code);
    return error_set(err, SIKAP_SYSTEM, file, 0, "cannot %s: %s", what, reason);
}

void error_tell(const sikap_watch *watch, const char *file, const char *format, ...)
{
    if (watch == NULL || watch->problem == NULL)
        return;
    sikap_error problem;
    char message[sizeof problem.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    error_set(&problem, SIKAP_DATA, file, 0, "%s", message);
    watch->problem(watch->context, &problem);
}
