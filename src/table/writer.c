#include "table/writer.h"

#include <string.h>

#include "base/text.h"

// Encodings write the full-width = + - @ differently, but each of them with the same first byte; those that are not
// named have none.
static const struct {
    ps_encoding encoding;
    const char *forms[4];
} wide_formula[] = {
    {PS_ENCODING_UTF8, {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"}},
    {PS_ENCODING_CP932, {"\x81\x81", "\x81\x7b", "\x81\x7c", "\x81\x97"}},
    {PS_ENCODING_EUC_JP_MS, {"\xa1\xe1", "\xa1\xdc", "\xa1\xdd", "\xa1\xf7"}},
};

static const char *line_end_of(const ps_layout *layout)
{
    if (strcmp(layout->line_end, "crlf") == 0) return "\r\n";
    return strcmp(layout->line_end, "cr") == 0 ? "\r" : "\n";
}

// Not 0 where one of eight bytes is `byte`.
static uint64_t find_byte(uint64_t eight, char byte)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t rest = eight ^ ones * (unsigned char)byte; // 0 where it stands

    return (rest - ones) & ~rest & ones << 7;
}

static uint64_t find_special(const char *bytes, size_t len, char delimiter)
{
    uint64_t eight = 0;

    memcpy(&eight, bytes, len); // zeros behind it
    return find_byte(eight, delimiter) | find_byte(eight, '"') | find_byte(eight, '\r') | find_byte(eight, '\n');
}

// Eight bytes at once: this is asked of every detail and address that is written.
static bool needs_quotes(ps_span value, char delimiter)
{
    const size_t step = sizeof(uint64_t);
    uint64_t found = 0;

    if (value.len < step) return value.len > 0 && find_special(value.bytes, value.len, delimiter) != 0;
    for (size_t i = 0; i + step < value.len; i += step)
        found |= find_special(value.bytes + i, step, delimiter);
    return (found | find_special(value.bytes + value.len - step, step, delimiter)) != 0; // some of them again
}

// The longest that a value of `len` bytes gets as a cell.
#define CELL_MAX(len) (2 * (len) + 2)

static ps_span raw_span(const ps_batch *batch, size_t start, size_t end)
{
    return (ps_span){batch->bytes + start, end - start};
}

char *ps_put_missing_line_end(char *at, const ps_layout *layout)
{
    return ps_put_text(at, line_end_of(layout));
}

static char *put_cell(char *at, ps_span value, char delimiter)
{
    if (!needs_quotes(value, delimiter)) return ps_put_span(at, value);
    *at++ = '"';
    for (size_t i = 0; i < value.len; i++) {
        if (value.bytes[i] == '"') *at++ = '"';
        *at++ = value.bytes[i];
    }
    *at++ = '"';
    return at;
}

void ps_write_cell(ps_buf *out, ps_span value, char delimiter)
{
    char *at = ps_buf_room(out, CELL_MAX(value.len));

    if (at != NULL) ps_buf_end(out, put_cell(at, value, delimiter));
}

// The record's own bytes, but for the cell.
static char *put_replaced(char *at, const ps_batch *batch, const ps_row *row, const ps_replacement *replacement)
{
    ps_cell cell = ps_batch_cell(batch, row, replacement->index);

    at = ps_put_span(at, raw_span(batch, row->start, cell.start));
    at = put_cell(at, replacement->value, batch->layout->delimiter);
    return ps_put_span(at, raw_span(batch, cell.end, (size_t)row->start + row->body_len));
}

static size_t extra_max(const ps_span *extra, size_t extra_count)
{
    size_t sum = 0;

    for (size_t i = 0; i < extra_count; i++)
        sum += 1 + CELL_MAX(extra[i].len);
    return sum;
}

void ps_write_record(ps_buf *out, const ps_batch *batch, const ps_row *row, const ps_replacement *replacement,
                     const ps_span *extra, size_t extra_count)
{
    bool replaces = replacement != NULL && replacement->index < row->cell_count;
    size_t cell_max = replaces ? CELL_MAX(replacement->value.len) : 0;
    char *at = ps_buf_room(out, row->body_len + cell_max + extra_max(extra, extra_count) + PS_LINE_END_MAX);
    const char *begin = at;

    if (at == NULL) return;
    at = replaces ? put_replaced(at, batch, row, replacement) : ps_put_span(at, ps_row_body(batch, row));
    for (size_t i = 0; i < extra_count; i++) {
        *at++ = batch->layout->delimiter;
        at = put_cell(at, extra[i], batch->layout->delimiter);
    }
    // A record that is one empty cell would be a blank line, which is no record.
    if (at == begin) at = ps_put_text(at, "\"\"");
    ps_buf_end(out, ps_put_line_end(at, batch, row));
}

// With `wide`, the first byte of the full-width forms, nothing else is the first byte of a value that begins like a
// formula, or of one that needs a guard.
static unsigned may_begin_formula(char byte, char wide)
{
    static const uint8_t ascii[256] = {
        ['='] = 1, ['+'] = 1, ['-'] = 1, ['@'] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, ['\''] = 1};

    return (unsigned)(byte == wide) | ascii[(unsigned char)byte];
}

// `=`, which is one anyway, where there are none.
static char wide_begin(ps_encoding encoding)
{
    for (size_t i = 0; i < PS_COUNT_OF(wide_formula); i++) {
        if (wide_formula[i].encoding == encoding) return wide_formula[i].forms[0][0];
    }
    return '=';
}

// Does the text begin with what a spreadsheet takes for a formula?
static bool begins_formula(ps_span text, ps_encoding encoding)
{
    if (text.len == 0 || may_begin_formula(text.bytes[0], wide_begin(encoding)) == 0 || text.bytes[0] == '\'')
        return false;
    if ((unsigned char)text.bytes[0] < 0x80) return true;
    for (size_t i = 0; i < PS_COUNT_OF(wide_formula); i++) {
        if (wide_formula[i].encoding != encoding) continue;
        for (size_t k = 0; k < PS_COUNT_OF(wide_formula[i].forms); k++) {
            size_t len = strlen(wide_formula[i].forms[k]);
            if (text.len >= len && memcmp(text.bytes, wide_formula[i].forms[k], len) == 0) return true;
        }
    }
    return false;
}

static bool needs_guard(ps_span text, ps_encoding encoding)
{
    size_t i = 0;
    while (i < text.len && text.bytes[i] == '\'')
        i++;
    return begins_formula((ps_span){text.bytes + i, text.len - i}, encoding);
}

// The begin of a cell's value, which is all that counts here: behind the quote of a quoted cell. (A doubled quote
// begins no formula.)
static ps_span value_begin(ps_span raw)
{
    if (raw.len == 0 || raw.bytes[0] != '"') return raw;
    return (ps_span){raw.bytes + 1, raw.len - 1};
}

// Most records have no cell that needs a closer look. What ends a cell always follows it, or the batch's last byte.
static bool looks_harmless(const ps_batch *batch, const ps_row *row)
{
    size_t start = row->start, end = start + row->body_len;
    const uint32_t *ends = batch->split.ends + row->first_cell;
    char wide = wide_begin(batch->layout->encoding);
    unsigned doubts = 0;

    if ((row->lacks & PS_SPLIT_FORMULA) != 0) return true;
    // No branch on a quote: where quoting is random, each would be mispredicted.
    for (size_t i = 0; i < row->cell_count && start < end; start = (size_t)ends[i++] + 1) {
        size_t quoted = (unsigned)(batch->bytes[start] == '"') & (unsigned)(start + 1 < end);
        doubts |= may_begin_formula(batch->bytes[start + quoted], wide);
    }
    return doubts == 0;
}

static char *put_guarded_raw(char *at, ps_span raw, ps_encoding encoding)
{
    ps_span value = value_begin(raw);

    if (!needs_guard(value, encoding)) return ps_put_span(at, raw);
    at = ps_put_span(at, (ps_span){raw.bytes, raw.len - value.len});
    *at++ = '\'';
    return ps_put_span(at, value);
}

char *ps_put_body_guarded(char *at, const ps_batch *batch, const ps_row *row)
{
    if (looks_harmless(batch, row)) return ps_put_span(at, ps_row_body(batch, row));
    for (size_t i = 0; i < row->cell_count; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        if (i > 0) *at++ = batch->layout->delimiter;
        at = put_guarded_raw(at, raw_span(batch, cell.start, cell.end), batch->layout->encoding);
    }
    return at;
}

bool ps_cell_is_plain(ps_span value, char delimiter)
{
    if (value.len == 0) return true;
    return may_begin_formula(value.bytes[0], '=') == 0 && ps_ascii_only(value) && !needs_quotes(value, delimiter);
}

// Its ' comes first, inside the quotes where it gets some.
void ps_write_cell_guarded(ps_buf *out, ps_span value, char delimiter)
{
    if (!needs_guard(value, PS_ENCODING_UTF8)) {
        ps_write_cell(out, value, delimiter);
        return;
    }
    size_t before = out->len;
    ps_write_cell(out, value, delimiter);
    if (ps_buf_extend(out, 1) == NULL) return;
    size_t at = before + (out->bytes[before] == '"' ? 1 : 0);
    memmove(out->bytes + at + 1, out->bytes + at, out->len - 1 - at);
    out->bytes[at] = '\'';
}

bool ps_record_has_formula(const ps_batch *batch, const ps_row *row)
{
    if (looks_harmless(batch, row)) return false;
    for (size_t i = 0; i < row->cell_count; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        ps_span value = value_begin(raw_span(batch, cell.start, cell.end));
        if (begins_formula(value, batch->layout->encoding)) return true;
    }
    return false;
}

// Length of the line end that the text ends in.
static size_t line_end_len(ps_span text)
{
    if (text.len == 0) return 0;
    if (text.bytes[text.len - 1] == '\r') return 1;
    if (text.bytes[text.len - 1] != '\n') return 0;
    return text.len > 1 && text.bytes[text.len - 2] == '\r' ? 2 : 1;
}

void ps_write_preamble(ps_buf *out, const ps_layout *layout, const char *const *extra, size_t extra_count)
{
    ps_span preamble = layout->preamble;

    if (layout->headerless) {
        ps_buf_add_span(out, preamble);
        return;
    }
    size_t end_len = line_end_len(preamble);
    ps_buf_add(out, preamble.bytes, preamble.len - end_len);
    for (size_t i = 0; i < extra_count; i++) {
        ps_buf_add_char(out, layout->delimiter);
        ps_buf_add_text(out, extra[i]);
    }
    if (end_len == 0) {
        ps_buf_add_text(out, line_end_of(layout));
    } else {
        ps_buf_add(out, preamble.bytes + preamble.len - end_len, end_len);
    }
}
