#include "facts/date.h"

#include <assert.h>
#include <string.h>

#include "facts/date_long.h"

// The short way: the shapes that nearly all exports have, in ASCII, untrimmed, of the years 1971 to 2199. What it reads
// the long way reads alike (a test holds them together); what it leaves, that decides. bench/date.c says what it saves.

enum {
    YEAR_FIRST = 1971, // around these stand the days that mean "never"
    YEAR_LAST = 2199,
    NO_LEAP = 2100, // the only one of these years that the rule of four gets wrong
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    SHORTEST = 8, // 2024/2/1, 20240201
    PADDED_LEN = 10 // 2024-02-01
};

typedef struct cursor {
    const char *at, *end;
} cursor;

// ---- numbers

static bool is_digit(char c)
{
    return (unsigned)(c - '0') <= 9;
}

// One or two digits; 0, which is no day and no month, where there is none.
static int take_one_or_two(cursor *c)
{
    int value = 0;

    if (c->at == c->end || !is_digit(*c->at)) return 0;
    value = *c->at++ - '0';
    if (c->at < c->end && is_digit(*c->at)) value = value * 10 + (*c->at++ - '0');
    return value;
}

// Exactly two digits; -1 where they are not.
static int two_at(const cursor *c, size_t offset)
{
    if ((size_t)(c->end - c->at) < offset + 2) return -1;
    unsigned tens = (unsigned)(c->at[offset] - '0'), units = (unsigned)(c->at[offset + 1] - '0');
    return tens > 9 || units > 9 ? -1 : (int)(tens * 10 + units);
}

static int take_year(cursor *c)
{
    int century = two_at(c, 0), year = two_at(c, 2);

    if (century < 0 || year < 0) return 0;
    c->at += 4;
    return century * 100 + year;
}

static bool take_char(cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool is_separator(char c)
{
    return c == '-' || c == '/';
}

static bool take_digits(cursor *c)
{
    const char *from = c->at;

    while (c->at < c->end && is_digit(*c->at))
        c->at++;
    return c->at > from;
}

// ---- the day

// Days since 1970 of a date in the years above; false when there is no such day.
static bool day_of(int year, int month, int day, ps_day *out)
{
    static const unsigned char lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const short before[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1) return false;
    bool leap = (year & 3) == 0 && year != NO_LEAP;
    if (day > lengths[month] + (leap && month == 2)) return false;
    int leaps = ((year - 1969) >> 2) - (year > NO_LEAP);
    *out = (year - 1970) * 365 + leaps + before[month] + (leap && month > 2) + day - 1;
    return true;
}

// ---- the time

// Z, +09:00, +0900; seconds east of Greenwich.
static bool take_offset(cursor *c, int *out_s)
{
    if (take_char(c, 'Z')) return true;
    bool west = take_char(c, '-');
    if (!west && !take_char(c, '+')) return false;
    int hours = two_at(c, 0);
    c->at += hours < 0 ? 0 : 2;
    (void)take_char(c, ':'); // may stand there or not
    int minutes = two_at(c, 0);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return false;
    c->at += 2;
    *out_s = (hours * HOUR_S + minutes * MINUTE_S) * (west ? -1 : 1);
    return true;
}

// 12:34, 12:34:56, 12:34:56.789
static bool take_clock(cursor *c, int *out_s)
{
    if (c->at == c->end || !is_digit(*c->at)) return false;
    int hour = take_one_or_two(c), second = 0;
    if (!take_char(c, ':')) return false;
    int minute = two_at(c, 0);
    if (hour > 23 || minute < 0 || minute > 59) return false;
    c->at += 2;
    if (take_char(c, ':')) {
        second = two_at(c, 0);
        if (second < 0 || second > 59) return false; // leap seconds go the long way
        c->at += 2;
        if (take_char(c, '.') && !take_digits(c)) return false;
    }
    *out_s = hour * HOUR_S + minute * MINUTE_S + second;
    return true;
}

// What stands behind the day: nothing, or a time, which with an offset may be of another day in `zone`.
static bool finish(cursor *c, const ps_zone *zone, ps_day *day)
{
    int second_of_day = 0, offset_s = 0;

    if (c->at == c->end) return true;
    if (*c->at != ' ' && *c->at != 'T') return false;
    c->at++;
    if (!take_clock(c, &second_of_day)) return false;
    if (c->at == c->end) return true;
    if (!take_offset(c, &offset_s) || c->at != c->end) return false;
    *day = ps_zone_day(zone, (int64_t)*day * DAY_S + second_of_day - offset_s);
    return true;
}

// ---- the shapes

// 2024-02-01, 2024/02/01 in ten bytes, the first eight at once. Each byte becomes its digit, then each even one the
// number of two digits that it begins.
static inline bool read_padded(const char *at, char separator, ps_day *out)
{
    enum { FIRST_SEPARATOR = 4 * 8, SECOND_SEPARATOR = 7 * 8 };
    uint64_t bytes, at_separator = (unsigned char)separator;
    unsigned tens = (unsigned)(at[8] - '0'), units = (unsigned)(at[9] - '0');

    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) return false;
    memcpy(&bytes, at, sizeof bytes);
    bytes ^= UINT64_C(0x0030300030303030) | at_separator << FIRST_SEPARATOR | at_separator << SECOND_SEPARATOR;
    bool digits = ((bytes | (bytes + UINT64_C(0x0606060606060606))) & UINT64_C(0xF0F0F0F0F0F0F0F0)) == 0;
    if (!digits || (bytes & UINT64_C(0xFF0000FF00000000)) != 0 || tens > 9 || units > 9) return false;
    uint64_t twos = bytes * 10 + (bytes >> 8);
    int year = (int)(twos & 0xFF) * 100 + (int)(twos >> 16 & 0xFF), month = (int)(twos >> 40 & 0xFF);
    return day_of(year, month, (int)(tens * 10 + units), out);
}

