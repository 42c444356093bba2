#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/database.h"

enum { BUSY_WAIT_MS = 2000 }; // for somebody who looks into the file with another program

// The folder with all links followed: two names of one file must come to one lock.
static ps_status take_path(ps_store *store, const char *path, ps_error *err)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *name = NULL;

    if (!ps_path_split(path, folder, sizeof folder, &name) || *name == '\0' || strchr(name, '/') != NULL) {
        return ps_error_set(err, PS_CONFIG, "'%s' cannot be a state file.", path);
    }
    if (realpath(folder, real) == NULL) {
        ps_error_set(err, PS_CREATE, "The folder of the state file '%s' cannot be used: %s.", path, strerror(errno));
        ps_error_hint(err, "Make the folder, or name another file as `state`.");
        return PS_CREATE;
    }
    if (ps_path_join(real, name, store->path, sizeof store->path)) return PS_OK;
    return ps_error_set(err, PS_CONFIG, "The path of the state file '%s' is too long.", path);
}

static ps_status locked_by_other(const ps_store *store, ps_error *err)
{
    char holder[32] = "";
    ssize_t len = pread(store->lock_fd, holder, sizeof holder - 1, 0);

    if (len > 0) holder[strcspn(holder, "\n")] = '\0';
    ps_error_set(err, PS_RETRY, "Another run of presend uses the state file '%s' (process %s).", store->path,
                 len > 0 ? holder : "unknown");
    ps_error_hint(err, "Wait until it has ended, or give this job another file as `state`.");
    return PS_RETRY;
}

// A file beside the state, because closing any descriptor of the state itself would give up SQLite's own locks.
static ps_status take_lock(ps_store *store, ps_error *err)
{
    char folder[PATH_MAX], lock[PATH_MAX + 8], pid[32];
    const char *name = NULL;

    if (!ps_path_split(store->path, folder, sizeof folder, &name)) return PS_BUG; // it was made of both
    snprintf(lock, sizeof lock, "%s/.%s.lock", strcmp(folder, "/") == 0 ? "" : folder, name);
    store->lock_fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (store->lock_fd == -1) {
        ps_error_set(err, PS_CREATE, "Cannot create the lock file '%s': %s.", lock, strerror(errno));
        ps_error_hint(err, "Let this user write the folder, or name another file as `state`.");
        return PS_CREATE;
    }
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) return locked_by_other(store, err);
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    // The number only serves the message above; the lock itself is the kernel's.
    if (ftruncate(store->lock_fd, 0) == 0) (void)!pwrite(store->lock_fd, pid, (size_t)len, 0);
    return PS_OK;
}

static ps_status refuse_file(const ps_store *store, const char *what, const char *hint, ps_error *err)
{
    ps_error_set(err, PS_CONFIG, "The state file '%s' %s.", store->path, what);
    ps_error_hint(err, "%s", hint);
    return PS_CONFIG;
}

// SQLite would make the file with whatever rights the process gives away.
static ps_status make_file(const ps_store *store, ps_error *err)
{
    struct stat info;
    int fd = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd != -1) return close(fd) == 0 ? PS_OK : ps_store_fail(store, SQLITE_IOERR, err);
    if (errno != EEXIST || lstat(store->path, &info) != 0) {
        ps_error_set(err, PS_CREATE, "Cannot create the state file '%s': %s.", store->path, strerror(errno));
        ps_error_hint(err, "Let this user write the folder, or name another file as `state`.");
        return PS_CREATE;
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse_file(store, "is no regular file", "Name the file itself as `state`, not a link to it.", err);
    }
    if ((info.st_mode & S_IWOTH) == 0) return PS_OK;
    return refuse_file(store, "can be changed by every user of this machine", "chmod o-w it, then run again.", err);
}

// The file may come from anywhere: nothing in its schema is run, and pages are checked as they are read.
static ps_status harden(const ps_store *store, ps_error *err)
{
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    int code = sqlite3_busy_timeout(store->database, BUSY_WAIT_MS);

    for (size_t i = 0; code == SQLITE_OK && i < PS_COUNT_OF(settings); i++)
        code = sqlite3_db_config(store->database, settings[i].option, settings[i].value, NULL);
    if (code != SQLITE_OK) return ps_store_fail(store, code, err);
    // A cache of 1 MiB: the usual 2,000 KiB, in pages of 16 KiB, left the heap of a large run 6 MiB larger, and nothing
    // was read or written sooner.
    return ps_store_execute(store,
                            "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
                            "PRAGMA synchronous = FULL; PRAGMA cache_size = -1024",
                            err);
}

