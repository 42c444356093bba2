// Who is inactive: one line a row of the decision table, and its edges.
// layer: facts

#include "assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "facts/engagement.h"
#include "facts/facts.h"

enum { AS_OF = 20000, TODAY = 1 << 30, TRACK_CLICK = 1, TRACK_OPEN = 2, TRACK_SENT = 4, TRACK_REPLIED = 8 };

// One address: its dates as days before as_of, 0 where there is none.
typedef struct person {
    int signup, click, open, sent, winback_sent, winback_replied, listed;
    int sends; // 0: not known; else one more
    uint32_t flags;
} person;

static void put(ps_signals *signals, ps_signal signal, int age)
{
    if (age != 0) signals->date[signal] = AS_OF - (age == TODAY ? 0 : age);
}

static ps_signals signals_of(const person *p)
{
    ps_signals signals;

    ps_signals_init(&signals);
    put(&signals, PS_SIGNAL_SIGNUP, p->signup);
    put(&signals, PS_SIGNAL_CLICK, p->click);
    put(&signals, PS_SIGNAL_OPEN, p->open);
    put(&signals, PS_SIGNAL_SENT, p->sent);
    put(&signals, PS_SIGNAL_WINBACK_SENT, p->winback_sent);
    put(&signals, PS_SIGNAL_WINBACK_REPLIED, p->winback_replied);
    put(&signals, PS_SIGNAL_WINBACK_LISTED, p->listed);
    signals.sends = p->sends - 1;
    signals.flags = p->flags;
    return signals;
}

static ps_coverage coverage_of(unsigned tracked)
{
    ps_coverage coverage = {.sends_present = true};

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++) {
        coverage.present[i] = true;
        coverage.observed_since[i] = PS_DAY_NONE;
    }
    coverage.tracked[PS_SIGNAL_CLICK] = (tracked & TRACK_CLICK) != 0;
    coverage.tracked[PS_SIGNAL_OPEN] = (tracked & TRACK_OPEN) != 0;
    coverage.tracked[PS_SIGNAL_SENT] = (tracked & TRACK_SENT) != 0;
    coverage.tracked[PS_SIGNAL_WINBACK_REPLIED] = (tracked & TRACK_REPLIED) != 0;
    return coverage;
}

#define P(...)                                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

