#ifndef PS_NET_DNS_H
#define PS_NET_DNS_H

// The live resolver: whether a domain can receive mail, asked of the system's or the job's DNS resolvers. It fills in
// facts/resolver.h; the engine behind it can be replaced without its users knowing.
//
// One thread: one of its own while the list is being read, where begin() was called, then the caller's. No name is sent
// that is not a domain of A-labels with at least one dot. A failure is never `no_mail`, and a `no_mail` that rests on
// "there is no such thing" takes two answers that agree.

#include "facts/resolver.h"
#include "presend/job.h"

typedef struct ps_dns ps_dns;

// How patiently and how politely. The defaults are for the live network; tests shorten them.
typedef struct ps_dns_options {
    uint32_t timeout_ms[3]; // the least patience at the first, second and third attempt; slow resolvers get more
    uint32_t confirm_ms; // before the same resolver is asked to confirm a negative answer
    uint32_t servfail_ms; // before the same resolver is asked again what it failed or refused
    uint32_t down_ms; // silence of every resolver after which the run gives up
    uint32_t canary_ms; // between looks at what the resolvers are worth
    uint32_t rate; // queries a second and resolver; 0: by the kind of its address, and as it does
    bool unthrottled; // no rate at all; loopback resolvers only
    uint32_t in_flight_max; // unanswered queries per resolver, at most
    uint32_t sockets; // per resolver; from PS_UPSTREAM_SOCKETS on as many more as the window needs
    uint32_t buffer_bytes; // receive buffer of each; 0: the system's default
    const char *resolv_conf;
    const char *doh_ca_file; // whom to trust besides, as PEM; NULL: the system's authorities alone
    uint32_t doh_timeout_ms; // for one question by HTTPS
} ps_dns_options;

void ps_dns_options_init(ps_dns_options *options);

// Takes the resolvers of the job, or the system's. PS_CONFIG for one that is no address; PS_RETRY when there is none
// or no socket can be had. `job` must outlive it. No packet is sent yet.
ps_status ps_dns_open(const ps_job *job, ps_dns **out, ps_error *err);
ps_status ps_dns_open_with(const ps_job *job, const ps_dns_options *options, ps_dns **out, ps_error *err);

// The first resolver that only hands on what it is asked, as the user knows it; NULL: none.
const char *ps_dns_forwarder(const ps_dns *dns);

// `out` borrows `dns`, and must stay where it is as long: its progress members and its cache, which are the caller's to
// set, are read there.
void ps_dns_resolver(ps_dns *dns, ps_resolver *out);

// How it went until now, all resolvers together.
typedef struct ps_dns_health {
    uint64_t queries, answers, timeouts;
    uint64_t drops; // answers that this machine had no room for
    uint64_t late; // answers that nobody waited for any more, or never had
    uint64_t spoofs; // queries that so many wrong answers came to that somebody was guessing
    uint64_t authentic; // answers that DNSSEC vouches for, by a resolver on this machine or by HTTPS
} ps_dns_health;
void ps_dns_health_of(const ps_dns *dns, ps_dns_health *out);

void ps_dns_close(ps_dns *dns); // NULL is fine

#endif
