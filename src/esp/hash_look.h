#ifndef PS_ESP_HASH_LOOK_H
#define PS_ESP_HASH_LOOK_H

// Whether a file of which nobody said it is a hashed list, and how its digests were made.

#include "esp/entry.h"

// By the first lines of the file: the length of the digests, and what the header or the name of the file calls them.
// PS_DIGEST_NONE: it is no hashed list. PS_SOURCE where there are digests and a doubt: a list that is compared with the
// wrong digests suppresses nobody.
ps_status ps_hash_look(const ps_import *import, ps_span text, ps_digest_kind *out, ps_error *err);

// The kind whose digests in hexadecimal digits the text could be; where two have the same length, the one without a
// key.
ps_digest_kind ps_hash_kind_of_text(ps_span text);

// The word that `hash:` and `--hash` take.
const char *ps_hash_word(ps_digest_kind kind);

// Whether a file that was read as this format is a hashed list.
bool ps_hash_is_format(const char *format);

#endif
