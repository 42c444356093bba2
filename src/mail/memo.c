#include "mail/memo.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "presend/address.h"

enum {
    SLOTS = 1 << 19,
    PROBES_MAX = 16,
    // Beyond it, chains grow. Ten million people have some 120,000 domains; each that is not kept costs the long way.
    DOMAINS_MAX = SLOTS / 2,
    ENTRY_BYTES_MAX = 1024, // most take 64
    LINE_BYTES = 64, // of the cache: each entry begins one
    LINES_MAX = 4 * DOMAINS_MAX,
};

static_assert(DOMAINS_MAX < PS_DOMAIN_NUMBERS, "a number for each");

// Address space, not memory: what is not written to takes none.
#define ROOM_BYTES ((size_t)LINES_MAX * LINE_BYTES)

struct ps_memo {
    // Where the slot's entry begins, in lines from 1; 0: none. Half as much memory as pointers.
    _Atomic uint32_t slots[SLOTS];
    char *lines, *first; // the memory, and where a cache line begins in it
    _Atomic uint32_t lines_used, count;
};

// Three words of a text, from its beginning, its middle and its end. They overlap, and up to THREE_WORDS bytes nothing
// is left out. No branch: lengths are as good as random, and a mispredicted one costs more than all the rest.
typedef struct words {
    uint64_t first, middle, last;
} words;

enum { WORD = 8, THREE_WORDS = 24 };

