#ifndef PS_MAIL_RULES_H
#define PS_MAIL_RULES_H

// How the address rules are applied in one job, and what is known of domains and names: made once, then only read.

#include "base/hash.h"
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

enum {
    PS_TYPO_TARGETS_MAX = 64, // the known-good list is short, and each costs time per unknown domain
    PS_TYPO_BYTES_MAX = 64, // longer names are no provider's
    PS_TYPO_TABLE_MAX = 64,
    PS_ROLE_FILTER_WORDS = 128, // a hundred roles: of the names of people, one in a hundred passes by chance
    PS_DOMAIN_FILTER_WORDS = 1 << 12, // ten thousand domains: of others, one in twenty-five passes by chance
};

// The domains that others may be slips of, the most common first, and as bits which of them a name may be near: most
// names are near none, which takes less than a look at each.
typedef struct ps_typo_targets {
    struct {
        ps_span domain;
        uint32_t letters; // bit n: the letter 'a' + n occurs
    } each[PS_TYPO_TARGETS_MAX];
    size_t count;
    uint64_t with_letter['z' - 'a' + 1]; // bit n: it occurs in the n-th of them
    uint64_t about_as_long[PS_TYPO_BYTES_MAX + 1]; // bit n: a name of this length may be the n-th of them
} ps_typo_targets;

struct ps_address_rules {
    bool legacy_carrier_quoted, special_use_all, tld_any, jis_source;
    char *special_use_text; // owns what `special_use` points into
    ps_span *special_use;
    size_t special_use_count;
    ps_index tlds, domains, roles;
    uint64_t role_filter[PS_ROLE_FILTER_WORDS]; // bits of ends and lengths that some role has
    uint64_t domain_filter[PS_DOMAIN_FILTER_WORDS]; // bits of hashes that some domain has: it fits into the near cache
    ps_typo_targets targets;
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
void ps_typo_add_target(ps_typo_targets *targets, ps_span domain);

// key.c: the provider table's line for a domain, 0 for none.
uint32_t ps_provider_count(void);
ps_span ps_provider_domain(uint32_t number);
bool ps_provider_ignores_dots(uint32_t number);

// A caller with many cells looks at some of them before it parses each: what is known of their domains comes from far
// memory, and so comes for all of them at once. Bit n of what this returns: cell n is ordinary, that is, all forms of
// its address as it stands, and nothing is to be said of it, as of most; numbers[n] is its domain's. A caller that
// writes out no forms is done with it. Up to 64 cells.
uint64_t ps_address_look(const ps_address_rules *rules, const ps_cells *cells, ps_glance *glances, uint32_t *numbers);

// ps_address_parse() of a cell that was looked at.
ps_findings ps_address_parse_glanced(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                     ps_arena *arena, ps_address *out);
// The same, where it is not ordinary.
ps_findings ps_address_parse_unlike(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                    ps_arena *arena, ps_address *out);

#endif
