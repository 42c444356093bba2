// Decoding to UTF-8 and encoding back, by iconv, with a stand-in where iconv stops.

#include <assert.h>
#include <errno.h>
#include <iconv.h>

#include "base/memory.h"
#include "base/text.h"
#include "mail/charset.h"

#define REPLACEMENT "\xEF\xBF\xBD" // U+FFFD
enum {
    REPLACEMENT_BYTES = 3,
    // The most UTF-8 that one byte turns into: a half-width katakana, a replaced byte, or half of a two-byte character
    // of JIS X 0213 that is two code points of three bytes.
    DECODED_BYTES_MAX = 3,
    // The most that one byte of UTF-8 turns into: ISO-2022-JP puts an escape of four bytes before a changed set.
    ENCODED_BYTES_MAX = 5,
    // Decoded at once, where a text is long.
    TEXT_ROOM_BYTES_MAX = 64 << 10,
    // Room for what a decoder holds back: a character of JIS X 0213 whose mark may follow.
    DECODED_FLUSH_BYTES = 4,
    // Then a call takes something in any case: the longest thing that iconv takes at once is an escape of four bytes.
    ROOM_BYTES_MIN = DECODED_FLUSH_BYTES + 4 * DECODED_BYTES_MAX,
    // Room for what an encoder holds back, and for the escape that ends a text.
    ENCODED_FLUSH_BYTES = 16,
};

struct ps_decoder {
    ps_encoding encoding;
    iconv_t converter;
    bool two_byte; // ISO-2022-JP: a two-byte set is on
};

struct ps_encoder {
    ps_encoding encoding;
    iconv_t converter;
};

static ps_status open_converter(const char *to, const char *from, iconv_t *out, ps_error *err)
{
    iconv_t converter = iconv_open(to, from);

    if (converter == (iconv_t)-1 && errno != EINVAL) { // never: nothing in a test has iconv_open() run out of memory
        return ps_error_set(err, PS_RETRY, "There is not enough memory to convert text from %s to %s.", from, to);
    }
    if (converter == (iconv_t)-1) { // never: where tests run, iconv has them all
        ps_error_set(err, PS_BUG, "This system's iconv cannot convert from %s to %s.", from, to);
        ps_error_hint(err, "Install the C library's character sets (on Fedora: glibc-gconv-extra).");
        return PS_BUG;
    }
    *out = converter;
    return PS_OK;
}

ps_status ps_decoder_open(ps_encoding encoding, ps_decoder **out, ps_error *err)
{
    ps_decoder *decoder = ps_memory_new(1, sizeof(*decoder), err);
    ps_status status = PS_OK;

    if (decoder == NULL) return PS_RETRY;
    decoder->encoding = encoding;
    status = open_converter("UTF-8", ps_charset_iconv_name(encoding), &decoder->converter, err);
    if (status != PS_OK) { // never: as said there
        ps_memory_free(decoder);
        return status;
    }
    *out = decoder;
    return PS_OK;
}

void ps_decoder_close(ps_decoder *decoder)
{
    if (decoder == NULL) return;
    iconv_close(decoder->converter);
    ps_memory_free(decoder);
}

// The escapes of ISO-2022-JP-3; iconv takes any other for text.
static const struct {
    const char *escape;
    bool two_byte;
} escapes[] = {
    {"\x1b(B", false}, {"\x1b(J", false}, {"\x1b(I", false}, {"\x1b$@", true},
    {"\x1b$B", true},  {"\x1b$(O", true}, {"\x1b$(P", true}, {"\x1b$(Q", true},
};

// Which kind of set the bytes that were just used leave on. No escape is ever used in part.
static void follow_escapes(ps_decoder *decoder, const char *from, const char *to)
{
    if (decoder->encoding != PS_ENCODING_ISO_2022_JP_3) return;
    while (from < to && (from = memchr(from, 0x1B, (size_t)(to - from))) != NULL) {
        for (size_t i = 0; i < PS_COUNT_OF(escapes); i++) {
            size_t len = strlen(escapes[i].escape);
            bool stands = (size_t)(to - from) >= len && memcmp(from, escapes[i].escape, len) == 0;
            if (stands) decoder->two_byte = escapes[i].two_byte;
        }
        from++;
    }
}

