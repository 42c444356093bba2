#include "esp/stamp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    NUMBER_BYTES_MAX = 40, // the longest double that anybody writes has 24
    DAY_S = 86400,
};

// Epoch values: above these they are milliseconds, then microseconds (DynamoDB streams); the last is the year 9999.
#define MILLISECONDS_FROM 1e11
#define MICROSECONDS_FROM 1e14
#define SECONDS_MAX 253402300799.0

typedef struct scanner {
    const char *at, *end;
} scanner;

typedef struct stamp {
    int year, month, day, hour, minute, second;
    bool has_zone;
    int offset_s;
} stamp;

static char peek(const scanner *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool take(scanner *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c) return false;
    scan->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static size_t skip_blanks(scanner *scan)
{
    const char *from = scan->at;

    while (peek(scan) == ' ' || peek(scan) == '\t')
        scan->at++;
    return (size_t)(scan->at - from);
}

// Between `least` and `most` digits, and no digit after them.
static bool take_number(scanner *scan, int least, int most, int *out)
{
    int count = 0, value = 0;

    while (count < most && is_digit(peek(scan))) {
        value = value * 10 + (*scan->at++ - '0');
        count++;
    }
    if (count < least || is_digit(peek(scan))) return false;
    *out = value;
    return true;
}

static bool take_clock(scanner *scan, stamp *out)
{
    if (!take_number(scan, 1, 2, &out->hour) || !take(scan, ':')) return false;
    if (!take_number(scan, 2, 2, &out->minute)) return false;
    if (take(scan, ':') && !take_number(scan, 2, 2, &out->second)) return false;
    if (peek(scan) == '.' || peek(scan) == ',') {
        scan->at++;
        if (!is_digit(peek(scan))) return false;
        while (is_digit(peek(scan)))
            scan->at++;
    }
    return out->hour < 24 && out->minute < 60 && out->second <= 60; // 60: a leap second
}

static bool take_offset(scanner *scan, stamp *out)
{
    int sign = take(scan, '-') ? -1 : 1;
    int hours, minutes = 0;

    if (sign == 1 && !take(scan, '+')) return false;
    if (scan->end - scan->at < 2 || !is_digit(scan->at[0]) || !is_digit(scan->at[1])) return false;
    hours = (scan->at[0] - '0') * 10 + (scan->at[1] - '0');
    scan->at += 2;
    bool colon = take(scan, ':');
    if ((colon || is_digit(peek(scan))) && !take_number(scan, 2, 2, &minutes)) return false;
    out->offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

static bool take_zone(scanner *scan, stamp *out)
{
    static const char *const names[] = {"Z", "UT", "UTC", "GMT"};
    const char *from = scan->at;

    skip_blanks(scan);
    if (scan->at == scan->end) return true;
    out->has_zone = true;
    if (!is_letter(peek(scan))) return take_offset(scan, out);
    from = scan->at;
    while (is_letter(peek(scan)))
        scan->at++;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (ps_ascii_equal_fold((ps_span){from, (size_t)(scan->at - from)}, ps_span_of(names[i]))) return true;
    }
    return false;
}

// `2025-12-11T01:49:40.123456+00:00`, `2023-10-06 23:47:56.678+00`, `2018-10-08T14:05:45 +0000`, `2025/07/10 18:32:04`,
// `2025-7-1`.
static bool read_year_first(scanner *scan, stamp *out)
{
    if (!take_number(scan, 4, 4, &out->year)) return false;
    char between = peek(scan);
    if (between != '-' && between != '/') return false;
    scan->at++;
    if (!take_number(scan, 1, 2, &out->month) || !take(scan, between) || !take_number(scan, 1, 2, &out->day))
        return false;
    if (scan->at == scan->end) return true;
    if (!take(scan, 'T') && skip_blanks(scan) == 0) return false;
    return take_clock(scan, out) && take_zone(scan, out);
}

static bool take_month(scanner *scan, int *out)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    if (scan->end - scan->at < 3) return false;
    for (int i = 0; i < 12; i++) {
        const char *name = names + (ptrdiff_t)3 * i;
        if (lower(scan->at[0]) != name[0] || lower(scan->at[1]) != name[1] || lower(scan->at[2]) != name[2]) continue;
        scan->at += 3;
        *out = i + 1;
        return true;
    }
    return false;
}

// `Thu, 11 Dec 2025 01:49:40 UTC` and `4 Dec 2025 01:49:40 +0900` (RFC 5322 and HTTP).
static bool read_day_first(scanner *scan, stamp *out)
{
    if (is_letter(peek(scan))) {
        while (is_letter(peek(scan)))
            scan->at++;
        if (!take(scan, ',')) return false;
        skip_blanks(scan);
    }
    if (!take_number(scan, 1, 2, &out->day) || skip_blanks(scan) == 0) return false;
    if (!take_month(scan, &out->month) || skip_blanks(scan) == 0) return false;
    if (!take_number(scan, 4, 4, &out->year) || skip_blanks(scan) == 0) return false;
    return take_clock(scan, out) && take_zone(scan, out);
}

