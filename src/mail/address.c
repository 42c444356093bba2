// The order of the address rules, and the short way for addresses that need few of them.

#include "presend/address.h"

#include <assert.h>
#include <stdlib.h>

#include "mail/character.h"
#include "mail/idn.h"
#include "mail/parse.h"

// Findings that by default keep an address from being mailed, and of these the ones that leave nothing to mail to.
#define AT_LEAST(effect, number, least) ((ps_findings)((effect) >= (least) && (number) < 128) << ((number) % 128))

#define PS_REASON(number, symbol, wire, stage, effect, text) | AT_LEAST(PS_EFFECT_##effect, number, PS_EFFECT_HOLD)
static const ps_findings holding_or_removing = 0
#include "presend/reason.def"
    ;
#undef PS_REASON

#define PS_REASON(number, symbol, wire, stage, effect, text) | AT_LEAST(PS_EFFECT_##effect, number, PS_EFFECT_REMOVE)
static const ps_findings removing = 0
#include "presend/reason.def"
    ;
#undef PS_REASON

// never: a test does not run out of memory within a library
void ps_parse_out_of_memory(void)
{
    abort();
}

ps_span ps_parse_join(ps_arena *arena, ps_span local, ps_span domain)
{
    char *bytes = ps_arena_room(arena, local.len + 1 + domain.len);

    if (local.len > 0) memcpy(bytes, local.bytes, local.len);
    bytes[local.len] = '@';
    if (domain.len > 0) memcpy(bytes + local.len + 1, domain.bytes, domain.len);
    return (ps_span){bytes, local.len + 1 + domain.len};
}

static ps_span deliverable_of(const ps_parse *parse)
{
    // Neither half was rewritten: both still stand around their `@`.
    bool as_written = parse->local_out.bytes == parse->local.bytes && parse->host.bytes == parse->domain.bytes;

    if (as_written) return (ps_span){parse->local.bytes, parse->local.len + 1 + parse->domain.len};
    return ps_parse_join(parse->arena, parse->local_out, parse->host);
}

// What is said of the whole: length, forms, keys, policy.
static void finish(ps_parse *parse, ps_address *out)
{
    ps_span deliverable = deliverable_of(parse);

    if (deliverable.len > PS_ADDRESS_BYTES_MAX) {
        ps_parse_note(parse, PS_REASON_ADDRESS_TOO_LONG);
        return;
    }
    parse->known = ps_rules_domain(parse->rules, parse->host);
    out->deliverable = deliverable;
    if (parse->mailbox_ascii) out->ascii = deliverable;
    out->unicode = deliverable;
    if (parse->idn) {
        out->unicode = ps_parse_join(parse->arena, parse->local_out, ps_idn_to_unicode(parse->host, parse->arena));
    }
    ps_parse_key(parse, out);
    ps_parse_policy(parse, out);
}

// Every rule in its order; the first that says no ends it.
void ps_parse_run(ps_parse *parse, ps_address *out)
{
    if (parse->text.len > PS_ADDRESS_CELL_BYTES_MAX) {
        ps_parse_note(parse, PS_REASON_ADDRESS_TOO_LONG);
        return;
    }
    if (!ps_parse_check_text(parse)) return;
    ps_parse_fold(parse);
    if (!ps_parse_unwrap(parse)) return;
    if (!ps_parse_split(parse)) return;
    if (!ps_parse_host(parse) || !ps_parse_check_host(parse)) return;
    if (!ps_parse_local(parse)) return;
    finish(parse, out);
}

// The local part of a plain address from the start of `cell`: atext and single inner dots up to an `@`. 0 when it is
// not plain.
static size_t scan_local(ps_span cell)
{
    bool after_dot = true;

    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.bytes[i];
        if (c == '@') return after_dot ? 0 : i;
        if (c == '.' ? after_dot : !ps_is_atext(c)) return 0;
        after_dot = c == '.';
    }
    return 0;
}

