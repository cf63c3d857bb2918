/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* The one mutable global of the program: a signal handler has no other way to tell anybody. */
static volatile sig_atomic_t stopped_by;

enum { PATIENCE_MICROSECONDS = 500000 };

static void end_now(int signal)
{
    (void)signal;
    _exit(128 + (int)stopped_by);
}

static void ask_to_stop(int signal)
{
    if (stopped_by != 0)
        _exit(128 + signal);
    stopped_by = signal;
    /* A read that waits for a pipe, or a long step of the solver, does not look at the flag. Files
     * are only ever renamed into place when complete, so ending here leaves nothing half-written.
     */
    const struct itimerval patience = {.it_value = {.tv_usec = PATIENCE_MICROSECONDS}};
    setitimer(ITIMER_REAL, &patience, NULL);
}

void signals_start(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = end_now;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = ask_to_stop;
    static const int asking[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) {
        /* A signal that was ignored when we were started (nohup, a shell's &) stays ignored. */
        struct sigaction before;
        if (sigaction(asking[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(asking[i], &action, NULL);
    }
    /* A reader that left shows as EPIPE, so temporary files are cleaned up before we end. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int signals_stopped(void)
{
    return (int)stopped_by;
}
