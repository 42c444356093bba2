#include "net/verdict.h"

#include "net/ip.h"

// Names that mean nothing outside a machine or a network, or nothing at all.
static const char *const special_suffixes[] = {
    "localhost", "invalid", "test", "example", // RFC 6761
    "local", // RFC 6762
    "internal", // reserved by ICANN in 2024 for private use
    "home.arpa", // RFC 8375
    "onion", // RFC 7686
};

// ICANN has new top-level domains answer with this name where a private name could collide with them.
static const char *const collision_names[] = {"your-dns-needs-immediate-attention"};

// On whole labels.
static bool ends_in(ps_span name, ps_span suffix)
{
    if (name.len < suffix.len || memcmp(name.bytes + name.len - suffix.len, suffix.bytes, suffix.len) != 0)
        return false;
    return name.len == suffix.len || name.bytes[name.len - suffix.len - 1] == '.';
}

static bool ends_in_one_of(const char *name, const char *const *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ends_in(ps_span_of(name), ps_span_of(suffixes[i]))) return true;
    }
    return false;
}

static bool is_collision(const char *name)
{
    for (size_t i = 0; i < PS_COUNT_OF(collision_names); i++) {
        size_t len = strlen(collision_names[i]);
        if (strncmp(name, collision_names[i], len) == 0 && (name[len] == '.' || name[len] == '\0')) return true;
    }
    return false;
}

ps_dns_target ps_dns_target_of(const char *name)
{
    if (name[0] == '\0') return PS_DNS_TARGET_ODD;
    if (strcmp(name, ".") == 0) return PS_DNS_TARGET_NULL;
    if (ps_ip_is_literal(name)) return PS_DNS_TARGET_IP;
    if (is_collision(name)) return PS_DNS_TARGET_COLLISION;
    if (ends_in_one_of(name, special_suffixes, PS_COUNT_OF(special_suffixes))) return PS_DNS_TARGET_SPECIAL;
    return PS_DNS_TARGET_NAME;
}

void ps_dns_host_init(ps_dns_host *host, const char *name)
{
    bool shared = false;

    *host = (ps_dns_host){.target = (uint8_t)ps_dns_target_of(name)};
    if (host->target != PS_DNS_TARGET_NAME) return;
    host->taker = ps_operator_of_host(ps_span_of(name), &shared);
    host->shared = shared;
    ps_operator_kind kind = ps_operator_get(host->taker)->kind;
    host->parking = kind == PS_OPERATOR_KIND_PARKING;
    host->disposable = kind == PS_OPERATOR_KIND_DISPOSABLE;
}

// Both sources say that there is nothing, but not the same nothing.
static ps_dns_outcome weaker_negative(ps_dns_outcome first, ps_dns_outcome second)
{
    static const ps_dns_outcome weakest_first[] = {PS_DNS_NODATA, PS_DNS_CNAME_LOOP};

    for (size_t i = 0; i < PS_COUNT_OF(weakest_first); i++) {
        if (first == weakest_first[i] || second == weakest_first[i]) return weakest_first[i];
    }
    return PS_DNS_NXDOMAIN;
}

static ps_dns_outcome joined(ps_dns_outcome first, ps_dns_outcome second)
{
    if (first == PS_DNS_FOUND || second == PS_DNS_FOUND) return PS_DNS_FOUND;
    return weaker_negative(first, second);
}

void ps_dns_lookup_add(ps_dns_lookup *lookup, const ps_dns_answer *answer, bool alias)
{
    bool second = lookup->outcome != PS_DNS_NOT_ASKED;

    lookup->twice = second;
    if (second && ps_dns_is_failure(answer->outcome)) return;
    lookup->confirmed = second;
    lookup->outcome = (uint8_t)(second ? joined((ps_dns_outcome)lookup->outcome, answer->outcome) : answer->outcome);
    lookup->addresses |= (uint8_t)answer->addresses;
    lookup->alias |= alias;
    lookup->zone_shown |= answer->zone_shown;
}

static bool is_public(const ps_dns_lookup *lookup)
{
    return (lookup->addresses & PS_IP_PUBLIC) != 0;
}

// Nothing more is to be asked once this is known.
static bool is_settled(const ps_dns_lookup *lookup)
{
    return is_public(lookup) || ps_dns_is_failure((ps_dns_outcome)lookup->outcome);
}

