// Domains from one thread to another: none twice, none changed, and nobody waits.
// layer: net
// labels: threads

#include "net/feed.h"

#include <sched.h>
#include <stdio.h>

#include "assert.h"

enum { DOMAINS = 20000 };

static void name_of(uint32_t number, char out[PS_DNS_NAME_SIZE])
{
    snprintf(out, PS_DNS_NAME_SIZE, "d%u.example.jp", number);
}

typedef struct test_reader {
    ps_feed *feed;
    unsigned char seen[DOMAINS];
    unsigned count, wrong;
} test_reader;

static void *read_all(void *context)
{
    test_reader *reader = context;
    char name[PS_DNS_NAME_SIZE];
    ps_feed_item item;

    while (!ps_feed_is_closed(reader->feed)) {
        if (!ps_feed_has_more(reader->feed) || !ps_feed_take(reader->feed, &item)) continue;
        name_of(item.number, name);
        reader->wrong += strcmp(name, item.name) != 0 || reader->seen[item.number]++ != 0;
        reader->count++;
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    static test_reader reader;
    ps_feed feed = {.count = 0};
    char name[PS_DNS_NAME_SIZE];
    pthread_t thread;
    ps_error err;

    (void)state;
    reader.feed = &feed;
    assert_int_equal(ps_feed_open(&feed, &err), PS_OK);
    assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
    for (uint32_t i = 0; i < DOMAINS; i++) {
        name_of(i, name);
        ps_feed_offer(&feed, i, ps_span_of(name));
    }
    ps_feed_close(&feed);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(reader.wrong, 0);
    assert_true(reader.count <= DOMAINS);
    ps_feed_done(&feed);
}

static void *await_two(void *context)
{
    test_reader *reader = context;
    ps_feed_item item;

    while (ps_feed_await(reader->feed, &item))
        reader->count += item.number;
    return NULL;
}

// Who waits is woken by what comes, and by the end.
static void test_await(void **state)
{
    static test_reader reader;
    ps_feed feed = {.count = 0};
    pthread_t thread;
    ps_error err;

    (void)state;
    reader.feed = &feed;
    assert_int_equal(ps_feed_open(&feed, &err), PS_OK);
    assert_int_equal(pthread_create(&thread, NULL, await_two, &reader), 0);
    for (uint32_t i = 1; i <= 2; i++) {
        ps_feed_offer(&feed, i, ps_span_of("example.jp"));
        while (ps_feed_has_more(&feed))
            sched_yield();
    }
    ps_feed_close(&feed);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(reader.count, 3);
    ps_feed_done(&feed);
}

// What there is no room for is left out, and what is closed gives nothing.
static void test_bounds(void **state)
{
    static unsigned char seen[PS_FEED_DOMAINS];
    ps_feed feed = {.count = 0};
    ps_feed_item item;
    ps_error err;
    unsigned count = 0;

    (void)state;
    assert_int_equal(ps_feed_open(&feed, &err), PS_OK);
    assert_false(ps_feed_take(&feed, &item));
    for (uint32_t i = 0; i < PS_FEED_DOMAINS + 10; i++)
        ps_feed_offer(&feed, i, ps_span_of("example.jp"));
    for (; ps_feed_take(&feed, &item); count++) {
        assert_true(item.number < PS_FEED_DOMAINS);
        assert_int_equal(seen[item.number]++, 0);
    }
    assert_int_equal(count, PS_FEED_DOMAINS);
    ps_feed_offer(&feed, 1, ps_span_of("example.jp"));
    ps_feed_close(&feed);
    assert_false(ps_feed_take(&feed, &item));
    ps_feed_offer(&feed, 2, ps_span_of("example.jp"));
    assert_false(ps_feed_has_more(&feed));
    ps_feed_done(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_await),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