static ps_status check_table(const ps_store *store, const char *table, ps_error *err)
{
    char sql[128];
    ps_statement statement = {0};
    bool row = false;

    snprintf(sql, sizeof sql, "PRAGMA integrity_check(\"%.64s\")", table); // a pragma takes no bound value
    ps_status status = ps_statement_open(store, sql, &statement, err);
    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK && (!row || strcmp(ps_statement_text(&statement, 0), "ok") != 0)) {
        status = ps_store_fail(store, SQLITE_CORRUPT, err);
    }
    ps_statement_close(&statement);
    return status;
}

// Table by table, but for the entries of suppression lists, which may be gigabytes, and for what is known of domains:
// these have sums of their own, which find more, whenever they are read.
static ps_status check_whole(const ps_store *store, ps_error *err)
{
    ps_statement tables = {0};
    bool row = false;
    ps_status status = ps_statement_open(store,
                                         "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
                                         "('suppression_pages', 'suppression_waiting', 'suppression_departed', "
                                         "'domain_pages', 'domain_log')",
                                         &tables, err);

    if (status == PS_OK) status = ps_statement_step(&tables, &row, err);
    while (status == PS_OK && row) {
        status = check_table(store, ps_statement_text(&tables, 0), err);
        if (status == PS_OK) status = ps_statement_step(&tables, &row, err);
    }
    ps_statement_close(&tables);
    return status;
}

static ps_status check_owner(const ps_store *store, const char *owner, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT value FROM meta WHERE name = 'owner'", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK && row) {
        const char *theirs = ps_statement_text(&statement, 0);
        bool any = owner != NULL && strcmp(owner, PS_STORE_ANY_OWNER) == 0;
        if (!any && (owner == NULL || strcmp(theirs, owner) != 0)) {
            ps_error_set(err, PS_CONFIG, "The state file '%s' belongs to `%s`, and this job %s%s%s.", store->path,
                         theirs, owner == NULL ? "names no owner" : "to `", owner == NULL ? "" : owner,
                         owner == NULL ? "" : "`");
            ps_error_hint(err, "Name another file as `state`, or write `owner: %s` if the job is theirs.", theirs);
            status = PS_CONFIG;
        }
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status open_database(ps_store *store, const char *owner, ps_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(store->path, &store->database, flags, NULL);

    if (code != SQLITE_OK) return ps_store_fail(store, code, err);
    ps_status status = harden(store, err);
    // Nearly all that is kept stands in rows of 64 KiB and more, so that pages of 4 KiB, which are read and written one
    // by one, cost a third of the time: bench_listings. It is for a new file; others keep theirs.
    if (status == PS_OK) status = ps_store_execute(store, "PRAGMA page_size = 16384", err);
    if (status == PS_OK && sqlite3_db_readonly(store->database, "main") != 0) {
        status = ps_store_fail(store, SQLITE_READONLY, err);
    }
    if (status == PS_OK) status = ps_store_migrate(store, err);
    if (status == PS_OK) status = check_whole(store, err);
    // Where the file system cannot share memory SQLite keeps its other journal, which serves as well.
    if (status == PS_OK) status = ps_store_execute(store, "PRAGMA journal_mode = WAL", err);
    return status == PS_OK ? check_owner(store, owner, err) : status;
}

ps_status ps_store_open(const char *path, const char *owner, ps_store **out, ps_error *err)
{
    ps_store *store = ps_memory_new(1, sizeof *store, err);

    if (store == NULL) return PS_RETRY;
    store->lock_fd = -1;
    ps_status status = take_path(store, path, err);
    if (status == PS_OK) status = take_lock(store, err);
    if (status == PS_OK) status = make_file(store, err);
    if (status == PS_OK) status = open_database(store, owner, err);
    if (status == PS_OK) {
        *out = store;
    } else {
        ps_store_close(store);
    }
    return status;
}

void ps_store_close(ps_store *store)
{
    if (store == NULL) return;
    if (store->database != NULL) ps_store_end_bulk(store);
    (void)sqlite3_close(store->database); // all that matters was committed
    if (store->lock_fd != -1) close(store->lock_fd);
    ps_memory_free(store);
}

const char *ps_store_path(const ps_store *store)
{
    return store->path;
}
