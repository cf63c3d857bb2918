/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input.h"
#include "cli/common.h"
#include "sikap_report.h"

enum { LONGEST_TEXT = 64 << 20 };

struct explain_options {
    char *model, *html;
    int color;
};

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct option_row rows[] = {
    {.shown = {"model", "MODEL", NULL,
               "model file; without it $SIKAP_MODEL, else the shipped model", "Model"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_options, model)},
    {.shown = {"html", "FILE", NULL,
               "write a page there that shows the text with its words marked; '-': to standard "
               "output, in place of the table",
               "Shown"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_options, html)},
    {.shown = {"color", "auto|always|never", "auto", "auto: on a terminal, unless NO_COLOR is set",
               "Shown"},
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct explain_options, color),
     .choices = colors},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

struct shown {
    const sikap_explanation *explanation;
    const char *name; /* of the text; NULL: none */
    int has_color;
};

static int put_text(const void *context, sikap_write *write, void *to, sikap_error *err)
{
    const struct shown *shown = context;
    return sikap_explanation_text(shown->explanation, common_columns(), shown->has_color, write, to,
                                  err);
}

static int put_html(const void *context, sikap_write *write, void *to, sikap_error *err)
{
    const struct shown *shown = context;
    return sikap_explanation_html(shown->explanation, shown->name, write, to, err);
}

static int show(struct job *job, const sikap_explanation *explanation, const char *path,
                sikap_error *err)
{
    const struct explain_options *own = job->own;
    const char *no_color = getenv("NO_COLOR"), *slash = strrchr(path, '/');
    const int is_plain = no_color != NULL && no_color[0] != '\0';
    struct shown shown = {.explanation = explanation};
    shown.name = strcmp(path, "-") == 0 ? NULL : slash == NULL ? path : slash + 1;
    shown.has_color =
        own->color == 1 || (own->color == 0 && !is_plain && terminal_is_rich(STDOUT_FILENO));
    int status = 0;
    if (own->html != NULL)
        status = common_save(job, own->html, put_html, &shown, err);
    if (status == 0 && (own->html == NULL || strcmp(own->html, "-") != 0))
        status = common_save(job, "-", put_text, &shown, err);
    return status;
}

static int run(struct job *job, sikap_error *err)
{
    const struct explain_options *own = job->own;
    const char *path = job->n_operands == 0 ? "-" : job->operands[0];
    sikap_model *model;
    sikap_explanation *explanation = NULL;
    struct buffer text = {0};
    int status = common_model(&model, own->model, err);
    if (status != 0)
        return status;
    common_hint_stdin(job);
    status = input_whole(&text, path, LONGEST_TEXT, "one article", err);
    if (status == 0)
        status = sikap_explanation_new(&explanation, model, text.bytes, text.n, job->options, err);
    if (status == 0)
        status = show(job, explanation, path, err);
    sikap_explanation_free(explanation);
    buffer_free(&text);
    sikap_model_free(model);
    return status;
}

static library_table *const library[] = {sikap_explain_option, NULL};

const struct command command_explain = {
    .name = "explain",
    .summary = "why a text has its labels: words and passages",
    .operands = "[-m MODEL] [FILE] [options]",
    .description =
        "Labels one text (a file, or standard input) and shows why. A score is a sum, and it is "
        "shown as one: the words for and against with what each adds, everything else together, "
        "the bias; then the sentences that carried the label. A model that reads long articles in "
        "passages is explained by the passage that a label comes from.\n",
    .examples = "sikap explain article.txt\n"
                "sikap explain -m news.sikap article.txt --label security --top 20\n"
                "sikap explain article.txt --html why.html\n",
    .own = &table,
    .own_size = sizeof(struct explain_options),
    .library = library,
    .max_operands = 1,
    .run = run,
};
