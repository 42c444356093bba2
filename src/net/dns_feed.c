#include <signal.h>

#include "base/memory.h"
#include "net/dns_state.h"

// A domain of the feed, unless the cache knows it: then it is put once the list is known.
static ps_status begin_fed(ps_dns *dns, const ps_feed_item *item, bool *out_asked, ps_question *out, ps_error *err)
{
    const ps_domain_cache *cache = dns->record.cache;
    ps_cached known = PS_CACHED_NOTHING;
    ps_status status = PS_OK;

    if (cache != NULL) status = cache->glance(cache->context, ps_span_of(item->name), &known, err);
    if (status != PS_OK || known == PS_CACHED_FRESH) return status;
    status = ps_memory_grow((void **)&dns->taken, &dns->taken_capacity, dns->taken_count + 1, sizeof *dns->taken, err);
    char *own = status == PS_OK ? ps_memory_text(item->name, err) : NULL;
    if (own == NULL) return PS_RETRY;
    dns->taken[dns->taken_count++] = item->number;
    *out_asked = true;
    ps_census_entry entry = {
        .number = item->number, .name = own, .own = own, .prior = known == PS_CACHED_STALE_NO_MAIL};
    return ps_census_begin(&dns->census, &entry, out, err);
}

static ps_status next_fed(void *context, ps_question *out, bool *out_found, ps_error *err)
{
    ps_dns *dns = context;
    ps_status status = PS_OK;
    ps_feed_item item;

    *out_found = false;
    while (status == PS_OK && !*out_found && ps_feed_take(&dns->feed, &item))
        status = begin_fed(dns, &item, out_found, out, err);
    return status;
}

static bool feed_has_more(void *context)
{
    ps_dns *dns = context;

    return ps_feed_has_more(&dns->feed);
}

static bool feed_is_closed(void *context)
{
    ps_dns *dns = context;

    return ps_feed_is_closed(&dns->feed);
}

// The first domain that the cache does not know. While there is none, not even the resolvers are tried: a list that is
// all known needs no network.
static ps_status find_first(ps_dns *dns, bool *out_found, ps_question *out, ps_error *err)
{
    ps_status status = ps_dns_open_books(dns, err);
    ps_feed_item item;

    *out_found = false;
    while (status == PS_OK && !*out_found && *dns->stop == 0 && ps_feed_await(&dns->feed, &item))
        status = begin_fed(dns, &item, out_found, out, err);
    return status;
}

static ps_status ask_fed(ps_dns *dns, ps_error *err)
{
    const ps_ask_client client = {.context = dns,
                                  .next = next_fed,
                                  .done = ps_dns_take_answer,
                                  .tick = ps_dns_tick,
                                  .more = feed_has_more,
                                  .pause = feed_is_closed};
    ps_question first;
    bool found;
    ps_status status = find_first(dns, &found, &first, err);

    if (status != PS_OK || !found) return status;
    status = ps_dns_prepare(dns, dns->stop, err);
    if (status != PS_OK || dns->down) return status;
    status = ps_ask_add(dns->ask, &first, err);
    return status == PS_OK ? ps_ask_run(dns->ask, &client, dns->stop, UINT64_MAX, &dns->feed_end, err) : status;
}

static void *run_feed(void *context)
{
    ps_dns *dns = context;

    dns->feed_status = ask_fed(dns, &dns->feed_err);
    return NULL;
}

ps_status ps_dns_begin(void *context, const volatile int *stop, ps_error *err)
{
    ps_dns *dns = context;

    dns->stop = stop;
    dns->feed_end = PS_ASK_END_PAUSED;
    ps_status status = ps_feed_open(&dns->feed, err);
    dns->feeding = status == PS_OK;
    return status;
}

// Signals are for the threads that look at `stop`, whoever they are; none is to be woken here for them.
static void start_thread(ps_dns *dns)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    dns->running = pthread_create(&dns->thread, NULL, run_feed, dns) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ps_dns_offer(void *context, uint32_t number, ps_span name)
{
    ps_dns *dns = context;

    if (!dns->feeding || !ps_dns_is_domain(name)) return;
    ps_feed_offer(&dns->feed, number, name);
    if (!dns->running) start_thread(dns); // where the system refuses it, all is asked at the end
}

// The thread that asks while the list is read comes to an end, whatever it was about.
void ps_dns_join_feed(ps_dns *dns)
{
    if (!dns->feeding) return;
    ps_feed_close(&dns->feed);
    if (dns->running) pthread_join(dns->thread, NULL);
    dns->running = dns->feeding = false;
    ps_feed_done(&dns->feed);
}
