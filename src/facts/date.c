#include "facts/date.h"

#include <string.h>

#include "base/text.h"

enum {
    TEXT_MAX = 93, // a date with weekday, time and zone has about 60 bytes; more is prose
    TEXT_SIZE = TEXT_MAX + 3, // room for one character more than is counted
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    OFFSET_HOURS_MAX = 15
};

// ---- the cell as plain text

// Full-width digits, letters and signs are what Japanese people type; the rest stays.
static uint32_t fold(int32_t c)
{
    if (c == '\t' || c == '\r' || c == '\n' || c == 0x00A0 || c == 0x3000) return ' ';
    if (c == 0x2212) return '-';
    return c >= 0xFF01 && c <= 0xFF5E ? (uint32_t)c - 0xFEE0 : (uint32_t)c;
}

static bool is_plain(ps_span text)
{
    bool plain = true;

    for (size_t i = 0; i < text.len; i++)
        plain = plain && text.bytes[i] >= ' ' && text.bytes[i] <= '~';
    return plain;
}

// The folded, trimmed text in `out`, or in the cell itself where there is nothing to fold; false when it is too long
// for a date or is no UTF-8.
static bool plain_text(ps_span cell, char out[TEXT_SIZE], ps_span *text)
{
    size_t len = 0;

    cell = ps_ascii_trim(cell);
    if (cell.len > 0 && cell.len <= TEXT_MAX && is_plain(cell) && cell.bytes[0] != '\'') {
        *text = cell;
        return true;
    }
    for (size_t offset = 0; offset < cell.len;) {
        int32_t c = ps_utf8_next(cell, &offset);
        if (c < 0) return false;
        uint32_t folded = fold(c);
        if (folded == ' ' && len == 0) continue;
        if (len >= TEXT_MAX) return false;
        len += ps_utf8_put(folded, out + len);
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    // Spreadsheets keep a date from being read as one with a leading apostrophe.
    bool guarded = len > 0 && out[0] == '\'';
    *text = (ps_span){out + guarded, len - guarded};
    return true;
}

static bool is_missing_word(ps_span text)
{
    static const char *const words[] = {
        "", "-", "―", "ー", "なし", "無し", "未", "未購入", "未設定", "null", "\\N", "n/a", "#n/a", "nan", "0",
    };

    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        if (ps_ascii_equal_fold(text, ps_span_of(words[i]))) return true;
    }
    return false;
}

// ---- scanning

typedef struct scanner {
    const char *at, *end;
} scanner;

static bool take(scanner *s, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0) return false;
    s->at += len;
    return true;
}

static bool take_any(scanner *s, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (take(s, texts[i])) return true;
    }
    return false;
}

static size_t take_blanks(scanner *s)
{
    const char *from = s->at;

    while (s->at < s->end && *s->at == ' ')
        s->at++;
    return (size_t)(s->at - from);
}

