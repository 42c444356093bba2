// Words that name a class, file names that point to a list, and the look of entries.
// layer: esp
#include "esp/form.h"
#include "esp/form_memo.h"
#include "esp/shape.h"
#include "esp/words.h"
#include "unit/assert.h"

static void test_classes(void **state)
{
    static const struct {
        const char *word;
        int class; // PS_CLASS_COUNT: not known
    } cases[] = {
        {"BOUNCE", PS_CLASS_HARD},
        {" Hard Bounce ", PS_CLASS_HARD},
        {"hard_bounce", PS_CLASS_HARD},
        {"\"soft-bounce\"", PS_CLASS_SOFT},
        {"COMPLAINT", PS_CLASS_COMPLAINT},
        {"Spam Report", PS_CLASS_COMPLAINT},
        {"配信停止", PS_CLASS_UNSUBSCRIBE},
        {"　配信停止", PS_CLASS_UNSUBSCRIBE},
        {"宛先不明", PS_CLASS_HARD},
        {"恒久的なエラー", PS_CLASS_HARD},
        {"一時的なエラー（容量超過）", PS_CLASS_SOFT},
        {"メールボックス容量オーバー", PS_CLASS_SOFT},
        {"迷惑メール報告あり", PS_CLASS_COMPLAINT}, // the longer word
        {"恒久的エラー（タイムアウト）", PS_CLASS_HARD}, // the stronger of two as long
        {"本人より配信停止の希望", PS_CLASS_UNSUBSCRIBE},
        {"登録", PS_CLASS_COUNT},
        {"opt-out", PS_CLASS_UNSUBSCRIBE},
        {"invalid", PS_CLASS_INVALID},
        {"block", PS_CLASS_BLOCK},
        {"blocked", PS_CLASS_COUNT}, // of whom? so it removes
        {"blocklisted", PS_CLASS_MANUAL},
        {"active", PS_CLASS_COUNT},
        {"", PS_CLASS_COUNT},
        // In a list of whom not to mail these are people's wishes, and not the filters that an error report means by
        // them.
        {"受信拒否", PS_CLASS_UNSUBSCRIBE},
        {"迷惑メール", PS_CLASS_COMPLAINT},
        {"ブロック", PS_CLASS_COUNT}, // unknown, which removes
        {"this is a whole sentence of an SMTP reply, which is far longer than any word that names a class",
         PS_CLASS_COUNT},
    };
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_class class = PS_CLASS_COUNT;
        bool vague;
        print_message("  %s\n", cases[i].word);
        assert_int_equal(ps_word_class(ps_span_of(cases[i].word), &class, &vague), cases[i].class != PS_CLASS_COUNT);
        assert_int_equal((int)class, cases[i].class);
    }
}

static void test_several_words(void **state)
{
    static const struct {
        const char *words[2];
        int class;
    } cases[] = {
        {{"bounce", "soft"}, PS_CLASS_SOFT}, // the more exact word
        {{"Bounce", "Permanent"}, PS_CLASS_HARD},
        {{"soft", "complaint"}, PS_CLASS_COMPLAINT}, // the stronger one
        {{"block", "550 no such user"}, PS_CLASS_BLOCK}, // the one that is understood
        {{"550 no such user", ""}, PS_CLASS_UNKNOWN},
        {{"", " "}, PS_CLASS_MANUAL}, // what the job says
        {{"bounce", "x"}, PS_CLASS_HARD},
    };
    ps_form_slots slots = {.class = PS_CLASS_MANUAL, .words_count = 2, .words_decide = true};
    ps_form_memo memo = {.slots = {{.len = 0}}};
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const ps_span words[] = {ps_span_of(cases[i].words[0]), ps_span_of(cases[i].words[1])};
        print_message("  case %zu\n", i);
        assert_int_equal((int)ps_form_class(&slots, words), cases[i].class);
        assert_int_equal((int)ps_form_memo_class(&memo, &slots, words), cases[i].class);
        assert_int_equal((int)ps_form_memo_class(&memo, &slots, words), cases[i].class);
    }
    slots.words_remove_only = true;
    const ps_span soft[] = {ps_span_of("soft"), ps_span_of("")};
    assert_int_equal((int)ps_form_class(&slots, soft), PS_CLASS_MANUAL);
}

// What is kept is told for its own words only, however many others there are, long, short or cut elsewhere.
static void test_classes_are_kept(void **state)
{
    const ps_form_slots slots = {.class = PS_CLASS_MANUAL, .words_count = 2, .words_decide = true};
    const char *const tails[] = {"", "hard", "soft", "complaint", "x"};
    ps_form_memo memo = {.slots = {{.len = 0}}};
    char text[200];
    (void)state; // no fixture

    memset(text, 'a', sizeof text);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof text * PS_COUNT_OF(tails); i++) {
            const ps_span words[] = {{text, i / PS_COUNT_OF(tails)}, ps_span_of(tails[i % PS_COUNT_OF(tails)])};
            assert_int_equal((int)ps_form_memo_class(&memo, &slots, words), (int)ps_form_class(&slots, words));
        }
    }
    const ps_span cut[][2] = {{ps_span_of("softx"), ps_span_of("")}, {ps_span_of("soft"), ps_span_of("x")}};
    assert_int_equal((int)ps_form_memo_class(&memo, &slots, cut[0]), PS_CLASS_UNKNOWN);
    assert_int_equal((int)ps_form_memo_class(&memo, &slots, cut[1]), PS_CLASS_SOFT);
}

