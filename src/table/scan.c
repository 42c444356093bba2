#include "table/scan.h"

#include <string.h>

typedef enum byte_class { BYTE_OTHER, BYTE_DELIMITER, BYTE_QUOTE, BYTE_LINE_END, BYTE_CLASS_COUNT } byte_class;

// libcsv's automaton (csv_parse of 3.0.3). In PS_SCAN_QUOTE any byte that neither ends the cell nor doubles the quote
// leads back into the quoted cell: `"a"b,c"` is the one cell a"b,c.
static const uint8_t next_state[PS_SCAN_STATE_COUNT][BYTE_CLASS_COUNT] = {
    [PS_SCAN_ROW] = {PS_SCAN_UNQUOTED, PS_SCAN_FIELD, PS_SCAN_QUOTED, PS_SCAN_ROW},
    [PS_SCAN_FIELD] = {PS_SCAN_UNQUOTED, PS_SCAN_FIELD, PS_SCAN_QUOTED, PS_SCAN_ROW},
    [PS_SCAN_UNQUOTED] = {PS_SCAN_UNQUOTED, PS_SCAN_FIELD, PS_SCAN_UNQUOTED, PS_SCAN_ROW},
    [PS_SCAN_QUOTED] = {PS_SCAN_QUOTED, PS_SCAN_QUOTED, PS_SCAN_QUOTE, PS_SCAN_QUOTED},
    [PS_SCAN_QUOTE] = {PS_SCAN_QUOTED, PS_SCAN_FIELD, PS_SCAN_QUOTED, PS_SCAN_ROW},
};

static void fill_classes(uint8_t class_of[256], char delimiter)
{
    memset(class_of, BYTE_OTHER, 256);
    class_of['\n'] = BYTE_LINE_END;
    class_of['\r'] = BYTE_LINE_END;
    class_of['"'] = BYTE_QUOTE;
    class_of[(unsigned char)delimiter] = BYTE_DELIMITER;
}

void ps_scan_init(ps_scan *scan, char delimiter, size_t record_max)
{
    *scan = (ps_scan){.record_max = record_max};
    fill_classes(scan->class_of, delimiter);
}

static void note_length(ps_scan *scan, uint64_t len)
{
    if (scan->too_long || len <= scan->record_max) return;
    scan->too_long = true;
    scan->long_line = scan->record_line;
}

// Between two records; not between the CR and the LF of one line end.
static void cut_here(ps_scan *scan)
{
    scan->cut = scan->now;
}

static void add_line_end(ps_scan *scan, char byte)
{
    ps_scan_state before = scan->state;
    bool second_half = byte == '\n' && scan->after_cr;

    if (before == PS_SCAN_ROW && scan->after_cr && !second_half) cut_here(scan);
    scan->state = (ps_scan_state)next_state[before][BYTE_LINE_END];
    scan->now.offset++;
    if (!second_half) scan->now.lines++;
    if (scan->state == PS_SCAN_ROW) {
        if (before != PS_SCAN_ROW) {
            scan->now.records++;
            note_length(scan, scan->now.offset - 1 - scan->record_start);
        } else if (!second_half) {
            scan->now.blank_lines++;
        }
        if (byte == '\n') cut_here(scan);
    }
    scan->after_cr = byte == '\r';
}

static void add_byte(ps_scan *scan, byte_class class)
{
    if (scan->state == PS_SCAN_ROW) {
        if (scan->after_cr) cut_here(scan);
        scan->record_start = scan->now.offset;
        scan->record_line = scan->now.lines;
    }
    if (class == BYTE_QUOTE && scan->state <= PS_SCAN_FIELD) scan->quote_line = scan->now.lines;
    scan->state = (ps_scan_state)next_state[scan->state][class];
    scan->now.offset++;
    scan->after_cr = false;
}

// Bytes that cannot change the state of the cell they are in: most of a file.
static size_t plain_run(ps_scan_state state, const uint8_t class_of[256], ps_span bytes, size_t offset)
{
    size_t i = offset;
    if (state != PS_SCAN_UNQUOTED && state != PS_SCAN_QUOTED) return 0;
    while (i < bytes.len && class_of[(unsigned char)bytes.bytes[i]] == BYTE_OTHER)
        i++;
    return i - offset;
}

void ps_scan_add(ps_scan *scan, ps_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        byte_class class = (byte_class)scan->class_of[(unsigned char)bytes.bytes[i]];
        if (class == BYTE_LINE_END) {
            add_line_end(scan, bytes.bytes[i]);
            continue;
        }
        add_byte(scan, class);
        size_t run = plain_run(scan->state, scan->class_of, bytes, i + 1);
        scan->now.offset += run;
        i += run;
    }
    if (scan->state != PS_SCAN_ROW) note_length(scan, scan->now.offset - scan->record_start);
}

bool ps_scan_end(ps_scan *scan)
{
    if (scan->state == PS_SCAN_QUOTED) return false;
    if (scan->state != PS_SCAN_ROW) {
        scan->now.records++;
        scan->state = PS_SCAN_ROW;
    }
    scan->after_cr = false;
    cut_here(scan);
    return true;
}

bool ps_scan_record_at(ps_span bytes, size_t offset, char delimiter, bool whole, ps_scan_record *out)
{
    uint8_t class_of[256];
    fill_classes(class_of, delimiter);

    size_t i = offset;
    while (i < bytes.len && (bytes.bytes[i] == '\n' || bytes.bytes[i] == '\r'))
        i++;
    if (i == bytes.len) return false;

    ps_scan_record record = {.start = i, .cell_count = 1};
    ps_scan_state state = PS_SCAN_ROW;
    for (; i < bytes.len; i++) {
        state = (ps_scan_state)next_state[state][class_of[(unsigned char)bytes.bytes[i]]];
        if (state == PS_SCAN_ROW) break;
        if (state == PS_SCAN_FIELD) record.cell_count++;
        i += plain_run(state, class_of, bytes, i + 1);
    }
    if (i == bytes.len && (!whole || state == PS_SCAN_QUOTED)) return false;
    record.body_end = i;
    record.end = i < bytes.len ? i + 1 : i;
    bool cut_cr = i < bytes.len && bytes.bytes[i] == '\r' && record.end == bytes.len && !whole;
    if (cut_cr) return false; // its LF may follow
    if (i + 1 < bytes.len && bytes.bytes[i] == '\r' && bytes.bytes[i + 1] == '\n') record.end++;
    *out = record;
    return true;
}