// ps_zone_day(), sooner for an instant whose stretch is known. No zone is two days off UTC.
static inline ps_day day_of_second(ps_stamp_reader *reader, int64_t seconds)
{
    const int64_t margin_s = 2 * DAY_S, last_s = (int64_t)SECONDS_MAX - margin_s;

    if (seconds < margin_s || seconds > last_s) return ps_zone_day(reader->zone, seconds);
    if (seconds < reader->near.from_s || seconds >= reader->near.until_s)
        reader->near = ps_zone_stretch_at(reader->zone, seconds);
    return (ps_day)((seconds + reader->near.offset_s) / DAY_S);
}

static bool finish(const stamp *parts, ps_stamp_reader *reader, ps_day *out)
{
    if (parts->year == 0 && parts->month == 0 && parts->day == 0) return true; // MySQL's zero date: known to be unknown
    ps_day day = ps_day_of(parts->year, parts->month, parts->day);

    if (day == PS_DAY_NONE) return false;
    if (parts->year == 1) return true; // Go's zero time
    if (parts->has_zone) {
        int64_t second_of_day = parts->hour * 3600 + parts->minute * 60 + parts->second;
        day = day_of_second(reader, (int64_t)day * DAY_S + second_of_day - parts->offset_s);
    }
    *out = day;
    return true;
}

static bool is_number(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        bool sign = (c == '+' || c == '-') && i > 0 && lower(text.bytes[i - 1]) == 'e';
        if (!is_digit(c) && c != '.' && lower(c) != 'e' && !sign) return false;
    }
    return text.len < NUMBER_BYTES_MAX && is_digit(text.bytes[0]);
}

// `20240201` and `20240201123456`: no epoch in use has 8 digits, and 14 would be the year 2600 and later.
static bool read_compact(ps_span text, stamp *out)
{
    static const int widths[] = {4, 2, 2, 2, 2, 2};
    int *const parts[] = {&out->year, &out->month, &out->day, &out->hour, &out->minute, &out->second};
    size_t at = 0;

    if (text.len != 8 && text.len != 14) return false;
    for (size_t i = 0; at < text.len; i++) {
        for (int digit = 0; digit < widths[i]; digit++) {
            if (!is_digit(text.bytes[at])) return false;
            *parts[i] = *parts[i] * 10 + (text.bytes[at++] - '0');
        }
    }
    return out->year >= 1900 && out->year < 2100 && ps_day_of(out->year, out->month, out->day) != PS_DAY_NONE &&
           out->hour < 24 && out->minute < 60 && out->second <= 60;
}

// Digits alone, as most exports have it: no number is made of text by way of a floating one. Up to 15 of them, both
// come to the same.
static bool read_whole_epoch(ps_span text, int64_t *out)
{
    enum { DIGITS_MAX = 15 };
    int64_t value = 0;

    if (text.len > DIGITS_MAX) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.bytes[i])) return false;
        value = value * 10 + (text.bytes[i] - '0');
    }
    *out = value > (int64_t)MICROSECONDS_FROM   ? value / 1000000
           : value > (int64_t)MILLISECONDS_FROM ? value / 1000
                                                : value;
    return true;
}

static bool read_epoch(ps_span text, int64_t *out)
{
    char number[NUMBER_BYTES_MAX], *end = NULL;

    memcpy(number, text.bytes, text.len);
    number[text.len] = '\0';
    double seconds = strtod(number, &end); // the program never leaves the C locale
    if (*end != '\0') return false;
    if (seconds > MICROSECONDS_FROM) {
        seconds /= 1e6;
    } else if (seconds > MILLISECONDS_FROM) {
        seconds /= 1e3;
    }
    if (!(seconds >= 0 && seconds <= SECONDS_MAX)) return false;
    *out = (int64_t)seconds;
    return true;
}

