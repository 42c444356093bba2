#include "esp/letter_text.h"

#include <openssl/evp.h>

#include "base/text.h"

// The most bytes of UTF-8 that one byte of a charset becomes.
enum { DECODED_BYTES_MAX = 3, QUAD = 4 };

ps_letter_coding ps_letter_coding_of(ps_span value)
{
    if (ps_ascii_equal_fold(value, ps_span_of("base64"))) return PS_LETTER_BASE64;
    return ps_ascii_equal_fold(value, ps_span_of("quoted-printable")) ? PS_LETTER_QUOTED : PS_LETTER_AS_IT_IS;
}

void ps_letter_charsets_close(ps_letter_charsets *charsets)
{
    for (size_t i = 0; i < PS_ENCODING_COUNT; i++)
        ps_decoder_close(charsets->decoders[i]);
}

// ---- bytes

// Four letters are up to three bytes; false where they are none, and at the end.
static bool add_quad(const unsigned char quad[QUAD], char *out, size_t *len)
{
    unsigned char bytes[QUAD];
    size_t padding = (size_t)(quad[3] == '=') + (quad[2] == '=');

    if (EVP_DecodeBlock(bytes, quad, QUAD) != QUAD - 1) return false;
    memcpy(out + *len, bytes, QUAD - 1 - padding);
    *len += QUAD - 1 - padding;
    return padding == 0;
}

static size_t decode_base64(ps_span text, char *out)
{
    unsigned char quad[QUAD];
    size_t held = 0, len = 0;
    bool more = true;

    for (size_t i = 0; i < text.len && more; i++) {
        if (strchr(" \t\r\n", text.bytes[i]) != NULL && text.bytes[i] != '\0') continue;
        quad[held++] = (unsigned char)text.bytes[i];
        if (held < QUAD) continue;
        more = add_quad(quad, out, &len);
        held = 0;
    }
    if (!more || held < 2) return len;
    while (held < QUAD) // it lacks its padding
        quad[held++] = '=';
    (void)add_quad(quad, out, &len); // the end in any case
    return len;
}

// In a header `_` is a blank (RFC 2047 section 4.2); in a text `=` at the end of a line joins it with the next.
static size_t decode_quoted(ps_span text, bool header, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        bool coded = c == '=' && i + 2 < text.len && ps_hex_value(text.bytes[i + 1]) >= 0 &&
                     ps_hex_value(text.bytes[i + 2]) >= 0;
        if (coded) {
            out[len++] = (char)(ps_hex_value(text.bytes[i + 1]) * 16 + ps_hex_value(text.bytes[i + 2]));
            i += 2;
        } else if (c == '=' && i + 1 < text.len && text.bytes[i + 1] == '\n') {
            i++;
        } else {
            out[len++] = header && c == '_' ? ' ' : c;
        }
    }
    return len;
}

// ---- charsets

static ps_encoding encoding_of(ps_span charset, ps_span text)
{
    ps_encoding found = PS_ENCODING_UTF8;
    size_t bom_len;

    if (charset.len == 0 || ps_ascii_equal_fold(charset, ps_span_of("us-ascii")))
        found = ps_charset_detect(text, true, &bom_len);
    else if (!ps_charset_find(charset, &found))
        found = PS_ENCODING_UTF8;
    return found == PS_ENCODING_AUTO ? PS_ENCODING_UTF8 : found;
}

static ps_status to_utf8(ps_letter_charsets *charsets, ps_arena *arena, ps_span charset, ps_span *text, ps_error *err)
{
    ps_encoding encoding = encoding_of(charset, *text);
    ps_decoder **decoder = &charsets->decoders[encoding];
    ps_status status = PS_OK;

    if (encoding == PS_ENCODING_UTF8) return PS_OK;
    if (*decoder == NULL) status = ps_decoder_open(encoding, decoder, err);
    if (status == PS_OK) (void)ps_decoder_cell(*decoder, *text, arena, text); // what is no text is no word of ours
    return status;
}

// Lines end in LF here.
static size_t without_returns(char *bytes, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n') bytes[kept++] = bytes[i];
    }
    return kept;
}

ps_status ps_letter_decode(ps_letter_charsets *charsets, ps_arena *arena, const ps_letter_coded *coded, ps_span *out,
                           ps_error *err)
{
    bool base64 = coded->coding == PS_LETTER_BASE64;

    *out = coded->bytes;
    if (coded->coding != PS_LETTER_AS_IT_IS) {
        char *bytes = ps_arena_room(arena, coded->bytes.len + QUAD);
        size_t len = base64 ? decode_base64(coded->bytes, bytes) : decode_quoted(coded->bytes, false, bytes);
        *out = (ps_span){bytes, without_returns(bytes, len)};
    }
    return to_utf8(charsets, arena, coded->charset, out, err);
}

