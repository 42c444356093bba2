#include "facts/engagement.h"

#include <assert.h>
#include <string.h>

#include "facts/decisions.h"

// ---- signals

// What a column's dates mean, and which date counts when an address has several.
static const struct {
    ps_column column;
    ps_signal signal;
} columns[] = {
    {PS_COLUMN_SIGNUP_AT, PS_SIGNAL_SIGNUP},
    {PS_COLUMN_CONSENT_AT, PS_SIGNAL_SIGNUP}, // who consented had signed up by then
    {PS_COLUMN_RESUBSCRIBED_AT, PS_SIGNAL_RESUBSCRIBED},
    {PS_COLUMN_LAST_CLICK, PS_SIGNAL_CLICK},
    {PS_COLUMN_LAST_LOGIN, PS_SIGNAL_LOGIN},
    {PS_COLUMN_LAST_PURCHASE, PS_SIGNAL_PURCHASE},
    {PS_COLUMN_LAST_REPLY, PS_SIGNAL_REPLY},
    {PS_COLUMN_LAST_OPEN, PS_SIGNAL_OPEN},
    {PS_COLUMN_LAST_ACTIVITY, PS_SIGNAL_ACTIVITY},
    {PS_COLUMN_LAST_SENT, PS_SIGNAL_SENT},
    {PS_COLUMN_WINBACK_SENT_AT, PS_SIGNAL_WINBACK_SENT},
    {PS_COLUMN_WINBACK_REPLIED_AT, PS_SIGNAL_WINBACK_REPLIED},
};

ps_signal ps_signal_of(ps_column column)
{
    for (size_t i = 0; i < PS_COUNT_OF(columns); i++) {
        if (columns[i].column == column) return columns[i].signal;
    }
    return PS_SIGNAL_COUNT;
}

void ps_signals_init(ps_signals *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        out->date[i] = PS_DAY_NONE;
    out->sends = -1;
}

// Few sends without an answer speak for a person, so the least known number counts.
static int32_t fewer_known(int32_t a, int32_t b)
{
    if (a < 0 || b < 0) return a > b ? a : b;
    return a < b ? a : b;
}

void ps_signals_merge(ps_signals *into, const ps_signals *other)
{
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        ps_signals_add_day(into, (ps_signal)i, other->date[i]);
    into->sends = fewer_known(into->sends, other->sends);
    into->flags = (into->flags | other->flags) & PS_FLAGS_OF_ADDRESS;
}

// ---- windows

static const struct {
    const char *name;
    int32_t active, winback, sunset, grace, min_sends;
} profiles[] = {
    {"b2c_weekly", 90, 180, 365, 30, 3},
    {"b2c_daily", 30, 90, 180, 14, 0},
    {"b2c_monthly", 180, 300, 365, 60, 0},
    {"b2b", 180, 365, 730, 60, 0},
};

static const char *const profile_names[] = {"b2c_weekly", "b2c_daily", "b2c_monthly", "b2b"};
static_assert(PS_COUNT_OF(profiles) == PS_COUNT_OF(profile_names), "a profile without a name");

enum {
    REPLY_DAYS = 30,
    RELIST_DAYS = 60,
    OPEN_CREDIT_DAYS = 90,
    SENDS_NEVER = 11, // HubSpot's graymail numbers
    SENDS_SINCE = 16
};
static const double coverage_share = 0.01;

const char *const *ps_engagement_profiles(size_t *out_count)
{
    *out_count = PS_COUNT_OF(profile_names);
    return profile_names;
}

bool ps_engagement_profile(const char *name, ps_engagement *out)
{
    for (size_t i = 0; i < PS_COUNT_OF(profiles); i++) {
        if (strcmp(profiles[i].name, name) != 0) continue;
        out->profile = profiles[i].name;
        out->active = profiles[i].active;
        out->winback = profiles[i].winback;
        out->sunset = profiles[i].sunset;
        out->grace = profiles[i].grace;
        out->min_sends = profiles[i].min_sends;
        out->reply = REPLY_DAYS;
        out->relist = RELIST_DAYS;
        out->open_credit = OPEN_CREDIT_DAYS;
        out->sends_never = SENDS_NEVER;
        out->sends_since = SENDS_SINCE;
        out->coverage = coverage_share;
        return true;
    }
    return false;
}

// ---- the judgement

// What everybody is judged by.
typedef struct judgement {
    const ps_engagement *policy;
    const ps_sight *sight;
    ps_day as_of;
} judgement;

