// Options of the address rules, and the lists that are compiled in.
// layer: mail

#include "mail/rules.h"

#include "base/memory.h"
#include "mail/idn.h"
#include "mail/lists.h"
#include "mail/parse.h"

#include "assert.h"

static ps_arena arena;

static ps_findings parse_with(const ps_address_options *options, const char *cell, ps_address *out)
{
    ps_address_rules *rules = NULL;
    ps_error err;

    assert_ok(ps_address_rules_new(options, &rules, &err), &err);
    ps_findings findings = ps_address_parse(rules, ps_span_of(cell), &arena, out);
    ps_address_rules_free(rules);
    return findings;
}

static void test_carrier_form(void **state)
{
    static const struct {
        const char *cell, *deliverable, *key;
    } cases[] = {
        {"taro..y@docomo.ne.jp", "\"taro..y\"@docomo.ne.jp", "taro..y@docomo.ne.jp"},
        {"\"Taro.\"@au.com", "\"Taro.\"@au.com", "taro.@au.com"},
        {"taro@docomo.ne.jp", "taro@docomo.ne.jp", "taro@docomo.ne.jp"},
    };
    ps_address_options options = {.legacy_carrier_quoted = true};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_address address;
        parse_with(&options, cases[i].cell, &address);
        assert_span_equal(address.deliverable, cases[i].deliverable);
        assert_span_equal(address.key, cases[i].key);
    }
}

static void test_special_use(void **state)
{
    ps_span allowed[] = {ps_span_of(""), ps_span_of("Example.com"), ps_span_of("test")};
    ps_address_options some = {.special_use = allowed, .special_use_count = 3}, all = {.special_use_all = true};
    ps_address address;

    (void)state;
    assert_findings_equal(parse_with(&some, "taro@example.com", &address), 0);
    assert_findings_equal(parse_with(&some, "taro@shop.example.com", &address), 0);
    assert_findings_equal(parse_with(&some, "taro@shop.test", &address), 0);
    assert_findings_equal(parse_with(&some, "taro@example.net", &address), PS_FIND(DOMAIN_SPECIAL_USE));
    assert_findings_equal(parse_with(&all, "taro@example.net", &address), 0);
    assert_findings_equal(parse_with(&all, "taro@localhost", &address), PS_FIND(DOMAIN_SINGLE_LABEL));
}

static void test_tld_list(void **state)
{
    ps_address_options iana = {.tld_list = ps_span_of("# Version 1\r\nJP\r\nXN--FIQS8S\r\n.new\r\nみんな")};
    ps_address_options any = {.tld_any = true};
    ps_address address;

    (void)state;
    assert_findings_equal(parse_with(&iana, "taro@example.jp", &address), 0);
    assert_findings_equal(parse_with(&iana, "taro@shop.new", &address), 0);
    assert_findings_equal(parse_with(&iana, "taro@例子.中国", &address), PS_FIND(NORMALIZED_IDN) | PS_FIND(IDN_DOMAIN));
    assert_findings_equal(parse_with(&iana, "taro@xn--q9jyb4c.みんな", &address),
                          PS_FIND(NORMALIZED_IDN) | PS_FIND(IDN_DOMAIN));
    assert_findings_equal(parse_with(&iana, "taro@shop.de", &address), PS_FIND(DOMAIN_UNKNOWN_TLD));
    assert_findings_equal(parse_with(&any, "taro@shop.neverseen", &address), 0);
}

// A slip's own ending may be one that the list lacks.
static void test_slip_without_ending(void **state)
{
    ps_address_options few = {.tld_list = ps_span_of("com\njp\n")};
    ps_address address;

    (void)state;
    assert_findings_equal(parse_with(&few, "taro@gmail.cm", &address), PS_FIND(DOMAIN_UNKNOWN_TLD));
    assert_span_equal(address.suggestion, "taro@gmail.com");
}

// Lines of a TLD list that are longer than any label: of ASCII, and of what libidn2 would have to look at.
static void test_endless_ending(void **state)
{
    static char text[20000];
    ps_address_options options = {.tld_list = {text, 0}};
    ps_address_rules *rules = NULL;
    ps_error err;

    (void)state;
    memset(text, 'a', sizeof text);
    options.tld_list.len = 64;
    assert_int_equal(ps_address_rules_new(&options, &rules, &err), PS_INPUT);
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) {
        memcpy(text + i, "あ", 3);
    }
    options.tld_list.len = sizeof text - sizeof text % 3;
    assert_int_equal(ps_address_rules_new(&options, &rules, &err), PS_INPUT);
    assert_null(rules);
}

static void test_bad_tld_list(void **state)
{
    static const char *const texts[] = {"# nothing\n\n", "jp\n<html>\n", "co.jp\n", "\xFF\n", "jp\n\u034F\n"};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(texts); i++) {
        ps_address_options options = {.tld_list = ps_span_of(texts[i])};
        ps_address_rules *rules = NULL;
        ps_error err;
        assert_int_equal(ps_address_rules_new(&options, &rules, &err), PS_INPUT);
        assert_null(rules);
        assert_true(err.text[0] != '\0' && err.hint[0] != '\0');
    }
}

