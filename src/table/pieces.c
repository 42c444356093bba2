#include "table/pieces.h"

#include "base/limits.h"
#include "table/reader_parts.h"

enum { LINES_TRIED = 64, TRIED_BYTES = 2 << 10 }; // the second holds nearly every record

// What is looked at to find where a record begins: a few records, else as much as holds a long one. Where that is not
// enough the piece is cut in order, as it would be by one thread.
static const size_t looks[] = {4 << 10, 16 << 10};

#define NOT_FOUND SIZE_MAX

bool ps_pieces_of(const ps_reader *reader)
{
    return ps_source_plain(reader->source) && reader->stream.decoder == NULL;
}

bool ps_piece_take(ps_reader *reader, ps_piece *out)
{
    uint64_t size = ps_reader_records_size(reader), from = reader->taken * reader->batch_bytes;

    if (from >= size) return false;
    if (reader->taken++ == 0) reader->in_pieces = true;
    uint64_t to = size - from < reader->batch_bytes ? size : from + reader->batch_bytes;
    *out = (ps_piece){.reader = reader, .from = from, .to = to};
    return true;
}

// ---- where a record begins

// Does `bytes` begin with a whole record as the header has them? `to_end`: the file ends with them.
static bool begins_record(const ps_reader *reader, ps_span bytes, bool to_end, ps_split *split)
{
    for (size_t len = TRIED_BYTES;; len = bytes.len) {
        bool all = len >= bytes.len;
        ps_span look = {bytes.bytes, all ? bytes.len : len};
        reader->split(look, reader->head.layout.delimiter, split);
        if (all && to_end && !ps_split_finish(split, look.len)) return false;
        if (!split->regular || split->line_count > 0 || all) break;
    }
    return split->regular && split->line_count > 0 && (size_t)split->lines[0] + 1 == reader->head.layout.column_count;
}

// The first place behind a line end where a record seems to begin.
static size_t find_begin(const ps_reader *reader, ps_span look, bool to_end, ps_split *split)
{
    size_t at = 0;

    for (size_t i = 0; i < LINES_TRIED; i++) {
        const char *lf = memchr(look.bytes + at, '\n', look.len - at);
        at = lf == NULL ? look.len : (size_t)(lf - look.bytes) + 1;
        if (at == look.len) return to_end ? at : NOT_FOUND;
        if (begins_record(reader, (ps_span){look.bytes + at, look.len - at}, to_end, split)) return at;
    }
    return NOT_FOUND;
}

// ---- a piece, on any thread

// What is read for a piece, in order.
typedef struct piece_bytes {
    const ps_piece *piece;
    ps_batch *batch; // holds the bytes that begin
    uint64_t begin; // here in the file
} piece_bytes;

static ps_status read_to(piece_bytes *in, uint64_t to, ps_error *err)
{
    const ps_reader *reader = in->piece->reader;
    ps_batch *batch = in->batch;
    size_t have = batch->len, want = (size_t)(to - in->begin);
    uint64_t head = (uint64_t)reader->stream.bom_len + reader->head.begin;

    if (want <= have) return PS_OK;
    ps_status status = ps_batch_room(batch, want, err);
    if (status == PS_OK) status = ps_split_room(&batch->split, want, err);
    if (status != PS_OK) return status;
    batch->len = want;
    return ps_source_read_at(reader->source, head + in->begin + have, batch->bytes + have, want - have, err);
}

static void drop_to(piece_bytes *in, uint64_t begin)
{
    size_t len = (size_t)(begin - in->begin);

    if (len == 0) return; // there may be no bytes at all
    memmove(in->batch->bytes, in->batch->bytes + len, in->batch->len - len);
    in->batch->len -= len;
    in->begin = begin;
}

