#include "facts/date_cells.h"

#include <assert.h>
#include <string.h>

#include "facts/date_decode.h"

enum { YEAR_LEN = 4, DATE_LEN = 10, STAMP_LEN = 19 }; // a stamp has the time; with a Z behind it is longer by one

// ---- decoding

bool ps_date_decode_scalar(const ps_date_frame *frame, ps_date_cells *cells)
{
    return ps_decode_all(frame, cells);
}

ps_date_decode *ps_date_decode_for(ps_cpu cpu)
{
    static ps_date_decode *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_date_decode_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_date_decode_avx2,
        [PS_CPU_AVX512] = ps_date_decode_avx2, // reading the cells costs more than all of this does
#endif
    };

    return forms[cpu];
}

// ---- the reader

static uint32_t separators_of(char separator)
{
    return (unsigned char)separator * UINT32_C(0x01000001) | UINT32_C(0x00303000);
}

// The whole days that have the offset of this one's noon.
static void learn_zone(ps_date_reader *reader, ps_day day)
{
    const int64_t first = PS_DAY_NONE / 2, last = -first; // further off than any date, and so that no sum is too great
    ps_zone_stretch stretch = ps_zone_stretch_at(reader->zone, (int64_t)day * PS_DECODE_DAY_S + PS_DECODE_DAY_S / 2);
    int64_t from = stretch.from_s / PS_DECODE_DAY_S + 1, until = stretch.until_s / PS_DECODE_DAY_S - 1;

    from = from < first ? first : from;
    until = until > last ? last : until;
    reader->frame.offset_s = stretch.offset_s;
    reader->frame.calm_first = (ps_day)from;
    reader->frame.calm_days = until > from ? (uint32_t)(until - from) : 0;
}

void ps_date_reader_init(ps_date_reader *out, ps_date_form form, const ps_zone *zone, ps_day near)
{
    bool year_first = form == PS_DATE_FORM_AUTO || form == PS_DATE_FORM_ISO || form == PS_DATE_FORM_YMD;
    bool exact = year_first && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    *out = (ps_date_reader){.form = form, .zone = zone, .decode = exact ? ps_date_decode_for(ps_cpu_best()) : NULL};
    out->frame.separators = separators_of('-');
    learn_zone(out, near);
}

// An odd one. If it has the column's other separator, or lies where the zone has another offset, so will the next.
static __attribute__((noinline)) ps_date_result read_other(ps_date_reader *reader, ps_span cell, ps_day *out)
{
    char separator = cell.len > YEAR_LEN ? cell.bytes[YEAR_LEN] : '\0';
    bool slash = separator == '/' && reader->form != PS_DATE_FORM_ISO;
    ps_date_result result = ps_date_read(cell, reader->form, reader->zone, out);

    if (separator == '-' || slash) reader->frame.separators = separators_of(separator);
    if (result == PS_DATE_READ && cell.bytes[cell.len - 1] == 'Z') learn_zone(reader, *out);
    return result;
}

// ---- the cells

// Which cells are empty is as good as random, and a branch on it would be mispredicted: those that are not are listed
// first.
static void list(const ps_span *cells, size_t stride, size_t count, ps_date_cells *out)
{
    size_t written = 0;

    for (size_t i = 0; i < count; i++) {
        out->at[written] = (uint8_t)i;
        written += cells[i * stride].len != 0;
    }
    out->count = written;
}

static inline uint32_t word_at(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t half_at(const char *at)
{
    uint16_t half;

    memcpy(&half, at, sizeof half);
    return half;
}

// The length alone is asked here; it is the same all through a column.
static inline void load(ps_span cell, ps_date_cells *out, size_t i)
{
    const char *at = cell.bytes;

    if (cell.len - STAMP_LEN <= 1) {
        out->year[i] = word_at(at);
        out->month[i] = word_at(at + 4);
        out->day[i] = word_at(at + 8);
        out->hour[i] = word_at(at + 11);
        out->second[i] = word_at(at + 15);
        out->tail[i] = (uint32_t)cell.len << 8 | (unsigned char)at[cell.len - 1];
        return;
    }
    bool date = cell.len == DATE_LEN;
    out->year[i] = date ? word_at(at) : 0; // which is no year
    out->month[i] = date ? word_at(at + 4) : 0;
    out->day[i] = date ? half_at(at + 8) | (uint32_t)'T' << 16 : 0;
    out->hour[i] = word_at("00:0");
    out->second[i] = word_at("0:00");
    out->tail[i] = 0;
}

// Gives whether some cells are to be read one by one.
static bool decode(const ps_date_reader *reader, const ps_span *cells, size_t stride, ps_date_cells *out)
{
    if (reader->decode == NULL) {
        memset(out->odd, 1, sizeof out->odd);
        return true;
    }
    for (size_t i = 0; i < out->count; i++)
        load(cells[out->at[i] * stride], out, i);
    return reader->decode(&reader->frame, out);
}

uint64_t ps_date_cells_read(ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                            ps_date_cells *out)
{
    uint64_t unreadable = 0;

    assert(count <= PS_DATE_CELLS_MAX);
    list(cells, stride, count, out);
    if (!decode(reader, cells, stride, out)) return 0;
    for (size_t i = 0; i < out->count; i++) {
        if (out->odd[i] == 0) continue;
        out->days[i] = PS_DAY_NONE;
        bool unread = read_other(reader, cells[out->at[i] * stride], &out->days[i]) == PS_DATE_UNREADABLE;
        unreadable |= (uint64_t)unread << out->at[i];
    }
    return unreadable;
}
