// A list that is written in another encoding must be what its bytes are as one text, whatever lies between its letters.
// layer: table
// replays: 50000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "table/recode.h"

static const ps_encoding from_encodings[] = {PS_ENCODING_UTF8, PS_ENCODING_CP932, PS_ENCODING_EUC_JP_MS,
                                             PS_ENCODING_WINDOWS_1252};
static const ps_encoding to_encodings[] = {PS_ENCODING_UTF8, PS_ENCODING_CP932};

static ps_arena arena;
static ps_decoder *decoders[PS_ENCODING_COUNT];
static ps_encoder *encoders[PS_ENCODING_COUNT];
static ps_recoder *recoders[PS_ENCODING_COUNT];

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
    for (size_t i = 0; i < PS_COUNT_OF(from_encodings); i++)
        must(ps_decoder_open(from_encodings[i], &decoders[from_encodings[i]], NULL) == PS_OK, "a decoder opens");
    for (size_t i = 0; i < PS_COUNT_OF(to_encodings); i++) {
        must(ps_encoder_open(to_encodings[i], &encoders[to_encodings[i]], NULL) == PS_OK, "an encoder opens");
        must(ps_recoder_new(to_encodings[i], &recoders[to_encodings[i]], NULL) == PS_OK, "a recoder opens");
    }
}

static uint64_t count_replacements(ps_span text)
{
    uint64_t count = 0;

    for (size_t i = 0; i + 2 < text.len; i++)
        count += memcmp(text.bytes + i, "\xEF\xBF\xBD", 3) == 0;
    return count;
}

// The same as one cell. None of the encodings has U+FFFD itself.
static uint64_t convert(ps_encoding from, ps_encoding to, ps_span bytes, ps_span *out)
{
    *out = bytes;
    if (from == to) return 0;
    if (from != PS_ENCODING_UTF8) ps_decoder_cell(decoders[from], bytes, &arena, out);
    if (to == PS_ENCODING_UTF8) return count_replacements(*out);
    return ps_encoder_cell(encoders[to], *out, &arena, out);
}

static void check(ps_encoding from, ps_encoding to, ps_span bytes)
{
    ps_recoder *recoder = recoders[to];
    ps_span whole, recoded;
    uint64_t before = ps_recoder_lost(recoder), lost = convert(from, to, bytes, &whole);

    must(ps_recoder_piece(recoder, PS_VERDICT_CLEAN, from, bytes, &recoded, NULL) == PS_OK, "bytes are recoded");
    must(ps_span_equal(recoded, whole), "a piece is recoded as one text");
    must(ps_recoder_lost(recoder) - before == lost, "as many characters are lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    for (size_t from = 0; from < PS_COUNT_OF(from_encodings); from++) {
        for (size_t to = 0; to < PS_COUNT_OF(to_encodings); to++)
            check(from_encodings[from], to_encodings[to], (ps_span){(const char *)data, size});
    }
    ps_arena_reset(&arena);
    return 0;
}
