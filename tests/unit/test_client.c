// What clients are made of: times, pointers, templates, and every allocation failing once.
// layer: esp
#include <stdlib.h>

#include "assert.h"
#include "base/memory.h"
#include "esp/aws.h"
#include "esp/pointer.h"
#include "esp/reader.h"
#include "esp/stamp.h"

enum { JST_S = 9 * 3600, ALLOCATIONS_MAX = 2000 };

static void test_seconds(void **state)
{
    static const struct {
        const char *text;
        int32_t offset_s;
        bool read;
        int64_t seconds;
    } cases[] = {
        {"Thu, 11 Dec 2025 01:49:40 UTC", 0, true, 1765417780},
        {"Thu, 11 Dec 2025 01:49:40 GMT", JST_S, true, 1765417780},
        {"Thu, 11 Dec 2025 01:49:40 +0000", 0, true, 1765417780},
        {"4 Dec 2025 01:49:40 +0900", 0, true, 1764780580},
        {"1760000000", 0, true, 1760000000},
        {"1760000000.123", 0, true, 1760000000},
        {"1.7612345678E9", 0, true, 1761234567},
        {"1760000000123", 0, true, 1760000000},
        {"2025-12-11T01:49:40Z", 0, true, 1765417780},
        {"2025-12-11T01:49:40-05:00", 0, true, 1765435780},
        {"2025-12-11T01:49:40+0900", 0, true, 1765385380},
        {"2025-12-11T01:49:40.123456+00:00", 0, true, 1765417780},
        {"2023-10-06 23:47:56.678+00", 0, true, 1696636076},
        {"2018-10-08T14:05:45 +0000", 0, true, 1539007545},
        {"2025-04-29 13:00:00", 0, true, 1745931600},
        {"2025-12-14 08:46:00", JST_S, true, 1765669560},
        {"2025/07/10 18:32:04", JST_S, true, 1752139924},
        {"2025-12-17", JST_S, true, 1765897200},
        {"Mon, 01 Jan 0001 00:00:00 UTC", 0, true, 0}, // Go's zero time
        {"0000-00-00 00:00:00", 0, true, 0},
        {"1965-01-01T00:00:00Z", 0, true, 0},
        {"", 0, true, 0},
        {"0", 0, true, 0},
        {"Thu, 11 Dec 2025 01:49:40 PST", 0, false, 0}, // zone names are not guessed
        {"2025-02-30T00:00:00Z", 0, false, 0},
        {"yesterday", 0, false, 0},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        int64_t seconds = -1;
        print_message("  %s\n", cases[i].text);
        assert_int_equal(ps_stamp_seconds(ps_span_of(cases[i].text), cases[i].offset_s, &seconds), cases[i].read);
        assert_int_equal(seconds, cases[i].seconds);
    }
}

static void test_pointers(void **state)
{
    static const struct {
        const char *pointer, *text; // NULL: leads nowhere
    } cases[] = {
        {"/a", "1"},       {"/b/c", "x"},  {"/b/d/1", "2.5"}, {"/e~1f", "slash"}, {"/g~0h", "tilde"}, {"/t", "true"},
        {"/big", "12345"}, {"/", "empty"}, {"/none", NULL},   {"/a/b", NULL},     {"/b/d/9", NULL},   {"/null", NULL},
    };
    static const char text[] =
        "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[1,2.5]},\"e/f\":\"slash\",\"g~h\":\"tilde\",\"t\":true,"
        "\"big\":12345,\"\":\"empty\",\"null\":null}";
    json_t *root = json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);
    ps_arena arena;
    ps_span found;
    ps_error err;
    (void)state;

    assert_ok(ps_arena_open(1 << 20, &arena, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const json_t *value = ps_pointer_get(root, cases[i].pointer);
        print_message("  %s\n", cases[i].pointer);
        assert_int_equal(value != NULL, cases[i].text != NULL);
        assert_true(ps_pointer_text(value, &arena, &found));
        if (value != NULL) assert_span_equal(found, cases[i].text);
    }
    assert_ptr_equal(ps_pointer_get(root, ""), root);
    assert_null(ps_pointer_get(root, NULL));
    assert_false(ps_pointer_text(ps_pointer_get(root, "/b"), &arena, &found));
    json_decref(root);
    ps_arena_close(&arena);
}

static void test_templates(void **state)
{
    static const struct {
        const char *text;
        ps_template_mode mode;
        const char *out;
    } cases[] = {
        {"/v3/{domain}/x", PS_TEMPLATE_URL, "/v3/a%20b%2F%22c/x"},
        {"X: {domain}", PS_TEMPLATE_RAW, "X: a b/\"c"},
        {"{\"a\":{domain_json},\"b\":{account_json}}", PS_TEMPLATE_RAW, "{\"a\":\"a b/\\\"c\",\"b\":null}"},
        {"{unknown} {", PS_TEMPLATE_RAW, "{unknown} {"},
        {"{account}", PS_TEMPLATE_URL, ""},
        {"{{domain}}", PS_TEMPLATE_RAW, "{a b/\"c}"},
    };
    const ps_template_values values = {.of = {[PS_TEMPLATE_DOMAIN] = ps_span_of("a b/\"c")}};
    ps_buf out;
    (void)state;

    ps_buf_init(&out, 1000);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf_clear(&out);
        ps_template_add(&out, cases[i].text, cases[i].mode, &values);
        assert_string_equal(ps_buf_text(&out), cases[i].out);
    }
    ps_buf_done(&out);
}

