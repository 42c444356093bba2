#include "table/csv.h"

#include <csv.h>
#include <string.h>

// libcsv grows its cell buffer by this step, with a copy each time; its default of 128 bytes makes long cells
// quadratic.
enum { CELL_STEP_BYTES = 64 << 10 };

// libcsv says what a cell holds, not where it stood. It is fed slices that end at a byte which may end a cell, so that
// a call back always means "at the last byte of this slice".
typedef struct cell_walk {
    const ps_csv_sink *sink;
    ps_span bytes;
    size_t at; // the byte that ended the cell
    size_t cell_start;
    ps_csv_record record;
    bool record_done; // the call back came for a line end
    ps_status status;
    ps_error *err;
} cell_walk;

static int is_no_space(unsigned char byte)
{
    (void)byte; // csv_set_space_func wants this form
    return 0;
}

// The value as a part of the input, so that it need not be copied: as it stands, or what stands between its quotes.
static bool borrow(const cell_walk *walk, ps_csv_cell *cell)
{
    const char *raw = walk->bytes.bytes + cell->start;
    size_t raw_len = cell->end - cell->start;
    size_t skip = 0;

    if (raw_len == cell->value.len + 2 && raw[0] == '"') skip = 1;
    if (raw_len != cell->value.len + 2 * skip) return false;
    if (cell->value.len > 0 && memcmp(raw + skip, cell->value.bytes, cell->value.len) != 0) return false;
    cell->value.bytes = raw + skip;
    return true;
}

static void take_cell(void *value, size_t len, void *context)
{
    cell_walk *walk = context;
    ps_csv_cell cell = {.start = walk->cell_start, .end = walk->at, .value = {value, len}};

    walk->cell_start = walk->at + 1;
    walk->record.cell_count++;
    cell.borrowed = borrow(walk, &cell);
    if (walk->status == PS_OK) walk->status = walk->sink->cell(walk->sink->context, &cell, walk->err);
}

static void take_record(int ended_by, void *context)
{
    cell_walk *walk = context;
    (void)ended_by; // the byte is in the input, and -1 is the end of it
    walk->record_done = true;
}

static void finish_record(cell_walk *walk)
{
    const char *bytes = walk->bytes.bytes;
    ps_csv_record *record = &walk->record;

    record->body_end = walk->at;
    record->end = walk->at < walk->bytes.len ? walk->at + 1 : walk->at;
    if (record->end < walk->bytes.len && bytes[walk->at] == '\r' && bytes[record->end] == '\n') record->end++;
    if (walk->status == PS_OK) walk->status = walk->sink->record(walk->sink->context, record, walk->err);
}

static ps_status no_memory(struct csv_parser *parser, ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "There was not enough memory to read a cell (libcsv: %s).",
                        csv_strerror(csv_error(parser)));
}

// Line ends between records are no cell's business: only their number counts.
static size_t skip_blank_lines(const cell_walk *walk, size_t offset, uint64_t *lines)
{
    const char *bytes = walk->bytes.bytes;
    size_t i = offset;
    for (; i < walk->bytes.len && (bytes[i] == '\n' || bytes[i] == '\r'); i++) {
        bool second_half = bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
        if (!second_half) (*lines)++;
    }
    return i;
}

// From the first byte of a record to behind the byte that ends it. `*fed` is what libcsv has had.
static ps_status parse_record(cell_walk *walk, struct csv_parser *parser, size_t *fed, uint64_t *lines)
{
    const unsigned char *bytes = (const unsigned char *)walk->bytes.bytes;
    unsigned char delimiter = csv_get_delim(parser);

    for (size_t i = walk->record.start; i < walk->bytes.len && !walk->record_done; i++) {
        unsigned char byte = bytes[i];
        if (byte > '\r' && byte != delimiter) continue;
        if (byte != delimiter && byte != '\n' && byte != '\r') continue;
        bool second_half = byte == '\n' && i > 0 && bytes[i - 1] == '\r';
        if (byte != delimiter && !second_half) (*lines)++;
        walk->at = i;
        size_t want = i + 1 - *fed;
        if (csv_parse(parser, bytes + *fed, want, take_cell, take_record, walk) != want)
            return no_memory(parser, walk->err);
        *fed = i + 1;
    }
    return PS_OK;
}

static ps_status parse_end(cell_walk *walk, struct csv_parser *parser, size_t fed)
{
    size_t want = walk->bytes.len - fed;
    walk->at = walk->bytes.len;
    if (csv_parse(parser, walk->bytes.bytes + fed, want, take_cell, take_record, walk) != want) {
        return no_memory(parser, walk->err);
    }
    if (csv_fini(parser, take_cell, take_record, walk) != 0) return no_memory(parser, walk->err);
    if (walk->record_done) finish_record(walk);
    return walk->status;
}

static ps_status parse_all(cell_walk *walk, struct csv_parser *parser)
{
    size_t fed = 0;
    uint64_t lines = 0;

    for (;;) {
        size_t start = skip_blank_lines(walk, fed, &lines);
        walk->record = (ps_csv_record){.start = start, .line = lines};
        walk->cell_start = start;
        walk->record_done = false;
        if (start == walk->bytes.len) return PS_OK;
        ps_status status = parse_record(walk, parser, &fed, &lines);
        if (status != PS_OK || walk->status != PS_OK) return status != PS_OK ? status : walk->status;
        if (!walk->record_done) return parse_end(walk, parser, fed);
        finish_record(walk);
        if (walk->status != PS_OK) return walk->status;
    }
}

ps_status ps_csv_parse(ps_span bytes, char delimiter, const ps_csv_sink *sink, ps_error *err)
{
    struct csv_parser parser;
    cell_walk walk = {.sink = sink, .bytes = bytes, .err = err};

    if (csv_init(&parser, 0) != 0) return ps_error_set(err, PS_BUG, "libcsv could not be started.");
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, is_no_space);
    csv_set_blk_size(&parser, CELL_STEP_BYTES);
    ps_status status = parse_all(&walk, &parser);
    csv_free(&parser);
    return status;
}
