// Decoding must hold for any bytes in any encoding: text comes out, and the same text however the bytes are cut.
// layer: mail
// replays: 20000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/utf8.h"
#include "mail/charset.h"

enum { PIECES = 3, STREAM_MAX = 1 << 20 };

static ps_arena arena;
static ps_decoder *decoders[PS_ENCODING_COUNT];
static ps_encoder *encoders[PS_ENCODING_COUNT];

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void open_once(void)
{
    if (decoders[PS_ENCODING_UTF8] != NULL) return;
    must(ps_arena_open((size_t)256 << 20, &arena, NULL) == PS_OK, "an arena opens");
    for (ps_encoding e = PS_ENCODING_UTF8; e < PS_ENCODING_COUNT; e++) {
        must(ps_decoder_open(e, &decoders[e], NULL) == PS_OK, "a decoder opens");
        must(ps_encoder_open(e, &encoders[e], NULL) == PS_OK, "an encoder opens");
    }
}

// The text that comes out when the bytes come in `piece` at a time, into little room.
static ps_span stream(ps_encoding encoding, ps_span bytes, size_t piece, uint64_t *out_lost)
{
    char room_bytes[16], *text = ps_arena_take(&arena, bytes.len * 3 + 64);
    ps_decoder_room room = {.bytes = room_bytes, .size = sizeof(room_bytes)};
    ps_decoder *decoder = NULL;
    ps_span in = {bytes.bytes, 0};
    size_t pushed = 0, len = 0;

    must(ps_decoder_open(encoding, &decoder, NULL) == PS_OK, "a decoder opens");
    for (bool last = false;;) {
        size_t written = ps_decoder_stream(decoder, &in, last, &room);
        must(len + written <= bytes.len * 3 + 64, "text has a bound");
        memcpy(text + len, room_bytes, written);
        len += written;
        if (written > 0) continue;
        if (last) break;
        size_t more = bytes.len - pushed < piece ? bytes.len - pushed : piece;
        pushed += more;
        in.len += more;
        last = pushed == bytes.len;
    }
    ps_decoder_close(decoder);
    must(in.len == 0, "all bytes are used");
    *out_lost = room.lost;
    return (ps_span){text, len};
}

static void check_stream(ps_encoding encoding, ps_span bytes, ps_span text, bool whole)
{
    static const size_t pieces[PIECES] = {1, 7, STREAM_MAX};

    for (size_t i = 0; i < PIECES; i++) {
        uint64_t lost = 0;
        ps_span streamed = stream(encoding, bytes, pieces[i], &lost);
        must(ps_span_equal(streamed, text), "a stream gives the text of the cell");
        must((lost == 0) == whole, "a stream says that something was lost");
    }
}

// What an encoding gave it can take back. (Several codes may stand for one character, so not the same bytes.)
static void check_back(ps_encoding encoding, ps_span text)
{
    ps_span bytes, again;

    must(ps_encoder_cell(encoders[encoding], text, &arena, &bytes) == 0, "an encoding has its own characters");
    must(ps_decoder_cell(decoders[encoding], bytes, &arena, &again), "what was encoded is text");
    must(ps_span_equal(text, again), "there and back again");
}

// Of any length, behind whatever stands there.
static void check_texts(ps_encoding encoding, ps_span bytes, ps_span text, ps_span encoded)
{
    ps_buf out;

    ps_buf_init(&out, (size_t)64 << 20);
    ps_buf_add_char(&out, 'x');
    if (encoding != PS_ENCODING_UTF8) {
        ps_decoder_text(decoders[encoding], bytes, &out);
        must(out.len == text.len + 1 && memcmp(out.bytes + 1, text.bytes, text.len) == 0,
             "a text is decoded as a cell is");
        out.len = 1;
    }
    ps_encoder_text(encoders[encoding], bytes, &out);
    must(out.len == encoded.len + 1 && memcmp(out.bytes + 1, encoded.bytes, encoded.len) == 0,
         "a text is encoded as a cell is");
    ps_buf_done(&out);
}

static void check(ps_encoding encoding, ps_span bytes)
{
    ps_span text, encoded;
    bool whole = ps_decoder_cell(decoders[encoding], bytes, &arena, &text);

    must(ps_utf8_valid(text), "what was decoded is UTF-8");
    bool one_way = encoding == PS_ENCODING_ISO_2022_JP_3; // its marks may come apart from their letters
    if (whole && !one_way) check_back(encoding, text);
    if (!ps_charset_ascii_safe(encoding)) check_stream(encoding, bytes, text, whole);
    ps_encoder_cell(encoders[encoding], bytes, &arena, &encoded);
    if (bytes.len > 0) check_texts(encoding, bytes, text, encoded);
}

static void check_detection(ps_span bytes)
{
    size_t bom_len = 0;
    ps_encoding whole = ps_charset_detect(bytes, true, &bom_len), cut = ps_charset_detect(bytes, false, &bom_len);
    ps_span text;

    must(bom_len <= bytes.len, "a mark is part of the sample");
    if (whole == PS_ENCODING_AUTO || bom_len > 0) return;
    must(cut != PS_ENCODING_AUTO, "what may be cut is no worse");
    if (whole == PS_ENCODING_ISO_2022_JP_3) return; // an escape is enough
    must(ps_decoder_cell(decoders[whole], bytes, &arena, &text), "the detected encoding decodes the sample");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_validity(ps_span bytes)
{
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++)
        must(ps_utf8_check_for(cpu)(bytes) == ps_utf8_valid(bytes), "every form says the same of UTF-8");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_span bytes = {(const char *)data, size};

    open_once();
    for (ps_encoding e = PS_ENCODING_UTF8; e < PS_ENCODING_COUNT; e++) {
        check(e, bytes);
    }
    check_detection(bytes);
    check_validity(bytes);
    ps_arena_reset(&arena);
    return 0;
}
