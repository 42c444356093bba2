// What findings do.
// layer: facts

#include "assert.h"
#include "facts/policy.h"

static ps_policy policy_of(const ps_job *job)
{
    ps_policy policy;
    ps_policy_init(&policy, job);
    return policy;
}

static void test_decide(void **state)
{
    static const struct {
        const char *name;
        ps_findings findings;
        ps_verdict verdict;
        ps_reason reason;
    } cases[] = {
        {"nothing", 0, PS_VERDICT_CLEAN, PS_REASON_OK},
        {"notes only", PS_FIND(NORMALIZED_IDN) | PS_FIND(COOLING), PS_VERDICT_CLEAN, PS_REASON_OK},
        {"a hold", PS_FIND(TYPO_SUSPECTED) | PS_FIND(ACTIVE), PS_VERDICT_HELD, PS_REASON_TYPO_SUSPECTED},
        {"win-back", PS_FIND(WINBACK_DUE) | PS_FIND(IMPLICIT_MX), PS_VERDICT_WINBACK, PS_REASON_WINBACK_DUE},
        {"hold over win-back", PS_FIND(WINBACK_DUE) | PS_FIND(TYPO_SUSPECTED), PS_VERDICT_HELD,
         PS_REASON_TYPO_SUSPECTED},
        {"remove over an earlier hold", PS_FIND(COLUMNS) | PS_FIND(SUPPRESSED_MANUAL), PS_VERDICT_REMOVED,
         PS_REASON_SUPPRESSED_MANUAL},
        {"complaint over unsubscribe", PS_FIND(SUPPRESSED_UNSUBSCRIBE) | PS_FIND(SUPPRESSED_COMPLAINT),
         PS_VERDICT_REMOVED, PS_REASON_SUPPRESSED_COMPLAINT},
        {"manual over bounce over invalid over unknown over domain over alias",
         PS_FIND(SUPPRESSED_ALIAS) | PS_FIND(SUPPRESSED_DOMAIN) | PS_FIND(SUPPRESSED_UNKNOWN) |
             PS_FIND(SUPPRESSED_INVALID) | PS_FIND(SUPPRESSED_BOUNCE),
         PS_VERDICT_REMOVED, PS_REASON_SUPPRESSED_BOUNCE},
        {"list over column", PS_FIND(COLUMN_OPTOUT) | PS_FIND(SUPPRESSED_DOMAIN), PS_VERDICT_REMOVED,
         PS_REASON_SUPPRESSED_DOMAIN},
        {"column over domain", PS_FIND(NXDOMAIN) | PS_FIND(COLUMN_BOUNCED), PS_VERDICT_REMOVED,
         PS_REASON_COLUMN_BOUNCED},
        {"duplicate over engagement", PS_FIND(DORMANT) | PS_FIND(DUPLICATE), PS_VERDICT_REMOVED, PS_REASON_DUPLICATE},
        {"domain over duplicate", PS_FIND(NULL_MX) | PS_FIND(DUPLICATE), PS_VERDICT_REMOVED, PS_REASON_NULL_MX},
        {"engagement hold over date over address hold",
         PS_FIND(DATE) | PS_FIND(WINBACK_PENDING) | PS_FIND(LOCAL_QUOTED), PS_VERDICT_HELD, PS_REASON_WINBACK_PENDING},
        {"date over address hold", PS_FIND(DATE) | PS_FIND(LOCAL_QUOTED), PS_VERDICT_HELD, PS_REASON_DATE},
        {"bits beyond 64", PS_FIND(TYPO_SUSPECTED) | PS_FIND(ROLE_SYSTEM) | PS_FIND(ROLE_ACCOUNT), PS_VERDICT_HELD,
         PS_REASON_ROLE_SYSTEM},
    };
    ps_job job;

    (void)state;
    ps_job_init(&job);
    job.engagement.applied = true;
    ps_policy policy = policy_of(&job);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_reason reason;
        print_message("  %s\n", cases[i].name);
        assert_int_equal(ps_policy_decide(&policy, cases[i].findings, &reason), cases[i].verdict);
        assert_string_equal(ps_reason_get(reason)->symbol, ps_reason_get(cases[i].reason)->symbol);
    }
}

static void test_every_finding_has_one_effect(void **state)
{
    ps_job job;
    size_t count;
    const ps_reason_info *table = ps_reason_table(&count);
    ps_findings all = 0;

    (void)state;
    ps_job_init(&job);
    job.engagement.applied = true;
    ps_policy policy = policy_of(&job);
    for (unsigned effect = 0; effect < PS_EFFECT_COUNT; effect++) {
        assert_true((all & policy.mask[effect]) == 0);
        all |= policy.mask[effect];
    }
    size_t findings = 0;
    for (size_t i = 0; i < count; i++) {
        if ((int)table[i].reason >= PS_FINDING_COUNT_MAX) continue;
        assert_int_equal(policy.order[findings++], table[i].reason);
        assert_true(ps_findings_has(policy.mask[table[i].effect], table[i].reason));
        assert_true(ps_findings_has(policy.stage[table[i].stage], table[i].reason));
    }
    assert_int_equal(policy.order_count, findings);
}

