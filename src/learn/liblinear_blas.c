/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a BLAS for these would cost every prediction five milliseconds; sums in a fixed order are
 * the same on every CPU. */
#include "learn/liblinear_blas.h"

#include <math.h>

/* Four sums: an addition need not wait for the one before it. */
double liblinear_ddot(const int *n, const double *x, const int *step_x, const double *y,
                      const int *step_y)
{
    const long dx = *step_x, dy = *step_y, count = *n;
    double sum[4] = {0};
    long i = 0;
    for (; i + 4 <= count; i += 4)
        for (long k = 0; k < 4; k++)
            sum[k] += x[(i + k) * dx] * y[(i + k) * dy];
    for (; i < count; i++)
        sum[0] += x[i * dx] * y[i * dy];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

int liblinear_daxpy(const int *n, const double *a, const double *x, const int *step_x, double *y,
                    const int *step_y)
{
    for (long i = 0; i < *n; i++)
        y[i * *step_y] += *a * x[i * *step_x];
    return 0;
}

int liblinear_dscal(const int *n, const double *a, double *x, const int *step_x)
{
    for (long i = 0; i < *n; i++)
        x[i * *step_x] *= *a;
    return 0;
}

double liblinear_dnrm2(const int *n, const double *x, const int *step_x)
{
    const double square = liblinear_ddot(n, x, step_x, x, step_x);
    if (square > 1e-280 && square < 1e300)
        return sqrt(square);
    double largest = 0, sum = 0; /* squares that a double does not hold */
    for (long i = 0; i < *n; i++)
        largest = fmax(largest, fabs(x[i * *step_x]));
    for (long i = 0; i < *n && largest > 0; i++)
        sum += x[i * *step_x] / largest * (x[i * *step_x] / largest);
    return largest * sqrt(sum);
}