// Two or more labels of letters, digits and inner hyphens; no A-label. `*out_upper` says whether it must be made
// lower-case.
static bool scan_domain(ps_span domain, bool *out_upper)
{
    size_t start = 0, labels = 0;

    for (size_t i = 0; i <= domain.len; i++) {
        char c = i < domain.len ? domain.bytes[i] : '.';
        *out_upper = *out_upper || ps_is_upper(c);
        if (ps_is_ldh(c)) continue;
        if (c != '.' || i == start || domain.bytes[start] == '-' || domain.bytes[i - 1] == '-') return false;
        if (ps_idn_is_alabel((ps_span){domain.bytes + start, i - start})) return false;
        labels++;
        start = i + 1;
    }
    return labels > 1;
}

// Most cells of most lists: nothing to trim, fold, unwrap or convert, but a dot at the end. False, and nothing done,
// for any other.
static bool parse_plain(ps_parse *parse, ps_address *out)
{
    ps_span cell = parse->text;
    size_t local_len = cell.len > PS_ADDRESS_BYTES_MAX ? 0 : scan_local(cell);
    bool upper = false, dot = local_len > 0 && cell.bytes[cell.len - 1] == '.';

    if (local_len == 0 || cell.bytes[0] == '\'') return false;
    parse->local = ps_span_head(cell, local_len);
    parse->domain = ps_span_tail(ps_span_head(cell, cell.len - dot), local_len + 1);
    if (!scan_domain(parse->domain, &upper)) return false;
    if (dot) ps_parse_note(parse, PS_REASON_REPAIRED_TRAILING_DOT);
    parse->host = parse->domain;
    if (upper && !ps_parse_host(parse)) return true; // never: labels of letters, digits and hyphens have lower case
    if (!ps_parse_check_host(parse) || !ps_parse_local(parse)) return true;
    finish(parse, out);
    return true;
}

void ps_parse_short(ps_parse *parse, ps_address *out)
{
    if (!parse_plain(parse, out)) ps_parse_run(parse, out);
}

bool ps_parse_is_kept(const ps_parse *parse, ps_span spelling, ps_span *out)
{
    ps_parse second = {.rules = parse->rules, .arena = parse->arena, .text = spelling};
    ps_address address = {0};

    bool plain = parse->short_ways && ps_parse_plain(parse->rules, spelling, parse->arena, &address, &second.findings);
    if (!plain) ps_parse_run(&second, &address);
    if ((second.findings & holding_or_removing) != 0) return false;
    assert(address.ascii.len > 0); // a non-ASCII local part is held
    if (address.ascii.bytes[0] == '\'') return false; // itself in doubt, see check_apostrophe()
    *out = address.ascii;
    return true;
}

// A spreadsheet's apostrophe that was kept as text. It is a letter like any other to SMTP, so it is not taken off.
static void check_apostrophe(ps_parse *parse, ps_address *out)
{
    ps_span local = parse->local_out, host = parse->host, meant = out->suggestion;
    ps_span spelling = {NULL, 0};

    assert(out->deliverable.len > 0);
    if (local.bytes[0] != '\'') return;
    if (meant.len > 0) host = ps_span_tail(meant, local.len + 1);
    while (local.len > 0 && local.bytes[0] == '\'') {
        local = ps_span_tail(local, 1);
    }
    spelling = ps_parse_join(parse->arena, local, host);
    if (!ps_parse_is_kept(parse, spelling, &out->suggestion)) return;
    ps_parse_note(parse, PS_REASON_TYPO_SUSPECTED);
}

static ps_findings end(ps_parse *parse, ps_address *out)
{
    ps_span spelling = {NULL, 0};

    out->detail = parse->detail;
    if ((parse->findings & removing) == 0) {
        check_apostrophe(parse, out);
    } else if (ps_suggest(parse, &spelling) && !ps_parse_is_kept(parse, spelling, &out->suggestion)) {
        out->suggestion = (ps_span){NULL, 0};
    }
    return parse->findings;
}

ps_findings ps_address_parse_long(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out)
{
    ps_parse parse = {.rules = rules, .arena = arena, .text = cell};

    *out = (ps_address){0};
    ps_parse_run(&parse, out);
    return end(&parse, out);
}

ps_findings ps_parse_other(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out)
{
    ps_parse parse = {.rules = rules, .arena = arena, .text = cell, .short_ways = true};

    *out = (ps_address){0};
    if (ps_parse_refuse(&parse, out)) return parse.findings;
    if (!parse_plain(&parse, out)) ps_parse_run(&parse, out);
    return end(&parse, out);
}
