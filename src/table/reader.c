#include "table/reader.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/reader_parts.h"

// The head of a file: records of 1 MiB, and their cells as UTF-8 with their spans.
#define HEAD_ARENA_BYTES ((size_t)256 << 20)

static ps_status broken_head(ps_reader *reader, ps_error *err)
{
    ps_error_set(err, reader->bad, "%s was changed while it was read.", reader->head.layout.file);
    ps_error_hint(err, "Run again when whoever writes it has finished.");
    return reader->bad;
}

// Stand before the first record. The head is read again and must be what it was.
static ps_status begin_pass(ps_reader *reader, ps_error *err)
{
    size_t left = reader->head.begin;

    ps_status status = ps_stream_rewind(&reader->stream, err);
    if (status == PS_OK)
        status = ps_memory_grow((void **)&reader->carry, &reader->carry_capacity, left + PS_STREAM_READ_MIN, 1, err);
    if (status != PS_OK) return status;
    // A decoder may stop a little short of the size it is given, so ask until the head is passed.
    size_t have = 0;
    while (have < left && !reader->stream.end) {
        size_t len;
        status = ps_stream_read(&reader->stream, reader->carry + have, left + PS_STREAM_READ_MIN - have, &len, err);
        if (status != PS_OK) return status;
        have += len;
    }
    if (have < left || memcmp(reader->carry, reader->head.layout.preamble.bytes, left) != 0)
        return broken_head(reader, err);
    memmove(reader->carry, reader->carry + left, have - left);
    reader->carry_len = have - left;
    reader->given = (ps_scan_count){.offset = 0};
    reader->in_pieces = false;
    reader->taken = 0;
    return PS_OK;
}

ps_status ps_reader_open(const ps_reader_options *options, ps_reader **out, ps_error *err)
{
    ps_head_options head_options = {options->delimiter, options->headerless, options->source.bad};
    ps_reader *reader = ps_memory_new(1, sizeof *reader, err);
    if (reader == NULL) return PS_RETRY;

    reader->bad = options->source.bad;
    reader->split = ps_split_for(ps_cpu_best());
    reader->batch_bytes = options->batch_bytes == 0 ? PS_BATCH_BYTES : options->batch_bytes;
    if (reader->batch_bytes < PS_BATCH_BYTES_MIN) reader->batch_bytes = PS_BATCH_BYTES_MIN;
    ps_status status = ps_source_open(&options->source, &reader->source, err);
    if (status == PS_OK) status = ps_stream_open(reader->source, options->encoding, reader->bad, &reader->stream, err);
    if (status == PS_OK) status = ps_arena_open(HEAD_ARENA_BYTES, &reader->arena, err);
    if (status == PS_OK) ps_source_leave_unprinted(reader->source); // the pass begins after it
    if (status == PS_OK) status = ps_head_read(&reader->stream, &head_options, &reader->arena, &reader->head, err);
    if (status == PS_OK) status = begin_pass(reader, err);
    if (status == PS_OK) {
        *out = reader;
    } else {
        ps_reader_close(reader);
    }
    return status;
}

void ps_reader_close(ps_reader *reader)
{
    if (reader == NULL) return;
    ps_memory_free(reader->carry);
    ps_arena_close(&reader->arena);
    ps_stream_close(&reader->stream);
    ps_source_close(reader->source);
    ps_memory_free(reader);
}

ps_layout *ps_reader_layout(ps_reader *reader)
{
    return &reader->head.layout;
}

const ps_span *ps_reader_sample(const ps_reader *reader, size_t *out_rows)
{
    *out_rows = reader->head.sample_rows;
    return reader->head.sample;
}

static unsigned long long line_at(const ps_reader *reader, uint64_t lines)
{
    return reader->head.layout.first_line + lines;
}

static ps_status refuse_open_quote(const ps_reader *reader, ps_error *err)
{
    ps_error_set(err, reader->bad, "In %s the quote that opens in line %llu is never closed.", reader->head.layout.file,
                 line_at(reader, reader->scan.quote_line));
    ps_error_hint(
        err,
        "The file may have been cut, or a cell holds a lone \" at its begin. Export it again, or double that quote.");
    return reader->bad;
}

