// layer: store
#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "store/database.h"

enum { DAY = 20000, PEOPLE = 20000, RUNS = 36, KEPT_DAYS = 730 };

// Digests as they are: spread evenly.
static ps_hash somebody(unsigned number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

// The same numbers on every machine.
static unsigned next_number(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

// What must be known of everybody, kept as one would without pages.
typedef struct known {
    ps_listing listing;
    const ps_store_job *job; // NULL: nobody knows them
} known;

static known model[PEOPLE];
static bool listed_by[RUNS][PEOPLE];

static ps_status prepare(ps_store *store, const test_run *t, const bool *listed, ps_error *err)
{
    ps_job job;
    ps_listed people = {0};
    ps_run run = {.job = &job, .started_s = 1, .finished_s = 2, .rows = PEOPLE};

    ps_job_init(&job);
    job.as_of = t->as_of;
    job.timezone = "UTC";
    id_of(t->number, run.id);
    for (unsigned i = PEOPLE; i-- > 0;) {
        const ps_hash twice[] = {somebody(i), somebody(i)};
        if (listed[i]) assert_ok(ps_listed_add(&people, twice, 1 + i % 2, err), err);
    }
    const ps_store_run stored = {
        .run = &run, .job = *t->job, .directory = "/srv/out", .retain_days = 4000, .listed = &people};
    ps_status status = ps_store_prepare(store, &stored, err);
    ps_listed_done(&people);
    return status;
}

static void settle_in_model(const test_run *t, const bool *listed)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        known *person = &model[i];
        bool newer = person->job == NULL || t->as_of >= person->listing.listed_at;
        if (listed[i] && newer) {
            if (person->job == NULL || person->listing.sent_at < t->as_of) person->listing.sent_at = PS_DAY_NONE;
            person->listing.listed_at = t->as_of;
            person->job = t->job;
        }
        ps_day last =
            person->listing.sent_at > person->listing.listed_at ? person->listing.sent_at : person->listing.listed_at;
        if (person->job != NULL && last < t->as_of - KEPT_DAYS) person->job = NULL;
    }
}

static void send_in_model(const test_run *t, const bool *listed, ps_day day)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        if (!listed[i]) continue;
        if (model[i].job == NULL) model[i] = (known){.listing = {.listed_at = t->as_of}, .job = t->job};
        model[i].listing.sent_at = day;
    }
}

static void expect_model(ps_store *store, const ps_store_job *job, ps_day as_of)
{
    ps_listings listings = {0};
    ps_error err;

    assert_ok(ps_store_listings(store, job, as_of, &listings, &err), &err);
    for (unsigned i = 0; i < PEOPLE; i++) {
        const ps_listing *found = ps_listings_find(&listings, somebody(i));
        ps_listing want = model[i].listing;
        bool own = model[i].job == job && want.listed_at == as_of;
        if (want.listed_at > as_of || own) want.listed_at = PS_DAY_NONE;
        if (want.sent_at > as_of) want.sent_at = PS_DAY_NONE;
        bool nothing = model[i].job == NULL || (want.listed_at == PS_DAY_NONE && want.sent_at == PS_DAY_NONE);
        assert_int_equal(found == NULL, nothing);
        if (found != NULL) assert_memory_equal(found, &want, sizeof want);
    }
    ps_listings_done(&listings);
}

static uint64_t count_of(ps_store *store, const char *sql)
{
    ps_statement statement;
    bool row = false;
    ps_error err;

    assert_ok(ps_statement_open(store, sql, &statement, &err), &err);
    assert_ok(ps_statement_step(&statement, &row, &err), &err);
    uint64_t count = ps_statement_count(&statement, 0);
    ps_statement_close(&statement);
    return count;
}

static uint64_t known_people(void)
{
    uint64_t people = 0;

    for (unsigned i = 0; i < PEOPLE; i++)
        people += model[i].job != NULL;
    return people;
}

// The later runs list only people whose digests lie together, so that whole pages grow old, the first ones too.
static uint64_t choose_people(unsigned run, unsigned *seed, bool *out)
{
    static const unsigned shares[] = {1, 30, 400, 2};
    bool later = run >= RUNS / 3;
    uint64_t from = next_number(seed) % 256, width = later ? 80 : 256, people = 0;

    for (unsigned i = 0; i < PEOPLE; i++) {
        bool near = ((somebody(i).high >> 56) - from) % 256 < width;
        people += out[i] = near && next_number(seed) % shares[later ? 0 : run % 4] == 0;
    }
    return people;
}

