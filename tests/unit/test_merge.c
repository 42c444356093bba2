// layer: esp
#include "assert.h"
#include "esp/expand.h"
#include "esp/merge.h"

// What of an ESP's lists counts in a job, and what their entries mean.

enum { TODAY = 20000 };

static const char *const shop[] = {"shop", "spring"};

static const struct {
    const char *name;
    ps_source_config source;
    ps_class class;
    const char *scope;
    ps_day expires;
    bool allowlist;
    ps_merge_verdict verdict;
} judged[] = {
    {"a bounce", {0}, PS_CLASS_HARD, "", PS_DAY_NONE, false, PS_MERGE_COUNTS},
    {"an allowlist, whatever stands in it", {0}, PS_CLASS_COMPLAINT, "", PS_DAY_NONE, true, PS_MERGE_ALLOWED},
    {"expires today", {0}, PS_CLASS_HARD, "", TODAY, false, PS_MERGE_COUNTS},
    {"expired yesterday", {0}, PS_CLASS_HARD, "", TODAY - 1, false, PS_MERGE_EXPIRED},
    {"a complaint outlives the ESP's list", {0}, PS_CLASS_COMPLAINT, "", TODAY - 1, false, PS_MERGE_COUNTS},
    {"an unsubscribe does", {0}, PS_CLASS_UNSUBSCRIBE, "", TODAY - 1, false, PS_MERGE_COUNTS},
    {"a block by hand does", {0}, PS_CLASS_MANUAL, "", TODAY - 1, false, PS_MERGE_COUNTS},
    {"a soft bounce does not", {0}, PS_CLASS_SOFT, "", TODAY - 1, false, PS_MERGE_EXPIRED},
    {"any scope", {0}, PS_CLASS_UNSUBSCRIBE, "news", PS_DAY_NONE, false, PS_MERGE_COUNTS},
    {"own scope",
     {.scope = shop, .scope_count = 2},
     PS_CLASS_UNSUBSCRIBE,
     "spring",
     PS_DAY_NONE,
     false,
     PS_MERGE_COUNTS},
    {"another scope",
     {.scope = shop, .scope_count = 2},
     PS_CLASS_UNSUBSCRIBE,
     "news",
     PS_DAY_NONE,
     false,
     PS_MERGE_OTHER_SCOPE},
    {"from everything",
     {.scope = shop, .scope_count = 2},
     PS_CLASS_UNSUBSCRIBE,
     "",
     PS_DAY_NONE,
     false,
     PS_MERGE_COUNTS},
    {"a complaint in another scope",
     {.scope = shop, .scope_count = 2},
     PS_CLASS_COMPLAINT,
     "news",
     PS_DAY_NONE,
     false,
     PS_MERGE_COUNTS},
    {"another brand's unsubscribe",
     {.unsubscribes_off = true},
     PS_CLASS_UNSUBSCRIBE,
     "",
     PS_DAY_NONE,
     false,
     PS_MERGE_OTHER_BRAND},
    {"another brand's complaint",
     {.unsubscribes_off = true},
     PS_CLASS_COMPLAINT,
     "",
     PS_DAY_NONE,
     false,
     PS_MERGE_COUNTS},
    {"another brand's manual block",
     {.unsubscribes_off = true},
     PS_CLASS_MANUAL,
     "",
     PS_DAY_NONE,
     false,
     PS_MERGE_COUNTS},
};

static void test_judge(void **state)
{
    ps_job job;
    (void)state;

    ps_job_init(&job);
    job.as_of = TODAY;
    for (size_t i = 0; i < PS_COUNT_OF(judged); i++) {
        const ps_merge_kind kind = {judged[i].class, ps_span_of(judged[i].scope), judged[i].expires,
                                    judged[i].allowlist};
        ps_run_source counts = {.name = "mg"};
        print_message("  %s\n", judged[i].name);
        ps_merge_verdict verdict = ps_merge_judge(&job, &judged[i].source, &kind);
        assert_int_equal(verdict, judged[i].verdict);
        ps_merge_count(&counts, verdict, 3);
        assert_int_equal(counts.allowed, verdict == PS_MERGE_ALLOWED ? 3 : 0);
        assert_int_equal(counts.expired, verdict == PS_MERGE_EXPIRED ? 3 : 0);
        assert_int_equal(counts.other_scopes, verdict == PS_MERGE_OTHER_SCOPE ? 3 : 0);
        assert_int_equal(counts.other_brands, verdict == PS_MERGE_OTHER_BRAND ? 3 : 0);
    }
}

