// The judgement of facts/engagement.c, each question asked of PS_LANES_BYTES / 4 people at once; the names are the
// same. Written as vectors, since gcc 12 makes none of the plain text. Included once by each file that has its own
// width.

#include "facts/day_lanes.h"

typedef struct situation {
    const ps_engagement *policy;
    const ps_sight *sight;
    yeses never, signless, has_signup, past_winback, untested, winback_sent, won;
    lanes idle, member, weak_idle, winback_age;
} situation;

PS_LANES_TARGET static inline __attribute__((always_inline)) void
see(const ps_engagement_terms *terms, const ps_engagement_block *block, size_t from, situation *s)
{
    lanes strong = latest(block, ps_strong_signals, PS_COUNT_OF(ps_strong_signals), from);
    lanes weak = latest(block, ps_weak_signals, PS_COUNT_OF(ps_weak_signals), from);
    lanes signup = day_of(block, PS_SIGNAL_SIGNUP, from), sent = day_of(block, PS_SIGNAL_WINBACK_SENT, from);
    lanes member_since = earlier(signup, weak);
    lanes watched_since = later(member_since, all_of(terms->sight.since));
    lanes idle_from = select_lanes(is_none(member_since), member_since, watched_since);

    s->policy = &terms->policy;
    s->sight = &terms->sight;
    s->untested = all_yes(terms->sight.sent_usable) & is_none(day_of(block, PS_SIGNAL_SENT, from));
    s->never = is_none(strong);
    s->signless = s->never & is_none(weak);
    s->has_signup = ~is_none(signup);
    s->member = days_since(terms->as_of, earlier(signup, later(strong, weak)));
    s->weak_idle = days_since(terms->as_of, weak);
    s->idle = days_since(terms->as_of, select_lanes(s->never, idle_from, strong));
    s->past_winback = is_over(s->idle, terms->policy.winback);
    s->winback_sent = ~is_none(sent);
    s->winback_age = days_since(terms->as_of, sent);
    s->won = s->winback_sent & ~is_after(sent, strong);
}

// Who may be, or of whom more is known, is not judged here.
#define NOBODY(question)                                                                                               \
    YESES question(const situation *s)                                                                                 \
    {                                                                                                                  \
        (void)s;                                                                                                       \
        return all_yes(false);                                                                                         \
    }
NOBODY(is_protected)
NOBODY(is_listed)
NOBODY(was_hardly_mailed)
#undef NOBODY

YESES read_lately(const situation *s)
{
    return is_over(s->weak_idle, -1) & ~is_over(s->weak_idle, s->policy->open_credit);
}

YESES is_won(const situation *s)
{
    return s->won & ~s->past_winback;
}

YESES is_winback_expired(const situation *s)
{
    return s->winback_sent & ~s->won & all_yes(s->sight->answer_usable) & is_over(s->winback_age, s->policy->reply);
}

YESES is_mail_open(const situation *s)
{
    return s->winback_sent & ~s->won & ~is_over(s->winback_age, s->policy->reply);
}

YESES is_unmeasured(const situation *s)
{
    return ~is_over(s->idle, -1) | all_yes(!s->sight->usable);
}

YESES is_new(const situation *s)
{
    return s->has_signup & ~is_over(s->member, s->policy->grace);
}

YESES is_untested(const situation *s)
{
    return s->untested & s->signless;
}

YESES is_untested_for_long(const situation *s)
{
    return is_untested(s) & s->has_signup & is_over(s->member, s->policy->sunset);
}

YESES is_active(const situation *s)
{
    return ~is_over(s->idle, s->policy->active);
}

YESES is_active_weak(const situation *s)
{
    return read_lately(s) & ~is_over(s->idle, s->policy->sunset);
}

YESES is_cooling(const situation *s)
{
    return ~s->past_winback;
}

YESES is_winback_due(const situation *s)
{
    return ~is_over(s->idle, s->policy->sunset);
}

YESES may_be_reading(const situation *s)
{
    return read_lately(s) & (~s->winback_sent | s->won);
}

YESES is_never_engaged(const situation *s)
{
    return s->signless;
}

YESES is_dormant(const situation *s)
{
    return is_over(s->idle, s->policy->sunset);
}

// The first question that is answered with yes; one is.
// clang-format off
LANES decide(const situation *s)
{
#define DECISION(applies, symbol, tier) select_lanes(applies(s), all_of(PS_DECISION_##applies),
#define END(applies, symbol, tier) )
    return PS_DECISIONS(DECISION) all_of(PS_DECISION_COUNT) PS_DECISIONS(END);
#undef END
#undef DECISION
}
// clang-format on

PS_LANES_TARGET static inline __attribute__((always_inline)) void judge_lanes(const ps_engagement_terms *terms,
                                                                              const ps_engagement_block *block)
{
    const ps_engagement_terms copy = *terms; // which no answer overlaps

    for (size_t from = 0; from < PS_ENGAGEMENT_BLOCK; from += LANES_COUNT) {
        situation s;
        see(&copy, block, from, &s);
        const narrow_lanes decisions = __builtin_convertvector(decide(&s), narrow_lanes);
        memcpy(block->decisions + from, &decisions, sizeof decisions);
        memcpy(block->idle_days + from, &s.idle, sizeof s.idle);
    }
}
