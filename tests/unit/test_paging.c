// Links to a next page: of anything but path and query nothing is used.
// layer: esp
#include "assert.h"
#include "esp/paging.h"

#define PATH "/v3/mg.example.com/bounces"

static void test_targets(void **state)
{
    static const struct {
        const char *link, *prefix, *target; // NULL: refused
    } cases[] = {
        {"https://api.mailgun.net" PATH "?page=next", "", PATH "?page=next"},
        {"http://evil.example:99" PATH "?a", "", PATH "?a"},
        {"https://user:pass@evil.example" PATH, "", PATH},
        {"//evil.example" PATH "?a", "", PATH "?a"},
        {PATH "?a=%2B", "", PATH "?a=%2B"},
        {PATH, "", PATH},
        {"/v3/mg%2Eexample%2ecom/bounces?a", "", PATH "?a"}, // sent as it was first asked for
        {"/gate" PATH "?a", "/gate", PATH "?a"},
        {PATH "?a", "/gate", PATH "?a"},
        {"/gate" PATH "?a", "", NULL},
        {"/gate/gate" PATH "?a", "/gate", NULL},
        {"", "", NULL},
        {"/", "", NULL},
        {"?page=2", "", NULL},
        {"bounces?page=2", "", NULL},
        {"https://api.mailgun.net", "", NULL},
        {"https:" PATH, "", NULL},
        {"ftp://api.mailgun.net" PATH, "", NULL},
        {"file://" PATH, "", NULL},
        {PATH "/", "", NULL},
        {PATH "/../bounces", "", NULL},
        {"/v3/./mg.example.com/bounces", "", NULL},
        {"/v3//mg.example.com/bounces", "", NULL},
        {"/v3%2Fmg.example.com/bounces", "", NULL}, // one part, not two
        {"/v3/mg.example.com/Bounces", "", NULL},
        {"/v3/mg.example.com/bounces%00", "", NULL},
        {PATH "?a b", "", NULL},
        {PATH "?a\tb", "", NULL},
        {PATH "?a\r\nHost: evil", "", NULL},
        {PATH "?a\x80", "", NULL},
        {PATH "?a\\b", "", NULL},
        {PATH "?a#b", "", NULL},
    };
    ps_buf out;
    (void)state;

    ps_buf_init(&out, 1000);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].link);
        bool fits = ps_paging_target(cases[i].link, cases[i].prefix, PATH, &out);
        assert_int_equal(fits, cases[i].target != NULL);
        if (fits) assert_string_equal(ps_buf_text(&out), cases[i].target);
    }
    ps_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_targets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
