// What is refused the short way is what the long one refuses, word for word; and the usual cells do take it.
// layer: mail

#include "mail/parse.h"

#include "assert.h"

static const struct {
    const char *cell;
    ps_reason reason; // PS_REASON_OK: left to the long way
} cases[] = {
    {"taro.shop.jp", PS_REASON_NO_AT_SIGN},
    {"taro", PS_REASON_NO_AT_SIGN},
    {"taro shop.jp", PS_REASON_NO_AT_SIGN},
    {"taro%40shop.jp", PS_REASON_OK},
    {"taro(at)shop.jp", PS_REASON_OK},
    {"taro@@gmail.com", PS_REASON_MULTIPLE_AT_SIGNS},
    {"taro@a@gmail.com", PS_REASON_MULTIPLE_AT_SIGNS},
    {"a@gmail.com/b@gmail.com", PS_REASON_OK},
    {"a@gmail.com|b@gmail.com", PS_REASON_OK},
    {"a@gmail.com b@gmail.com", PS_REASON_OK},
    {"a@gmail.com,b@gmail.com", PS_REASON_OK},
    {"taro@", PS_REASON_DOMAIN_EMPTY},
    {"@", PS_REASON_DOMAIN_EMPTY},
    {"taro@.", PS_REASON_OK},
    {"taro..x@gmail.com", PS_REASON_LOCAL_DOT_PLACEMENT},
    {".taro@gmail.com", PS_REASON_LOCAL_DOT_PLACEMENT},
    {"taro.@gmail.com", PS_REASON_LOCAL_DOT_PLACEMENT},
    {"taro..x@docomo.ne.jp", PS_REASON_OK},
    {"taro..x@mailinator.com", PS_REASON_OK},
    {"taro..x@never-seen-before.example", PS_REASON_OK},
    {"taro..x@gmail.com.", PS_REASON_OK},
    {"taro@gmail.com", PS_REASON_OK},
    {"taro x@gmail.com", PS_REASON_INNER_WHITESPACE},
    {"taro @gmail.com", PS_REASON_INNER_WHITESPACE},
    {"taro x@ gmail", PS_REASON_INNER_WHITESPACE},
    {"(taro) x@gmail.com", PS_REASON_OK},
    {" taro x@gmail.com", PS_REASON_OK},
    {"'taro@@gmail.com'", PS_REASON_OK},
    {"{taro@}", PS_REASON_OK},
    {"ta\"ro", PS_REASON_OK},
    {"t\xC3\xA4ro", PS_REASON_OK},
    {"taro\n", PS_REASON_OK},
    {"", PS_REASON_OK},
    {" ", PS_REASON_OK},
    {".", PS_REASON_OK},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PS_REASON_NO_AT_SIGN},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PS_REASON_OK},
};

typedef struct refuse_fixture {
    ps_arena arena;
    ps_address_rules *rules;
} refuse_fixture;

// Whether the short way took it.
static bool check(refuse_fixture *fixture, ps_span cell, ps_findings *out)
{
    ps_parse parse = {.rules = fixture->rules, .arena = &fixture->arena, .text = cell, .short_ways = true};
    ps_address fast = {.detail = "of the cell before"}, slow;
    bool refused = ps_parse_refuse(&parse, &fast);

    *out = parse.findings;
    if (!refused) {
        assert_findings_equal(parse.findings, 0);
        return false;
    }
    ps_findings by_slow = ps_address_parse_long(fixture->rules, cell, &fixture->arena, &slow);
    bool same = ps_span_equal(fast.suggestion, slow.suggestion) && fast.detail == slow.detail;
    if (parse.findings != by_slow || !same || slow.key.len != 0 || slow.ascii.len != 0)
        fail_msg("differs on \"%.*s\"", (int)cell.len, cell.bytes);
    assert_int_equal(fast.key.len + fast.ascii.len + fast.domain.len + fast.deliverable.len + fast.unicode.len, 0);
    assert_int_equal(fast.provider_key.len + fast.domain_number, 0);
    return true;
}

static void test_cases(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_findings findings;
        print_message("  %s\n", cases[i].cell);
        assert_int_equal(check(*state, ps_span_of(cases[i].cell), &findings), cases[i].reason != PS_REASON_OK);
        if (cases[i].reason != PS_REASON_OK) assert_findings_equal(findings, (ps_findings)1 << cases[i].reason);
    }
}

// Every text of up to so many of these characters, before and behind others that make more of it.
static void test_every_short_text(void **state)
{
    enum { LEN_MAX = 4, ROOM = 64 };
    static const char alphabet[] = "aN.@ %/|'{4,\"-";
    static const struct {
        const char *before, *after;
    } frames[] = {
        {"", ""}, {"", "@gmail.com"}, {"taro", "@docomo.ne.jp"}, {"taro@gmail.com", ""}, {"o", "40yahoo.com"}};
    const size_t letters = sizeof alphabet - 1;
    refuse_fixture *fixture = *state;
    size_t texts = 1, refused = 0;

    for (size_t len = 0; len <= LEN_MAX; len++, texts *= letters) {
        for (size_t n = 0; n < texts * PS_COUNT_OF(frames); n++) {
            char inner[LEN_MAX + 1] = "", cell[ROOM];
            size_t rest = n / PS_COUNT_OF(frames), frame = n % PS_COUNT_OF(frames);
            for (size_t k = 0; k < len; k++, rest /= letters)
                inner[k] = alphabet[rest % letters];
            snprintf(cell, sizeof cell, "%s%s%s", frames[frame].before, inner, frames[frame].after);
            ps_findings findings;
            refused += check(fixture, ps_span_of(cell), &findings);
            ps_arena_reset(&fixture->arena);
        }
    }
    assert_true(refused > texts / letters / 4);
}

static int open_fixture(void **state)
{
    static refuse_fixture fixture;
    static const char *const known[] = {"taro@gmail.com", "taro@docomo.ne.jp", "taro@mailinator.com"};
    ps_error err = {.status = PS_OK};

    *state = &fixture;
    assert_ok(ps_arena_open((size_t)64 << 20, &fixture.arena, &err), &err);
    assert_ok(ps_address_rules_new(NULL, &fixture.rules, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(known); i++) { // dots are judged where the domain is known
        ps_address address;
        ps_address_parse(fixture.rules, ps_span_of(known[i]), &fixture.arena, &address);
        assert_int_not_equal(address.domain_number, 0);
    }
    return 0;
}

static int close_fixture(void **state)
{
    refuse_fixture *fixture = *state;

    ps_address_rules_free(fixture->rules);
    ps_arena_close(&fixture->arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_short_text),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
