#include "mail/memo.h"

#include <assert.h>

#include "base/memory.h"
#include "base/text.h"
#include "presend/address.h"

enum {
    PROBES = 16,
    // Ten million people have some 120,000 domains, fifty million 700,000. The first to come are most rows', and the
    // memory of a run is bounded however many there are: what is not kept is judged at each row.
    DOMAINS_MAX = 15 << 13,
    ENTRY_BYTES_MAX = 1024,
    UNITS_MAX = 32 * DOMAINS_MAX,
    LARGE_PAGE = 1 << 21,
};

static_assert((uint32_t)UNITS_MAX <= (uint32_t)PS_MEMO_UNIT_MASK, "a slot names any of them");
static_assert(DOMAINS_MAX < PS_DOMAIN_NUMBERS && PS_DOMAIN_NUMBERS <= 1 << 20, "a number for each");
static_assert(DOMAINS_MAX < PS_MEMO_SLOTS / 2, "few domains find no place");
static_assert(offsetof(ps_memo_entry, bytes) == 6, "there are hundreds of thousands");
static_assert(offsetof(ps_memo_entry, bytes) >= PS_MEMO_BYTES_BEFORE, "they may be read");

// Address space, not memory: what is not written to takes none. With 4 KiB pages every other look-up of a domain that
// is not frequent waits for a page table, too.
#define SLOTS_BYTES (sizeof(uint32_t) * PS_MEMO_SLOTS)
#define PAGES_BYTES (LARGE_PAGE + SLOTS_BYTES + ((size_t)UNITS_MAX + 1) * PS_MEMO_UNIT)

static bool is_rest_same(const ps_memo_key *key, ps_span text, const ps_memo_entry *entry)
{
    const ps_span kept = {entry->bytes, entry->text_len};

    return key->lowered ? ps_ascii_equal_fold(kept, text) : memcmp(kept.bytes, text.bytes, text.len) == 0;
}

static bool is_entry_of(const ps_memo_entry *entry, const ps_memo_key *key, ps_span text)
{
    return entry->text_len == text.len && ps_memo_words_same(&key->words, (ps_span){entry->bytes, text.len}) &&
           (text.len <= PS_MEMO_WORDS_BYTES || is_rest_same(key, text, entry));
}

ps_status ps_memo_new(ps_memo **out, ps_error *err)
{
    ps_memo *memo = ps_memory_new(1, sizeof *memo, err);

    if (memo == NULL) return PS_RETRY;
    memo->pages = ps_memory_map(PAGES_BYTES, err);
    if (memo->pages == NULL) {
        ps_memory_free(memo);
        return PS_RETRY;
    }
    char *first = (char *)(((uintptr_t)memo->pages + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1));
    memo->slots = (_Atomic uint32_t *)(void *)first;
    memo->units = first + SLOTS_BYTES;
    *out = memo;
    return PS_OK;
}

void ps_memo_free(ps_memo *memo)
{
    if (memo == NULL) return;
    ps_memory_unmap(memo->pages, PAGES_BYTES);
    ps_memory_free(memo);
}

// The i-th place of a hash: all threads try them in this order and nothing is ever taken out, so that a domain cannot
// come to stand in two.
static _Atomic uint32_t *place_of(const ps_memo *memo, uint64_t hash, size_t i)
{
    return &memo->slots[(hash + i) % PS_MEMO_SLOTS];
}

// The first slot from the i-th place on that may be of a text with this hash, or is empty; `*i` is its place. 0 at the
// end of all places, too.
static uint32_t slot_from(const ps_memo *memo, uint64_t hash, size_t *i)
{
    for (; *i < PROBES; ++*i) {
        uint32_t slot = atomic_load_explicit(place_of(memo, hash, *i), memory_order_acquire);
        if (slot == 0 || ps_memo_slot_fits(slot, hash)) return slot;
    }
    return 0;
}