static ps_status refuse_long(const ps_reader *reader, ps_error *err)
{
    ps_error_set(err, reader->bad, "In %s the record that begins in line %llu is longer than 16 MiB.",
                 reader->head.layout.file, line_at(reader, reader->scan.long_line));
    if (reader->scan.state == PS_SCAN_QUOTED) {
        ps_error_hint(err, "See whether the quote that opens in line %llu is closed.",
                      line_at(reader, reader->scan.quote_line));
    } else {
        ps_error_hint(err, "See whether the file is what it should be, and export it again.");
    }
    return reader->bad;
}

uint64_t ps_reader_records_size(const ps_reader *reader)
{
    uint64_t head = (uint64_t)reader->stream.bom_len + reader->head.begin, size = ps_source_size(reader->source);
    return size > head ? size - head : 0;
}

// The same from where the records so far end.
static ps_status fill_in_pieces(ps_reader *reader, ps_batch *batch, size_t want, ps_error *err)
{
    uint64_t head = (uint64_t)reader->stream.bom_len + reader->head.begin, size = ps_reader_records_size(reader);
    size_t more = want - batch->len;

    if (size - reader->reached < more) more = (size_t)(size - reader->reached);
    ps_status status = ps_source_read_at(reader->source, head + reader->reached, batch->bytes + batch->len, more, err);
    if (status != PS_OK) return status;
    reader->reached += more;
    reader->stream.end = reader->reached == size;
    batch->len += more;
    return PS_OK;
}

ps_status ps_reader_fill(ps_reader *reader, ps_batch *batch, size_t want, ps_error *err)
{
    ps_status status = ps_batch_room(batch, want, err);

    if (reader->in_pieces) return status == PS_OK ? fill_in_pieces(reader, batch, want, err) : status;
    while (status == PS_OK && want - batch->len >= PS_STREAM_READ_MIN && !reader->stream.end) {
        size_t len;
        status = ps_stream_read(&reader->stream, batch->bytes + batch->len, want - batch->len, &len, err);
        if (status == PS_OK) batch->len += len;
    }
    return status;
}

// ---- the quick way to a place between two records: nearly always

// What stands behind the last whole record is the next batch's.
static void drop_tail(ps_split *split, size_t cut)
{
    split->end_count = split->line_count == 0 ? 0 : (size_t)split->lines[split->line_count - 1] + 1;
    while (split->inner_count > 0 && split->inner[split->inner_count - 1] >= cut)
        split->inner_count--;
}

void ps_reader_count(const ps_split *split, size_t len, ps_scan_count *into)
{
    bool cut_short = split->line_count > 0 && split->ends[split->lines[split->line_count - 1]] == len;

    into->offset += len;
    into->records += split->line_count - split->blank_count;
    into->blank_lines += split->blank_count;
    into->lines += split->line_count - cut_short + split->inner_count;
}

bool ps_reader_cut_by_split(ps_reader *reader, ps_batch *batch, ps_scan_count *cut)
{
    ps_split *split = &batch->split;

    if (batch->len > PS_RECORD_BYTES_MAX) return false; // some record may be too long
    reader->split((ps_span){batch->bytes, batch->len}, reader->head.layout.delimiter, split);
    if (reader->stream.end && !ps_split_finish(split, batch->len)) split->regular = false;
    if (!split->regular || split->line_count == 0) return false;
    size_t last = split->ends[split->lines[split->line_count - 1]], len = last < batch->len ? last + 1 : last;
    drop_tail(split, len);
    ps_reader_count(split, len, cut);
    return true;
}

// ---- the exact way, byte by byte

static void scan_more(ps_reader *reader, const ps_batch *batch, size_t from)
{
    ps_scan_add(&reader->scan, (ps_span){batch->bytes + from, batch->len - from});
}

