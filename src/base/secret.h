#ifndef PS_BASE_SECRET_H
#define PS_BASE_SECRET_H

// Keys and passwords, as a type of their own: no format takes one, so that none reaches a log, a message or an argument
// by accident. ps_secret_expose() is the only way in; lint.banned lists the files that may call it.

#include <stdbool.h>

#include "base/buf.h"
#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_secret ps_secret;

// From where a job file says it is: `env:NAME`, or `file:PATH` (that only its owner can read). `what` is the key of the
// job file, for messages. PS_CONFIG when it is not there, empty, over 64 KiB, or has a line break or control character
// in it (one line end after it is not a part of it).
ps_status ps_secret_load(const char *reference, const char *what, ps_secret **out, ps_error *err);

// The text of a file of several secrets, which only its owner can read; after what `out` holds. The caller clears it.
ps_status ps_secret_file(const char *path, const char *what, ps_buf *out, ps_error *err);

// A copy of bytes that a program worked out.
ps_status ps_secret_of(ps_span bytes, ps_secret **out, ps_error *err);

// What the header Authorization has for a name and a password: `Basic` and base64 (RFC 7617).
ps_status ps_secret_basic(ps_span user, const ps_secret *password, ps_secret **out, ps_error *err);

// The bytes themselves, for a header of a request or a signature: never for a format.
ps_span ps_secret_expose(const ps_secret *secret);

// Whether `text` holds the secret, be it percent-encoded or not: replies are searched before they are shown.
bool ps_secret_is_in(const ps_secret *secret, ps_span text);

void ps_secret_free(ps_secret *secret); // cleared first; NULL is fine

#endif