static const struct {
    const char *name;
    unsigned tracked;
    person person;
    ps_reason reason;
    int tier, idle;
} cases[] = {
    {"3 protected", TRACK_CLICK, P(.signup = 2000, .click = 1000, .flags = PS_FLAG_PROTECTED), PS_REASON_PROTECTED, 0,
     1000},
    {"3 protected: no in another row", TRACK_CLICK,
     P(.signup = 2000, .click = 1000, .flags = PS_FLAG_PROTECTED | PS_FLAG_UNPROTECTED), PS_REASON_DORMANT, 0, 1000},
    {"3 protected over an expired win-back", TRACK_CLICK,
     P(.signup = 2000, .click = 1000, .winback_sent = 100, .flags = PS_FLAG_PROTECTED), PS_REASON_PROTECTED, 0, 1000},

    {"4 answered", TRACK_CLICK, P(.signup = 2000, .click = 400, .winback_sent = 60, .winback_replied = 58),
     PS_REASON_WINBACK_WON, 0, 58},
    {"4 answered on the day", TRACK_CLICK, P(.signup = 2000, .click = 400, .winback_sent = 60, .winback_replied = 60),
     PS_REASON_WINBACK_WON, 0, 60},
    {"4 clicked after it", TRACK_CLICK, P(.signup = 2000, .click = 59, .winback_sent = 60), PS_REASON_WINBACK_WON, 0,
     59},
    {"4 clicked on its day", TRACK_CLICK, P(.signup = 2000, .click = 60, .winback_sent = 60), PS_REASON_WINBACK_WON, 0,
     60},
    {"4 answered after the window", TRACK_CLICK, P(.signup = 2000, .winback_sent = 100, .winback_replied = 50),
     PS_REASON_WINBACK_WON, 0, 50},
    {"4 won, idle at the threshold", TRACK_CLICK, P(.signup = 2000, .click = 180, .winback_sent = 190),
     PS_REASON_WINBACK_WON, 0, 180},
    {"4 won, but idle again: due again", TRACK_CLICK, P(.signup = 2000, .click = 181, .winback_sent = 190),
     PS_REASON_WINBACK_DUE, 0, 181},
    {"4 won, but dormant since", TRACK_CLICK, P(.signup = 2000, .click = 366, .winback_sent = 400), PS_REASON_DORMANT,
     0, 366},
    {"4 won long ago, reading: due again", TRACK_CLICK,
     P(.signup = 2000, .click = 366, .open = 10, .winback_sent = 400), PS_REASON_WINBACK_DUE, 0, 366},

    {"5 expired", TRACK_CLICK, P(.signup = 2000, .click = 300, .winback_sent = 31), PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"5 answer column alone is usable", TRACK_REPLIED, P(.signup = 2000, .click = 300, .winback_sent = 31),
     PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"5 an open is no answer", TRACK_CLICK | TRACK_OPEN, P(.signup = 2000, .click = 300, .open = 5, .winback_sent = 31),
     PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"5 an answer before the mail is none", TRACK_CLICK, P(.signup = 2000, .winback_sent = 40, .winback_replied = 300),
     PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"5 no sign ever", TRACK_CLICK, P(.signup = 300, .winback_sent = 31), PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"5 nothing can show an answer", TRACK_OPEN, P(.signup = 300, .click = 250, .winback_sent = 31),
     PS_REASON_WINBACK_DUE, 0, 250},
    {"5 nothing is usable at all", 0, P(.signup = 300, .click = 250, .winback_sent = 31), PS_REASON_NO_ENGAGEMENT_DATA,
     0, 250},

    {"6 pending", TRACK_CLICK, P(.signup = 2000, .click = 300, .winback_sent = 5), PS_REASON_WINBACK_PENDING, 0, 300},
    {"6 last day of the window", TRACK_CLICK, P(.signup = 2000, .click = 300, .winback_sent = 30),
     PS_REASON_WINBACK_PENDING, 0, 300},
    {"6 sent today", TRACK_CLICK, P(.signup = 2000, .click = 300, .winback_sent = TODAY), PS_REASON_WINBACK_PENDING, 0,
     300},
    {"6 listed", TRACK_CLICK, P(.signup = 2000, .click = 300, .listed = 1), PS_REASON_WINBACK_PENDING, 0, 300},
    {"6 listed, last day of it", TRACK_CLICK, P(.signup = 2000, .click = 300, .listed = 59), PS_REASON_WINBACK_PENDING,
     0, 300},
    {"6 listed long enough ago to be listed again", TRACK_CLICK, P(.signup = 2000, .click = 300, .listed = 60),
     PS_REASON_WINBACK_DUE, 0, 300},
    {"6 listed, then past the hard limit", TRACK_CLICK, P(.signup = 2000, .click = 370, .listed = 10),
     PS_REASON_WINBACK_PENDING, 0, 370},
    {"6 listed, then only opened", TRACK_CLICK | TRACK_OPEN, P(.signup = 2000, .click = 300, .open = 2, .listed = 10),
     PS_REASON_WINBACK_PENDING, 0, 300},
    {"6 listed, without a usable column today", 0, P(.listed = 10), PS_REASON_WINBACK_PENDING, 0, -1},
    {"10 listed, then clicked", TRACK_CLICK, P(.signup = 2000, .click = 9, .listed = 10), PS_REASON_ACTIVE, 1, 9},
    {"10 listed, and clicked on that day", TRACK_CLICK, P(.signup = 2000, .click = 10, .listed = 10), PS_REASON_ACTIVE,
     1, 10},
    {"12 listed, then a click from before came in", TRACK_CLICK, P(.signup = 2000, .click = 100, .listed = 10),
     PS_REASON_COOLING, 3, 100},
    {"13 listed in an earlier spell", TRACK_CLICK, P(.signup = 2000, .click = 190, .listed = 200),
     PS_REASON_WINBACK_DUE, 0, 190},
    {"5 listed and sent, expired", TRACK_CLICK, P(.signup = 2000, .click = 300, .listed = 40, .winback_sent = 31),
     PS_REASON_WINBACK_EXPIRED, 0, 300},
    {"3 listed, but protected", TRACK_CLICK, P(.signup = 2000, .click = 300, .listed = 5, .flags = PS_FLAG_PROTECTED),
     PS_REASON_PROTECTED, 0, 300},
    {"6 also without a usable column", 0, P(.signup = 2000, .winback_sent = 5), PS_REASON_WINBACK_PENDING, 0, 2000},

    {"7 no usable column", 0, P(.signup = 2000, .click = 1000), PS_REASON_NO_ENGAGEMENT_DATA, 0, 1000},
    {"7 last_sent alone measures nothing", TRACK_SENT, P(.signup = 2000), PS_REASON_NO_ENGAGEMENT_DATA, 0, 2000},
    {"7 no sign-up and no sign", TRACK_CLICK, P(.sends = 0), PS_REASON_NO_ENGAGEMENT_DATA, 0, -1},
    {"7 no sign-up, no sign, never mailed", TRACK_CLICK | TRACK_SENT, P(.sends = 0), PS_REASON_NO_ENGAGEMENT_DATA, 0,
     -1},

    {"8 new", TRACK_CLICK, P(.signup = 30), PS_REASON_NEW_GRACE, 0, 30},
    {"8 signed up today", TRACK_CLICK, P(.signup = TODAY), PS_REASON_NEW_GRACE, 0, 0},
    {"8 new, and clicked since", TRACK_CLICK, P(.signup = 10, .click = 2), PS_REASON_NEW_GRACE, 0, 2},
    {"8 no longer new", TRACK_CLICK, P(.signup = 31), PS_REASON_ACTIVE, 1, 31},
    {"8 hardly mailed since sign-up", TRACK_CLICK, P(.signup = 2000, .sends = 1 + 2), PS_REASON_NEW_GRACE, 0, 2000},
    {"8 mailed often enough", TRACK_CLICK, P(.signup = 2000, .sends = 1 + 3), PS_REASON_NEVER_ENGAGED, 0, 2000},
    {"8 no grace by re-import", TRACK_CLICK, P(.signup = 5, .click = 400), PS_REASON_DORMANT, 0, 400},
    {"8 no grace by re-import, opens", TRACK_CLICK, P(.signup = 5, .open = 300), PS_REASON_WINBACK_DUE, 0, 300},

    {"9 never mailed", TRACK_CLICK | TRACK_SENT, P(.signup = 365), PS_REASON_NEVER_MAILED, 0, 365},
    {"9 never mailed for long", TRACK_CLICK | TRACK_SENT, P(.signup = 366), PS_REASON_NEVER_MAILED_OLD, 0, 366},
    {"9 mailed", TRACK_CLICK | TRACK_SENT, P(.signup = 366, .sent = 10), PS_REASON_NEVER_ENGAGED, 0, 366},
    {"9 a sign", TRACK_CLICK | TRACK_SENT, P(.signup = 366, .click = 366), PS_REASON_DORMANT, 0, 366},
    {"9 last_sent is not kept", TRACK_CLICK, P(.signup = 366), PS_REASON_NEVER_ENGAGED, 0, 366},

    {"10 active", TRACK_CLICK, P(.signup = 2000, .click = TODAY), PS_REASON_ACTIVE, 1, 0},
    {"10 last active day", TRACK_CLICK, P(.signup = 2000, .click = 90), PS_REASON_ACTIVE, 1, 90},
    {"10 active without a sign-up", TRACK_CLICK, P(.click = 90), PS_REASON_ACTIVE, 1, 90},
    {"10 a column that is not tracked proves activity", TRACK_OPEN, P(.signup = 2000, .click = 3), PS_REASON_ACTIVE, 1,
     3},
    {"10 many sends change nothing while active", TRACK_CLICK, P(.signup = 2000, .click = 90, .sends = 1 + 100),
     PS_REASON_ACTIVE, 1, 90},
    {"10 an answer without a win-back is a strong sign", TRACK_CLICK,
     P(.signup = 2000, .click = 400, .winback_replied = 20), PS_REASON_ACTIVE, 1, 20},

    {"11 reading", TRACK_CLICK, P(.signup = 2000, .click = 91, .open = 90), PS_REASON_ACTIVE_OPEN_ONLY, 2, 91},
    {"11 reading, at the hard limit", TRACK_CLICK, P(.signup = 2000, .click = 365, .open = TODAY),
     PS_REASON_ACTIVE_OPEN_ONLY, 2, 365},
    {"11 read too long ago", TRACK_CLICK, P(.signup = 2000, .click = 95, .open = 91), PS_REASON_COOLING, 3, 95},
    {"11 many sends, but reading", TRACK_CLICK, P(.signup = 2000, .click = 100, .open = 5, .sends = 1 + 16),
     PS_REASON_ACTIVE_OPEN_ONLY, 2, 100},

    {"12 cooling", TRACK_CLICK, P(.signup = 2000, .click = 91), PS_REASON_COOLING, 3, 91},
    {"12 last cooling day", TRACK_CLICK, P(.signup = 2000, .click = 180), PS_REASON_COOLING, 3, 180},
    {"12 cooling without any sign", TRACK_CLICK, P(.signup = 180), PS_REASON_COOLING, 3, 180},
    {"12 15 sends since", TRACK_CLICK, P(.signup = 2000, .click = 100, .sends = 1 + 15), PS_REASON_COOLING, 3, 100},
    {"12 10 sends, never engaged", TRACK_CLICK, P(.signup = 100, .sends = 1 + 10), PS_REASON_COOLING, 3, 100},

    {"13 due", TRACK_CLICK, P(.signup = 2000, .click = 181), PS_REASON_WINBACK_DUE, 0, 181},
    {"13 last day before the hard limit", TRACK_CLICK, P(.signup = 2000, .click = 365), PS_REASON_WINBACK_DUE, 0, 365},
    {"13 16 sends since", TRACK_CLICK, P(.signup = 2000, .click = 100, .sends = 1 + 16), PS_REASON_WINBACK_DUE, 0, 100},
    {"13 11 sends, never engaged", TRACK_CLICK, P(.signup = 100, .sends = 1 + 11), PS_REASON_WINBACK_DUE, 0, 100},
    {"13 no sign-up, an old open", TRACK_CLICK, P(.open = 200), PS_REASON_WINBACK_DUE, 0, 200},

    {"14 dormant, but reading", TRACK_CLICK, P(.signup = 2000, .click = 366, .open = 90), PS_REASON_WINBACK_DUE, 0,
     366},
    {"14 never engaged, but reading", TRACK_CLICK, P(.signup = 2000, .open = 30), PS_REASON_WINBACK_DUE, 0, 2000},
    {"14 asked in vain in this spell", TRACK_OPEN, P(.signup = 2000, .click = 366, .open = 5, .winback_sent = 60),
     PS_REASON_DORMANT, 0, 366},
    {"a seasonal list: 2 mails in 400 days", TRACK_CLICK, P(.signup = 2000, .click = 400, .sends = 1 + 2),
     PS_REASON_WINBACK_DUE, 0, 400},

    {"15 dormant", TRACK_CLICK, P(.signup = 2000, .click = 366), PS_REASON_DORMANT, 0, 366},
    {"15 dormant, read once", TRACK_CLICK, P(.signup = 2000, .open = 91), PS_REASON_DORMANT, 0, 2000},
    {"15 never engaged", TRACK_CLICK, P(.signup = 366), PS_REASON_NEVER_ENGAGED, 0, 366},
    {"15 a column that is not tracked proves nothing, another does", TRACK_OPEN, P(.signup = 366),
     PS_REASON_NEVER_ENGAGED, 0, 366},

    {"tomorrow is today", TRACK_CLICK, P(.signup = 2000, .click = -1), PS_REASON_ACTIVE, 1, 0},
    {"the day after is no date", TRACK_CLICK, P(.signup = 2000, .click = -2), PS_REASON_NEVER_ENGAGED, 0, 2000},
    {"a win-back mail of next week is not out", TRACK_CLICK, P(.signup = 2000, .click = 200, .winback_sent = -7),
     PS_REASON_WINBACK_DUE, 0, 200},
};

