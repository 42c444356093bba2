// layer: store
#include "store_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "store/database.h"

enum { DAY = 20000, PEOPLE = 400, PAGE_BYTES = 16384 }; // the pages of a new file

static const test_run small = {.number = 1, .as_of = DAY, .count = 3, .rows = 9};
static const test_run big = {.number = 2, .as_of = DAY + 1, .count = PEOPLE, .rows = 999};

static void put_file(const char *text)
{
    FILE *file = fopen(STATE, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

// Another program's hand in a database.
static void tamper(const char *sql)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void expect_refused(ps_status status, const char *why)
{
    ps_store *store = NULL;
    ps_error err = {.status = PS_OK};

    ps_status got = ps_store_open(STATE, NULL, &store, &err);
    if (got != status) print_error("%s: %s\n", ps_status_word(got), err.text);
    assert_int_equal(got, status);
    assert_null(store);
    if (strstr(err.text, why) == NULL) print_error("%s\n", err.text);
    assert_non_null(strstr(err.text, why));
    assert_non_null(strstr(err.text, STATE));
    assert_true(err.hint[0] != '\0');
}

static void test_not_ours(void **state)
{
    char text[64] = "";
    (void)state;

    put_file("email,name\ntaro@example.jp,Taro\n");
    expect_refused(PS_CONFIG, "no SQLite file");
    FILE *file = fopen(STATE, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_string_equal(text, "email,name\n"); // and it was not touched
    fclose(file);

    remove_state();
    tamper("CREATE TABLE mine(x)");
    expect_refused(PS_CONFIG, "another program's");
    remove_state();
    tamper("PRAGMA application_id = 77; CREATE TABLE mine(x)");
    expect_refused(PS_CONFIG, "another program's");
    remove_state();
    ps_store_close(open_store());
    tamper("PRAGMA user_version = 99");
    expect_refused(PS_CONFIG, "newer presend");
    tamper("PRAGMA user_version = -1"); // no form, and so none that is older or newer
    expect_refused(PS_INPUT, "damaged");
}

static void test_kinds_of_file(void **state)
{
    ps_store *store = NULL;
    ps_error err;
    (void)state;

    assert_int_equal(mkdir(STATE, 0700), 0);
    expect_refused(PS_CONFIG, "no regular file");
    assert_int_equal(rmdir(STATE), 0);
    assert_int_equal(symlink("elsewhere", STATE), 0);
    expect_refused(PS_CONFIG, "no regular file");
    remove_state();
    ps_store_close(open_store());
    assert_int_equal(chmod(STATE, 0666), 0);
    expect_refused(PS_CONFIG, "every user");
    assert_int_equal(ps_store_open("nowhere/" STATE, NULL, &store, &err), PS_CREATE);
    assert_int_equal(ps_store_open("", NULL, &store, &err), PS_CONFIG);
    assert_int_equal(ps_store_open("/", NULL, &store, &err), PS_CONFIG);
}

// Every page in turn is overwritten: the file is refused, or nothing that was read is what it was not.
static void test_damage(void **state)
{
    char page[PAGE_BYTES], saved[PAGE_BYTES];
    struct stat info;
    unsigned refused = 0;
    (void)state;

    ps_store *store = open_store();
    add_run(store, &big);
    ps_store_close(store);
    assert_int_equal(stat(STATE, &info), 0);
    memset(page, 0x5A, sizeof page);
    for (off_t at = 0; at < info.st_size; at += (off_t)sizeof page) {
        int fd = open(STATE, O_RDWR);
        assert_true(pread(fd, saved, sizeof saved, at) == (ssize_t)sizeof saved);
        assert_true(pwrite(fd, page, sizeof page, at) == (ssize_t)sizeof page);
        close(fd);
        store = NULL;
        ps_error err;
        ps_status status = ps_store_open(STATE, NULL, &store, &err);
        if (status != PS_OK) {
            assert_true(status == PS_INPUT || (status == PS_CONFIG && at == 0));
            refused++;
        }
        ps_store_close(store);
        fd = open(STATE, O_RDWR);
        assert_true(pwrite(fd, saved, sizeof saved, at) == (ssize_t)sizeof saved);
        close(fd);
    }
    // The three pages that nothing uses may be anything; the three of suppression entries and the two of domains are
    // looked at when they are read.
    assert_true(refused >= info.st_size / PAGE_BYTES - 8);
    store = open_store();
    assert_int_equal(listing_of(store, &nightly, DAY + 2, 5).listed_at, DAY + 1);
    ps_store_close(store);
}

// Where the key stands next, from `at` on; -1: nowhere.
static off_t find_key(const unsigned char key[16], off_t at)
{
    unsigned char bytes[16];
    int fd = open(STATE, O_RDONLY);
    bool found = false;

    for (; !found && pread(fd, bytes, sizeof bytes, at) == (ssize_t)sizeof bytes; at++)
        found = memcmp(bytes, key, sizeof bytes) == 0;
    close(fd);
    return found ? at - 1 : -1;
}

static void flip(off_t at)
{
    unsigned char byte;
    int fd = open(STATE, O_RDWR);

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

// The key of a page stands in its table and in that table's index; who is looked for by one that is wrong is not found.
static void test_damaged_index(void **state)
{
    static const unsigned char key[16] = {0x80, 0x31, 0x59, 0x26, 0x53, 0x58, 0x97, 0x93,
                                          0x23, 0x84, 0x62, 0x64, 0x33, 0x83, 0x27, 0x95};
    unsigned copies = 0;
    (void)state;

    ps_store_close(open_store());
    tamper("INSERT INTO listing_pages(first, listings, sum) "
           "VALUES(x'80315926535897932384626433832795', zeroblob(28), zeroblob(16)); PRAGMA wal_checkpoint(TRUNCATE)");
    ps_store_close(open_store());
    for (off_t at = find_key(key, 0); at >= 0; at = find_key(key, at + 1)) {
        flip(at + 5);
        expect_refused(PS_INPUT, "damaged");
        flip(at + 5);
        copies++;
    }
    assert_int_equal(copies, 2);
}

static void test_cut(void **state)
{
    struct stat info;
    (void)state;

    ps_store *store = open_store();
    add_run(store, &big);
    ps_store_close(store);
    assert_int_equal(stat(STATE, &info), 0);
    assert_int_equal(truncate(STATE, info.st_size - 2 * PAGE_BYTES), 0);
    expect_refused(PS_INPUT, "damaged");
    remove_state();
    ps_store_close(open_store());
    tamper("DROP TABLE listing_pages");
    store = open_store();
    ps_listings listings = {0};
    ps_error err;
    assert_int_equal(ps_store_listings(store, &nightly, DAY, &listings, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "not as presend made it"));
    ps_store_close(store);
}

static void test_busy(void **state)
{
    sqlite3 *other = NULL;
    (void)state;

    ps_store_close(open_store());
    assert_int_equal(sqlite3_open(STATE, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
                     SQLITE_OK);
    expect_refused(PS_RETRY, "another program");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

// A process that is killed with the state open, in the midst of a transaction or after one.
static void die_with(bool settled)
{
    ps_error err;
    char id[37];
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        ps_store *store = NULL;
        if (ps_store_open(STATE, NULL, &store, &err) != PS_OK) _exit(1);
        id_of(small.number, id);
        if (settled && prepare_run(store, &small, &err) != PS_OK) _exit(2);
        if (settled && ps_store_settle(store, id, &err) != PS_OK) _exit(3);
        if (ps_store_begin(store, &err) != PS_OK) _exit(4);
        // Enough for pages to leave the cache before they are committed.
        if (ps_store_execute(store, "PRAGMA cache_size = 2", &err) != PS_OK) _exit(5);
        if (ps_store_execute(store,
                             "INSERT INTO jobs(name, campaign) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                             "FROM n WHERE i < 20000) SELECT 'half ' || i, '' FROM n",
                             &err) != PS_OK)
            _exit(6);
        (void)kill(getpid(), SIGKILL); // does not return
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void test_killed(void **state)
{
    struct stat info;
    ps_statement statement;
    bool row = false;
    ps_error err;
    (void)state;

    for (int settled = 0; settled < 2; settled++) {
        remove_state();
        die_with(settled != 0);
        assert_int_equal(stat(STATE "-wal", &info), 0);
        assert_true(info.st_size > 0);
        ps_store *store = open_store(); // the dead one's lock is free, its WAL is read
        assert_int_equal(listing_of(store, &nightly, DAY + 1, 1).listed_at, settled != 0 ? DAY : PS_DAY_NONE);
        assert_ok(ps_statement_open(store, "SELECT count(*) FROM jobs WHERE name LIKE 'half%'", &statement, &err),
                  &err);
        assert_ok(ps_statement_step(&statement, &row, &err), &err);
        assert_int_equal(ps_statement_int(&statement, 0), 0);
        ps_statement_close(&statement);
        ps_store_close(store);
        assert_int_equal(stat(STATE "-wal", &info), -1); // nothing stays beside the file
    }
}

// Opens the state and records a run; whatever fails, the file must be usable afterwards and hold all of it or nothing.
static ps_status record(ps_error *err)
{
    ps_store *store = NULL;
    char id[37];
    ps_status status = ps_store_open(STATE, NULL, &store, err);

    id_of(big.number, id);
    if (status == PS_OK) status = prepare_run(store, &big, err);
    if (status == PS_OK) status = ps_store_settle(store, id, err);
    ps_store_close(store);
    return status;
}

static void expect_all_or_nothing(ps_status status)
{
    ps_store *store = open_store();
    ps_day first = listing_of(store, &nightly, DAY + 2, 0).listed_at;
    ps_day last = listing_of(store, &nightly, DAY + 2, PEOPLE - 1).listed_at;

    assert_int_equal(first, last);
    if (status == PS_OK) assert_int_equal(first, DAY + 1);
    ps_store_close(store);
}

// The file may grow to so many bytes and no further.
static void test_no_room(void **state)
{
    struct rlimit before, limit;
    unsigned failed = 0;
    (void)state;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t size = 0; size < 50 * PAGE_BYTES; size += 12007) {
        ps_error err;
        remove_state();
        limit = (struct rlimit){.rlim_cur = size, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        ps_status status = record(&err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        failed += status != PS_OK;
        if (status != PS_OK) assert_true(status == PS_IO || status == PS_CREATE);
        expect_all_or_nothing(status);
    }
    assert_true(failed > 5);
    ps_error err;
    remove_state();
    assert_ok(record(&err), &err);
}

// A disk of its own, that is full or read-only. Needs root.
static void test_full_disk(void **state)
{
    char options[32];
    unsigned failed = 0;
    (void)state;

    assert_int_equal(mkdir("disk", 0700), 0);
    for (unsigned pages = 1; pages < 90; pages += 4) {
        ps_error err;
        snprintf(options, sizeof options, "size=%uk", (PAGE_BYTES >> 10) * pages);
        if (mount("tmpfs", "disk", "tmpfs", 0, options) != 0) {
            (void)rmdir("disk"); // made above
            print_message("no right to mount: not tested\n");
            skip();
        }
        assert_int_equal(chdir("disk"), 0);
        ps_status status = record(&err);
        failed += status != PS_OK;
        if (status != PS_OK && status != PS_IO && status != PS_CREATE) print_error("%u: %s\n", pages, err.text);
        assert_true(status == PS_OK || status == PS_IO || status == PS_CREATE);
        assert_int_equal(mount("tmpfs", "../disk", "tmpfs", MS_REMOUNT, "size=16m"), 0);
        expect_all_or_nothing(status);
        assert_int_equal(mount("tmpfs", "../disk", "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0);
        expect_refused(PS_CREATE, "");
        assert_int_equal(chdir(".."), 0);
        assert_int_equal(umount("disk"), 0);
    }
    assert_int_equal(rmdir("disk"), 0);
    assert_true(failed > 3);
}

// ---- memory: the n-th allocation of SQLite fails

static sqlite3_mem_methods original;
static long countdown; // allocations until one fails; 0: none will

static bool fails_now(void)
{
    return countdown > 0 && --countdown == 0;
}

static void *take(int size)
{
    return fails_now() ? NULL : original.xMalloc(size);
}

static void *resize(void *memory, int size)
{
    return fails_now() ? NULL : original.xRealloc(memory, size);
}

static int intercept_memory(void)
{
    sqlite3_mem_methods methods;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &original) != SQLITE_OK) return -1;
    methods = original;
    methods.xMalloc = take;
    methods.xRealloc = resize;
    // The preallocated slots would hide most allocations.
    if (sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) return -1;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK ? 0 : -1;
}

static void test_no_memory(void **state)
{
    ps_status status = PS_RETRY;
    unsigned failed = 0, absorbed = 0;
    (void)state;

    for (long n = 1; countdown == 0; n += n < 800 ? 1 : 37) {
        ps_error err;
        remove_state();
        countdown = n;
        status = record(&err);
        failed += status != PS_OK;
        absorbed += status == PS_OK && countdown == 0; // caches do without
        if (status != PS_OK && status != PS_RETRY) print_error("%ld: %s\n", n, err.text);
        assert_true(status == PS_OK || status == PS_RETRY || status == PS_IO || status == PS_CREATE);
        bool was_last = countdown > 0;
        countdown = 0;
        expect_all_or_nothing(status);
        if (was_last) break;
    }
    print_message("%u failed, %u went on without\n", failed, absorbed);
    assert_int_equal(status, PS_OK);
    assert_true(failed > 100);
    ps_memory_fail_at(1, 0);
    ps_error err;
    assert_int_equal(record(&err), PS_RETRY);
    ps_memory_fail_at(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_not_ours, begin_empty),  cmocka_unit_test_setup(test_kinds_of_file, begin_empty),
        cmocka_unit_test_setup(test_damage, begin_empty),    cmocka_unit_test_setup(test_damaged_index, begin_empty),
        cmocka_unit_test_setup(test_cut, begin_empty),       cmocka_unit_test_setup(test_busy, begin_empty),
        cmocka_unit_test_setup(test_killed, begin_empty),    cmocka_unit_test_setup(test_no_room, begin_empty),
        cmocka_unit_test_setup(test_full_disk, begin_empty), cmocka_unit_test_setup(test_no_memory, begin_empty),
    };
    if (intercept_memory() != 0) return 1;
    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