// Each allocation fails once: an error and no leak, never rules that lack a list.
static void test_no_memory(void **state)
{
    ps_span allowed[] = {ps_span_of("test")};
    ps_address_options options = {.special_use = allowed, .special_use_count = 1};
    unsigned failed = 0;

    (void)state;
    for (unsigned long n = 1;; n++) {
        ps_address_rules *rules = NULL;
        ps_error err;
        ps_memory_fail_at(n, 0);
        ps_status status = ps_address_rules_new(&options, &rules, &err);
        ps_memory_fail_at(0, 0);
        if (status == PS_OK) {
            ps_address_rules_free(rules);
            break;
        }
        assert_int_equal(status, PS_RETRY);
        assert_null(rules);
        failed++;
    }
    assert_true(failed > 3);
}

static void test_jis_source(void **state)
{
    ps_address_options options = {.jis_source = true};
    ps_address address;

    (void)state;
    parse_with(&options, "a\u203Eb@example.jp", &address);
    assert_span_equal(address.ascii, "a~b@example.jp");
    assert_findings_equal(parse_with(&options, "a\u00A5b@example.jp", &address),
                          PS_FIND(REPAIRED_WIDTH) | PS_FIND(LOCAL_INVALID_CHARACTER));
}

static void test_lists_are_described(void **state)
{
    size_t count = 0;
    const ps_run_data_list *lists = ps_mail_data_lists(&count);

    (void)state;
    assert_int_equal(count, PS_LIST_COUNT + 1); // the last is no list of names: that of operators
    assert_string_equal(lists[PS_LIST_COUNT].name, "operators of mail servers");
    for (size_t i = 0; i < PS_LIST_COUNT; i++) {
        ps_span text = ps_list_text((ps_list)i), line;
        uint64_t entries = 0;
        while (ps_list_next(&text, &line)) {
            assert_true(line.len > 0);
            entries++;
        }
        assert_int_equal(entries, lists[i].entries);
        assert_true(strlen(lists[i].name) > 0 && strlen(lists[i].source) > 0 && strlen(lists[i].licence) > 0);
        assert_int_equal(strlen(lists[i].date), strlen("2026-11-21"));
    }
    assert_int_equal(lists[PS_LIST_TLDS].entries, 1438);
}

// Each internationalized ending is an A-label that libidn2 would make of it.
static void test_tlds_are_alabels(void **state)
{
    ps_span text = ps_list_text(PS_LIST_TLDS), line;
    unsigned alabels = 0;

    (void)state;
    while (ps_list_next(&text, &line)) {
        ps_label label = {0};
        if (!ps_idn_is_alabel(line)) continue;
        assert_int_equal(ps_idn_to_ascii(line, &label), PS_REASON_OK);
        assert_true(ps_span_equal(line, (ps_span){label.text, label.len}));
        alabels++;
    }
    assert_true(alabels > 100);
}

static void test_list_lines(void **state)
{
    ps_span text = ps_span_of("one two\r\n\nlast"), line, first, second;

    (void)state;
    assert_true(ps_list_next(&text, &line));
    assert_true(ps_list_pair(line, &first, &second));
    assert_span_equal(first, "one");
    assert_span_equal(second, "two");
    assert_true(ps_list_next(&text, &line));
    assert_int_equal(line.len, 0);
    assert_true(ps_list_next(&text, &line));
    assert_span_equal(line, "last");
    assert_false(ps_list_pair(line, &first, &second));
    assert_false(ps_list_pair((ps_span){NULL, 0}, &first, &second));
    assert_false(ps_list_next(&text, &line));
}

// A known-good domain is never in doubt, and what a slip means is always a good one.
static void test_lists_agree(void **state)
{
    ps_address_rules *rules = NULL;
    ps_span good = ps_list_text(PS_LIST_GOOD), typos = ps_list_text(PS_LIST_TYPOS), line, typed, meant;

    (void)state;
    assert_ok(ps_address_rules_new(NULL, &rules, NULL), NULL);
    while (ps_list_next(&good, &line)) {
        assert_int_equal(ps_rules_domain(rules, line).kind, PS_KNOWN_GOOD);
    }
    while (ps_list_next(&typos, &line)) {
        assert_true(ps_list_pair(line, &typed, &meant));
        assert_int_equal(ps_rules_domain(rules, typed).kind, PS_KNOWN_TYPO);
        assert_int_equal(ps_rules_domain(rules, meant).kind, PS_KNOWN_GOOD);
    }
    ps_address_rules_free(rules);
}

static int open_arena(void **state)
{
    (void)state;
    return ps_arena_open((size_t)64 << 20, &arena, NULL) == PS_OK ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    ps_arena_close(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_carrier_form),
        cmocka_unit_test(test_special_use),
        cmocka_unit_test(test_tld_list),
        cmocka_unit_test(test_slip_without_ending),
        cmocka_unit_test(test_endless_ending),
        cmocka_unit_test(test_bad_tld_list),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_jis_source),
        cmocka_unit_test(test_lists_are_described),
        cmocka_unit_test(test_tlds_are_alabels),
        cmocka_unit_test(test_list_lines),
        cmocka_unit_test(test_lists_agree),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
