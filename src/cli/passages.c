/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences end at a full stop, question or exclamation mark that is followed by white space and no
 * small letter, at the ideographic full stop, and at an empty line. What an occurrence of a term
 * gave is spread evenly over its bytes, so that a word which several n-grams share shows their sum.
 */
#include "cli/passages.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/common.h"

enum { LONGEST = 400 };
static const float COLOURED = 0.15f; /* of the heaviest byte */

static int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* If a sentence ends at text[at], where the next may begin; else 0. */
static size_t sentence_end(const char *text, size_t n, size_t at)
{
    if (n - at >= 3 && memcmp(text + at, "\xE3\x80\x82", 3) == 0)
        return at + 3;
    if (text[at] == '\n') {
        size_t next = at + 1;
        while (next < n && (text[next] == '\r' || text[next] == ' ' || text[next] == '\t'))
            next++;
        return next < n && text[next] == '\n' ? next : 0;
    }
    if (text[at] != '.' && text[at] != '!' && text[at] != '?')
        return 0;
    size_t next = at + 1;
    while (next < n && (text[next] == '"' || text[next] == '\'' || text[next] == ')'))
        next++;
    if (next + 3 <= n && memcmp(text + next, "\xE2\x80\x9D", 3) == 0) /* right double quote */
        next += 3;
    if (next == n)
        return n;
    if (!is_space(text[next]))
        return 0;
    size_t word = next;
    while (word < n && is_space(text[word]))
        word++;
    return word < n && text[word] >= 'a' && text[word] <= 'z' ? 0 : next;
}

static int add_sentence(struct passages *p, size_t *capacity, size_t begin, size_t end)
{
    while (begin < end && is_space(p->text[begin]))
        begin++;
    while (end > begin && is_space(p->text[end - 1]))
        end--;
    if (begin == end)
        return 0;
    if (memory_grow(&p->sentences, capacity, p->n_sentences + 1, sizeof *p->sentences) != 0)
        return -1;
    p->sentences[p->n_sentences++] = (struct sentence){.begin = begin, .end = end};
    return 0;
}

int passages_new(struct passages *out, const char *text, size_t n, sikap_error *err)
{
    *out = (struct passages){.text = text, .n = n};
    out->weight = memory_zero(n, sizeof *out->weight);
    size_t capacity = 0, begin = 0;
    int failed = out->weight == NULL;
    for (size_t at = 0; at < n && !failed; at++) {
        const size_t end = sentence_end(text, n, at);
        if (end == 0)
            continue;
        failed = add_sentence(out, &capacity, begin, end) != 0;
        begin = end;
        at = end - 1;
    }
    if (!failed)
        failed = add_sentence(out, &capacity, begin, n) != 0;
    if (!failed)
        return 0;
    passages_free(out);
    return error_memory(err, "passages");
}

void passages_free(struct passages *passages)
{
    memory_free(passages->sentences);
    memory_free(passages->weight);
    *passages = (struct passages){0};
}

void passages_weigh(struct passages *p, size_t segment, const float *share,
                    const sikap_occurrence *occurrences, size_t n_occurrences)
{
    memset(p->weight, 0, p->n * sizeof *p->weight);
    p->heaviest = 0;
    for (size_t s = 0; s < p->n_sentences; s++)
        p->sentences[s].sum = 0;
    for (size_t i = 0; i < n_occurrences; i++) {
        const sikap_occurrence *o = &occurrences[i];
        if (o->segment != segment || share[o->term] == 0 || o->end > p->n || o->begin >= o->end)
            continue;
        const float each = share[o->term] / (float)(o->end - o->begin);
        for (size_t at = o->begin; at < o->end; at++) {
            p->weight[at] += each;
            if (fabsf(p->weight[at]) > p->heaviest)
                p->heaviest = fabsf(p->weight[at]);
        }
        /* The last sentence that begins at or before it. */
        size_t low = 0, high = p->n_sentences;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (p->sentences[middle].begin <= o->begin)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0)
            p->sentences[low - 1].sum += (double)share[o->term];
    }
}

static int side_of(const struct passages *p, size_t at)
{
    const float least = COLOURED * p->heaviest;
    return p->weight[at] > least ? 1 : p->weight[at] < -least ? -1 : 0;
}

/* white space runs become one space, so that a sentence is one line. */
static void print_sentence(const struct passages *p, const struct sentence *s, int colour,
                           struct buffer *out)
{
    static const char *const codes[] = {"\033[31m", "\033[0m", "\033[1;32m"};
    size_t end = s->end;
    if (end - s->begin > LONGEST)
        for (end = s->begin + LONGEST; ((unsigned char)p->text[end] & 0xC0) == 0x80;)
            end--;
    int side = 0;
    for (size_t at = s->begin; at < end;) {
        size_t n = 1;
        while (at + n < end && ((unsigned char)p->text[at + n] & 0xC0) == 0x80)
            n++;
        const int here = colour ? side_of(p, at) : 0;
        if (here != side)
            buffer_text(out, codes[1]);
        if (here != side && here != 0)
            buffer_text(out, codes[here + 1]);
        side = here;
        if (!is_space(p->text[at]))
            common_printable(out, p->text + at, n);
        else if (!is_space(p->text[at - 1]))
            buffer_byte(out, ' ');
        at += n;
    }
    if (side != 0)
        buffer_text(out, codes[1]);
    if (end < s->end)
        buffer_text(out, " …");
}

void passages_print(struct passages *p, size_t room, const char *indent, int colour,
                    struct buffer *out)
{
    for (; room > 0; room--) {
        struct sentence *best = NULL;
        for (size_t s = 0; s < p->n_sentences; s++)
            if (p->sentences[s].sum > 0 && (best == NULL || p->sentences[s].sum > best->sum))
                best = &p->sentences[s];
        if (best == NULL)
            return;
        buffer_text(out, indent);
        common_signed(out, best->sum, 2);
        buffer_text(out, "  ");
        print_sentence(p, best, colour, out);
        buffer_byte(out, '\n');
        best->sum = 0;
    }
}
