#include "facts/suppression.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "facts/fact_numbers.h"

enum { KIND_ADDRESS = 1, KIND_ALIAS = PS_SUPPRESSION_KINDS }; // in the roster
static_assert((int)KIND_ALIAS < (int)PS_ROSTER_KINDS, "a kind for those who are seen");

// The value of an entry is a fact's number, and whether a row of it was seen.
#define SEEN (UINT32_C(1) << 31)

enum {
    PREFETCHED = 32, // pairs whose memory is asked for before the first is added
    MERGED = 32, // entries whose merged facts are looked for together
    GROUP = 256, // entries that are added before those of them that were known are merged
};
static_assert((int)PREFETCHED <= (int)PS_ROSTER_BLOCK, "a block of the roster");

// Domains of one kind, merged by their hash.
typedef struct entry_table {
    ps_index index;
    ps_suppressed *entries; // by number
    size_t count, capacity;
} entry_table;

struct ps_suppression {
    ps_roster *roster; // addresses; and provider keys of entries whose own key is another spelling
    uint64_t addresses;
    uint64_t expected; // entries of the roster for which room was asked so far, or which came without
    ps_fact_numbers facts;
    entry_table domains;
    entry_table parents; // `*.example.net`, by example.net
    ps_hashings hashings;
    const ps_suppression_turn *turn; // NULL: one thread fills it
};

ps_status ps_suppression_new(ps_suppression **out, ps_error *err)
{
    ps_suppression *set = ps_memory_new(1, sizeof *set, err);

    if (set == NULL) return PS_RETRY;
    if (ps_roster_new(&set->roster, err) != PS_OK) {
        ps_memory_free(set);
        return PS_RETRY;
    }
    *out = set;
    return PS_OK;
}

void ps_suppression_share(ps_suppression *set, const ps_suppression_turn *turn)
{
    set->turn = turn;
}

static void enter(const ps_suppression *set)
{
    if (set->turn != NULL) set->turn->enter(set->turn->context);
}

static void leave(const ps_suppression *set)
{
    if (set->turn != NULL) set->turn->leave(set->turn->context);
}

void ps_suppression_seal(ps_suppression *set)
{
    ps_fact_numbers_seal(&set->facts);
}

static void done_table(entry_table *table)
{
    ps_index_done(&table->index);
    ps_memory_free(table->entries);
}

void ps_suppression_free(ps_suppression *set)
{
    if (set == NULL) return;
    done_table(&set->domains);
    done_table(&set->parents);
    ps_fact_numbers_done(&set->facts);
    ps_roster_free(set->roster);
    ps_hashings_done(&set->hashings);
    ps_memory_free(set);
}

ps_status ps_suppression_hash_by(ps_suppression *set, ps_digest_kind kind, ps_secret *key, const ps_hashing **out,
                                 ps_error *err)
{
    enter(set);
    ps_status status = ps_hashings_add(&set->hashings, kind, key, out, err);
    leave(set);
    return status;
}

const ps_hashings *ps_suppression_hashings(const ps_suppression *set)
{
    return &set->hashings;
}

// Verification was numbered last; what it says removes, which a block or a soft bounce does not.
static unsigned rank(ps_class class)
{
    return class == PS_CLASS_VERIFIED ? 2 * PS_CLASS_UNKNOWN + 1 : 2 * (unsigned)class;
}

// Which of two entries the row's detail shows: the stronger class, then the source that the job names first, then the
// later date. The order in which entries come does not matter.
static bool tells_more(const ps_suppressed *a, const ps_suppressed *b)
{
    if (a->strongest != b->strongest) return rank(a->strongest) < rank(b->strongest);
    if (a->source != b->source) return a->source < b->source;
    if (a->date != b->date) return a->date > b->date;
    return strcmp(a->list, b->list) < 0;
}

void ps_suppressed_merge(ps_suppressed *into, const ps_suppressed *other)
{
    uint64_t sources = into->sources | other->sources;
    uint32_t classes = into->classes | other->classes;
    ps_day last = into->classes == 0 || other->last_bounce > into->last_bounce ? other->last_bounce : into->last_bounce;

    if (into->classes == 0 || (other->classes != 0 && tells_more(other, into))) *into = *other;
    into->sources = sources;
    into->classes = classes;
    into->last_bounce = last;
}

