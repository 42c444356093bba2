#include "table/reader.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/head.h"
#include "table/scan.h"
#include "table/stream.h"

// The head of a file: 1 MiB of it, and its cells as UTF-8 with their spans.
#define HEAD_ARENA_BYTES ((size_t)256 << 20)

struct ps_reader {
    ps_status bad;
    size_t batch_bytes;
    ps_source *source;
    ps_stream stream;
    ps_arena arena; // what `head` points to
    ps_head head;
    ps_scan scan;
    ps_scan_count given; // what all batches so far hold
    char *carry; // what was read behind them
    size_t carry_len, carry_capacity;
};

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
    ps_span preamble = reader->head.layout.preamble;
    if (have < left || memcmp(reader->carry, preamble.bytes + preamble.len - left, left) != 0)
        return broken_head(reader, err);
    memmove(reader->carry, reader->carry + left, have - left);
    reader->carry_len = have - left;
    reader->given = (ps_scan_count){.offset = 0};
    ps_scan_init(&reader->scan, reader->head.layout.delimiter, PS_RECORD_BYTES_MAX);
    ps_scan_add(&reader->scan, (ps_span){reader->carry, reader->carry_len});
    return PS_OK;
}

ps_status ps_reader_open(const ps_reader_options *options, ps_reader **out, ps_error *err)
{
    ps_head_options head_options = {options->delimiter, options->headerless, options->source.bad};
    ps_reader *reader = ps_memory_new(1, sizeof *reader, err);
    if (reader == NULL) return PS_RETRY;

    reader->bad = options->source.bad;
    reader->batch_bytes = options->batch_bytes == 0 ? PS_BATCH_BYTES : options->batch_bytes;
    if (reader->batch_bytes < PS_BATCH_BYTES_MIN) reader->batch_bytes = PS_BATCH_BYTES_MIN;
    ps_status status = ps_source_open(&options->source, &reader->source, err);
    if (status == PS_OK) status = ps_stream_open(reader->source, options->encoding, reader->bad, &reader->stream, err);
    if (status == PS_OK) status = ps_arena_open(HEAD_ARENA_BYTES, &reader->arena, err);
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

// More bytes behind those in the batch, until it is as long as wanted or the file ends.
static ps_status fill(ps_reader *reader, ps_batch *batch, size_t want, ps_error *err)
{
    ps_status status = ps_batch_room(batch, want, err);

    while (status == PS_OK && want - batch->len >= PS_STREAM_READ_MIN && !reader->stream.end) {
        size_t len;
        status = ps_stream_read(&reader->stream, batch->bytes + batch->len, want - batch->len, &len, err);
        if (status != PS_OK) break;
        ps_scan_add(&reader->scan, (ps_span){batch->bytes + batch->len, len});
        batch->len += len;
    }
    return status;
}

// Until there is a place to cut at: one long record makes a long batch.
static ps_status fill_to_cut(ps_reader *reader, ps_batch *batch, ps_error *err)
{
    size_t want = reader->batch_bytes;

    for (;;) {
        if (want < batch->len + PS_STREAM_READ_MIN) want = batch->len + PS_STREAM_READ_MIN;
        ps_status status = fill(reader, batch, want, err);
        if (status != PS_OK) return status;
        if (reader->scan.too_long) return refuse_long(reader, err);
        if (reader->stream.end) return ps_scan_end(&reader->scan) ? PS_OK : refuse_open_quote(reader, err);
        if (reader->scan.cut.offset > reader->given.offset) return PS_OK;
        want += reader->batch_bytes;
    }
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

ps_status ps_reader_next(ps_reader *reader, ps_batch *batch, bool *out_more, ps_error *err)
{
    ps_scan_count before = reader->given;

    assert(batch->len == 0);
    ps_status status = ps_batch_room(batch, reader->carry_len, err);
    if (status != PS_OK) return status;
    if (reader->carry_len > 0) memcpy(batch->bytes, reader->carry, reader->carry_len);
    batch->len = reader->carry_len;
    status = fill_to_cut(reader, batch, err);
    size_t cut = (size_t)(reader->scan.cut.offset - before.offset);
    if (status == PS_OK) status = keep_carry(reader, batch, cut, err);
    if (status != PS_OK) {
        batch->len = 0;
        return status;
    }
    batch->len = cut;
    batch->layout = &reader->head.layout;
    batch->first_number = before.records + 1;
    batch->first_line = reader->head.layout.first_line + before.lines;
    batch->record_count = reader->scan.cut.records - before.records;
    reader->given = reader->scan.cut;
    *out_more = cut > 0;
    return PS_OK;
}

ps_status ps_reader_rewind(ps_reader *reader, ps_error *err)
{
    return begin_pass(reader, err);
}

ps_status ps_reader_check(ps_reader *reader, ps_error *err)
{
    return ps_source_check(reader->source, err);
}

uint64_t ps_reader_blank_lines(const ps_reader *reader)
{
    return reader->head.blank_lines + reader->scan.now.blank_lines;
}

const ps_source *ps_reader_source(const ps_reader *reader)
{
    return reader->source;
}
