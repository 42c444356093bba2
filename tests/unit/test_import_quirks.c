// Entries and files that are odd and still understood, and the limits of what is.
// layer: esp
#include "base/buf.h"
#include "base/limits.h"
#include "base/memory.h"
#include "unit/import_file.h"

static ps_status import_text(import_test *test, const char *content)
{
    ps_source_config config = import_config(import_write(test, ps_span_of(content), ".txt"));

    return import_run(test, &config);
}

static const struct {
    const char *content, *keys[3];
    uint64_t unmatched;
} more_than_addresses[] = {
    {"a@example.com # left in May\n", {"a@example.com"}, 1},
    {"a@example.com 2024-01-01\n", {"a@example.com"}, 1},
    {"a@example.com / b@example.com\n", {"a@example.com", "b@example.com"}, 1},
    {"a@example.com\xE3\x80\x81"
     "b@example.com\n",
     {"a@example.com", "b@example.com"},
     1},
    {"- a@example.com\n", {"a@example.com"}, 1},
    {"\xE5\x89\x8A\xE9\x99\xA4 a@example.com\n", {"a@example.com"}, 1}, // 削除 a@example.com
    {"'a@example.com\n", {"'a@example.com", "a@example.com"}, 0}, // a spreadsheet's guard
    {"mailto:a@example.com\n", {"a@example.com"}, 0},
    {"mailto:a%40example.com\n", {"a@example.com"}, 0},
    {"SMTP:A@example.com\n", {"a@example.com"}, 1},
    {"a@example.com?subject=stop\n", {"a@example.com"}, 1},
    {"a@example.com...\n", {"a@example.com"}, 1},
    {"a @example.com\n", {"a@example.com"}, 1},
    {"a@ example.com\n", {"a@example.com"}, 1},
    {"a@example.com\xEF\xBC\x8C"
     "b@example.com\n",
     {"a@example.com", "b@example.com"},
     1}, // full-width comma
    {"a@example.com\xEF\xBC\x88\xE9\x80\x80\xE4\xBC\x9A\xE6\xB8\x88\xEF\xBC\x89\n", {"a@example.com"}, 1}, // （退会済）
    {"a@example.com\xEF\xBC\x9A\xE9\x80\x80\xE4\xBC\x9A\n", {"a@example.com"}, 1}, // ：退会
    {"\xE2\x80\xBB"
     "a@example.com\xE2\x86\x92\xE9\x80\x80\xE4\xBC\x9A\n",
     {"a@example.com"},
     1}, // ※ →退会
    {"\xE3\x80\x8C"
     "a@example.com\xE3\x80\x8D\xE9\x80\x80\xE4\xBC\x9A\n",
     {"a@example.com"},
     1}, // 「」退会
    {"\xE3\x83\xBB"
     "a@example.com\n",
     {"a@example.com"},
     0}, // a bullet that is a letter elsewhere
    {".a\xEF\xBC\xA0"
     "docomo.ne.jp\n",
     {".a@docomo.ne.jp"},
     0},
    {"a@example.com\xE2\x80\x83x\n", {"a@example.com"}, 1}, // an em space
    {"\xEF\xBC\x87"
     "a@example.com\n",
     {"'a@example.com", "a@example.com"},
     0}, // a full-width guard
    {"<A@Example.COM>\n", {"a@example.com"}, 0},
    {"a\xEF\xBC\xA0"
     "example.com\n",
     {"a@example.com"},
     0}, // full-width
    {"\xEF\xBB\xBF"
     "a@example.com\n",
     {"a@example.com"},
     0},
    {"\xE3\x80\x80"
     "a@example.com\xE3\x80\x80\n",
     {"a@example.com"},
     0},
    {"a@example.com\rb@example.com\r", {"a@example.com", "b@example.com"}, 0},
    {"a@example.com\r\n\r\nb@example.com", {"a@example.com", "b@example.com"}, 0},
    {"a@localhost\nb@example.com\n",
     {"a@localhost", "b@example.com"},
     1}, // no domain of a recipient, and still text around an @
    {"Bad..Dots@example.com\n", {"bad..dots@example.com"}, 1},
    {"\"a*b\"@example.com\n", {"a*b@example.com"}, 0},
};

