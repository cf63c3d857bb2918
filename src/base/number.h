/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_NUMBER_H
#define SIKAP_BASE_NUMBER_H

#include <stddef.h>

struct buffer;

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers as text, the same in every locale, correctly rounded both ways. */

/* The whole of text[0..n) as a decimal number ("1", "-0.5", "1e-3"; also "inf", "nan"): 0, or -1
 * when it is none, has anything before or behind it, or is too large or too small for a double. */
int number_parse(double *out, const char *text, size_t n);
/* The shortest text that number_parse reads back to the same value. Never has a plus sign. */
void number_print(struct buffer *out, double v);
/* The same for a float, read back as a float: 0.1f is "0.1". */
void number_print_float(struct buffer *out, float v);
/* With `decimals` digits (0 to 40) behind the point: for tables. */
void number_print_fixed(struct buffer *out, double v, int decimals);

#ifdef __cplusplus
}
#endif

#endif
