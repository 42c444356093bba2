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
    YEAR_LEN = 4,
    MONTH_AT = 5, // in 2024-02-01
    NOT_TWO = 100, // over all that two digits may be
    SHORTEST = 8, // 2024/2/1
    PADDED_LEN = 10 // 2024-02-01
};

typedef struct cursor {
    const char *at, *end;
} cursor;

// ---- numbers

// Over 9 for what is none.
static inline unsigned digit_of(char c)
{
    return (unsigned)(c - '0');
}

static bool is_digit(char c)
{
    return digit_of(c) <= 9;
}

// One or two digits; 0, which is no day and no month, where there is none.
static unsigned take_one_or_two(cursor *c)
{
    unsigned value = 0;

    if (c->at == c->end || !is_digit(*c->at)) return 0;
    value = digit_of(*c->at++);
    if (c->at < c->end && is_digit(*c->at)) value = value * 10 + digit_of(*c->at++);
    return value;
}

// Exactly two digits; NOT_TWO where they are not.
static unsigned two_at(const cursor *c, size_t offset)
{
    if ((size_t)(c->end - c->at) < offset + 2) return NOT_TWO;
    unsigned tens = digit_of(c->at[offset]), units = digit_of(c->at[offset + 1]);
    return tens > 9 || units > 9 ? NOT_TWO : tens * 10 + units;
}

static unsigned take_year(cursor *c)
{
    unsigned century = two_at(c, 0), year = two_at(c, 2);

    if (century == NOT_TWO || year == NOT_TWO) return 0;
    c->at += YEAR_LEN;
    return century * 100 + year;
}

