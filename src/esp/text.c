#include "esp/text.h"

#include "base/limits.h"
#include "base/memory.h"

// A decoder may make three bytes of one, so a piece holds what a raw one becomes.
enum { RAW_BYTES = 64 << 10, PIECE_BYTES = 4 * RAW_BYTES };

static ps_status open_decoder(ps_text *text, ps_error *err)
{
    if (text->stream.encoding == PS_ENCODING_UTF8) return PS_OK;
    text->raw = ps_memory_new(RAW_BYTES, 1, err);
    if (text->raw == NULL) return PS_RETRY;
    return ps_decoder_open(text->stream.encoding, &text->decoder, err);
}

// An empty file may be allowed, so it is no error yet.
static ps_status look_if_empty(ps_text *text, ps_error *err)
{
    char byte;
    size_t len;
    ps_status status = ps_source_read(text->source, &byte, 1, &len, err);

    if (status != PS_OK) return status;
    text->empty = len == 0;
    return text->empty ? PS_OK : ps_source_rewind(text->source, err);
}

ps_status ps_text_open(const ps_source_config *config, ps_text *out, ps_error *err)
{
    const ps_source_options options = {.path = config->file, .missing = PS_SOURCE, .bad = PS_SOURCE, .sha256 = true};
    ps_text text = {.line = 1, .ended = true};

    ps_buf_init(&text.carry, PS_FIELD_BYTES_MAX);
    ps_status status = ps_source_open(&options, &text.source, err);
    if (status == PS_OK) status = look_if_empty(&text, err);
    if (status != PS_OK || text.empty) goto done;
    status = ps_stream_open(text.source, config->encoding, PS_SOURCE, &text.stream, err);
    if (status == PS_OK) status = open_decoder(&text, err);
    if (status != PS_OK) goto done;
    text.piece = ps_memory_new(PIECE_BYTES, 1, err);
    if (text.piece == NULL) status = PS_RETRY;

done:
    if (status == PS_OK) {
        *out = text;
    } else {
        ps_text_close(&text);
    }
    return status;
}

void ps_text_close(ps_text *text)
{
    ps_buf_done(&text->carry);
    ps_memory_free(text->piece);
    ps_memory_free(text->raw);
    ps_decoder_close(text->decoder);
    if (text->source != NULL) ps_stream_close(&text->stream);
    ps_source_close(text->source);
    *text = (ps_text){.line = 0};
}

static ps_status fill_raw(ps_text *text, ps_error *err)
{
    size_t kept = text->undecoded.len, len;

    if (kept > 0) memmove(text->raw, text->undecoded.bytes, kept); // a character that was cut
    ps_status status = ps_stream_read(&text->stream, text->raw + kept, RAW_BYTES - kept, &len, err);
    if (status == PS_OK) text->undecoded = (ps_span){text->raw, kept + len};
    return status;
}

static ps_status decode(ps_text *text, size_t *out_len, ps_error *err)
{
    ps_decoder_room room = {.bytes = text->piece, .size = PIECE_BYTES};
    ps_status status = fill_raw(text, err);

    if (status == PS_OK) *out_len = ps_decoder_stream(text->decoder, &text->undecoded, text->stream.end, &room);
    return status;
}

ps_status ps_text_fill(ps_text *text, ps_error *err)
{
    ps_status status = PS_OK;

    while (status == PS_OK && text->rest.len == 0 && !text->empty) {
        size_t len = 0;
        if (text->stream.end && text->undecoded.len == 0) break;
        status = text->decoder != NULL ? decode(text, &len, err)
                                       : ps_stream_read(&text->stream, text->piece, PIECE_BYTES, &len, err);
        if (status == PS_OK) text->rest = (ps_span){text->piece, len};
    }
    return status;
}

static void skip(ps_text *text, size_t len)
{
    text->rest = (ps_span){text->rest.bytes + len, text->rest.len - len};
}

// The LF of a CRLF whose CR ended a line already.
static ps_status skip_line_feed(ps_text *text, ps_error *err)
{
    ps_status status = ps_text_fill(text, err);

    if (status == PS_OK && text->after_cr && text->rest.len > 0 && text->rest.bytes[0] == '\n') {
        skip(text, 1);
        status = ps_text_fill(text, err);
    }
    text->after_cr = false;
    return status;
}

static size_t line_length(ps_span text)
{
    size_t len = 0;

    while (len < text.len && text.bytes[len] != '\n' && text.bytes[len] != '\r')
        len++;
    return len;
}

static ps_status refuse_long(const ps_text *text, ps_error *err)
{
    ps_error_set(err, PS_SOURCE, "Line %llu of %s is longer than 1 MiB, so this is no list.",
                 (unsigned long long)text->line, ps_source_shown(text->source));
    return PS_SOURCE;
}

ps_status ps_text_line(ps_text *text, ps_span *out, bool *out_more, ps_error *err)
{
    ps_status status = skip_line_feed(text, err);

    ps_buf_clear(&text->carry);
    *out_more = text->rest.len > 0;
    if (status != PS_OK || !*out_more) return status;
    text->ended = false;
    while (text->rest.len > 0) {
        size_t len = line_length(text->rest);
        ps_span part = {text->rest.bytes, len};
        text->ended = len < text->rest.len;
        text->after_cr = text->ended && text->rest.bytes[len] == '\r';
        skip(text, len + text->ended);
        if (text->ended && text->carry.len == 0 && len <= PS_FIELD_BYTES_MAX) {
            *out = part;
            break;
        }
        ps_buf_add_span(&text->carry, part);
        *out = ps_buf_span(&text->carry);
        if (text->carry.over_max) return refuse_long(text, err);
        if (text->ended) break;
        status = ps_text_fill(text, err);
        if (status != PS_OK) return status;
    }
    text->line++;
    return ps_buf_status(&text->carry, "a line", err);
}

ps_status ps_text_check(ps_text *text, ps_error *err)
{
    return ps_source_check(text->source, err);
}