unsigned ps_dns_host_need(const ps_dns_host *host)
{
    bool own = host->policy != PS_DNS_POLICY_UNWANTED; // a domain's own address counts only where it was seen

    if (host->target != PS_DNS_TARGET_NAME || (host->shared && !own)) return 0;
    if (is_public(&host->a) || is_public(&host->aaaa)) {
        return host->policy == PS_DNS_POLICY_OPEN ? PS_DNS_NEED_POLICY : 0;
    }
    if (host->a.outcome == PS_DNS_NOT_ASKED) return PS_DNS_NEED_A;
    if (is_settled(&host->a)) return 0;
    // Of a name that does not exist, or an alias without end, one type tells all.
    bool all = host->a.outcome == PS_DNS_NXDOMAIN || host->a.outcome == PS_DNS_CNAME_LOOP;
    if (all) return host->a.twice ? 0 : PS_DNS_NEED_SECOND_A;
    if (host->aaaa.outcome == PS_DNS_NOT_ASKED) return PS_DNS_NEED_AAAA;
    if (is_settled(&host->aaaa)) return 0;
    return (host->a.twice ? 0 : PS_DNS_NEED_SECOND_A) | (host->aaaa.twice ? 0 : PS_DNS_NEED_SECOND_AAAA);
}

// What one host is worth to the mail of a domain.
typedef enum host_state {
    HOST_USABLE,
    HOST_KNOWN, // an operator's, not asked for
    HOST_ALIAS, // usable, by an alias, which RFC 2181 10.3 forbids and nearly all senders follow
    HOST_FAILED,
    HOST_LOOP,
    HOST_GONE,
    HOST_PRIVATE,
    HOST_NULL,
    HOST_IP,
    HOST_SPECIAL,
    HOST_COLLISION,
    HOST_ODD
} host_state;

#define BIT(state) (1U << (state))

static const ps_reason failure_reasons[PS_DNS_OUTCOME_COUNT] = {
    [PS_DNS_NOT_ASKED] = PS_REASON_NOT_CHECKED,
    [PS_DNS_FOUND] = PS_REASON_NXDOMAIN_UNCONFIRMED,
    [PS_DNS_NODATA] = PS_REASON_NXDOMAIN_UNCONFIRMED,
    [PS_DNS_NXDOMAIN] = PS_REASON_NXDOMAIN_UNCONFIRMED,
    [PS_DNS_CNAME_LOOP] = PS_REASON_CNAME_LOOP,
    [PS_DNS_TIMEOUT] = PS_REASON_TIMEOUT,
    [PS_DNS_RESOLVER_ERROR] = PS_REASON_RESOLVER_ERROR,
    [PS_DNS_REFUSED] = PS_REASON_REFUSED,
    [PS_DNS_BAD_ANSWER] = PS_REASON_BAD_ANSWER,
    [PS_DNS_TCP_FAILED] = PS_REASON_TCP_FAILED,
    [PS_DNS_SERVFAIL] = PS_REASON_SERVFAIL,
    [PS_DNS_AUTH_UNREACHABLE] = PS_REASON_AUTH_UNREACHABLE,
    [PS_DNS_BOGUS] = PS_REASON_DNSSEC_BOGUS,
    [PS_DNS_FILTERED] = PS_REASON_RESOLVER_FILTERED,
};

static ps_reason failure_reason(const ps_dns_lookup *lookup, const ps_dns_view *view)
{
    if (lookup->outcome == PS_DNS_TIMEOUT && view->resolver_alive) return PS_REASON_TIMEOUT_AUTH;
    return failure_reasons[lookup->outcome];
}

// "There is nothing" is believed when two say so, and one of them as RFC 2308 wants it: with the zone's SOA. Filters
// that do not explain themselves leave it out (Quad9 tells so of its own), caches on the way do now and then.
static bool is_proved(const ps_dns_lookup *lookup, const ps_dns_view *view)
{
    bool nothing = lookup->outcome == PS_DNS_NODATA || lookup->outcome == PS_DNS_NXDOMAIN;

    return lookup->confirmed && (!nothing || lookup->zone_shown || !view->zones_shown);
}