// Whoever is meant by an entry that is more than an address is suppressed.
static void test_more_than_an_address(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(more_than_addresses); i++) {
        print_message("  %s", more_than_addresses[i].content);
        assert_ok(import_text(test, more_than_addresses[i].content), &test->err);
        for (size_t k = 0; k < 3 && more_than_addresses[i].keys[k] != NULL; k++)
            assert_non_null(import_find(test, more_than_addresses[i].keys[k]));
        assert_int_equal(test->out.unmatched, more_than_addresses[i].unmatched);
    }
}

// Who is on a list under a misspelled domain may have signed up again under the right one.
static void test_slip_is_no_repair(void **state)
{
    import_test *test = *state;

    assert_ok(import_text(test, "a@gmail.con\nb@example.com\n"), &test->err);
    assert_null(import_find(test, "a@gmail.com"));
}

// People type anything into a form, and an ESP keeps it on its list of invalid addresses: no part of such an entry is
// taken for a person.
static void test_invalid_is_exempt(void **state)
{
    import_test *test = *state;

    assert_ok(
        import_text(test, "email,reason,created\n*@*,x,1\nexample.net,x,1\na@example.com b@example.com,x,1\nbob,x,1"),
        &test->err);
    assert_int_equal(test->out.entries[PS_CLASS_INVALID], 4);
    assert_int_equal(test->out.unreadable, 0);
    assert_null(import_find(test, "a@example.com"));
}

static void test_kinds_mixed(void **state)
{
    import_test *test = *state;
    ps_source_config config =
        import_config(import_write(test,
                                   ps_span_of("a@example.com\n@example.net\nexample.org\n@*.example.jp\n\xEF\xBC\xA0"
                                              "example.com\n"),
                                   ".txt"));

    config.kind = PS_ENTRY_BOTH;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.addresses, 1);
    assert_int_equal(test->out.domains, 4);
    assert_non_null(ps_suppression_domain(test->set, ps_span_of("example.com")));
    assert_non_null(ps_suppression_domain(test->set, ps_span_of("www.example.jp")));
    assert_null(ps_suppression_domain(test->set, ps_span_of("example.jp")));
}

// A name with a note or a full-width star is no name that a recipient's domain could be compared with.
static void test_no_name(void **state)
{
    static const char *const contents[] = {
        "example.net\nexample.jp\xEF\xBC\x88x\xEF\xBC\x89\n", // full-width brackets
        "example.net\n\xEF\xBC\x8A.example.jp\n", // a full-width star
        "example.net\nexample.jp\xE2\x86\x92x\n", // an arrow
        "example.net\nexample.jp\xE9\x80\x80\xE4\xBC\x9A\n", // letters
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(contents); i++) {
        ps_source_config config = import_config(import_write(test, ps_span_of(contents[i]), ".txt"));
        print_message("  %s", contents[i]);
        config.kind = PS_ENTRY_DOMAIN;
        assert_int_equal(import_run(test, &config), PS_SOURCE);
        assert_non_null(strstr(test->err.text, "line 2"));
    }
}

static void test_domain_column(void **state)
{
    import_test *test = *state;
    ps_source_config config =
        import_config(import_write(test, ps_span_of("domain,reason\nexample.net,manual\n"), ".csv"));

    config.kind = PS_ENTRY_DOMAIN;
    assert_ok(import_run(test, &config), &test->err);
    assert_non_null(ps_suppression_domain(test->set, ps_span_of("example.net")));
}

static void test_named_column(void **state)
{
    static const char content[] = "email,contact,status\na@example.com,b@example.com,unsubscribed\n";
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(content), ".csv"));

    config.column = "contact";
    assert_ok(import_run(test, &config), &test->err);
    assert_null(import_find(test, "a@example.com"));
    assert_int_equal(import_find(test, "b@example.com")->strongest, PS_CLASS_UNSUBSCRIBE);

    config.file = import_write(test, ps_span_of("a@example.com,b@example.com\n"), ".csv");
    config.column = "2";
    assert_ok(import_run(test, &config), &test->err);
    assert_non_null(import_find(test, "b@example.com"));

    config.file =
        import_write(test, ps_span_of("[{\"who\": \"a@example.com\", \"email\": \"b@example.com\"}]"), ".json");
    config.column = "who";
    assert_ok(import_run(test, &config), &test->err);
    assert_non_null(import_find(test, "a@example.com"));
}

