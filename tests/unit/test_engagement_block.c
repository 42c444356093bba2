// Many people judged at once: of each the same as of one alone, whatever the processor.
// layer: facts

#include "facts/engagement_block.h"

#include "assert.h"

enum { BLOCKS = 4000, AS_OF = 20000 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

// Days that lie on both sides of every window, and some that are not known; none is behind AS_OF.
static ps_day random_day(const ps_engagement *policy, uint32_t *seed)
{
    const int32_t edges[] = {0,
                             policy->active,
                             policy->winback,
                             policy->sunset,
                             policy->grace,
                             policy->reply,
                             policy->open_credit,
                             (int32_t)(next_random(seed) % 4000) + 1};
    uint32_t pick = next_random(seed) % (PS_COUNT_OF(edges) + 3);

    if (pick >= PS_COUNT_OF(edges)) return PS_DAY_NONE;
    int32_t age = edges[pick] + (int32_t)(next_random(seed) % 3) - 1;
    return AS_OF - (age < 0 ? 0 : age);
}

typedef struct people {
    ps_day days[PS_SIGNAL_COUNT][PS_ENGAGEMENT_BLOCK];
    ps_engagement_block block;
    uint8_t decisions[PS_ENGAGEMENT_BLOCK];
    int32_t idle_days[PS_ENGAGEMENT_BLOCK];
} people;

// What no column of a file says is not among them: a listing.
static void invent(people *out, const ps_engagement *policy, uint32_t *seed)
{
    out->block.decisions = out->decisions;
    out->block.idle_days = out->idle_days;
    for (unsigned signal = 0; signal < PS_SIGNAL_COUNT; signal++) {
        bool column = signal != PS_SIGNAL_WINBACK_LISTED && next_random(seed) % 3 > 0;
        for (size_t i = 0; i < PS_ENGAGEMENT_BLOCK; i++)
            out->days[signal][i] = column ? random_day(policy, seed) : PS_DAY_NONE;
        out->block.days[signal] = column ? out->days[signal] : NULL;
    }
}

static ps_engagement_terms random_terms(uint32_t *seed)
{
    size_t count;
    const char *const *profiles = ps_engagement_profiles(&count);
    ps_engagement_terms terms = {.as_of = AS_OF};

    assert_true(ps_engagement_profile(profiles[next_random(seed) % count], &terms.policy));
    terms.sight = (ps_sight){
        .usable = next_random(seed) % 8 > 0,
        .answer_usable = next_random(seed) % 3 > 0,
        .sent_usable = next_random(seed) % 2 > 0,
        .since = next_random(seed) % 4 == 0 ? PS_DAY_NONE : AS_OF - (int32_t)(next_random(seed) % 2000),
    };
    return terms;
}

static void check(const ps_engagement_terms *terms, const people *who, unsigned seen[PS_DECISION_COUNT])
{
    for (size_t i = 0; i < PS_ENGAGEMENT_BLOCK; i++) {
        ps_signals signals;
        ps_signals_init(&signals);
        for (size_t signal = 0; signal < PS_SIGNAL_COUNT; signal++)
            signals.date[signal] = who->days[signal][i];
        ps_engagement_result one = ps_engagement_judge_settled(&terms->policy, &terms->sight, terms->as_of, &signals);
        assert_int_equal(who->decisions[i], one.decision);
        assert_int_equal(who->idle_days[i], one.idle_days);
        seen[one.decision]++;
    }
}

static void test_same(void **state)
{
    unsigned seen[PS_DECISION_COUNT] = {0};
    uint32_t seed = 5;

    (void)state;
    for (unsigned n = 0; n < BLOCKS; n++) {
        ps_engagement_terms terms = random_terms(&seed);
        people who;
        invent(&who, &terms.policy, &seed);
        for (unsigned cpu = 0; cpu <= (unsigned)ps_cpu_best(); cpu++) {
            ps_engagement_block_for((ps_cpu)cpu)(&terms, &who.block);
            check(&terms, &who, seen);
        }
    }
    for (size_t i = 0; i < PS_DECISION_COUNT; i++) {
        // Not of the block's people:
        bool odd = i == PS_DECISION_is_protected || i == PS_DECISION_is_listed || i == PS_DECISION_was_hardly_mailed;
        assert_true(odd == (seen[i] == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
