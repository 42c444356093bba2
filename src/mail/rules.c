#include "mail/rules.h"

#include <assert.h>

#include "base/memory.h"
#include "base/text.h"
#include "mail/character.h"
#include "mail/idn.h"
#include "mail/lists.h"
#include "mail/parse.h"

enum { KIND_BITS = 8 }; // an index value is a kind, then a number

static ps_status add(ps_index *index, ps_span text, uint32_t value, ps_error *err)
{
    uint32_t stands = 0;
    bool added = false;

    return ps_index_claim(index, ps_hash_of(text), value, &stands, &added, err);
}

static size_t domain_bit(ps_hash hash)
{
    return hash.high % ((size_t)PS_DOMAIN_FILTER_WORDS * 64);
}

// The first word said of a domain stands, so what is said first wins.
static ps_status add_domain(ps_address_rules *rules, ps_span domain, ps_known known, ps_error *err)
{
    size_t bit = domain_bit(ps_hash_of(domain));

    rules->domain_filter[bit / 64] |= UINT64_C(1) << bit % 64;
    return add(&rules->domains, domain, known.kind | known.number << KIND_BITS, err);
}

static ps_status add_domains(ps_address_rules *rules, ps_list list, ps_known_kind kind, ps_error *err)
{
    ps_span text = ps_list_text(list), line;
    ps_status status = PS_OK;

    while (status == PS_OK && ps_list_next(&text, &line)) {
        status = add_domain(rules, line, (ps_known){kind, 0}, err);
    }
    return status;
}

// A line of a list that is compiled in.
static void split_pair(ps_span line, ps_span *out_first, ps_span *out_second)
{
    bool is_pair = ps_list_pair(line, out_first, out_second);

    assert(is_pair);
    (void)is_pair; // unused without asserts
}

static ps_status add_providers(ps_address_rules *rules, ps_error *err)
{
    ps_status status = PS_OK;

    for (uint32_t i = 1; status == PS_OK && i < ps_provider_count(); i++) {
        status = add_domain(rules, ps_provider_domain(i), (ps_known){PS_KNOWN_GOOD, i}, err);
    }
    return status;
}

static ps_status add_typos(ps_address_rules *rules, ps_error *err)
{
    ps_span text = ps_list_text(PS_LIST_TYPOS), line, typed, meant;
    ps_status status = PS_OK;

    // never: that one of these few is what makes the index grow, which is when memory can run out
    while (status == PS_OK && ps_list_next(&text, &line)) {
        split_pair(line, &typed, &meant);
        assert(rules->typos_count < PS_TYPO_TABLE_MAX);
        status = add_domain(rules, typed, (ps_known){PS_KNOWN_TYPO, (uint32_t)rules->typos_count}, err);
        rules->typos[rules->typos_count++] = meant;
    }
    return status;
}

static void add_targets(ps_address_rules *rules)
{
    ps_span text = ps_list_text(PS_LIST_GOOD), domain;

    while (ps_list_next(&text, &domain)) {
        if (ps_typo_is_target(domain)) ps_typo_add_target(&rules->targets, domain);
    }
}

