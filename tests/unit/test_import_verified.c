// Results of verification services: who of them is removed, and what leaves a doubt.
// layer: esp
#include <fcntl.h>
#include <sys/stat.h>

#include "esp/verification.h"
#include "unit/import_file.h"

#define FIXTURE(name) PS_TEST_FOLDER "/esp/" name

static const struct {
    const char *file, *declared, *format;
    uint64_t removed;
    const char *list; // of dead@example.com
    const char *harmful; // one of them, or NULL
} cases[] = {
    {"zerobounce.csv", NULL, "zerobounce results", 5, "undeliverable", "bob@example.com"},
    {"zerobounce.csv", "zerobounce", "zerobounce results", 5, "undeliverable", "toxic@example.com"},
    {"neverbounce.csv", NULL, "neverbounce results", 2, "undeliverable", "trap@example.com"},
    {"neverbounce_numbers.csv", NULL, "neverbounce results", 2, "undeliverable", "trap@example.com"},
    {"kickbox.csv", NULL, "kickbox results", 1, "undeliverable", NULL},
    {"bouncer.csv", NULL, "bouncer results", 2, "undeliverable", "trap@example.com"},
    {"bouncer_plain.csv", NULL, "bouncer results", 1, "undeliverable", NULL},
    {"bouncer_plain.csv", "bouncer", "bouncer results", 1, "undeliverable", NULL},
    {"millionverifier.csv", NULL, "millionverifier results", 2, "undeliverable", "trap@example.com"},
    {"captainverify.csv", NULL, "captainverify results", 1, "undeliverable", NULL},
};

static void assert_verified(const import_test *test, const char *key, const char *list)
{
    const ps_suppressed *found = import_find(test, key);

    assert_non_null(found);
    assert_int_equal(found->strongest, PS_CLASS_VERIFIED);
    assert_string_equal(found->list, list);
}

static void test_services(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char path[400];
        snprintf(path, sizeof path, FIXTURE("%s"), cases[i].file);
        print_message("  %s\n", cases[i].file);
        ps_source_config config = import_config(path);
        config.format = cases[i].declared;
        assert_ok(import_run(test, &config), &test->err);
        assert_string_equal(test->out.format, cases[i].format);
        assert_int_equal(test->out.entries[PS_CLASS_VERIFIED], cases[i].removed);
        assert_int_equal(import_total(test), cases[i].removed);
        assert_verified(test, "dead@example.com", cases[i].list);
        if (cases[i].harmful != NULL) assert_verified(test, cases[i].harmful, "harmful");
        assert_null(import_find(test, "alice@example.com"));
        assert_null(import_find(test, "slow@example.com"));
        assert_null(import_find(test, "full@example.com"));
        assert_null(import_find(test, "sales@example.com"));
    }
}

static const struct {
    const char *name, *content, *format, *says;
} refusals[] = {
    {"a status that is not known", "email,email_status\na@example.jp,valid\nb@example.jp,superb\n", NULL,
     "line 3 has a status"},
    {"columns of two services", "email,email_status,result,quality\na@example.jp,valid,ok,good\n", NULL,
     "of two verification services"},
    {"another service than declared", "email,email_status\na@example.jp,valid\n", "kickbox",
     "does not have the columns"},
    {"two columns of addresses", "email,recipient,email_status\na@example.jp,b@example.jp,valid\n", NULL,
     "several of its columns could be the addresses"},
    {"no column of addresses", "who,email_status\na@example.jp,valid\n", NULL, "no column that is known"},
    {"no results", "email,email_status\n", NULL, "no entry"},
    {"no addresses", "email,email_status\nalice,invalid\nbob,invalid\n", NULL, "are no address"},
    {"rows of another width", "email,email_status\na@example.jp,valid\nb@example.jp\n", NULL, "are no address"},
};

static void test_refusals(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(refusals); i++) {
        print_message("  %s\n", refusals[i].name);
        ps_source_config config = import_config(import_write(test, ps_span_of(refusals[i].content), ""));
        config.format = refusals[i].format;
        assert_int_equal(import_run(test, &config), PS_SOURCE);
        assert_non_null(strstr(test->err.text, refusals[i].says));
    }
}

// Nobody has to be undeliverable, and the user's own columns say nothing.
static void test_nobody(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(
        test, ps_span_of("email_status,reason,email,status\nvalid,complaint,a@example.jp,unsubscribed\n"), ""));

    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 0);
    assert_int_equal(test->out.unreadable, 0);
}

// After ninety days results say nothing; the day is the one that the job judges on.
static void test_age(void **state)
{
    import_test *test = *state;
    const ps_day written = ps_day_of(2026, 8, 1);
    const struct timespec times[2] = {{written * INT64_C(86400), 0}, {written * INT64_C(86400), 0}};
    ps_source_config config =
        import_config(import_write(test, ps_span_of("email,email_status\na@example.jp,invalid\n"), ""));

    assert_int_equal(utimensat(AT_FDCWD, test->path, times, 0), 0);
    config.as_of = written + PS_VERIFIED_GOOD_DAYS;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 1);
    assert_int_equal(test->out.expired, 0);
    config.as_of++;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 0);
    assert_int_equal(test->out.expired, 1);

    // The job may know better how old they are, and how long they are good for.
    config.dated = config.as_of - PS_VERIFIED_GOOD_DAYS;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 1);
    config.max_age_s = (PS_VERIFIED_GOOD_DAYS - 1) * 86400;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.expired, 1);
    config.dated = 0;
    config.max_age_s = (PS_VERIFIED_GOOD_DAYS + 1) * 86400;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_services, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_nobody, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_age, import_setup, import_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
