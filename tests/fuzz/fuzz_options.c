/* SPDX-License-Identifier: Apache-2.0 */
/* Option and gate parsers. The first byte chooses a parser. What must hold: what is accepted can be
 * saved, and reads back as the same; what is refused says why and leaves the values as they were.
 */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "features/feature_options.h"
#include "learn/train_options.h"
#include "measure/gate.h"

union noun {
    struct corpus_options corpus;
    struct feature_options features;
    struct train_options train;
};

static const struct option_table *const tables[] = {&corpus_option_table, &feature_option_table,
                                                    &train_option_table};

static void save(const struct option_table *table, const union noun *noun, struct buffer *out)
{
    buffer_clear(out);
    option_save_all(table, noun, out);
}

static void set_one(const struct option_table *table, union noun *noun, unsigned row,
                    const char *value)
{
    struct buffer before = {0}, after = {0}, again = {0};
    union noun copy;
    sikap_error err = {0};
    save(table, noun, &before);
    const int status = option_set(table, noun, table->rows[row % table->n].shown.name, value, &err);
    save(table, noun, &after);
    if (status != 0) {
        FUZZ_CHECK(status == SIKAP_USAGE && err.message[0] != '\0');
        FUZZ_CHECK(before.n == after.n && memcmp(before.bytes, after.bytes, before.n) == 0);
    }
    FUZZ_CHECK(option_defaults(table, &copy, &err) == 0);
    FUZZ_CHECK(option_load(table, &copy, after.bytes, after.n, &err) == 0);
    save(table, &copy, &again);
    FUZZ_CHECK(again.n == after.n && memcmp(again.bytes, after.bytes, after.n) == 0);
    option_clear(table, &copy);
    buffer_free(&before);
    buffer_free(&after);
    buffer_free(&again);
}

static void load(const struct option_table *table, const char *text, size_t n)
{
    union noun noun;
    sikap_error err = {0};
    FUZZ_CHECK(option_defaults(table, &noun, &err) == 0);
    const int status = option_load(table, &noun, text, n, &err);
    FUZZ_CHECK(status == 0 || err.message[0] != '\0');
    option_clear(table, &noun);
}

static int resolve(void *context, const char *const *parts, size_t n_parts, double *value)
{
    (void)context;
    FUZZ_CHECK(n_parts > 0 && n_parts <= GATE_MAX_PARTS && parts[0] != NULL);
    *value = (double)strlen(parts[n_parts - 1]);
    return n_parts < 4;
}

static void gate(const char *text, size_t n)
{
    struct gate *gate;
    sikap_error err = {0};
    if (gate_parse(&gate, text, n, &err) != 0) {
        FUZZ_CHECK(gate == NULL && err.code == SIKAP_USAGE && err.message[0] != '\0');
        return;
    }
    int passed;
    double value;
    const int status = gate_check(&passed, &value, gate, resolve, NULL, &err);
    FUZZ_CHECK(status == 0 || status == SIKAP_USAGE);
    gate_free(gate);
}

/* A number that is read is printed so that it is read again as the same. */
static void number(const char *text, size_t n)
{
    double value, again;
    if (number_parse(&value, text, n) != 0 || value - value != 0)
        return;
    struct buffer out = {0};
    number_print(&out, value);
    FUZZ_CHECK(number_parse(&again, out.bytes, out.n) == 0);
    FUZZ_CHECK(memcmp(&value, &again, sizeof value) == 0);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    const unsigned choice = fuzz_byte(&in);
    char *text = memory_text((const char *)in.at, in.n);
    FUZZ_CHECK(text != NULL);
    if (choice < 64) {
        const struct option_table *table = tables[choice % 3];
        union noun noun;
        FUZZ_CHECK(option_defaults(table, &noun, NULL) == 0);
        char *second = strchr(text, '\n'); /* two values, as a later one replaces an earlier */
        if (second != NULL)
            *second++ = '\0';
        set_one(table, &noun, choice / 3, text);
        if (second != NULL)
            set_one(table, &noun, choice / 3, second);
        option_clear(table, &noun);
    } else if (choice < 128) {
        load(tables[choice % 3], text, in.n);
    } else if (choice < 192) {
        gate(text, in.n);
    } else if (choice < 224) {
        struct segment_plan plan;
        if (segment_plan_parse(&plan, text, NULL) == 0)
            segment_plan_free(&plan);
    } else {
        number(text, in.n);
    }
    memory_free(text);
    return 0;
}