// The first record at `at`, a piece's bound, or behind it: NOT_FOUND, or how far.
static ps_status guess(piece_bytes *in, uint64_t at, size_t *out, ps_error *err)
{
    const ps_reader *reader = in->piece->reader;
    uint64_t size = ps_reader_records_size(reader);
    ps_status status = PS_OK;

    *out = at == 0 || at == size ? 0 : NOT_FOUND;
    if (at < in->begin) return PS_OK; // one record is longer than the piece
    for (size_t i = 0; i < PS_COUNT_OF(looks) && *out == NOT_FOUND && status == PS_OK; i++) {
        uint64_t to = size - at < looks[i] ? size : at + looks[i];
        status = read_to(in, to, err);
        if (status != PS_OK) break;
        ps_span look = {in->batch->bytes + (at - in->begin), (size_t)(to - at)};
        *out = find_begin(reader, look, to == size, &in->batch->split);
    }
    return status;
}

static bool split_records(const ps_piece *piece, ps_batch *batch)
{
    const ps_reader *reader = piece->reader;
    ps_split *split = &batch->split;

    batch->len = (size_t)(piece->end - piece->start);
    reader->split((ps_span){batch->bytes, batch->len}, reader->head.layout.delimiter, split);
    if (piece->end == ps_reader_records_size(reader) && !ps_split_finish(split, batch->len)) return false;
    if (!split->regular || batch->len == 0) return split->regular;
    return split->line_count > 0 && (size_t)split->ends[split->lines[split->line_count - 1]] + 1 >= batch->len;
}

ps_status ps_piece_read(ps_piece *piece, ps_batch *batch, ps_error *err)
{
    piece_bytes in = {piece, batch, piece->from};
    size_t behind;

    ps_status status = guess(&in, piece->from, &behind, err);
    if (status != PS_OK || behind == NOT_FOUND) return status;
    piece->start = piece->from + behind;
    drop_to(&in, piece->start);
    status = guess(&in, piece->to, &behind, err);
    if (status != PS_OK || behind == NOT_FOUND) return status;
    piece->end = piece->to + behind;
    piece->guessed = true;
    status = read_to(&in, piece->end, err);
    piece->whole = status == PS_OK && split_records(piece, batch);
    return status;
}

// ---- and in its turn

// From where the records before really end, up to the end of the piece, or of its last record where that is known.
static ps_status cut_exactly(const ps_piece *piece, ps_batch *batch, ps_scan_count *cut, ps_error *err)
{
    ps_reader *reader = piece->reader;
    uint64_t to = piece->guessed ? piece->end : piece->to, from = reader->given.offset;
    ps_status status = PS_OK;

    batch->len = 0;
    batch->split.regular = false;
    if (from >= to) return PS_OK; // one record was longer than the piece
    reader->reached = from;
    status = ps_reader_fill(reader, batch, (size_t)(to - from), err);
    if (status == PS_OK) status = ps_split_room(&batch->split, batch->len, err);
    if (status != PS_OK || ps_reader_cut_by_split(reader, batch, cut)) return status;
    return ps_reader_cut_by_scan(reader, batch, cut, err);
}

// What was read as the head was checked is in the fingerprint.
static void add_to_fingerprint(ps_reader *reader, const ps_batch *batch)
{
    uint64_t begin = reader->given.offset - batch->len;
    size_t known = begin < reader->carry_len ? (size_t)(reader->carry_len - begin) : 0;

    if (known < batch->len) ps_source_add(reader->source, (ps_span){batch->bytes + known, batch->len - known});
}

ps_status ps_piece_settle(const ps_piece *piece, ps_batch *batch, ps_error *err)
{
    ps_reader *reader = piece->reader;
    ps_scan_count cut = reader->given;

    if (piece->whole && piece->start == cut.offset) {
        ps_reader_count(&batch->split, batch->len, &cut);
    } else {
        ps_status status = cut_exactly(piece, batch, &cut, err);
        if (status != PS_OK) return status;
    }
    ps_reader_give(reader, batch, &cut);
    add_to_fingerprint(reader, batch);
    return PS_OK;
}
