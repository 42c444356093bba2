#ifndef PS_STORE_DATABASE_H
#define PS_STORE_DATABASE_H

// What the files of this folder share: the connection, and statements whose errors are whole sentences.

#include <limits.h>
#include <sqlite3.h>

#include "base/hash.h"
#include "store/store.h"

struct ps_store {
    sqlite3 *database;
    int lock_fd;
    bool bulk; // see ps_store_begin_bulk()
    char path[PATH_MAX];
};

// The status for an SQLite result, with a sentence that names the file.
ps_status ps_store_fail(const ps_store *store, int code, ps_error *err);

// Statements without values or results.
ps_status ps_store_execute(const ps_store *store, const char *sql, ps_error *err);

// Begin, and end: committed if `status` is PS_OK, else rolled back. Gives what came of it all.
ps_status ps_store_begin(const ps_store *store, ps_error *err);
ps_status ps_store_end(const ps_store *store, ps_status status, ps_error *err);

// Where much is written, what is new in the file is to be written once. SQLite's log of changes (WAL) takes all twice,
// and reads it in between; its other journal takes what was there before. That one holds up everybody who reads, and
// who reads would hold up the run: nobody else may, until the end. If somebody does already all goes on as it was.
// Outside of a transaction; the end comes once no statement is open, at the latest with the store's.
void ps_store_begin_bulk(ps_store *store);
void ps_store_end_bulk(ps_store *store);

// One statement. A value that cannot be bound is told by the next step.
typedef struct ps_statement {
    const ps_store *store;
    sqlite3_stmt *handle;
    int code; // of the first bind that failed
} ps_statement;

ps_status ps_statement_open(const ps_store *store, const char *sql, ps_statement *out, ps_error *err);
void ps_statement_close(ps_statement *statement); // a zeroed one is fine

// Parameters count from 1. Texts and bytes are borrowed until the statement is closed or bound anew; NULL becomes "".
void ps_statement_bind_int(ps_statement *statement, int parameter, int64_t value);
void ps_statement_bind_text(ps_statement *statement, int parameter, const char *text);
void ps_statement_bind_span(ps_statement *statement, int parameter, ps_span text);
void ps_statement_bind_bytes(ps_statement *statement, int parameter, const void *bytes, size_t len);

// The next row; at the end `*out_row` is false and the statement may be bound and stepped anew.
ps_status ps_statement_step(ps_statement *statement, bool *out_row, ps_error *err);
ps_status ps_statement_run(ps_statement *statement, ps_error *err); // one that gives no rows

// Columns count from 0. A text or bytes stay until the next step.
int64_t ps_statement_int(const ps_statement *statement, int column);
uint64_t ps_statement_count(const ps_statement *statement, int column); // a damaged negative one becomes 0
ps_day ps_statement_day(const ps_statement *statement, int column); // NULL becomes PS_DAY_NONE
const char *ps_statement_text(const ps_statement *statement, int column); // "" for NULL
ps_span ps_statement_span(const ps_statement *statement, int column); // empty for NULL
ps_span ps_statement_bytes(const ps_statement *statement, int column); // of a blob
ps_hash ps_statement_hash(const ps_statement *statement, int column);

// What a run will have made of domains once it is published, and that it was. Of store/domain_past.c; within the run's
// transaction.
typedef struct ps_store_seen {
    int64_t run; // its id
    ps_day as_of;
    const ps_domains *domains; // NULL: none
} ps_store_seen;

ps_status ps_store_put_domains(const ps_store *store, const ps_store_seen *seen, ps_error *err);
ps_status ps_store_settle_domains(const ps_store *store, int64_t run, ps_error *err);

// Bring the file to the newest form. PS_CONFIG: it is of a newer presend or not presend's at all.
ps_status ps_store_migrate(const ps_store *store, ps_error *err);

#endif
