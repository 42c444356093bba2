#ifndef PS_MAIL_MEMO_H
#define PS_MAIL_MEMO_H

// What the rules make of a domain, kept: most of what is to be said of an address is said of its domain. What is kept
// is a function of the domain's bytes alone, so no answer depends on it.
//
// Bounded: once it is full, nothing new is kept. Any number of threads may find and add without waiting for each other.

#include <stdatomic.h>
#include <stdint.h>

#include "base/prefetch.h"
#include "mail/memo_entry.h"
#include "mail/memo_key.h"
#include "presend/arena.h"
#include "presend/reason.h"

enum {
    PS_MEMO_SLOTS = 1 << 18,
    PS_MEMO_UNIT_MASK = (1 << 25) - 1, // of a slot: where its entry begins
};

// One domain, as it stands behind the `@` of a plain local part.
typedef struct ps_memo_domain {
    ps_span text; // as written; ASCII in lower case
    bool usable; // false: an address with it must take the long way
    bool refused; // nothing but the findings is to be said of an address with it
    uint8_t minds; // see below
    uint32_t provider; // its line in the provider table of key.c, or 0
    ps_findings findings;
    ps_span host; // in A-labels, lower case
    ps_span unicode; // with U-labels; empty where it is the host
    ps_span meant; // the domain that it is probably a slip of, or empty
    ps_span provider_key; // where it does not depend on the local part, else empty
} ps_memo_domain;

typedef struct ps_memo {
    // Where the slot's entry begins, in units from 1, below the first bits of its hash, so that nearly always the one
    // entry that is looked at is the right one; 0: none.
    _Atomic uint32_t *slots;
    char *units;
    void *pages; // where both are
    // Who adds a domain writes what is below, and every look-up of all threads reads what is above: in one line of the
    // cache, each domain that is first met would take it from all of them.
    char apart[64];
    _Atomic uint32_t units_used, count;
} ps_memo;

ps_status ps_memo_new(ps_memo **out, ps_error *err);
void ps_memo_free(ps_memo *memo); // NULL is fine

// NULL when it is not kept. `key` is of the text. What is found lives as long as the memo.
const ps_memo_entry *ps_memo_find(const ps_memo *memo, ps_span text, const ps_memo_key *key);

// The same, which most often is the entry that is likely.
static inline const ps_memo_entry *ps_memo_find_from(const ps_memo *memo, const ps_memo_entry *likely, ps_span text,
                                                     const ps_memo_key *key)
{
    bool same = likely->text_len == text.len && text.len <= PS_MEMO_WORDS_BYTES &&
                ps_memo_words_same(&key->words, (ps_span){likely->bytes, text.len});

    return same ? likely : ps_memo_find(memo, text, key);
}

// Keep a copy of `domain`; `key` is of its text, or found it in lower case. Returns what is kept now, which may be what
// another thread added first; NULL when there is no room.
const ps_memo_entry *ps_memo_add(ps_memo *memo, const ps_memo_domain *domain, const ps_memo_key *key);

// An entry that is not kept, and has no number: it lives as long as the arena.
const ps_memo_entry *ps_memo_make(ps_arena *arena, const ps_memo_domain *domain);

bool ps_memo_has_room(const ps_memo *memo); // for an eighth of all that it may keep

static inline ps_memo_entry *ps_memo_entry_at(const ps_memo *memo, uint32_t unit)
{
    return (ps_memo_entry *)(void *)(memo->units + (size_t)unit * PS_MEMO_UNIT);
}

static inline uint32_t ps_memo_unit_of(uint32_t slot)
{
    return slot & PS_MEMO_UNIT_MASK;
}

static inline uint32_t ps_memo_slot_of(uint32_t unit, uint64_t hash)
{
    return unit | ((uint32_t)(hash >> 32) & ~(uint32_t)PS_MEMO_UNIT_MASK);
}

// The slot may be of a text with this hash.
static inline bool ps_memo_slot_fits(uint32_t slot, uint64_t hash)
{
    return ps_memo_slot_of(ps_memo_unit_of(slot), hash) == slot;
}

// A look-up in three steps, with time between them: ask for where it begins, then see what stands there and ask for
// that, then see whether it is the text.
PS_PREFETCHING void ps_memo_prefetch(const ps_memo *memo, uint64_t hash)
{
    __builtin_prefetch(&memo->slots[hash % PS_MEMO_SLOTS]);
}

// The first slot beyond the home of a hash that fits it; 0: there is none.
uint32_t ps_memo_slot_beyond(const ps_memo *memo, uint64_t hash);

// The one entry that may be of a text with this hash and length; nobody's, without a text, where there is none.
static inline const ps_memo_entry *ps_memo_likely(const ps_memo *memo, uint64_t hash, size_t len)
{
    uint32_t slot = atomic_load_explicit(&memo->slots[hash % PS_MEMO_SLOTS], memory_order_acquire);

    if (slot != 0 && !ps_memo_slot_fits(slot, hash)) slot = ps_memo_slot_beyond(memo, hash);
    const ps_memo_entry *entry = ps_memo_entry_at(memo, ps_memo_unit_of(slot));
    __builtin_prefetch(entry);
    __builtin_prefetch(entry->bytes + len - 1); // of three entries, one reaches over the end of its line
    return entry;
}

// It is of this text; of a long text it does not say.
static inline bool ps_memo_is(const ps_memo_entry *likely, ps_span text)
{
    bool may_be = likely->text_len == text.len && text.len <= PS_MEMO_WORDS_BYTES;

    return may_be && ps_memo_short_same(likely->bytes, text.bytes, text.len);
}

// All entries that were made, one after the other, while nobody adds; `before` is NULL at first. NULL at the end.
const ps_memo_entry *ps_memo_next(const ps_memo *memo, const ps_memo_entry *before);

#endif
