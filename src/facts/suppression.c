#include "facts/suppression.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

// Entries of one kind, merged by their hash.
typedef struct entry_table {
    ps_index index;
    ps_suppressed *entries; // by number
    size_t count, capacity;
} entry_table;

struct ps_suppression {
    entry_table addresses;
    entry_table domains;
    entry_table parents; // `*.example.net`, by example.net
    entry_table aliases; // by provider key: entries whose own key is another spelling
};

ps_status ps_suppression_new(ps_suppression **out, ps_error *err)
{
    ps_suppression *set = ps_memory_new(1, sizeof *set, err);

    if (set == NULL) return PS_RETRY;
    *out = set;
    return PS_OK;
}

static void done_table(entry_table *table)
{
    ps_index_done(&table->index);
    ps_memory_free(table->entries);
}

void ps_suppression_free(ps_suppression *set)
{
    if (set == NULL) return;
    done_table(&set->addresses);
    done_table(&set->domains);
    done_table(&set->parents);
    done_table(&set->aliases);
    ps_memory_free(set);
}

// Which of two entries the row's detail shows: the stronger class, then the source that the job names first, then the
// later date. The order in which entries come does not matter.
static bool tells_more(const ps_suppressed *a, const ps_suppressed *b)
{
    if (a->strongest != b->strongest) return a->strongest < b->strongest;
    if (a->source != b->source) return a->source < b->source;
    if (a->date != b->date) return a->date > b->date;
    return strcmp(a->list, b->list) < 0;
}

void ps_suppressed_merge(ps_suppressed *into, const ps_suppressed *other)
{
    uint64_t sources = into->sources | other->sources;
    uint32_t classes = into->classes | other->classes;

    if (into->classes == 0 || (other->classes != 0 && tells_more(other, into))) *into = *other;
    into->sources = sources;
    into->classes = classes;
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

static const ps_suppressed *find(const entry_table *table, ps_hash key)
{
    uint32_t number = ps_index_find(&table->index, key);

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

// A provider key stands in `aliases` once some entry is spelled otherwise, then with all its spellings; until then the
// address itself, if it is there, is the only one.
static ps_status add_spelling(ps_suppression *set, const ps_suppression_entry *entry, const ps_suppressed *fact,
                              ps_error *err)
{
    ps_hash provider = ps_hash_of(entry->provider_key);
    const ps_suppressed *plain = find(&set->addresses, provider);
    bool ignored;

    if (ps_span_equal(entry->provider_key, entry->key)) {
        return find(&set->aliases, provider) == NULL ? PS_OK : merge(&set->aliases, provider, fact, &ignored, err);
    }
    ps_status status = merge(&set->aliases, provider, fact, &ignored, err);
    if (status != PS_OK || plain == NULL) return status;
    return merge(&set->aliases, provider, plain, &ignored, err);
}

static ps_status add_address(ps_suppression *set, const ps_suppression_entry *entry, const ps_suppressed *fact,
                             bool *out_new, ps_error *err)
{
    ps_status status = merge(&set->addresses, ps_hash_of(entry->key), fact, out_new, err);

    if (status != PS_OK || entry->provider_key.len == 0) return status;
    return add_spelling(set, entry, fact, err);
}

ps_status ps_suppression_add(ps_suppression *set, const ps_suppression_entry *entry, bool *out_new, ps_error *err)
{
    const ps_suppressed fact = {
        .sources = UINT64_C(1) << entry->source,
        .classes = UINT32_C(1) << entry->class,
        .source = entry->source,
        .strongest = entry->class,
        .list = entry->list,
        .date = entry->date,
    };
    bool is_new = false;

    assert(entry->source < PS_SOURCES_MAX && entry->class < PS_CLASS_COUNT && entry->list != NULL);
    assert(entry->key.len != 0);
    bool domain = entry->domain || entry->subdomains;
    ps_status status =
        domain ? add_domain(set, entry, &fact, &is_new, err) : add_address(set, entry, &fact, &is_new, err);
    if (status == PS_OK) *out_new = is_new;
    return status;
}

const ps_suppressed *ps_suppression_address(const ps_suppression *set, ps_hash key)
{
    return find(&set->addresses, key);
}

const ps_suppressed *ps_suppression_domain(const ps_suppression *set, ps_span domain)
{
    const ps_suppressed *found = find(&set->domains, ps_hash_of(domain));

    if (set->parents.count == 0) return found;
    for (size_t i = 0; i < domain.len; i++) {
        if (domain.bytes[i] != '.') continue;
        const ps_suppressed *parent =
            find(&set->parents, ps_hash_of((ps_span){domain.bytes + i + 1, domain.len - i - 1}));
        // A domain whose mail was only blocked once may stand below one that must not be mailed.
        if (parent != NULL && (found == NULL || parent->strongest < found->strongest)) found = parent;
    }
    return found;
}

const ps_suppressed *ps_suppression_alias(const ps_suppression *set, ps_hash provider)
{
    const ps_suppressed *spellings = find(&set->aliases, provider);

    return spellings != NULL ? spellings : find(&set->addresses, provider);
}

void ps_suppression_prefetch(const ps_suppression *set, ps_hash key)
{
    ps_index_prefetch(&set->addresses.index, key);
}

uint64_t ps_suppression_count(const ps_suppression *set)
{
    return set->addresses.count + set->domains.count + set->parents.count;
}