static ps_status merge(entry_table *table, ps_hash key, const ps_suppressed *entry, bool *out_new, ps_error *err)
{
    uint32_t number;
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status =
        ps_memory_grow((void **)&table->entries, &table->capacity, table->count + 1, sizeof *table->entries, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&table->index, key, (uint32_t)table->count, &number, &added, err);
    if (status != PS_OK) return status;

    if (added) table->entries[table->count++] = (ps_suppressed){.list = "", .date = PS_DAY_NONE};
    *out_new = (table->entries[number].sources & entry->sources) == 0;
    ps_suppressed_merge(&table->entries[number], entry);
    return PS_OK;
}

static const ps_suppressed *find_name(const entry_table *table, ps_span name)
{
    if (table->count == 0) return NULL; // most jobs have no such entries: nothing to hash for
    uint32_t number = ps_index_find(&table->index, ps_hash_of(name));

    return number == PS_INDEX_NONE ? NULL : &table->entries[number];
}

static ps_status add_domain(ps_suppression *set, const ps_suppression_entry *entry, const ps_suppressed *fact,
                            bool *out_new, ps_error *err)
{
    ps_hash hash = ps_hash_of(entry->key);
    bool new_domain = false, new_parent = false;
    ps_status status = entry->domain ? merge(&set->domains, hash, fact, &new_domain, err) : PS_OK;

    if (status == PS_OK && entry->subdomains) status = merge(&set->parents, hash, fact, &new_parent, err);
    *out_new = new_domain || new_parent;
    return status;
}

// ---- facts

ps_status ps_suppression_fact(ps_suppression *set, const ps_suppressed *fact, uint32_t *out, ps_error *err)
{
    enter(set);
    ps_status status = ps_fact_find(&set->facts, fact, out, err);
    leave(set);
    return status;
}

static const ps_suppressed *fact_of(const ps_suppression *set, uint32_t number)
{
    assert(number < set->facts.count);
    return &set->facts.facts[number];
}

static const ps_suppressed *fact_of_value(const ps_suppression *set, uint32_t value)
{
    return fact_of(set, value & ~SEEN);
}

static const ps_suppressed *find(const ps_suppression *set, ps_hash hash, unsigned kind)
{
    uint32_t value = 0;

    return ps_roster_find(set->roster, (ps_roster_key){hash, kind}, &value) ? fact_of_value(set, value) : NULL;
}

// What `hash` says from now on is what it said and this. Most entries are new.
static ps_status note(ps_suppression *set, ps_roster_key key, uint32_t number, bool *out_added, ps_error *err)
{
    uint64_t before = ps_roster_count_part(set->roster, ps_roster_part(key.hash));
    uint32_t stands = 0;
    ps_status status = ps_roster_claim(set->roster, key, number, &stands, err);

    if (status != PS_OK) return status;
    stands &= ~SEEN;
    *out_added = ps_roster_count_part(set->roster, ps_roster_part(key.hash)) > before;
    if (*out_added || stands == number) return PS_OK;
    ps_suppressed both = *fact_of(set, stands);
    ps_suppressed_merge(&both, fact_of(set, number));
    status = ps_fact_claim(&set->facts, &both, ps_fact_hash(&set->facts, &both), &number, err);
    return status == PS_OK && number != stands ? ps_roster_put(set->roster, key, number, err) : status;
}

// ---- addresses

// What all spellings of a mailbox say stands under its provider key once one of them is spelled otherwise; until then
// the address itself, if it is there, is the only one. The address's own entry comes last: who asks for more memory
// and tries again finds it not there yet.
static ps_status add_spelling(ps_suppression *set, ps_hash provider, uint32_t number, ps_error *err)
{
    const ps_roster_key key = {provider, KIND_ALIAS};
    uint32_t plain = 0;
    bool added = false;
    ps_status status = note(set, key, number, &added, err);

    if (status != PS_OK || !ps_roster_find(set->roster, (ps_roster_key){provider, KIND_ADDRESS}, &plain)) return status;
    return note(set, key, plain & ~SEEN, &added, err);
}

static ps_status add_plain(ps_suppression *set, ps_hash hash, uint32_t number, ps_error *err)
{
    const ps_roster_key key = {hash, KIND_ADDRESS}, spellings = {hash, KIND_ALIAS};
    bool added = false;
    uint32_t stands = 0;
    ps_status status = note(set, key, number, &added, err);

    if (status != PS_OK) return status;
    set->addresses += added;
    if (!ps_roster_find(set->roster, spellings, &stands)) return PS_OK;
    return note(set, spellings, number, &added, err);
}

