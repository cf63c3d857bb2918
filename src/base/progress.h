/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_PROGRESS_H
#define SIKAP_BASE_PROGRESS_H

#include <stddef.h>

/* The text of a progress line, and when it is due. Prints nothing and asks no clock: `now` is the
 * caller's, in seconds from any fixed moment. All zero is a progress that has not begun. */
struct progress {
    char stage[32];
    int begun;
    double since; /* when the stage began */
    double shown; /* when a line was last due */
};

/* Writes "STAGE  DONE/TOTAL  38 %  0:12 left" (total 0, not known: "STAGE  DONE  0:12") into line
 * and returns 1 when a line is due: at the beginning of a stage, at its end, and in between at most
 * ten times a second. Otherwise returns 0. Time left is told once the stage has run for a second.
 */
int progress_line(struct progress *p, const char *stage, size_t done, size_t total, double now,
                  char *line, size_t room);

#endif