// A host without a public address: why, and may that be believed?
static host_state barren_state(const ps_dns_host *host, const ps_dns_view *view, ps_reason *reason)
{
    unsigned addresses = host->a.addresses | (unsigned)host->aaaa.addresses;
    bool confirmed =
        is_proved(&host->a, view) && (host->aaaa.outcome == PS_DNS_NOT_ASKED || is_proved(&host->aaaa, view));

    *reason = ps_dns_host_need(host) != 0 ? PS_REASON_NOT_CHECKED : PS_REASON_NXDOMAIN_UNCONFIRMED;
    if ((addresses & PS_IP_NULL) != 0) *reason = PS_REASON_RESOLVER_FILTERED;
    if (*reason == PS_REASON_RESOLVER_FILTERED) return HOST_FAILED;
    if (!confirmed) return host->a.outcome == PS_DNS_CNAME_LOOP ? HOST_LOOP : HOST_FAILED;
    *reason = PS_REASON_SPLIT_HORIZON;
    if ((addresses & PS_IP_SITE) != 0 && view->site_addresses) return HOST_FAILED;
    if ((addresses & PS_IP_COLLISION) != 0) return HOST_COLLISION;
    if (addresses != 0) return HOST_PRIVATE;
    return host->a.outcome == PS_DNS_CNAME_LOOP ? HOST_LOOP : HOST_GONE;
}

// `reason` is of HOST_FAILED only.
static host_state state_of(const ps_dns_host *host, const ps_dns_view *view, ps_reason *reason)
{
    static const host_state by_target[PS_DNS_TARGET_COUNT] = {
        [PS_DNS_TARGET_NULL] = HOST_NULL,       [PS_DNS_TARGET_IP] = HOST_IP,
        [PS_DNS_TARGET_SPECIAL] = HOST_SPECIAL, [PS_DNS_TARGET_COLLISION] = HOST_COLLISION,
        [PS_DNS_TARGET_ODD] = HOST_ODD,
    };
    const ps_dns_lookup *lookups[] = {&host->a, &host->aaaa};

    if (host->target != PS_DNS_TARGET_NAME) return by_target[host->target];
    if (host->shared && host->policy == PS_DNS_POLICY_UNWANTED) return HOST_KNOWN;
    for (size_t i = 0; i < PS_COUNT_OF(lookups); i++) {
        if (is_public(lookups[i])) return lookups[i]->alias ? HOST_ALIAS : HOST_USABLE;
    }
    for (size_t i = 0; i < PS_COUNT_OF(lookups); i++) {
        if (!ps_dns_is_failure((ps_dns_outcome)lookups[i]->outcome)) continue;
        *reason = failure_reason(lookups[i], view);
        return HOST_FAILED;
    }
    return barren_state(host, view, reason);
}

// All mail servers of a domain, summed up.
typedef struct summary {
    unsigned states; // bits of host_state
    ps_reason reason; // of the best server that failed
    bool parking, disposable; // every server is such a service's
} summary;

// Beside an operator's server the others need not be asked for; what other domains' questions happen to have told of
// them must not show.
static bool is_left_out(const ps_dns_host *host, bool served)
{
    return served && host->target == PS_DNS_TARGET_NAME && !host->shared;
}

static summary sum_up(const ps_dns_evidence *evidence, const ps_dns_view *view)
{
    summary sum = {.parking = true, .disposable = true};
    bool served = evidence->mx.outcome == PS_DNS_FOUND && ps_dns_is_served(evidence);

    for (size_t i = 0; i < evidence->targets_count; i++) {
        const ps_dns_host *host = &evidence->hosts[evidence->targets[i]];
        if (is_left_out(host, served)) continue;
        ps_reason reason = PS_REASON_NOT_CHECKED;
        host_state state = state_of(host, view, &reason);
        if (state == HOST_FAILED && (sum.states & BIT(HOST_FAILED)) == 0) sum.reason = reason;
        sum.states |= BIT(state);
        sum.parking &= host->parking;
        sum.disposable &= host->disposable;
    }
    return sum;
}

#define USABLE (BIT(HOST_USABLE) | BIT(HOST_ALIAS))
#define BARREN                                                                                                         \
    (BIT(HOST_LOOP) | BIT(HOST_GONE) | BIT(HOST_PRIVATE) | BIT(HOST_IP) | BIT(HOST_SPECIAL) | BIT(HOST_COLLISION) |    \
     BIT(HOST_ODD))

typedef struct rule {
    unsigned any; // one of these states is there
    unsigned only; // and no other than these; 0: whatever
    ps_mail_verdict verdict;
    ps_reason reason;
} rule;

