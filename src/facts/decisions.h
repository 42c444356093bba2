#ifndef PS_FACTS_DECISIONS_H
#define PS_FACTS_DECISIONS_H

// The decision table of engagement, and the signals that it asks: for one person (facts/engagement.c) and for many at
// once (facts/engagement_lanes.h).

#include <assert.h>

#include "facts/engagement.h"

// First match wins. Suppressed and undeliverable rows never come here.
// DECISION(the question, the reason when it is answered with yes, the tier)
// clang-format off
#define PS_DECISIONS(DECISION) \
    DECISION(is_protected, PROTECTED, 0) \
    DECISION(is_won, WINBACK_WON, 0) \
    DECISION(is_winback_expired, WINBACK_EXPIRED, 0) \
    DECISION(is_mail_open, WINBACK_PENDING, 0) \
    DECISION(is_listed, WINBACK_PENDING, 0) \
    DECISION(is_unmeasured, NO_ENGAGEMENT_DATA, 0) \
    DECISION(is_new, NEW_GRACE, 0) \
    DECISION(is_untested_for_long, NEVER_MAILED_OLD, 0) \
    DECISION(is_untested, NEVER_MAILED, 0) \
    DECISION(is_active, ACTIVE, 1) \
    DECISION(is_active_weak, ACTIVE_OPEN_ONLY, 2) \
    DECISION(is_cooling, COOLING, 3) \
    DECISION(is_winback_due, WINBACK_DUE, 0) \
    DECISION(may_be_reading, WINBACK_DUE, 0) \
    DECISION(was_hardly_mailed, WINBACK_DUE, 0) /* a seasonal list: too few mails to call anyone gone */ \
    DECISION(is_never_engaged, NEVER_ENGAGED, 0) \
    DECISION(is_dormant, DORMANT, 0)
// clang-format on

enum {
#define DECISION(applies, symbol, tier) PS_DECISION_##applies,
    PS_DECISIONS(DECISION)
#undef DECISION
        PS_DECISION_COUNT
};
static_assert((int)PS_DECISION_COUNT <= 32, "a bit for each");

// What engagement says of a row: a decision of the table, or one of these.
enum {
    PS_ENGAGED_DATE = PS_DECISION_COUNT, // nothing yet: a date that cannot be read might decide otherwise
    PS_ENGAGED_NOT, // it is not asked: something else decides
    PS_ENGAGED_COUNT
};

typedef struct ps_decision {
    ps_findings findings;
    uint8_t tier;
} ps_decision;
extern const ps_decision ps_decisions[PS_DECISION_COUNT];

static const ps_signal ps_strong_signals[] = {
    PS_SIGNAL_RESUBSCRIBED, PS_SIGNAL_CLICK, PS_SIGNAL_LOGIN,
    PS_SIGNAL_PURCHASE,     PS_SIGNAL_REPLY, PS_SIGNAL_WINBACK_REPLIED,
};
// A mixed date of a CRM may count opens and the staff's own work.
static const ps_signal ps_weak_signals[] = {PS_SIGNAL_OPEN, PS_SIGNAL_OPEN_PERSON, PS_SIGNAL_ACTIVITY};

#endif
