#ifndef PS_STORE_ENTRIES_H
#define PS_STORE_ENTRIES_H

// What the files about suppression lists share: entries as rows, and the sums that prove them.

#include "base/buf.h"
#include "store/database.h"
#include "store/suppressions.h"

// The columns of an entry in the order in which ps_entry_read() wants them.
#define PS_ENTRY_COLUMNS "text, scope, kind, class, code, reason, created_s, expires_s"
enum { PS_ENTRY_COLUMN_COUNT = 8 };

// The entry in the columns from `column` on; its texts stay until the next step. False: a number in it is none of its
// kind's, so the file is damaged.
bool ps_entry_read(const ps_statement *statement, int column, ps_stored_entry *out);
void ps_entry_bind(ps_statement *statement, int parameter, const ps_stored_entry *entry);

// An order-free sum of entries, each with all that is stored of it. `room` is scratch.
ps_status ps_entry_add_to(ps_hash *sum, const ps_stored_entry *entry, ps_buf *room, ps_error *err);
ps_status ps_entry_take_from(ps_hash *sum, const ps_stored_entry *entry, ps_buf *room, ps_error *err);

enum { PS_ENTRY_ROOM_BYTES_MAX = 4 << 20 }; // the ceiling of `room`

// Write the list's count, sum and times.
ps_status ps_list_save(ps_store *store, const ps_stored_list *list, ps_error *err);

// The source and its lists are from now on what they are now. Within the transaction that changed them.
ps_status ps_source_seal(ps_store *store, const char *name, ps_error *err);

// PS_SOURCE: what is stored of the list does not fit its sum.
ps_status ps_list_damaged(const ps_store *store, const ps_stored_source *source, const ps_stored_list *list,
                          ps_error *err);

#endif
