/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <stdio.h>
#include <string.h>

static const double INTERVAL = 0.1, SETTLED = 1.0;

static void clock_text(double seconds, char *out, size_t room)
{
    const unsigned long s = seconds < 1e6 ? (unsigned long)(seconds + 0.5) : 999999;
    if (s >= 3600)
        snprintf(out, room, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, room, "%lu:%02lu", s / 60, s % 60);
}

int progress_line(struct progress *p, const char *stage, size_t done, size_t total, double now,
                  char *line, size_t room)
{
    const int fresh = !p->begun || strncmp(p->stage, stage, sizeof p->stage - 1) != 0;
    if (fresh) {
        snprintf(p->stage, sizeof p->stage, "%s", stage);
        p->begun = 1;
        p->since = now;
    } else if (now - p->shown < INTERVAL && (total == 0 || done != total)) {
        return 0;
    }
    p->shown = now;
    const double spent = now - p->since;
    char time[32];
    if (total == 0) {
        clock_text(spent, time, sizeof time);
        snprintf(line, room, "%s  %zu  %s", p->stage, done, time);
        return 1;
    }
    if (done > total)
        done = total;
    const unsigned percent = (unsigned)((double)done / (double)total * 100);
    if (spent < SETTLED || done == 0 || done == total) {
        snprintf(line, room, "%s  %zu/%zu  %u %%", p->stage, done, total, percent);
        return 1;
    }
    clock_text(spent / (double)done * (double)(total - done), time, sizeof time);
    snprintf(line, room, "%s  %zu/%zu  %u %%  %s left", p->stage, done, total, percent, time);
    return 1;
}