// ---- encoded words

typedef struct encoded_word {
    ps_span charset, text;
    bool base64;
    size_t len; // of all of it
} encoded_word;

// `=?charset?B?text?=`, or with Q; a language may stand behind the charset (RFC 2231 section 5).
static bool read_word(ps_span at, encoded_word *out)
{
    static const size_t mark = 2;
    const char *end = at.bytes + at.len;

    if (at.len < mark || memcmp(at.bytes, "=?", mark) != 0) return false;
    const char *charset = at.bytes + mark, *coding = memchr(charset, '?', (size_t)(end - charset));
    if (coding == NULL || end - coding < 3 || coding[2] != '?' || strchr("BbQq", coding[1]) == NULL) return false;
    const char *text = coding + 3, *close = memmem(text, (size_t)(end - text), "?=", mark);
    if (coding[1] == '\0' || close == NULL) return false;
    const char *language = memchr(charset, '*', (size_t)(coding - charset));
    out->charset = (ps_span){charset, (size_t)((language != NULL ? language : coding) - charset)};
    out->text = (ps_span){text, (size_t)(close - text)};
    out->base64 = (coding[1] | 0x20) == 'b';
    out->len = (size_t)(close - at.bytes) + mark;
    return true;
}

// A field being decoded. Words of one charset are joined first: a character may lie in two of them.
typedef struct decoding {
    ps_letter_charsets *charsets;
    ps_arena *arena;
    ps_span charset; // of the run
    char *run, *out;
    size_t run_len, out_len;
} decoding;

static ps_status end_run(decoding *field, ps_error *err)
{
    ps_span text = {field->run, field->run_len};
    ps_status status = to_utf8(field->charsets, field->arena, field->charset, &text, err);

    if (status != PS_OK) return status;
    (void)ps_put_span(field->out + field->out_len, text); // its end is known
    field->out_len += text.len;
    field->run_len = 0;
    return PS_OK;
}

static ps_status take_word(decoding *field, const encoded_word *word, ps_error *err)
{
    ps_status status = PS_OK;

    if (!ps_ascii_equal_fold(word->charset, field->charset)) status = end_run(field, err);
    field->charset = word->charset;
    char *to = field->run + field->run_len;
    field->run_len += word->base64 ? decode_base64(word->text, to) : decode_quoted(word->text, true, to);
    return status;
}

static ps_status take_plain(decoding *field, ps_span text, ps_error *err)
{
    ps_status status = field->charset.len > 0 ? end_run(field, err) : PS_OK;

    field->charset = (ps_span){NULL, 0};
    (void)ps_put_span(field->run + field->run_len, text); // its end is known
    field->run_len += text.len;
    return status;
}

static size_t length_to_word(ps_span text)
{
    const char *next = text.len < 2 ? NULL : memmem(text.bytes + 1, text.len - 1, "=?", 2);

    return next == NULL ? text.len : (size_t)(next - text.bytes);
}

ps_status ps_letter_decode_field(ps_letter_charsets *charsets, ps_arena *arena, ps_span *field, ps_error *err)
{
    decoding run = {.charsets = charsets, .arena = arena};
    ps_status status = PS_OK;
    ps_span rest = *field;
    encoded_word word;

    if (field->len == 0) return PS_OK;
    run.run = ps_arena_room(arena, field->len + QUAD);
    run.out = ps_arena_room(arena, DECODED_BYTES_MAX * field->len + QUAD);
    while (status == PS_OK && rest.len > 0) {
        bool coded = read_word(rest, &word);
        size_t len = coded ? word.len : length_to_word(rest);
        ps_span piece = {rest.bytes, len};
        rest = (ps_span){rest.bytes + len, rest.len - len};
        if (coded) {
            status = take_word(&run, &word, err);
            continue;
        }
        // Blanks between two words are not there (RFC 2047 section 6.2).
        bool blank = ps_ascii_trim(piece).len == 0, between = run.charset.len > 0 && read_word(rest, &word);
        if (!blank || !between) status = take_plain(&run, piece, err);
    }
    if (status == PS_OK) status = end_run(&run, err);
    if (status == PS_OK) *field = (ps_span){run.out, run.out_len};
    return status;
}