// Nothing, or 12:34:56 behind a blank or T, which moves no day; with a Z behind it, it may.
static inline bool read_time(const char *at, size_t len, const ps_zone *zone, ps_day *day)
{
    enum { TIME_LEN = 9, HOUR_AT = 0, MINUTE_AT = 24, SECOND_AT = 48 }; // the bits where two digits stand
    uint64_t bytes;

    if (len == 0) return true;
    bool zulu = len == TIME_LEN + 1 && at[TIME_LEN] == 'Z';
    if ((len != TIME_LEN && !zulu) || (at[0] != ' ' && at[0] != 'T')) return false;
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) return false;
    memcpy(&bytes, at + 1, sizeof bytes);
    bytes ^= UINT64_C(0x30303A30303A3030);
    bool digits = ((bytes | (bytes + UINT64_C(0x0606060606060606))) & UINT64_C(0xF0F0F0F0F0F0F0F0)) == 0;
    if (!digits || (bytes & UINT64_C(0x0000FF0000FF0000)) != 0) return false;
    uint64_t twos = bytes * 10 + (bytes >> 8);
    int hour = (int)(twos >> HOUR_AT & 0xFF), minute = (int)(twos >> MINUTE_AT & 0xFF);
    int second = (int)(twos >> SECOND_AT & 0xFF);
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (zulu) *day = ps_zone_day(zone, (int64_t)*day * DAY_S + hour * HOUR_S + minute * MINUTE_S + second);
    return true;
}

static bool read_year_first(cursor *c, ps_date_form form, ps_day *out, ps_date_form *out_form)
{
    char separator = c->at[4]; // there are SHORTEST bytes

    if (!is_separator(separator) || (form == PS_DATE_FORM_ISO && separator != '-')) return false;
    if (form == PS_DATE_FORM_AUTO) *out_form = separator == '-' ? PS_DATE_FORM_ISO : PS_DATE_FORM_YMD;
    if (c->end - c->at >= PADDED_LEN && read_padded(c->at, separator, out)) {
        c->at += PADDED_LEN;
        return true;
    }
    int year = take_year(c);
    if (year == 0 || !take_char(c, separator)) return false;
    int month = take_one_or_two(c);
    if (!take_char(c, separator)) return false;
    return day_of(year, month, take_one_or_two(c), out);
}

static bool read_year_last(cursor *c, ps_date_form form, ps_day *out)
{
    int first = take_one_or_two(c);
    char separator = c->at < c->end ? *c->at : 0;

    if (!is_separator(separator)) return false;
    c->at++;
    int second = take_one_or_two(c);
    if (!take_char(c, separator)) return false;
    bool day_first = form == PS_DATE_FORM_DMY;
    return day_of(take_year(c), day_first ? second : first, day_first ? first : second, out);
}

