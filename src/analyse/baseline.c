/* SPDX-License-Identifier: Apache-2.0 */
/* Figures now against figures before. Both sides are looked up in the JSON of their evaluations, so
 * that a file of figures, a label file and a model need one way only; what differs is how a drop is
 * tested. */
#include "analyse/baseline.h"

#include <math.h>
#include <string.h>

#include "analyse/checks.h"
#include "base/memory.h"
#include "base/number.h"
#include "measure/gate.h"
#include "measure/probability.h"

/* Of the test; and what rounding may add to a difference of two printed numbers. */
static const double LEVEL = 0.05;
static const double ROUNDING = 1e-9;
static const double LEAST_P = 1e-4; /* that four decimals show */

struct comparison {
    sikap_checks *checks;
    const struct baseline_request *request;
    struct figures *now;
    struct baseline_read before;
    struct paired *paired; /* NULL: only figures */
    size_t n_compared;
};

/* How a drop was tested, and what came out. */
struct verdict {
    double p;           /* NaN: not tested */
    const char *reason; /* why not */
    size_t n_units;     /* of a paired test; 0: from the two intervals */
};

static int less_is_better(const char *name)
{
    static const char *const losses[] = {"hamming_loss", "brier", "calibration_error"};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (strcmp(losses[i], name) == 0)
            return 1;
    return 0;
}

/* Two-sided p of two independent normal figures with these 95 % intervals. */
static void test_intervals(struct verdict *out, double difference, struct figure_spread a,
                           struct figure_spread b)
{
    if (!a.is_given || !b.is_given) {
        out->reason = a.is_given ? b.reason : a.reason;
        return;
    }
    const double z = probability_normal_quantile(0.5 + EVALUATE_LEVEL / 2);
    const double se_a = (a.high - a.low) / (2 * z), se_b = (b.high - b.low) / (2 * z);
    const double se = sqrt(se_a * se_a + se_b * se_b);
    if (se > 0)
        out->p = 2 * probability_normal(-fabs(difference) / se);
    else
        out->reason = "no spread";
}

