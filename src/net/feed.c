#include "net/feed.h"

#include <assert.h>

#include "base/memory.h"

ps_status ps_feed_open(ps_feed *feed, ps_error *err)
{
    feed->items = ps_memory_new(PS_FEED_DOMAINS, sizeof *feed->items, err);
    if (feed->items == NULL) return PS_RETRY;
    if (pthread_mutex_init(&feed->mutex, NULL) == 0) {
        if (pthread_cond_init(&feed->offered, NULL) == 0) return PS_OK;
        pthread_mutex_destroy(&feed->mutex);
    }
    ps_memory_free(feed->items);
    feed->items = NULL;
    return ps_error_set(err, PS_RETRY, "The system has no room for another lock.");
}

void ps_feed_done(ps_feed *feed)
{
    pthread_cond_destroy(&feed->offered);
    pthread_mutex_destroy(&feed->mutex);
    ps_memory_free(feed->items);
    feed->items = NULL;
}

static void lock(ps_feed *feed)
{
    int failed = pthread_mutex_lock(&feed->mutex);
    assert(failed == 0); // only of a lock that is none
    (void)failed; // unused without asserts
}

static void unlock(ps_feed *feed)
{
    pthread_mutex_unlock(&feed->mutex);
}

void ps_feed_offer(ps_feed *feed, uint32_t number, ps_span name)
{
    assert(name.len < PS_DNS_NAME_SIZE);
    lock(feed);
    if (feed->count < PS_FEED_DOMAINS && !feed->closed) {
        ps_feed_item *item = &feed->items[feed->count++];
        item->number = number;
        memcpy(item->name, name.bytes, name.len);
        item->name[name.len] = '\0';
        pthread_cond_signal(&feed->offered);
    }
    unlock(feed);
}

// With the lock held.
static bool take(ps_feed *feed, ps_feed_item *out)
{
    if (feed->count == 0 || feed->closed) return false;
    size_t place = ps_random_16(&feed->random) % feed->count;
    *out = feed->items[place];
    feed->items[place] = feed->items[--feed->count];
    return true;
}

bool ps_feed_take(ps_feed *feed, ps_feed_item *out)
{
    lock(feed);
    bool found = take(feed, out);
    unlock(feed);
    return found;
}

bool ps_feed_await(ps_feed *feed, ps_feed_item *out)
{
    lock(feed);
    while (feed->count == 0 && !feed->closed)
        pthread_cond_wait(&feed->offered, &feed->mutex);
    bool found = take(feed, out);
    unlock(feed);
    return found;
}

bool ps_feed_has_more(ps_feed *feed)
{
    lock(feed);
    bool more = feed->count > 0 && !feed->closed;
    unlock(feed);
    return more;
}

void ps_feed_close(ps_feed *feed)
{
    lock(feed);
    feed->closed = true;
    pthread_cond_signal(&feed->offered);
    unlock(feed);
}

bool ps_feed_is_closed(ps_feed *feed)
{
    lock(feed);
    bool closed = feed->closed;
    unlock(feed);
    return closed;
}