static void test_limits(void **state)
{
    static const struct {
        const char *text;
        bool within;
    } cases[] = {{"", true}, {"[[{}]]", true}, {"\"[[[[\\\"[[\"", true}, {"]]]]", true}};
    char deep[200];
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++)
        assert_int_equal(ps_json_within_limits(ps_span_of(cases[i].text)), cases[i].within);
    memset(deep, '[', sizeof deep);
    assert_true(ps_json_within_limits((ps_span){deep, 64}));
    assert_false(ps_json_within_limits((ps_span){deep, 65}));
}

// A page, and the one that ends the list, read from a client that is made and closed.
static ps_status read_list(const ps_source_config *config, ps_error *err)
{
    static const char *const bodies[] = {
        "{\"items\":[{\"address\":\"a@example.com\",\"code\":550}],\"paging\":{\"next\":"
        "\"/v3/mg.example.com/bounces?page=2\"}}",
        "{\"items\":[],\"paging\":{}}"};
    ps_client *client = NULL;
    ps_list_reader reader;
    ps_client_page page = {.count = 0};
    size_t count;

    memset(&reader, 0, sizeof reader);
    ps_status status = ps_client_new(config, &client, err);
    if (status != PS_OK) return status;
    status = ps_list_reader_open(client, ps_client_lists(client, &count), 0, 1765000000, NULL, &reader, err);
    for (size_t i = 0; status == PS_OK && i < PS_COUNT_OF(bodies); i++) {
        ps_list_reader_request request;
        bool has_page = false;
        json_t *reply = NULL;
        status = ps_list_reader_next(&reader, &request, err);
        if (status == PS_OK)
            status = ps_list_reader_take(&reader, ps_span_of(bodies[i]), NULL, &reply, &page, &has_page, err);
        json_decref(reply);
    }
    if (status == PS_OK) assert_true(page.ended);
    ps_list_reader_close(&reader);
    ps_client_free(client);
    return status;
}

static void test_without_memory(void **state)
{
    const ps_source_config config = {
        .name = "mg", .type = "mailgun", .domain = "mg.example.com", .key = "env:PS_TEST_KEY"};
    unsigned long n = 0;
    ps_status status = PS_RETRY;
    (void)state;

    assert_int_equal(setenv("PS_TEST_KEY", "canary", 1), 0);
    while (status != PS_OK && n < ALLOCATIONS_MAX) {
        ps_error err = {.status = PS_OK};
        ps_memory_fail_at(++n, 0);
        status = read_list(&config, &err);
        if (status != PS_OK) assert_true(err.text[0] != '\0');
        if (status != PS_OK && status != PS_SOURCE) assert_int_equal(status, PS_RETRY);
    }
    ps_memory_fail_at(0, 0);
    assert_int_equal(status, PS_OK);
    assert_true(n > 10);
}

// A list that goes on for ever ends somewhere, whatever it says.
static void test_pages_max(void **state)
{
    const ps_source_config config = {
        .name = "mg", .type = "mailgun", .domain = "mg.example.com", .key = "env:PS_TEST_KEY"};
    ps_client *client = NULL;
    ps_list_reader reader;
    ps_status status = PS_OK;
    char body[256];
    size_t count = 0, pages = 0;
    ps_error err;
    (void)state;

    assert_int_equal(setenv("PS_TEST_KEY", "canary", 1), 0);
    assert_ok(ps_client_new(&config, &client, &err), &err);
    assert_ok(ps_list_reader_open(client, ps_client_lists(client, &count), 0, 1765000000, NULL, &reader, &err), &err);
    for (; status == PS_OK && pages <= PS_API_PAGES_MAX; pages++) {
        ps_list_reader_request request;
        ps_client_page page;
        bool has_page = false;
        json_t *reply = NULL;
        status = ps_list_reader_next(&reader, &request, &err);
        if (status != PS_OK) break;
        snprintf(body, sizeof body,
                 "{\"items\":[{\"address\":\"a%zu@example.com\"}],\"paging\":{\"next\":"
                 "\"/v3/mg.example.com/bounces?page=next&address=%zu\"}}",
                 pages, pages);
        assert_ok(ps_list_reader_take(&reader, ps_span_of(body), NULL, &reply, &page, &has_page, &err), &err);
        json_decref(reply);
    }
    assert_int_equal(status, PS_SOURCE);
    assert_int_equal(pages, PS_API_PAGES_MAX);
    assert_non_null(strstr(err.text, "one more than 100000"));
    ps_list_reader_close(&reader);
    ps_client_free(client);
}

// The first is from public descriptions of the form.
static void test_aws_account(void **state)
{
    static const struct {
        const char *id, *account; // NULL: it holds none
    } cases[] = {
        {"ASIAQNZGKIQY56JQ7WML", "029608264753"},
        {"AKIAQNZGKIQY56JQ7WML", "029608264753"},
        {"AKIAIOSFODNN7EXAMPLE", NULL},
        {"AKIAJOSFODNN7EXAMPLE", NULL},
        {"AKIDEXAMPLE", NULL},
        {"", NULL},
        {"AROAQNZGKIQY56JQ7WML", NULL},
        {"ASIAQNZ1KIQY56JQ7WML", NULL},
        {"ASIAQNZGKIQY56JQ7WMLA", NULL},
    };
    char account[PS_AWS_ACCOUNT_SIZE];
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].id);
        assert_int_equal(ps_aws_account(ps_span_of(cases[i].id), account), cases[i].account != NULL);
        if (cases[i].account != NULL) assert_string_equal(account, cases[i].account);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seconds),   cmocka_unit_test(test_pointers),       cmocka_unit_test(test_templates),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_without_memory), cmocka_unit_test(test_aws_account),
        cmocka_unit_test(test_pages_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
