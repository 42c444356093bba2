#include "table/split.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

// A vector form stores whole vectors, so up to 63 numbers behind the last may be written, too.
enum { SLACK = 64 };

static ps_status room_for_ends(ps_split *split, size_t want, ps_error *err)
{
    uint32_t *room = split->ends == NULL ? NULL : split->ends - 1;
    size_t capacity = split->ends == NULL ? 0 : split->capacity + 1;

    ps_status status = ps_memory_grow((void **)&room, &capacity, want + 1, sizeof *room, err);
    if (status != PS_OK) return status;
    room[0] = UINT32_MAX;
    split->ends = room + 1;
    return PS_OK;
}

ps_status ps_split_room(ps_split *split, size_t len, ps_error *err)
{
    size_t want = len + SLACK, lines = split->capacity, inner = split->capacity;
    size_t blocks = split->doubts == NULL ? 0 : split->capacity / PS_SPLIT_BLOCK + sizeof(uint64_t);

    if (want <= split->capacity) return PS_OK;
    want = want / PS_SPLIT_BLOCK * PS_SPLIT_BLOCK + PS_SPLIT_BLOCK;
    ps_status status = room_for_ends(split, want, err);
    if (status == PS_OK) status = ps_memory_grow((void **)&split->lines, &lines, want, sizeof *split->lines, err);
    if (status == PS_OK) status = ps_memory_grow((void **)&split->inner, &inner, want, sizeof *split->inner, err);
    if (status == PS_OK) {
        status = ps_memory_grow((void **)&split->doubts, &blocks, want / PS_SPLIT_BLOCK + sizeof(uint64_t),
                                sizeof *split->doubts, err);
    }
    if (status == PS_OK) split->capacity = want;
    return status;
}

void ps_split_done(ps_split *split)
{
    if (split->ends != NULL) ps_memory_free(split->ends - 1);
    ps_memory_free(split->lines);
    ps_memory_free(split->inner);
    ps_memory_free(split->doubts);
    *split = (ps_split){.ends = NULL};
}

// What the bytes so far leave behind.
typedef struct walk {
    ps_split *out;
    bool quoted; // inside quotes
    bool line_begin; // no byte of this line yet
    char before; // the last byte; LF before the first
    bool closed; // the last byte was a quote that closed
} walk;

static void end_line(walk *w, uint32_t offset, bool blank)
{
    ps_split *out = w->out;

    out->lines[out->line_count++] = (uint32_t)out->end_count;
    out->ends[out->end_count++] = offset;
    out->blank_count += blank;
}

// Of a CRLF inside quotes only the first byte counts.
static bool ends_inner_line(const walk *w, char c)
{
    return w->quoted && (c == '\r' || (c == '\n' && w->before != '\r'));
}

static void take_quoted(walk *w, char c, uint32_t offset)
{
    if (c == '"') {
        w->quoted = false;
        w->closed = true;
    } else if (ends_inner_line(w, c)) {
        w->out->inner[w->out->inner_count++] = offset;
    }
}

// False where the bytes are not regular.
static bool take_plain(walk *w, char c, char delimiter, uint32_t offset)
{
    bool was_cr = w->before == '\r', special = c == delimiter || c == '"' || c == '\n' || c == '\r';

    if ((w->closed && !special) || (was_cr && c != '\n')) return false;
    if (c == '"') {
        bool may_open = w->closed || w->before == delimiter || w->before == '\n';
        w->quoted = true;
        w->closed = false;
        w->line_begin = false;
        return may_open;
    }
    w->closed = false;
    if (c == delimiter) w->out->ends[w->out->end_count++] = offset;
    if (c == '\n') end_line(w, offset, w->line_begin);
    // The CR of a CRLF does not make a line anything but blank.
    if (c != '\r') w->line_begin = c == '\n';
    return true;
}

// The same as the forms for whole blocks find, and no more: values begin behind delimiters, line ends and quotes. What
// ends an empty value is nothing that it begins with, unless it stands inside quotes.
static unsigned doubts_of(const walk *w, char c, char delimiter)
{
    unsigned char byte = (unsigned char)c;
    bool begins = w->before == delimiter || w->before == '"' || w->before == '\n' || w->before == '\r';
    bool ends = !w->quoted && (c == delimiter || c == '\n' || c == '\r'), high = byte > 0x7F;
    bool wide = byte == PS_SPLIT_WIDE_UTF8 || byte == PS_SPLIT_WIDE_CP932 || byte == PS_SPLIT_WIDE_EUC_JP;
    bool formula = wide || (c != '\0' && strchr("=+-@\t\r\n'", c) != NULL);

    return (high ? PS_SPLIT_HIGH : 0U) | (c == '"' && w->closed ? PS_SPLIT_DOUBLED : 0U) |
           (begins && !ends && formula ? PS_SPLIT_FORMULA : 0U) | (ends_inner_line(w, c) ? PS_SPLIT_INNER : 0U);
}

void ps_split_scalar(ps_span bytes, char delimiter, ps_split *out)
{
    walk w = {.out = out, .line_begin = true, .before = '\n'};

    out->end_count = out->line_count = out->inner_count = out->blank_count = 0;
    out->regular = true;
    out->good = bytes.len;
    for (size_t i = 0; i < bytes.len && out->regular; i++) {
        char c = bytes.bytes[i];
        if (i % PS_SPLIT_BLOCK == 0) out->doubts[i / PS_SPLIT_BLOCK] = 0;
        out->doubts[i / PS_SPLIT_BLOCK] |= (uint8_t)doubts_of(&w, c, delimiter);
        if (w.quoted) {
            take_quoted(&w, c, (uint32_t)i);
        } else {
            out->regular = take_plain(&w, c, delimiter, (uint32_t)i);
        }
        if (!out->regular) out->good = i;
        w.before = c;
    }
    out->open = w.quoted;
    out->cut_cr = !w.quoted && w.before == '\r';
}

unsigned ps_split_doubts_of_blocks(const ps_split *split, size_t first, size_t last)
{
    unsigned doubts = 0;

    for (size_t i = first; i <= last; i++)
        doubts |= split->doubts[i];
    return doubts;
}

bool ps_split_finish(ps_split *split, size_t len)
{
    if (!split->regular || split->open || split->cut_cr) return false;
    size_t begin = split->line_count == 0 ? 0 : (size_t)split->ends[split->lines[split->line_count - 1]] + 1;
    if (begin == len) return true;
    split->lines[split->line_count++] = (uint32_t)split->end_count;
    split->ends[split->end_count++] = (uint32_t)len;
    return true;
}

ps_splitter *ps_split_for(ps_cpu cpu)
{
    static ps_splitter *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_split_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_split_avx2,
        [PS_CPU_AVX512] = ps_split_avx512,
#endif
    };

    assert((unsigned)cpu < PS_CPU_COUNT && forms[cpu] != NULL);
    return forms[cpu];
}