static ps_engagement weekly(void)
{
    ps_engagement policy = {.applied = true};

    assert_true(ps_engagement_profile("b2c_weekly", &policy));
    return policy;
}

static ps_wait wait_of(const ps_engagement *policy, const ps_engagement_result *result, const ps_signals *signals)
{
    return ps_engagement_wait(policy, result->decision, signals->date[PS_SIGNAL_WINBACK_SENT],
                              signals->date[PS_SIGNAL_WINBACK_LISTED]);
}

static void test_decisions(void **state)
{
    ps_engagement policy = weekly();

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_coverage coverage = coverage_of(cases[i].tracked);
        ps_signals signals = signals_of(&cases[i].person);
        ps_engagement_result result = ps_engagement_judge(&policy, &coverage, AS_OF, &signals);
        print_message("  %s\n", cases[i].name);
        assert_findings_equal(result.findings, (ps_findings)1 << cases[i].reason);
        assert_int_equal(ps_engagement_tier(result.findings), cases[i].tier);
        assert_int_equal(result.idle_days, cases[i].idle);
        bool in_course = cases[i].reason == PS_REASON_WINBACK_PENDING || cases[i].reason == PS_REASON_WINBACK_EXPIRED;
        assert_true(in_course == (wait_of(&policy, &result, &signals).winback_at != PS_DAY_NONE));
    }
}