static ps_status add_address(ps_suppression *set, ps_suppression_item *item, ps_error *err)
{
    uint32_t stands = 0;
    bool known = ps_roster_find(set->roster, (ps_roster_key){item->key, KIND_ADDRESS}, &stands);
    ps_status status = PS_OK;

    item->is_new = !known || (fact_of_value(set, stands)->sources & fact_of(set, item->fact)->sources) == 0;
    if (!ps_hash_equal(item->key, item->provider)) status = add_spelling(set, item->provider, item->fact, err);
    return status == PS_OK ? add_plain(set, item->key, item->fact, err) : status;
}

static void prefetch(const ps_suppression *set, ps_hash hash)
{
    ps_roster_prefetch_claims(set->roster, &hash, 1);
}

static size_t most(size_t from, size_t count, size_t size)
{
    return from >= count ? 0 : count - from < size ? count - from : size;
}

// Items that take more than a gap in the table.
typedef struct left_over {
    uint16_t items[GROUP];
    size_t count;
} left_over;

// Items whose provider key is the same, some of a group.
typedef struct plain_items {
    ps_hash hashes[PREFETCHED];
    uint32_t facts[PREFETCHED];
    uint16_t items[PREFETCHED];
    size_t count;
} plain_items;

// Also asks for the memory that they will touch.
static void pick_plain(ps_suppression *set, ps_suppression_item *items, size_t from, size_t count, plain_items *out,
                       left_over *left)
{
    out->count = 0;
    for (size_t i = from; i < from + count; i++) {
        assert(items[i].fact < set->facts.count);
        if (!ps_hash_equal(items[i].key, items[i].provider)) {
            left->items[left->count++] = (uint16_t)i;
            prefetch(set, items[i].key);
            prefetch(set, items[i].provider);
            continue;
        }
        items[i].is_new = true;
        out->hashes[out->count] = items[i].key;
        out->facts[out->count] = items[i].fact;
        out->items[out->count++] = (uint16_t)i;
    }
    ps_roster_prefetch_claims(set->roster, out->hashes, out->count);
}

// Nothing stands yet under the hash of most: those are added at once.
static ps_status add_plain_items(ps_suppression *set, const plain_items *plain, left_over *left, ps_error *err)
{
    uint64_t known = ps_roster_add_new(set->roster, KIND_ADDRESS, plain->hashes, plain->facts, plain->count);
    ps_status status = PS_OK;

    set->addresses += plain->count - (uint64_t)__builtin_popcountll(known);
    for (; known != 0 && status == PS_OK; known &= known - 1) {
        unsigned i = (unsigned)__builtin_ctzll(known);
        // Where only the bucket was full it is added now: what says the same later in the group is not the new one.
        if (find(set, plain->hashes[i], KIND_ADDRESS) == NULL) {
            status = add_plain(set, plain->hashes[i], plain->facts[i], err);
        } else {
            left->items[left->count++] = plain->items[i];
        }
    }
    return status;
}

// Of items that are not new, what stands there, and what will.
typedef struct merged {
    uint32_t stands[MERGED]; // UINT32_MAX: nothing yet, or it is a spelling
    ps_suppressed both[MERGED];
    ps_hash hashes[MERGED]; // of `both`
} merged;

// What is known of an address says more from now on, and what it will say is looked up by hash: none of them waits for
// that alone. Where two are of one address, the second looks in vain.
static void look_at_known(ps_suppression *set, const ps_suppression_item *items, const uint16_t *left, size_t count,
                          merged *out)
{
    for (size_t i = 0; i < count; i++) {
        const ps_suppression_item *item = &items[left[i]];
        out->stands[i] = UINT32_MAX;
        if (!ps_hash_equal(item->key, item->provider)) continue;
        if (!ps_roster_find(set->roster, (ps_roster_key){item->key, KIND_ADDRESS}, &out->stands[i])) continue;
        out->stands[i] &= ~SEEN;
        __builtin_prefetch(fact_of(set, out->stands[i]));
    }
    for (size_t i = 0; i < count; i++) {
        if (out->stands[i] == UINT32_MAX) continue;
        out->both[i] = *fact_of(set, out->stands[i]);
        ps_suppressed_merge(&out->both[i], fact_of(set, items[left[i]].fact));
        out->hashes[i] = ps_fact_hash(&set->facts, &out->both[i]);
        ps_index_prefetch(&set->facts.index, out->hashes[i]);
    }
}

