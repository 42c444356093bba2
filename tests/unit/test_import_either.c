// The short way of entries that are addresses and nothing else says what the long way says.
// layer: esp
#include "unit/import_file.h"

// Each as a line of a list, which goes the long way, and as a cell of a table.
static const char *const either_way[] = {
    "jiro.tanaka@example.com",
    "Jiro.Tanaka@Example.COM",
    "jiro+tag@gmail.com",
    "j.i.r.o@gmail.com",
    "J.iro+x@GoogleMail.com",
    "jiro@b\xC3\xBC"
    "cher.example",
    "info@example.com",
    "_jiro@example.com",
    "jiro*@example.com",
    "*jiro@example.com",
    "ji*ro@exam*ple.com",
    "jiro@*.example.com",
    "jiro%@example.com",
    "%jiro@example.com",
    "^jiro@example.com$",
    "/jiro@example.com/",
    ".jiro@docomo.ne.jp",
    "jiro..x@docomo.ne.jp",
    "'jiro@example.com",
    "{jiro@example.com}",
    "jiro@example.com>",
    "jiro@example.com # left",
    "jiro@example.com*",
    "jiro@example",
    "jiro@example.com.",
    "  jiro@example.com ",
    "jiro@@example.com",
    "jiro@ex_ample.com",
    "jiro@hanako@example.com",
    "0123456789abcdef0123456789abcdef@example.com",
    "-jiro@example.com",
    "jiro\xEF\xBC\xA0"
    "example.com",
};

static ps_status import_either(import_test *test, const char *entry, bool table, ps_entry_kind kind)
{
    char content[256];

    (void)snprintf(content, sizeof content, "%s\n%s\nhanako@example.net\n", table ? "email" : "# email", entry); // fits
    ps_source_config config = import_config(import_write(test, ps_span_of(content), table ? ".csv" : ".txt"));
    config.format = table ? "csv" : "plain";
    config.column = table ? "email" : NULL;
    config.kind = kind;
    config.allow_empty = true; // the second time, nothing is new
    return import_more(test, &config);
}

static void test_either_way(void **state)
{
    import_test *test = *state;
    const ps_entry_kind kinds[] = {PS_ENTRY_ADDRESS, PS_ENTRY_BOTH, PS_ENTRY_DOMAIN};

    for (size_t i = 0; i < PS_COUNT_OF(either_way) * PS_COUNT_OF(kinds) * 2; i++) {
        const char *entry = either_way[i / (PS_COUNT_OF(kinds) * 2)];
        ps_entry_kind kind = kinds[i / 2 % PS_COUNT_OF(kinds)];
        bool table_first = i % 2 == 1;
        ps_run_source first = {.addresses = 0};
        print_message("  %s\n", entry);
        import_renew(test);
        ps_status status = import_either(test, entry, table_first, kind);
        if (status == PS_OK) first = test->out;
        assert_int_equal(import_either(test, entry, !table_first, kind), status);
        if (status != PS_OK) continue;
        // The other way adds nothing that was not there.
        assert_int_equal(test->out.addresses + test->out.domains, 0);
        assert_int_equal(test->out.unmatched, first.unmatched);
        assert_int_equal(test->out.unreadable, first.unreadable);
        assert_int_equal(test->out.undated, first.undated);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_either_way),
    };
    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
