#include "net/canary.h"

#include <arpa/nameser.h>

// Random names under real endings do not exist, and the mail servers of IANA's own example.com do (a null MX). A
// resolver that lives in a network of its own may know nothing of the world and say so of every name; taken at its
// word, it would empty a list.
static const char *const random_under[PS_CANARIES] = {"com", "net", "org", NULL};
static const char present_name[] = "example.com";

static ps_status ask_one(ps_canaries *canaries, size_t resolver, size_t number, ps_error *err)
{
    ps_question question = {.name = present_name, .type = ns_t_mx, .kind = PS_CANARY_KIND, .pinned = (int8_t)resolver};

    if (random_under[number] != NULL) {
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
        if (!upstreams[i / PS_CANARIES].excluded) status = ask_one(canaries, i / PS_CANARIES, i % PS_CANARIES, err);
    }
    return status;
}

void ps_canaries_take(ps_canaries *canaries, const ps_question *question, const ps_dns_answer *answer,
                      unsigned resolver)
{
    ps_canary_tally *tally = &canaries->tallies[resolver];
    bool random = question->type == ns_t_a;
    bool found = answer->outcome == PS_DNS_FOUND;

    canaries->pending--;
    tally->absent += random && answer->outcome == PS_DNS_NXDOMAIN;
    tally->invented += random && found;
    tally->present += !random && found;
    tally->denied += !random && ps_dns_is_negative(answer->outcome);
}

// How far one resolver can be believed.
static ps_dns_trust trust_of(const ps_canary_tally *tally)
{
    if (tally->invented > 0) return PS_DNS_TRUST_LIES;
    return tally->absent > 0 && tally->present > 0 ? PS_DNS_TRUST_GOOD : PS_DNS_TRUST_UNSURE;
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
        honest += !upstreams[i].excluded && wrong_of(&canaries->tallies[i]) == PS_DNS_TRUST_GOOD;
    for (size_t i = 0; i < count && honest > 0; i++)
        upstreams[i].excluded |= wrong_of(&canaries->tallies[i]) != PS_DNS_TRUST_GOOD;
    return honest > 0;
}