static ps_status add_roles(ps_address_rules *rules, ps_error *err)
{
    ps_span text = ps_list_text(PS_LIST_ROLES), line, name, word;
    ps_status status = PS_OK;

    while (status == PS_OK && ps_list_next(&text, &line)) {
        split_pair(line, &name, &word);
        ps_role role = ps_span_equal(word, ps_span_of("system")) ? PS_ROLE_SYSTEM : PS_ROLE_SHARED;
        status = add(&rules->roles, name, role, err);
        size_t bit = ps_role_bit(name);
        rules->role_filter[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    return status;
}

// Names that were delegated after the program was made come in files: of IANA, or one that somebody wrote. A U-label is
// fine.
static ps_status add_tld(ps_address_rules *rules, ps_span line, unsigned number, ps_error *err)
{
    ps_label label = {0};
    ps_reason reason = PS_REASON_OK;

    if (ps_is_ascii(line) && line.len <= PS_LABEL_BYTES_MAX) {
        for (size_t i = 0; i < line.len; i++) {
            label.text[i] = ps_lower(line.bytes[i]);
        }
        label.len = line.len;
    } else {
        reason = ps_utf8_valid(line) ? ps_idn_to_ascii(line, &label) : PS_REASON_INVALID_ENCODING;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!ps_is_ldh(label.text[i])) reason = PS_REASON_DOMAIN_INVALID_CHARACTER;
    }
    if (reason == PS_REASON_OK) return add(&rules->tlds, (ps_span){label.text, label.len}, 1, err);
    ps_error_set(err, PS_INPUT, "Line %u of the list of top-level domains is no domain ending.", number);
    ps_error_hint(err, "Write one ending a line, such as jp; lines that begin with # are comments.");
    return PS_INPUT;
}

static ps_status add_tlds(ps_address_rules *rules, ps_span text, ps_error *err)
{
    ps_status status = PS_OK;
    ps_span line;

    for (unsigned number = 1; status == PS_OK && ps_list_next(&text, &line); number++) {
        line = ps_ascii_trim(line);
        if (line.len > 0 && line.bytes[0] == '.') line = ps_span_tail(line, 1);
        if (line.len > 0 && line.bytes[0] != '#') status = add_tld(rules, line, number, err);
    }
    if (status != PS_OK || rules->tlds.count > 0) return status;
    ps_error_set(err, PS_INPUT, "The list of top-level domains names none.");
    ps_error_hint(err, "Leave the list out to use the one that is built in.");
    return PS_INPUT;
}

static ps_status copy_special_use(ps_address_rules *rules, const ps_address_options *options, ps_error *err)
{
    size_t size = 0, count = options->special_use_count;

    for (size_t i = 0; i < count; i++) {
        size += options->special_use[i].len;
    }
    if (size == 0) return PS_OK;
    rules->special_use_text = ps_memory_new(size, 1, err);
    rules->special_use = ps_memory_new(count, sizeof(ps_span), err);
    if (rules->special_use_text == NULL || rules->special_use == NULL) return PS_RETRY;
    char *at = rules->special_use_text;
    for (size_t i = 0; i < count; i++) {
        ps_span name = options->special_use[i];
        rules->special_use[i] = (ps_span){at, name.len};
        for (size_t k = 0; k < name.len; k++) {
            *at++ = ps_lower(name.bytes[k]);
        }
    }
    rules->special_use_count = count;
    return PS_OK;
}

// Providers and the known-good list first: nothing later may call one of them a slip or a throw-away provider.
static ps_status add_lists(ps_address_rules *rules, ps_error *err)
{
    ps_status status = add_providers(rules, err);

    if (status == PS_OK) status = add_domains(rules, PS_LIST_GOOD, PS_KNOWN_GOOD, err);
    if (status == PS_OK) status = add_typos(rules, err);
    if (status == PS_OK) status = add_domains(rules, PS_LIST_FREE, PS_KNOWN_GOOD, err);
    if (status == PS_OK) status = add_domains(rules, PS_LIST_DISPOSABLE, PS_KNOWN_DISPOSABLE, err);
    if (status == PS_OK) status = add_roles(rules, err);
    add_targets(rules);
    return status;
}

ps_status ps_address_rules_new(const ps_address_options *options, ps_address_rules **out, ps_error *err)
{
    static const ps_address_options defaults = {0};
    ps_address_rules *rules = ps_memory_new(1, sizeof(*rules), err);
    ps_status status = PS_OK;

    if (rules == NULL) return PS_RETRY;
    if (options == NULL) options = &defaults;
    rules->legacy_carrier_quoted = options->legacy_carrier_quoted;
    rules->special_use_all = options->special_use_all;
    rules->tld_any = options->tld_any;
    rules->jis_source = options->jis_source;
    status = copy_special_use(rules, options, err);
    ps_span tlds = options->tld_list.len > 0 ? options->tld_list : ps_list_text(PS_LIST_TLDS);
    if (status == PS_OK) status = add_tlds(rules, tlds, err);
    if (status == PS_OK) status = add_lists(rules, err);
    if (status == PS_OK) status = ps_memo_new(&rules->memo, err);
    rules->glance_each = ps_glance_each_for(ps_cpu_best());
    if (status != PS_OK) {
        ps_address_rules_free(rules);
        return status;
    }
    *out = rules;
    return PS_OK;
}

void ps_address_rules_free(ps_address_rules *rules)
{
    if (rules == NULL) return;
    ps_index_done(&rules->tlds);
    ps_index_done(&rules->domains);
    ps_index_done(&rules->roles);
    ps_memo_free(rules->memo);
    ps_memory_free(rules->special_use);
    ps_memory_free(rules->special_use_text);
    ps_memory_free(rules);
}

bool ps_address_rules_have_room(const ps_address_rules *rules)
{
    return ps_memo_has_room(rules->memo);
}

bool ps_address_domain_next(const ps_address_rules *rules, ps_numbered_domain *domain)
{
    const ps_memo_entry *entry = ps_memo_next(rules->memo, domain->place);

    if (entry == NULL) return false;
    *domain = (ps_numbered_domain){ps_memo_host(entry), entry->number, !entry->as_written, entry};
    return true;
}

uint32_t ps_address_domain_number(const ps_address_rules *rules, ps_span name)
{
    char room[PS_MEMO_BYTES_BEFORE + PS_MEMO_TEXT_MAX];
    const ps_span text = {room + PS_MEMO_BYTES_BEFORE, name.len};
    ps_memo_key key;

    if (name.len < PS_MEMO_TEXT_MIN || name.len > PS_MEMO_TEXT_MAX) return 0;
    memset(room, 0, PS_MEMO_BYTES_BEFORE);
    memcpy(room + PS_MEMO_BYTES_BEFORE, name.bytes, name.len);
    ps_memo_key_of(text, false, &key);
    const ps_memo_entry *entry = ps_memo_find(rules->memo, text, &key);
    return entry != NULL && entry->as_written ? entry->number : 0;
}

ps_known ps_rules_domain(const ps_address_rules *rules, ps_span host)
{
    const ps_hash hash = ps_hash_of(host);
    size_t bit = domain_bit(hash);

    if ((rules->domain_filter[bit / 64] >> bit % 64 & 1) == 0) return (ps_known){PS_KNOWN_NOTHING, 0};
    uint32_t value = ps_index_find(&rules->domains, hash);
    if (value == PS_INDEX_NONE) return (ps_known){PS_KNOWN_NOTHING, 0};
    return (ps_known){(ps_known_kind)(value & ((1U << KIND_BITS) - 1)), value >> KIND_BITS};
}

bool ps_rules_is_tld(const ps_address_rules *rules, ps_span label)
{
    return rules->tld_any || ps_index_find(&rules->tlds, ps_hash_of(label)) != PS_INDEX_NONE;
}

ps_role ps_rules_role(const ps_address_rules *rules, ps_span name)
{
    if (!ps_rules_may_be_role(rules, name)) return PS_ROLE_NONE;
    uint32_t value = ps_index_find(&rules->roles, ps_hash_of(name));
    return value == PS_INDEX_NONE ? PS_ROLE_NONE : (ps_role)value;
}