// A mail and a listing, whose days differ: what the row waits for.
static void test_winback_days(void **state)
{
    static const struct {
        const char *name;
        person person;
        int at, by; // days before as_of; by 0: none
    } waits[] = {
        {"mailed", P(.signup = 2000, .click = 300, .winback_sent = 5, .listed = 8), 5, -25},
        {"mailed on its last day", P(.signup = 2000, .click = 300, .winback_sent = 30), 30, TODAY},
        {"a mail of an earlier spell, listed now", P(.signup = 2000, .click = 200, .winback_sent = 210, .listed = 9), 9,
         0},
        {"listed", P(.signup = 2000, .click = 300, .listed = 59), 59, 0},
        {"expired", P(.signup = 2000, .click = 300, .winback_sent = 31, .listed = 40), 31, 1},
        {"b2b has the same window", P(.signup = 2000, .click = 300, .winback_sent = 31, .flags = PS_FLAG_SEGMENT_B2B),
         31, 1},
        {"not due yet", P(.signup = 2000, .click = 100), 0, 0},
    };
    ps_engagement policy = weekly();
    ps_coverage coverage = coverage_of(TRACK_CLICK);

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(waits); i++) {
        ps_signals signals = signals_of(&waits[i].person);
        ps_engagement_result result = ps_engagement_judge(&policy, &coverage, AS_OF, &signals);
        int by = waits[i].by;
        print_message("  %s\n", waits[i].name);
        ps_wait wait = wait_of(&policy, &result, &signals);
        assert_int_equal(wait.winback_at, waits[i].at == 0 ? PS_DAY_NONE : AS_OF - waits[i].at);
        assert_int_equal(wait.reply_by, by == 0 ? PS_DAY_NONE : by == TODAY ? AS_OF : AS_OF - by);
    }
}

