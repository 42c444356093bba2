#include "table/recode.h"

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"

enum {
    // So many bytes of ASCII are copied; fewer, between others, are converted with them: a call of iconv takes as long.
    ASCII_BYTES_MIN = 16,
    // A character of another set may end in an ASCII byte (CP932).
    TRAIL_BYTES = 1,
};

#define PIECE_BYTES_MAX ((size_t)1 << 30) // more than a batch of the longest records makes

struct ps_recoder {
    ps_encoding to, from; // `from` is what the decoder reads
    ps_decoder *decoder; // NULL: from UTF-8
    ps_encoder *encoder; // NULL: to UTF-8
    ps_buf text; // UTF-8 on its way
    ps_buf slots[PS_VERDICT_COUNT];
    uint64_t lost;
};

ps_status ps_recoder_new(ps_encoding encoding, ps_recoder **out, ps_error *err)
{
    ps_recoder *recoder = ps_memory_new(1, sizeof *recoder, err);
    ps_status status = recoder == NULL ? PS_RETRY : PS_OK;

    if (status != PS_OK) return status;
    recoder->to = encoding;
    recoder->from = PS_ENCODING_UTF8;
    ps_buf_init(&recoder->text, PIECE_BYTES_MAX);
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        ps_buf_init(&recoder->slots[i], PIECE_BYTES_MAX);
    if (encoding != PS_ENCODING_UTF8) status = ps_encoder_open(encoding, &recoder->encoder, err);
    if (status == PS_OK) {
        *out = recoder;
    } else {
        ps_recoder_free(recoder);
    }
    return status;
}

void ps_recoder_free(ps_recoder *recoder)
{
    if (recoder == NULL) return;
    ps_decoder_close(recoder->decoder);
    ps_encoder_close(recoder->encoder);
    ps_buf_done(&recoder->text);
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        ps_buf_done(&recoder->slots[i]);
    ps_memory_free(recoder);
}

static ps_status read_from(ps_recoder *recoder, ps_encoding from, ps_error *err)
{
    if (recoder->from == from) return PS_OK;
    ps_decoder_close(recoder->decoder);
    recoder->decoder = NULL;
    recoder->from = PS_ENCODING_UTF8;
    ps_status status = from == PS_ENCODING_UTF8 ? PS_OK : ps_decoder_open(from, &recoder->decoder, err);
    if (status == PS_OK) recoder->from = from;
    return status;
}

// Length of the ASCII that the text begins with.
static size_t ascii_len(ps_span text)
{
    enum { WORD = sizeof(uint64_t) };
    size_t len = 0;

    while (text.len - len >= WORD && (ps_text_word(text.bytes + len) & UINT64_C(0x8080808080808080)) == 0)
        len += WORD;
    while (len < text.len && (unsigned char)text.bytes[len] < 0x80)
        len++;
    return len;
}

// Length of what is converted at once; the text begins with a byte that is not ASCII. It ends where a character does.
static size_t foreign_len(ps_span text)
{
    size_t len = 0, ascii = 0;

    while (len < text.len && ascii < ASCII_BYTES_MIN) {
        len += ascii;
        while (len < text.len && (unsigned char)text.bytes[len] >= 0x80)
            len++;
        len += len < text.len ? TRAIL_BYTES : 0;
        ascii = ascii_len((ps_span){text.bytes + len, text.len - len});
    }
    return len;
}

// The number of characters that were lost. One that is no text is none in the encoding either.
static uint64_t convert(ps_recoder *recoder, ps_span foreign, ps_buf *out)
{
    if (recoder->encoder == NULL) return ps_decoder_text(recoder->decoder, foreign, out);
    if (recoder->decoder == NULL) return ps_encoder_text(recoder->encoder, foreign, out);
    ps_buf_clear(&recoder->text);
    ps_decoder_text(recoder->decoder, foreign, &recoder->text);
    out->failed |= recoder->text.failed;
    return ps_encoder_text(recoder->encoder, ps_buf_span(&recoder->text), out);
}

ps_status ps_recoder_piece(ps_recoder *recoder, ps_verdict slot, ps_encoding from, ps_span piece, ps_span *out,
                           ps_error *err)
{
    ps_buf *to = &recoder->slots[slot];

    *out = piece;
    if (from == recoder->to || ps_ascii_only(piece)) return PS_OK;
    ps_status status = read_from(recoder, from, err);
    if (status != PS_OK) return status;
    ps_buf_clear(to);
    while (piece.len > 0) {
        size_t ascii = ascii_len(piece);
        ps_buf_add(to, piece.bytes, ascii);
        piece = (ps_span){piece.bytes + ascii, piece.len - ascii};
        size_t foreign = foreign_len(piece);
        if (foreign > 0) recoder->lost += convert(recoder, (ps_span){piece.bytes, foreign}, to);
        piece = (ps_span){piece.bytes + foreign, piece.len - foreign};
    }
    *out = ps_buf_span(to);
    return ps_buf_status(to, "a piece of a list", err);
}

uint64_t ps_recoder_lost(const ps_recoder *recoder)
{
    return recoder->lost;
}