// As add_address(), sooner where all that stands under the hash is what was looked at.
static ps_status add_known(ps_suppression *set, ps_suppression_item *item, const merged *known, size_t i, ps_error *err)
{
    uint32_t stands = known->stands[i], number = 0;

    if (stands == UINT32_MAX) return add_address(set, item, err);
    ps_status status = ps_fact_claim(&set->facts, &known->both[i], known->hashes[i], &number, err);
    if (status != PS_OK) return status;
    bool same = number == stands; // and so it is of whatever was merged with it meanwhile
    if (!same && !ps_roster_replace(set->roster, (ps_roster_key){item->key, KIND_ADDRESS}, stands, number))
        return add_address(set, item, err);
    item->is_new = (fact_of(set, stands)->sources & fact_of(set, item->fact)->sources) == 0;
    return PS_OK;
}

static ps_status add_left_over(ps_suppression *set, ps_suppression_item *items, const left_over *left, ps_error *err)
{
    ps_status status = PS_OK;
    merged known;

    for (size_t from = 0; from < left->count; from += MERGED) {
        const uint16_t *some = left->items + from;
        size_t count = most(from, left->count, MERGED);
        look_at_known(set, items, some, count, &known);
        for (size_t i = 0; i < count && status == PS_OK; i++)
            status = add_known(set, &items[some[i]], &known, i, err);
    }
    return status;
}

// The memory of the next block comes while this one is added.
static ps_status add_group(ps_suppression *set, ps_suppression_item *items, size_t count, ps_error *err)
{
    plain_items blocks[2];
    left_over left = {.count = 0};
    ps_status status = PS_OK;

    pick_plain(set, items, 0, most(0, count, PREFETCHED), &blocks[0], &left);
    for (size_t i = 0, n = 0; i < count && status == PS_OK; i += PREFETCHED, n = !n) {
        size_t next = i + PREFETCHED;
        pick_plain(set, items, next, most(next, count, PREFETCHED), &blocks[!n], &left);
        status = add_plain_items(set, &blocks[n], &left, err);
    }
    return status == PS_OK ? add_left_over(set, items, &left, err) : status;
}

ps_status ps_suppression_add_all(ps_suppression *set, ps_suppression_item *items, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    enter(set);
    for (size_t i = 0; i < count && status == PS_OK; i += GROUP)
        status = add_group(set, items + i, most(i, count, GROUP), err);
    leave(set);
    return status;
}

static ps_hash hash_of_pair(const ps_suppression_pair *pair)
{
    return (ps_hash){.low = pair->low, .high = (uint64_t)pair->high << 32};
}

static ps_status load_some(ps_suppression *set, const ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < count; i++)
        prefetch(set, hash_of_pair(&pairs[i]));
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        ps_hash hash = hash_of_pair(&pairs[i]);
        uint32_t number = pairs[i].fact & ~PS_SUPPRESSION_ALIAS;
        assert(number < set->facts.count);
        bool spelling = (pairs[i].fact & PS_SUPPRESSION_ALIAS) != 0;
        status = spelling ? add_spelling(set, hash, number, err) : add_plain(set, hash, number, err);
    }
    return status;
}

ps_status ps_suppression_load(ps_suppression *set, const ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < count && status == PS_OK; i += PREFETCHED)
        status = load_some(set, pairs + i, count - i < PREFETCHED ? count - i : PREFETCHED, err);
    return status;
}

// A twelfth more than they need: a table that is full to the last takes a seventh longer to fill (bench/lists), and the
// rows of the list claim what is left of it.
ps_status ps_suppression_expect(ps_suppression *set, uint64_t addresses, ps_error *err)
{
    enter(set);
    uint64_t count = ps_roster_count(set->roster);
    if (set->expected < count) set->expected = count;
    set->expected += addresses + addresses / 12;
    ps_status status = ps_roster_reserve(set->roster, set->expected - count, err);
    leave(set);
    return status;
}

