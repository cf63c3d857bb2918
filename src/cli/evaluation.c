/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evaluation.h"

#include <string.h>

#include "base/number.h"
#include "cli/common.h"

static int write_json(const void *evaluation, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_evaluation_json(evaluation, write, context, err);
}

/* One line for each gate on standard error; SIKAP_GATE when one failed. */
static int check_gates(struct job *job, const struct option_list *gates,
                       const sikap_evaluation *evaluation, sikap_error *err)
{
    int result = 0;
    for (size_t i = 0; i < gates->n; i++) {
        int passed = 0;
        double value = 0;
        const int status = sikap_evaluation_gate(evaluation, gates->items[i], &passed, &value, err);
        if (status != 0)
            return status;
        struct buffer number = {0};
        number_print_fixed(&number, value, 4);
        buffer_byte(&number, '\0');
        const char *shown = number.failed ? "?" : number.bytes;
        if (passed)
            terminal_note(job->terminal, "gate passed: %s (%s)", gates->items[i], shown);
        else
            terminal_failure(job->terminal, "gate failed: %s (%s)", gates->items[i], shown);
        buffer_free(&number);
        if (!passed)
            result = SIKAP_GATE;
    }
    return result;
}

int evaluation_report(struct job *job, const struct evaluation_options *options,
                      const sikap_evaluation *evaluation, sikap_error *err)
{
    int status = 0;
    terminal_finish(job->terminal);
    if (options->json != NULL)
        status = common_save(job, options->json, write_json, evaluation, err);
    if (status == 0 && (options->json == NULL || strcmp(options->json, "-") != 0))
        status =
            sikap_evaluation_text(evaluation, common_columns(), terminal_write, job->terminal, err);
    return status != 0 ? status : check_gates(job, &options->gates, evaluation, err);
}
