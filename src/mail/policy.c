// What speaks for caution about an address that is valid: role accounts, throw-away providers, slips of the fingers.

#include "mail/parse.h"

ps_findings ps_policy_role(const ps_address_rules *rules, ps_span name)
{
    static const ps_findings findings[] = {
        [PS_ROLE_NONE] = 0, [PS_ROLE_SHARED] = PS_FIND(ROLE_ACCOUNT), [PS_ROLE_SYSTEM] = PS_FIND(ROLE_SYSTEM)};

    return findings[ps_rules_role(rules, name)];
}

static ps_span without_tag(ps_span name)
{
    const char *plus = memchr(name.bytes, '+', name.len);

    return plus == NULL ? name : ps_span_head(name, (size_t)(plus - name.bytes));
}

// What is known of the nearest parent, down to the second level: a known-good one wins over what lies above it.
static bool is_below_disposable(const ps_address_rules *rules, ps_span host)
{
    for (;;) {
        const char *dot = memchr(host.bytes, '.', host.len);
        host = ps_span_tail(host, (size_t)(dot + 1 - host.bytes));
        if (memchr(host.bytes, '.', host.len) == NULL) return false;
        ps_known_kind kind = ps_rules_domain(rules, host).kind;
        if (kind == PS_KNOWN_GOOD || kind == PS_KNOWN_DISPOSABLE) return kind == PS_KNOWN_DISPOSABLE;
    }
}

static ps_span listed_meaning(const ps_address_rules *rules, ps_known known)
{
    return known.kind == PS_KNOWN_TYPO ? rules->typos[known.number] : (ps_span){NULL, 0};
}

ps_span ps_address_fixed(const ps_address_rules *rules, const ps_address *address, ps_arena *arena)
{
    ps_span meant = listed_meaning(rules, ps_rules_domain(rules, address->domain));

    if (meant.len == 0) return meant;
    ps_span local = ps_span_head(address->deliverable, address->deliverable.len - address->domain.len - 1);
    return ps_parse_join(arena, local, meant);
}

static ps_span meant_domain(const ps_parse *parse, ps_known known)
{
    ps_span listed = listed_meaning(parse->rules, known);

    return listed.len > 0 ? listed : ps_typo_nearest(parse->rules, parse->host, true);
}

// A slip comes before the throw-away providers: some of those sit on a name one slip away from a big one, and who wrote
// it most likely meant the big one.
void ps_parse_policy(ps_parse *parse, ps_address *out)
{
    ps_known known = parse->known;

    ps_span name = ps_span_head(out->key, out->key.len - parse->host.len - 1);
    parse->findings |= ps_policy_role(parse->rules, without_tag(name));
    if (known.kind == PS_KNOWN_GOOD) return;
    ps_span meant = parse->idn ? (ps_span){NULL, 0} : meant_domain(parse, known);
    if (meant.len > 0) {
        ps_parse_note(parse, PS_REASON_TYPO_SUSPECTED);
        out->suggestion = ps_parse_join(parse->arena, parse->local_out, meant);
        return;
    }
    if (known.kind == PS_KNOWN_DISPOSABLE || is_below_disposable(parse->rules, parse->host)) {
        ps_parse_note(parse, PS_REASON_DISPOSABLE_DOMAIN);
    }
}
