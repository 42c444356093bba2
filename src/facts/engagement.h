#ifndef PS_FACTS_ENGAGEMENT_H
#define PS_FACTS_ENGAGEMENT_H

// Who is inactive: the decision table of the engagement policy. Pure: signals, windows and as_of in, one finding out.

#include "presend/facts.h"

// What the survey found out about the columns, sealed.
typedef struct ps_coverage {
    bool present[PS_SIGNAL_COUNT]; // the file has the column
    bool tracked[PS_SIGNAL_COUNT]; // and it is filled often and lately enough: an empty cell means "did not happen"
    ps_day observed_since[PS_SIGNAL_COUNT]; // declared, else the oldest value; PS_DAY_NONE: never
    bool sends_present;
    bool optin_present,
        optin_has_false; // an opt-in column stands; it holds false words (or others than true) somewhere
} ps_coverage;

typedef struct ps_engagement_result {
    unsigned decision; // its number in the table: facts/decisions.h
    ps_findings findings; // exactly one, of stage ENGAGE
    int32_t idle_days; // -1: not known
} ps_engagement_result;

// The days of a row that is winback_pending or winback_expired.
typedef struct ps_wait {
    ps_day winback_at; // of the mail, else of the listing
    ps_day reply_by; // where it is a mail's: the last day of the reply window
} ps_wait;

void ps_signals_init(ps_signals *out); // nothing known
void ps_signals_merge(ps_signals *into,
                      const ps_signals *other); // associative and commutative; best dates, worst opt-outs

// The later of two days, and the earlier: one that is known before none.
static inline ps_day ps_day_later(ps_day a, ps_day b)
{
    return a > b ? a : b; // PS_DAY_NONE is the least of all
}

static inline ps_day ps_day_earlier(ps_day a, ps_day b)
{
    if (a == PS_DAY_NONE || b == PS_DAY_NONE) return ps_day_later(a, b);
    return a < b ? a : b;
}

// Of two dates of a signal, the one that counts: the earliest sign-up, and the latest of all others.
static inline ps_day ps_signal_merge(ps_signal signal, ps_day a, ps_day b)
{
    return signal == PS_SIGNAL_SIGNUP ? ps_day_earlier(a, b) : ps_day_later(a, b);
}

static inline void ps_signals_add_day(ps_signals *signals, ps_signal signal, ps_day day)
{
    signals->date[signal] = ps_signal_merge(signal, signals->date[signal], day);
}

// A date up to one day ahead of as_of is as_of (clocks differ); further ahead it is none. Settle before merging, or a
// wrong date outlives a right one.
static inline ps_day ps_signal_settle(ps_day day, ps_day as_of)
{
    if (day <= as_of) return day;
    return day == as_of + 1 ? as_of : PS_DAY_NONE; // a clock that is a little ahead; anything more is no date
}

// What the columns of a job can show, taken together; made once of their coverage.
typedef struct ps_sight {
    bool usable; // some column can show that nothing happened
    bool answer_usable; // some column can show that a win-back mail was not answered
    bool sent_usable; // an empty last_sent means: never mailed
    ps_day since; // the day from which on an empty cell says that nothing happened
} ps_sight;
ps_sight ps_sight_of(const ps_coverage *coverage);

ps_engagement_result ps_engagement_judge_by(const ps_engagement *policy, const ps_sight *sight, ps_day as_of,
                                            const ps_signals *signals);
// The same of dates that are settled.
ps_engagement_result ps_engagement_judge_settled(const ps_engagement *policy, const ps_sight *sight, ps_day as_of,
                                                 const ps_signals *signals);
ps_engagement_result ps_engagement_judge(const ps_engagement *policy, const ps_coverage *coverage, ps_day as_of,
                                         const ps_signals *signals);

// Of a decision, by the days that the row was judged on; PS_DAY_NONE of others.
ps_wait ps_engagement_wait(const ps_engagement *policy, unsigned decision, ps_day sent, ps_day listed);

// Of a row with these findings: 1 active, 2 by opens only, 3 cooling; 0 otherwise.
unsigned ps_engagement_tier(ps_findings findings);

// The policy with the windows of the segment that the flags name, if they name another than its own.
ps_engagement ps_engagement_of_segment(const ps_engagement *policy, uint32_t flags);

// The windows of a profile (b2c_weekly, b2c_daily, b2c_monthly, b2b) into `out`; false for an unknown name.
bool ps_engagement_profile(const char *name, ps_engagement *out);
const char *const *ps_engagement_profiles(size_t *out_count);

// The signal that a column feeds, or PS_SIGNAL_COUNT.
ps_signal ps_signal_of(ps_column column);

#endif
