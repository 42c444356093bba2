#include "table/stream.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/memory.h"

enum {
    PACKED_MIN = 64, // at the decoder's input: more than the longest character or escape
    SAMPLE_FIRST_BYTES = 32 << 10,
};

static bool only_nul(ps_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.bytes[i] != 0) return false;
    }
    return true;
}

static ps_status refuse_empty(const ps_source *source, ps_span sample, ps_status bad, ps_error *err)
{
    if (sample.len == 0) {
        ps_error_set(err, bad, "%s is empty: it has not even a header.", ps_source_shown(source));
    } else if (only_nul(sample)) {
        ps_error_set(err, bad, "%s holds only NUL bytes, as after a copy that was broken off.",
                     ps_source_shown(source));
    } else {
        return PS_OK;
    }
    ps_error_hint(err, "Export or copy the file again.");
    return bad;
}

static ps_status refuse_encoding(const ps_source *source, ps_status bad, ps_error *err)
{
    ps_error_set(err, bad, "The encoding of %s is not certain: it is not valid UTF-8, CP932 or EUC-JP.",
                 ps_source_shown(source));
    ps_error_hint(err, "Say which it is in the job file, such as: encoding: cp932");
    return bad;
}

// Pure ASCII says nothing of the charset: what decides is the first piece that is more than that.
static ps_status find_decider(ps_source *source, ps_buf *sample, bool *whole, ps_error *err)
{
    ps_status status = PS_OK;
    bool end = false;

    do {
        size_t len = 0;
        ps_buf_clear(sample);
        char *bytes = ps_buf_extend(sample, PS_ENCODING_SAMPLE_BYTES);
        if (bytes == NULL) return ps_buf_status(sample, "the sample", err);
        status = ps_source_read(source, bytes, PS_ENCODING_SAMPLE_BYTES, &len, err);
        if (status != PS_OK) return status;
        sample->len = len;
        end = len < PS_ENCODING_SAMPLE_BYTES;
    } while (!end && ps_charset_undecided(ps_buf_span(sample)));
    *whole = end;
    return PS_OK;
}

static ps_status detect(ps_stream *stream, ps_buf *sample, bool whole, ps_error *err)
{
    size_t bom_len;

    if (!whole && ps_charset_undecided(ps_buf_span(sample))) {
        ps_status status = find_decider(stream->source, sample, &whole, err);
        if (status != PS_OK) return status;
    }
    stream->stored = ps_charset_detect(ps_buf_span(sample), whole, &bom_len);
    return PS_OK;
}

static ps_status read_more(ps_source *source, ps_buf *sample, size_t size, bool *out_end, ps_error *err)
{
    size_t len = 0, before = sample->len;
    char *bytes = ps_buf_extend(sample, size);

    if (bytes == NULL) return ps_buf_status(sample, "the sample", err);
    ps_status status = ps_source_read(source, bytes, size, &len, err);
    sample->len = before + len;
    *out_end = len < size;
    return status;
}

// In two steps, as most files end in the first: the room for all of it costs more than they do. Nor is more needed
// where nothing is left to detect.
static ps_status read_sample(ps_source *source, ps_encoding encoding, ps_buf *sample, bool *out_whole, ps_error *err)
{
    ps_encoding marked;
    ps_status status = read_more(source, sample, SAMPLE_FIRST_BYTES, out_whole, err);

    if (status != PS_OK || *out_whole) return status;
    bool told = encoding != PS_ENCODING_AUTO || ps_charset_bom(ps_buf_span(sample), &marked) > 0;
    if (told && !only_nul(ps_buf_span(sample))) return PS_OK;
    return read_more(source, sample, PS_ENCODING_SAMPLE_BYTES - SAMPLE_FIRST_BYTES, out_whole, err);
}

static ps_status decide(ps_stream *stream, ps_encoding encoding, ps_status bad, ps_error *err)
{
    ps_buf sample;
    bool whole = false;

    ps_buf_init(&sample, (size_t)PS_ENCODING_SAMPLE_BYTES + 1); // and room for a NUL
    ps_status status = read_sample(stream->source, encoding, &sample, &whole, err);
    if (status != PS_OK) goto done;
    status = refuse_empty(stream->source, ps_buf_span(&sample), bad, err);
    if (status != PS_OK) goto done;
    stream->bom_len = ps_charset_bom(ps_buf_span(&sample), &stream->stored);
    stream->bom = stream->bom_len > 0;
    stream->declared = !stream->bom && encoding != PS_ENCODING_AUTO;
    if (stream->declared) stream->stored = encoding;
    if (!stream->bom && !stream->declared) status = detect(stream, &sample, whole, err);
    if (status == PS_OK && stream->stored == PS_ENCODING_AUTO) status = refuse_encoding(stream->source, bad, err);

done:
    ps_buf_done(&sample);
    return status;
}