static bool is_lead(ps_encoding encoding, unsigned char byte)
{
    if (encoding == PS_ENCODING_EUC_JP_MS) return byte >= 0xA1 && byte <= 0xFE;
    return encoding == PS_ENCODING_CP932 && ((byte >= 0x81 && byte <= 0x9F) || (byte >= 0xE0 && byte <= 0xFC));
}

// How many bytes one U+FFFD stands for. A second byte that is ASCII is never taken along: it may be the `@`.
static size_t undecodable_bytes(const ps_decoder *decoder, const char *bytes, size_t left)
{
    unsigned char first = (unsigned char)bytes[0], second = left > 1 ? (unsigned char)bytes[1] : 0;
    bool pair = is_lead(decoder->encoding, first) && second >= 0x80;

    if (decoder->encoding == PS_ENCODING_UTF16LE || decoder->encoding == PS_ENCODING_UTF16BE) pair = left > 1;
    // Blanks and control characters are text in any set, so none comes first.
    if (decoder->two_byte) pair = first < 0x7F && second > 0x20 && second < 0x7F;
    return pair ? 2 : 1;
}

// What stands at `from` is no text: one U+FFFD for it.
static void replace(const ps_decoder *decoder, ps_span *in, char *out, ps_decoder_room *room)
{
    size_t skipped = undecodable_bytes(decoder, in->bytes, in->len);

    memcpy(out, REPLACEMENT, REPLACEMENT_BYTES);
    *in = (ps_span){in->bytes + skipped, in->len - skipped};
    room->lost++;
}

// Which of them keep anything from one character to the next: to ask the others takes as long as a short cell.
static bool has_state(ps_encoding encoding)
{
    return encoding == PS_ENCODING_ISO_2022_JP_3;
}

// Decode until the input is used up or cut inside a character, or the room is full. Returns the bytes written. iconv is
// never handed more than its output has room for: where the output is full, glibc loses its place in damaged
// ISO-2022-JP.
static size_t decode(ps_decoder *decoder, ps_span *in, bool last, ps_decoder_room *room)
{
    char *out = room->bytes;
    size_t free_bytes = room->size;

    while (in->len > 0 && free_bytes >= ROOM_BYTES_MIN) {
        size_t fits = (free_bytes - DECODED_FLUSH_BYTES) / DECODED_BYTES_MAX, left = in->len < fits ? in->len : fits;
        bool all = left == in->len;
        char *from = (char *)(uintptr_t)in->bytes; // iconv() does not write to its input
        size_t converted = iconv(decoder->converter, &from, &left, &out, &free_bytes);
        bool cut = converted == (size_t)-1 && errno == EINVAL;

        follow_escapes(decoder, in->bytes, from);
        *in = (ps_span){from, in->len - (size_t)(from - in->bytes)};
        if (converted != (size_t)-1 || (cut && !all)) continue;
        if (cut && !last) break;
        replace(decoder, in, out, room);
        out += REPLACEMENT_BYTES;
        free_bytes -= REPLACEMENT_BYTES;
    }
    bool held_back = in->len == 0 && last && has_state(decoder->encoding);
    if (held_back) iconv(decoder->converter, NULL, NULL, &out, &free_bytes);
    return room->size - free_bytes;
}

size_t ps_decoder_stream(ps_decoder *decoder, ps_span *in, bool last, ps_decoder_room *room)
{
    assert(room->size >= ROOM_BYTES_MIN);
    return decode(decoder, in, last, room);
}

// A text begins in no shift state, whatever the one before has left.
static void begin(ps_decoder *decoder)
{
    if (has_state(decoder->encoding)) iconv(decoder->converter, NULL, NULL, NULL, NULL);
    decoder->two_byte = false;
}

uint64_t ps_decoder_text(ps_decoder *decoder, ps_span bytes, ps_buf *out)
{
    ps_decoder_room room = {.lost = 0};

    begin(decoder);
    while (bytes.len > 0) {
        size_t most = bytes.len * DECODED_BYTES_MAX + ROOM_BYTES_MIN;
        room.size = most < TEXT_ROOM_BYTES_MAX ? most : TEXT_ROOM_BYTES_MAX;
        room.bytes = ps_buf_room(out, room.size);
        if (room.bytes == NULL) break;
        ps_buf_end(out, room.bytes + decode(decoder, &bytes, true, &room));
    }
    return room.lost;
}

