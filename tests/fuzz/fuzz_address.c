// What must hold for any cell whatever.
// layer: mail
// replays: 200000
// replays-long: 10000000

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// Both ways of the options that change what comes out.
static const ps_address_options plain = {0};
static const ps_address_options other = {.legacy_carrier_quoted = true, .special_use_all = true, .jis_source = true};

// The memo takes a bounded number of domains: new rules now and then have it learn again.
enum { INPUTS_PER_RULES = 20000, WORK_BYTES_MAX = 1 << 16, WORK_BYTES_PER_BYTE = 512 };

static ps_arena arena;
static ps_address_rules *rules[2];
static locale_t elsewhere; // another locale than the program's own
static unsigned inputs_left;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void open_rules(void)
{
    ps_error err;

    if (elsewhere == NULL) elsewhere = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    must(elsewhere != NULL, "there is a locale");
    if (arena.base == NULL) must(ps_arena_open((size_t)256 << 20, &arena, &err) == PS_OK, "an arena opens");
    if (inputs_left-- > 0) return;
    inputs_left = INPUTS_PER_RULES;
    ps_address_rules_free(rules[0]);
    ps_address_rules_free(rules[1]);
    must(ps_address_rules_new(&plain, &rules[0], &err) == PS_OK, "rules are made");
    must(ps_address_rules_new(&other, &rules[1], &err) == PS_OK, "rules are made");
}

static ps_findings with_effect(ps_findings findings, ps_effect effect)
{
    ps_findings found = 0;

    for (unsigned n = 0; n < PS_FINDING_COUNT_MAX; n++) {
        if (!ps_findings_has(findings, (ps_reason)n)) continue;
        const ps_reason_info *info = ps_reason_get((ps_reason)n);
        must(info != NULL && info->stage == PS_REASON_STAGE_SYNTAX, "only findings of this stage are set");
        if (info->effect == effect) found |= (ps_findings)1 << n;
    }
    return found;
}

static void check_way(ps_findings by_fast, const ps_address *fast, ps_findings by_slow, const ps_address *slow)
{
    must(by_fast == by_slow, "the fast way finds what the long one finds");
    must(ps_span_equal(fast->ascii, slow->ascii), "both ways give one ascii form");
    must(ps_span_equal(fast->unicode, slow->unicode), "both ways give one unicode form");
    must(ps_span_equal(fast->deliverable, slow->deliverable), "both ways give one deliverable form");
    must(ps_span_equal(fast->domain, slow->domain), "both ways give one domain");
    must(ps_span_equal(fast->key, slow->key), "both ways give one key");
    must(ps_span_equal(fast->provider_key, slow->provider_key), "both ways give one provider key");
    must(ps_span_equal(fast->suggestion, slow->suggestion), "both ways give one suggestion");
    must(fast->detail == slow->detail, "both ways give one detail");
}

// The first time the memo learns the domain, then it knows it; each form for a kind of CPU does the same with it, and
// so does any locale.
static void check_ways_agree(ps_address_rules *by, ps_span cell)
{
    ps_address fast, slow;
    ps_findings by_slow = ps_address_parse_long(by, cell, &arena, &slow);

    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        by->glance_each = ps_glance_each_for(cpu);
        memset(&fast, 0xA5, sizeof fast); // what is not written shows
        ps_findings by_fast = ps_address_parse(by, cell, &arena, &fast);
        check_way(by_fast, &fast, by_slow, &slow);
    }
    memset(&fast, 0xA5, sizeof fast);
    uselocale(elsewhere);
    ps_findings by_other = ps_parse_other(by, cell, &arena, &fast);
    uselocale(LC_GLOBAL_LOCALE);
    check_way(by_other, &fast, by_slow, &slow);
}

static void check_removed(const ps_address *address, ps_findings removing)
{
    must((removing & (removing - 1)) == 0, "one reason removes");
    must(address->ascii.len + address->unicode.len + address->deliverable.len == 0, "nothing is left to mail to");
    must(address->domain.len + address->key.len + address->provider_key.len == 0, "nothing is left to match");
}

static void check_forms(const ps_address *address)
{
    must(address->key.len > address->domain.len + 1 && address->domain.len > 2, "a key has two halves");
    must(address->key.bytes + address->key.len == address->domain.bytes + address->domain.len, "domain is part of key");
    for (size_t i = 0; i < address->domain.len; i++) {
        char c = address->domain.bytes[i];
        bool ldh = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        must(ldh, "a domain is A-labels in lower case");
    }
    must(address->deliverable.len > 0 && address->deliverable.len <= PS_ADDRESS_BYTES_MAX, "SMTP can carry it");
    must(address->ascii.len == 0 || ps_span_equal(address->ascii, address->deliverable), "ascii is deliverable");
    must(address->provider_key.len > 2, "a provider key is never empty");
    must(ps_utf8_valid(address->unicode) && ps_utf8_valid(address->key), "what comes out is text");
    must(memchr(address->deliverable.bytes, '\n', address->deliverable.len) == NULL, "no line end comes out");
}

