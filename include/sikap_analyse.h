/* SPDX-License-Identifier: Apache-2.0 */
/* sikap_analyse.h: study corpora, label files and models: what is in them, how they differ, what to
 * label next. It belongs to the static library inside the program; the conventions are sikap.h's.
 *
 * Every analysis is an opaque result with the same two views: a table of at most `columns` columns
 * for people, and JSON for programs. One section per analysis, in alphabetical order. */
#ifndef SIKAP_ANALYSE_H
#define SIKAP_ANALYSE_H

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