// What the rows of the table ask about one address.
typedef struct situation {
    const ps_engagement *policy;
    const ps_sight *sight;
    bool protected;
    bool never, signless; // no strong sign; no sign at all
    bool has_signup;
    int32_t idle; // days without a strong sign; -1: not known
    int32_t member; // days since sign-up; where has_signup
    int32_t weak_idle; // days since the last weak sign; -1: none
    bool past_winback; // idle counts as past the win-back threshold
    bool untested; // the column that says who was mailed is empty here
    bool winback_sent, won;
    int32_t winback_age; // days since the win-back mail
    bool listed; // for win-back by an earlier run, in this spell and lately
    int32_t sends;
} situation;

// Who never resubscribed or never answered a win-back mail is not inactive for that, so those two columns prove
// nothing.
static const ps_signal observing_signals[] = {
    PS_SIGNAL_CLICK, PS_SIGNAL_LOGIN, PS_SIGNAL_PURCHASE, PS_SIGNAL_REPLY, PS_SIGNAL_OPEN, PS_SIGNAL_ACTIVITY,
};

static ps_day latest(const ps_signals *signals, const ps_signal *which, size_t count)
{
    ps_day day = PS_DAY_NONE;

    for (size_t i = 0; i < count; i++)
        day = ps_day_later(day, signals->date[which[i]]);
    return day;
}

static ps_day latest_of_all(const ps_signals *signals)
{
    ps_day day = PS_DAY_NONE;

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        day = ps_day_later(day, signals->date[i]);
    return day;
}

static bool any_tracked(const ps_coverage *coverage, const ps_signal *which, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (coverage->tracked[which[i]]) return true;
    }
    return false;
}

// History that starts late is not inactivity.
static ps_day observed_since(const ps_coverage *coverage)
{
    ps_day day = PS_DAY_NONE;

    for (size_t i = 0; i < PS_COUNT_OF(observing_signals); i++) {
        ps_signal signal = observing_signals[i];
        if (coverage->tracked[signal]) day = ps_day_earlier(day, coverage->observed_since[signal]);
    }
    return day;
}

ps_sight ps_sight_of(const ps_coverage *coverage)
{
    return (ps_sight){
        .usable = any_tracked(coverage, observing_signals, PS_COUNT_OF(observing_signals)),
        .answer_usable = any_tracked(coverage, ps_strong_signals, PS_COUNT_OF(ps_strong_signals)),
        .sent_usable = coverage->tracked[PS_SIGNAL_SENT],
        .since = observed_since(coverage),
    };
}

// From when on a strong sign could have been seen, for someone without any. A sign-up after the last activity is a
// re-import, and where no sign-up is known the weak sign shows that the person was there by then.
static ps_day idle_from(const ps_sight *sight, ps_day signup, ps_day weak)
{
    ps_day member_since = ps_day_earlier(signup, weak);

    return member_since == PS_DAY_NONE ? PS_DAY_NONE : ps_day_later(member_since, sight->since);
}

static int32_t days_since(ps_day as_of, ps_day day)
{
    return day == PS_DAY_NONE ? -1 : as_of - day;
}

static bool sends_are_many(const situation *s)
{
    int32_t many = s->never ? s->policy->sends_never : s->policy->sends_since;

    return many > 0 && s->sends >= many && s->idle > s->policy->active;
}

static void see_winback(situation *s, const ps_signals *signals, ps_day as_of, ps_day strong)
{
    ps_day sent = signals->date[PS_SIGNAL_WINBACK_SENT];

    s->winback_sent = sent != PS_DAY_NONE;
    s->winback_age = days_since(as_of, sent);
    // Days cannot tell a click on the mail's own day from one before it; who was there that day is not gone. The
    // answer to the mail is among the strong signs.
    s->won = s->winback_sent && strong >= sent;
}

// A listing belongs to the spell that it was made in, which a sign of the person ends. So does better evidence that
// comes in later: who is not that idle after all would not be listed, and is not held for it.
static void see_listing(situation *s, const ps_signals *signals, ps_day as_of, ps_day strong)
{
    ps_day listed = signals->date[PS_SIGNAL_WINBACK_LISTED];
    bool in_spell = listed != PS_DAY_NONE && strong < listed && (s->idle < 0 || s->past_winback);

    s->listed = in_spell && as_of - listed < s->policy->relist;
}