ps_status ps_reader_cut_by_scan(ps_reader *reader, ps_batch *batch, ps_scan_count *cut, ps_error *err)
{
    batch->split.regular = false;
    ps_scan_init(&reader->scan, reader->head.layout.delimiter, PS_RECORD_BYTES_MAX);
    reader->scan.now = reader->scan.cut = reader->given;
    scan_more(reader, batch, 0);
    for (;;) {
        size_t before = batch->len;
        *cut = reader->scan.cut;
        if (reader->scan.too_long) return refuse_long(reader, err);
        if (reader->stream.end) break;
        if (cut->offset > reader->given.offset) return PS_OK;
        ps_status status = ps_reader_fill(reader, batch, before + reader->batch_bytes + PS_STREAM_READ_MIN, err);
        if (status != PS_OK) return status;
        scan_more(reader, batch, before);
    }
    if (!ps_scan_end(&reader->scan)) return refuse_open_quote(reader, err);
    *cut = reader->scan.cut;
    return PS_OK;
}

static ps_status keep_carry(ps_reader *reader, const ps_batch *batch, size_t cut, ps_error *err)
{
    size_t len = batch->len - cut;

    ps_status status = ps_memory_grow((void **)&reader->carry, &reader->carry_capacity, len, 1, err);
    if (status != PS_OK) return status;
    if (len > 0) memcpy(reader->carry, batch->bytes + cut, len);
    reader->carry_len = len;
    return PS_OK;
}

// What was read behind the last batch, and as much more as a batch should have.
static ps_status begin_batch(ps_reader *reader, ps_batch *batch, ps_error *err)
{
    size_t want = reader->batch_bytes;

    assert(batch->len == 0);
    if (want < reader->carry_len + PS_STREAM_READ_MIN) want = reader->carry_len + PS_STREAM_READ_MIN;
    ps_status status = ps_batch_room(batch, want, err);
    if (status != PS_OK) return status;
    if (reader->carry_len > 0) memcpy(batch->bytes, reader->carry, reader->carry_len);
    batch->len = reader->carry_len;
    status = ps_reader_fill(reader, batch, want, err);
    return status == PS_OK ? ps_split_room(&batch->split, batch->len, err) : status;
}

void ps_reader_give(ps_reader *reader, ps_batch *batch, const ps_scan_count *cut)
{
    batch->len = (size_t)(cut->offset - reader->given.offset);
    batch->layout = &reader->head.layout;
    batch->first_number = reader->given.records + 1;
    batch->first_line = reader->head.layout.first_line + reader->given.lines;
    batch->record_count = cut->records - reader->given.records;
    reader->given = *cut;
}

ps_status ps_reader_next(ps_reader *reader, ps_batch *batch, bool *out_more, ps_error *err)
{
    ps_scan_count cut = reader->given;

    assert(!reader->in_pieces);
    ps_status status = begin_batch(reader, batch, err);
    if (status == PS_OK && !ps_reader_cut_by_split(reader, batch, &cut))
        status = ps_reader_cut_by_scan(reader, batch, &cut, err);
    size_t len = (size_t)(cut.offset - reader->given.offset);
    if (status == PS_OK) status = keep_carry(reader, batch, len, err);
    if (status != PS_OK) {
        batch->len = 0;
        return status;
    }
    ps_reader_give(reader, batch, &cut);
    *out_more = len > 0;
    return PS_OK;
}

ps_status ps_reader_rewind(ps_reader *reader, ps_error *err)
{
    return begin_pass(reader, err);
}

void ps_reader_leave_unprinted(ps_reader *reader)
{
    ps_source_leave_unprinted(reader->source);
}

ps_status ps_reader_check(ps_reader *reader, ps_error *err)
{
    return ps_source_check(reader->source, err);
}

uint64_t ps_reader_blank_lines(const ps_reader *reader)
{
    return reader->head.blank_lines + reader->given.blank_lines;
}

uint64_t ps_reader_position(const ps_reader *reader)
{
    uint64_t size = ps_source_size(reader->source), taken = reader->taken * reader->batch_bytes;

    if (!reader->in_pieces) return ps_source_position(reader->source);
    return taken < size ? taken : size;
}

const ps_source *ps_reader_source(const ps_reader *reader)
{
    return reader->source;
}
