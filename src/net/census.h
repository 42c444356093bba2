#ifndef PS_NET_CENSUS_H
#define PS_NET_CENSUS_H

// What DNS has said of the domains of a run: gathered answer by answer, judged at the end. Each answer says which
// questions it gives rise to; a mail server that many domains name is asked for once.

#include "net/ask.h"
#include "net/verdict.h"

// One domain.
typedef struct ps_census_domain {
    ps_dns_lookup mx;
    bool null_pref, cut;
    uint8_t targets_count;
    uint32_t targets; // the first of them
} ps_census_domain;

typedef struct ps_census {
    const ps_domains *domains;
    ps_ask *ask; // takes the questions
    ps_census_domain *items; // by the domain's number
    size_t count;
    uint32_t *targets; // numbers of hosts
    size_t targets_count, targets_capacity;
    ps_intern names; // of hosts, numbered after the kinds of targets that are never asked for
    ps_dns_host *hosts;
    uint8_t *requested; // by host: what was asked already, bits PS_DNS_NEED_
    size_t hosts_count, hosts_capacity, requested_capacity;
    uint64_t answered, failed; // domains whose mail servers are known, or will not be
} ps_census;

// `domains` and `ask` are borrowed until closing.
ps_status ps_census_open(const ps_domains *domains, ps_ask *ask, ps_census *out, ps_error *err);
void ps_census_close(ps_census *census); // a zeroed one is fine

// The first question about a domain.
void ps_census_question(const ps_census *census, uint32_t domain, ps_question *out);

// An answer has come: note it, ask on.
ps_status ps_census_add(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                        ps_error *err);

// As far as is known.
void ps_census_judge(const ps_census *census, uint32_t domain, const ps_dns_view *view, ps_domain_fact *out);

#endif
