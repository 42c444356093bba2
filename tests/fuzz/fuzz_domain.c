// What must hold for any bytes behind an `@`.
// layer: mail
// replays: 100000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "mail/character.h"
#include "mail/idn.h"
#include "mail/parse.h"

enum { INPUTS_PER_RULES = 20000, HOST_BYTES_MAX = 253 };

static ps_arena arena;
static ps_address_rules *rules;
static unsigned inputs_left;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void open_rules(void)
{
    static const ps_address_options any = {.special_use_all = true, .tld_any = true};
    ps_error err;

    if (arena.base == NULL) must(ps_arena_open((size_t)256 << 20, &arena, &err) == PS_OK, "an arena opens");
    if (inputs_left-- > 0) return;
    inputs_left = INPUTS_PER_RULES;
    ps_address_rules_free(rules);
    must(ps_address_rules_new(&any, &rules, &err) == PS_OK, "rules are made");
}

static ps_findings parse(const char *local, ps_span domain, ps_address *out)
{
    return ps_address_parse(rules, ps_parse_join(&arena, ps_span_of(local), domain), &arena, out);
}

static void check_host(ps_span host)
{
    size_t label = 0, labels = 1;

    must(host.len >= 3 && host.len <= HOST_BYTES_MAX, "a host fits DNS");
    for (size_t i = 0; i < host.len; i++) {
        char c = host.bytes[i];
        must(c == '.' || (ps_is_ldh(c) && !ps_is_upper(c)), "a host is letters, digits and hyphens");
        must(c != '.' || label > 0, "no label is empty");
        label = c == '.' ? 0 : label + 1;
        labels += c == '.';
        must(label <= PS_LABEL_BYTES_MAX, "a label fits DNS");
    }
    must(label > 0 && labels > 1, "a host has two labels at least");
}

// What is typed as an A-label may show as what nobody could type: libidn2 lets pass what the mapping of U-labels would
// change, and a joiner beside ASCII, which is dropped from what is typed. Such U-labels are for display only.
static bool may_be_untypable(const ps_address_rules *by, ps_span typed)
{
    size_t at = 0;

    while (at < typed.len) {
        int32_t c = ps_utf8_next(typed, &at);
        if (c >= 0 && (ps_is_joiner((uint32_t)c) || ps_fold_character(by, (uint32_t)c) == '-')) return true;
    }
    return false;
}

// As A-labels, as U-labels, in capitals: one host.
static void check_spellings(ps_span typed, ps_span host, ps_span unicode)
{
    ps_address again;
    char *upper = ps_arena_take(&arena, host.len);
    ps_findings changed = PS_FIND(NORMALIZED_IDN) | PS_FIND(NORMALIZED_CASE) | PS_FIND(REPAIRED_INVISIBLE) |
                          PS_FIND(REPAIRED_WIDTH) | PS_FIND(NORMALIZED_NFC);

    must((parse("a", host, &again) & changed) == 0, "a host is in its final form");
    must(ps_span_equal(again.domain, host), "a host stays what it is");
    (void)parse("a", unicode, &again); // its notes differ
    must(ps_span_equal(again.domain, host) || may_be_untypable(rules, typed), "U-labels are the same host");
    for (size_t i = 0; i < host.len; i++) {
        bool letter = host.bytes[i] >= 'a' && host.bytes[i] <= 'z';
        upper[i] = (char)(letter ? host.bytes[i] - 'a' + 'A' : host.bytes[i]);
    }
    (void)parse("a", (ps_span){upper, host.len}, &again); // as above
    must(ps_span_equal(again.domain, host), "case does not change a host");
}

// A plain local part changes nothing of what is said of the domain, the first time nor the second.
static void check_local_parts(ps_span domain)
{
    static const char *const locals[] = {"zq", "Ab.cd", "zq+tag", "zq"};
    ps_address first, other;
    ps_findings of_first = parse("zz", domain, &first);

    for (size_t i = 0; i < PS_COUNT_OF(locals); i++) {
        ps_findings of_other = parse(locals[i], domain, &other);
        if (((of_first | of_other) & PS_FIND(ADDRESS_TOO_LONG)) != 0) continue; // the one thing that both halves decide
        must(of_first == of_other, "a domain is judged by itself");
        must(ps_span_equal(first.domain, other.domain), "a domain's host is its own");
    }
}

static void check_labels(ps_span domain)
{
    ps_label label = {.len = 0};
    ps_label again = {.len = 0};

    if (domain.len == 0 || domain.len > PS_ADDRESS_CELL_BYTES_MAX || memchr(domain.bytes, '.', domain.len) != NULL)
        return;
    if (memchr(domain.bytes, '\0', domain.len) != NULL || !ps_utf8_valid(domain)) return;
    if (ps_is_ascii(domain) && !ps_idn_is_alabel(domain)) return;
    if (ps_idn_to_ascii(domain, &label) != PS_REASON_OK) return;
    ps_span ascii = {label.text, label.len};
    must(label.len <= PS_LABEL_BYTES_MAX, "a label has a bound");
    must(ps_is_ascii(ascii), "an A-label is ASCII");
    if (!ps_idn_is_alabel(ascii)) return;
    must(ps_idn_to_ascii(ascii, &again) == PS_REASON_OK, "an A-label is one");
    must(ps_span_equal(ascii, (ps_span){again.text, again.len}), "an A-label stays what it is");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_span domain = {(const char *)data, size};
    ps_address address;

    open_rules();
    (void)parse("a", domain, &address); // a refused domain has no host
    if (address.domain.len > 0) {
        const char *at = memrchr(address.unicode.bytes, '@', address.unicode.len);
        check_host(address.domain);
        check_spellings(domain, address.domain,
                        ps_span_tail(address.unicode, (size_t)(at + 1 - address.unicode.bytes)));
    }
    if (size == 0 || memchr(data, '@', size) == NULL) check_local_parts(domain);
    check_labels(domain);
    ps_arena_reset(&arena);
    return 0;
}