uint32_t ps_memo_slot_beyond(const ps_memo *memo, uint64_t hash)
{
    size_t place = 1;

    return slot_from(memo, hash, &place);
}

const ps_memo_entry *ps_memo_find(const ps_memo *memo, ps_span text, const ps_memo_key *key)
{
    for (size_t i = 0; i < PROBES; i++) {
        uint32_t slot = slot_from(memo, key->hash, &i);
        if (slot == 0) return NULL;
        const ps_memo_entry *entry = ps_memo_entry_at(memo, ps_memo_unit_of(slot));
        if (is_entry_of(entry, key, text)) return entry;
    }
    return NULL;
}

// So many eighths of what it may hold are taken.
static bool is_filled(const ps_memo *memo, uint32_t eighths)
{
    return atomic_load_explicit(&memo->count, memory_order_relaxed) >= DOMAINS_MAX / 8 * eighths ||
           atomic_load_explicit(&memo->units_used, memory_order_relaxed) >= UNITS_MAX / 8 * eighths;
}

bool ps_memo_has_room(const ps_memo *memo)
{
    return !is_filled(memo, 7);
}

// The texts behind `more`, each with all that stand before it.
static ps_span text_behind(const ps_memo_entry *entry, size_t before, size_t len)
{
    const ps_memo_more *more = ps_memo_more_of(entry);

    return (ps_span){(const char *)(more + 1) + more->host_len + before, len};
}

ps_span ps_memo_unicode(const ps_memo_entry *entry)
{
    const ps_memo_more *more = ps_memo_more_of(entry);

    return more == NULL ? (ps_span){NULL, 0} : text_behind(entry, 0, more->unicode_len);
}

ps_span ps_memo_meant(const ps_memo_entry *entry)
{
    const ps_memo_more *more = ps_memo_more_of(entry);

    return more == NULL ? (ps_span){NULL, 0} : text_behind(entry, more->unicode_len, more->meant_len);
}

ps_span ps_memo_provider_key(const ps_memo_entry *entry)
{
    const ps_memo_more *more = ps_memo_more_of(entry);

    if (more == NULL) return (ps_span){NULL, 0};
    return text_behind(entry, (size_t)more->unicode_len + more->meant_len, more->provider_key_len);
}

static size_t units_of(const ps_memo_entry *entry)
{
    ps_span last = entry->has_more ? ps_memo_provider_key(entry) : (ps_span){entry->bytes, entry->text_len};
    size_t size = (size_t)(last.bytes + last.len - (const char *)entry);

    return (size + PS_MEMO_UNIT - 1) / PS_MEMO_UNIT;
}

const ps_memo_entry *ps_memo_next(const ps_memo *memo, const ps_memo_entry *before)
{
    const char *at = memo->units + PS_MEMO_UNIT;

    if (before != NULL) at = (const char *)before + units_of(before) * PS_MEMO_UNIT;
    const ps_memo_entry *entry = (const ps_memo_entry *)(const void *)at;
    bool inside = at <= memo->units + (size_t)UNITS_MAX * PS_MEMO_UNIT;
    return inside && entry->number != 0 ? entry : NULL; // memory is zero where none was made
}

// Where so many units may stand; 0 once there is no room.
static uint32_t take_units(ps_memo *memo, size_t units, uint32_t *out_number)
{
    if (units > ENTRY_BYTES_MAX / PS_MEMO_UNIT || is_filled(memo, 8)) return 0;
    uint32_t before = atomic_fetch_add_explicit(&memo->count, 1, memory_order_relaxed);
    if (before >= DOMAINS_MAX) return 0; // never: but among threads that pass the check above at the same time
    *out_number = before + 1;
    uint32_t used = atomic_fetch_add_explicit(&memo->units_used, (uint32_t)units, memory_order_relaxed);
    return used + units > UNITS_MAX ? 0 : used + 1;
}

static void put(char **at, ps_span text)
{
    if (text.len > 0) memcpy(*at, text.bytes, text.len);
    *at += text.len;
}