// What few jobs and few rows have. Without it half of the questions below are answered before they are asked.
static bool is_plain(const ps_sight *sight, const ps_signals *signals)
{
    return signals->sends < 0 && signals->date[PS_SIGNAL_WINBACK_LISTED] == PS_DAY_NONE && !sight->sent_usable &&
           (signals->flags & PS_FLAG_PROTECTED) == 0;
}

// `plain` is known where this is called, and each of the two has the code that it needs: a compiler that made one of
// both would take the answers back.
#define IN_BOTH static inline __attribute__((always_inline))

IN_BOTH situation see(const judgement *j, const ps_signals *signals, bool plain)
{
    ps_day strong = latest(signals, ps_strong_signals, PS_COUNT_OF(ps_strong_signals));
    ps_day weak = latest(signals, ps_weak_signals, PS_COUNT_OF(ps_weak_signals));
    ps_day signup = signals->date[PS_SIGNAL_SIGNUP];
    situation s = {.policy = j->policy, .sight = j->sight, .sends = plain ? -1 : signals->sends};

    s.protected = !plain && (signals->flags & PS_FLAG_PROTECTED) != 0 && (signals->flags & PS_FLAG_UNPROTECTED) == 0;
    s.untested = !plain && j->sight->sent_usable && signals->date[PS_SIGNAL_SENT] == PS_DAY_NONE;
    s.never = strong == PS_DAY_NONE;
    s.signless = s.never && weak == PS_DAY_NONE;
    s.has_signup = signup != PS_DAY_NONE;
    s.member = days_since(j->as_of, ps_day_earlier(signup, ps_day_later(strong, weak)));
    s.weak_idle = days_since(j->as_of, weak);
    s.idle = days_since(j->as_of, s.never ? idle_from(j->sight, signup, weak) : strong);
    s.past_winback = s.idle > j->policy->winback || sends_are_many(&s);
    see_winback(&s, signals, j->as_of, strong);
    if (!plain) see_listing(&s, signals, j->as_of, strong);
    return s;
}

static bool few_sends(const situation *s)
{
    return s->sends >= 0 && s->sends < s->policy->min_sends;
}

static bool read_lately(const situation *s)
{
    return s->weak_idle >= 0 && s->weak_idle <= s->policy->open_credit;
}

static bool is_protected(const situation *s)
{
    return s->protected;
}

static bool is_won(const situation *s)
{
    return s->won && !s->past_winback;
}

static bool is_winback_expired(const situation *s)
{
    return s->winback_sent && !s->won && s->sight->answer_usable && s->winback_age > s->policy->reply;
}

static bool is_mail_open(const situation *s)
{
    return s->winback_sent && !s->won && s->winback_age <= s->policy->reply;
}

static bool is_listed(const situation *s)
{
    return s->listed;
}

static bool is_unmeasured(const situation *s)
{
    return !s->sight->usable || s->idle < 0;
}

static bool is_new(const situation *s)
{
    // The sends since engagement are those since sign-up only where there never was a sign.
    return (s->has_signup && s->member <= s->policy->grace) || (s->signless && few_sends(s));
}

static bool is_untested(const situation *s)
{
    return s->untested && s->signless;
}

static bool is_untested_for_long(const situation *s)
{
    return is_untested(s) && s->has_signup && s->member > s->policy->sunset;
}

static bool is_active(const situation *s)
{
    return s->idle <= s->policy->active;
}

static bool is_active_weak(const situation *s)
{
    return read_lately(s) && s->idle <= s->policy->sunset;
}

static bool is_cooling(const situation *s)
{
    return !s->past_winback;
}

static bool is_winback_due(const situation *s)
{
    return s->idle <= s->policy->sunset;
}

static bool may_be_reading(const situation *s)
{
    return read_lately(s) && (!s->winback_sent || s->won);
}

static bool was_hardly_mailed(const situation *s)
{
    return few_sends(s);
}

static bool is_never_engaged(const situation *s)
{
    return s->signless;
}

static bool is_dormant(const situation *s)
{
    return s->idle > s->policy->sunset;
}

const ps_decision ps_decisions[PS_DECISION_COUNT] = {
#define DECISION(applies, symbol, tier) {PS_FIND(symbol), tier},
    PS_DECISIONS(DECISION)
#undef DECISION
};

// Every question is asked, and the first yes is a matter of bits: what people do is as good as random, and a branch for
// each question would be mispredicted several times a row, which costs more than all the answers.
IN_BOTH unsigned decide(const situation *s)
{
    uint32_t answers = 0;
    unsigned row = 0;

#define DECISION(applies, symbol, tier) answers |= (uint32_t)applies(s) << row++;
    PS_DECISIONS(DECISION)
#undef DECISION
    assert(answers != 0); // every idle time is over or under the hard limit
    return (unsigned)__builtin_ctz(answers);
}

