#ifndef PS_STORE_DOMAIN_RECORD_H
#define PS_STORE_DOMAIN_RECORD_H

// One domain as it is stored: what is known of it, in a page (store/domain_pages.h), or what changed, in the log
// (store/domain_log.h). Domains are told apart by 64 bits of a hash, which is what they are sorted by: two of a million
// share one by a chance of 1 : 10^7, and then one of them is asked about in every run, since names are compared too.

#include <stdbool.h>

#include "facts/domain_cache.h"
#include "presend/facts.h"

// The parts that a record has. One without any says nothing.
enum {
    PS_RECORD_ANSWER = 1 << 0,
    PS_RECORD_NO_MAIL = 1 << 1, // the answer is not "takes mail"
    PS_RECORD_UNSURE = 1 << 2, // nobody has vouched for the answer yet; in the log only
    PS_RECORD_FAILURES = 1 << 3, // in the log: so many more
    PS_RECORD_PAST = 1 << 4
};

enum {
    PS_RECORD_NAME_MAX = 255,
    PS_RECORD_SERVERS_MAX = 1536, // PS_DOMAIN_SERVERS_MAX names of 253 octets and the blanks between
    PS_RECORD_WARNINGS_MAX = 16, // a domain has three or four
    PS_DOMAIN_RECORD_BYTES = 64 + PS_RECORD_NAME_MAX + PS_RECORD_SERVERS_MAX + PS_RECORD_WARNINGS_MAX
};

typedef struct ps_domain_record {
    uint64_t key;
    unsigned parts;
    // An answer. Times are seconds since 1970, until 2106.
    uint8_t reason, sources;
    uint16_t resolvers; // their number
    uint32_t ttl_s, checked_s, expires_s;
    ps_span servers;
    ps_findings warnings;
    uint32_t failures, first_failed_s;
    ps_span name; // of an answer or of failures
    // PS_PAST_ bits of runs since the day `past_since`, and before it.
    uint8_t past, past_before;
    ps_day past_since;
} ps_domain_record;

static inline uint64_t ps_domain_key(ps_span name)
{
    return ps_domain_cache_key(name);
}

// The parts as bytes; the key is kept beside them. `out` has PS_DOMAIN_RECORD_BYTES. Gives their number.
size_t ps_domain_record_write(const ps_domain_record *record, char *out);

// The other way round, but for the key; texts are borrowed from `bytes`. False: nobody wrote these bytes.
bool ps_domain_record_read(ps_span bytes, ps_domain_record *out);

// What is known of a domain once `change`, which nobody need have vouched for if `vouched`, came about.
void ps_domain_record_apply(const ps_domain_record *change, bool vouched, ps_domain_record *to);

// What it is good for.
ps_cached ps_domain_record_kind(const ps_domain_record *record, int64_t now_s);

// No more is known than of one that nobody ever saw.
bool ps_domain_record_is_empty(const ps_domain_record *record);

#endif