static bool take_char(cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_digits(cursor *c)
{
    const char *from = c->at;

    while (c->at < c->end && is_digit(*c->at))
        c->at++;
    return c->at > from;
}

static inline bool begins_time(char c)
{
    return c == ' ' || c == 'T';
}

// ---- the day

// Days since 1970 of a date in the years above; PS_DAY_NONE when there is no such day.
static inline ps_day day_of(unsigned year, unsigned month, unsigned day)
{
    static const struct {
        uint16_t before, length; // days
    } months[2][12] = {
        {{0, 31},
         {31, 28},
         {59, 31},
         {90, 30},
         {120, 31},
         {151, 30},
         {181, 31},
         {212, 31},
         {243, 30},
         {273, 31},
         {304, 30},
         {334, 31}},
        {{0, 31},
         {31, 29},
         {60, 31},
         {91, 30},
         {121, 31},
         {152, 30},
         {182, 31},
         {213, 31},
         {244, 30},
         {274, 31},
         {305, 30},
         {335, 31}},
    };

    if (year - YEAR_FIRST > YEAR_LAST - YEAR_FIRST || month - 1 > 11) return PS_DAY_NONE;
    unsigned leap = (year & 3) == 0 && year != NO_LEAP, leaps = ((year - 1969) >> 2) - (year > NO_LEAP);
    if (day - 1 >= months[leap][month - 1].length) return PS_DAY_NONE;
    return (ps_day)((year - 1970) * 365 + leaps + months[leap][month - 1].before + day - 1);
}

// ---- the time

// Z, +09:00, +0900; seconds east of Greenwich.
static bool take_offset(cursor *c, int *out_s)
{
    if (take_char(c, 'Z')) return true;
    bool west = take_char(c, '-');
    if (!west && !take_char(c, '+')) return false;
    unsigned hours = two_at(c, 0);
    c->at += hours == NOT_TWO ? 0 : 2;
    (void)take_char(c, ':'); // may stand there or not
    unsigned minutes = two_at(c, 0);
    if (hours > 14 || minutes > 59) return false;
    c->at += 2;
    *out_s = (int)(hours * HOUR_S + minutes * MINUTE_S) * (west ? -1 : 1);
    return true;
}

// 12:34, 12:34:56, 12:34:56.789
static bool take_clock(cursor *c, int *out_s)
{
    if (c->at == c->end || !is_digit(*c->at)) return false;
    unsigned hour = take_one_or_two(c), second = 0;
    if (!take_char(c, ':')) return false;
    unsigned minute = two_at(c, 0);
    if (hour > 23 || minute > 59) return false;
    c->at += 2;
    if (take_char(c, ':')) {
        second = two_at(c, 0);
        if (second > 59) return false; // leap seconds go the long way
        c->at += 2;
        if (take_char(c, '.') && !take_digits(c)) return false;
    }
    *out_s = (int)(hour * HOUR_S + minute * MINUTE_S + second);
    return true;
}

// The day with what stands behind it: nothing, or a time, which with an offset may be of another day in `zone`.
static __attribute__((noinline)) ps_day finish(const char *at, const char *end, const ps_zone *zone, ps_day day)
{
    cursor c = {at, end};
    int second_of_day = 0, offset_s = 0;

    if (c.at == c.end || day == PS_DAY_NONE) return day;
    if (!begins_time(*c.at)) return PS_DAY_NONE;
    c.at++;
    if (!take_clock(&c, &second_of_day)) return PS_DAY_NONE;
    if (c.at == c.end) return day;
    if (!take_offset(&c, &offset_s) || c.at != c.end) return PS_DAY_NONE;
    return ps_zone_day(zone, (int64_t)day * DAY_S + second_of_day - offset_s);
}

// ---- the shapes

// The first eight bytes of 2024-02-01 or 2024/02/01, each less '0', all at once: the top bit tells what is over 9, or
// no separator, and then each even byte becomes the number of two digits that it begins. Behind them stands the day.
static inline ps_day read_eight(uint64_t bytes, char separator, unsigned day)
{
    const uint64_t separators = UINT64_C(0x0100000100000000);

    bytes ^= (unsigned char)(separator ^ '0') * separators;
    if (((bytes | (bytes + UINT64_C(0x7F76767F76767676))) & UINT64_C(0x8080808080808080)) != 0) return PS_DAY_NONE;
    uint64_t twos = bytes * 10 + (bytes >> 8);
    return day_of((unsigned)(twos & 0xFF) * 100 + (unsigned)(twos >> 16 & 0xFF), (unsigned)(twos >> 40 & 0xFF), day);
}

// With numbers of one digit: 2024/2/1, 2024/12/1, 2024-2-10. Where a number ends is as good as random, and a branch on
// it would be mispredicted: a month that has one digit is moved behind a zero, and the tens that a day lacks are masked
// out. `*bytes` becomes what it is for two digits; the day, or 0.
static inline unsigned pad(const char *at, size_t len, uint64_t *bytes)
{
    enum { MONTH_BITS = MONTH_AT * 8 };
    unsigned lacks = digit_of(at[MONTH_AT + 1]) > 9;
    size_t day_at = MONTH_AT + 3 - lacks, more = len - day_at - 1; // digits of the day after its first

    if (more > 1) return 0;
    unsigned tens = digit_of(at[day_at]) & (unsigned)-(int)more, units = digit_of(at[day_at + more]);
    uint64_t year = *bytes & ((UINT64_C(1) << MONTH_BITS) - 1);
    *bytes = year | *bytes >> MONTH_BITS << (MONTH_BITS + 8 * lacks);
    return tens > 9 || units > 9 ? 0 : tens * 10 + units;
}

// How long the date is that begins the cell: what is no digit ends it.
static inline size_t len_of_date(ps_span cell)
{
    if (cell.len <= PADDED_LEN) return cell.len;
    size_t shortest = digit_of(cell.bytes[SHORTEST]) > 9, middle = digit_of(cell.bytes[SHORTEST + 1]) > 9;
    return PADDED_LEN - shortest - (shortest | middle);
}

// 9:05, 12:34, 9:05:07 behind a blank or T. It moves no day, but it must be a time.
static inline bool is_clock(const char *at, size_t len)
{
    enum { LEAST = 5, SECONDS_LEN = 3 }; // " 9:05", ":07"

    if (len < LEAST || !begins_time(at[0])) return false;
    unsigned hour = digit_of(at[1]), second = digit_of(at[2]);
    size_t both = second <= 9, behind = LEAST + both; // without a branch, as above

    if (len < behind) return false;
    unsigned tens = digit_of(at[behind - 2]), units = digit_of(at[behind - 1]);
    bool wrong = (hour > 9) | (tens > 5) | (units > 9) | (at[behind - 3] != ':');
    hour += (unsigned)both * (hour * 9 + second); // ten times the first digit and the second
    if (wrong | (hour > 23)) return false;
    if (len == behind) return true;
    return len == behind + SECONDS_LEN && at[behind] == ':' && digit_of(at[behind + 1]) <= 5 &&
           digit_of(at[behind + 2]) <= 9;
}

// The day with what stands behind it, mostly: nothing, or 12:34:56 behind a blank or T, which moves no day; with a Z
// behind that, it may.
static inline ps_day read_time(const char *at, size_t len, const ps_zone *zone, ps_day day)
{
    enum { TIME_LEN = 9, HOUR_AT = 0, MINUTE_AT = 24, SECOND_AT = 48 }; // the bits where two digits stand
    uint64_t bytes;

    if (len == 0) return day;
    bool zulu = len == TIME_LEN + 1 && at[TIME_LEN] == 'Z';
    if (len != TIME_LEN && !zulu) return is_clock(at, len) ? day : finish(at, at + len, zone, day);
    if (!begins_time(at[0])) return PS_DAY_NONE;
    memcpy(&bytes, at + 1, sizeof bytes);
    bytes ^= UINT64_C(0x30303A30303A3030);
    if (((bytes | (bytes + UINT64_C(0x76767F76767F7676))) & UINT64_C(0x8080808080808080)) != 0) return PS_DAY_NONE;
    uint64_t twos = bytes * 10 + (bytes >> 8);
    unsigned hour = (unsigned)(twos >> HOUR_AT & 0xFF), minute = (unsigned)(twos >> MINUTE_AT & 0xFF);
    unsigned second = (unsigned)(twos >> SECOND_AT & 0xFF);
    if (hour > 23 || minute > 59 || second > 59) return PS_DAY_NONE;
    return !zulu ? day : ps_zone_day(zone, (int64_t)day * DAY_S + hour * HOUR_S + minute * MINUTE_S + second);
}

// The day of 2024-02-01; 0 where there are no two digits.
static inline unsigned padded_day(const char *at)
{
    unsigned tens = digit_of(at[MONTH_AT + 3]), units = digit_of(at[MONTH_AT + 4]);

    return tens > 9 || units > 9 ? 0 : tens * 10 + units;
}

// A cell of SHORTEST bytes at least.
static inline ps_day read_year_first(ps_span cell, char separator, const ps_zone *zone)
{
    size_t len = len_of_date(cell);
    uint64_t bytes;

    memcpy(&bytes, cell.bytes, sizeof bytes);
    bytes ^= UINT64_C(0x3030303030303030);
    unsigned day = len == PADDED_LEN ? padded_day(cell.bytes) : pad(cell.bytes, len, &bytes);
    ps_day found = read_eight(bytes, separator, day);
    return found == PS_DAY_NONE ? found : read_time(cell.bytes + len, cell.len - len, zone, found);
}

// What most cells are, without anything that the others need.
static inline ps_day read_commonest(ps_span cell, ps_date_form form, const ps_zone *zone, ps_date_form *out_form)
{
    char separator = cell.len < SHORTEST ? '\0' : cell.bytes[YEAR_LEN];

    if (form > PS_DATE_FORM_YMD || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) return PS_DAY_NONE;
    if (separator != '-' && (separator != '/' || form == PS_DATE_FORM_ISO)) return PS_DAY_NONE;
    *out_form = form != PS_DATE_FORM_AUTO ? form : separator == '-' ? PS_DATE_FORM_ISO : PS_DATE_FORM_YMD;
    return read_year_first(cell, separator, zone);
}

static ps_day read_year_last(ps_span cell, ps_date_form form, const ps_zone *zone)
{
    cursor c = {cell.bytes, cell.bytes + cell.len};
    unsigned first = take_one_or_two(&c);
    char separator = c.at < c.end ? *c.at : '\0';

    if (separator != '-' && separator != '/') return PS_DAY_NONE;
    c.at++;
    unsigned second = take_one_or_two(&c);
    if (!take_char(&c, separator)) return PS_DAY_NONE;
    bool day_first = form == PS_DATE_FORM_DMY;
    ps_day day = day_of(take_year(&c), day_first ? second : first, day_first ? first : second);
    return finish(c.at, c.end, zone, day);
}

static ps_day read_compact(ps_span cell)
{
    enum { DAY_AT = 6, DIGITS = 8, YEAR_LAST_COMPACT = 2100 };
    cursor c = {cell.bytes, cell.bytes + cell.len};

    if (cell.len != DIGITS) return PS_DAY_NONE;
    unsigned month = two_at(&c, YEAR_LEN), day = two_at(&c, DAY_AT), year = take_year(&c);
    return year > YEAR_LAST_COMPACT ? PS_DAY_NONE : day_of(year, month, day);
}

static bool take_text(cursor *c, ps_span text)
{
    bool stands = (size_t)(c->end - c->at) >= text.len && memcmp(c->at, text.bytes, text.len) == 0;

    if (stands) c->at += text.len;
    return stands;
}

// 2024年2月1日, as spreadsheets write it in Japan.
static ps_day read_kanji(ps_span cell)
{
    cursor c = {cell.bytes, cell.bytes + cell.len};
    unsigned year = take_year(&c);

    if (!take_text(&c, ps_span_of("年"))) return PS_DAY_NONE;
    unsigned month = take_one_or_two(&c);
    if (!take_text(&c, ps_span_of("月"))) return PS_DAY_NONE;
    unsigned day = take_one_or_two(&c);
    return take_text(&c, ps_span_of("日")) && c.at == c.end ? day_of(year, month, day) : PS_DAY_NONE;
}

// A form that AUTO takes is told by `out_form`.
static ps_day read_short(ps_span cell, ps_date_form form, const ps_zone *zone, ps_date_form *out_form)
{
    bool any = form == PS_DATE_FORM_AUTO, kanji = cell.len > SHORTEST;

    *out_form = any ? kanji ? PS_DATE_FORM_YMD : PS_DATE_FORM_COMPACT : form;
    if (form == PS_DATE_FORM_DMY || form == PS_DATE_FORM_MDY) return read_year_last(cell, form, zone);
    if (*out_form == PS_DATE_FORM_YMD) return read_kanji(cell);
    return *out_form == PS_DATE_FORM_COMPACT ? read_compact(cell) : PS_DAY_NONE;
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

// Day and month in the other order, or in any, where AUTO takes none: no date in this form. To find out which order a
// column has all of them are tried on each cell.
static bool is_other_order(ps_span cell, ps_date_form form, const ps_zone *zone)
{
    bool day_first = form == PS_DATE_FORM_DMY, month_first = form == PS_DATE_FORM_MDY;

    if (form != PS_DATE_FORM_AUTO && !day_first && !month_first) return false;
    return (!day_first && read_year_last(cell, PS_DATE_FORM_DMY, zone) != PS_DAY_NONE) ||
           (!month_first && read_year_last(cell, PS_DATE_FORM_MDY, zone) != PS_DAY_NONE);
}

// Apart, so that the way of the commonest cells needs no room on the stack.
static __attribute__((noinline)) ps_date_result read_other(ps_span cell, ps_date_form form, const ps_zone *zone,
                                                           ps_day *out, ps_date_form *out_form)
{
    ps_date_form found;
    ps_day day = read_short(cell, form, zone, &found);

    if (day == PS_DAY_NONE && is_other_order(cell, form, zone)) return PS_DATE_UNREADABLE;
    if (day == PS_DAY_NONE) return ps_date_read_long(cell, form, zone, out, out_form);
    *out = day;
    *out_form = found;
    return PS_DATE_READ;
}

ps_date_result ps_date_read_form(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                 ps_date_form *out_form)
{
    ps_date_form found;

    if (cell.len == 0) return PS_DATE_MISSING;
    ps_day day = read_commonest(cell, form, zone, &found);
    if (day == PS_DAY_NONE) return read_other(cell, form, zone, out, out_form);
    *out = day;
    *out_form = found;
    return PS_DATE_READ;
}

ps_date_result ps_date_read(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out)
{
    ps_date_form found;

    return ps_date_read_form(cell, form, zone, out, &found);
}