static bool at_digit(const scanner *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

// A number of `least` to `most` digits.
static bool take_number(scanner *s, int least, int most, int *out)
{
    int digits = 0, value = 0;

    for (; digits < most && at_digit(s); digits++)
        value = value * 10 + (*s->at++ - '0');
    if (digits < least) return false;
    *out = value;
    return true;
}

// What stands between year, month and day, and after it.
typedef struct separators {
    const char *after_year, *after_month, *after_day;
    bool iso;
} separators;

static const separators separator_table[] = {
    {"-", "-", "", true},
    {"/", "/", "", false},
    {".", ".", "", false},
    {"年", "月", "日", false},
};

static bool take_date(scanner *s, ps_date_form form, int *year, int *month, int *day)
{
    if (!take_number(s, 4, 4, year)) return false; // year first and in full: nothing to guess
    for (size_t i = 0; i < PS_COUNT_OF(separator_table); i++) {
        const separators *between = &separator_table[i];
        if ((form == PS_DATE_FORM_ISO && !between->iso) || !take(s, between->after_year)) continue;
        return take_number(s, 1, 2, month) && take(s, between->after_month) && take_number(s, 1, 2, day) &&
               take(s, between->after_day);
    }
    return false;
}

// 2024年2月1日(木)
static void take_weekday(scanner *s)
{
    static const char *const days[] = {"(月)", "(火)", "(水)", "(木)", "(金)", "(土)", "(日)"};

    (void)take_any(s, days, PS_COUNT_OF(days)); // may stand there or not
}

typedef struct time_of_day {
    int hour, minute, second;
    bool has_offset;
    int offset_s; // east of Greenwich
} time_of_day;

typedef struct written {
    int year, month, day;
    time_of_day time;
} written;

static bool take_fraction(scanner *s)
{
    if (!take(s, ".") && !take(s, ",")) return true;
    if (!at_digit(s)) return false;
    while (at_digit(s))
        s->at++;
    return true;
}

// 12:34, 12:34:56, 12:34:56.789
static bool take_clock_tail(scanner *s, time_of_day *time)
{
    if (!take_number(s, 2, 2, &time->minute)) return false;
    if (!take(s, ":")) return true;
    return take_number(s, 2, 2, &time->second) && take_fraction(s);
}

// 12時, 12時34分, 12時34分56秒
static bool take_kanji_tail(scanner *s, time_of_day *time)
{
    if (!at_digit(s)) return true;
    if (!take_number(s, 1, 2, &time->minute) || !take(s, "分")) return false;
    if (!at_digit(s)) return true;
    return take_number(s, 1, 2, &time->second) && take(s, "秒");
}

// 午後 and PM; `half` is 0 for a 24-hour clock, 1 for the morning, 2 for the afternoon.
static int take_half(scanner *s)
{
    static const char *const mornings[] = {"午前", "AM", "am"};
    static const char *const afternoons[] = {"午後", "PM", "pm"};

    if (take_any(s, mornings, PS_COUNT_OF(mornings))) return 1;
    return take_any(s, afternoons, PS_COUNT_OF(afternoons)) ? 2 : 0;
}

static bool apply_half(int half, time_of_day *time)
{
    if (half == 0) return true;
    if (time->hour > 12) return false;
    time->hour = time->hour % 12 + (half == 2 ? 12 : 0); // 12 AM is midnight
    return true;
}

static bool take_time(scanner *s, time_of_day *time)
{
    int half = take_half(s);

    take_blanks(s);
    if (!take_number(s, 1, 2, &time->hour)) return false;
    if (!(take(s, ":") ? take_clock_tail(s, time) : take(s, "時") && take_kanji_tail(s, time))) return false;
    if (half == 0) {
        scanner before = *s;
        take_blanks(s);
        half = take_half(s);
        if (half == 0) *s = before;
    }
    return apply_half(half, time) && time->hour <= 23 && time->minute <= 59 && time->second <= 60; // a leap second
}

static bool take_zone(scanner *s, time_of_day *time)
{
    static const char *const utc[] = {"Z", "z", "UTC", "GMT"};
    int hours = 0, minutes = 0;

    take_blanks(s);
    if (s->at == s->end) return true;
    time->has_offset = true;
    if (take_any(s, utc, PS_COUNT_OF(utc))) return true;
    int sign = take(s, "-") ? -1 : 1;
    if (sign == 1 && !take(s, "+")) return false;
    if (!take_number(s, 2, 2, &hours)) return false;
    if ((take(s, ":") || at_digit(s)) && !take_number(s, 2, 2, &minutes)) return false;
    time->offset_s = sign * (hours * HOUR_S + minutes * MINUTE_S);
    return hours <= OFFSET_HOURS_MAX && minutes <= 59;
}

// What may follow the date: nothing, or T or blanks and a time.
static bool take_rest(scanner *s, time_of_day *time)
{
    take_weekday(s);
    bool apart = take(s, "T") || take(s, "t") || take_blanks(s) > 0;
    if (s->at == s->end) return !apart;
    bool kanji = s->at[-1] < 0; // 2024年2月1日12時34分 needs no blank
    return (apart || kanji) && take_time(s, time) && take_zone(s, time) && s->at == s->end;
}

// Dates that programs write for "never".
static bool is_sentinel(int year, int month, int day)
{
    static const int sentinels[][3] = {{0, 0, 0}, {1, 1, 1}, {1900, 1, 1}, {1970, 1, 1}, {9999, 12, 31}};

    for (size_t i = 0; i < PS_COUNT_OF(sentinels); i++) {
        if (sentinels[i][0] == year && sentinels[i][1] == month && sentinels[i][2] == day) return true;
    }
    return false;
}

static ps_day in_zone(ps_day day, const time_of_day *time, const ps_zone *zone)
{
    int64_t second_of_day = time->hour * HOUR_S + time->minute * MINUTE_S + time->second;

    return time->has_offset ? ps_zone_day(zone, (int64_t)day * DAY_S + second_of_day - time->offset_s) : day;
}

// A date as it is written, before its zone moves it.
static bool take_all(ps_span text, ps_date_form form, written *date)
{
    scanner s = {text.bytes, text.bytes + text.len};

    return take_date(&s, form, &date->year, &date->month, &date->day) && take_rest(&s, &date->time);
}

ps_date_result ps_date_read(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out)
{
    char bytes[TEXT_SIZE];
    ps_span text;
    written date = {.year = 0};

    if (!plain_text(cell, bytes, &text)) return PS_DATE_UNREADABLE;
    if (!take_all(text, form, &date)) return is_missing_word(text) ? PS_DATE_MISSING : PS_DATE_UNREADABLE;
    if (is_sentinel(date.year, date.month, date.day)) return PS_DATE_MISSING;
    ps_day day = ps_day_of(date.year, date.month, date.day);
    if (day == PS_DAY_NONE) return PS_DATE_UNREADABLE;
    day = in_zone(day, &date.time, zone);
    if (day == 0) return PS_DATE_MISSING; // 1970-01-01, moved there by its zone
    *out = day;
    return PS_DATE_READ;
}
