#ifndef PS_TEST_STATE_FILE_H
#define PS_TEST_STATE_FILE_H

// A state file in a folder of its own.

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"
#include "store/store.h"

#define STATE "state.sqlite"

// In memory where that is possible: SQLite syncs a lot.
static char in_memory[] = "/dev/shm/presend-store-XXXXXX", on_disk[] = "/tmp/presend-store-XXXXXX";
static const char *store_folder = in_memory;

static inline void remove_state(void)
{
    static const char *const names[] = {STATE, STATE "-wal", STATE "-shm", STATE "-journal"};

    for (size_t i = 0; i < PS_COUNT_OF(names); i++)
        (void)unlink(names[i]); // most are not there
}

static inline int enter_store(void **state)
{
    (void)state;
    if (mkdtemp(in_memory) == NULL) store_folder = mkdtemp(on_disk);
    return store_folder == NULL ? -1 : chdir(store_folder);
}

static inline int begin_empty(void **state)
{
    (void)state;
    remove_state();
    return 0;
}

static inline int leave_store(void **state)
{
    (void)begin_empty(state); // always 0
    (void)unlink("." STATE ".lock"); // may not be there
    return chdir("/") == 0 ? rmdir(store_folder) : -1;
}

// Behind the store's back.
static inline void change_state(const char *sql)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static inline int64_t count_in_state(const char *sql)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    return count;
}

static inline ps_store *open_store(void)
{
    ps_store *store = NULL;
    ps_error err;

    assert_ok(ps_store_open(STATE, NULL, &store, &err), &err);
    return store;
}

#endif
