// layer: store
#include "store_fixture.h"

enum { DAY = 20000 };

static void test_own_file(void **state)
{
    struct stat info;
    (void)state;

    mode_t mask = umask(0);
    ps_store_close(open_store());
    umask(mask);
    assert_int_equal(stat(STATE, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(stat("." STATE ".lock", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

// The key of the digests is made once and kept.
static void test_key(void **state)
{
    static const unsigned char zeros[PS_LISTING_KEY_BYTES];
    ps_listings first = {0}, second = {0};
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    assert_ok(ps_store_listings(store, &nightly, DAY, &first, &err), &err);
    ps_store_close(store);
    store = open_store();
    assert_ok(ps_store_listings(store, &nightly, DAY, &second, &err), &err);
    ps_store_close(store);
    assert_memory_equal(first.key, second.key, sizeof first.key);
    assert_memory_not_equal(first.key, zeros, sizeof zeros);
    ps_listings_done(&first);
    ps_listings_done(&second);
}

static void test_history(void **state)
{
    ps_run_history history;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    assert_ok(ps_store_history(store, &nightly, DAY, &history, &err), &err);
    assert_int_equal(history.count, 0);
    assert_int_equal(history.last_as_of, PS_DAY_NONE);

    for (unsigned i = 0; i < 7; i++)
        add_run(store, &(test_run){.number = i, .as_of = DAY + (ps_day)i, .rows = 100 + i, .bounced = i});
    add_run(store,
            &(test_run){
                .number = 20, .as_of = DAY + 5, .rows = 999, .bounced = 9, .duplicates = 400}); // the same day again
    add_run(store, &(test_run){.number = 21, .as_of = DAY + 5, .rows = 5, .job = &other_job});
    assert_ok(ps_store_history(store, &nightly, DAY + 6, &history, &err), &err);
    assert_int_equal(history.count, PS_RUN_PAST_MAX);
    assert_int_equal(history.last_as_of, DAY + 5); // the last that was recorded, not the latest day
    assert_int_equal(history.runs[0].as_of, DAY + 5);
    assert_int_equal(history.runs[0].rows, 999);
    assert_int_equal(history.runs[0].removed[PS_REASON_SUPPRESSED_BOUNCE], 9);
    assert_int_equal(history.runs[0].verdict[PS_VERDICT_REMOVED], 9);
    assert_int_equal(history.runs[0].verdict[PS_VERDICT_CLEAN], 590);
    assert_int_equal(history.runs[0].addresses, 599);
    assert_int_equal(history.runs[1].addresses, history.runs[1].rows);
    assert_int_equal(history.runs[4].as_of, DAY + 1);
    assert_int_equal(history.runs[4].removed[PS_REASON_SUPPRESSED_BOUNCE], 1);

    const ps_store_job spring = {.name = nightly.name, .campaign = "spring"};
    assert_ok(ps_store_history(store, &spring, DAY + 6, &history, &err), &err);
    assert_int_equal(history.count, 0);
    ps_store_close(store);
}

// A run that is not settled counts for nothing.
static void test_prepared_only(void **state)
{
    ps_run_history history;
    ps_store_found found;
    char id[37];
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    id_of(1, id);
    assert_ok(prepare_run(store, &(test_run){.number = 1, .as_of = DAY, .rows = 9, .count = 2}, &err), &err);
    assert_ok(ps_store_history(store, &nightly, DAY + 1, &history, &err), &err);
    assert_int_equal(history.count, 0);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 0).listed_at, PS_DAY_NONE);
    assert_int_equal(ps_store_find(store, id, &found, &err), PS_MISSING);
    assert_non_null(strstr(err.text, id));
    assert_ok(ps_store_drop(store, id, &err), &err);
    assert_ok(ps_store_settle(store, id, &err), &err); // comes too late
    assert_int_equal(ps_store_find(store, id, &found, &err), PS_MISSING);
    ps_store_close(store);
}

static ps_store_fate look(void *context, const char *run_id, const char *directory)
{
    static const ps_store_fate fates[] = {PS_STORE_PUBLISHED, PS_STORE_WAITS, PS_STORE_GONE, PS_STORE_PUBLISHED};
    unsigned *asked = context;

    assert_string_equal(directory, "/srv/out");
    (*asked)++;
    return fates[run_id[35] - '0'];
}

static void test_recover(void **state)
{
    unsigned asked = 0;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    for (unsigned i = 0; i < 4; i++)
        assert_ok(prepare_run(store, &(test_run){.number = i, .as_of = DAY, .first = i, .count = 1, .rows = 9}, &err),
                  &err);
    assert_ok(ps_store_recover(store, look, &asked, &err), &err);
    assert_int_equal(asked, 4);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 0).listed_at, DAY);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 1).listed_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 2).listed_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 3).listed_at, DAY);
    asked = 0;
    assert_ok(ps_store_recover(store, look, &asked, &err), &err);
    assert_int_equal(asked, 1); // the one that waits
    ps_store_close(store);
}