static void test_encodings(void **state)
{
    static const struct {
        const char *name;
        ps_span bytes;
        ps_encoding declared;
        const char *encoding, *key;
    } cases[] = {
        {"CP932", {"taro@\x97\xE1\x82\xA6.example\r\n", 19}, PS_ENCODING_AUTO, "CP932", "taro@xn--r8jz45g.example"},
        {"EUC-JP, declared",
         {"taro@\xCE\xE3\xA4\xA8.example\n", 18},
         PS_ENCODING_EUC_JP_MS,
         "EUC-JP",
         "taro@xn--r8jz45g.example"},
        {"UTF-16LE with BOM",
         {"\xFF\xFE"
          "a\0@\0e\0x\0a\0m\0p\0l\0e\0.\0j\0p\0\r\0\n\0",
          30},
         PS_ENCODING_AUTO,
         "UTF-16LE",
         "a@example.jp"},
        {"ISO-2022-JP",
         {"taro@\x1B$BNc$(\x1B(B.example\n", 24},
         PS_ENCODING_AUTO,
         "ISO-2022-JP",
         "taro@xn--r8jz45g.example"},
        {"CP932, a table",
         {"email,name\ntaro@\x97\xE1\x82\xA6.example,x\n", 31},
         PS_ENCODING_AUTO,
         "CP932",
         "taro@xn--r8jz45g.example"},
        {"UTF-16LE with BOM, a table",
         {"\xFF\xFE"
          "e\0m\0a\0i\0l\0,\0n\0a\0m\0e\0\n\0"
          "a\0@\0e\0x\0a\0m\0p\0l\0e\0.\0j\0p\0,\0x\0\n\0",
          54},
         PS_ENCODING_AUTO,
         "UTF-16LE",
         "a@example.jp"},
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_source_config config = import_config(import_write(test, cases[i].bytes, ".txt"));
        config.encoding = cases[i].declared;
        print_message("  %s\n", cases[i].name);
        assert_ok(import_run(test, &config), &test->err);
        assert_string_equal(test->out.encoding, cases[i].encoding);
        assert_non_null(import_find(test, cases[i].key));
    }
}

// The half of a character that is left reads as text of a kind, so that only its place tells of the cut.
static void test_cut_character(void **state)
{
    static const ps_span contents[] = {
        {"\xFF\xFE"
         "a\0@\0b\0.\0j\0p\0\n\0c\0@\0d\0.\0j",
         23},
        {"a@b.jp\ntaro@\xE4\xBE\x8B\xE3\x81", 17}, // UTF-8
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(contents); i++) {
        ps_source_config config = import_config(import_write(test, contents[i], ".txt"));
        assert_int_equal(import_run(test, &config), PS_SOURCE);
    }
}

// `count` addresses and, at the end, as many lines that are none.
static void many(ps_buf *out, unsigned count, unsigned bad)
{
    ps_buf_clear(out);
    for (unsigned i = 0; i < count; i++)
        ps_buf_add_format(out, "user%u@example.com\n", i);
    for (unsigned i = 0; i < bad; i++)
        ps_buf_add_text(out, "nobody\n");
    assert_false(out->failed);
}

static void test_a_thousandth(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 64 << 20);
    many(&text, 999, 1);
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    assert_int_equal(test->out.unreadable, 1);
    assert_int_equal(test->out.addresses, 999);
    many(&text, 998, 1);
    assert_int_equal(import_text(test, ps_buf_text(&text)), PS_SOURCE);
    many(&text, 2000, 2);
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    many(&text, 2000, 2);
    text.len--; // the last line end
    assert_int_equal(import_text(test, ps_buf_text(&text)), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "looks cut"));
    ps_buf_done(&text);
}