// The first that fits. A failure outweighs every `no_mail`. Servers that do not exist come before the other unusable
// ones, since it is their rule that a job may soften.
static const rule target_rules[] = {
    {USABLE, 0, PS_MAIL_DELIVERABLE, PS_REASON_MX},
    {BIT(HOST_KNOWN), 0, PS_MAIL_DELIVERABLE, PS_REASON_MX_OPERATOR},
    {BIT(HOST_FAILED), 0, PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED}, // with the failure's own reason
    {BIT(HOST_LOOP), BIT(HOST_LOOP), PS_MAIL_NONE, PS_REASON_MX_DANGLING},
    {BIT(HOST_LOOP), 0, PS_MAIL_UNKNOWN, PS_REASON_CNAME_LOOP},
    {BIT(HOST_ODD), 0, PS_MAIL_UNKNOWN, PS_REASON_BAD_ANSWER},
    {BIT(HOST_NULL), 0, PS_MAIL_NONE, PS_REASON_NULL_MX},
    {BIT(HOST_COLLISION), 0, PS_MAIL_NONE, PS_REASON_NAME_COLLISION},
    {BIT(HOST_GONE), 0, PS_MAIL_NONE, PS_REASON_MX_DANGLING},
    {BIT(HOST_PRIVATE), 0, PS_MAIL_NONE, PS_REASON_MX_PRIVATE_IP},
    {BIT(HOST_SPECIAL), 0, PS_MAIL_NONE, PS_REASON_MX_SPECIAL_NAME},
    {BIT(HOST_IP), 0, PS_MAIL_NONE, PS_REASON_MX_IS_IP},
};

// Of a domain without MX, which is then its own mail server (RFC 5321 5.1).
static const rule address_rules[] = {
    {USABLE, 0, PS_MAIL_DELIVERABLE, PS_REASON_IMPLICIT_MX},
    {BIT(HOST_FAILED), 0, PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED}, // with the failure's own reason
    {BIT(HOST_LOOP), 0, PS_MAIL_UNKNOWN, PS_REASON_CNAME_LOOP},
    {BIT(HOST_COLLISION), 0, PS_MAIL_NONE, PS_REASON_NAME_COLLISION},
    {BIT(HOST_GONE), 0, PS_MAIL_NONE, PS_REASON_NODATA},
    {BIT(HOST_PRIVATE), 0, PS_MAIL_NONE, PS_REASON_A_PRIVATE_IP},
};

// A failed look-up of the address is told from a failed look-up of the mail server.
static const struct {
    ps_reason failure, reason;
} address_reasons[] = {
    {PS_REASON_SERVFAIL, PS_REASON_ADDR_SERVFAIL},
    {PS_REASON_TIMEOUT, PS_REASON_ADDR_TIMEOUT},
    {PS_REASON_TIMEOUT_AUTH, PS_REASON_ADDR_TIMEOUT},
};

static void set(ps_domain_fact *out, ps_mail_verdict verdict, ps_reason reason)
{
    out->verdict = verdict;
    out->reason = reason;
    out->warnings = 0;
}

