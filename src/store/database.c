#include "store/database.h"

#include <string.h>

static const struct {
    int code;
    ps_status status;
    const char *text, *hint;
} failures[] = {
    {SQLITE_BUSY, PS_RETRY, "is in use by another program", "Close that program, then run again."},
    {SQLITE_LOCKED, PS_RETRY, "is in use by another program", "Close that program, then run again."},
    {SQLITE_NOMEM, PS_RETRY, "needs more memory than there is", "Close other programs, then run again."},
    {SQLITE_CORRUPT, PS_INPUT, "is damaged",
     "Put a copy from a backup in its place. Or move it away: a new one is made, and people whose win-back mail is "
     "not in the recipient file may be listed once more."},
    {SQLITE_NOTADB, PS_CONFIG, "is no SQLite file, so it is not presend's state", "Name another file as `state`."},
    {SQLITE_FULL, PS_IO, "cannot grow: the disk is full", "Make room, then run again."},
    {SQLITE_IOERR, PS_IO, "cannot be read or written", "Look at the disk, then run again."},
    {SQLITE_READONLY, PS_CREATE, "cannot be written",
     "Let this user write the file and its folder, or name another file as `state`."},
    {SQLITE_CANTOPEN, PS_CREATE, "cannot be opened",
     "Let this user write the file and its folder, or name another file as `state`."},
    {SQLITE_PERM, PS_CREATE, "cannot be opened",
     "Let this user write the file and its folder, or name another file as `state`."},
    // A table or column that is not there: the file has the form of its version no more.
    {SQLITE_ERROR, PS_INPUT, "is not as presend made it", "Put a copy from a backup in its place, or move it away."},
};

ps_status ps_store_fail(const ps_store *store, int code, ps_error *err)
{
    for (size_t i = 0; i < PS_COUNT_OF(failures); i++) {
        if (failures[i].code != (code & 0xFF)) continue;
        ps_error_set(err, failures[i].status, "The state file '%s' %s (%s).", store->path, failures[i].text,
                     sqlite3_errstr(code));
        ps_error_hint(err, "%s", failures[i].hint);
        return failures[i].status;
    }
    ps_error_set(err, PS_BUG, "The state file '%s' was used in a wrong way (%s).", store->path, sqlite3_errstr(code));
    ps_error_hint(err, "Please report this with the version of presend.");
    return PS_BUG;
}

ps_status ps_store_execute(const ps_store *store, const char *sql, ps_error *err)
{
    int code = sqlite3_exec(store->database, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? PS_OK : ps_store_fail(store, code, err);
}

ps_status ps_store_begin(const ps_store *store, ps_error *err)
{
    return ps_store_execute(store, "BEGIN IMMEDIATE", err);
}

ps_status ps_store_end(const ps_store *store, ps_status status, ps_error *err)
{
    if (status == PS_OK) status = ps_store_execute(store, "COMMIT", err);
    // After some errors SQLite has rolled back by itself; then this one says so, which is no news.
    if (status != PS_OK) (void)ps_store_execute(store, "ROLLBACK", NULL);
    return status;
}

void ps_store_begin_bulk(ps_store *store)
{
    if (store->bulk) return;
    ps_status status = ps_store_execute(store, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE", NULL);
    if (status != PS_OK) (void)ps_store_execute(store, "PRAGMA locking_mode = NORMAL", NULL); // no other status
    store->bulk = true;
}

// What was written is in the file, whatever becomes of this.
void ps_store_end_bulk(ps_store *store)
{
    if (!store->bulk) return;
    (void)ps_store_execute(store, "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL", NULL);
    store->bulk = false;
}

ps_status ps_statement_open(const ps_store *store, const char *sql, ps_statement *out, ps_error *err)
{
    *out = (ps_statement){.store = store, .code = SQLITE_OK};
    int code = sqlite3_prepare_v2(store->database, sql, -1, &out->handle, NULL);
    return code == SQLITE_OK ? PS_OK : ps_store_fail(store, code, err);
}

void ps_statement_close(ps_statement *statement)
{
    (void)sqlite3_finalize(statement->handle); // tells again what the last step told
    *statement = (ps_statement){.code = SQLITE_OK};
}

static void note(ps_statement *statement, int code)
{
    if (statement->code == SQLITE_OK) statement->code = code;
}

void ps_statement_bind_int(ps_statement *statement, int parameter, int64_t value)
{
    note(statement, sqlite3_bind_int64(statement->handle, parameter, value));
}

void ps_statement_bind_text(ps_statement *statement, int parameter, const char *text)
{
    note(statement, sqlite3_bind_text(statement->handle, parameter, text == NULL ? "" : text, -1, SQLITE_STATIC));
}

void ps_statement_bind_span(ps_statement *statement, int parameter, ps_span text)
{
    const char *bytes = text.len == 0 ? "" : text.bytes; // NULL would bind NULL

    note(statement, sqlite3_bind_text64(statement->handle, parameter, bytes, text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void ps_statement_bind_bytes(ps_statement *statement, int parameter, const void *bytes, size_t len)
{
    note(statement, sqlite3_bind_blob64(statement->handle, parameter, bytes, len, SQLITE_STATIC));
}

ps_status ps_statement_step(ps_statement *statement, bool *out_row, ps_error *err)
{
    int code = statement->code == SQLITE_OK ? sqlite3_step(statement->handle) : statement->code;

    *out_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW) return PS_OK;
    (void)sqlite3_reset(statement->handle); // tells again what the step told
    statement->code = SQLITE_OK;
    return code == SQLITE_DONE ? PS_OK : ps_store_fail(statement->store, code, err);
}

ps_status ps_statement_run(ps_statement *statement, ps_error *err)
{
    bool row = false;

    return ps_statement_step(statement, &row, err);
}

int64_t ps_statement_int(const ps_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

uint64_t ps_statement_count(const ps_statement *statement, int column)
{
    int64_t value = ps_statement_int(statement, column);

    return value < 0 ? 0 : (uint64_t)value;
}

ps_day ps_statement_day(const ps_statement *statement, int column)
{
    if (sqlite3_column_type(statement->handle, column) == SQLITE_NULL) return PS_DAY_NONE;
    return sqlite3_column_int(statement->handle, column);
}

const char *ps_statement_text(const ps_statement *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement->handle, column);

    return text == NULL ? "" : (const char *)text;
}

ps_span ps_statement_span(const ps_statement *statement, int column)
{
    const char *text = ps_statement_text(statement, column); // before its length is asked for

    return (ps_span){text, (size_t)sqlite3_column_bytes(statement->handle, column)};
}

ps_span ps_statement_bytes(const ps_statement *statement, int column)
{
    const char *bytes = sqlite3_column_blob(statement->handle, column); // before its length is asked for

    return (ps_span){bytes, (size_t)sqlite3_column_bytes(statement->handle, column)};
}

ps_hash ps_statement_hash(const ps_statement *statement, int column)
{
    ps_hash hash = {0};
    const void *bytes = sqlite3_column_blob(statement->handle, column);

    if (bytes != NULL && sqlite3_column_bytes(statement->handle, column) == (int)sizeof hash) {
        memcpy(&hash, bytes, sizeof hash);
    }
    return hash;
}
