// AWS signatures against AWS's own test vectors, and against requests that SES gets from us.
// layer: esp
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "base/digest.h"
#include "esp/sigv4.h"

enum { LINE_BYTES_MAX = 4096, COLUMNS = 9, HEADERS_MAX = 10, VECTORS_LEAST = 25 };

static const char secret_text[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

typedef struct keys {
    ps_secret *id, *secret;
} keys;

static int open_keys(void **state)
{
    static keys made;
    ps_error err;

    assert_ok(ps_secret_of(ps_span_of("AKIDEXAMPLE"), &made.id, &err), &err);
    assert_ok(ps_secret_of(ps_span_of(secret_text), &made.secret, &err), &err);
    *state = &made;
    return 0;
}

static int close_keys(void **state)
{
    keys *made = *state;

    ps_secret_free(made->id);
    ps_secret_free(made->secret);
    return 0;
}

static void expect(const keys *with, const ps_sigv4_request *request, const char *canonical, const char *signature)
{
    char digest[65];
    ps_error err;
    ps_buf out;

    ps_buf_init(&out, 1 << 20);
    assert_ok(ps_sigv4_canonical(request, &out, &err), &err);
    assert_ok(ps_sha256_of(ps_buf_span(&out), digest, &err), &err);
    if (strcmp(digest, canonical) != 0) print_message("%s\n", ps_buf_text(&out));
    assert_string_equal(digest, canonical);
    ps_buf_clear(&out);
    assert_ok(ps_sigv4_sign(request, with->id, with->secret, &out, &err), &err);
    const char *at = strstr(ps_buf_text(&out), "Signature=");
    assert_non_null(at);
    assert_string_equal(at + strlen("Signature="), signature);
    assert_null(strstr(ps_buf_text(&out), secret_text));
    ps_buf_done(&out);
}

// Cuts `text` at the separator, which may be several characters long; the rest is left in `*rest`.
static char *cut(char **rest, const char *separator)
{
    char *text = *rest, *end = strstr(text, separator);

    *rest = end == NULL ? text + strlen(text) : end + strlen(separator);
    if (end != NULL) *end = '\0';
    return text;
}

static size_t read_headers(char *text, ps_sigv4_header headers[HEADERS_MAX])
{
    size_t count = 0;

    while (*text != '\0') {
        char *line = cut(&text, "\\n"), *name = cut(&line, ":");
        assert_true(count < HEADERS_MAX);
        headers[count++] = (ps_sigv4_header){name, ps_span_of(line)};
    }
    return count;
}

static void test_vectors(void **state)
{
    char line[LINE_BYTES_MAX];
    FILE *file = fopen(PS_TEST_FOLDER "/esp/sigv4.tsv", "r");
    size_t count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        ps_sigv4_header headers[HEADERS_MAX];
        char *columns[COLUMNS], *rest = line;
        if (line[0] == '#') continue;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < COLUMNS; i++)
            columns[i] = cut(&rest, "\t");
        print_message("  %s\n", columns[0]);
        const ps_sigv4_request request = {.method = columns[1],
                                          .path = columns[2],
                                          .query = columns[3],
                                          .headers = headers,
                                          .headers_count = read_headers(columns[4], headers),
                                          .body = ps_span_of(columns[5]),
                                          .region = "us-east-1",
                                          .service = "service",
                                          .time = "20150830T123600Z"};
        expect(*state, &request, columns[7], columns[8]);
        count++;
    }
    fclose(file);
    assert_true(count >= VECTORS_LEAST);
}

// As two implementations of others sign them.
static void test_ses(void **state)
{
    static const struct {
        const char *method, *path, *query, *token, *canonical, *signature;
    } cases[] = {
        {"GET", "/v2/email/suppression/addresses",
         "Reason=COMPLAINT&PageSize=1000&StartDate=2025-12-01T00:00:00Z&Reason=BOUNCE&NextToken=AYADeK/a+b==", NULL,
         "42fac3c41d09a2e1fa9132b7a276332ae464031a6d537b499964653f8b04978a",
         "10e7ca8456bf57e4660d74ae5b9972144f5176008c0ca36806d6e1492469a2da"},
        {"DELETE", "/v2/email/suppression/addresses/o%27brien%2Btag%40example.com", "", NULL,
         "cea2fea6498be8a23e3cf7bad30479e828ec2fb9da61eb0b95068f578c642ec5",
         "b4a623a6d81e0d5dbc1f8e5f67c4aedb90f616747e6eb2220c7ce0dd5cd25b00"},
        {"GET", "/v2/email/suppression/addresses", "PageSize=1000",
         "FwoGZXIvYXdzEXAMPLE//tok+en==", "ea8491c54a74ef0b913991ebeb6c62479da9bca91a2728622babd890435b2587",
         "0275f63ac023667e39dbd762aeef5f9d28ed7d1747c0a75808d7150684fff049"},
    };

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const ps_sigv4_header headers[] = {
            {"Host", ps_span_of("email.ap-northeast-1.amazonaws.com")},
            {"X-Amz-Date", ps_span_of("20260115T030405Z")},
            {"X-Amz-Security-Token", ps_span_of(cases[i].token)},
        };
        const ps_sigv4_request request = {.method = cases[i].method,
                                          .path = cases[i].path,
                                          .query = cases[i].query,
                                          .headers = headers,
                                          .headers_count = cases[i].token == NULL ? 2 : 3,
                                          .region = "ap-northeast-1",
                                          .service = "ses",
                                          .time = "20260115T030405Z"};
        expect(*state, &request, cases[i].canonical, cases[i].signature);
    }
}

static void test_query(void **state)
{
    static const struct {
        const char *query, *canonical;
    } cases[] = {
        {"", ""},
        {"b=1&a=2", "a=2&b=1"},
        {"a=2&a=1", "a=1&a=2"},
        {"a", "a="},
        {"a=b=c", "a=b%3Dc"},
        {"a=%2b+%zz", "a=%2B%2B%25zz"},
        {"A=1&a=1&&b=", "A=1&a=1&b="},
        {"ab=1&a=1", "a=1&ab=1"},
    };
    char many[200] = "";
    ps_error err;
    ps_buf out;
    (void)state;

    ps_buf_init(&out, 1000);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf_clear(&out);
        assert_ok(ps_sigv4_query(cases[i].query, &out, &err), &err);
        assert_string_equal(ps_buf_text(&out), cases[i].canonical);
    }
    for (size_t i = 0; i <= PS_SIGV4_PARTS_MAX; i++)
        memcpy(many + 4 * i, "a=1&", 5);
    assert_int_equal(ps_sigv4_query(many, &out, &err), PS_BUG);
    ps_buf_done(&out);
}

static void test_time(void **state)
{
    char time[PS_SIGV4_TIME_SIZE];
    (void)state;

    ps_sigv4_time(1768446245, time);
    assert_string_equal(time, "20260115T030405Z");
    ps_sigv4_time(INT64_MAX, time);
    assert_int_equal(strlen(time), PS_SIGV4_TIME_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_ses),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