static ps_reason reason_of(const ps_engagement *policy, const ps_coverage *coverage, const ps_signals *signals)
{
    ps_findings findings = ps_engagement_judge(policy, coverage, AS_OF, signals).findings;

    for (unsigned n = 0; n < PS_FINDING_COUNT_MAX; n++) {
        if (ps_findings_has(findings, (ps_reason)n)) return (ps_reason)n;
    }
    return PS_REASON_OK;
}

// History that starts late is not inactivity.
static void test_observed_since(void **state)
{
    ps_engagement policy = weekly();
    ps_coverage coverage = coverage_of(TRACK_CLICK);
    person p = P(.signup = 2000);
    ps_signals signals = signals_of(&p);

    (void)state;
    coverage.observed_since[PS_SIGNAL_CLICK] = AS_OF - 90;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_ACTIVE);
    coverage.observed_since[PS_SIGNAL_CLICK] = AS_OF - 180;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_COOLING);
    coverage.observed_since[PS_SIGNAL_CLICK] = AS_OF - 366;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_NEVER_ENGAGED);

    // The earliest tracked one counts; one that is not tracked does not.
    coverage.observed_since[PS_SIGNAL_CLICK] = AS_OF - 90;
    coverage.observed_since[PS_SIGNAL_PURCHASE] = AS_OF - 200;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_ACTIVE);
    coverage.tracked[PS_SIGNAL_PURCHASE] = true;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_WINBACK_DUE);

    // A strong sign is known, whenever the history starts.
    signals.date[PS_SIGNAL_CLICK] = AS_OF - 400;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_DORMANT);
}

