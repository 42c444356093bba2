#ifndef PS_MAIL_CHARSET_H
#define PS_MAIL_CHARSET_H

// The charset of a file, decided once, and its cells as UTF-8 and back.

#include <stdint.h>

#include "base/buf.h"
#include "presend/arena.h"
#include "presend/job.h"
#include "presend/span.h"
#include "presend/status.h"

// Length of the byte order mark that `text` begins with, and its encoding; 0 when there is none.
size_t ps_charset_bom(ps_span text, ps_encoding *out);

// The encoding of a file by its first bytes: BOM, ISO-2022-JP escapes, strict UTF-8, then CP932 or EUC-JP. `whole` says
// that the sample ends where the file ends; otherwise its last character may be cut. Pure ASCII is UTF-8.
// PS_ENCODING_AUTO: the bytes are text in none of them. `out_bom_len` are the bytes to skip.
ps_encoding ps_charset_detect(ps_span sample, bool whole, size_t *out_bom_len);

// Only bytes 0x01 to 0x7F and no escape: says nothing of the charset yet, so read on to a record that is not.
bool ps_charset_undecided(ps_span sample);

// utf-8, cp932 (shift_jis, sjis, ms932, windows-31j), euc-jp (euc-jp-ms), iso-2022-jp, utf-16 (utf-16le, utf-16be),
// windows-1252, auto; case does not count. False for any other.
bool ps_charset_find(ps_span name, ps_encoding *out);

const char *ps_charset_name(ps_encoding encoding); // for people and reports: UTF-8, CP932, EUC-JP, ...
const char *ps_charset_iconv_name(ps_encoding encoding); // for iconv: CP932, EUC-JP-MS, ISO-2022-JP-3, ...

// , ; tab | " CR LF are never part of a longer character, so CSV may be parsed before decoding. (CP932: `|` is, see
// below.) False for ISO-2022-JP and UTF-16: the whole stream is decoded first.
bool ps_charset_ascii_safe(ps_encoding encoding);

// The second byte of a CP932 character may be 0x40 to 0x7E: so `|` (and @ \ letters) cannot be looked for in its bytes.
bool ps_charset_byte_is_safe(ps_encoding encoding, char byte);

// U+00A5 and U+203E stand for \ and ~ in text that was decoded from it (JIS X 0201 Roman).
bool ps_charset_is_jis(ps_encoding encoding);

// From an encoding to UTF-8. One owner at a time; holds no text between cells.
typedef struct ps_decoder ps_decoder;

// PS_RETRY without memory, PS_BUG where iconv does not know the encoding.
ps_status ps_decoder_open(ps_encoding encoding, ps_decoder **out, ps_error *err);
void ps_decoder_close(ps_decoder *decoder); // NULL is fine

// One cell as UTF-8. ASCII and valid UTF-8 come back as they are, without a copy (not for ISO-2022-JP and UTF-16).
// False when some bytes are no text: U+FFFD stands for them in `out`.
bool ps_decoder_cell(ps_decoder *decoder, ps_span bytes, ps_arena *arena, ps_span *out);

// Where a decoded stream goes.
typedef struct ps_decoder_room {
    char *bytes;
    size_t size; // at least 16
    uint64_t lost; // counts the U+FFFD that were put in; set to 0 once
} ps_decoder_room;

// A stream, piece by piece: decodes from `in`, which moves past what was used, into `room`, and returns the number of
// bytes put there. Bytes of a character that is cut stay in `in`, unless `last`: hand them in again with what follows.
// With `last`, all is out once `in` is empty. Do not mix with cells.
size_t ps_decoder_stream(ps_decoder *decoder, ps_span *in, bool last, ps_decoder_room *room);

// A text of any length in another encoding than UTF-8, added to `out`. Gives the number of U+FFFD in it that stand for
// bytes that are no text. Do not mix with streams.
uint64_t ps_decoder_text(ps_decoder *decoder, ps_span bytes, ps_buf *out);

// From UTF-8 to an encoding. One owner at a time; holds no text between cells.
typedef struct ps_encoder ps_encoder;

ps_status ps_encoder_open(ps_encoding encoding, ps_encoder **out, ps_error *err);
void ps_encoder_close(ps_encoder *encoder); // NULL is fine

// One cell of UTF-8 in the encoding; `?` stands for each character that it lacks, and their number comes back. ASCII
// comes back as it is, without a copy, where the encoding is ASCII-safe.
size_t ps_encoder_cell(ps_encoder *encoder, ps_span text, ps_arena *arena, ps_span *out);

// A text of any length, added to `out`; else as a cell.
size_t ps_encoder_text(ps_encoder *encoder, ps_span text, ps_buf *out);

#endif
