// layer: base
#include "assert.h"

#include "presend/column.h"

static const ps_reason_info *table;
static size_t table_count;

// What is never a finding of a row: `ok`, domains that take mail, and names that the address rules refuse before a
// domain is looked at.
static const ps_reason outcomes[] = {
    PS_REASON_OK,           PS_REASON_MX,      PS_REASON_MX_UNVERIFIED, PS_REASON_MX_OPERATOR,
    PS_REASON_SPECIAL_NAME, PS_REASON_DOTLESS, PS_REASON_TLD_UNKNOWN,
};

static bool is_outcome(ps_reason reason)
{
    for (size_t i = 0; i < PS_COUNT_OF(outcomes); i++) {
        if (outcomes[i] == reason) return true;
    }
    return false;
}

// Bits of a set while below 128, and a table index in any case; each number once.
static void test_numbers(void **state)
{
    bool seen[PS_REASON_NUMBER_MAX] = {false};
    (void)state;

    for (size_t i = 0; i < table_count; i++) {
        unsigned number = (unsigned)table[i].reason;
        print_message("  %u %s\n", number, table[i].symbol);
        assert_true(number < PS_REASON_NUMBER_MAX);
        assert_int_equal(number >= PS_FINDING_COUNT_MAX, is_outcome(table[i].reason));
        assert_false(seen[number]);
        seen[number] = true;
        assert_ptr_equal(ps_reason_get(table[i].reason), &table[i]);
    }
    for (unsigned number = 0; number < PS_REASON_NUMBER_MAX; number++) {
        assert_int_equal(ps_reason_get((ps_reason)number) != NULL, seen[number]);
    }
    assert_null(ps_reason_get((ps_reason)PS_REASON_NUMBER_MAX));
    assert_null(ps_reason_get((ps_reason)-1));
}

static bool is_lower_snake(const char *word)
{
    size_t len = strlen(word);

    return len > 0 && word[0] >= 'a' && word[0] <= 'z' && word[len - 1] != '_' && strstr(word, "__") == NULL &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < table_count; i++) {
        const ps_reason_info *info = &table[i];
        size_t text_len = strlen(info->text);
        assert_true(is_lower_snake(info->wire));
        assert_true(text_len > 0 && info->text[text_len - 1] != '.');
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(info->symbol, table[j].symbol);
            // Twice only where one fact has two effects or two moments.
            if (strcmp(info->wire, table[j].wire) == 0) assert_int_not_equal(info->effect, table[j].effect);
        }
    }
}

