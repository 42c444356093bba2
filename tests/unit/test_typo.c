// Slips of the fingers: found where they are made, and not seen where there are none.
// layer: mail

#include "mail/lists.h"
#include "mail/rules.h"

#include "assert.h"

static ps_address_rules *rules;

static void test_costs(void **state)
{
    static const struct {
        const char *host;
        bool tld_known;
        const char *meant;
    } cases[] = {
        {"gmial.com", true, "gmail.com"}, // a swap
        {"gmaill.com", true, "gmail.com"}, // a doubled letter
        {"gnail.com", true, "gmail.com"}, // a neighbouring key
        {"gmai.com", true, "gmail.com"}, // a letter left out
        {"mgail.com", true, ""}, // a swap of the first letter is too much for so short a name
        {"gzail.com", true, "gmail.com"}, // any other key
        {"gma{l.com", true, "gmail.com"}, // on no key at all
        {"gzaik.com", true, ""}, // two slips
        {"gmaio.con", false, "gmail.com"}, // unless the ending is wrong anyhow
        {"docmo.ne.jp", true, "docomo.ne.jp"}, // longer names may be further off
        {"dcoomi.ne.jp", true, "docomo.ne.jp"},
        {"hotmeil.co.jp", true, "hotmail.co.jp"},
        {"sofbank.ne.jp", true, "softbank.ne.jp"},
        {"ezwebb.ne.jp", true, "ezweb.ne.jp"},
        {"otlook.jp", true, "outlook.jp"},
        {"gm.com", true, ""},
        {"gmail.example.com", true, ""},
        {"", true, ""},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].host);
        assert_span_equal(ps_typo_nearest(rules, ps_span_of(cases[i].host), cases[i].tld_known), cases[i].meant);
    }
}

static void test_short_names_are_left_alone(void **state)
{
    static const char *const domains[] = {"aa.com", "me.com", "qq.com", "odn.ne.jp", "i.softbank.jp", "line.jp"};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(domains); i++) {
        assert_false(ps_typo_is_target(ps_span_of(domains[i])));
    }
    assert_true(ps_typo_is_target(ps_span_of("yahoo.com")));
    // And names longer than are ever compared.
    assert_true(ps_typo_is_target(ps_span_of("localnames")));
    assert_true(ps_typo_is_target(ps_span_of("~yahoo.com")));
    assert_false(ps_typo_is_target(ps_span_of("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi.com")));
}

// Every swap of two letters and every doubled letter of every target past its first letter, bar those that give another
// good domain.
static void test_every_swap_and_double(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < rules->targets.count; i++) {
        ps_span good = rules->targets.each[i].domain;
        for (size_t at = 1; at + 1 < good.len; at++) {
            char text[80];
            memcpy(text, good.bytes, good.len);
            text[at] = good.bytes[at + 1];
            text[at + 1] = good.bytes[at];
            ps_span typed = {text, good.len};
            if (ps_rules_domain(rules, typed).kind != PS_KNOWN_GOOD) {
                assert_true(ps_typo_nearest(rules, typed, true).len > 0);
                tried++;
            }
            memcpy(text, good.bytes, at + 1);
            memcpy(text + at + 1, good.bytes + at, good.len - at);
            typed.len = good.len + 1;
            if (ps_rules_domain(rules, typed).kind != PS_KNOWN_GOOD) {
                assert_true(ps_typo_nearest(rules, typed, true).len > 0);
                tried++;
            }
        }
    }
    assert_true(tried > 500);
}

// Throw-away providers are real domains that nobody checked for likeness: hardly any may look like a slip.
static void test_false_alarms(void **state)
{
    ps_span text = ps_list_text(PS_LIST_DISPOSABLE), line;
    unsigned domains = 0, alarms = 0;

    (void)state;
    while (ps_list_next(&text, &line)) {
        domains++;
        alarms += ps_typo_nearest(rules, line, true).len > 0;
    }
    assert_true(domains > 5000);
    assert_in_range(alarms, 1, domains / 1000);
}

static int make_rules(void **state)
{
    (void)state;
    return ps_address_rules_new(NULL, &rules, NULL) == PS_OK ? 0 : -1;
}

static int free_rules(void **state)
{
    (void)state;
    ps_address_rules_free(rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_short_names_are_left_alone),
        cmocka_unit_test(test_every_swap_and_double),
        cmocka_unit_test(test_false_alarms),
    };

    return cmocka_run_group_tests(tests, make_rules, free_rules);
}