static uint64_t load(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

// Of a text shorter than a word, bytes before it are read too (PS_MEMO_BYTES_BEFORE) and shifted out again.
static words words_of(ps_span text)
{
    bool is_short = text.len < WORD;
    const char *last = text.bytes + text.len - WORD;
    const char *first = is_short ? last : text.bytes;
    unsigned shift = is_short ? (unsigned)(WORD - text.len) * 8 : 0;
    size_t half = is_short ? 0 : (text.len - WORD) / 2;

    return (words){load(first) >> shift, load(first + half) >> shift, load(last) >> shift};
}

// Multiplications by odd constants: quick, and good enough where a collision costs a comparison.
static uint64_t hash_of(words w, size_t len)
{
    uint64_t hash = w.first * UINT64_C(0x9E3779B97F4A7C15) + (w.middle ^ len) * UINT64_C(0xD6E8FEB86659FD93);

    hash ^= w.last * UINT64_C(0xA0761D6478BD642F) ^ hash >> 31;
    hash *= UINT64_C(0xE7037ED1A0B428DB);
    return hash ^ hash >> 32;
}

// memcmp() for what is most often shorter than a call of it.
static bool is_same(words w, ps_span text, const ps_memo_entry *entry)
{
    words own = words_of((ps_span){entry->bytes, text.len});
    uint64_t different = (w.first ^ own.first) | (w.middle ^ own.middle) | (w.last ^ own.last);

    return different == 0 && (text.len <= THREE_WORDS || memcmp(entry->bytes, text.bytes, text.len) == 0);
}

static bool is_entry_of(const ps_memo_entry *entry, words w, ps_span text)
{
    return entry->text_len == text.len && is_same(w, text, entry);
}

static ps_memo_entry *entry_at(const ps_memo *memo, uint32_t line)
{
    return (ps_memo_entry *)(void *)(memo->first + (size_t)(line - 1) * LINE_BYTES);
}

ps_status ps_memo_new(ps_memo **out, ps_error *err)
{
    ps_memo *memo = ps_memory_new(1, sizeof *memo, err);

    if (memo == NULL) return PS_RETRY;
    memo->lines = ps_memory_new(ROOM_BYTES + LINE_BYTES, 1, err);
    if (memo->lines == NULL) {
        ps_memory_free(memo);
        return PS_RETRY;
    }
    memo->first = (char *)(((uintptr_t)memo->lines + LINE_BYTES - 1) & ~(uintptr_t)(LINE_BYTES - 1));
    *out = memo;
    return PS_OK;
}

void ps_memo_free(ps_memo *memo)
{
    if (memo == NULL) return;
    ps_memory_free(memo->lines);
    ps_memory_free(memo);
}

uint64_t ps_memo_hash(ps_span text)
{
    return hash_of(words_of(text), text.len);
}

const ps_memo_entry *ps_memo_find(const ps_memo *memo, ps_span text, uint64_t hash)
{
    words w = words_of(text);

    for (size_t i = 0; i < PROBES_MAX; i++) {
        uint32_t line = atomic_load_explicit(&memo->slots[(hash + i) % SLOTS], memory_order_acquire);
        if (line == 0) return NULL; // nothing is ever taken out
        const ps_memo_entry *entry = entry_at(memo, line);
        if (is_entry_of(entry, w, text)) return entry;
    }
    return NULL;
}

void ps_memo_prefetch(const ps_memo *memo, uint64_t hash)
{
    __builtin_prefetch(&memo->slots[hash % SLOTS]);
}

void ps_memo_prefetch_entry(const ps_memo *memo, uint64_t hash)
{
    uint32_t line = atomic_load_explicit(&memo->slots[hash % SLOTS], memory_order_relaxed);

    if (line != 0) __builtin_prefetch(memo->first + (size_t)(line - 1) * LINE_BYTES);
}

bool ps_memo_is_full(const ps_memo *memo)
{
    return atomic_load_explicit(&memo->count, memory_order_relaxed) >= DOMAINS_MAX ||
           atomic_load_explicit(&memo->lines_used, memory_order_relaxed) >= LINES_MAX;
}

static size_t lines_of(size_t size)
{
    return (size + LINE_BYTES - 1) / LINE_BYTES;
}

const ps_memo_entry *ps_memo_next(const ps_memo *memo, const ps_memo_entry *before)
{
    const char *at = memo->first;

    if (before != NULL) {
        ps_span last = ps_memo_provider_key(before);
        size_t size = (size_t)(last.bytes + last.len - (const char *)before);
        at = (const char *)before + lines_of(size) * LINE_BYTES;
    }
    const ps_memo_entry *entry = (const ps_memo_entry *)(const void *)at;
    bool inside = at < memo->first + ROOM_BYTES;
    return inside && entry->number != 0 ? entry : NULL; // memory is zero where none was made
}

// The line where an entry of `size` bytes may stand; 0 once there is none.
static uint32_t take_lines(ps_memo *memo, size_t size, uint32_t *out_number)
{
    uint32_t lines = (uint32_t)lines_of(size);

    if (size > ENTRY_BYTES_MAX || ps_memo_is_full(memo)) return 0;
    uint32_t before = atomic_fetch_add_explicit(&memo->count, 1, memory_order_relaxed);
    if (before >= DOMAINS_MAX) return 0; // never: but among threads that pass the check above at the same time
    *out_number = before + 1;
    uint32_t used = atomic_fetch_add_explicit(&memo->lines_used, lines, memory_order_relaxed);
    return used + lines > LINES_MAX ? 0 : used + 1;
}

static void put(char **at, ps_span text)
{
    if (text.len > 0) memcpy(*at, text.bytes, text.len);
    *at += text.len;
}

// Returns its line, or 0.
static uint32_t make_entry(ps_memo *memo, const ps_memo_domain *domain)
{
    bool as_written = ps_span_equal(domain->host, domain->text);
    ps_span host = as_written ? (ps_span){NULL, 0} : domain->host;
    size_t size = sizeof(ps_memo_entry) + domain->text.len + host.len + domain->unicode.len + domain->meant.len +
                  domain->provider_key.len;
    uint32_t number = 0, line = take_lines(memo, size, &number);

    if (line == 0) return 0;
    ps_memo_entry *entry = entry_at(memo, line);
    *entry = (ps_memo_entry){
        .findings = domain->findings,
        .number = number,
        .text_len = (uint8_t)domain->text.len,
        .host_len = (uint8_t)domain->host.len,
        .meant_len = (uint8_t)domain->meant.len,
        .provider = (uint8_t)domain->provider,
        .unicode_len = (uint16_t)domain->unicode.len,
        .provider_key_len = (uint16_t)domain->provider_key.len,
        .usable = domain->usable,
        .as_written = as_written,
        .minds = domain->minds,
    };
    char *at = entry->bytes;
    put(&at, domain->text);
    put(&at, host);
    put(&at, domain->unicode);
    put(&at, domain->meant);
    put(&at, domain->provider_key);
    return line;
}

const ps_memo_entry *ps_memo_add(ps_memo *memo, const ps_memo_domain *domain)
{
    words w = words_of(domain->text);
    uint64_t hash = hash_of(w, domain->text.len);
    uint32_t added = make_entry(memo, domain);

    assert(domain->text.len >= PS_MEMO_TEXT_MIN && domain->text.len <= PS_MEMO_TEXT_MAX);
    for (size_t i = 0; added != 0 && i < PROBES_MAX; i++) {
        uint32_t stands = 0;
        // The release hands the entry's bytes over to whoever finds it.
        if (atomic_compare_exchange_strong_explicit(&memo->slots[(hash + i) % SLOTS], &stands, added,
                                                    memory_order_acq_rel, memory_order_acquire))
            return entry_at(memo, added);
        if (is_entry_of(entry_at(memo, stands), w, domain->text)) return entry_at(memo, stands);
    }
    return NULL;
}