static void test_strong_and_weak(void **state)
{
    static const ps_signal strong[] = {PS_SIGNAL_CLICK, PS_SIGNAL_LOGIN,        PS_SIGNAL_PURCHASE,
                                       PS_SIGNAL_REPLY, PS_SIGNAL_RESUBSCRIBED, PS_SIGNAL_WINBACK_REPLIED};
    static const ps_signal weak[] = {PS_SIGNAL_OPEN, PS_SIGNAL_ACTIVITY};
    ps_engagement policy = weekly();
    ps_coverage coverage = coverage_of(TRACK_CLICK);
    person p = P(.signup = 300);

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(strong); i++) {
        ps_signals signals = signals_of(&p);
        signals.date[strong[i]] = AS_OF - 10;
        assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_ACTIVE);
    }
    for (size_t i = 0; i < PS_COUNT_OF(weak); i++) {
        ps_signals signals = signals_of(&p);
        signals.date[weak[i]] = AS_OF - 10;
        assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_ACTIVE_OPEN_ONLY);
    }
    // Being mailed is no sign.
    ps_signals signals = signals_of(&p);
    signals.date[PS_SIGNAL_SENT] = AS_OF - 1;
    assert_int_equal(reason_of(&policy, &coverage, &signals), PS_REASON_WINBACK_DUE);
}

static void test_profiles(void **state)
{
    static const struct {
        const char *name;
        int active, winback, sunset, grace, min_sends;
    } expected[] = {
        {"b2c_weekly", 90, 180, 365, 30, 3},
        {"b2c_daily", 30, 90, 180, 14, 0},
        {"b2c_monthly", 180, 300, 365, 60, 0},
        {"b2b", 180, 365, 730, 60, 0},
    };
    ps_engagement policy = {.dormant_held = true, .applied = true};
    size_t count;
    const char *const *names = ps_engagement_profiles(&count);

    (void)state;
    assert_int_equal(count, PS_COUNT_OF(expected));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(names[i], expected[i].name);
        assert_true(ps_engagement_profile(names[i], &policy));
        assert_string_equal(policy.profile, names[i]);
        assert_int_equal(policy.active, expected[i].active);
        assert_int_equal(policy.winback, expected[i].winback);
        assert_int_equal(policy.sunset, expected[i].sunset);
        assert_int_equal(policy.grace, expected[i].grace);
        assert_int_equal(policy.min_sends, expected[i].min_sends);
        assert_int_equal(policy.reply, 30);
        assert_int_equal(policy.relist, 60);
        assert_int_equal(policy.open_credit, 90);
        assert_int_equal(policy.sends_never, 11);
        assert_int_equal(policy.sends_since, 16);
        assert_true(policy.coverage == 0.01);
        assert_true(policy.applied && policy.dormant_held); // not the profile's
    }
    assert_false(ps_engagement_profile("weekly", &policy));
}

// Each window of each profile, on its last day and on the day after.
static void test_windows(void **state)
{
    static const struct {
        const char *profile;
        int active, winback, sunset, grace;
    } profiles[] = {
        {"b2c_weekly", 90, 180, 365, 30},
        {"b2c_daily", 30, 90, 180, 14},
        {"b2c_monthly", 180, 300, 365, 60},
        {"b2b", 180, 365, 730, 60},
    };
    ps_coverage coverage = coverage_of(TRACK_CLICK);

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(profiles); i++) {
        const struct {
            person person;
            ps_reason reason;
        } rows[] = {
            {P(.signup = 3000, .click = profiles[i].active), PS_REASON_ACTIVE},
            {P(.signup = 3000, .click = profiles[i].active + 1), PS_REASON_COOLING},
            {P(.signup = 3000, .click = profiles[i].active + 1, .open = 90), PS_REASON_ACTIVE_OPEN_ONLY},
            {P(.signup = 3000, .click = profiles[i].winback), PS_REASON_COOLING},
            {P(.signup = 3000, .click = profiles[i].winback + 1), PS_REASON_WINBACK_DUE},
            {P(.signup = 3000, .click = profiles[i].sunset), PS_REASON_WINBACK_DUE},
            {P(.signup = 3000, .click = profiles[i].sunset + 1), PS_REASON_DORMANT},
            {P(.signup = profiles[i].sunset + 1), PS_REASON_NEVER_ENGAGED},
            {P(.signup = profiles[i].grace), PS_REASON_NEW_GRACE},
            {P(.signup = profiles[i].grace + 1),
             profiles[i].grace < profiles[i].active ? PS_REASON_ACTIVE : PS_REASON_COOLING},
            {P(.signup = 3000, .click = profiles[i].winback + 1, .winback_sent = 30), PS_REASON_WINBACK_PENDING},
            {P(.signup = 3000, .click = profiles[i].winback + 1, .winback_sent = 31), PS_REASON_WINBACK_EXPIRED},
            {P(.signup = 3000, .click = profiles[i].winback, .winback_sent = profiles[i].winback + 9),
             PS_REASON_WINBACK_WON},
            {P(.signup = 3000, .click = profiles[i].active, .sends = 1 + 100), PS_REASON_ACTIVE},
            {P(.signup = 3000, .click = profiles[i].active + 1, .sends = 1 + 15), PS_REASON_COOLING},
            {P(.signup = 3000, .click = profiles[i].active + 1, .sends = 1 + 16), PS_REASON_WINBACK_DUE},
            {P(.signup = profiles[i].active + 1, .sends = 1 + 10), PS_REASON_COOLING},
            {P(.signup = profiles[i].active + 1, .sends = 1 + 11), PS_REASON_WINBACK_DUE},
        };
        ps_engagement policy = {.applied = true};
        assert_true(ps_engagement_profile(profiles[i].profile, &policy));
        for (size_t row = 0; row < PS_COUNT_OF(rows); row++) {
            ps_signals signals = signals_of(&rows[row].person);
            print_message("  %s %zu\n", profiles[i].profile, row);
            assert_int_equal(reason_of(&policy, &coverage, &signals), rows[row].reason);
        }
    }
}

