/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_LIBLINEAR_BLAS_H
#define SIKAP_LEARN_LIBLINEAR_BLAS_H

/* The four functions of the BLAS that LIBLINEAR's Newton solvers call, with its Fortran interface:
 * n elements, `step` apart. cmake/Dependencies.cmake gives the private copy these names. */
double liblinear_ddot(const int *n, const double *x, const int *step_x, const double *y,
                      const int *step_y);
/* y += a x */
int liblinear_daxpy(const int *n, const double *a, const double *x, const int *step_x, double *y,
                    const int *step_y);
/* x *= a */
int liblinear_dscal(const int *n, const double *a, double *x, const int *step_x);
/* The Euclidean norm, also where the squares are too large or too small for a double. */
double liblinear_dnrm2(const int *n, const double *x, const int *step_x);

#endif
