#ifndef PS_NET_CANARY_H
#define PS_NET_CANARY_H

// How far each resolver can be believed: it is asked for names of which everybody knows what there is to say.

#include "facts/domains.h"
#include "net/ask.h"
#include "net/verdict.h"

enum {
    PS_CANARIES = 5, // names a resolver, at most
    PS_CANARY_KIND = 128 // of their questions
};

// What a resolver said of them.
typedef struct ps_canary_tally {
    unsigned absent, invented; // of names that do not exist: so, or an address
    unsigned shown; // of the absent: with the zone that says so
    unsigned present, denied; // of the one that does: so, or not
} ps_canary_tally;

typedef struct ps_canaries {
    ps_ask *ask;
    ps_canary_tally tallies[PS_UPSTREAMS_MAX];
    char names[PS_UPSTREAMS_MAX][PS_CANARIES][PS_ASK_RANDOM_NAME_SIZE];
    unsigned pending;
    const char *known; // a name of the list that everybody knows to take mail; NULL: none
} ps_canaries;

// Ask every resolver in use; while none is pending.
ps_status ps_canaries_ask(ps_canaries *canaries, ps_error *err);
// The end of a question of this kind.
void ps_canaries_take(ps_canaries *canaries, const ps_question *question, const ps_dns_answer *answer,
                      unsigned resolver);

// The biggest domain of the list of those that everybody knows, once the list is known.
void ps_canaries_know(ps_canaries *canaries, const ps_domains *domains);

// Whether resolvers in use show whose word it is that a name does not exist; as it was where none answered.
bool ps_canaries_show_zones(ps_canaries *canaries, bool before);

// After the first round: only the most trusted resolvers stay in use. False when none replied at all.
bool ps_canaries_choose(ps_canaries *canaries, ps_dns_trust *out);

// After a later one: GOOD when no resolver in use said a wrong thing. `*out_all`: and each said all the right ones.
ps_dns_trust ps_canaries_look(ps_canaries *canaries, bool *out_all);
// A resolver in use that said something wrong is in use no more, where another one said all the right things. False
// when none did.
bool ps_canaries_exclude(ps_canaries *canaries);

#endif