// What the job file may change, key by key.
static void test_keys(void **state)
{
    static const struct {
        const char *name;
        size_t key; // of ps_engagement
        int32_t value;
        person person;
        ps_reason before, after;
    } keys[] = {
#define KEY(key) #key, offsetof(ps_engagement, key)
        {KEY(active), 91, P(.signup = 2000, .click = 91), PS_REASON_COOLING, PS_REASON_ACTIVE},
        {KEY(winback), 181, P(.signup = 2000, .click = 181), PS_REASON_WINBACK_DUE, PS_REASON_COOLING},
        {KEY(sunset), 366, P(.signup = 2000, .click = 366), PS_REASON_DORMANT, PS_REASON_WINBACK_DUE},
        {KEY(grace), 31, P(.signup = 31), PS_REASON_ACTIVE, PS_REASON_NEW_GRACE},
        {KEY(reply), 31, P(.signup = 2000, .click = 300, .winback_sent = 31), PS_REASON_WINBACK_EXPIRED,
         PS_REASON_WINBACK_PENDING},
        {KEY(relist), 61, P(.signup = 2000, .click = 300, .listed = 60), PS_REASON_WINBACK_DUE,
         PS_REASON_WINBACK_PENDING},
        {KEY(open_credit), 91, P(.signup = 2000, .click = 95, .open = 91), PS_REASON_COOLING,
         PS_REASON_ACTIVE_OPEN_ONLY},
        {KEY(min_sends), 4, P(.signup = 2000, .sends = 1 + 3), PS_REASON_NEVER_ENGAGED, PS_REASON_NEW_GRACE},
        {KEY(min_sends), 6, P(.signup = 2000, .click = 400, .sends = 1 + 5), PS_REASON_DORMANT, PS_REASON_WINBACK_DUE},
        {KEY(sends_never), 12, P(.signup = 100, .sends = 1 + 11), PS_REASON_WINBACK_DUE, PS_REASON_COOLING},
        {KEY(sends_never), 0, P(.signup = 100, .sends = 1 + 500), PS_REASON_WINBACK_DUE, PS_REASON_COOLING},
        {KEY(sends_since), 17, P(.signup = 2000, .click = 100, .sends = 1 + 16), PS_REASON_WINBACK_DUE,
         PS_REASON_COOLING},
#undef KEY
    };
    ps_coverage coverage = coverage_of(TRACK_CLICK);

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(keys); i++) {
        ps_engagement policy = weekly();
        ps_signals signals = signals_of(&keys[i].person);
        print_message("  %s: %d\n", keys[i].name, (int)keys[i].value);
        assert_int_equal(reason_of(&policy, &coverage, &signals), keys[i].before);
        memcpy((char *)&policy + keys[i].key, &keys[i].value, sizeof keys[i].value);
        assert_int_equal(reason_of(&policy, &coverage, &signals), keys[i].after);
    }
}

