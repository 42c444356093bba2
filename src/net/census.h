#ifndef PS_NET_CENSUS_H
#define PS_NET_CENSUS_H

// What DNS says of the domains of a run, gathered answer by answer. Each answer says which questions it gives rise to;
// a mail server that many domains name is asked for once. A domain is judged, told and forgotten as soon as everything
// is known that its verdict needs, so that memory goes with what is under way.

#include "base/hash.h"
#include "facts/domains.h"
#include "net/ask.h"
#include "net/verdict.h"

enum { PS_CENSUS_FEW = 6 }; // mail servers; hardly any domain has more

// One domain that is under way.
typedef struct ps_census_domain {
    const char *name; // NULL: a free place
    char *own; // the name where it is not the client's
    uint32_t number; // the client's
    uint32_t next; // that waits for the same host; of a free place: the next free one
    uint32_t ttl_s;
    ps_dns_lookup mx;
    bool open; // an answer about its mail servers is still to come
    bool waiting; // for a host
    bool prior; // an earlier run was told that there is nothing: one answer of the two that this takes
    bool null_pref, cut;
    uint8_t targets_count;
    uint32_t few[PS_CENSUS_FEW];
    uint32_t *targets; // numbers of hosts, where there are more than a few; NULL: `few`
    char *servers; // their names, as the cache keeps them; NULL: none, or nobody wants them
} ps_census_domain;

// One mail server, or a domain that is its own.
typedef struct ps_census_host {
    ps_dns_host host;
    uint8_t requested; // what was asked already, bits PS_DNS_NEED_
    uint32_t waiters; // the first domain that waits for it
} ps_census_host;

typedef struct ps_census {
    ps_ask *ask; // takes the questions
    const ps_dns_view *view; // what verdicts are given by
    // Takes a verdict. `answer->domain` and its servers are borrowed.
    ps_status (*tell)(void *context, uint32_t number, const ps_domain_answer *answer, ps_error *err);
    void *context;
    bool wants_servers; // verdicts are told with the names of the mail servers
    ps_census_domain *domains;
    size_t domains_count, domains_capacity;
    uint32_t free; // the first free one, or PS_INDEX_NONE
    ps_census_host *hosts;
    size_t hosts_count, hosts_capacity;
    ps_index names; // of hosts
    // What one domain is judged by, while it is: too much to be cleared for each.
    ps_dns_host judged[PS_DNS_MX_MAX];
    uint32_t targets[PS_DNS_MX_MAX];
    uint64_t begun, answered, failed; // domains asked for; whose verdict is known, or is unknown
} ps_census;

// `ask` and `view` are borrowed until closing.
void ps_census_open(ps_ask *ask, const ps_dns_view *view, ps_census *out);
void ps_census_close(ps_census *census); // a zeroed one is fine

typedef struct ps_census_entry {
    uint32_t number;
    const char *name;
    char *own; // freed when the domain is told; NULL: `name` stays until then
    bool prior;
} ps_census_entry;

// A domain, and the first question about it. Without memory `entry->own` is freed.
ps_status ps_census_begin(ps_census *census, const ps_census_entry *entry, ps_question *out, ps_error *err);

// An answer has come: note it, ask on, tell what is settled.
ps_status ps_census_add(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                        ps_error *err);

// The client's number of the domain whose mail servers a question is after; PS_INDEX_NONE: it is after something else.
uint32_t ps_census_domain_of(const ps_census *census, const ps_question *question);

// Nothing more will come: what is still under way is judged by what is known of it.
ps_status ps_census_finish(ps_census *census, ps_error *err);

#endif
