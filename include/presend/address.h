#ifndef PRESEND_ADDRESS_H
#define PRESEND_ADDRESS_H

#include <stdint.h>

#include "presend/arena.h"
#include "presend/reason.h"
#include "presend/span.h"
#include "presend/status.h"

/** Longest address SMTP can carry in bytes: a 256-byte path less its brackets (RFC 5321 4.5.3.1.3). */
#define PS_ADDRESS_BYTES_MAX 254

/** Longest cell that is taken apart at all; a longer one is `address_too_long` without further work. */
#define PS_ADDRESS_CELL_BYTES_MAX 4096

/** No domain has a number as high; more domains than get one of their own. */
#define PS_DOMAIN_NUMBERS (1 << 18)

/** An address taken apart. Spans point into the cell or the arena, or are empty: never free them. */
typedef struct ps_address {
    ps_span ascii; /**< as it can be sent, domain as A-labels; empty when the local part is not ASCII, or on remove */
    ps_span unicode; /**< the same with the domain as U-labels, for display; empty on remove */
    ps_span deliverable; /**< `ascii`, or a non-ASCII local part with an A-label domain: what an output cell holds */
    ps_span domain; /**< A-label form, lower case; part of `key`; empty on remove */
    ps_span key; /**< the match key that lists and duplicates are compared on; empty on remove */
    ps_span provider_key; /**< the key of the mailbox at providers that ignore dots or tags; `key` elsewhere */
    ps_span suggestion; /**< an address that was probably meant; never applied by itself */
    uint32_t domain_number; /**< the same for the same `domain` of these rules, below PS_DOMAIN_NUMBERS; 0: it has none.
                               One domain may have several, so count by it, but do not compare */
    const char *detail; /**< libidn2's error name for domain_idna_invalid, else NULL; static storage */
} ps_address;

/** How the address rules are applied: one per job, read-only once made; safe on any thread. */
typedef struct ps_address_rules ps_address_rules;

typedef struct ps_address_options {
    bool legacy_carrier_quoted; /**< output form of old carrier addresses: "a..b"@docomo.ne.jp rather than
                                   a..b@docomo.ne.jp */
    bool special_use_all; /**< allow every special-use domain: for tests and samples */
    const ps_span
        *special_use; /**< special-use domains to allow, such as `example.com`; an entry covers the names below it */
    size_t special_use_count;
    ps_span tld_list; /**< text of a TLD list, one name a line, `#` comments; empty: the embedded list */
    bool tld_any; /**< take any ending: no list of TLDs is asked */
    bool jis_source; /**< the cells come from a JIS family charset: U+00A5 and U+203E mean \ and ~ */
} ps_address_options;

/** PS_INPUT when the TLD list holds no name; PS_RETRY without memory. `options` may be NULL and is not kept. */
ps_status ps_address_rules_new(const ps_address_options *options, ps_address_rules **out, ps_error *err);
void ps_address_rules_free(ps_address_rules *rules);

/**
 * Whether the rules, which keep what they learn of domains up to a bound, can still learn some: if not, new ones are
 * better for other cells.
 */
bool ps_address_rules_have_room(const ps_address_rules *rules);

/**
 * Take one CSV cell apart.
 *
 * A bad address is data, not an error: it comes back as findings, and `out` holds whatever the rules give
 * for that verdict. At most one finding of effect `remove` is set; holds and notes are set beside it as they apply.
 *
 * @param rules  from ps_address_rules_new()
 * @param cell   the cell's text as UTF-8 (not yet checked), untrimmed, any length
 * @param arena  receives rewritten bytes only; an address that is already clean costs nothing, once its domain is known
 * @return       the findings, 0 when nothing is to be said. Cannot fail. Safe on any thread.
 */
ps_findings ps_address_parse(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out);

/** A domain that these rules gave a number. */
typedef struct ps_numbered_domain {
    ps_span name; /**< as in ps_address.domain; it lives as long as the rules */
    uint32_t number; /**< as in ps_address.domain_number */
    bool respelt; /**< it is the number of another spelling than the name's own, which may have one besides */
    const void *place; /**< where the next one is looked for */
} ps_numbered_domain;

/** The next of them, in any order, from a zeroed one on; false at the end. While no address is taken apart. */
bool ps_address_domain_next(const ps_address_rules *rules, ps_numbered_domain *domain);

/** The number of the domain that is written as its name, which is as in ps_address.domain; 0: it has none. */
uint32_t ps_address_domain_number(const ps_address_rules *rules, ps_span name);

/**
 * The same address at the domain that was meant, where the table of slips knows its domain (gmail.co: gmail.com); else
 * empty. It is text to be parsed as any other: what was odd about the local part still is.
 */
ps_span ps_address_fixed(const ps_address_rules *rules, const ps_address *address, ps_arena *arena);

#endif
