#ifndef PS_MAIL_MEMO_H
#define PS_MAIL_MEMO_H

// What the rules make of a domain, kept: most of what is to be said of an address is said of its domain. What is kept
// is a function of the domain's bytes alone, so no answer depends on it.
//
// Bounded: once it is full, nothing new is kept. Any number of threads may find and add without waiting for each other.

#include <stdatomic.h>
#include <stdint.h>

#include "base/prefetch.h"
#include "mail/memo_key.h"
#include "presend/arena.h"
#include "presend/reason.h"

enum {
    PS_MEMO_UNIT = 4, // each entry begins at a multiple
    PS_MEMO_SLOTS = 1 << 19, // of the first table, which is enough for ten million people
    PS_MEMO_MORE_SLOTS = 1 << 20 // of the second: no memory until there is no place in the first
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

// The same as it is kept: of most there is nothing to say but the text and its number, 23 bytes on average.
typedef struct ps_memo_entry {
    uint32_t number : 20; // from 1, in the order in which they came
    bool usable : 1, refused : 1, as_written : 1, has_more : 1; // as_written: the host is the text
    uint8_t text_len, provider;
    uint8_t minds; // the marks of a cell (PS_PLAIN_*) with which not all forms are the cell as it stands
    char bytes[]; // the text
} ps_memo_entry;

// What is behind the text of few: the texts that it has lengths of stand behind it in their order.
typedef struct ps_memo_more {
    ps_findings findings __attribute__((packed, aligned(PS_MEMO_UNIT)));
    uint16_t unicode_len, provider_key_len;
    uint8_t host_len, meant_len; // the host is not written out where it is the text
} ps_memo_more;

typedef struct ps_memo {
    _Atomic uint32_t *slots; // where the slot's entry begins, in units from 1; 0: none. Half as much as pointers
    _Atomic uint32_t *more_slots; // the second table
    char *units;
    void *pages; // where all three are
    _Atomic uint32_t units_used, count;
} ps_memo;

ps_status ps_memo_new(ps_memo **out, ps_error *err);
void ps_memo_free(ps_memo *memo); // NULL is fine

// ps_memo_find() without its first look.
const ps_memo_entry *ps_memo_search(const ps_memo *memo, ps_span text, const ps_memo_key *key);

// Keep a copy of `domain`; `key` is of its text, or found it in lower case. Returns what is kept now, which may be what
// another thread added first; NULL when there is no room.
const ps_memo_entry *ps_memo_add(ps_memo *memo, const ps_memo_domain *domain, const ps_memo_key *key);

bool ps_memo_is_full(const ps_memo *memo);
bool ps_memo_is_half_full(const ps_memo *memo);

static inline ps_memo_entry *ps_memo_entry_at(const ps_memo *memo, uint32_t unit)
{
    return (ps_memo_entry *)(void *)(memo->units + (size_t)unit * PS_MEMO_UNIT);
}

// NULL when it is not kept. `key` is of the text. What is found lives as long as the memo.
static inline const ps_memo_entry *ps_memo_find(const ps_memo *memo, ps_span text, const ps_memo_key *key)
{
    uint32_t unit = atomic_load_explicit(&memo->slots[key->hash % PS_MEMO_SLOTS], memory_order_acquire);
    const ps_memo_entry *entry = ps_memo_entry_at(memo, unit); // unit 0 is nobody's, and has no text

    // Most often it stands there, and the words are all of it.
    bool same = entry->text_len == text.len && text.len <= PS_MEMO_WORDS_BYTES &&
                ps_memo_words_same(&key->words, (ps_span){entry->bytes, text.len});
    return same ? entry : ps_memo_search(memo, text, key);
}

// ps_memo_find() of a text that stands at its home; NULL when it does not, or is long.
static inline const ps_memo_entry *ps_memo_find_home(const ps_memo *memo, ps_span text, uint64_t hash)
{
    uint32_t unit = atomic_load_explicit(&memo->slots[hash % PS_MEMO_SLOTS], memory_order_acquire);
    const ps_memo_entry *entry = ps_memo_entry_at(memo, unit); // unit 0 is nobody's, and has no text

    if (entry->text_len != text.len || text.len > PS_MEMO_WORDS_BYTES) return NULL;
    return ps_memo_short_same(entry->bytes, text.bytes, text.len) ? entry : NULL;
}

// Ask for the memory that ps_memo_find will look at, in two steps with time between them: first where it begins to
// look, then what it finds there.
PS_PREFETCHING void ps_memo_prefetch(const ps_memo *memo, uint64_t hash)
{
    __builtin_prefetch(&memo->slots[hash % PS_MEMO_SLOTS]);
}

PS_PREFETCHING void ps_memo_prefetch_entry(const ps_memo *memo, uint64_t hash)
{
    uint32_t unit = atomic_load_explicit(&memo->slots[hash % PS_MEMO_SLOTS], memory_order_relaxed);

    __builtin_prefetch(ps_memo_entry_at(memo, unit));
}

// All entries that were made, one after the other, while nobody adds; `before` is NULL at first. NULL at the end.
const ps_memo_entry *ps_memo_next(const ps_memo *memo, const ps_memo_entry *before);

static inline size_t ps_memo_more_offset(size_t text_len)
{
    const size_t align = _Alignof(ps_memo_more);

    return (offsetof(ps_memo_entry, bytes) + text_len + align - 1) & ~(align - 1);
}

// NULL where there is no more.
static inline const ps_memo_more *ps_memo_more_of(const ps_memo_entry *entry)
{
    const char *at = (const char *)entry + ps_memo_more_offset(entry->text_len);

    return entry->has_more ? (const ps_memo_more *)(const void *)at : NULL;
}

static inline ps_findings ps_memo_findings(const ps_memo_entry *entry)
{
    return entry->has_more ? ps_memo_more_of(entry)->findings : 0;
}

static inline ps_span ps_memo_host(const ps_memo_entry *entry)
{
    if (entry->as_written) return (ps_span){entry->bytes, entry->text_len};
    const ps_memo_more *more = ps_memo_more_of(entry); // what is not as written has more
    return (ps_span){(const char *)(more + 1), more->host_len};
}

// These are empty where there is no more.
ps_span ps_memo_unicode(const ps_memo_entry *entry);
ps_span ps_memo_meant(const ps_memo_entry *entry);
ps_span ps_memo_provider_key(const ps_memo_entry *entry);

#endif
