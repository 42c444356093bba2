// Descriptions of APIs: those that presend ships with, and everything that is refused in one of a user.
// layer: esp
#include "assert.h"
#include "base/memory.h"
#include "esp/declared.h"

// What a description is made of; a case leaves one part out or puts another in.
#define TITLE "\"title\":\"Ours\""
#define ORIGIN "\"origin\":\"https://api.example.com\""
#define ENTRY "\"entry\":{\"address\":\"/email\"}"
#define PAGING "\"paging\":{\"kind\":\"offset\",\"ends\":[\"empty\"],\"limit\":10}"
#define LIST "\"name\":\"all\",\"class\":\"hard\",\"path\":\"/list\",\"query\":\"o={offset}\",\"items\":\"/data\""
#define WITH(parts) "{" TITLE "," ORIGIN ",\"lists\":[{" parts "}]}"
#define API(parts) "{" parts ",\"lists\":[{" LIST "," ENTRY "," PAGING "}]}"

static void test_shipped(void **state)
{
    static const char *const ids[] = {"sparkpost",  "mandrill", "resend",      "klaviyo",
                                      "customerio", "mailjet",  "elasticemail"};
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(ids); i++) {
        ps_declared *declared = NULL;
        ps_error err;
        print_message("  %s\n", ids[i]);
        assert_true(ps_declared_is_shipped(ids[i]));
        assert_ok(ps_declared_shipped(ids[i], &declared, &err), &err);
        assert_string_equal(ps_declared_api(declared)->id, ids[i]);
        assert_non_null(ps_declared_api(declared)->lists[0].name);
        ps_declared_free(declared);
    }
    assert_false(ps_declared_is_shipped("mailgun"));
}

static const struct {
    const char *text, *why; // NULL: it is fine
} cases[] = {
    {WITH(LIST "," ENTRY "," PAGING), NULL},
    {API(TITLE "," ORIGIN ",\"description\":\"what it is\""), NULL},
    {API(TITLE), NULL}, // the job must then name a base_url
    {"", "empty or not JSON"},
    {"{", "is not JSON"},
    {"[]", "must be an object"},
    {"{\"title\":\"a\",\"title\":\"b\"}", "is not JSON"},
    {API(ORIGIN), "title` is missing"},
    {API(TITLE "," ORIGIN ",\"titel\":\"x\""), "titel` is not known"},
    {API("\"title\":\"a\\nb\""), "title` must be a text of one line"},
    {API("\"title\":17"), "title` must be a text"},
    {API(TITLE ",\"origin\":\"http://api.example.com\""), "must begin with https://"},
    {API(TITLE ",\"regions\":{\"eu\":\"http://api.example.com\"}"), "must begin with https://"},
    {API(TITLE ",\"regions\":{}"), "1 to 8"},
    {API(TITLE "," ORIGIN ",\"auth\":\"digest\""), "must be one of headers basic"},
    {API(TITLE "," ORIGIN ",\"headers\":[\"no colon\"]"), "Name: value"},
    {API(TITLE "," ORIGIN ",\"headers\":[\"A: b\\r\\nC: d\"]"), "Name: value"},
    {API(TITLE "," ORIGIN ",\"headers\":[\"A: 1\",\"B: 1\",\"C: 1\",\"D: 1\",\"E: 1\",\"F: 1\"]"), "at most 5"},
    {API(TITLE "," ORIGIN ",\"pace_ms\":-1"), "whole number"},
    {API(TITLE "," ORIGIN ",\"errors\":{\"X\":\"retry\"}"), "error_name"},
    {API(TITLE "," ORIGIN ",\"error_name\":\"/n\",\"errors\":{\"X\":\"later\"}"), "source credentials retry"},
    {"{" TITLE "," ORIGIN "}", "1 to 32 lists"},
    {"{" TITLE "," ORIGIN ",\"lists\":[]}", "1 to 32 lists"},
    {WITH(LIST "," PAGING), "`entry` must be an object"},
    {WITH(LIST "," ENTRY), "`paging` must be an object"},
    {WITH(LIST ",\"entry\":{}," PAGING), "address` is missing"},
    {WITH(LIST ",\"entry\":{\"address\":\"email\"}," PAGING), "JSON pointer"},
    {WITH(LIST ",\"entry\":{\"address\":\"/a~2\"}," PAGING), "JSON pointer"},
    {WITH(LIST ",\"entry\":{\"address\":\"/a\",\"word\":\"/b\"}," PAGING), "words` is missing"},
    {WITH(LIST ",\"entry\":{\"address\":\"/a\",\"words\":[{\"word\":\"x\",\"class\":\"hard\"}]}," PAGING), "words"},
    {WITH(LIST
          ",\"entry\":{\"address\":\"/a\",\"word\":\"/b\",\"words\":[{\"word\":\"x\",\"class\":\"hart\"}]}," PAGING),
     "must be one of complaint"},
    {WITH(LIST ",\"entry\":{\"address\":\"/a\",\"only\":\"/b\"}," PAGING), "go together"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"offset\"}"), "at its end"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"offset\",\"ends\":[\"no_next\"]}"), "empty or short"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"offset\",\"ends\":[\"short\"]}"), "limit` is missing"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"offset\",\"ends\":\"empty\"}"), "must be a list"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"link\",\"ends\":[\"no_next\"]}"), "next` is missing"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"cursor\",\"ends\":[\"flag\"],\"next\":\"/n\"}"), "more` is missing"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"cursor\",\"ends\":[\"no_next\"],\"next\":\"/n\"}"),
     "from page to page"},
    {WITH(LIST "," ENTRY ",\"paging\":{\"kind\":\"pages\"}"), "one link cursor offset number"},
    {WITH("\"name\":\"all\",\"class\":\"hard\",\"path\":\"/list\",\"query\":\"o={offset}&k={key}\",\"items\":\"/"
          "d\"," ENTRY "," PAGING),
     "into an address"},
    {WITH("\"name\":\"all\",\"class\":\"hard\",\"path\":\"/list/{user}\",\"query\":\"o={offset}\",\"items\":\"/"
          "d\"," ENTRY "," PAGING),
     "into an address"},
    {WITH("\"name\":\"all\",\"class\":\"hard\",\"path\":\"list\",\"query\":\"o={offset}\",\"items\":\"/d\"," ENTRY
          "," PAGING),
     "begin with /"},
    {WITH(LIST ",\"method\":\"PUT\"," ENTRY "," PAGING), "GET or POST"},
    {WITH(LIST ",\"remove\":\"DELETE /list\"," ENTRY "," PAGING), "{address}"},
    {WITH(LIST ",\"remove\":\"/list/{address}\"," ENTRY "," PAGING), "DELETE /PATH"},
    {WITH(LIST ",\"remove\":\"DELETE https://evil.example/{address}\"," ENTRY "," PAGING), "DELETE /PATH"},
    {WITH(LIST ",\"remove\":\"DELETE /list/{address}\"," ENTRY "," PAGING), NULL},
    {"{" TITLE "," ORIGIN ",\"lists\":[{" LIST "," ENTRY "," PAGING "},{" LIST "," ENTRY "," PAGING "}]}",
     "stands twice"},
};