static void test_listings(void **state)
{
    ps_store_found found;
    char id[37];
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    add_run(store, &(test_run){.number = 1, .as_of = DAY, .first = 1, .count = 2, .rows = 9});
    // The same day again by the same job lists the same people again; another job must not.
    assert_int_equal(listing_of(store, &nightly, DAY, 1).listed_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &other_job, DAY, 1).listed_at, DAY);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 2).listed_at, DAY);
    assert_int_equal(listing_of(store, &nightly, DAY + 1, 3).listed_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY - 1, 1).listed_at, PS_DAY_NONE); // judged as of a day before it

    id_of(1, id);
    assert_ok(ps_store_find(store, id, &found, &err), &err);
    assert_int_equal(found.as_of, DAY);
    assert_int_equal(found.listed, 2);
    assert_string_equal(found.timezone, "Asia/Tokyo");
    assert_ok(ps_store_mark_sent(store, id, DAY + 3, &err), &err);
    assert_int_equal(listing_of(store, &nightly, DAY + 2, 1).sent_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY + 3, 1).sent_at, DAY + 3);
    assert_ok(ps_store_mark_sent(store, id, DAY + 2, &err), &err); // the slip is put right
    assert_int_equal(listing_of(store, &nightly, DAY + 3, 2).sent_at, DAY + 2);

    // Listed anew, in a spell of its own.
    add_run(store, &(test_run){.number = 2, .as_of = DAY + 300, .first = 1, .count = 1, .rows = 9});
    assert_int_equal(listing_of(store, &nightly, DAY + 301, 1).listed_at, DAY + 300);
    assert_int_equal(listing_of(store, &nightly, DAY + 301, 1).sent_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY + 301, 2).sent_at, DAY + 2);

    // A run of an earlier day that is published late takes nothing back.
    add_run(store, &(test_run){.number = 3, .as_of = DAY + 100, .first = 1, .count = 1, .rows = 9});
    assert_int_equal(listing_of(store, &nightly, DAY + 301, 1).listed_at, DAY + 300);
    ps_store_close(store);
}

static void test_retain(void **state)
{
    ps_run_history history;
    ps_store_found found;
    char id[37];
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    for (unsigned i = 0; i < 4; i++)
        add_run(store, &(test_run){.number = i, .as_of = DAY + 10 * (ps_day)i, .first = i, .count = 1, .rows = 9});
    add_run(store, &(test_run){.number = 9, .as_of = DAY + 40, .rows = 9, .retain_days = 20});
    assert_ok(ps_store_history(store, &nightly, DAY + 41, &history, &err), &err);
    assert_int_equal(history.count, 3);
    assert_int_equal(history.runs[2].as_of, DAY + 20);
    id_of(0, id);
    assert_int_equal(ps_store_find(store, id, &found, &err), PS_MISSING);
    assert_int_equal(listing_of(store, &nightly, DAY + 41, 0).listed_at, DAY); // who was listed outlives the run
    add_run(store, &(test_run){.number = 10, .as_of = DAY + 731, .rows = 9, .retain_days = 20});
    assert_int_equal(listing_of(store, &nightly, DAY + 731, 0).listed_at, PS_DAY_NONE);
    assert_int_equal(listing_of(store, &nightly, DAY + 731, 1).listed_at, DAY + 10);
    ps_store_close(store);
}

static void test_owner(void **state)
{
    ps_store *store = NULL;
    ps_error err;
    (void)state;

    assert_ok(ps_store_open(STATE, "shop-jp", &store, &err), &err);
    ps_store_close(store);
    store = open_store(); // nothing was published yet, so it is nobody's
    add_run(store, &(test_run){.number = 1, .as_of = DAY, .rows = 9, .owner = "shop-jp"});
    ps_store_close(store);
    assert_int_equal(ps_store_open(STATE, "shop-de", &store, &err), PS_CONFIG);
    assert_non_null(strstr(err.text, "shop-jp"));
    assert_non_null(strstr(err.text, "shop-de"));
    assert_int_equal(ps_store_open(STATE, NULL, &store, &err), PS_CONFIG);
    assert_non_null(strstr(err.hint, "owner: shop-jp"));
    assert_ok(ps_store_open(STATE, "shop-jp", &store, &err), &err);
    ps_store_close(store);
}

static void test_one_at_a_time(void **state)
{
    ps_store *second = NULL;
    char pid[32];
    ps_error err;
    (void)state;

    ps_store *first = open_store();
    assert_int_equal(ps_store_open(STATE, NULL, &second, &err), PS_RETRY);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(err.text, pid));
    ps_store_close(first);
    ps_store_close(open_store());
    ps_store_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_own_file, begin_empty),
        cmocka_unit_test_setup(test_key, begin_empty),
        cmocka_unit_test_setup(test_history, begin_empty),
        cmocka_unit_test_setup(test_prepared_only, begin_empty),
        cmocka_unit_test_setup(test_recover, begin_empty),
        cmocka_unit_test_setup(test_listings, begin_empty),
        cmocka_unit_test_setup(test_retain, begin_empty),
        cmocka_unit_test_setup(test_owner, begin_empty),
        cmocka_unit_test_setup(test_one_at_a_time, begin_empty),
    };
    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