// Not by iconv: what counts as UTF-8 is decided in one place.
static void replace_utf8(ps_span bytes, ps_decoder_room *room, size_t *out_len)
{
    size_t at = 0, len = 0;

    while (at < bytes.len) {
        size_t start = at;
        bool valid = ps_utf8_next(bytes, &at) >= 0;
        size_t used = valid ? at - start : REPLACEMENT_BYTES;

        memcpy(room->bytes + len, valid ? bytes.bytes + start : REPLACEMENT, used);
        room->lost += !valid;
        len += used;
    }
    *out_len = len;
}

bool ps_decoder_cell(ps_decoder *decoder, ps_span bytes, ps_arena *arena, ps_span *out)
{
    ps_decoder_room room = {.size = bytes.len * DECODED_BYTES_MAX + ROOM_BYTES_MIN};

    bool is_utf8 = decoder->encoding <= PS_ENCODING_UTF8;
    size_t len = 0;

    if (bytes.len == 0 || (ps_charset_ascii_safe(decoder->encoding) && ps_ascii_only(bytes)) ||
        (is_utf8 && ps_utf8_valid(bytes))) {
        *out = bytes;
        return true;
    }
    room.bytes = ps_arena_take(arena, room.size);
    if (is_utf8) {
        replace_utf8(bytes, &room, &len);
    } else {
        begin(decoder);
        len = decode(decoder, &bytes, true, &room);
        assert(bytes.len == 0);
    }
    *out = (ps_span){room.bytes, len};
    return room.lost == 0;
}

ps_status ps_encoder_open(ps_encoding encoding, ps_encoder **out, ps_error *err)
{
    ps_encoder *encoder = ps_memory_new(1, sizeof(*encoder), err);
    ps_status status = PS_OK;

    if (encoder == NULL) return PS_RETRY;
    encoder->encoding = encoding;
    status = open_converter(ps_charset_iconv_name(encoding), "UTF-8", &encoder->converter, err);
    if (status != PS_OK) { // never: as said there
        ps_memory_free(encoder);
        return status;
    }
    *out = encoder;
    return PS_OK;
}

void ps_encoder_close(ps_encoder *encoder)
{
    if (encoder == NULL) return;
    iconv_close(encoder->converter);
    ps_memory_free(encoder);
}

// Step over what the encoding lacks: a whole character, or one byte that is no UTF-8.
static void skip_character(char **from, size_t *left)
{
    size_t used = 0;

    ps_utf8_next((ps_span){*from, *left}, &used);
    *from += used;
    *left -= used;
}

// Room for the longest that comes of it.
static size_t encoded_max(ps_span text)
{
    return text.len * ENCODED_BYTES_MAX + ENCODED_FLUSH_BYTES;
}

// Gives the end of what it wrote.
static char *encode(ps_encoder *encoder, ps_span text, char *at, size_t *out_lost)
{
    char *from = (char *)(uintptr_t)text.bytes; // iconv() does not write to its input
    size_t left = text.len, size = encoded_max(text), lost = 0;

    if (has_state(encoder->encoding)) iconv(encoder->converter, NULL, NULL, NULL, NULL);
    while (left > 0 && iconv(encoder->converter, &from, &left, &at, &size) == (size_t)-1) {
        char mark[] = "?", *question = mark;
        size_t one = 1;

        assert(errno != E2BIG);
        skip_character(&from, &left);
        iconv(encoder->converter, &question, &one, &at, &size);
        lost++;
    }
    if (has_state(encoder->encoding)) iconv(encoder->converter, NULL, NULL, &at, &size);
    *out_lost = lost;
    return at;
}

size_t ps_encoder_cell(ps_encoder *encoder, ps_span text, ps_arena *arena, ps_span *out)
{
    size_t lost = 0;

    if (text.len == 0 || (ps_charset_ascii_safe(encoder->encoding) && ps_ascii_only(text))) {
        *out = text;
        return 0;
    }
    char *bytes = ps_arena_take(arena, encoded_max(text));
    *out = (ps_span){bytes, (size_t)(encode(encoder, text, bytes, &lost) - bytes)};
    return lost;
}

size_t ps_encoder_text(ps_encoder *encoder, ps_span text, ps_buf *out)
{
    size_t lost = 0;
    char *at = ps_buf_room(out, encoded_max(text));

    if (at != NULL) ps_buf_end(out, encode(encoder, text, at, &lost));
    return lost;
}