// Beyond every buffer on the way, in lines of many lengths.
static void test_long_list(void **state)
{
    enum { COUNT = 60000 };
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 64 << 20);
    many(&text, COUNT, 0);
    assert_true(text.len > 1 << 20);
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    assert_int_equal(test->out.addresses, COUNT);
    assert_non_null(import_find(test, "user59999@example.com"));
    ps_buf_done(&text);
}

static void test_long_json(void **state)
{
    enum { COUNT = 20001 };
    static const char *const forms[][3] = {
        {"[", "{\"email\": \"user%u@example.com\", \"created\": 1764950400, \"ip\": \"192.0.2.1\"}", "]"},
        {"{\"SuppressedDestinationSummaries\": [", "{\"Reason\": \"BOUNCE\", \"EmailAddress\": \"user%u@example.com\"}",
         "]}"},
    };
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 64 << 20);
    for (size_t form = 0; form < PS_COUNT_OF(forms); form++) {
        ps_buf_clear(&text);
        ps_buf_add_text(&text, forms[form][0]);
        for (unsigned i = 0; i < COUNT; i++) {
            const char *number = strstr(forms[form][1], "%u");
            if (i > 0) ps_buf_add_text(&text, i % 3 == 0 ? ",\n  " : ",");
            ps_buf_add(&text, forms[form][1], (size_t)(number - forms[form][1]));
            ps_buf_add_format(&text, "%u", i);
            ps_buf_add_text(&text, number + 2);
        }
        ps_buf_add_text(&text, forms[form][2]);
        assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
        assert_int_equal(test->out.addresses, COUNT);
        assert_non_null(import_find(test, "user20000@example.com"));
    }
    ps_buf_done(&text);
}

static void test_full_page(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    for (unsigned count = 499; count <= 501; count++) {
        ps_buf_clear(&text);
        for (unsigned i = 0; i < count; i++)
            ps_buf_add_format(&text, "%c{\"email\": \"u%u@example.com\", \"created\": 1}", i == 0 ? '[' : ',', i);
        ps_buf_add_text(&text, "]");
        ps_status status = import_text(test, ps_buf_text(&text));
        assert_int_equal(status, count == 500 ? PS_SOURCE : PS_OK);
        ps_buf_add_text(&text, "\n[]\n");
        assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    }
    ps_buf_done(&text);
}

static void add_nested(ps_buf *out, unsigned depth)
{
    ps_buf_clear(out);
    ps_buf_add_text(out, "[{\"email\": \"a@example.com\", \"x\": ");
    for (unsigned i = 0; i < depth; i++)
        ps_buf_add_char(out, '[');
    for (unsigned i = 0; i < depth; i++)
        ps_buf_add_char(out, ']');
    ps_buf_add_text(out, "}]");
}

static void add_long_text(ps_buf *out, size_t len)
{
    ps_buf_clear(out);
    ps_buf_add_text(out, "[{\"email\": \"a@example.com\", \"x\": \"");
    memset(ps_buf_extend(out, len), 'x', len);
    ps_buf_add_text(out, "\"}]");
}

static void test_limits(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 64 << 20);
    add_nested(&text, PS_JSON_DEPTH_MAX - 2);
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    add_nested(&text, PS_JSON_DEPTH_MAX - 1);
    assert_int_equal(import_text(test, ps_buf_text(&text)), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "64 levels"));
    add_long_text(&text, PS_JSON_STRING_BYTES_MAX - 1);
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    add_long_text(&text, PS_JSON_STRING_BYTES_MAX + 1);
    assert_int_equal(import_text(test, ps_buf_text(&text)), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "1 MiB"));

    ps_buf_clear(&text);
    memset(ps_buf_extend(&text, PS_FIELD_BYTES_MAX + 1), 'x', PS_FIELD_BYTES_MAX + 1);
    assert_int_equal(import_text(test, ps_buf_text(&text)), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "1 MiB"));
    ps_buf_done(&text);
}

