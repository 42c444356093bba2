// The steps of the address rules, each by the cells that the worked table leaves out.
// layer: mail

#include "mail/parse.h"

#include "assert.h"

typedef struct step_case {
    const char *cell;
    ps_findings findings;
    const char *deliverable, *suggestion;
} step_case;

static ps_arena arena;
static ps_address_rules *rules;

static void check(const step_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ps_address address;
        print_message("  %s\n", cases[i].cell);
        // The first time, once its domain is known, and without any short way.
        for (unsigned way = 0; way < 3; way++) {
            ps_findings (*parse)(const ps_address_rules *, ps_span, ps_arena *, ps_address *) =
                way < 2 ? ps_address_parse : ps_address_parse_long;
            assert_findings_equal(parse(rules, ps_span_of(cases[i].cell), &arena, &address), cases[i].findings);
            assert_span_equal(address.deliverable, cases[i].deliverable == NULL ? "" : cases[i].deliverable);
            assert_span_equal(address.suggestion, cases[i].suggestion == NULL ? "" : cases[i].suggestion);
        }
    }
}

#define NOTE(symbol) PS_FIND(symbol)

static void test_trim(void **state)
{
    static const step_case cases[] = {
        {" \u00A0\u200Etaro@example.jp\u2029\uFEFF\n", NOTE(REPAIRED_WHITESPACE) | NOTE(REPAIRED_INVISIBLE),
         "taro@example.jp", NULL},
        {"\u200B\u3000\u00AD", NOTE(REPAIRED_WHITESPACE) | NOTE(REPAIRED_INVISIBLE) | PS_FIND(EMPTY), NULL, NULL},
        {"taro@example.jp\uFE0F", NOTE(REPAIRED_INVISIBLE), "taro@example.jp", NULL},
        {"\u200Ctaro@example.jp\u2069", NOTE(REPAIRED_INVISIBLE), "taro@example.jp", NULL},
        // U+0085 is white space, U+0084 a control character.
        {"taro@example.jp\xC2\x85", NOTE(REPAIRED_WHITESPACE), "taro@example.jp", NULL},
        {"taro@example.jp\xC2\x84", PS_FIND(CONTROL_CHARACTER), NULL, NULL},
        {"ta\tro@example.jp", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"ta\u2029ro@example.jp", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_width(void **state)
{
    static const step_case cases[] = {
        {"\uFF54aro@example.jp", NOTE(REPAIRED_WIDTH), "taro@example.jp", NULL},
        {"｢taro@example.jp｣", NOTE(REPAIRED_WIDTH) | NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"taro@ﾊﾟﾝ.jp", NOTE(REPAIRED_WIDTH) | NOTE(NORMALIZED_IDN) | NOTE(IDN_DOMAIN), "taro@xn--odk8c.jp", NULL},
        // A voiced mark that no letter takes stays a mark, and none comes first.
        {"ﾞa@example.jp", NOTE(REPAIRED_WIDTH) | PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, NULL},
        {"aﾞ@example.jp", NOTE(REPAIRED_WIDTH) | PS_FIND(SMTPUTF8_REQUIRED), "a\u3099@example.jp", NULL},
        // Joiners beside ASCII go, however many stand in a row.
        {"ta\u200D\u200Cro@example.jp", NOTE(REPAIRED_INVISIBLE), "taro@example.jp", NULL},
        {"あ\u200D\u200Cro@example.jp", NOTE(REPAIRED_INVISIBLE) | PS_FIND(SMTPUTF8_REQUIRED), "あro@example.jp", NULL},
        // The Kelvin sign is K by canonical decomposition; a fraction is none.
        {"\u212Aen@example.jp", NOTE(NORMALIZED_NFC), "Ken@example.jp", NULL},
        {"a\u00BD@example.jp", PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, NULL},
        // Mathematical letters are other people's letters until their owner says otherwise.
        {"\U0001D42D\U0001D41A@example.jp", PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, "ta@example.jp"},
        // A yen sign is one, unless the file's charset has it where ASCII has the backslash.
        {"a\u00A5b@example.jp", PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_unwrap(void **state)
{
    static const step_case cases[] = {
        {"< \"taro@example.jp\" >;", NOTE(REPAIRED_WHITESPACE) | NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"<mailto:taro@example.jp>", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"【<taro@example.jp.>】", NOTE(REPAIRED_WRAPPER) | NOTE(REPAIRED_TRAILING_DOT), "taro@example.jp", NULL},
        {"\u00ABtaro@example.jp\u00BB", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"mailto:%ef%bd%94aro%40example.jp", NOTE(REPAIRED_WRAPPER) | NOTE(REPAIRED_WIDTH), "taro@example.jp", NULL},
        {"mailto:taro%00@example.jp", PS_FIND(CONTROL_CHARACTER), NULL, NULL},
        {"mailto:taro%ff@example.jp", PS_FIND(INVALID_ENCODING), NULL, NULL},
        {"mailto:50%@example.jp", NOTE(REPAIRED_WRAPPER), "50%@example.jp", NULL},
        {"mailto:", NOTE(REPAIRED_WRAPPER) | PS_FIND(EMPTY), NULL, NULL},
        {"<>", NOTE(REPAIRED_WRAPPER) | PS_FIND(EMPTY), NULL, NULL},
        {"((((((taro@example.jp))))))", PS_FIND(COMMENT), NULL, NULL},
        {"(ta@ro)@example.jp)", PS_FIND(MULTIPLE_AT_SIGNS), NULL, NULL},
        {"''", PS_FIND(NO_AT_SIGN), NULL, NULL},
        {"'taro'", PS_FIND(NO_AT_SIGN), NULL, NULL},
        // Six rounds and no more.
        {",,,,,,taro@example.jp", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {",,,,,,,taro@example.jp", NOTE(REPAIRED_WRAPPER) | PS_FIND(LOCAL_INVALID_CHARACTER), NULL, NULL},
        {"a@b.jp、c@d.jp", PS_FIND(MULTIPLE_ADDRESSES), NULL, NULL},
        {"\"a@b.jp, c\" <d@example.jp>", NOTE(REPAIRED_WRAPPER), "d@example.jp", NULL},
        // An escaped quote does not end the quotes that the separator stands in.
        {"\"a\\\"@, @b\" <d@example.jp>", NOTE(REPAIRED_WRAPPER), "d@example.jp", NULL},
        {"..", PS_FIND(NO_AT_SIGN), NULL, NULL},
        // Brackets that Japanese texts put around words.
        {"『taro@example.jp』", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"〔taro@example.jp〕", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"〈taro@example.jp〉", NOTE(REPAIRED_WRAPPER), "taro@example.jp", NULL},
        {"《【ｔａｒｏ@example.jp】》", NOTE(REPAIRED_WRAPPER) | NOTE(REPAIRED_WIDTH), "taro@example.jp", NULL},
        {"『taro@example.jp」", PS_FIND(DOMAIN_IDNA_INVALID), NULL, NULL},
        {"山田『taro@example.jp』", PS_FIND(DOMAIN_IDNA_INVALID), NULL, NULL},
        {"『taro』@example.jp", PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_split(void **state)
{
    static const step_case cases[] = {
        {"a@example.jp|b@example.jp", PS_FIND(MULTIPLE_ADDRESSES), NULL, NULL},
        {"a@b@example.jp c", PS_FIND(MULTIPLE_AT_SIGNS), NULL, NULL},
        {"\"a@b\"@c@example.jp", PS_FIND(MULTIPLE_AT_SIGNS), NULL, NULL},
        {"\"ta ro\"@exa mple.jp", PS_FIND(INNER_WHITESPACE), NULL, NULL},
        {"ta(ro@example.jp", PS_FIND(COMMENT), NULL, NULL},
        {"ta)ro(@example.jp", PS_FIND(COMMENT), NULL, NULL},
        {"taro(a(b)c)@example.jp", PS_FIND(COMMENT), NULL, "taro@example.jp"},
        {"taro[AT]example.jp", PS_FIND(NO_AT_SIGN), NULL, "taro@example.jp"},
        {"a(at)b[at]example.jp", PS_FIND(NO_AT_SIGN), NULL, NULL},
        {"taro(at)", PS_FIND(NO_AT_SIGN), NULL, NULL},
        {"noreply%40example.jp", PS_FIND(NO_AT_SIGN), NULL, NULL},
        {"'taro%40example.jp", PS_FIND(NO_AT_SIGN), NULL, NULL},
        // Beside a name or a remark stands an address; what could be part of it is joined.
        {"山田太郎 taro@example.jp", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"taro@example.jp 様", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"taro@example.jp (work)", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"E-mail: taro@example.jp", PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"山田　<taro@example.jp>　様", NOTE(REPAIRED_WIDTH) | PS_FIND(INNER_WHITESPACE), NULL, "taro@example.jp"},
        {"taro yamada@example.jp", PS_FIND(INNER_WHITESPACE), NULL, "taroyamada@example.jp"},
        {"太 郎@example.jp", PS_FIND(INNER_WHITESPACE), NULL, NULL},
        {"山田 taro @example.jp", PS_FIND(INNER_WHITESPACE), NULL, NULL},
        {"taro@ 例え.jp", PS_FIND(INNER_WHITESPACE), NULL, "taro@xn--r8jz45g.jp"},
        {"電話 090 taro@", PS_FIND(INNER_WHITESPACE), NULL, NULL},
        {"山田 noreply@example.jp", PS_FIND(INNER_WHITESPACE), NULL, NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_domain(void **state)
{
    static const step_case cases[] = {
        // The order of the rules, not of the labels.
        {"taro@a_b.-c.jp", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"taro@-c.a_b.jp", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"taro@日本.a_b.jp", NOTE(NORMALIZED_IDN) | NOTE(IDN_DOMAIN) | PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"taro@a\u2024b.jp", PS_FIND(DOMAIN_IDNA_INVALID), NULL, NULL}, // one dot leader, which UTS 46 maps to a dot
        {"taro@example.test", PS_FIND(DOMAIN_SPECIAL_USE), NULL, NULL},
        {"taro@notexample.com", 0, "taro@notexample.com", NULL},
        {"taro@2001:db8::1", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"taro@あああああああああああああああああああああああああああああああああああああああああああああああああああ"
         "ああああああああああああ.jp",
         PS_FIND(DOMAIN_LABEL_TOO_LONG), NULL, NULL},
        {"taro@xn--wgv71a119e", NOTE(IDN_DOMAIN) | PS_FIND(DOMAIN_SINGLE_LABEL), NULL, NULL},
        {"taro@gmail.com.", NOTE(REPAIRED_TRAILING_DOT), "taro@gmail.com", NULL},
        {"taro@gmail.com..", PS_FIND(DOMAIN_EMPTY_LABEL), NULL, NULL},
        // Characters that UTS 46 maps to nothing, and nothing else.
        {"taro@\u034F.jp", PS_FIND(DOMAIN_EMPTY_LABEL), NULL, NULL},
        {"taro@shop.\u180B\u2064", PS_FIND(DOMAIN_EMPTY_LABEL), NULL, NULL},
        {"taro@sh\u034Fop.jp", NOTE(NORMALIZED_IDN), "taro@shop.jp", NULL},
        {"taro@a\u226Eb.jp", PS_FIND(DOMAIN_IDNA_INVALID), NULL, NULL},
        {"taro@a\u226Fb.jp", PS_FIND(DOMAIN_IDNA_INVALID), NULL, NULL},
        {"taro@shop.1-2", PS_FIND(DOMAIN_UNKNOWN_TLD), NULL, NULL},
        // In A-labels, 252 octets: what fits a cell of 64 bytes need not fit SMTP.
        {"taro1@㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㍿.㌚.jp",
         NOTE(NORMALIZED_IDN) | NOTE(IDN_DOMAIN) | PS_FIND(ADDRESS_TOO_LONG), NULL, NULL},
        {"taro@docomo.ne.jpn", PS_FIND(DOMAIN_UNKNOWN_TLD), NULL, "taro@docomo.ne.jp"},
        {"taro@例え.neverseen", NOTE(NORMALIZED_IDN) | NOTE(IDN_DOMAIN) | PS_FIND(DOMAIN_UNKNOWN_TLD), NULL, NULL},
        {"taro@\xFF\xFEshop.jp", PS_FIND(INVALID_ENCODING), NULL, NULL},
        // The comma lies beside the full stop.
        {"taro@shop,co,jp", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, "taro@shop.co.jp"},
        {"taro@shop，jp", NOTE(REPAIRED_WIDTH) | PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, "taro@shop.jp"},
        {"taro@shop,,jp", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"taro@sh_op,jp", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"noreply@gmail.con", PS_FIND(DOMAIN_UNKNOWN_TLD), NULL, NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_local(void **state)
{
    static const step_case cases[] = {
        {"\"taro\t\"@example.jp", PS_FIND(CONTROL_CHARACTER), NULL, NULL},
        {"\"taro\\\"@example.jp", PS_FIND(LOCAL_BAD_QUOTING), NULL, NULL},
        {"\"ta ro\\ \"@example.jp", PS_FIND(LOCAL_QUOTED), "\"ta ro \"@example.jp", NULL},
        {"\"太郎\"@example.jp", NOTE(NORMALIZED_QUOTES) | PS_FIND(SMTPUTF8_REQUIRED), "太郎@example.jp", NULL},
        {"\"太 郎\"@example.jp", PS_FIND(LOCAL_QUOTED) | PS_FIND(SMTPUTF8_REQUIRED), "\"太 郎\"@example.jp", NULL},
        {"\"😀\"@example.jp", NOTE(NORMALIZED_QUOTES) | PS_FIND(LOCAL_UNSAFE_CHARACTER), NULL, NULL},
        {"太..郎@docomo.ne.jp", PS_FIND(LOCAL_DOT_PLACEMENT), NULL, NULL},
        {"\"...\"@docomo.ne.jp", PS_FIND(LOCAL_QUOTED), "\"...\"@docomo.ne.jp", NULL},
        {"'@example.jp", 0, "'@example.jp", NULL},
        {"\"ta ro\\\\\"@example.jp", PS_FIND(LOCAL_QUOTED), "\"ta ro\\\\\"@example.jp", NULL},
        {"\"ta\\é\"@example.jp", PS_FIND(LOCAL_BAD_QUOTING), NULL, NULL},
        {"\"taro\\@example.jp", PS_FIND(LOCAL_BAD_QUOTING), NULL, NULL},
        {"\"ta@ro\\", PS_FIND(DOMAIN_INVALID_CHARACTER), NULL, NULL},
        {"\"ta\xC2\x85ro\"@example.jp", PS_FIND(CONTROL_CHARACTER), NULL, NULL},
        {"''taro@gmial.com", PS_FIND(TYPO_SUSPECTED), "''taro@gmial.com", "taro@gmail.com"},
        {"'noreply@example.jp", 0, "'noreply@example.jp", NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_policy(void **state)
{
    static const step_case cases[] = {
        {"+tag@example.jp", 0, "+tag@example.jp", NULL},
        {"INFO+shop@example.jp", NOTE(ROLE_ACCOUNT), "INFO+shop@example.jp", NULL},
        {"Soumu@example.jp", NOTE(ROLE_ACCOUNT), "Soumu@example.jp", NULL},
        {"o-toiawase+web@example.jp", NOTE(ROLE_ACCOUNT), "o-toiawase+web@example.jp", NULL},
        {"saiyo.taro@example.jp", 0, "saiyo.taro@example.jp", NULL},
        {"info.taro@example.jp", 0, "info.taro@example.jp", NULL},
        {"MAILER-DAEMON@example.jp", PS_FIND(ROLE_SYSTEM), "MAILER-DAEMON@example.jp", NULL},
        {"taro@box.mailinator.com", PS_FIND(DISPOSABLE_DOMAIN), "taro@box.mailinator.com", NULL},
        {"taro@not-a-mailinator.com", 0, "taro@not-a-mailinator.com", NULL},
        {"taro@gmail.com", 0, "taro@gmail.com", NULL},
        {"root@gmial.com", PS_FIND(ROLE_SYSTEM) | PS_FIND(TYPO_SUSPECTED), "root@gmial.com", "root@gmail.com"},
        {"taro..y@dokomo.ne.jp", PS_FIND(LOCAL_DOT_PLACEMENT), NULL, NULL},
        {"taro@yahoo.jp", PS_FIND(TYPO_SUSPECTED), "taro@yahoo.jp", "taro@yahoo.co.jp"},
        {"taro@t.vodafone.ne.jp", 0, "taro@t.vodafone.ne.jp", NULL},
    };

    (void)state;
    check(cases, PS_COUNT_OF(cases));
}

static void test_keys(void **state)
{
    static const struct {
        const char *cell, *key, *provider_key, *domain;
    } cases[] = {
        {"\"Ta Ro\"@Example.jp", "ta ro@example.jp", "ta ro@example.jp", "example.jp"},
        {"+tag@gmail.com", "+tag@gmail.com", "+tag@gmail.com", "gmail.com"},
        {"a.b+c+d@GoogleMail.com", "a.b+c+d@googlemail.com", "ab@gmail.com", "googlemail.com"},
        {"a.b@hotmail.com", "a.b@hotmail.com", "a.b@hotmail.com", "hotmail.com"},
        {"tag@user.fastmail.com", "tag@user.fastmail.com", "user@fastmail.com", "user.fastmail.com"},
        {"tag@x.user.fastmail.com", "tag@x.user.fastmail.com", "tag@x.user.fastmail.com", "x.user.fastmail.com"},
        {"TARÔ@例え.jp", "tarô@xn--r8jz45g.jp", "tarô@xn--r8jz45g.jp", "xn--r8jz45g.jp"},
        {"İ@example.jp", "i\u0307@example.jp", "i\u0307@example.jp", "example.jp"},
        {"nobody", "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_address address;
        print_message("  %s\n", cases[i].cell);
        ps_address_parse(rules, ps_span_of(cases[i].cell), &arena, &address);
        assert_span_equal(address.key, cases[i].key);
        assert_span_equal(address.provider_key, cases[i].provider_key);
        assert_span_equal(address.domain, cases[i].domain);
    }
}

static void test_detail(void **state)
{
    ps_address address;

    (void)state;
    ps_address_parse(rules, ps_span_of("info@≠.jp"), &arena, &address);
    assert_string_equal(address.detail, "std3");
    ps_address_parse(rules, ps_span_of("info@❤.ws"), &arena, &address);
    assert_string_equal(address.detail, "IDN2_DISALLOWED");
    ps_address_parse(rules, ps_span_of("info@日本.jp"), &arena, &address);
    assert_null(address.detail);
}

static void test_endless_label(void **state)
{
    char cell[2048] = "taro@";
    ps_address address;

    (void)state;
    for (size_t len = 5; len + 3 < sizeof(cell); len += 3) {
        memcpy(cell + len, "あ", 3);
    }
    assert_findings_equal(ps_address_parse(rules, ps_span_of(cell), &arena, &address), PS_FIND(DOMAIN_LABEL_TOO_LONG));
}

// Letters of the compatibility area in plenty: their plain form is longer than what is set aside for it.
static void test_endless_ligatures(void **state)
{
    char cell[PS_ADDRESS_CELL_BYTES_MAX] = "";
    size_t len = 0;
    ps_address address;

    (void)state;
    for (; len < 1500; len += 3) {
        memcpy(cell + len, "\uFB03", 3);
    }
    memcpy(cell + len, "@example.jp", 12);
    assert_findings_equal(ps_address_parse(rules, ps_span_of(cell), &arena, &address), PS_FIND(LOCAL_UNSAFE_CHARACTER));
    assert_int_equal(address.suggestion.len, 0);
}

static void test_clean_address_costs_nothing(void **state)
{
    static const char cell[] = "taro.yamada@example.jp";
    ps_address address;
    size_t used = arena.used;

    (void)state;
    ps_address_parse(rules, ps_span_of(cell), &arena, &address);
    assert_int_equal(arena.used, used);
    assert_ptr_equal(address.ascii.bytes, cell);
    assert_ptr_equal(address.key.bytes, cell);
}

static void test_cell_too_long(void **state)
{
    static char cell[PS_ADDRESS_CELL_BYTES_MAX + 1];
    ps_address address;

    (void)state;
    memset(cell, ' ', sizeof(cell));
    assert_findings_equal(ps_address_parse(rules, (ps_span){cell, sizeof(cell)}, &arena, &address),
                          PS_FIND(ADDRESS_TOO_LONG));
    assert_findings_equal(ps_address_parse(rules, (ps_span){cell, sizeof(cell) - 1}, &arena, &address),
                          PS_FIND(EMPTY) | PS_FIND(REPAIRED_WHITESPACE));
    assert_findings_equal(ps_address_parse(rules, (ps_span){NULL, 0}, &arena, &address), PS_FIND(EMPTY));
}

static int open_rules(void **state)
{
    ps_error err;

    (void)state;
    assert_ok(ps_arena_open((size_t)64 << 20, &arena, &err), &err);
    assert_ok(ps_address_rules_new(NULL, &rules, &err), &err);
    return 0;
}

static int close_rules(void **state)
{
    (void)state;
    ps_address_rules_free(rules);
    ps_arena_close(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_unwrap),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_detail),
        cmocka_unit_test(test_clean_address_costs_nothing),
        cmocka_unit_test(test_cell_too_long),
        cmocka_unit_test(test_endless_label),
        cmocka_unit_test(test_endless_ligatures),
    };

    return cmocka_run_group_tests(tests, open_rules, close_rules);
}
