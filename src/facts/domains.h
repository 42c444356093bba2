#ifndef PS_FACTS_DOMAINS_H
#define PS_FACTS_DOMAINS_H

// What DNS, or a snapshot of it, says of each domain. Built by one thread, then read by all.

#include "base/intern.h"
#include "presend/facts.h"
#include "presend/run.h"

typedef struct ps_domains {
    ps_intern names; // A-labels, lower case
    ps_domain_fact *facts; // by number
    uint64_t *rows; // by number: rows of the domain, as the survey counted; most rows are asked first
    size_t capacity;
} ps_domains;

ps_status ps_domains_open(ps_domains *out, ps_error *err);
void ps_domains_close(ps_domains *domains); // a zeroed one is fine

// The domain's number; a new one starts as PS_MAIL_UNKNOWN, not_checked.
ps_status ps_domains_add(ps_domains *domains, ps_span name, uint32_t *out, ps_error *err);

// What is known of a domain; one that was never added is not_checked. Never NULL.
const ps_domain_fact *ps_domains_find(const ps_domains *domains, ps_span name);

// Fill from a snapshot: CSV with columns domain,verdict,reason,operator,mx,checked_at (the first two needed; verdicts
// deliverable, no_mail, unknown; reasons are wire names of stage DOMAIN). PS_MISSING when it is not there; PS_INPUT,
// with file and line, for an unknown verdict or reason, a name that is no domain, a domain with two verdicts, a
// checked_at that is no date, or no entry at all.
ps_status ps_snapshot_load(const char *path, ps_domains *domains, ps_run_mx *out, ps_error *err);

#endif