static void test_json_quirks(void **state)
{
    static const struct {
        const char *content, *key;
        ps_class class;
    } cases[] = {
        {"[{\"email\": \"b@example.com\", \"email\": \"a@example.com\"}]", "a@example.com",
         PS_CLASS_MANUAL}, // the last one wins
        {"[{\"email\": \"a@example.com\", \"id\": 123456789012345678901234567890}]", "a@example.com", PS_CLASS_MANUAL},
        {"[{\"email\": \"a@example.com\", \"reason\": \"x\\u0000y\"}]", "a@example.com", PS_CLASS_UNKNOWN},
        {"[{\"email\": \"a\\u0040example.com\"}]", "a@example.com", PS_CLASS_MANUAL},
        {"\xEF\xBB\xBF  [ \"a@example.com\" ]  ", "a@example.com", PS_CLASS_MANUAL},
        {"{\"email\": \"a@example.com\", \"message\": \"550\"}", "a@example.com", PS_CLASS_MANUAL}, // no error reply
        {"{\"items\": [{\"address\": \"a@example.com\", \"code\": 550}], \"paging\": {\"first\": \"x?limit=2\"}}",
         "a@example.com", PS_CLASS_HARD},
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].content);
        assert_ok(import_text(test, cases[i].content), &test->err);
        assert_non_null(import_find(test, cases[i].key));
        assert_int_equal(import_find(test, cases[i].key)->strongest, cases[i].class);
    }
}

// A row whose cells are shifted is no entry that is understood, but who stands in it is suppressed all the same.
static void test_damaged_row(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    ps_buf_add_text(&text, "email,name\n");
    for (unsigned i = 0; i < 1000; i++)
        ps_buf_add_format(&text, "user%u@example.com,x\n", i);
    ps_buf_add_text(&text, "odd@example.com,Tanaka, Taro\n");
    assert_ok(import_text(test, ps_buf_text(&text)), &test->err);
    assert_int_equal(test->out.unreadable, 1);
    assert_non_null(import_find(test, "odd@example.com"));
    ps_buf_done(&text);
}

// Each allocation of presend's own fails once: an error, or (where only a message needed it) the whole list; never a
// short one.
static unsigned sweep(import_test *test, const ps_source_config *config)
{
    enum { ALLOCATIONS_MAX = 200 }; // more than any fixture needs
    unsigned failures = 0;

    assert_ok(import_run(test, config), &test->err);
    uint64_t whole = import_total(test);
    for (unsigned long n = 1; n <= ALLOCATIONS_MAX; n++) {
        ps_suppression_free(test->set);
        test->set = NULL;
        assert_ok(ps_suppression_new(&test->set, &test->err), &test->err);
        ps_memory_fail_at(n, 0);
        ps_status status = import_more(test, config);
        ps_memory_fail_at(0, 0);
        if (status == PS_OK) {
            assert_int_equal(import_total(test), whole);
        } else {
            assert_int_equal(status, PS_RETRY);
            failures++;
        }
    }
    assert_int_equal(import_total(test), whole); // the last one was not reached
    return failures;
}

static void test_memory(void **state)
{
    static const char *const files[] = {"plain.txt",         "mailgun_bounces.json", "sendgrid_spam.csv",
                                        "generic_cp932.csv", "events/sendgrid.json", "events/ses_sqs.json"};
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        char path[512];
        snprintf(path, sizeof path, PS_TEST_FOLDER "/esp/%s", files[i]);
        ps_source_config config = import_config(path);
        unsigned failures = sweep(test, &config);
        print_message("  %s: %u failures\n", files[i], failures);
        assert_true(failures > 10);
    }
}