static void test_cases(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_declared *declared = NULL;
        ps_error err = {.status = PS_OK};
        print_message("  %s\n", cases[i].text);
        ps_status status = ps_declared_read(ps_span_of(cases[i].text), "http", "ours.json", &declared, &err);
        if (cases[i].why == NULL) {
            assert_ok(status, &err);
        } else {
            assert_int_equal(status, PS_CONFIG);
            if (strstr(err.text, cases[i].why) == NULL) print_message("%s\n", err.text);
            assert_non_null(strstr(err.text, cases[i].why));
            assert_non_null(strstr(err.text, "ours.json"));
        }
        ps_declared_free(declared);
    }
}

static void test_needs(void **state)
{
    static const struct {
        const char *text;
        unsigned needs;
    } needs[] = {
        {API(TITLE "," ORIGIN), 0},
        {API(TITLE), PS_API_NEEDS_BASE_URL},
        {API(TITLE ",\"origin\":\"https://{region}.example.com\""), PS_API_NEEDS_REGION},
        {API(TITLE "," ORIGIN ",\"headers\":[\"X: {user} {key}\"]"), PS_API_NEEDS_USER},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(needs); i++) {
        ps_declared *declared = NULL;
        ps_error err;
        assert_ok(ps_declared_read(ps_span_of(needs[i].text), "http", "ours.json", &declared, &err), &err);
        assert_int_equal(ps_declared_api(declared)->needs, needs[i].needs);
        ps_declared_free(declared);
    }
}

static void test_without_memory(void **state)
{
    ps_declared *declared = NULL;
    ps_error err;
    (void)state;

    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_declared_shipped("sparkpost", &declared, &err), PS_RETRY);
    ps_memory_fail_at(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