static void apply_rules(const rule *rules, size_t count, const summary *sum, ps_domain_fact *out)
{
    for (size_t i = 0; i < count; i++) {
        if ((sum->states & rules[i].any) == 0) continue;
        if (rules[i].only != 0 && (sum->states & ~rules[i].only) != 0) continue;
        bool failed = rules[i].any == BIT(HOST_FAILED);
        set(out, rules[i].verdict, failed ? sum->reason : rules[i].reason);
        return;
    }
    set(out, PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
}

// What is odd about a domain that takes mail. The first, if any, is the reason; the others are told beside it.
static void warn(const ps_dns_evidence *evidence, const summary *sum, ps_domain_fact *out)
{
    const struct {
        bool holds;
        ps_reason reason;
    } warnings[] = {
        {sum->parking, PS_REASON_PARKING_MX},
        {sum->disposable, PS_REASON_DISPOSABLE_MX},
        {(sum->states & BIT(HOST_NULL)) != 0, PS_REASON_NULL_MX_MIXED},
        {evidence->null_pref && (sum->states & BIT(HOST_NULL)) != 0, PS_REASON_NULL_MX_PREF},
        {(sum->states & BARREN) != 0, PS_REASON_MX_PARTIAL},
        {(sum->states & BIT(HOST_ALIAS)) != 0, PS_REASON_MX_CNAME},
    };

    for (size_t i = 0; i < PS_COUNT_OF(warnings); i++) {
        if (!warnings[i].holds) continue;
        if (out->reason == PS_REASON_MX || out->reason == PS_REASON_MX_OPERATOR) {
            out->reason = warnings[i].reason;
        } else {
            out->warnings |= (ps_findings)1 << warnings[i].reason;
        }
    }
}

static void judge_targets(const ps_dns_evidence *evidence, const ps_dns_view *view, ps_domain_fact *out)
{
    summary sum = sum_up(evidence, view);

    apply_rules(target_rules, PS_COUNT_OF(target_rules), &sum, out);
    if (out->verdict == PS_MAIL_DELIVERABLE) warn(evidence, &sum, out);
    // The servers that were not looked at may be fine.
    if (out->verdict == PS_MAIL_NONE && evidence->cut) set(out, PS_MAIL_UNKNOWN, PS_REASON_BAD_ANSWER);
    if (out->reason == PS_REASON_NULL_MX && evidence->null_pref) out->warnings |= PS_FIND(NULL_MX_PREF);
}

static ps_reason negative_doubt(const ps_dns_lookup *lookup)
{
    return lookup->twice ? PS_REASON_NXDOMAIN_UNCONFIRMED : PS_REASON_NOT_CHECKED;
}

static void judge_address(const ps_dns_evidence *evidence, const ps_dns_view *view, ps_domain_fact *out)
{
    if (evidence->targets_count == 0) { // nobody came to ask
        set(out, PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
        return;
    }
    summary sum = sum_up(evidence, view);

    apply_rules(address_rules, PS_COUNT_OF(address_rules), &sum, out);
    for (size_t i = 0; i < PS_COUNT_OF(address_reasons); i++) {
        if (out->reason != address_reasons[i].failure) continue;
        out->reason = address_reasons[i].reason;
        break;
    }
    bool mute = evidence->hosts[evidence->targets[0]].policy == PS_DNS_POLICY_SENDS_NOTHING;
    if (out->verdict == PS_MAIL_DELIVERABLE && mute) set(out, PS_MAIL_NONE, PS_REASON_IMPLICIT_MX_SPF_NONE);
    if (out->verdict == PS_MAIL_NONE && !is_proved(&evidence->mx, view)) {
        set(out, PS_MAIL_UNKNOWN, negative_doubt(&evidence->mx));
    }
}

static void judge_answer(const ps_dns_evidence *evidence, const ps_dns_view *view, ps_domain_fact *out)
{
    ps_dns_outcome outcome = (ps_dns_outcome)evidence->mx.outcome;

    if (outcome == PS_DNS_FOUND) {
        judge_targets(evidence, view, out);
    } else if (outcome == PS_DNS_NODATA) {
        judge_address(evidence, view, out);
    } else if (outcome == PS_DNS_NXDOMAIN && is_proved(&evidence->mx, view)) {
        set(out, PS_MAIL_NONE, PS_REASON_NXDOMAIN);
    } else if (outcome == PS_DNS_NXDOMAIN) {
        set(out, PS_MAIL_UNKNOWN, negative_doubt(&evidence->mx));
    } else {
        set(out, PS_MAIL_UNKNOWN, failure_reason(&evidence->mx, view));
    }
}

// What rests on a resolver's word that there is nothing: a domain without mail servers is one of them.
static bool rests_on_nothing(ps_reason reason)
{
    static const ps_reason reasons[] = {PS_REASON_NXDOMAIN, PS_REASON_NODATA, PS_REASON_MX_DANGLING,
                                        PS_REASON_A_PRIVATE_IP, PS_REASON_IMPLICIT_MX_SPF_NONE};

    for (size_t i = 0; i < PS_COUNT_OF(reasons); i++) {
        if (reason == reasons[i]) return true;
    }
    return false;
}

void ps_dns_doubt(ps_dns_trust trust, ps_domain_fact *fact)
{
    bool none = fact->verdict == PS_MAIL_NONE;
    // Where every name has an address, a domain's own address proves nothing either.
    bool void_answer = none || fact->reason == PS_REASON_IMPLICIT_MX;

    if (trust == PS_DNS_TRUST_LIES && void_answer) {
        set(fact, PS_MAIL_UNKNOWN, PS_REASON_RESOLVER_LIES);
    } else if (trust == PS_DNS_TRUST_UNSURE && none && rests_on_nothing(fact->reason)) {
        set(fact, PS_MAIL_UNKNOWN, PS_REASON_NXDOMAIN_UNCONFIRMED);
    }
}

bool ps_dns_is_served(const ps_dns_evidence *evidence)
{
    for (size_t i = 0; i < evidence->targets_count; i++) {
        if (evidence->hosts[evidence->targets[i]].shared) return true;
    }
    return false;
}

void ps_dns_judge(const ps_dns_evidence *evidence, const ps_dns_view *view, ps_domain_fact *out)
{
    judge_answer(evidence, view, out);
    out->taker = PS_OPERATOR_NONE;
    for (size_t i = 0; i < evidence->targets_count && out->taker == PS_OPERATOR_NONE; i++)
        out->taker = evidence->hosts[evidence->targets[i]].taker;
    ps_dns_doubt(view->trust, out);
}