ps_suppressed ps_suppressed_of(uint32_t source, ps_class class, const char *list, ps_day date)
{
    assert(source < PS_SOURCES_MAX && class < PS_CLASS_COUNT && list != NULL);
    return (ps_suppressed){
        .sources = UINT64_C(1) << source,
        .classes = UINT32_C(1) << class,
        .source = (uint16_t)source,
        .strongest = (uint16_t) class,
        .list = list,
        .date = date,
        .last_bounce = ps_bounce_day(class, date),
    };
}

ps_status ps_suppression_add(ps_suppression *set, const ps_suppression_entry *entry, bool *out_new, ps_error *err)
{
    const ps_suppressed fact = ps_suppressed_of(entry->source, entry->class, entry->list, entry->date);
    bool is_new = false;
    uint32_t number = 0;
    ps_status status;

    enter(set);
    if (entry->domain || entry->subdomains) {
        status = add_domain(set, entry, &fact, &is_new, err);
    } else {
        status = ps_fact_find(&set->facts, &fact, &number, err);
        ps_suppression_item item = ps_suppression_item_of(entry->key, entry->provider_key);
        item.fact = number;
        if (status == PS_OK) status = add_group(set, &item, 1, err);
        is_new = item.is_new;
    }
    leave(set);
    if (status == PS_OK) *out_new = is_new;
    return status;
}

const ps_suppressed *ps_suppression_address(const ps_suppression *set, ps_hash key)
{
    return find(set, key, KIND_ADDRESS);
}

const ps_suppressed *ps_suppression_domain(const ps_suppression *set, ps_span domain)
{
    const ps_suppressed *found = find_name(&set->domains, domain);

    if (set->parents.count == 0) return found;
    for (size_t i = 0; i < domain.len; i++) {
        if (domain.bytes[i] != '.') continue;
        const ps_suppressed *parent = find_name(&set->parents, (ps_span){domain.bytes + i + 1, domain.len - i - 1});
        // A domain whose mail was only blocked once may stand below one that must not be mailed.
        if (parent != NULL && (found == NULL || parent->strongest < found->strongest)) found = parent;
    }
    return found;
}

const ps_suppressed *ps_suppression_alias(const ps_suppression *set, ps_hash provider)
{
    const ps_suppressed *spellings = find(set, provider, KIND_ALIAS);

    return spellings != NULL ? spellings : find(set, provider, KIND_ADDRESS);
}

// What is known of one hash: `*out_alias` falls back on the address itself.
static void look(const ps_suppression *set, ps_hash hash, const ps_suppressed **out_address,
                 const ps_suppressed **out_alias)
{
    uint32_t numbers[PS_ROSTER_KINDS + 1];
    unsigned found = ps_roster_find_all(set->roster, hash, numbers);

    *out_address = (found >> KIND_ADDRESS & 1) != 0 ? fact_of_value(set, numbers[KIND_ADDRESS]) : NULL;
    *out_alias = (found >> KIND_ALIAS & 1) != 0 ? fact_of_value(set, numbers[KIND_ALIAS]) : *out_address;
}

void ps_suppression_look(const ps_suppression *set, const ps_hash *key, const ps_hash *provider,
                         const ps_suppressed **out_address, const ps_suppressed **out_alias)
{
    const ps_suppressed *plain;

    look(set, *key, out_address, out_alias);
    if (!ps_hash_equal(*key, *provider)) look(set, *provider, &plain, out_alias);
}

bool ps_suppression_has_domains(const ps_suppression *set)
{
    return set->domains.count + set->parents.count > 0;
}

bool ps_suppression_see(const ps_suppression *set, ps_hash hash, bool *out_before)
{
    uint32_t before = 0;
    bool found = ps_roster_mark(set->roster, (ps_roster_key){hash, KIND_ADDRESS}, SEEN, &before) ||
                 ps_roster_mark(set->roster, (ps_roster_key){hash, KIND_ALIAS}, SEEN, &before);

    if (found) *out_before = (before & SEEN) != 0;
    return found;
}

void ps_suppression_unsee(const ps_suppression *set)
{
    ps_roster_unmark(set->roster, 1U << KIND_ADDRESS | 1U << KIND_ALIAS, SEEN);
}

uint64_t ps_suppression_count(const ps_suppression *set)
{
    return set->addresses + set->domains.count + set->parents.count;
}

ps_roster *ps_suppression_roster(const ps_suppression *set)
{
    return set->roster;
}
