#include "facts/date_cells.h"

#include <assert.h>

#include "facts/date_decode.h"

// ---- decoding

uint64_t ps_date_decode_scalar(const ps_date_frame *frame, const ps_span *cells, size_t stride, size_t count,
                               ps_day *days)
{
    return ps_decode_all(frame, cells, stride, count, days);
}

ps_date_decode *ps_date_decode_for(ps_cpu cpu)
{
    static ps_date_decode *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_date_decode_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_date_decode_avx2,
        [PS_CPU_AVX512] = ps_date_decode_avx512,
#endif
    };

    return forms[cpu];
}

// Of a column that has none of the exact shapes.
static uint64_t decode_none(const ps_date_frame *frame, const ps_span *cells, size_t stride, size_t count, ps_day *days)
{
    uint64_t filled = 0;

    (void)frame; // it fits no cell
    for (size_t i = 0; i < count; i++) {
        days[i] = PS_DAY_NONE;
        filled |= (uint64_t)(cells[i * stride].len != 0) << i;
    }
    return filled;
}

// ---- the reader

enum { YEAR_LEN = 4, MONTH_END = 7 }; // where the separators stand

static bool begins_time(char c)
{
    return c == ' ' || c == 'T';
}

// The whole days that have the offset of this one's noon. Offsets that have seconds are history.
static void learn_zone(ps_date_reader *reader, ps_day day)
{
    enum { MINUTE_S = 60, DAY_S = PS_DECODE_DAY_MIN * MINUTE_S };
    const int64_t first = PS_DAY_NONE / 2, last = -first; // further off than any date, and so that no sum is too great
    ps_zone_stretch stretch = ps_zone_stretch_at(reader->zone, (int64_t)day * DAY_S + DAY_S / 2);
    int64_t from = stretch.from_s / DAY_S + 1, until = stretch.until_s / DAY_S - 1;

    from = from < first ? first : from;
    until = until > last ? last : until;
    reader->frame.offset_min = stretch.offset_s / MINUTE_S;
    reader->frame.calm_first = (ps_day)from;
    reader->frame.calm_days = until > from && stretch.offset_s % MINUTE_S == 0 ? (uint32_t)(until - from) : 0;
}

void ps_date_reader_init(ps_date_reader *out, ps_date_form form, const ps_zone *zone, ps_day near)
{
    bool year_first = form == PS_DATE_FORM_AUTO || form == PS_DATE_FORM_ISO || form == PS_DATE_FORM_YMD;
    bool exact = year_first && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    *out = (ps_date_reader){
        .form = form,
        .zone = zone,
        .decode = exact ? ps_date_decode_for(ps_cpu_best()) : decode_none,
        .frame.image = "0000-00-00T00:00:00Z",
    };
    learn_zone(out, near);
}

static void learn_shape(ps_date_reader *reader, ps_span cell)
{
    char separator = cell.len > YEAR_LEN ? cell.bytes[YEAR_LEN] : '\0';
    bool slash = separator == '/' && reader->form != PS_DATE_FORM_ISO;
    char *image = reader->frame.image;

    if (separator == '-' || slash) image[YEAR_LEN] = image[MONTH_END] = separator;
    if (cell.len > PS_DATE_LEN && begins_time(cell.bytes[PS_DATE_LEN])) image[PS_DATE_LEN] = cell.bytes[PS_DATE_LEN];
}

// If an odd one has the column's other separator, or lies where the zone has another offset, so will the next.
void ps_date_cells_learn(ps_date_reader *reader, ps_span cell, ps_day day)
{
    learn_shape(reader, cell);
    if (day != PS_DAY_NONE && cell.bytes[cell.len - 1] == 'Z') learn_zone(reader, day);
}

static __attribute__((noinline)) ps_date_result read_other(ps_date_reader *reader, ps_span cell, ps_day *out)
{
    *out = PS_DAY_NONE;
    ps_date_result result = ps_date_read(cell, reader->form, reader->zone, out);

    ps_date_cells_learn(reader, cell, *out);
    return result;
}

uint64_t ps_date_cells_read(ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                            ps_day days[PS_DATE_CELLS_MAX])
{
    uint64_t unreadable = 0;

    assert(count <= PS_DATE_CELLS_MAX);
    uint64_t odd = reader->decode(&reader->frame, cells, stride, count, days);
    for (size_t i = count; i < PS_DATE_CELLS_MAX; i++)
        days[i] = PS_DAY_NONE;
    for (; odd != 0; odd &= odd - 1) {
        size_t i = (size_t)__builtin_ctzll(odd);
        bool unread = read_other(reader, cells[i * stride], &days[i]) == PS_DATE_UNREADABLE;
        unreadable |= (uint64_t)unread << i;
    }
    return unreadable;
}

uint64_t ps_date_cells_exact(const ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                             ps_day *days, ps_date_form *out_form)
{
    ps_date_form shown = reader->frame.image[YEAR_LEN] == '-' ? PS_DATE_FORM_ISO : PS_DATE_FORM_YMD;

    *out_form = reader->form == PS_DATE_FORM_AUTO ? shown : reader->form;
    return reader->decode(&reader->frame, cells, stride, count, days);
}
