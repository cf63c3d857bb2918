/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement is what was observed, set against what the coders' own rates would give by chance. For
 * nominal codes alpha needs no coincidence matrix: with n_uc codes c among the m_u codes of unit u,
 * observed disagreement is 1 - 1/n Σ_u Σ_c n_uc (n_uc - 1)/(m_u - 1), and expected disagreement
 * 1 - Σ_c n_c (n_c - 1)/(n (n - 1)), over the n pairable codes. */
#include "measure/agreement.h"

#include <math.h>

#include "base/memory.h"

/* 1 - observed disagreement / expected disagreement, from shares of agreement. */
static double beyond_chance(double observed, double expected)
{
    return expected < 1 ? (observed - expected) / (1 - expected) : NAN;
}

static void finish(struct label_agreement *g)
{
    const double both = (double)g->both, only_a = (double)g->only_a, only_b = (double)g->only_b,
                 neither = (double)g->neither;
    const double n = both + only_a + only_b + neither;
    if (n == 0) {
        g->observed = g->kappa = g->alpha = NAN;
        g->f1 = 0;
        return;
    }
    g->observed = (both + neither) / n;
    const double yes_a = both + only_a, yes_b = both + only_b;
    g->kappa = beyond_chance(g->observed, (yes_a * yes_b + (n - yes_a) * (n - yes_b)) / (n * n));
    const double yes = yes_a + yes_b, no = 2 * n - yes;
    g->alpha =
        beyond_chance(g->observed, (yes * (yes - 1) + no * (no - 1)) / (2 * n * (2 * n - 1)));
    g->f1 = yes > 0 ? 2 * both / yes : 0;
}

void agreement_labels(struct label_agreement *agreements, const uint8_t *a, const uint8_t *b,
                      const uint8_t *has_a, const uint8_t *has_b, size_t n_documents,
                      size_t n_labels)
{
    for (size_t l = 0; l < n_labels; l++)
        agreements[l] = (struct label_agreement){0};
    for (size_t i = 0; i < n_documents; i++) {
        if ((has_a != NULL && !has_a[i]) || (has_b != NULL && !has_b[i]))
            continue;
        for (size_t l = 0; l < n_labels; l++) {
            const int in_a = a[i * n_labels + l] != 0, in_b = b[i * n_labels + l] != 0;
            struct label_agreement *g = &agreements[l];
            g->both += in_a && in_b;
            g->only_a += in_a && !in_b;
            g->only_b += !in_a && in_b;
            g->neither += !in_a && !in_b;
        }
    }
    for (size_t l = 0; l < n_labels; l++)
        finish(&agreements[l]);
}

static int check_codes(const uint32_t *codes, size_t n, size_t n_codes, sikap_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (codes[i] != AGREEMENT_MISSING && codes[i] >= n_codes)
            return error_set(err, SIKAP_DATA, NULL, 0, "unit %zu: code %lu of %zu", i,
                             (unsigned long)codes[i], n_codes);
    return 0;
}

int agreement_kappa(double *out, const uint32_t *a, const uint32_t *b, size_t n, size_t n_codes,
                    sikap_error *err)
{
    *out = NAN;
    int status = check_codes(a, n, n_codes, err);
    if (status == 0)
        status = check_codes(b, n, n_codes, err);
    if (status != 0)
        return status;
    double *count_a = memory_zero(n_codes, 2 * sizeof *count_a);
    if (count_a == NULL)
        return error_memory(err, "kappa");
    double *count_b = count_a + n_codes;
    double n_both = 0, n_equal = 0, chance = 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i] == AGREEMENT_MISSING || b[i] == AGREEMENT_MISSING)
            continue;
        n_both++;
        n_equal += a[i] == b[i];
        count_a[a[i]]++;
        count_b[b[i]]++;
    }
    for (size_t c = 0; c < n_codes; c++)
        chance += count_a[c] * count_b[c];
    if (n_both > 0)
        *out = beyond_chance(n_equal / n_both, chance / (n_both * n_both));
    memory_free(count_a);
    return 0;
}

int agreement_alpha(double *out, const uint32_t *codes, size_t n_coders, size_t n_units,
                    size_t n_codes, sikap_error *err)
{
    *out = NAN;
    const int status = check_codes(codes, n_coders * n_units, n_codes, err);
    if (status != 0)
        return status;
    double *total = memory_zero(n_codes, 2 * sizeof *total);
    if (total == NULL)
        return error_memory(err, "alpha");
    double *here = total + n_codes; /* this unit's codes; all zero between units */
    double n = 0, agreeing = 0, chance = 0;
    for (size_t u = 0; u < n_units; u++) {
        double m = 0, pairs = 0;
        for (size_t k = 0; k < n_coders; k++)
            if (codes[k * n_units + u] != AGREEMENT_MISSING) {
                /* The code meets the earlier ones of its kind, as (i, j) and as (j, i). */
                pairs += 2 * here[codes[k * n_units + u]]++;
                m++;
            }
        for (size_t k = 0; k < n_coders; k++)
            if (codes[k * n_units + u] != AGREEMENT_MISSING) {
                here[codes[k * n_units + u]] = 0;
                total[codes[k * n_units + u]] += m > 1;
            }
        if (m > 1) {
            n += m;
            agreeing += pairs / (m - 1);
        }
    }
    for (size_t c = 0; c < n_codes; c++)
        chance += total[c] * (total[c] - 1);
    if (n > 1)
        *out = beyond_chance(agreeing / n, chance / (n * (n - 1)));
    memory_free(total);
    return 0;
}