static void test_file_names(void **state)
{
    static const struct {
        const char *file, *list; // NULL: none
    } cases[] = {
        {"sg_bounces.csv", "bounces"},
        {"/exports/bounces/today.csv", NULL},
        {"/exports/2026 Spam Reports.csv", "spam_reports"},
        {"SendGrid_Blocks.csv", "blocks"},
        {"blocklist.csv", NULL},
        {"blocked_users.csv", NULL},
        {"unblocks.csv", NULL},
        {"spam-and-blocks.csv", NULL},
        {"suppression_unsubscribes.csv", "unsubscribes"},
        {"invalid_emails.csv", "invalid_emails"},
        {"complaints-mg.csv", "complaints"},
        {"opt-outs.csv", "unsubscribes"},
        {"export.csv", NULL},
        {"", NULL},
    };
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_word_hint hint = {PS_CLASS_COUNT, NULL};
        print_message("  %s\n", cases[i].file);
        assert_int_equal(ps_word_file_hint(cases[i].file, &hint), cases[i].list != NULL);
        if (cases[i].list != NULL) assert_string_equal(hint.list, cases[i].list);
    }
}

static void test_shapes(void **state)
{
    static const struct {
        const char *text;
        bool has_at, domain, digest, pattern, domain_pattern; // the last where domains are expected
    } cases[] = {
        {"a@example.com", .has_at = true},
        {"a＠example.com", .has_at = true, .domain = false},
        {"a@", .has_at = false},
        {"@example.com", .has_at = false},
        {"example.com", .domain = true},
        {"example.com.", .domain = true},
        {"例え.example", .domain = true},
        {"例え。example", .domain = true},
        {"localhost", .domain = false},
        {"192.0.2.1", .domain = false},
        {"a..b", .domain = false},
        {"a b.example", .domain = false},
        {".example.net", .pattern = true, .domain_pattern = true},
        {"*.example.net", .domain = true, .pattern = true},
        {"@*.example.net", .has_at = false, .pattern = true},
        {"*", .pattern = true, .domain_pattern = true},
        {"ex*.net", .pattern = true, .domain_pattern = true},
        {"*@example.net", .has_at = true, .pattern = true, .domain_pattern = true},
        {"%@example.net", .has_at = true, .pattern = true, .domain_pattern = true},
        {"[a-z]@example.net", .has_at = true, .pattern = true, .domain_pattern = true},
        {"/.+@example.net/", .has_at = true, .pattern = true, .domain_pattern = true},
        {"^a@example\\.net", .has_at = true, .pattern = true, .domain_pattern = true},
        {"^_^@example.net", .has_at = true},
        {"50%off@example.net", .has_at = true},
        {"\"*\"@example.net", .has_at = true},
        {"b58996c504c5638798eb6b511e6f49af", .digest = true},
        {"'B58996C504C5638798EB6B511E6F49AF'", .digest = true},
        {"b58996c504c5638798eb6b511e6f49a", .digest = false},
        {"b58996c504c5638798eb6b511e6f49ag", .digest = false},
        {"tYmWxQTFY4eY62tRHm9Jrw==", .digest = true},
        {"tMnCiTI7IaAcPpQLFQ65jFQvhSLxq/3w4cwe/FzkdVE=", .digest = true, .domain = false},
    };
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_span text = ps_span_of(cases[i].text);
        print_message("  %s\n", cases[i].text);
        assert_int_equal(ps_shape_has_at(text), cases[i].has_at);
        assert_int_equal(ps_shape_is_domain(text), cases[i].domain);
        assert_int_equal(ps_shape_is_digest(text), cases[i].digest);
        assert_int_equal(ps_shape_is_pattern(text, PS_ENTRY_ADDRESS), cases[i].pattern);
        assert_int_equal(ps_shape_is_pattern(text, PS_ENTRY_BOTH), cases[i].domain_pattern);
    }
}

static void test_parts(void **state)
{
    static const char *const parts[] = {"a@example.com", "b@example.com", "#", "c"};
    ps_span rest = ps_span_of(" <a@example.com>,\xE3\x80\x80'b@example.com'; # c"), part;
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(parts); i++) {
        assert_true(ps_shape_part(&rest, &part));
        assert_span_equal(part, parts[i]);
    }
    assert_false(ps_shape_part(&rest, &part));
    assert_span_equal(ps_shape_trim(ps_span_of("\xEF\xBB\xBF\t a \xE3\x80\x80\xC2\xA0\r\n")), "a");
    assert_span_equal(ps_shape_trim(ps_span_of(" \xE3\x80\x80 ")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes), cmocka_unit_test(test_several_words), cmocka_unit_test(test_file_names),
        cmocka_unit_test(test_shapes),  cmocka_unit_test(test_parts),         cmocka_unit_test(test_classes_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
