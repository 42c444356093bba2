#include "esp/entry.h"

#include <string.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/text.h"
#include "esp/merge.h"
#include "esp/refuse.h"
#include "esp/shape.h"
#include "esp/stamp.h"

// An entry of 1 MiB, its copies, and what the address rules make of a part of it.
#define ENTRY_ARENA_BYTES ((size_t)32 << 20)

enum {
    MEMO_FACTS = 2048, // most lists have one or two classes, and the days of some years
    MEMO_STRIDE = 1021, // days: what is said of each of two classes falls on its own slots for nearly three years
};

// The entries of a list say few different things: each thread keeps their numbers, so that it need not ask the set,
// which others fill meanwhile.
typedef struct kept_fact {
    ps_import_said said; // no list: nothing is kept here
    uint32_t number;
} kept_fact;

struct ps_fact_memo {
    kept_fact slots[MEMO_FACTS];
};

ps_status ps_import_open(ps_import *import, ps_error *err)
{
    import->ready = ps_memory_new(PS_IMPORT_READY_MAX, sizeof *import->ready, err);
    import->facts = ps_memory_new(1, sizeof *import->facts, err);
    import->stamps = (ps_stamp_reader){.zone = import->zone};
    if (import->ready == NULL || import->facts == NULL) return PS_RETRY;
    return ps_arena_open(ENTRY_ARENA_BYTES, &import->arena, err);
}

void ps_import_close(ps_import *import)
{
    ps_arena_close(&import->arena);
    ps_memory_free(import->facts);
    ps_memory_free(import->ready);
    import->facts = NULL;
    import->ready = NULL;
}