// What is typed as an A-label may show as what nobody could type: libidn2 lets pass what the mapping of U-labels would
// change, and a joiner beside ASCII, which is dropped from what is typed. Such U-labels are for display only.
static bool may_be_untypable(const ps_address_rules *by, ps_span typed)
{
    size_t at = 0;

    while (at < typed.len) {
        int32_t c = ps_utf8_next(typed, &at);
        bool escape = c == '%' || ps_is_joiner((uint32_t)c);
        if (c >= 0 && (escape || ps_fold_character(by, (uint32_t)c) == '-')) return true;
    }
    return false;
}

// What came out goes in again: nothing is left to repair, and lists match it alike.
static void check_again(const ps_address_rules *by, ps_span cell, const ps_address *first)
{
    static const ps_findings repairs = PS_FIND(REPAIRED_WHITESPACE) | PS_FIND(REPAIRED_INVISIBLE) |
                                       PS_FIND(REPAIRED_WIDTH) | PS_FIND(REPAIRED_WRAPPER) |
                                       PS_FIND(REPAIRED_TRAILING_DOT) | PS_FIND(NORMALIZED_NFC) |
                                       PS_FIND(NORMALIZED_CASE) | PS_FIND(NORMALIZED_IDN) | PS_FIND(NORMALIZED_QUOTES);
    ps_address again;
    ps_findings findings = ps_address_parse(by, first->deliverable, &arena, &again);

    must((findings & repairs) == 0, "nothing is left to repair");
    must(ps_span_equal(again.ascii, first->ascii), "the same ascii form again");
    must(ps_span_equal(again.deliverable, first->deliverable), "the same deliverable form again");
    must(ps_span_equal(again.key, first->key), "the same key again");
    must(ps_span_equal(again.provider_key, first->provider_key), "the same provider key again");
    findings = ps_address_parse(by, first->unicode, &arena, &again);
    must(ps_span_equal(again.key, first->key) || may_be_untypable(by, cell), "the unicode form has the same key");
}

static void check_suggestion(const ps_address_rules *by, ps_span suggestion, bool removed)
{
    ps_address meant;
    ps_findings findings = ps_address_parse(by, suggestion, &arena, &meant);

    must(with_effect(findings, PS_EFFECT_REMOVE) == 0, "a suggestion is an address");
    must(!removed || with_effect(findings, PS_EFFECT_HOLD) == 0, "a suggestion for what is removed would be kept");
    must(!removed || ps_span_equal(meant.ascii, suggestion), "a suggestion is in its final form");
}

// A slip of the table is put right once and for all, and nothing before the `@` changes.
static void check_fixed(const ps_address_rules *by, const ps_address *address)
{
    ps_span fixed = ps_address_fixed(by, address, &arena);
    size_t local_len = address->key.len - address->domain.len;
    ps_address meant;

    if (fixed.len == 0) return;
    ps_findings findings = ps_address_parse(by, fixed, &arena, &meant);
    must(with_effect(findings, PS_EFFECT_REMOVE) == 0, "what was put right is an address");
    bool unquoted = ps_findings_has(findings, PS_REASON_CARRIER_LEGACY_LOCAL); // what needs quotes elsewhere
    must(unquoted || ps_span_equal(meant.deliverable, fixed), "what was put right is in its final form");
    must(meant.key.len - meant.domain.len == local_len, "the local part is as long as it was");
    must(memcmp(meant.key.bytes, address->key.bytes, local_len) == 0, "the local part is what it was");
    must(ps_address_fixed(by, &meant, &arena).len == 0, "nothing is left to put right");
    bool odd = meant.deliverable.bytes[0] == '\'';
    must(odd || !ps_findings_has(findings, PS_REASON_TYPO_SUSPECTED), "the domain is beyond suspicion");
}

static void check(ps_address_rules *by, ps_span cell)
{
    check_ways_agree(by, cell);
    ps_address address;
    ps_findings findings = ps_address_parse(by, cell, &arena, &address);
    ps_findings removing = with_effect(findings, PS_EFFECT_REMOVE);

    if (removing != 0) {
        check_removed(&address, removing);
    } else {
        check_forms(&address);
        check_again(by, cell, &address);
        check_fixed(by, &address);
    }
    bool typo = ps_findings_has(findings, PS_REASON_TYPO_SUSPECTED);
    must(!typo || address.suggestion.len > 0, "a suspected slip comes with a suggestion");
    if (address.suggestion.len > 0) check_suggestion(by, address.suggestion, removing != 0);
    must(arena.used <= WORK_BYTES_MAX + cell.len * WORK_BYTES_PER_BYTE, "work has a bound");
}

// The output form of old carrier addresses changes nothing that lists match on.
static void check_options(ps_span cell)
{
    ps_address raw, quoted;

    ps_address_parse(rules[0], cell, &arena, &raw);
    ps_findings findings = ps_address_parse(rules[1], cell, &arena, &quoted);
    if (!ps_findings_has(findings, PS_REASON_CARRIER_LEGACY_LOCAL) || raw.key.len == 0) return;
    must(ps_span_equal(raw.key, quoted.key), "one key for both forms");
    must(quoted.deliverable.bytes[0] == '"' && raw.deliverable.bytes[0] != '"', "one form has quotes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_span cell = {(const char *)data, size};

    open_rules();
    check(rules[0], cell);
    check(rules[1], cell);
    check_options(cell);
    ps_arena_reset(&arena);
    return 0;
}
