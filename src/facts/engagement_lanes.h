// The judgement of facts/engagement.c, each question asked of PS_LANES_BYTES / 4 people at once; the names are the
// same. A yes has all bits set, a no none. Written as vectors, since gcc 12 makes none of the plain text. Included once
// by each file that has its own width.

#include "facts/day_lanes.h"

typedef struct situation {
    const ps_engagement *policy;
    const ps_sight *sight;
    lanes never, signless, has_signup, past_winback, untested, winback_sent, won;
    lanes idle, member, weak_idle, winback_age;
} situation;

static inline __attribute__((always_inline)) void see(const ps_engagement_terms *terms,
                                                      const ps_engagement_block *block, size_t from, situation *s)
{
    lanes strong = latest(block, ps_strong_signals, PS_COUNT_OF(ps_strong_signals), from);
    lanes weak = latest(block, ps_weak_signals, PS_COUNT_OF(ps_weak_signals), from);
    lanes signup = day_of(block, PS_SIGNAL_SIGNUP, from), sent = day_of(block, PS_SIGNAL_WINBACK_SENT, from);
    lanes member_since = earlier(signup, weak), none = all_of(PS_DAY_NONE);
    lanes idle_from = select_lanes(member_since == none, none, later(member_since, all_of(terms->sight.since)));

    s->policy = &terms->policy;
    s->sight = &terms->sight;
    s->untested = all_of(-terms->sight.sent_usable) & (day_of(block, PS_SIGNAL_SENT, from) == none);
    s->never = strong == none;
    s->signless = s->never & (weak == none);
    s->has_signup = signup != none;
    s->member = days_since(terms->as_of, earlier(signup, later(strong, weak)));
    s->weak_idle = days_since(terms->as_of, weak);
    s->idle = days_since(terms->as_of, select_lanes(s->never, idle_from, strong));
    s->past_winback = s->idle > terms->policy.winback;
    s->winback_sent = sent != none;
    s->winback_age = days_since(terms->as_of, sent);
    s->won = s->winback_sent & (strong >= sent);
}

LANES is_protected(const situation *s)
{
    return s->won ^ s->won; // who may be is not judged here
}

LANES read_lately(const situation *s)
{
    return (s->weak_idle >= 0) & (s->weak_idle <= s->policy->open_credit);
}

LANES is_won(const situation *s)
{
    return s->won & ~s->past_winback;
}

LANES is_winback_expired(const situation *s)
{
    return s->winback_sent & ~s->won & -(int32_t)s->sight->answer_usable & (s->winback_age > s->policy->reply);
}

LANES is_winback_pending(const situation *s)
{
    return s->winback_sent & ~s->won & (s->winback_age <= s->policy->reply);
}

LANES is_unmeasured(const situation *s)
{
    return (s->idle < 0) | -(int32_t)!s->sight->usable;
}

LANES is_new(const situation *s)
{
    return s->has_signup & (s->member <= s->policy->grace);
}

LANES is_untested(const situation *s)
{
    return s->untested & s->signless;
}

LANES is_untested_for_long(const situation *s)
{
    return is_untested(s) & s->has_signup & (s->member > s->policy->sunset);
}

LANES is_active(const situation *s)
{
    return s->idle <= s->policy->active;
}

LANES is_active_weak(const situation *s)
{
    return read_lately(s) & (s->idle <= s->policy->sunset);
}

LANES is_cooling(const situation *s)
{
    return ~s->past_winback;
}

LANES is_winback_due(const situation *s)
{
    return s->idle <= s->policy->sunset;
}

LANES may_be_reading(const situation *s)
{
    return read_lately(s) & (~s->winback_sent | s->won);
}

LANES was_hardly_mailed(const situation *s)
{
    return s->won ^ s->won; // of these people no number of sends is known
}

LANES is_never_engaged(const situation *s)
{
    return s->signless;
}

LANES is_dormant(const situation *s)
{
    return s->idle > s->policy->sunset;
}

static inline __attribute__((always_inline)) void judge_lanes(const ps_engagement_terms *terms,
                                                              ps_engagement_block *block)
{
    const ps_engagement_terms copy = *terms; // which no answer overlaps

    for (size_t from = 0; from < PS_ENGAGEMENT_BLOCK; from += LANES_COUNT) {
        situation s;
        see(&copy, block, from, &s);
        lanes answers = {0};
#define DECISION(applies, symbol, tier) answers |= applies(&s) & (int32_t)(UINT32_C(1) << PS_DECISION_##applies);
        PS_DECISIONS(DECISION)
#undef DECISION
        memcpy(&block->answers[from], &answers, sizeof answers);
        memcpy(&block->idle_days[from], &s.idle, sizeof s.idle);
    }
}