static int test_drop(struct comparison *c, const char *const *parts, size_t n_parts,
                     double difference, struct verdict *out, sikap_error *err)
{
    *out = (struct verdict){.p = NAN, .reason = "no test for this figure"};
    if (c->paired != NULL)
        return paired_p(c->paired, parts, n_parts, &out->p, &out->n_units, err);
    test_intervals(out, difference, figures_spread(c->before.figures, parts, n_parts),
                   figures_spread(c->now, parts, n_parts));
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static void put_signed(struct buffer *out, double v)
{
    buffer_text(out, v < 0 ? "" : "+");
    number_print_fixed(out, v, 4);
}

static void put_verdict(struct buffer *out, const struct comparison *c, const struct verdict *v)
{
    if (isnan(v->p)) {
        buffer_text(out, "; not tested (");
        buffer_text(out, v->reason);
        buffer_text(out, c->paired == NULL ? "): a label file as the baseline would be" : ")");
        return;
    }
    buffer_text(out, v->p < LEVEL ? "; significant, p " : "; not significant, p ");
    if (v->p < LEAST_P)
        buffer_text(out, "< ");
    number_print_fixed(out, v->p < LEAST_P ? LEAST_P : v->p, 4);
    if (v->n_units == 0)
        buffer_text(out, " from the two intervals");
    else
        buffer_format(out, " paired over %zu %s", v->n_units,
                      evaluation_data_of(c->checks->evaluation)->group == NULL ? "documents"
                                                                               : "groups");
}

/* A path as a gate would have it. */
static void put_path(struct buffer *out, const char *const *parts, size_t n_parts)
{
    for (size_t i = 0; i < n_parts; i++) {
        struct gate *plain = NULL;
        const int is_plain = gate_parse_path(&plain, parts[i], strlen(parts[i]), NULL) == 0 &&
                             plain->n_parts == 1 && strcmp(plain->parts[0], parts[i]) == 0;
        gate_free(plain);
        if (is_plain) {
            buffer_text(out, i > 0 ? "." : "");
            buffer_text(out, parts[i]);
            continue;
        }
        buffer_text(out, "[\"");
        for (const char *at = parts[i]; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                buffer_byte(out, '\\');
            buffer_byte(out, *at);
        }
        buffer_text(out, "\"]");
    }
}

/* ---- one figure ------------------------------------------------------------------------------ */

/* The check itself: *passed, and the message. */
static int judge(struct comparison *c, const char *const *parts, size_t n_parts, double before,
                 double now, int *passed, struct buffer *message, sikap_error *err)
{
    const sikap_baseline *baseline = c->request->baseline;
    if (isnan(now)) {
        buffer_text(message, "not a number, was ");
        number_print_fixed(message, before, 4);
        *passed = 0;
        return 0;
    }
    const double difference = now - before;
    const double drop = less_is_better(parts[n_parts - 1]) ? difference : -difference;
    number_print_fixed(message, now, 4);
    buffer_text(message, ", was ");
    number_print_fixed(message, before, 4);
    buffer_text(message, ": ");
    put_signed(message, difference);
    *passed = drop <= baseline->max_drop + ROUNDING;
    if (*passed)
        return 0;
    buffer_text(message, ", worse by more than ");
    number_print(message, baseline->max_drop);
    struct verdict v;
    const int status = test_drop(c, parts, n_parts, difference, &v, err);
    put_verdict(message, c, &v);
    *passed = !baseline->strict && !(v.p < LEVEL);
    return status;
}

static int compare_figure(struct comparison *c, const char *const *parts, size_t n_parts,
                          sikap_error *err)
{
    struct buffer path = {0}, message = {0};
    double before, now;
    int passed = 0, status = 0;
    put_path(&path, parts, n_parts);
    buffer_byte(&path, '\0');
    if (path.failed)
        status = error_memory(err, "baseline");
    else if (!figures_resolve(c->now, parts, n_parts, &now))
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--baseline-figure: there is no figure '%.200s'", path.bytes);
    else if (!figures_resolve(c->before.figures, parts, n_parts, &before) || isnan(before))
        status = error_set(err, SIKAP_DATA, c->request->baseline->path, 0,
                           "the baseline has no figure '%.200s'", path.bytes);
    if (status == 0)
        status = judge(c, parts, n_parts, before, now, &passed, &message, err);
    if (status == 0)
        status = checks_add(c->checks, "baseline", path.bytes, passed, &message, err);
    c->n_compared += status == 0;
    buffer_free(&path);
    buffer_free(&message);
    return status;
}

/* ---- all figures ----------------------------------------------------------------------------- */

static int compare_named(struct comparison *c, const char *text, sikap_error *err)
{
    struct gate *path;
    int status = gate_parse_path(&path, text, strlen(text), err);
    if (status == 0)
        status = compare_figure(c, (const char *const *)path->parts, path->n_parts, err);
    gate_free(path);
    return status;
}

static const char *kind_of(const struct figures *figures, const char *field)
{
    const char *const parts[] = {field, "kind"};
    const struct json_node *kind = figures_find(figures, parts, 2);
    return kind == NULL || kind->kind != JSON_STRING ? NULL : kind->text;
}

static int compare_field(struct comparison *c, const char *field, sikap_error *err)
{
    const char *const micro[] = {field, "micro", "f1"}, *const macro[] = {field, "macro", "f1"};
    const char *now = kind_of(c->now, field), *before = kind_of(c->before.figures, field);
    if (now != NULL && before != NULL && strcmp(now, before) != 0)
        return error_set(err, SIKAP_DATA, c->request->baseline->path, 0,
                         "the field '%.100s' is %.10s in the baseline, %.10s here", field, before,
                         now);
    const int status = compare_figure(c, micro, 3, err);
    return status != 0 ? status : compare_figure(c, macro, 3, err);
}

/* What the baseline has and the evaluation lacks has dropped altogether. */
static int compare_lost(struct comparison *c, sikap_error *err)
{
    static const char *const fields[] = {"fields"};
    const struct json_node *field;
    int status = 0;
    size_t at = 0;
    while (status == 0 && (field = figures_next(c->before.figures, fields, 1, &at)) != NULL) {
        char *name = memory_text(field->key, field->key_n);
        if (name == NULL)
            return error_memory(err, "baseline");
        const char *const parts[] = {name};
        if (figures_find(c->now, parts, 1) == NULL) {
            struct buffer message = {0};
            buffer_text(&message, "the baseline has this field, the evaluation has not");
            status = checks_add(c->checks, "baseline", name, 0, &message, err);
            buffer_free(&message);
        }
        memory_free(name);
    }
    return status;
}

static void warn(const struct baseline_request *r, const char *field)
{
    sikap_error problem;
    if (r->watch == NULL || r->watch->problem == NULL)
        return;
    error_set(&problem, SIKAP_DATA, r->baseline->path, 0,
              "the baseline does not have the field '%.100s', which is not compared", field);
    r->watch->problem(r->watch->context, &problem);
}

static int compare_all(struct comparison *c, sikap_error *err)
{
    const sikap_baseline *baseline = c->request->baseline;
    const struct evaluation_data *d = evaluation_data_of(c->checks->evaluation);
    int status = 0;
    for (size_t i = 0; i < baseline->n_figures && status == 0; i++)
        status = compare_named(c, baseline->figures[i], err);
    for (size_t f = 0; baseline->n_figures == 0 && f < d->n_fields && status == 0; f++) {
        const char *const parts[] = {d->fields[f].name};
        if (figures_find(c->before.figures, parts, 1) == NULL)
            warn(c->request, d->fields[f].name);
        else
            status = compare_field(c, d->fields[f].name, err);
    }
    if (status == 0 && c->n_compared == 0)
        return error_set(err, SIKAP_DATA, baseline->path, 0,
                         "the baseline has no field of this evaluation");
    return status != 0 || baseline->n_figures > 0 ? status : compare_lost(c, err);
}

static int threads_of(const sikap_options *options, size_t *out, sikap_error *err)
{
    struct evaluate_options evaluate = {0};
    const int status = options_read(options, &evaluate_option_table, &evaluate, err);
    *out = evaluate.threads;
    option_clear(&evaluate_option_table, &evaluate);
    return status;
}

int sikap_checks_baseline(sikap_checks *checks, const sikap_baseline *baseline,
                          const char *const *gold, size_t n_gold, const sikap_options *options,
                          const sikap_watch *watch, sikap_error *err)
{
    const struct baseline_request request = {.baseline = baseline,
                                             .evaluation = checks->evaluation,
                                             .gold = gold,
                                             .n_gold = n_gold,
                                             .options = options,
                                             .watch = watch};
    struct comparison c = {.checks = checks, .request = &request};
    size_t n_threads;
    int status = threads_of(options, &n_threads, err);
    if (status == 0)
        status = baseline_read(&c.before, &request, err);
    if (status == 0)
        status = figures_of(&c.now, checks->evaluation, err);
    if (status == 0 && c.before.evaluation != NULL)
        status = paired_new(&c.paired, c.before.evaluation, checks->evaluation, n_threads, err);
    if (status == 0)
        status = compare_all(&c, err);
    paired_free(c.paired);
    figures_free(c.now);
    baseline_read_clear(&c.before);
    return status;
}
