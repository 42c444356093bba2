#ifndef PS_STORE_PACKED_H
#define PS_STORE_PACKED_H

// Entries one after the other as the bytes of a row: a row for each would cost many times as much to write and to read.
// An entry is ten numbers, then its texts. Numbers go seven bits to a byte, the lowest first; those that may be
// negative are folded, so that small ones stay short.

#include "base/buf.h"
#include "facts/book.h"

void ps_packed_add(ps_buf *out, const ps_stored_entry *entry);

// The next entry of `*rest`, which its texts point into. False: what comes is none, and nothing was taken.
bool ps_packed_take(ps_span *rest, ps_stored_entry *out);

// The order of keys: text, then scope, byte by byte, as SQLite has it. No list has two entries of one key.
int ps_entry_compare(const ps_stored_entry *a, const ps_stored_entry *b);

#endif
