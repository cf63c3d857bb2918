/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evaluation.h"

#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"
#include "sikap_report.h"

struct report {
    const sikap_evaluation *evaluation;
    const sikap_checks *checks;
    const char *suite; /* of JUnit: "sikap eval" */
    const sikap_report_source *page;
};

static int put_json(const void *report, sikap_write *write, void *context, sikap_error *err)
{
    const struct report *r = report;
    return sikap_evaluation_json(r->evaluation, write, context, err);
}

static int put_table(const void *report, sikap_write *write, void *context, sikap_error *err)
{
    const struct report *r = report;
    return sikap_evaluation_text(r->evaluation, common_columns(), write, context, err);
}

static int put_junit(const void *report, sikap_write *write, void *context, sikap_error *err)
{
    const struct report *r = report;
    return sikap_checks_junit(r->checks, r->suite, write, context, err);
}

static int put_markdown(const void *report, sikap_write *write, void *context, sikap_error *err)
{
    const struct report *r = report;
    return sikap_checks_markdown(r->checks, write, context, err);
}

static int put_html(const void *report, sikap_write *write, void *context, sikap_error *err)
{
    const struct report *r = report;
    return sikap_report_evaluation(r->evaluation, r->page, write, context, err);
}

/* The page is headed by what was evaluated, without its folders. */
static int save_html(struct job *job, const char *path, const struct evaluation_source *source,
                     struct report *report, sikap_error *err)
{
    struct buffer title = {0}, command = {0};
    const char *name = strrchr(source->name, '/');
    buffer_text(&title, source->is_crossval ? "Cross-validation on " : "Evaluation of ");
    buffer_text(&title, name == NULL ? source->name : name + 1);
    buffer_byte(&title, '\0');
    common_command_line(&command, job);
    const sikap_report_source page = {.title = title.bytes,
                                      .command = command.bytes,
                                      .model = source->model,
                                      .corpus = source->gold,
                                      .n_corpus = source->n_gold,
                                      .options = job->options};
    report->page = &page;
    const int status = title.failed || command.failed
                           ? error_memory(err, "report")
                           : common_save(job, path, put_html, report, err);
    report->page = NULL;
    buffer_free(&title);
    buffer_free(&command);
    return status;
}

static int is_stdout(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

/* How many reports go there. */
static int takes_stdout(const struct evaluation_options *o)
{
    return is_stdout(o->json) + is_stdout(o->html) + is_stdout(o->junit) + is_stdout(o->markdown);
}

int evaluation_check_options(const struct evaluation_options *o, sikap_error *err)
{
    if (takes_stdout(o) > 1)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "only one of --json, --html, --junit and --markdown can go to standard "
                         "output");
    if (o->baseline == NULL && o->baseline_figures.n > 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--baseline-figure goes with --baseline FILE");
    if (o->baseline == NULL && (o->max_drop > 0 || o->strict_drop))
        return error_set(err, SIKAP_USAGE, NULL, 0, "--%s goes with --baseline FILE",
                         o->strict_drop ? "strict-drop" : "max-drop");
    if (o->junit != NULL && o->baseline == NULL && o->gates.n == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--junit has nothing to report without --gate or --baseline");
    return 0;
}

static int check(struct job *job, const struct evaluation_options *options,
                 const struct evaluation_source *source, sikap_checks *checks, sikap_error *err)
{
    int status = 0;
    for (size_t i = 0; i < options->gates.n && status == 0; i++)
        status = sikap_checks_gate(checks, options->gates.items[i], err);
    if (status != 0 || options->baseline == NULL)
        return status;
    const sikap_watch watch = terminal_watch(job->terminal);
    const sikap_baseline baseline = {.path = options->baseline,
                                     .figures =
                                         (const char *const *)options->baseline_figures.items,
                                     .n_figures = options->baseline_figures.n,
                                     .max_drop = options->max_drop,
                                     .strict = options->strict_drop,
                                     .refuse_model = source->is_crossval};
    return sikap_checks_baseline(checks, &baseline, source->gold, source->n_gold, job->options,
                                 &watch, err);
}

/* One line for each check on standard error; SIKAP_GATE when one failed. */
static int tell_checks(struct job *job, const sikap_checks *checks)
{
    const sikap_check *c;
    for (size_t i = 0; (c = sikap_checks_at(checks, i)) != NULL; i++) {
        const char *form = strcmp(c->kind, "gate") == 0 ? "%s %s: %s (%s)" : "%s %s: %s %s";
        if (c->passed)
            terminal_note(job->terminal, form, c->kind, "passed", c->name, c->message);
        else
            terminal_failure(job->terminal, form, c->kind, "failed", c->name, c->message);
    }
    return sikap_checks_n_failed(checks) > 0 ? SIKAP_GATE : 0;
}

int evaluation_report(struct job *job, const struct evaluation_options *options,
                      const sikap_evaluation *evaluation, const struct evaluation_source *source,
                      sikap_error *err)
{
    char suite[64] = "sikap ";
    sikap_checks *checks;
    terminal_finish(job->terminal);
    strncat(suite, job->command->name, sizeof suite - sizeof "sikap ");
    int status = sikap_checks_new(&checks, evaluation, err);
    struct report report = {evaluation, checks, suite, NULL};
    if (status == 0 && options->json != NULL)
        status = common_save(job, options->json, put_json, &report, err);
    /* What was found is told before what must hold: a misspelt gate loses no figures. */
    if (status == 0 && options->html != NULL)
        status = save_html(job, options->html, source, &report, err);
    if (status == 0 && takes_stdout(options) == 0)
        status = common_save(job, "-", put_table, &report, err);
    if (status == 0)
        status = check(job, options, source, checks, err);
    if (status == 0 && options->junit != NULL)
        status = common_save(job, options->junit, put_junit, &report, err);
    if (status == 0 && options->markdown != NULL)
        status = common_save(job, options->markdown, put_markdown, &report, err);
    terminal_finish(job->terminal);
    if (status == 0)
        status = tell_checks(job, checks);
    sikap_checks_free(checks);
    return status;
}
