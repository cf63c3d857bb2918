/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_MODEL_FORMAT_H
#define SIKAP_MODEL_MODEL_FORMAT_H

/* Names and numbers of the model file, for model_write.c and model_read.c, which mirror each other.
 * models/FORMAT.md describes every byte. */

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

/* As PNG's: a high bit, a name, CR LF, Ctrl-Z, LF; a transfer in text mode damages it. */
#define MODEL_MAGIC "\x89SIK\r\n\x1A\n"

enum {
    MODEL_MAGIC_SIZE = 8,
    MODEL_VERSION = 2,
    MODEL_HEADER_SIZE = 32, /* magic, version, n_sections, file size, CRC of header and table, 0 */
    MODEL_ENTRY_SIZE = 40,  /* tag, encoding, offset, stored size, raw size, CRC, 0 */
    MODEL_MAX_SECTIONS = 64,
    MODEL_ALIGNMENT = 64,
    MODEL_CRC_AT = 24,
};

enum model_encoding { MODEL_STORED = 0, MODEL_ZLIB = 1 };

enum model_section {
    SECTION_OPTIONS,    /* OPTS feature options as text */
    SECTION_STOP,       /* STOP the stop words */
    SECTION_NOTES,      /* NOTE provenance */
    SECTION_FIELDS,     /* FLDS fields, labels, thresholds, calibration, targets */
    SECTION_VOCABULARY, /* VOCA df and kind of every term */
    SECTION_BIAS,       /* BIAS float32 per output */
    SECTION_SCALE,      /* SCAL float32 per term (8-bit weights) */
    SECTION_ROWS,       /* ROWS int8 [n_terms][stride], or float32 */
    SECTION_TEXTS,      /* TEXT text of every term */
    SECTION_REFERENCE,  /* refs what texts like the training texts look like, may be missing */
    SECTION_SURE,       /* sure certainties and calibration curves, may be missing */
    SECTION_INDEX,      /* indx the look-up table, may be missing */
    SECTION_TERMS,      /* TERM what format 1 had for VOCA and TEXT */
    N_SECTIONS
};
enum { N_WRITTEN = SECTION_TERMS }; /* all but those of older formats, in file order */
#define MODEL_TAGS                                                                                 \
    {                                                                                              \
        "OPTS", "STOP", "NOTE", "FLDS", "VOCA", "BIAS", "SCAL", "ROWS", "TEXT", "refs", "sure",    \
            "indx", "TERM"                                                                         \
    }

/* What a section may inflate to: deflate cannot do better than 1032 to 1, and nothing compressed is
 * larger than this. */
#define MODEL_MAX_INFLATED (UINT64_C(4) << 30)
enum { MODEL_MAX_RATIO = 1032, MODEL_RATIO_SLACK = 64 };
enum { MODEL_MAX_FIELDS = 1000, MODEL_MAX_LABELS = 1000000, MODEL_MAX_TARGETS = 10000 };
enum { MODEL_MAX_NAME = 1 << 16 };

struct model_write_options {
    int compact; /* compress the weights too, and leave the look-up table to the reader */
};

int model_write(const sikap_model *m, const struct model_write_options *options, const char *path,
                sikap_error *err);

#endif
