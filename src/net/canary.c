#include "net/canary.h"

#include <arpa/nameser.h>
#include <assert.h>

// Random names under real endings do not exist, and the mail servers of IANA's own example.com do (a null MX). A
// resolver that lives in a network of its own may know nothing of the world and say so of every name; taken at its
// word, it would empty a list.
static const char *const random_under[] = {"com", "net", "org"};
static const char present_name[] = "example.com";

// Who of these is in a list is asked for as well: a resolver that denies one denies others. They have taken mail for
// ten years and more, and nobody's list is without all of them.
static const char *const known_names[] = {
    "gmail.com",  "yahoo.co.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp",
    "au.com",     "hotmail.com", "outlook.com",  "outlook.jp",  "live.jp",        "yahoo.com",
    "icloud.com", "me.com",      "aol.com",      "nifty.com",   "gmx.de",         "web.de",
    "orange.fr",  "mail.ru",     "qq.com",       "163.com",     "naver.com",      "comcast.net",
};

enum { PRESENT = PS_COUNT_OF(random_under), KNOWN };

static_assert(KNOWN + 1 == PS_CANARIES, "a canary has no place");

static ps_status ask_one(ps_canaries *canaries, size_t resolver, size_t number, ps_error *err)
{
    ps_question question = {.name = number == KNOWN ? canaries->known : present_name,
                            .number = (uint32_t)number,
                            .type = ns_t_mx,
                            .kind = PS_CANARY_KIND,
                            .pinned = (int8_t)resolver};

    if (number < PS_COUNT_OF(random_under)) {
        char *name = canaries->names[resolver][number];
        ps_ask_random_name(canaries->ask, random_under[number], name);
        question.name = name;
        question.type = ns_t_a;
    }
    canaries->pending++;
    return ps_ask_add(canaries->ask, &question, err);
}

ps_status ps_canaries_ask(ps_canaries *canaries, ps_error *err)
{
    ps_status status = PS_OK;
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);

    memset(canaries->tallies, 0, sizeof canaries->tallies);
    canaries->pending = 0;
    for (size_t i = 0; i < count * PS_CANARIES && status == PS_OK; i++) {
        if (upstreams[i / PS_CANARIES].excluded) continue;
        if (i % PS_CANARIES == KNOWN && canaries->known == NULL) continue;
        status = ask_one(canaries, i / PS_CANARIES, i % PS_CANARIES, err);
    }
    return status;
}

void ps_canaries_know(ps_canaries *canaries, const ps_domains *domains)
{
    uint64_t most = 0;

    canaries->known = NULL;
    for (size_t i = 0; i < PS_COUNT_OF(known_names); i++) {
        uint32_t number = ps_intern_find(&domains->names, ps_span_of(known_names[i]));
        if (number == PS_INDEX_NONE || domains->rows[number] <= most) continue;
        most = domains->rows[number];
        canaries->known = known_names[i];
    }
}

// IANA's own has a null MX; whoever names another server invents it.
static bool is_right(const ps_question *question, const ps_dns_answer *answer)
{
    return question->number == KNOWN || (answer->mx_count == 1 && strcmp(answer->mx[0].target, ".") == 0);
}

void ps_canaries_take(ps_canaries *canaries, const ps_question *question, const ps_dns_answer *answer,
                      unsigned resolver)
{
    ps_canary_tally *tally = &canaries->tallies[resolver];
    bool random = question->number < PS_COUNT_OF(random_under);
    bool found = answer->outcome == PS_DNS_FOUND, absent = random && answer->outcome == PS_DNS_NXDOMAIN;
    bool right = !random && found && is_right(question, answer);

    canaries->pending--;
    tally->absent += absent;
    tally->shown += absent && answer->zone_shown;
    tally->invented += random && found;
    tally->present += right && question->number == PRESENT;
    tally->denied += !random && !right && (found || ps_dns_is_negative(answer->outcome));
}

// How far one resolver can be believed.
static ps_dns_trust trust_of(const ps_canary_tally *tally)
{
    if (tally->invented > 0) return PS_DNS_TRUST_LIES;
    bool good = tally->absent > 0 && tally->present > 0 && tally->denied == 0;
    return good ? PS_DNS_TRUST_GOOD : PS_DNS_TRUST_UNSURE;
}

bool ps_canaries_show_zones(ps_canaries *canaries, bool before)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        const ps_canary_tally *tally = &canaries->tallies[i];
        if (upstreams[i].excluded || tally->absent == 0) continue;
        if (tally->shown < tally->absent) return false;
        any = true;
    }
    return any || before;
}

bool ps_canaries_choose(ps_canaries *canaries, ps_dns_trust *out)
{
    size_t count;
    ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);
    bool replied = false;

    *out = PS_DNS_TRUST_LIES;
    for (size_t i = 0; i < count; i++) {
        if (!upstreams[i].replied) continue;
        replied = true;
        ps_dns_trust trust = trust_of(&canaries->tallies[i]);
        if (trust < *out) *out = trust;
    }
    for (size_t i = 0; i < count; i++)
        upstreams[i].excluded = !upstreams[i].replied || trust_of(&canaries->tallies[i]) != *out;
    return replied;
}

// A denial or an invention; silence is no lie.
static ps_dns_trust wrong_of(const ps_canary_tally *tally)
{
    if (tally->invented > 0) return PS_DNS_TRUST_LIES;
    return tally->denied > 0 ? PS_DNS_TRUST_UNSURE : PS_DNS_TRUST_GOOD;
}

ps_dns_trust ps_canaries_look(ps_canaries *canaries, bool *out_all)
{
    ps_dns_trust worst = PS_DNS_TRUST_GOOD;
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);

    *out_all = true;
    for (size_t i = 0; i < count; i++) {
        if (upstreams[i].excluded) continue;
        ps_dns_trust wrong = wrong_of(&canaries->tallies[i]);
        if (wrong > worst) worst = wrong;
        *out_all = *out_all && trust_of(&canaries->tallies[i]) == PS_DNS_TRUST_GOOD;
    }
    return worst;
}

bool ps_canaries_exclude(ps_canaries *canaries)
{
    size_t count;
    ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);
    unsigned honest = 0;

    for (size_t i = 0; i < count; i++)
        honest += !upstreams[i].excluded && trust_of(&canaries->tallies[i]) == PS_DNS_TRUST_GOOD;
    for (size_t i = 0; i < count && honest > 0; i++)
        upstreams[i].excluded |= wrong_of(&canaries->tallies[i]) != PS_DNS_TRUST_GOOD;
    return honest > 0;
}