// Runs of any size and day, settled and sent in any order, leave what a row for everybody would have left.
static void test_as_single_rows(void **state)
{
    unsigned seed = 1;
    char id[37];
    ps_error err;
    (void)state;

    memset(model, 0, sizeof model);
    ps_store *store = open_store();
    for (unsigned n = 0; n < RUNS; n++) {
        const test_run t = {.number = n,
                            .as_of = DAY + (ps_day)(n * 150) - (ps_day)(next_number(&seed) % 300),
                            .job = n % 3 == 0 ? &other_job : &nightly};
        ps_store_found found;
        uint64_t people = choose_people(n, &seed, listed_by[n]);
        assert_ok(prepare(store, &t, listed_by[n], &err), &err);
        id_of(n, id);
        assert_ok(ps_store_settle(store, id, &err), &err);
        settle_in_model(&t, listed_by[n]);
        assert_ok(ps_store_find(store, id, &found, &err), &err);
        assert_int_equal(found.listed, people);
        if (n % 2 == 1) {
            ps_day day = t.as_of + (ps_day)(next_number(&seed) % 20);
            assert_ok(ps_store_mark_sent(store, id, day, &err), &err);
            send_in_model(&t, listed_by[n], day);
        }
        expect_model(store, &nightly, t.as_of);
        expect_model(store, &other_job, t.as_of + 5);
        assert_int_equal(count_of(store, "SELECT sum(length(listings)) / 28 FROM listing_pages"), known_people());
    }
    assert_true(count_of(store, "SELECT count(*) FROM listing_pages") > 4);
    ps_store_close(store);
    store = open_store();
    expect_model(store, &nightly, DAY + 10000);
    ps_store_close(store);
}

// Everybody's listing goes at last, and with them the pages.
static void test_emptied(void **state)
{
    static bool all[PEOPLE], nobody[PEOPLE];
    char id[37];
    ps_error err;
    (void)state;

    memset(all, true, sizeof all);
    ps_store *store = open_store();
    assert_ok(prepare(store, &(test_run){.number = 1, .as_of = DAY, .job = &nightly}, all, &err), &err);
    id_of(1, id);
    assert_ok(ps_store_settle(store, id, &err), &err);
    assert_int_equal(count_of(store, "SELECT sum(length(listings)) / 28 FROM listing_pages"), PEOPLE);
    const test_run later = {.number = 2, .as_of = DAY + KEPT_DAYS + 1, .job = &nightly};
    assert_ok(prepare(store, &later, nobody, &err), &err);
    id_of(2, id);
    assert_ok(ps_store_settle(store, id, &err), &err);
    assert_int_equal(count_of(store, "SELECT count(*) FROM listing_pages"), 0);
    ps_store_close(store);
}

// A run that is made again on its day writes nothing anew; one person more writes one page, or its two halves.
static void test_only_changes_are_written(void **state)
{
    static bool most[PEOPLE], one[PEOPLE];
    char id[37];
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    for (unsigned i = 0; i < PEOPLE; i++) {
        most[i] = i != 77;
        one[i] = i == 77;
    }
    for (unsigned n = 0; n < 3; n++) {
        const test_run t = {.number = n, .as_of = DAY, .job = &nightly};
        assert_ok(prepare(store, &t, n == 2 ? one : most, &err), &err);
        id_of(n, id);
        int before = sqlite3_total_changes(store->database);
        assert_ok(ps_store_settle(store, id, &err), &err);
        int changes = sqlite3_total_changes(store->database) - before;
        if (n == 0) assert_true(changes > 5);
        if (n == 1) assert_int_equal(changes, 1); // that it is settled
        if (n == 2) assert_true(changes == 2 || changes == 3);
    }
    ps_store_close(store);
}

// ---- the form of before

static void execute(ps_store *store, const char *sql)
{
    ps_error err;

    assert_ok(ps_store_execute(store, sql, &err), &err);
}

