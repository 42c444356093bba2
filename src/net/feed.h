#ifndef PS_NET_FEED_H
#define PS_NET_FEED_H

// Domains on their way from the thread that reads the list to the one that asks DNS. Bounded, and lossy on purpose:
// who reads never waits for DNS. What does not fit is asked for once the list is known to its end.

#include <pthread.h>

#include "net/dns_wire.h"
#include "net/random.h"
#include "presend/status.h"

enum { PS_FEED_DOMAINS = 4096 }; // what a resolver takes in seconds; those that come often come early

typedef struct ps_feed_item {
    uint32_t number;
    char name[PS_DNS_NAME_SIZE];
} ps_feed_item;

typedef struct ps_feed {
    pthread_mutex_t mutex;
    pthread_cond_t offered; // or closed
    ps_feed_item *items;
    size_t count;
    bool closed;
    ps_random random;
} ps_feed;

ps_status ps_feed_open(ps_feed *feed, ps_error *err);
void ps_feed_done(ps_feed *feed); // after it was opened

void ps_feed_offer(ps_feed *feed, uint32_t number, ps_span name);
// Any of them: neighbours in a list are often one operator's. False: there is none now.
bool ps_feed_take(ps_feed *feed, ps_feed_item *out);
// The same, but waits for one. False: no more comes.
bool ps_feed_await(ps_feed *feed, ps_feed_item *out);
bool ps_feed_has_more(ps_feed *feed);

void ps_feed_close(ps_feed *feed); // no more comes
bool ps_feed_is_closed(ps_feed *feed);

#endif