static ps_status add_found(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    char *text = context, day[PS_DAY_TEXT_SIZE];
    (void)err;

    *out_new = false;
    ps_day_text(found->date, day);
    size_t len = strlen(text);
    snprintf(text + len, 512 - len, "%s%.*s%s%s ",
             found->subdomains ? "*."
             : found->domain   ? "@"
                               : "",
             (int)found->key.len, found->key.bytes, day[0] == '\0' ? "" : "/", day);
    return PS_OK;
}

static const struct {
    const char *name, *text;
    ps_stored_kind kind;
    ps_class class;
    int64_t created_s;
    const char *found;
    uint64_t unreadable;
    ps_status status;
} expanded[] = {
    {"as rows are", "Taro@Example.JP", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "taro@example.jp ", 0, PS_OK},
    {"full-width", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "taro@example.jp ", 0, PS_OK},
    {"a day of Japan", "a@example.jp", PS_STORED_ADDRESS, PS_CLASS_HARD, 1760000000, "a@example.jp/2025-10-09 ", 0,
     PS_OK},
    {"a reserved name", "a@host.test", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "a@host.test ", 0, PS_OK},
    {"two in one", "a@example.jp / b@example.jp", PS_STORED_ADDRESS, PS_CLASS_MANUAL, 0,
     "a@example.jp / b@example.jp a@example.jp b@example.jp ", 0, PS_OK},
    {"a domain", "Example.net", PS_STORED_DOMAIN, PS_CLASS_MANUAL, 0, "@example.net ", 0, PS_OK},
    {"below a domain", "*.example.net", PS_STORED_DOMAIN, PS_CLASS_MANUAL, 0, "*.example.net ", 0, PS_OK},
    {"no address", "nobody", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "", 1, PS_OK},
    {"a domain among addresses", "example.net", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "", 1, PS_OK},
    {"nothing", "", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "", 1, PS_OK},
    {"a digest", "d41d8cd98f00b204e9800998ecf8427e", PS_STORED_ADDRESS, PS_CLASS_INVALID, 0, "", 1, PS_OK},
    {"what people type", "nobody", PS_STORED_ADDRESS, PS_CLASS_INVALID, 0, "nobody ", 0, PS_OK},
    {"a pattern", "*@example.jp", PS_STORED_ADDRESS, PS_CLASS_HARD, 0, "", 0, PS_SOURCE},
};

static void test_expand(void **state)
{
    ps_address_rules *rules = NULL;
    ps_zone *zone = NULL;
    ps_error err;
    (void)state;

    assert_ok(ps_expand_rules(&rules, &err), &err);
    assert_ok(ps_zone_new("+09:00", &zone, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(expanded); i++) {
        char text[512] = "";
        ps_expander expander;
        const ps_stored_entry entry = {.text = ps_span_of(expanded[i].text),
                                       .kind = expanded[i].kind,
                                       .class = expanded[i].class,
                                       .created_s = expanded[i].created_s};
        print_message("  %s\n", expanded[i].name);
        assert_ok(ps_expander_open(&expander, "mg", rules, zone, &err), &err);
        expander.take = add_found;
        expander.context = text;
        assert_int_equal(ps_expand(&expander, "bounces", &entry, &err), expanded[i].status);
        assert_string_equal(text, expanded[i].found);
        assert_int_equal(expander.counts.unreadable, expanded[i].unreadable);
        // One of one is more than a thousandth.
        assert_int_equal(ps_expander_finish(&expander, &err), expanded[i].unreadable > 0 ? PS_SOURCE : PS_OK);
        ps_expander_close(&expander);
    }
    ps_zone_free(zone);
    ps_address_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_expand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
