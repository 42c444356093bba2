#ifndef PS_FACTS_DOMAINS_H
#define PS_FACTS_DOMAINS_H

// What DNS, or a snapshot of it, says of each domain. Built by one thread, then read by all.

#include "base/buf.h"
#include "base/intern.h"
#include "presend/facts.h"
#include "presend/run.h"

typedef struct ps_domains {
    ps_intern names; // A-labels, lower case
    ps_domain_fact *facts; // by number
    uint64_t *rows; // by number: rows of the domain in the list, as the survey counted (most rows are asked first), in
                    // the end as they were judged
    size_t capacity;
    // Only where somebody wants them (ps_domains_keep_servers): the names of mail servers, best first.
    bool keeps_servers;
    ps_intern server_texts; // hosts with a blank between; many domains share one
    uint32_t *servers; // by the domain's number; PS_INDEX_NONE: none
    size_t servers_capacity;
} ps_domains;

enum { PS_DOMAIN_SERVERS_MAX = 5 }; // that are kept; senders try no more

// What is to be known of a domain beside its fact.
typedef struct ps_domain_answer {
    ps_span domain; // A-label, lower case
    ps_domain_fact fact;
    ps_span servers; // its mail servers, best first, with a blank between; at most PS_DOMAIN_SERVERS_MAX
    int64_t checked_s; // when DNS said so, in seconds since 1970
    uint32_t ttl_s; // of the answer; of one that says "nothing": the lesser of the SOA's TTL and minimum (RFC 2308)
    uint8_t sources; // answers that agree
} ps_domain_answer;

ps_status ps_domains_open(ps_domains *out, ps_error *err);
void ps_domains_close(ps_domains *domains); // a zeroed one is fine

// The domain's number; a new one starts as PS_MAIL_UNKNOWN, not_checked.
ps_status ps_domains_add(ps_domains *domains, ps_span name, uint32_t *out, ps_error *err);

uint32_t ps_domains_number(const ps_domains *domains, ps_span name); // PS_INDEX_NONE: it was never added

// What is known of a domain; one that was never added is not_checked. Never NULL.
const ps_domain_fact *ps_domains_find(const ps_domains *domains, ps_span name);
const ps_domain_fact *ps_domains_fact(const ps_domains *domains, uint32_t number); // PS_INDEX_NONE is fine

// From now on keep the names of mail servers; while there is no domain yet.
ps_status ps_domains_keep_servers(ps_domains *domains, ps_error *err);

// The fact of a domain, and its mail servers where they are kept. Where the fact says no operator, it is the one that
// the domain belongs to or that the best server names. `past` is what was known before, joined with the answer's.
ps_status ps_domains_put(ps_domains *domains, uint32_t number, const ps_domain_answer *answer, ps_error *err);

ps_span ps_domains_servers(const ps_domains *domains, uint32_t number); // empty: none, or not kept

// Who takes the mail of a domain, known or not; `domains` may be NULL.
ps_operator ps_domains_taker(const ps_domains *domains, ps_span name);

// Fill from a snapshot: CSV with columns domain,verdict,reason,operator,mx,checked_at (the first two needed; verdicts
// deliverable, no_mail, unknown; reasons are wire names of stage DOMAIN). PS_MISSING when it is not there; PS_INPUT,
// with file and line, for an unknown verdict or reason, a name that is no domain, a domain with two verdicts, a
// checked_at that is no date, or no entry at all.
ps_status ps_snapshot_load(const char *path, ps_domains *domains, ps_run_mx *out, ps_error *err);

// Where a snapshot goes.
typedef struct ps_snapshot_file {
    int fd;
    const char *path; // as messages name it
} ps_snapshot_file;

// The other way round: every domain that was checked, in the order of the names.
ps_status ps_snapshot_write(const ps_domains *domains, const ps_snapshot_file *to, ps_error *err);

// The same line by line: the names of the columns, and one domain.
void ps_snapshot_add_head(ps_buf *out);
void ps_snapshot_add(const ps_domain_answer *answer, ps_buf *out);

const char *ps_mail_verdict_word(ps_mail_verdict verdict); // deliverable no_mail unknown

#endif
