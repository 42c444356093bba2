#ifndef PS_FACTS_SUPPRESSION_H
#define PS_FACTS_SUPPRESSION_H

// Everybody who must not be mailed: the entries of all sources, merged by match key. Filled, sealed, then read by
// all. Addresses stand in a roster by hash, each with the number of a fact; entries that say the same share it.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/roster.h"
#include "facts/hashed.h"
#include "presend/facts.h"

typedef struct ps_suppression ps_suppression;

typedef struct ps_suppression_entry {
    uint32_t source; // index in the job
    ps_class class;
    const char *list; // must outlive the set (a literal or the source's own text)
    ps_day date;
    ps_span key; // match key of an address; for a domain entry the A-label domain; of a digest, ps_hashed_key()
    ps_digest_kind digest;
    ps_span provider_key; // of an address; equal to key or empty where the provider has no aliases
    bool domain; // the whole domain, not its subdomains
    bool subdomains; // `*.example.net`: its subdomains only
} ps_suppression_entry;

// What one entry says of `last_bounce`.
static inline ps_day ps_bounce_day(ps_class class, ps_day date)
{
    if (class != PS_CLASS_HARD) return PS_DAY_NONE;
    return date == PS_DAY_NONE ? INT32_MAX : date;
}

ps_status ps_suppression_new(ps_suppression **out, ps_error *err);
void ps_suppression_free(ps_suppression *set);

// Add one entry; a repeated one is merged (strongest class decides what the detail shows). `*out_new` is whether its
// source did not have it yet.
ps_status ps_suppression_add(ps_suppression *set, const ps_suppression_entry *entry, bool *out_new, ps_error *err);

// ---- many at once

// An address on its way into the set, by hash.
typedef struct ps_suppression_item {
    ps_hash key, provider; // the same where the provider has no aliases
    uint32_t fact; // its number
    uint8_t class; // of the entry, for who counts them
    bool is_new; // filled in once it is added: its source did not have it yet
} ps_suppression_item;

// What one entry says.
ps_suppressed ps_suppressed_of(uint32_t source, ps_class class, const char *list, ps_day date);

// An address, of which nothing is said yet. `provider_key` as above.
static inline ps_suppression_item ps_suppression_item_of(ps_span key, ps_span provider_key)
{
    ps_hash hash = ps_hash_of(key);
    bool same = provider_key.bytes == key.bytes || provider_key.len == 0 || ps_span_equal(provider_key, key);

    assert(key.len != 0);
    return (ps_suppression_item){.key = hash, .provider = same ? hash : ps_hash_of(provider_key)};
}

// As ps_suppression_add() for each of them in their order, but none waits for memory alone.
ps_status ps_suppression_add_all(ps_suppression *set, ps_suppression_item *items, size_t count, ps_error *err);

// Several threads may add, each its own source, once it is said how they take turns; NULL: nobody else adds any more.
typedef struct ps_suppression_turn {
    void (*enter)(void *context);
    void (*leave)(void *context);
    void *context;
} ps_suppression_turn;
void ps_suppression_share(ps_suppression *set, const ps_suppression_turn *turn);

// All is added: memory that only adding needs is given back. What is added all the same is found, and takes more.
void ps_suppression_seal(ps_suppression *set);

// How the digests among the entries were made: `out` is what their keys are made by (ps_hashed_key). `key` is taken.
ps_status ps_suppression_hash_by(ps_suppression *set, ps_digest_kind kind, ps_secret *key, const ps_hashing **out,
                                 ps_error *err);
const ps_hashings *ps_suppression_hashings(const ps_suppression *set);

// ---- by hash alone: what a load image holds

#define PS_SUPPRESSION_ALIAS (UINT32_C(1) << 31) // with a fact's number: the hash is of a provider key

typedef struct ps_suppression_pair {
    uint64_t low; // ps_hash.low of the match key
    uint32_t high; // the upper half of ps_hash.high: no more of it is used
    uint32_t fact; // from ps_suppression_fact
} ps_suppression_pair;

// The number of what is known of some entries; the same fact has the same number. `fact->list` as above.
ps_status ps_suppression_fact(ps_suppression *set, const ps_suppressed *fact, uint32_t *out, ps_error *err);

// Room for this many addresses beside those that were expected before. Without it the set grows as it fills, which is
// slower and takes more memory.
ps_status ps_suppression_expect(ps_suppression *set, uint64_t addresses, ps_error *err);

// Add pairs in any order; a repeated one is merged. A spelling that differs from its provider key comes as two pairs.
ps_status ps_suppression_load(ps_suppression *set, const ps_suppression_pair *pairs, size_t count, ps_error *err);

// ---- what is known

// Into `into` what `other` says, too; a zeroed `into` becomes `other`. Associative and commutative.
void ps_suppressed_merge(ps_suppressed *into, const ps_suppressed *other);

// By hash of the match key; of the domain (`domain` is the row's A-label domain, its parents are tried for `*.`
// entries); of the provider key (all spellings of the mailbox, the row's own among them). NULL: not there. Safe on any
// thread once nothing is added any more.
const ps_suppressed *ps_suppression_address(const ps_suppression *set, ps_hash key);
const ps_suppressed *ps_suppression_domain(const ps_suppression *set, ps_span domain);
const ps_suppressed *ps_suppression_alias(const ps_suppression *set, ps_hash provider);

bool ps_suppression_has_domains(const ps_suppression *set);

// Both for one row at the price of one: `*out_address` of its key, `*out_alias` of its provider key.
void ps_suppression_look(const ps_suppression *set, const ps_hash *key, const ps_hash *provider,
                         const ps_suppressed **out_address, const ps_suppressed **out_alias);

uint64_t ps_suppression_count(const ps_suppression *set); // distinct addresses and domains

// Notes that a row of the address or mailbox has come, and gives in `*out_before` whether one had. False: it is not
// there. Only by the owner of the part of the roster. ps_suppression_unsee: none has, from now on.
bool ps_suppression_see(const ps_suppression *set, ps_hash hash, bool *out_before);
void ps_suppression_unsee(const ps_suppression *set);

// Where its addresses stand, by hash of the match key or of the provider key. For those who ask of many rows at once
// which may be there (ps_roster_ask): most are not, and need no more than this. And for those who note there whom
// they have seen: the kinds from PS_SUPPRESSION_KINDS + 1 on are free.
enum { PS_SUPPRESSION_KINDS = 2 };
ps_roster *ps_suppression_roster(const ps_suppression *set);

#endif