// The precedence among findings of one effect is a promise of the design: this list is it.
static const ps_reason precedence[] = {
    // row damage
    PS_REASON_COLUMNS,
    PS_REASON_TOO_LARGE,
    // syntax that removes, in the order of its checks
    PS_REASON_EMPTY,
    PS_REASON_INVALID_ENCODING,
    PS_REASON_CONTROL_CHARACTER,
    PS_REASON_MULTIPLE_ADDRESSES,
    PS_REASON_NO_AT_SIGN,
    PS_REASON_MULTIPLE_AT_SIGNS,
    PS_REASON_UNBALANCED_WRAPPER,
    PS_REASON_INNER_WHITESPACE,
    PS_REASON_COMMENT,
    PS_REASON_DOMAIN_EMPTY,
    PS_REASON_DOMAIN_IP_LITERAL,
    PS_REASON_DOMAIN_EMPTY_LABEL,
    PS_REASON_DOMAIN_IDNA_INVALID,
    PS_REASON_DOMAIN_INVALID_CHARACTER,
    PS_REASON_DOMAIN_HYPHEN_PLACEMENT,
    PS_REASON_DOMAIN_LABEL_TOO_LONG,
    PS_REASON_DOMAIN_TOO_LONG,
    PS_REASON_DOMAIN_SPECIAL_USE,
    PS_REASON_DOMAIN_NUMERIC_TLD,
    PS_REASON_DOMAIN_SINGLE_LABEL,
    PS_REASON_DOMAIN_UNKNOWN_TLD,
    PS_REASON_LOCAL_BAD_QUOTING,
    PS_REASON_LOCAL_EMPTY,
    PS_REASON_LOCAL_INVALID_CHARACTER,
    PS_REASON_LOCAL_DOT_PLACEMENT,
    PS_REASON_LOCAL_UNSAFE_CHARACTER,
    PS_REASON_LOCAL_TOO_LONG,
    PS_REASON_ADDRESS_TOO_LONG,
    // suppression
    PS_REASON_SUPPRESSED_COMPLAINT,
    PS_REASON_SUPPRESSED_UNSUBSCRIBE,
    PS_REASON_SUPPRESSED_MANUAL,
    PS_REASON_SUPPRESSED_BOUNCE,
    PS_REASON_SUPPRESSED_INVALID,
    PS_REASON_SUPPRESSED_UNKNOWN,
    PS_REASON_SUPPRESSED_DOMAIN,
    PS_REASON_SUPPRESSED_ALIAS,
    PS_REASON_SUPPRESSED_VERIFIED,
    PS_REASON_SUPPRESSED_ALIAS_HELD,
    PS_REASON_BOUNCE_CONTRADICTED,
    // columns of the file
    PS_REASON_COLUMN_OPTOUT,
    PS_REASON_NOT_OPTED_IN,
    PS_REASON_COLUMN_COMPLAINED,
    PS_REASON_COLUMN_BOUNCED,
    PS_REASON_COLUMN_STATUS,
    PS_REASON_OPTIN_UNKNOWN,
    PS_REASON_COLUMN_PENDING,
    // domain
    PS_REASON_NULL_MX,
    PS_REASON_NXDOMAIN,
    PS_REASON_NODATA,
    PS_REASON_MX_DANGLING,
    PS_REASON_MX_IS_IP,
    PS_REASON_MX_SPECIAL_NAME,
    PS_REASON_MX_PRIVATE_IP,
    PS_REASON_A_PRIVATE_IP,
    PS_REASON_NAME_COLLISION,
    PS_REASON_IMPLICIT_MX_SPF_NONE,
    PS_REASON_DUPLICATE,
    // engagement
    PS_REASON_WINBACK_EXPIRED,
    PS_REASON_DORMANT,
    PS_REASON_NEVER_ENGAGED,
    PS_REASON_WINBACK_PENDING,
    PS_REASON_NEVER_MAILED_OLD,
    PS_REASON_WINBACK_DUE,
    PS_REASON_DATE,
    PS_REASON_CONSENT,
    // address holds
    PS_REASON_LOCAL_QUOTED,
    PS_REASON_SMTPUTF8_REQUIRED,
    PS_REASON_ROLE_SYSTEM,
    PS_REASON_DISPOSABLE_DOMAIN,
    PS_REASON_TYPO_SUSPECTED,
};

static void test_precedence(void **state)
{
    (void)state;
    assert_true(table_count > PS_COUNT_OF(precedence));
    for (size_t i = 0; i < PS_COUNT_OF(precedence); i++) {
        print_message("  %s\n", table[i].symbol);
        assert_int_equal(table[i].reason, precedence[i]);
    }
}

// After the findings that decide come the domain's unknowns, which a job file may hold, then notes, then outcomes.
static void test_groups(void **state)
{
    static const struct {
        ps_reason_stage stage;
        ps_effect effect;
    } groups[] = {
        {PS_REASON_STAGE_ROW, PS_EFFECT_HOLD},        {PS_REASON_STAGE_SYNTAX, PS_EFFECT_REMOVE},
        {PS_REASON_STAGE_SUPPRESS, PS_EFFECT_REMOVE}, {PS_REASON_STAGE_SUPPRESS, PS_EFFECT_HOLD},
        {PS_REASON_STAGE_COLUMN, PS_EFFECT_REMOVE},   {PS_REASON_STAGE_COLUMN, PS_EFFECT_HOLD},
        {PS_REASON_STAGE_DOMAIN, PS_EFFECT_REMOVE},   {PS_REASON_STAGE_CLAIM, PS_EFFECT_REMOVE},
        {PS_REASON_STAGE_ENGAGE, PS_EFFECT_REMOVE},   {PS_REASON_STAGE_ENGAGE, PS_EFFECT_HOLD},
        {PS_REASON_STAGE_ENGAGE, PS_EFFECT_WINBACK},  {PS_REASON_STAGE_ROW, PS_EFFECT_HOLD},
        {PS_REASON_STAGE_CONSENT, PS_EFFECT_KEEP},    {PS_REASON_STAGE_SYNTAX, PS_EFFECT_HOLD},
        {PS_REASON_STAGE_DOMAIN, PS_EFFECT_KEEP},     {PS_REASON_STAGE_SYNTAX, PS_EFFECT_KEEP},
        {PS_REASON_STAGE_SUPPRESS, PS_EFFECT_KEEP},   {PS_REASON_STAGE_ENGAGE, PS_EFFECT_KEEP},
        {PS_REASON_STAGE_DECIDE, PS_EFFECT_KEEP},     {PS_REASON_STAGE_DOMAIN, PS_EFFECT_KEEP},
        {PS_REASON_STAGE_DOMAIN, PS_EFFECT_REMOVE},
    };
    size_t group = 0;

    (void)state;
    for (size_t i = 0; i < table_count; i++) {
        if (i > 0 && (table[i].stage != table[i - 1].stage || table[i].effect != table[i - 1].effect)) group++;
        print_message("  %s\n", table[i].symbol);
        assert_true(group < PS_COUNT_OF(groups));
        assert_int_equal(table[i].stage, groups[group].stage);
        assert_int_equal(table[i].effect, groups[group].effect);
    }
    assert_int_equal(group, PS_COUNT_OF(groups) - 1);
}