// Eight bytes, the first in the lowest.
static inline uint64_t eight_at(const char *bytes)
{
    uint64_t eight;

    memcpy(&eight, bytes, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight;
}

// Eight bytes of a stamp.
typedef struct eight {
    uint64_t twos; // byte n + 1: the number that the digits in bytes n and n + 1 make
    uint64_t odd; // the highest bit of each byte that is not as the form has it
} eight;

// `form` is what they are like, where a 0 stands for any digit; `most` is, of each byte, 0x7F less the most that it may
// be above the form.
static inline eight read_eight(const char *at, const char form[9], const char most[9])
{
    uint64_t over = eight_at(at) ^ eight_at(form);

    return (eight){.twos = over * (10 << 8 | 1), .odd = over | (over + eight_at(most))};
}

// The number that the digits in byte n and the next one make.
static inline int two_at(eight of, unsigned n)
{
    return (int)(of.twos >> 8 * (n + 1) & 0xFF);
}

static inline bool is_odd(uint64_t odd)
{
    return (odd & UINT64_C(0x8080808080808080)) != 0;
}

// `2025-12-11T01:49:40Z`, as most exports of today write it, from the second day of 1970 on. read_year_first() takes it
// too, and all that is odd.
static inline bool read_utc(ps_span text, int64_t *out)
{
    if (text.len != sizeof "0000-00-00T00:00:00Z" - 1) return false;
    eight date = read_eight(text.bytes, "0000-00-", "\x76\x76\x76\x76\x7F\x76\x76\x7F");
    eight clock = read_eight(text.bytes + 8, "00T00:00", "\x76\x76\x7F\x76\x76\x7F\x76\x76");
    eight end = read_eight(text.bytes + 12, "0:00:00Z", "\x76\x7F\x76\x76\x7F\x76\x76\x7F");
    if (is_odd(date.odd | clock.odd | end.odd)) return false;
    int hour = two_at(clock, 3), minute = two_at(clock, 6), second = two_at(end, 5);
    ps_day day = ps_day_of(two_at(date, 0) * 100 + two_at(date, 2), two_at(date, 5), two_at(clock, 0));
    *out = (int64_t)day * DAY_S + hour * 3600 + minute * 60 + second;
    return day > 0 && hour < 24 && minute < 60 && second <= 60;
}

// `1705260967`: seconds of the years 1970 to 2286, which read_whole_epoch() takes too.
static inline bool read_seconds(ps_span text, int64_t *out)
{
    if (text.len != 10) return false;
    eight high = read_eight(text.bytes, "00000000", "\x76\x76\x76\x76\x76\x76\x76\x76");
    if (is_odd(high.odd) || !is_digit(text.bytes[8]) || !is_digit(text.bytes[9])) return false;
    int64_t hundreds = two_at(high, 0) * 1000000 + two_at(high, 2) * 10000 + two_at(high, 4) * 100 + two_at(high, 6);
    *out = hundreds * 100 + (text.bytes[8] - '0') * 10 + (text.bytes[9] - '0');
    return true;
}

// `*out_epoch` is -1 when the stamp is made of parts.
static bool read_stamp(ps_span trimmed, stamp *parts, int64_t *out_epoch)
{
    scanner scan = {trimmed.bytes, trimmed.bytes + trimmed.len};

    if (read_utc(trimmed, out_epoch) || read_seconds(trimmed, out_epoch)) return true;
    *out_epoch = -1;
    if (is_number(trimmed)) {
        return read_compact(trimmed, parts) || read_whole_epoch(trimmed, out_epoch) || read_epoch(trimmed, out_epoch);
    }
    bool year_first = trimmed.len > 4 && is_digit(trimmed.bytes[2]) && is_digit(trimmed.bytes[3]);
    bool read = year_first ? read_year_first(&scan, parts) : read_day_first(&scan, parts);
    return read && scan.at == scan.end;
}

// Any stamp; `out` is PS_DAY_NONE.
__attribute__((noinline)) static bool read_any_day(ps_stamp_reader *reader, ps_span text, ps_day *out)
{
    stamp parts = {.year = 0};
    ps_span trimmed = ps_ascii_trim(text);
    int64_t epoch;

    if (trimmed.len == 0) return true;
    if (!read_stamp(trimmed, &parts, &epoch)) return false;
    if (epoch < 0) return finish(&parts, reader, out);
    if (epoch > 0) *out = day_of_second(reader, epoch); // 0 stands for unknown
    return true;
}

bool ps_stamp_day(ps_stamp_reader *reader, ps_span text, ps_day *out)
{
    int64_t epoch;

    *out = PS_DAY_NONE;
    bool usual = read_utc(text, &epoch) || read_seconds(text, &epoch); // nearly all stamps are one of these two
    if (!usual || epoch <= 0) return read_any_day(reader, text, out);
    *out = day_of_second(reader, epoch);
    return true;
}

bool ps_stamp_read(ps_span text, const ps_zone *zone, ps_day *out)
{
    ps_stamp_reader reader = {.zone = zone};

    return ps_stamp_day(&reader, text, out);
}

bool ps_stamp_seconds(ps_span text, int32_t offset_s, int64_t *out)
{
    stamp parts = {.year = 0};
    ps_span trimmed = ps_ascii_trim(text);
    int64_t epoch;

    *out = 0;
    if (trimmed.len == 0) return true;
    if (!read_stamp(trimmed, &parts, &epoch)) return false;
    if (epoch >= 0) {
        *out = epoch;
        return true;
    }
    if (parts.year == 0 && parts.month == 0 && parts.day == 0) return true; // MySQL's zero date
    ps_day day = ps_day_of(parts.year, parts.month, parts.day);
    if (day == PS_DAY_NONE) return false;
    if (parts.year == 1) return true; // Go's zero time
    int64_t second_of_day = parts.hour * 3600 + parts.minute * 60 + parts.second;
    int64_t seconds = (int64_t)day * DAY_S + second_of_day - (parts.has_zone ? parts.offset_s : offset_s);
    if (seconds > 0) *out = seconds; // before 1970 nobody sent mail: not known
    return true;
}
