#ifndef PS_NET_DNS_STATE_H
#define PS_NET_DNS_STATE_H

// What dns.c, which goes through a run, dns_feed.c, which asks while the list is being read, and dns_watch.c, which
// looks after the resolvers and tells how far it is, have in common. For these three only.

#include "net/canary.h"
#include "net/census.h"
#include "net/dns.h"
#include "net/feed.h"
#include "net/plan.h"
#include "net/record.h"

struct ps_dns {
    const ps_job *job;
    ps_dns_options options;
    ps_ask *ask;
    ps_resolver *resolver; // whose progress is told, whose cache is kept
    const volatile int *stop;

    ps_domains *domains; // NULL while the list is being read
    ps_plan plan;
    ps_census census;
    ps_record record;
    ps_canaries canaries;
    uint64_t canaries_ms; // when they were sent last
    ps_dns_view view;
    ps_dns_trust worst; // how far the resolvers could be believed at any time of the run
    bool canaries_out; // they are on their way among the others
    bool opened; // the books are
    bool prepared, down;

    ps_feed feed;
    bool feeding; // the feed is open, and its thread runs once something is in it
    bool running;
    pthread_t thread;
    ps_status feed_status;
    ps_error feed_err;
    ps_ask_end feed_end;
    uint32_t *taken; // numbers of domains that came by the feed
    size_t taken_count, taken_capacity;
    ps_dns_health before; // this run

    ps_resolver_progress told;
    uint64_t told_ms, told_queries; // where the rate is measured from
};

// ---- dns.c

// Ready to look domains up in the cache, and to write down what is said of them; once in a run.
ps_status ps_dns_open_books(ps_dns *dns, ps_error *err);
// Nobody is asked about a domain before the resolvers have shown what they are worth.
ps_status ps_dns_prepare(ps_dns *dns, const volatile int *stop, ps_error *err);
// The end of a question, as ps_ask_client wants it; `context` is the ps_dns.
ps_status ps_dns_take_answer(void *context, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                             ps_error *err);

// ---- dns_feed.c

// The resolver's functions of these names.
ps_status ps_dns_begin(void *context, const volatile int *stop, ps_error *err);
void ps_dns_offer(void *context, uint32_t number, ps_span name);
// The thread that asks while the list is read comes to an end, whatever it was about.
void ps_dns_join_feed(ps_dns *dns);

// ---- dns_watch.c

ps_status ps_dns_ask_canaries(ps_dns *dns, uint64_t now_ms, ps_error *err);
// How the resolvers do in the middle of a run, or at its end.
ps_status ps_dns_look_at_canaries(ps_dns *dns, bool last, ps_error *err);
// What was said since somebody vouched for it is doubted; of several doubts the report tells the worst.
ps_status ps_dns_note_doubt(ps_dns *dns, ps_dns_trust trust, ps_error *err);
void ps_dns_look_around(ps_dns *dns); // what verdicts are given by
void ps_dns_tell_progress(ps_dns *dns);
// About ten times a second, as ps_ask_client wants it.
ps_status ps_dns_tick(void *context, uint64_t now_ms, ps_error *err);

#endif