static ps_span lower(ps_arena *arena, ps_span text)
{
    ps_span copy = ps_arena_copy(arena, text);
    char *bytes = ps_arena_take(arena, copy.len + 1);

    for (size_t i = 0; i < copy.len; i++) {
        char c = copy.bytes[i];
        bytes[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (ps_span){bytes, copy.len};
}

static void count(ps_import *import, ps_class class, bool domain)
{
    import->out->entries[class]++;
    if (domain) {
        import->out->domains++;
    } else {
        import->out->addresses++;
    }
}

ps_status ps_import_enter_turn(ps_import *import, ps_error *err)
{
    if (import->order == NULL || import->in_turn) return PS_OK;
    import->in_turn = ps_order_enter(import->order, PS_IMPORT_PUT, import->part);
    // Nobody reads this: what is told is why that one cannot be read.
    return import->in_turn ? PS_OK : ps_error_set(err, PS_RETRY, "An earlier part of the list cannot be read.");
}

static ps_status flush(ps_import *import, ps_error *err)
{
    size_t ready = import->ready_count;
    ps_status status = ps_import_enter_turn(import, err);

    if (status == PS_OK && ready > 0) status = ps_suppression_add_all(import->set, import->ready, ready, err);
    import->ready_count = 0;
    for (size_t i = 0; status == PS_OK && i < ready; i++) {
        if (import->ready[i].is_new) count(import, (ps_class)import->ready[i].class, false);
    }
    return status;
}

__attribute__((noinline)) static ps_status ask_number(ps_import *import, const ps_import_said *said, kept_fact *kept,
                                                      ps_error *err)
{
    const ps_suppressed fact = ps_suppressed_of(import->source, said->class, said->list, said->date);
    ps_status status = ps_suppression_fact(import->set, &fact, &kept->number, err);

    if (status == PS_OK) kept->said = *said;
    return status;
}

ps_status ps_import_number(ps_import *import, const ps_import_said *said, ps_suppression_item *item, ps_error *err)
{
    size_t slot = ((uint32_t)said->date + (uint32_t)said->class * MEMO_STRIDE) % MEMO_FACTS;
    kept_fact *kept = &import->facts->slots[slot];
    bool known = kept->said.list == said->list && kept->said.date == said->date && kept->said.class == said->class;
    ps_status status = known ? PS_OK : ask_number(import, said, kept, err);

    item->fact = kept->number; // without it nobody reads the item
    item->class = (uint8_t)said->class;
    return status;
}

ps_status ps_import_put(ps_import *import, const ps_suppression_item *items, size_t count, ps_error *err)
{
    bool room = import->ready_count + count <= PS_IMPORT_READY_MAX;
    ps_status status = room ? PS_OK : flush(import, err);

    if (status != PS_OK) return status;
    memcpy(import->ready + import->ready_count, items, count * sizeof *items);
    import->ready_count += count;
    return PS_OK;
}

static ps_status put_address(ps_import *import, const ps_suppression_entry *found, ps_error *err)
{
    const ps_import_said said = {found->class, found->list, found->date};
    ps_suppression_item item = ps_suppression_item_of(found->key, found->provider_key);
    ps_status status = ps_import_number(import, &said, &item, err);

    return status == PS_OK ? ps_import_put(import, &item, 1, err) : status;
}

// What is left to do once a key is known: the same for addresses, domains and what the rules remove.
static ps_status put(ps_import *import, const ps_import_entry *entry, ps_suppression_entry *found, ps_error *err)
{
    bool is_new = false, domain = found->domain || found->subdomains;

    found->source = import->source;
    found->class = entry->class;
    found->list = entry->list;
    found->date = import->date;
    // Unsubscribes of other brands are counted as they are read, and suppress nobody.
    if (import->config->unsubscribes_off && entry->class == PS_CLASS_UNSUBSCRIBE) {
        import->out->other_brands++;
        count(import, entry->class, domain);
        return PS_OK;
    }
    if (import->set != NULL && !domain) return put_address(import, found, err);
    ps_status status = ps_import_enter_turn(import, err);
    if (status != PS_OK) return status;
    status = import->set == NULL ? import->put(import->put_context, found, import->expires, &is_new, err)
                                 : ps_suppression_add(import->set, found, &is_new, err);
    if (status == PS_OK && is_new) count(import, entry->class, domain);
    return status;
}

// An entry that the rules remove may still hold an address: `a@example.jp # left`, `a@example.jp / b@example.jp`. It
// matches nobody as it stands, and whoever is meant must not be mailed: so everything in it that is an address is
// suppressed beside it.
static ps_status put_part(ps_import *import, const ps_import_entry *entry, ps_span part, ps_error *err)
{
    ps_address address;

    ps_arena_reset(&import->arena); // nothing of the whole entry is needed any more
    ps_address_parse(import->rules, part, &import->arena, &address);
    if (address.key.len == 0 && ps_shape_cut_tail(&part))
        ps_address_parse(import->rules, part, &import->arena, &address);
    if (address.key.len == 0) return PS_OK;
    ps_suppression_entry found = {.key = address.key, .provider_key = address.provider_key};
    return put(import, entry, &found, err);
}

static ps_status put_parts(ps_import *import, const ps_import_entry *entry, ps_span text, ps_error *err)
{
    ps_span part;
    ps_status status = PS_OK;

    while (status == PS_OK && ps_shape_part(&text, &part)) {
        if (ps_shape_has_at(part)) status = put_part(import, entry, part, err);
    }
    return status;
}

// `a @example.jp`: the address without what cannot be in it. A slip in the domain's name is no such thing: who is on
// the list under a wrong name may have signed up again under the right one.
static ps_status put_repaired(ps_import *import, const ps_import_entry *entry, ps_findings findings,
                              const ps_address *address, ps_error *err)
{
    const ps_findings sure = PS_FIND(INNER_WHITESPACE) | PS_FIND(COMMENT) | PS_FIND(UNBALANCED_WRAPPER);
    ps_address repaired;

    if ((findings & sure) == 0 || address->suggestion.len == 0) return PS_OK;
    ps_address_parse(import->rules, address->suggestion, &import->arena, &repaired);
    if (repaired.key.len == 0) return PS_OK;
    ps_suppression_entry found = {.key = repaired.key, .provider_key = repaired.provider_key};
    return put(import, entry, &found, err);
}

static ps_status add_address(ps_import *import, const ps_import_entry *entry, ps_span text, ps_error *err)
{
    const ps_findings cut = PS_FIND(DOMAIN_SINGLE_LABEL) | PS_FIND(DOMAIN_UNKNOWN_TLD) | PS_FIND(DOMAIN_EMPTY) |
                            PS_FIND(DOMAIN_EMPTY_LABEL) | PS_FIND(INVALID_ENCODING);
    ps_address address;
    ps_findings findings = ps_address_parse(import->rules, text, &import->arena, &address);
    ps_suppression_entry found = {.key = address.key, .provider_key = address.provider_key};
    bool removed = address.key.len == 0;

    if (removed) {
        import->out->unmatched++;
        found.key = lower(&import->arena, text);
        found.provider_key = (ps_span){NULL, 0};
        if (entry->class != PS_CLASS_INVALID) import->last_bad = import->last_bad || (findings & cut) != 0;
    }
    ps_status status = put(import, entry, &found, err);
    // A spreadsheet's guard or a bullet may stand before an address, and be taken for a part of it.
    bool in_parts = removed || found.key.bytes[0] == '\'' || ps_findings_has(findings, PS_REASON_SMTPUTF8_REQUIRED);
    if (status != PS_OK || !in_parts || entry->class == PS_CLASS_INVALID) return status;
    if (removed) status = put_repaired(import, entry, findings, &address, err);
    return status == PS_OK ? put_parts(import, entry, text, err) : status;
}

static void count_unreadable(ps_import *import, const ps_import_entry *entry)
{
    if (import->out->unreadable++ == 0) import->first_unreadable = entry->line;
    import->last_bad = true;
}

// Among letters that are no ASCII, marks pass for a name: `example.jp（competitor）`. Whose domain that is nobody can
// say.
static bool is_no_name(ps_span domain, ps_findings findings)
{
    bool ascii = true;

    for (size_t i = 0; i < domain.len; i++)
        ascii = ascii && (domain.bytes[i] & 0x80) == 0;
    return !ascii && !ps_findings_has(findings, PS_REASON_DOMAIN_SPECIAL_USE);
}

static ps_status add_domain(ps_import *import, const ps_import_entry *entry, ps_span name, ps_error *err)
{
    // The address rules make the A-label form: any local part will do that every domain takes.
    static const char local[] = "postmaster@";
    bool subdomains = name.len > 2 && name.bytes[0] == '*' && name.bytes[1] == '.';
    ps_span domain = subdomains ? (ps_span){name.bytes + 2, name.len - 2} : name;
    char *text = ps_arena_take(&import->arena, sizeof local + domain.len);
    ps_address address;

    memcpy(text, local, sizeof local - 1);
    memcpy(text + sizeof local - 1, domain.bytes, domain.len);
    ps_findings findings =
        ps_address_parse(import->rules, (ps_span){text, sizeof local - 1 + domain.len}, &import->arena, &address);
    ps_suppression_entry found = {.key = address.domain, .domain = !subdomains, .subdomains = subdomains};
    if (found.key.len == 0 && is_no_name(domain, findings)) {
        count_unreadable(import, entry);
        return PS_OK;
    }
    if (found.key.len == 0) {
        import->out->unmatched++;
        found.key = lower(&import->arena, domain);
    }
    return put(import, entry, &found, err);
}

static ps_status add_without_local(ps_import *import, const ps_import_entry *entry, ps_span text, ps_error *err)
{
    ps_span name = ps_shape_after_at(text);

    if (!ps_shape_is_domain(name)) {
        count_unreadable(import, entry);
        return PS_OK;
    }
    if (import->config->kind == PS_ENTRY_ADDRESS) return ps_refuse_domain(import, entry->line, err);
    return add_domain(import, entry, name, err);
}

// mailto: is the one place where an @ may be written as %40 (RFC 6068 section 2).
static bool has_coded_at(ps_span text)
{
    static const char scheme[] = "mailto:";
    size_t len = sizeof scheme - 1;

    return text.len > len && ps_ascii_equal_fold((ps_span){text.bytes, len}, ps_span_of(scheme)) &&
           memmem(text.bytes, text.len, "%40", 3) != NULL;
}

// Whoever is on the list under a digest that cannot be read would be mailed, so that one is one too many.
static ps_status add_digest(ps_import *import, const ps_import_entry *entry, ps_span text, ps_error *err)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    char room[PS_HASHED_KEY_BYTES];

    if (entry->damaged || !ps_shape_hex(text, ps_digest_bytes(import->config->hash), digest))
        return ps_refuse_misfit(import, entry->line, err);
    ps_suppression_entry found = {.key = ps_hashed_key(import->hashing, digest, room), .digest = import->config->hash};
    return put(import, entry, &found, err);
}

static ps_status add_text(ps_import *import, const ps_import_entry *entry, ps_span text, ps_error *err)
{
    bool exempt = entry->class == PS_CLASS_INVALID; // what people typed into a form: anything at all

    if (text.len == 0 || memchr(text.bytes, '\0', text.len) != NULL) {
        count_unreadable(import, entry);
        return PS_OK;
    }
    if (ps_shape_is_digest(text)) return ps_refuse_digest(import, text, entry->line, err);
    if (!exempt && ps_shape_is_pattern(text, import->config->kind)) {
        return ps_refuse_pattern(import, entry->line, err);
    }
    bool is_name = !ps_shape_has_at(text) && !has_coded_at(text);
    if (is_name && import->config->kind != PS_ENTRY_ADDRESS && ps_shape_is_domain(text)) exempt = false;
    if (is_name && !exempt) return add_without_local(import, entry, text, err);
    if (import->config->kind == PS_ENTRY_DOMAIN) return ps_refuse_address(import, entry->line, err);
    return add_address(import, entry, text, err);
}

void ps_import_pass(ps_import *import, const ps_import_entry *entry)
{
    import->records++;
    import->results = true;
    import->last_bad = import->last_undated = false;
    if (entry->damaged) count_unreadable(import, entry);
}

// The last day on which an entry counts, PS_DAY_NONE for ever, as does one whose day nobody can read.
static ps_day expiry_of(const ps_import *import, const ps_import_entry *entry)
{
    ps_day last = PS_DAY_NONE, day;

    if (entry->expires[0].len + entry->expires[1].len == 0 || !ps_merge_lapses(entry->class)) return PS_DAY_NONE;
    for (size_t i = 0; i < PS_IMPORT_EXPIRES; i++) {
        if (!ps_stamp_read(entry->expires[i], import->zone, &day)) return PS_DAY_NONE;
        if (day > last) last = day; // PS_DAY_NONE is less than any
    }
    return last;
}

// Before the day of judgement.
static bool is_expired(const ps_import *import)
{
    return import->expires != PS_DAY_NONE && import->config->as_of > 0 && import->expires < import->config->as_of;
}

// A stamp that cannot be read never drops its entry.
static void begin_record(ps_import *import, ps_span stamp)
{
    import->records++;
    import->last_undated = !ps_stamp_day(&import->stamps, stamp, &import->date);
    import->last_bad = false;
    import->out->undated += import->last_undated;
}

ps_status ps_import_add(ps_import *import, const ps_import_entry *entry, ps_error *err)
{
    ps_span text = ps_shape_trim(entry->text);
    bool elsewhere = entry->elsewhere && entry->class == PS_CLASS_UNSUBSCRIBE;

    import->expires = expiry_of(import, entry);
    if (elsewhere || is_expired(import)) {
        ps_merge_count(import->out, elsewhere ? PS_MERGE_OTHER_SCOPE : PS_MERGE_EXPIRED, 1);
        ps_import_pass(import, entry);
        return PS_OK;
    }
    ps_arena_reset(&import->arena);
    begin_record(import, entry->stamp);
    if (import->config->hash != PS_DIGEST_NONE) return add_digest(import, entry, text, err);
    if (!entry->damaged) return add_text(import, entry, text, err);

    ps_status status = ps_shape_has_at(text) ? add_text(import, entry, text, err) : PS_OK;
    count_unreadable(import, entry);
    return status;
}

static void add_counts(ps_run_source *into, const ps_run_source *more)
{
    for (size_t i = 0; i < PS_CLASS_COUNT; i++)
        into->entries[i] += more->entries[i];
    into->addresses += more->addresses;
    into->domains += more->domains;
    into->unreadable += more->unreadable;
    into->unmatched += more->unmatched;
    into->undated += more->undated;
    into->other_brands += more->other_brands;
    into->other_scopes += more->other_scopes;
    into->expired += more->expired;
    into->events += more->events;
}

ps_status ps_import_end_part(ps_import *import, ps_import *whole, ps_error *err)
{
    ps_status status = flush(import, err);

    if (status != PS_OK) return status;
    if (whole->out->unreadable == 0) whole->first_unreadable = import->first_unreadable;
    add_counts(whole->out, import->out);
    whole->records += import->records;
    whole->results = whole->results || import->results;
    if (import->records > 0) {
        whole->last_bad = import->last_bad;
        whole->last_undated = import->last_undated;
    }
    return PS_OK;
}

// The only stamp of a file that cannot be read is a sign of a cut, if it stands in the last line.
static bool looks_cut(const ps_import *import)
{
    return import->last_bad || (import->last_undated && import->out->undated == 1 && import->records > 1);
}

ps_status ps_import_finish(ps_import *import, bool ended, uint64_t last_line, ps_error *err)
{
    const ps_run_source *out = import->out;
    ps_status status = flush(import, err);

    if (status != PS_OK) return status;
    if (!ended && looks_cut(import)) return ps_refuse_cut(import, last_line, err);
    bool too_many = out->unreadable * PS_UNREADABLE_SHARE > import->records - import->quiet;
    if (too_many && !import->config->accept_kinds) return ps_refuse_unreadable(import, err);
    if (import->results && import->records > 0) return PS_OK;
    if (out->addresses + out->domains == 0 && !import->config->allow_empty) return ps_refuse_empty(import, err);
    return PS_OK;
}
