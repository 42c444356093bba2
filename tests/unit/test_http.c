// What is pure about HTTP; requests themselves are tested against a real server in tests/esp.
// layer: net
#include "assert.h"
#include "net/http.h"

static void test_loopback(void **state)
{
    static const struct {
        const char *url;
        bool loopback;
    } cases[] = {
        {"http://127.0.0.1/", true},
        {"http://127.0.0.1:8080/a", true},
        {"http://127.9.8.7", true},
        {"http://[::1]:80/", true},
        {"http://localhost:80/", true},
        {"https://localhost", true},
        {"http://localhost.example.com/", false},
        {"http://127.0.0.1.example.com/", false},
        {"http://127.0.0.1@example.com/", false},
        {"http://127.0.0.1:80@example.com/", false},
        {"http://example.com/?127.0.0.1", false},
        {"http://[::1].example.com/", false},
        {"http://[::ffff:127.0.0.1]/", false},
        {"http://128.0.0.1/", false},
        {"http://0.0.0.0/", false},
        {"127.0.0.1", false},
        {"", false},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].url);
        assert_int_equal(ps_http_is_loopback(cases[i].url), cases[i].loopback);
    }
}

static void test_askable(void **state)
{
    static const struct {
        const char *url;
        bool askable;
    } cases[] = {
        {"https://dns.example/dns-query", true},
        {"https://dns.example:8443/", true},
        {"https://dns.example", true},
        {"https://[2001:db8::1]/dns-query?profile=1", true},
        {"https://192.0.2.1/dns-query", true},
        {"HTTPS://dns.example/", true},
        {"http://127.0.0.1:8053/dns-query", true},
        {"http://localhost/", true},
        {"http://dns.example/dns-query", false},
        {"http://127.0.0.1@dns.example/", false},
        {"https://user:secret@dns.example/", false},
        {"https://user@dns.example/", false},
        {"https://dns.example/dns-query{?dns}", false},
        {"https://dns.example/dns query", false},
        {"https://dns.example/#part", false},
        {"https://dns.example:99999/", false},
        {"https://", false},
        {"https:///dns-query", false},
        {"ftp://dns.example/", false},
        {"dns.example/dns-query", false},
        {"", false},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].url);
        assert_int_equal(ps_http_is_askable(cases[i].url), cases[i].askable);
    }
}

static void test_encoding(void **state)
{
    static const struct {
        const char *text, *encoded;
    } cases[] = {
        {"", ""},
        {"AZaz09-._~", "AZaz09-._~"},
        {"o'brien+tag@example.com", "o%27brien%2Btag%40example.com"},
        {"a/b?c#d%e f", "a%2Fb%3Fc%23d%25e%20f"},
        {"例", "%E4%BE%8B"},
        {"\x01\x7f", "%01%7F"},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf out;
        ps_buf_init(&out, 1000);
        ps_http_add_encoded(&out, ps_span_of(cases[i].text));
        assert_string_equal(ps_buf_text(&out), cases[i].encoded);
        ps_buf_done(&out);
    }
}

static void test_dates(void **state)
{
    (void)state;

    assert_int_equal(ps_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    assert_int_equal(ps_http_date("soon"), -1);
    assert_int_equal(ps_http_date(NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_askable),
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