// A row that says it is of the other kind than the job's profile is given that kind's windows; b2b, which gives more
// time, wins over b2c. The job's single windows belong to its own profile.
ps_engagement ps_engagement_of_segment(const ps_engagement *policy, uint32_t flags)
{
    ps_engagement own = *policy, other;
    bool b2b = (flags & PS_FLAG_SEGMENT_B2B) != 0, b2c = (flags & PS_FLAG_SEGMENT_B2C) != 0;
    bool is_b2b = strcmp(policy->profile, "b2b") == 0;

    if ((!b2b && !b2c) || b2b == is_b2b) return own;
    bool found = ps_engagement_profile(b2b ? "b2b" : "b2c_weekly", &other);
    assert(found); // both stand in the table above
    (void)found; // unused without asserts
    own.profile = other.profile;
    own.active = other.active;
    own.winback = other.winback;
    own.sunset = other.sunset;
    own.grace = other.grace;
    own.min_sends = other.min_sends;
    return own;
}

ps_wait ps_engagement_wait(const ps_engagement *policy, unsigned decision, ps_day sent, ps_day listed)
{
    bool mailed = decision == PS_DECISION_is_mail_open || decision == PS_DECISION_is_winback_expired;

    if (mailed) return (ps_wait){sent, sent + policy->reply};
    return (ps_wait){decision == PS_DECISION_is_listed ? listed : PS_DAY_NONE, PS_DAY_NONE};
}

unsigned ps_engagement_tier(ps_findings findings)
{
    unsigned tier = 0; // no two are found of a row

    for (size_t i = 0; i < PS_DECISION_COUNT; i++)
        tier |= (findings & ps_decisions[i].findings) != 0 ? ps_decisions[i].tier : 0U;
    return tier;
}

// The windows are those of the row.
IN_BOTH ps_engagement_result judge_as(const judgement *j, const ps_signals *signals, bool plain)
{
    situation s = see(j, signals, plain);
    unsigned decision = decide(&s);

    return (ps_engagement_result){decision, ps_decisions[decision].findings, s.idle};
}

static __attribute__((noinline)) ps_engagement_result judge_odd(const judgement *j, const ps_signals *signals)
{
    return judge_as(j, signals, false);
}

static ps_engagement_result judge_settled(const judgement *j, const ps_signals *signals)
{
    return is_plain(j->sight, signals) ? judge_as(j, signals, true) : judge_odd(j, signals);
}

// Apart from its caller, which needs no room for the copies.
static __attribute__((noinline)) ps_engagement_result judge_unsettled(const judgement *j, const ps_signals *signals)
{
    const ps_engagement windows = ps_engagement_of_segment(j->policy, signals->flags);
    ps_signals settled = *signals;

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        settled.date[i] = ps_signal_settle(settled.date[i], j->as_of);
    return judge_settled(&(judgement){&windows, j->sight, j->as_of}, &settled);
}

static bool is_segmented(const ps_signals *signals)
{
    return (signals->flags & (PS_FLAG_SEGMENT_B2B | PS_FLAG_SEGMENT_B2C)) != 0;
}

ps_engagement_result ps_engagement_judge_settled(const ps_engagement *policy, const ps_sight *sight, ps_day as_of,
                                                 const ps_signals *signals)
{
    const judgement j = {policy, sight, as_of};

    return is_segmented(signals) ? judge_unsettled(&j, signals) : judge_settled(&j, signals);
}

// Few have a date behind `as_of`, since rows are settled as they are read, and few files have a column of segments.
ps_engagement_result ps_engagement_judge_by(const ps_engagement *policy, const ps_sight *sight, ps_day as_of,
                                            const ps_signals *signals)
{
    const judgement j = {policy, sight, as_of};
    bool settled = !is_segmented(signals) && latest_of_all(signals) <= as_of;

    return settled ? judge_settled(&j, signals) : judge_unsettled(&j, signals);
}

ps_engagement_result ps_engagement_judge(const ps_engagement *policy, const ps_coverage *coverage, ps_day as_of,
                                         const ps_signals *signals)
{
    ps_sight sight = ps_sight_of(coverage);

    return ps_engagement_judge_by(policy, &sight, as_of, signals);
}