static void put_old(sqlite3 *database, const char *sql, unsigned person, int number)
{
    sqlite3_stmt *statement = NULL;
    ps_hash key = somebody(person);

    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_blob(statement, 1, &key, sizeof key, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int(statement, 2, number), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

// The first run, of the day after DAY, listed the even ones; the second, which nobody settled, the odd ones.
static void make_old_state(void)
{
    static char sql[16384];
    sqlite3 *database = NULL;
    FILE *file = fopen(PS_TEST_FOLDER "/unit/data/state-7.sql", "r");

    assert_non_null(file);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    assert_true(feof(file) && fclose(file) == 0);
    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    for (unsigned i = 0; i < PEOPLE; i++) {
        put_old(database, "INSERT INTO run_listed(key, run) VALUES(?, ?)", i, (int)(1 + i % 2));
        if (i % 4 == 0) put_old(database, "INSERT INTO listings VALUES(?1, 1, 20001, ?2)", i, DAY + 4);
        if (i % 4 == 2) put_old(database, "INSERT INTO listings VALUES(?1, 1, ?2, NULL)", i, DAY + 1);
    }
    assert_int_equal(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void test_old_state(void **state)
{
    ps_run_history history;
    ps_store_found found;
    char id[37];
    ps_error err;
    (void)state;

    make_old_state();
    ps_store *store = open_store();
    memset(model, 0, sizeof model);
    for (unsigned i = 0; i < PEOPLE; i += 2)
        model[i] = (known){.listing = {DAY + 1, i % 4 == 0 ? DAY + 4 : PS_DAY_NONE}, .job = &nightly};
    expect_model(store, &nightly, DAY + 9);
    assert_ok(ps_store_history(store, &nightly, DAY + 9, &history, &err), &err);
    assert_int_equal(history.count, 1);
    assert_int_equal(history.runs[0].addresses, 9 - 3 - 1); // without duplicates and empty cells
    id_of(1, id);
    assert_ok(ps_store_find(store, id, &found, &err), &err);
    assert_int_equal(found.listed, PEOPLE / 2);
    id_of(2, id);
    assert_ok(ps_store_settle(store, id, &err), &err); // its people came along
    for (unsigned i = 1; i < PEOPLE; i += 2)
        model[i] = (known){.listing = {DAY + 2, PS_DAY_NONE}, .job = &nightly};
    expect_model(store, &nightly, DAY + 9);
    assert_int_equal(count_of(store, "SELECT count(*) FROM sqlite_schema WHERE name IN ('listings', 'run_listed')"), 0);
    ps_store_close(store);
}

// Without memory at any moment the state stays as it was, in its old form or all in the new one, and the next start
// packs it.
static void test_old_state_without_memory(void **state)
{
    ps_store *store = NULL;
    ps_error err;
    unsigned long n = 1, failed_old = 0;
    (void)state;

    ps_store_close(open_store());
    int64_t newest = count_in_state("PRAGMA user_version");
    remove_state();
    make_old_state();
    for (; store == NULL; n++) {
        ps_memory_fail_at(n, 0);
        ps_status status = ps_store_open(STATE, NULL, &store, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        int64_t form = count_in_state("PRAGMA user_version");
        assert_true(form == 7 || form == newest);
        failed_old += form == 7;
    }
    assert_true(n > 10 && failed_old > 5);
    assert_int_equal(count_of(store, "SELECT sum(length(listings)) / 28 FROM listing_pages"), PEOPLE / 2);
    ps_store_close(store);
}

// ---- damage that SQLite does not see

static void expect_damaged(const char *sql)
{
    static bool some[PEOPLE];
    char id[37];
    ps_listings listings = {0};
    ps_error err = {.status = PS_OK};

    remove_state();
    some[3] = some[4] = true;
    ps_store *store = open_store();
    for (unsigned n = 1; n <= 2; n++)
        assert_ok(prepare(store, &(test_run){.number = n, .as_of = DAY, .job = &nightly}, some, &err), &err);
    id_of(1, id);
    assert_ok(ps_store_settle(store, id, &err), &err);
    execute(store, sql);
    ps_store_close(store);

    store = open_store();
    id_of(2, id);
    ps_status read = ps_store_listings(store, &nightly, DAY, &listings, &err);
    ps_status settled = ps_store_settle(store, id, &err);
    assert_true(read == PS_INPUT || strstr(sql, "run_listed_pages") != NULL);
    assert_int_equal(settled, PS_INPUT);
    assert_non_null(strstr(err.text, "damaged"));
    ps_listings_done(&listings);
    ps_store_close(store);
}

// Nobody may stand in two pages.
static void test_damaged_order(void **state)
{
    (void)state;

    expect_damaged("INSERT INTO listing_pages SELECT x'80000000000000000000000000000000', listings, sum "
                   "FROM listing_pages");
}

static void test_damage(void **state)
{
    (void)state;

    expect_damaged("UPDATE listing_pages SET listings = zeroblob(length(listings))");
    expect_damaged("UPDATE listing_pages SET listings = x''");
    expect_damaged("UPDATE listing_pages SET listings = substr(listings, 1, length(listings) - 28)");
    expect_damaged("UPDATE listing_pages SET sum = zeroblob(16)");
    expect_damaged("UPDATE run_listed_pages SET keys = zeroblob(length(keys))");
    expect_damaged("UPDATE run_listed_pages SET keys = substr(keys, 2)");
}

// ---- much at once

static int look_into(sqlite3 *other)
{
    return sqlite3_exec(other, "SELECT count(*) FROM listing_pages", NULL, NULL, NULL);
}

// Many people go into the file once, which nobody else reads meanwhile; whoever does so already holds nothing up.
static void test_bulk(void **state)
{
    static bool all[PEOPLE];
    const test_run first = {.number = 1, .as_of = DAY, .job = &nightly},
                   second = {.number = 2, .as_of = DAY + 1, .job = &nightly};
    sqlite3 *other = NULL;
    ps_error err;
    (void)state;

    memset(all, true, sizeof all);
    ps_store *store = open_store();
    assert_int_equal(sqlite3_open(STATE, &other), SQLITE_OK);
    assert_ok(prepare(store, &first, all, &err), &err);
    assert_int_equal(look_into(other), SQLITE_BUSY);
    ps_store_close(store);
    assert_int_equal(look_into(other), SQLITE_OK);
    assert_int_equal(access(STATE "-journal", F_OK), -1);

    assert_int_equal(sqlite3_exec(other, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(look_into(other), SQLITE_OK);
    store = open_store();
    assert_ok(prepare(store, &second, all, &err), &err);
    assert_int_equal(look_into(other), SQLITE_OK);
    ps_store_close(store);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static ps_store_fate published(void *context, const char *run_id, const char *directory)
{
    (void)context;
    (void)run_id;
    (void)directory;
    return PS_STORE_PUBLISHED;
}

// The first run of a state and the one after it, which write in different ways.
static void run_until_killed(const bool *all)
{
    for (unsigned turn = 1;; turn = turn % 2 + 1) {
        const test_run run = {.number = turn, .as_of = DAY + (ps_day)turn, .job = &nightly};
        char id[37];
        ps_error err;
        if (turn == 1) remove_state();
        ps_store *store = open_store();
        id_of(turn, id);
        if (prepare(store, &run, all, &err) != PS_OK || ps_store_settle(store, id, &err) != PS_OK) _exit(1);
        ps_store_close(store);
    }
}

// A run's people are all in the state or none of them.
static void expect_one_day(void)
{
    ps_listings listings = {0};
    ps_error err;
    ps_store *store = open_store();

    assert_ok(ps_store_recover(store, published, NULL, &err), &err);
    assert_ok(ps_store_listings(store, &other_job, DAY + 9, &listings, &err), &err);
    assert_true(listings.count == 0 || (listings.count == PEOPLE && listings.days_count == 1));
    ps_listings_done(&listings);
    ps_store_close(store);
}

static void test_killed(void **state)
{
    static bool all[PEOPLE];
    unsigned seed = 5;
    (void)state;

    memset(all, true, sizeof all);
    for (int round = 0; round < 12; round++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) run_until_killed(all); // does not return
        usleep(2000 + next_number(&seed) % 60000);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        expect_one_day();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bulk, begin_empty),
        cmocka_unit_test_setup(test_killed, begin_empty),
        cmocka_unit_test_setup(test_as_single_rows, begin_empty),
        cmocka_unit_test_setup(test_emptied, begin_empty),
        cmocka_unit_test_setup(test_only_changes_are_written, begin_empty),
        cmocka_unit_test_setup(test_old_state, begin_empty),
        cmocka_unit_test_setup(test_old_state_without_memory, begin_empty),
        cmocka_unit_test_setup(test_damage, begin_empty),
        cmocka_unit_test_setup(test_damaged_order, begin_empty),
    };
    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
