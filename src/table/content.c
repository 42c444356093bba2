#include "table/content.h"

#include <stdint.h>

#include "base/text.h"
#include "table/header.h"

enum { FULLWIDTH_FIRST = 0xff01, FULLWIDTH_LAST = 0xff5e, FULLWIDTH_TO_ASCII = 0xfee0 };

static int32_t next_folded(ps_span text, size_t *offset)
{
    int32_t code_point = ps_utf8_next(text, offset);
    bool wide = code_point >= FULLWIDTH_FIRST && code_point <= FULLWIDTH_LAST;
    return wide ? code_point - FULLWIDTH_TO_ASCII : code_point;
}

static bool has_one_at(ps_span text)
{
    size_t count = 0;
    for (size_t offset = 0; offset < text.len;) {
        if (next_folded(text, &offset) == '@') count++;
    }
    return count == 1;
}

// What programs write where there is nothing.
static bool is_missing(ps_span text)
{
    static const char *const words[] = {"null", "\\n",  "n/a",  "#n/a",   "nan", "none",
                                        "-",    "なし", "無し", "未設定", "―",   "ー"};
    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        if (ps_ascii_equal_fold(text, ps_span_of(words[i]))) return true;
    }
    return text.len == 0;
}

// How digits stand in a cell.
typedef struct digits {
    size_t count, runs, longest;
    size_t separators; // - / . 年 月 right behind a digit
    bool others; // anything but digits
} digits;

static bool separates(int32_t code_point)
{
    static const int32_t separators[] = {'-', '/', '.', 0x5e74, 0x6708};
    for (size_t i = 0; i < PS_COUNT_OF(separators); i++) {
        if (separators[i] == code_point) return true;
    }
    return false;
}

static digits count_digits(ps_span text)
{
    digits found = {.count = 0};
    size_t run = 0;

    for (size_t offset = 0; offset < text.len;) {
        int32_t code_point = next_folded(text, &offset);
        bool digit = code_point >= '0' && code_point <= '9';
        if (digit && run == 0) found.runs++;
        if (!digit) found.others = true;
        if (!digit && run > 0 && separates(code_point)) found.separators++;
        run = digit ? run + 1 : 0;
        if (digit) found.count++;
        if (run > found.longest) found.longest = run;
    }
    return found;
}

// Not whether it is a date, but whether the column is meant to hold some: 2024/2/1, 令和6年2月1日, R6.2.1, 20240201,
// seconds since 1970, Feb 1, 2024.
static bool looks_like_date(ps_span text)
{
    enum { DATE_BYTES_MAX = 64, COMPACT = 8, COMPACT_TIME = 14, EPOCH_S = 10, EPOCH_MS = 13, EPOCH_US = 16 };
    if (text.len > DATE_BYTES_MAX) return false;
    digits found = count_digits(text);

    if (found.separators >= 2 && found.count >= 3) return true;
    if (!found.others) {
        return found.count == COMPACT || found.count == COMPACT_TIME || found.count == EPOCH_S ||
               found.count == EPOCH_MS || found.count == EPOCH_US;
    }
    return found.runs >= 2 && found.longest == 4;
}

ps_content ps_content_of(const ps_sample *sample, size_t column)
{
    ps_content content = {.filled = 0};

    for (size_t row = 0; row < sample->rows; row++) {
        ps_span cell = ps_ascii_trim(sample->cells[row * sample->column_count + column]);
        if (is_missing(cell)) continue;
        ps_word word = ps_flag_word(cell);
        content.filled++;
        content.addresses += has_one_at(cell);
        content.dates += looks_like_date(cell);
        content.flags += word == PS_WORD_TRUE || word == PS_WORD_FALSE;
    }
    return content;
}
