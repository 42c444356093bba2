// layer: store
#include <sqlite3.h>

#include "store/suppressions.h"
#include "store_fixture.h"

// Pages of lists that wait in the state for the next process.

enum { START = 1790000000 };

static ps_stored_entry entry_of(const char *address)
{
    return (ps_stored_entry){.text = ps_span_of(address), .class = PS_CLASS_HARD, .created_s = START - 1};
}

static void change_file(const char *sql)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static uint64_t count_entries(ps_store *store)
{
    ps_stored_source source;
    bool found = false;
    ps_error err;

    assert_ok(ps_store_source(store, "mailgun-jp", &source, &found, &err), &err);
    assert_true(found && source.list_count == 1);
    return source.lists[0].count;
}

// Pages that waited for the next process are not taken on trust: a bit may have flipped in them meanwhile.
static void test_spoilt_pages(void **state)
{
    static const char *const changes[] = {
        "UPDATE suppression_waiting SET entries = CAST(replace(entries, 'zoe@', 'zof@') AS BLOB)",
        "UPDATE suppression_waiting SET entries = substr(entries, 1, length(entries) - 1)",
        "UPDATE suppression_waiting SET entries = zeroblob(0)",
        "UPDATE suppression_waiting SET number = 1",
        "UPDATE suppression_waiting SET run = -1",
        "UPDATE suppression_waiting SET run = 1 << 40",
        "DELETE FROM suppression_waiting",
        "UPDATE suppression_readings SET sum = x'00000000000000000000000000000001'",
        "UPDATE suppression_readings SET pages = 2",
        "UPDATE suppression_readings SET ended = 1",
    };
    const ps_stored_entry one = entry_of("Ann@Example.jp"), two = entry_of("zoe@example.net");
    const ps_stored_entry both[] = {one, two, one}; // one of them comes twice
    ps_intake_change change;
    ps_error err;
    (void)state;

    for (size_t i = 0; i <= PS_COUNT_OF(changes); i++) {
        print_message("  %s\n", i < PS_COUNT_OF(changes) ? changes[i] : "as they were written");
        begin_empty(NULL);
        ps_store *store = open_store();
        ps_store_intake *intake = open_intake(store, START);
        ps_reading reading = {.list = "bounces"};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        const ps_intake_page page = {.entries = both, .count = 3, .token = "more", .first = true};
        assert_ok(ps_store_reading_page(intake, &reading, &page, &err), &err);
        ps_store_intake_close(intake);
        ps_store_close(store);
        if (i < PS_COUNT_OF(changes)) change_file(changes[i]);
        store = open_store();
        intake = open_intake(store, START + 60);
        reading = (ps_reading){.list = "bounces"};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        assert_string_equal(reading.token, "more");
        assert_int_equal(reading.ended, i < PS_COUNT_OF(changes) && strstr(changes[i], "ended") != NULL);
        const ps_intake_page last = {.entries = &one, .count = 1};
        if (!reading.ended) assert_ok(ps_store_reading_page(intake, &reading, &last, &err), &err);
        ps_status status = ps_store_intake_apply(intake, &(ps_intake_accept){0}, &change, &err);
        assert_int_equal(status, i < PS_COUNT_OF(changes) ? PS_SOURCE : PS_OK);
        if (status != PS_OK) assert_non_null(strstr(err.text, "not those that were written"));
        ps_store_intake_close(intake);
        intake = open_intake(store, START + 120);
        reading = (ps_reading){.list = "bounces"};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        assert_string_equal(reading.token, ""); // from the beginning
        ps_store_intake_close(intake);
        assert_int_equal(count_entries(store), status == PS_OK ? 2 : 0);
        ps_store_close(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_spoilt_pages, begin_empty),
    };

    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
