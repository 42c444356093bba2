#include "facts/date_long.h"

#include <string.h>

#include "base/text.h"
#include "facts/date_scan.h"

enum {
    TEXT_MAX = 93, // a date with weekday, time and zone has about 60 bytes; more is prose
    TEXT_SIZE = TEXT_MAX + 3, // room for one character more than is counted
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400
};

// ---- the cell as plain text

// Full-width digits, letters and signs are what Japanese people type, and spreadsheets put narrow blanks before PM; the
// rest stays.
static uint32_t fold(int32_t c)
{
    if (c == '\t' || c == '\r' || c == '\n' || c == 0x00A0 || c == 0x2009 || c == 0x202F || c == 0x3000) return ' ';
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

// ---- what stands for nothing

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

// Dates that programs write for "never".
static bool is_sentinel(const ps_written *date)
{
    static const int sentinels[][3] = {{0, 0, 0}, {1, 1, 1}, {1900, 1, 1}, {1970, 1, 1}, {9999, 12, 31}};

    if (date->kind != PS_WRITTEN_CIVIL) return false;
    for (size_t i = 0; i < PS_COUNT_OF(sentinels); i++) {
        if (sentinels[i][0] == date->year && sentinels[i][1] == date->month && sentinels[i][2] == date->day)
            return true;
    }
    return false;
}

// Nothing is nothing in whatever form the column's dates are: 0000-00-00 among D/M/Y, 00/00/0000 among ISO.
static bool stands_for_nothing(ps_span text)
{
    static const ps_date_form forms[] = {PS_DATE_FORM_YMD, PS_DATE_FORM_DMY, PS_DATE_FORM_MDY, PS_DATE_FORM_COMPACT};

    if (is_missing_word(text)) return true;
    for (size_t i = 0; i < PS_COUNT_OF(forms); i++) {
        ps_written date;
        if (ps_date_scan(text, forms[i], &date) && is_sentinel(&date)) return true;
    }
    return false;
}

// ---- the day

static ps_date_result day_of(const ps_written *date, const ps_zone *zone, ps_day *out)
{
    int64_t second_of_day = date->hour * HOUR_S + date->minute * MINUTE_S + date->second;
    ps_day day = PS_DAY_NONE;

    if (is_sentinel(date)) return PS_DATE_MISSING;
    switch (date->kind) {
    case PS_WRITTEN_CIVIL:
        day = ps_day_of(date->year, date->month, date->day);
        if (day != PS_DAY_NONE && date->has_offset)
            day = ps_zone_day(zone, (int64_t)day * DAY_S + second_of_day - date->offset_s);
        break;
    case PS_WRITTEN_INSTANT:
        day = ps_zone_day(zone, date->number);
        break;
    case PS_WRITTEN_DAY:
        day = (ps_day)date->number;
        break;
    }
    if (day == PS_DAY_NONE) return PS_DATE_UNREADABLE;
    if (day == 0 || (date->kind == PS_WRITTEN_INSTANT && date->number == 0)) return PS_DATE_MISSING; // 1970-01-01
    *out = day;
    return PS_DATE_READ;
}

// The forms that AUTO tries: no text fits two of them but ISO and YMD, which read the same.
static const ps_date_form evident_forms[] = {
    PS_DATE_FORM_ISO, PS_DATE_FORM_YMD, PS_DATE_FORM_ERA, PS_DATE_FORM_COMPACT, PS_DATE_FORM_RFC5322,
};

static bool scan(ps_span text, ps_date_form form, ps_written *out, ps_date_form *out_form)
{
    size_t count = form == PS_DATE_FORM_AUTO ? PS_COUNT_OF(evident_forms) : 1;

    for (size_t i = 0; i < count; i++) {
        *out_form = form == PS_DATE_FORM_AUTO ? evident_forms[i] : form;
        if (ps_date_scan(text, *out_form, out)) return true;
    }
    return false;
}

// ---- the whole

ps_date_result ps_date_read_long(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                 ps_date_form *out_form)
{
    char bytes[TEXT_SIZE];
    ps_span text;
    ps_written date;
    ps_date_form found = form;

    if (!plain_text(cell, bytes, &text)) return PS_DATE_UNREADABLE;
    ps_date_result result = scan(text, form, &date, &found) ? day_of(&date, zone, out) : PS_DATE_UNREADABLE;
    if (result == PS_DATE_READ) *out_form = found;
    return result == PS_DATE_UNREADABLE && stands_for_nothing(text) ? PS_DATE_MISSING : result;
}