// Mandrill lets go of what it rejects: a bounce counts up to the day of judgement, a complaint, an unsubscribe and a
// block by hand for good.
static void test_expired(void **state)
{
    static const char csv[] =
        "email,reason,detail,created_at,expires_at,last_event_at,expires_at\n"
        "a@example.com,hard-bounce,,2026-01-01 00:00:00,2026-03-01 00:00:00,,\n"
        "b@example.com,hard-bounce,,2026-01-01 00:00:00,2026-03-01 00:00:00,,2026-03-02 00:00:00\n"
        "c@example.com,unsub,,2026-01-01 00:00:00,,,\n"
        "d@example.com,soft-bounce,,2026-01-01 00:00:00,soon,,2026-03-01 00:00:00\n"
        "e@example.com,unsub,,2026-01-01 00:00:00,2026-03-01 00:00:00,,\n"
        "f@example.com,spam,,2026-01-01 00:00:00,2026-03-01 00:00:00,,\n"
        "g@example.com,custom,,2026-01-01 00:00:00,2026-03-01 00:00:00,,\n";
    static const char json[] =
        "[{\"email\":\"a@example.com\",\"reason\":\"hard-bounce\",\"created_at\":\"2026-01-01 00:00:00\","
        "\"expires_at\":\"2026-03-01 00:00:00\",\"expired\":false}]";
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(csv), ".csv"));

    assert_ok(import_run(test, &config), &test->err); // no day of judgement
    assert_int_equal(import_total(test), 7);
    config.as_of = ps_day_of(2026, 3, 2);
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.expired, 1);
    assert_null(import_find(test, "a@example.com"));
    assert_int_equal(import_total(test), 6);
    config.as_of++;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.expired, 2);
    assert_non_null(import_find(test, "c@example.com"));
    assert_non_null(import_find(test, "d@example.com"));
    assert_non_null(import_find(test, "e@example.com"));
    assert_non_null(import_find(test, "f@example.com"));
    assert_non_null(import_find(test, "g@example.com"));

    config.file = import_write(test, ps_span_of(json), ".json");
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.expired, 1);
    assert_int_equal(import_total(test), 0);
    config.as_of = ps_day_of(2026, 3, 1);
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 1);
}

// An error report tells of one person again and again: soft errors add up, one without a reason is only told.
static void test_report(void **state)
{
    static const char report[] = "id,date,email,response_code,error_message\n"
                                 "1,2025-12-01T10:00:00+09:00,full@example.jp,452,mailbox full\n"
                                 "2,2025-12-03T10:00:00+09:00,full@example.jp,452,mailbox full\n"
                                 "3,2025-12-05T10:00:00+09:00,full@example.jp,452,mailbox full\n"
                                 "4,2025-12-07T10:00:00+09:00,full@example.jp,452,mailbox full\n"
                                 "5,2025-12-15 10:00:00,Full@Example.JP,452,mailbox full\n"
                                 "6,2025-12-15 10:00:00,once@example.jp,452,mailbox full\n"
                                 "7,2025-12-15 10:00:00,who@example.jp,550,\n"
                                 "8,2025-12-15 10:00:00,gone@example.jp,550,user unknown\n"
                                 "9,2025-12-15 10:00:00,taro@docomo.ne.jp,550,user unknown\n";
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(report), ".csv"));

    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.events, 9);
    assert_int_equal(test->out.entries[PS_CLASS_HARD], 2);
    assert_int_equal(test->out.entries[PS_CLASS_SOFT], 3);
    assert_string_equal(import_find(test, "full@example.jp")->list, "repeated_soft_bounces");
    assert_string_equal(import_find(test, "who@example.jp")->list, "unclear_failures");
    assert_int_equal(import_find(test, "gone@example.jp")->strongest, PS_CLASS_HARD);
}

// A column that the job names as the address is no word besides.
static void test_declared_word(void **state)
{
    import_test *test = *state;
    ps_source_config config =
        import_config(import_write(test, ps_span_of("source,status,reason\na@example.com,spam,x\n"), ".csv"));

    config.column = "source";
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.entries[PS_CLASS_COMPLAINT], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_an_address),
        cmocka_unit_test(test_slip_is_no_repair),
        cmocka_unit_test(test_invalid_is_exempt),
        cmocka_unit_test(test_kinds_mixed),
        cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_domain_column),
        cmocka_unit_test(test_named_column),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_cut_character),
        cmocka_unit_test(test_a_thousandth),
        cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_long_json),
        cmocka_unit_test(test_full_page),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_json_quirks),
        cmocka_unit_test(test_damaged_row),
        cmocka_unit_test(test_expired),
        cmocka_unit_test(test_declared_word),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
