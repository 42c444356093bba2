#ifndef PS_MAIL_RULES_H
#define PS_MAIL_RULES_H

// How the address rules are applied in one job, and what is known of domains and names: made once, then only read.

#include "base/hash.h"
#include "base/prefetch.h"
#include "mail/glance.h"
#include "presend/address.h"

// What is known of a domain, as stored in an index: a kind, and a number that the kind gives a meaning.
typedef enum ps_known_kind {
    PS_KNOWN_NOTHING,
    PS_KNOWN_GOOD, // a real mail provider; number: its line in the provider table of key.c, or 0
    PS_KNOWN_TYPO, // a slip of the fingers; number: its line in `typos`
    PS_KNOWN_DISPOSABLE, // a throw-away provider
} ps_known_kind;

typedef struct ps_known {
    ps_known_kind kind;
    uint32_t number;
} ps_known;

// A domain that others may be slips of, with what the comparison needs first.
typedef struct ps_typo_target {
    ps_span domain;
    uint32_t letters; // bit n: the letter 'a' + n occurs
} ps_typo_target;

enum {
    PS_TYPO_TARGETS_MAX = 64, // the known-good list is short, and each costs time per unknown domain
    PS_TYPO_TABLE_MAX = 64,
    PS_ROLE_FILTER_WORDS = 128, // a hundred roles: of the names of people, one in a hundred passes by chance
};

struct ps_address_rules {
    bool legacy_carrier_quoted, special_use_all, tld_any, jis_source;
    char *special_use_text; // owns what `special_use` points into
    ps_span *special_use;
    size_t special_use_count;
    ps_index tlds, domains, roles;
    uint64_t role_filter[PS_ROLE_FILTER_WORDS]; // bits of ends and lengths that some role has
    ps_typo_target targets[PS_TYPO_TARGETS_MAX]; // the most common first
    size_t targets_count;
    ps_span typos[PS_TYPO_TABLE_MAX]; // what is meant
    size_t typos_count;
    ps_glance_each *glance_each; // the form for this machine
    ps_memo *memo;
};

ps_known ps_rules_domain(const ps_address_rules *rules, ps_span host);
bool ps_rules_is_tld(const ps_address_rules *rules, ps_span label);

// Most names are told from all roles by their ends and their length. `name` is not empty.
static inline size_t ps_role_bit(ps_span name)
{
    size_t first = (unsigned char)name.bytes[0], last = (unsigned char)name.bytes[name.len - 1];

    return (first + last * 37 + name.len * 257) % ((size_t)PS_ROLE_FILTER_WORDS * 64);
}

static inline bool ps_rules_may_be_role(const ps_address_rules *rules, ps_span name)
{
    size_t bit = name.len == 0 ? 0 : ps_role_bit(name);

    return (rules->role_filter[bit / 64] >> bit % 64 & 1) != 0;
}

typedef enum ps_role { PS_ROLE_NONE, PS_ROLE_SHARED, PS_ROLE_SYSTEM } ps_role;
ps_role ps_rules_role(const ps_address_rules *rules, ps_span name);

// typo.c: the domain that `host` is probably a slip of, or an empty span. `tld_known` is false when its ending does not
// exist.
ps_span ps_typo_nearest(const ps_address_rules *rules, ps_span host, bool tld_known);
// Only names long enough not to be near a stranger by chance are compared by distance.
bool ps_typo_is_target(ps_span domain);
ps_typo_target ps_typo_target_of(ps_span domain);

// key.c: the provider table's line for a domain, 0 for none.
uint32_t ps_provider_count(void);
ps_span ps_provider_domain(uint32_t number);
bool ps_provider_ignores_dots(uint32_t number);

// A caller with many cells parses them in three steps, each for some cells before the next: the first looks at the cell
// and asks for where its domain may be known, the second for what is known there, the third is ps_address_parse() of
// the same cell, which does not wait for memory any more.
static inline void ps_address_glance_each(const ps_address_rules *rules, const ps_cells *cells, ps_glance *out)
{
    rules->glance_each(rules->memo, cells, out);
}

static inline ps_glance ps_address_glance(const ps_address_rules *rules, ps_span cell)
{
    const ps_cells one = {.first = &cell, .count = 1};
    ps_glance glance;

    ps_address_glance_each(rules, &one, &glance);
    return glance;
}

PS_PREFETCHING void ps_address_prefetch(const ps_address_rules *rules, const ps_glance *glance)
{
    if (glance->plain.local_len > 0) ps_memo_prefetch_entry(rules->memo, glance->hash);
}

ps_findings ps_address_parse_glanced(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                     ps_arena *arena, ps_address *out);
// The same, where it is not ordinary: see below.
ps_findings ps_address_parse_unlike(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                    ps_arena *arena, ps_address *out);

// The third step for a caller that writes out no forms of a cell that is all forms of its address as it stands, with
// nothing to be said of it, as most are. Bit n: cell n is such a one, and numbers[n] is its domain's. All others, also
// those with a domain that is not known yet, are for ps_address_parse_glanced(). Up to 64 cells.
uint64_t ps_address_ordinary(const ps_address_rules *rules, const ps_cells *cells, const ps_glance *glances,
                             uint32_t *numbers);

#endif