static ps_status open_decoder(ps_stream *stream, ps_error *err)
{
    ps_decoder *decoder;

    ps_status status = ps_decoder_open(stream->stored, &decoder, err);
    if (status != PS_OK) return status;
    ps_decoder_close(stream->decoder); // a stream that stopped half-way may be in any shift state: begin afresh
    stream->decoder = decoder;
    if (stream->packed == NULL) stream->packed = ps_memory_new(PS_BATCH_BYTES, 1, err);
    return stream->packed == NULL ? PS_RETRY : PS_OK;
}

ps_status ps_stream_rewind(ps_stream *stream, ps_error *err)
{
    char bom[4];
    size_t len;

    ps_status status = ps_source_rewind(stream->source, err);
    if (status == PS_OK && stream->bom_len > 0)
        status = ps_source_read(stream->source, bom, stream->bom_len, &len, err);
    if (status == PS_OK && stream->encoding != stream->stored) status = open_decoder(stream, err);
    if (status != PS_OK) return status;
    stream->packed_start = 0;
    stream->packed_len = 0;
    stream->packed_end = false;
    stream->lost = 0;
    stream->end = false;
    return PS_OK;
}

ps_status ps_stream_open(ps_source *source, ps_encoding encoding, ps_status bad, ps_stream *out, ps_error *err)
{
    ps_stream stream = {.source = source};

    ps_source_leave_unprinted(source); // of a file that is all ASCII the whole
    ps_status status = decide(&stream, encoding, bad, err);
    if (status != PS_OK) return status;
    stream.encoding = ps_charset_ascii_safe(stream.stored) ? stream.stored : PS_ENCODING_UTF8;
    status = ps_stream_rewind(&stream, err);
    if (status == PS_OK) {
        *out = stream;
    } else {
        ps_stream_close(&stream);
    }
    return status;
}

void ps_stream_close(ps_stream *stream)
{
    ps_decoder_close(stream->decoder);
    ps_memory_free(stream->packed);
    *stream = (ps_stream){.source = NULL};
}

// Keep what the decoder left (a cut character), and put new bytes behind it.
static ps_status refill(ps_stream *stream, ps_error *err)
{
    size_t len;

    if (stream->packed_end || stream->packed_len >= PACKED_MIN) return PS_OK;
    memmove(stream->packed, stream->packed + stream->packed_start, stream->packed_len);
    stream->packed_start = 0;
    size_t room = PS_BATCH_BYTES - stream->packed_len;
    ps_status status = ps_source_read(stream->source, stream->packed + stream->packed_len, room, &len, err);
    if (status != PS_OK) return status;
    stream->packed_len += len;
    stream->packed_end = len < room;
    return PS_OK;
}

static ps_status read_decoded(ps_stream *stream, char *bytes, size_t size, size_t *out_len, ps_error *err)
{
    ps_decoder_room room = {.size = 0, .lost = stream->lost};
    size_t len = 0;

    while (!stream->end && size - len >= PS_STREAM_READ_MIN) {
        ps_status status = refill(stream, err);
        if (status != PS_OK) return status;
        ps_span in = {stream->packed + stream->packed_start, stream->packed_len};
        room.bytes = bytes + len;
        room.size = size - len;
        len += ps_decoder_stream(stream->decoder, &in, stream->packed_end, &room);
        stream->packed_start = (size_t)(in.bytes - stream->packed);
        stream->packed_len = in.len;
        stream->end = stream->packed_end && in.len == 0;
    }
    stream->lost = room.lost;
    *out_len = len;
    return PS_OK;
}

ps_status ps_stream_read(ps_stream *stream, char *bytes, size_t size, size_t *out_len, ps_error *err)
{
    assert(size >= PS_STREAM_READ_MIN);
    if (stream->decoder != NULL) return read_decoded(stream, bytes, size, out_len, err);

    size_t len;
    ps_status status = ps_source_read(stream->source, bytes, size, &len, err);
    if (status != PS_OK) return status;
    stream->end = len < size;
    *out_len = len;
    return PS_OK;
}