static void put_more(ps_memo_entry *entry, const ps_memo_domain *domain, ps_span host)
{
    ps_memo_more *more = (ps_memo_more *)(void *)((char *)entry + ps_memo_more_offset(entry->text_len));

    *more = (ps_memo_more){
        .findings = domain->findings,
        .unicode_len = (uint16_t)domain->unicode.len,
        .provider_key_len = (uint16_t)domain->provider_key.len,
        .host_len = (uint8_t)host.len,
        .meant_len = (uint8_t)domain->meant.len,
    };
    char *at = (char *)(more + 1);
    put(&at, host);
    put(&at, domain->unicode);
    put(&at, domain->meant);
    put(&at, domain->provider_key);
}

// How an entry is laid out.
typedef struct layout {
    ps_span host; // empty where it is the text
    bool as_written, has_more;
    size_t units;
} layout;

static layout layout_of(const ps_memo_domain *domain)
{
    layout lies = {.as_written = ps_span_equal(domain->host, domain->text)};

    if (!lies.as_written) lies.host = domain->host;
    size_t behind = lies.host.len + domain->unicode.len + domain->meant.len + domain->provider_key.len;
    size_t size = offsetof(ps_memo_entry, bytes) + domain->text.len;
    lies.has_more = !lies.as_written || behind > 0 || domain->findings != 0;
    if (lies.has_more) size = ps_memo_more_offset(domain->text.len) + sizeof(ps_memo_more) + behind;
    lies.units = (size + PS_MEMO_UNIT - 1) / PS_MEMO_UNIT;
    return lies;
}

static void put_entry(ps_memo_entry *entry, uint32_t number, const ps_memo_domain *domain, const layout *lies)
{
    *entry = (ps_memo_entry){
        .number = number & (PS_DOMAIN_NUMBERS - 1),
        .text_len = (uint8_t)domain->text.len,
        .provider = (uint8_t)domain->provider,
        .minds = domain->minds,
        .usable = domain->usable,
        .refused = domain->refused,
        .as_written = lies->as_written,
        .has_more = lies->has_more,
    };
    char *at = entry->bytes;
    put(&at, domain->text);
    if (lies->has_more) put_more(entry, domain, lies->host);
}

// Returns where it stands, or 0.
static uint32_t keep_entry(ps_memo *memo, const ps_memo_domain *domain)
{
    const layout lies = layout_of(domain);
    uint32_t number = 0, unit = take_units(memo, lies.units, &number);

    if (unit != 0) put_entry(ps_memo_entry_at(memo, unit), number, domain, &lies);
    return unit;
}

const ps_memo_entry *ps_memo_make(ps_arena *arena, const ps_memo_domain *domain)
{
    const layout lies = layout_of(domain);
    ps_memo_entry *entry = ps_arena_room(arena, lies.units * PS_MEMO_UNIT);

    put_entry(entry, 0, domain, &lies);
    return entry;
}

const ps_memo_entry *ps_memo_add(ps_memo *memo, const ps_memo_domain *domain, const ps_memo_key *key)
{
    uint32_t unit = keep_entry(memo, domain), slot = ps_memo_slot_of(unit, key->hash);

    assert(domain->text.len >= PS_MEMO_TEXT_MIN && domain->text.len <= PS_MEMO_TEXT_MAX);
    for (size_t i = 0; unit != 0 && i < PROBES; i++) {
        uint32_t stands = 0;
        // The release hands the entry's bytes over to whoever finds it.
        if (atomic_compare_exchange_strong_explicit(place_of(memo, key->hash, i), &stands, slot, memory_order_acq_rel,
                                                    memory_order_acquire))
            return ps_memo_entry_at(memo, unit);
        const ps_memo_entry *entry = ps_memo_entry_at(memo, ps_memo_unit_of(stands));
        if (ps_memo_slot_fits(stands, key->hash) && is_entry_of(entry, key, domain->text)) return entry;
    }
    return NULL;
}