static void test_engagement_is_a_note_unless_applied(void **state)
{
    ps_job job;
    ps_reason reason;

    (void)state;
    ps_job_init(&job);
    ps_policy policy = policy_of(&job);
    assert_int_equal(ps_policy_decide(&policy, PS_FIND(DORMANT) | PS_FIND(WINBACK_PENDING), &reason), PS_VERDICT_CLEAN);

    job.engagement.applied = true;
    job.engagement.dormant_held = true;
    policy = policy_of(&job);
    assert_int_equal(ps_policy_decide(&policy, PS_FIND(DORMANT), &reason), PS_VERDICT_HELD);
    assert_int_equal(ps_policy_decide(&policy, PS_FIND(NEVER_ENGAGED), &reason), PS_VERDICT_HELD);
    assert_int_equal(ps_policy_decide(&policy, PS_FIND(WINBACK_EXPIRED), &reason), PS_VERDICT_REMOVED);
}

// The job's word on each key reaches every reason of the key, and no other.
static void test_keys(void **state)
{
    size_t count;
    const ps_policy_key *keys = ps_policy_keys(&count);

    (void)state;
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++) {
        ps_job job;
        ps_job_init(&job);
        for (size_t r = 0; r < keys[i].reason_count; r++)
            job.effect[keys[i].reasons[r]] = PS_EFFECT_OFF;
        ps_policy policy = policy_of(&job);
        ps_findings expected = 0;
        for (size_t r = 0; r < keys[i].reason_count; r++)
            expected |= (ps_findings)1 << keys[i].reasons[r];
        print_message("  %s\n", keys[i].path);
        assert_findings_equal(policy.mask[PS_EFFECT_OFF], expected);
    }
}

static void test_job_defaults(void **state)
{
    ps_job job;

    (void)state;
    ps_job_init(&job);
    assert_string_equal(job.timezone, "UTC");
    assert_int_equal(job.dedupe, PS_DEDUPE_EXACT);
    assert_false(job.evidence_first);
    assert_int_equal(job.alias, PS_ALIAS_AUTO);
    assert_int_equal(job.mx_mode, PS_MX_LIVE);
    assert_false(job.engagement.applied);
    assert_string_equal(job.engagement.profile, "b2c_weekly");
    assert_int_equal(job.engagement.active, 90);
    assert_int_equal(job.engagement.winback, 180);
    assert_int_equal(job.engagement.sunset, 365);
    assert_int_equal(job.engagement.grace, 30);
    assert_int_equal(job.engagement.reply, 30);
    for (size_t i = 0; i < PS_COLUMN_COUNT; i++)
        assert_int_equal(job.engagement.observed_since[i], PS_DAY_NONE);
    assert_true(job.guards.removed_share == 0.5 && job.guards.engagement_share == 0.3 && job.guards.dead_rows == 0.05);
    assert_int_equal(job.guards.min_rows, 1000);
    assert_int_equal(job.effect[PS_REASON_TYPO_SUSPECTED], PS_EFFECT_HOLD);
    assert_int_equal(job.effect[PS_REASON_MX_DANGLING], PS_EFFECT_REMOVE);
}

// The same findings in the order of the table, which is that of precedence.
static void test_sort(void **state)
{
    ps_job job;
    ps_policy policy;
    ps_reason sorted[PS_FINDING_COUNT_MAX];
    size_t count, expected = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    ps_findings all = 0, some = PS_FIND(DUPLICATE) | PS_FIND(COLUMNS) | PS_FIND(SUPPRESSED_COMPLAINT);
    (void)state;

    ps_job_init(&job);
    ps_policy_init(&policy, &job);
    for (size_t i = 0; i < count; i++) {
        if ((int)table[i].reason < PS_FINDING_COUNT_MAX) all |= (ps_findings)1 << table[i].reason;
    }
    assert_int_equal(ps_policy_sort(&policy, all, sorted), policy.order_count);
    for (size_t i = 0; i < count; i++) {
        if ((int)table[i].reason < PS_FINDING_COUNT_MAX) assert_int_equal(sorted[expected++], table[i].reason);
    }
    assert_int_equal(ps_policy_sort(&policy, some, sorted), 3);
    assert_int_equal(sorted[0], PS_REASON_COLUMNS);
    assert_int_equal(sorted[1], PS_REASON_SUPPRESSED_COMPLAINT);
    assert_int_equal(sorted[2], PS_REASON_DUPLICATE);
    assert_int_equal(ps_policy_sort(&policy, 0, sorted), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_decide),
        cmocka_unit_test(test_every_finding_has_one_effect),
        cmocka_unit_test(test_engagement_is_a_note_unless_applied),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_job_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