static void test_find(void **state)
{
    ps_reason reason = PS_REASON_OK;
    (void)state;

    for (size_t i = 0; i < table_count; i++) {
        assert_true(ps_reason_find(ps_span_of(table[i].wire), table[i].stage, &reason));
        assert_string_equal(ps_reason_get(reason)->wire, table[i].wire);
        assert_int_equal(ps_reason_get(reason)->stage, table[i].stage);
    }
    assert_true(ps_reason_find(ps_span_of("role_account"), PS_REASON_STAGE_SYNTAX, &reason));
    assert_int_equal(reason, PS_REASON_ROLE_SYSTEM); // the first of two
    reason = PS_REASON_OK;
    assert_false(ps_reason_find(ps_span_of("nxdomain"), PS_REASON_STAGE_SYNTAX, &reason));
    assert_false(ps_reason_find(ps_span_of("NXDOMAIN"), PS_REASON_STAGE_DOMAIN, &reason));
    assert_false(ps_reason_find(ps_span_of(""), PS_REASON_STAGE_DOMAIN, &reason));
    assert_int_equal(reason, PS_REASON_OK);
}

static void test_words(void **state)
{
    static const char *const effects[] = {"off", "keep", "winback", "hold", "remove"};
    static const char *const verdicts[] = {"clean", "winback", "held", "removed"};
    static const char *const stages[] = {"row",   "syntax", "suppress", "column", "domain",
                                         "claim", "engage", "consent",  "decide"};
    (void)state;

    assert_int_equal(PS_COUNT_OF(effects), PS_EFFECT_COUNT);
    for (size_t i = 0; i < PS_COUNT_OF(effects); i++)
        assert_string_equal(ps_effect_word((ps_effect)i), effects[i]);
    assert_int_equal(PS_COUNT_OF(verdicts), PS_VERDICT_COUNT);
    for (size_t i = 0; i < PS_COUNT_OF(verdicts); i++)
        assert_string_equal(ps_verdict_word((ps_verdict)i), verdicts[i]);
    assert_int_equal(PS_COUNT_OF(stages), PS_REASON_STAGE_COUNT);
    for (size_t i = 0; i < PS_COUNT_OF(stages); i++) {
        assert_string_equal(ps_reason_stage_word((ps_reason_stage)i), stages[i]);
    }
}

static void test_sets(void **state)
{
    ps_findings findings = PS_FIND(COLUMNS) | PS_FIND(COOLING) | PS_FIND(DATE) | PS_FIND(CONSENT);
    (void)state;

    for (size_t i = 0; i < table_count; i++) {
        if ((unsigned)table[i].reason >= PS_FINDING_COUNT_MAX) continue;
        bool expected = table[i].reason == PS_REASON_COLUMNS || table[i].reason == PS_REASON_COOLING ||
                        table[i].reason == PS_REASON_DATE || table[i].reason == PS_REASON_CONSENT;
        assert_int_equal(ps_findings_has(findings, table[i].reason), expected);
    }
}

static void test_columns(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++) {
        const char *name = ps_column_name((ps_column)i);
        assert_true(is_lower_snake(name));
        assert_int_equal(ps_column_find(ps_span_of(name)), i);
    }
    assert_int_equal(ps_column_find(ps_span_of("emails")), PS_COLUMN_COUNT);
    assert_int_equal(ps_column_find((ps_span){NULL, 0}), PS_COLUMN_COUNT);
    assert_int_equal(ps_column_kind_of(PS_COLUMN_EMAIL), PS_COLUMN_KIND_TEXT);
    assert_int_equal(ps_column_kind_of(PS_COLUMN_OPTIN), PS_COLUMN_KIND_FLAG_GOOD);
    assert_int_equal(ps_column_kind_of(PS_COLUMN_OPTOUT_AT), PS_COLUMN_KIND_FLAG_BAD);
    assert_int_equal(ps_column_kind_of(PS_COLUMN_SENDS_SINCE_ENGAGEMENT), PS_COLUMN_KIND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_names),   cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_find),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_sets),    cmocka_unit_test(test_columns),
    };
    table = ps_reason_table(&table_count);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