static uint32_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static ps_signals random_signals(void)
{
    ps_signals signals;

    ps_signals_init(&signals);
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++) {
        if (next_random(3) > 0) signals.date[i] = (ps_day)next_random(20);
    }
    if (next_random(2) > 0) signals.sends = (int32_t)next_random(5);
    signals.flags = next_random(1u << 13) | (next_random(4) == 0 ? PS_FLAG_BAD_SIGNAL : 0);
    return signals;
}

static ps_signals merged(ps_signals a, ps_signals b)
{
    ps_signals_merge(&a, &b);
    return a;
}

static void test_merge_in_any_order(void **state)
{
    ps_signals nothing;

    (void)state;
    ps_signals_init(&nothing);
    for (int i = 0; i < 20000; i++) {
        ps_signals a = random_signals(), b = random_signals(), c = random_signals();
        ps_signals left = merged(merged(a, b), c), right = merged(a, merged(b, c)), other = merged(merged(c, a), b);
        assert_memory_equal(&left, &right, sizeof left);
        assert_memory_equal(&left, &other, sizeof left);
        ps_signals alone = merged(nothing, a), twice = merged(alone, alone);
        assert_memory_equal(&alone, &twice, sizeof alone);
        assert_int_equal(alone.flags & ~(uint32_t)PS_FLAGS_OF_ADDRESS, 0);
    }
}

static void test_merge_takes_the_best(void **state)
{
    person early = P(.signup = 900, .click = 300, .sends = 1 + 4, .flags = PS_FLAG_OPTOUT | PS_FLAG_BAD_DATE);
    person late = P(.signup = 100, .click = 20, .winback_sent = 40, .sends = 1 + 9, .flags = PS_FLAG_PROTECTED);
    ps_signals a = signals_of(&early), b = signals_of(&late);

    (void)state;
    ps_signals_merge(&a, &b);
    assert_int_equal(a.date[PS_SIGNAL_SIGNUP], AS_OF - 900);
    assert_int_equal(a.date[PS_SIGNAL_CLICK], AS_OF - 20);
    assert_int_equal(a.date[PS_SIGNAL_WINBACK_SENT], AS_OF - 40);
    assert_int_equal(a.date[PS_SIGNAL_OPEN], PS_DAY_NONE);
    assert_int_equal(a.sends, 4);
    assert_int_equal(a.flags, PS_FLAG_OPTOUT | PS_FLAG_PROTECTED);
}

static void test_evidence(void **state)
{
    ps_evidence evidence = {.count = 0};
    ps_error err = {.status = PS_OK};

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) {
            char key[32];
            person p = P(.signup = 500, .click = 300 - round * 10 - i % 7);
            ps_signals signals = signals_of(&p);
            snprintf(key, sizeof key, "person%d@example.jp", i);
            assert_ok(ps_evidence_add(&evidence, ps_hash_of(ps_span_of(key)), &signals, &err), &err);
        }
    }
    assert_int_equal(evidence.count, 1000);
    const ps_signals *found = ps_evidence_find(&evidence, ps_hash_of(ps_span_of("person8@example.jp")));
    assert_non_null(found);
    assert_int_equal(found->date[PS_SIGNAL_CLICK], AS_OF - 279);
    assert_null(ps_evidence_find(&evidence, ps_hash_of(ps_span_of("nobody@example.jp"))));
    ps_evidence_done(&evidence);
}

static void test_evidence_without_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1; n < 8; n++) {
        ps_evidence evidence = {.count = 0};
        person p = P(.signup = 500);
        ps_signals signals = signals_of(&p);
        ps_status status = PS_OK;
        uint64_t i = 0;
        ps_memory_fail_at(n, 0);
        for (; status == PS_OK && i < 5000; i++)
            status = ps_evidence_add(&evidence, (ps_hash){i + 1, i * 7}, &signals, NULL);
        assert_int_equal(status, PS_RETRY);
        assert_int_equal(evidence.count, i - 1);
        ps_memory_fail_at(0, 0);
        assert_int_equal(ps_evidence_add(&evidence, (ps_hash){i, (i - 1) * 7}, &signals, NULL), PS_OK);
        for (uint64_t k = 0; k < i; k++)
            assert_non_null(ps_evidence_find(&evidence, (ps_hash){k + 1, k * 7}));
        ps_evidence_done(&evidence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_winback_days),
        cmocka_unit_test(test_observed_since),
        cmocka_unit_test(test_strong_and_weak),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_merge_in_any_order),
        cmocka_unit_test(test_merge_takes_the_best),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_evidence_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