static bool read_compact(cursor *c, ps_day *out)
{
    enum { MONTH_AT = 4, DAY_AT = 6, DIGITS = 8, YEAR_LAST_COMPACT = 2100 };
    int month = two_at(c, MONTH_AT), day = two_at(c, DAY_AT), year = take_year(c);

    return c->end - c->at == DIGITS - MONTH_AT && year <= YEAR_LAST_COMPACT && day_of(year, month, day, out);
}

// False: the long way knows.
static bool read_short(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out, ps_date_form *out_form)
{
    cursor c = {cell.bytes, cell.bytes + cell.len};

    if (cell.len < SHORTEST) return false;
    *out_form = form;
    switch (form) {
    case PS_DATE_FORM_AUTO:
        if (is_digit(cell.bytes[4])) {
            *out_form = PS_DATE_FORM_COMPACT;
            return read_compact(&c, out);
        }
        __attribute__((fallthrough));
    case PS_DATE_FORM_ISO:
    case PS_DATE_FORM_YMD:
        return read_year_first(&c, form, out, out_form) && finish(&c, zone, out);
    case PS_DATE_FORM_DMY:
    case PS_DATE_FORM_MDY:
        return read_year_last(&c, form, out) && finish(&c, zone, out);
    case PS_DATE_FORM_COMPACT:
        return read_compact(&c, out);
    case PS_DATE_FORM_ERA:
    case PS_DATE_FORM_EPOCH:
    case PS_DATE_FORM_RFC5322:
    case PS_DATE_FORM_EXCEL:
    case PS_DATE_FORM_COUNT:
        break;
    }
    return false;
}

// What most cells are, without anything that the others need.
static inline bool read_commonest(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                  ps_date_form *out_form)
{
    ps_day day = 0;

    if (cell.len < PADDED_LEN || form > PS_DATE_FORM_YMD) return false;
    char separator = cell.bytes[4];
    if (separator != '-' && (separator != '/' || form == PS_DATE_FORM_ISO)) return false;
    if (!read_padded(cell.bytes, separator, &day)) return false;
    if (!read_time(cell.bytes + PADDED_LEN, cell.len - PADDED_LEN, zone, &day)) return false;
    *out = day;
    *out_form = form != PS_DATE_FORM_AUTO ? form : separator == '-' ? PS_DATE_FORM_ISO : PS_DATE_FORM_YMD;
    return true;
}

// ---- the whole

const char *ps_date_form_word(ps_date_form form)
{
    static const char *const words[PS_DATE_FORM_COUNT] = {
        [PS_DATE_FORM_AUTO] = "auto",       [PS_DATE_FORM_ISO] = "iso",     [PS_DATE_FORM_YMD] = "ymd",
        [PS_DATE_FORM_DMY] = "dmy",         [PS_DATE_FORM_MDY] = "mdy",     [PS_DATE_FORM_ERA] = "era",
        [PS_DATE_FORM_COMPACT] = "compact", [PS_DATE_FORM_EPOCH] = "epoch", [PS_DATE_FORM_RFC5322] = "rfc5322",
        [PS_DATE_FORM_EXCEL] = "excel",
    };

    assert((unsigned)form < PS_DATE_FORM_COUNT);
    return words[form];
}

void ps_date_forms_text(uint32_t forms, ps_buf *out)
{
    bool first = true;

    for (unsigned form = 0; form < PS_DATE_FORM_COUNT; form++) {
        if ((forms >> form & 1) == 0) continue;
        ps_buf_add_format(out, "%s%s", first ? "" : " ", ps_date_form_word((ps_date_form)form));
        first = false;
    }
}

ps_date_result ps_date_read_form(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                 ps_date_form *out_form)
{
    ps_date_form found;
    ps_day day = PS_DAY_NONE;

    if (cell.len == 0) return PS_DATE_MISSING;
    if (read_commonest(cell, form, zone, out, out_form)) return PS_DATE_READ;
    if (!read_short(cell, form, zone, &day, &found) || day == PS_DAY_NONE)
        return ps_date_read_long(cell, form, zone, out, out_form);
    *out = day;
    *out_form = found;
    return PS_DATE_READ;
}

ps_date_result ps_date_read(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out)
{
    ps_date_form found;

    return ps_date_read_form(cell, form, zone, out, &found);
}
