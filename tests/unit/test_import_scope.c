// `scope` of sources that are files.
// layer: esp
#include "unit/import_file.h"

// Mailgun's lists end with a page without entries.
#define LAST_PAGE "\"paging\": {\"first\": \"x?limit=2\"}"

// An unsubscribe from other tags, groups or lists only does not count; every other class does.
static const struct {
    const char *name, *content, *scope;
    bool counts; // a@example.com
} scopes[] = {
    {"Mailgun: all",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"*\"], \"created_at\": \"\"}]," LAST_PAGE "}", "spring",
     true},
    {"Mailgun: ours",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo\", \"spring\"]}]," LAST_PAGE "}", "spring",
     true},
    {"Mailgun: others",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo\", \"news\"]}]," LAST_PAGE "}", "spring", false},
    {"Mailgun: no tag", "{\"items\": [{\"address\": \"a@example.com\", \"tags\": []}]," LAST_PAGE "}", "spring", true},
    {"Mailgun: an empty tag",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo\", \"\"]}]," LAST_PAGE "}", "spring", true},
    {"Mailgun: ours with blanks",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo\", \" spring\\n\"]}]," LAST_PAGE "}", "spring",
     true},
    {"Mailgun: all with blanks", "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\" * \"]}]," LAST_PAGE "}",
     "spring", true},
    {"Mailgun: ours in one text",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo, spring\"]}]," LAST_PAGE "}", "spring", true},
    {"Mailgun: others in one text",
     "{\"items\": [{\"address\": \"a@example.com\", \"tags\": [\"promo, news\"]}]," LAST_PAGE "}", "spring", false},
    {"Mailgun: one of before", "{\"items\": [{\"address\": \"a@example.com\", \"tag\": \"promo\"}]," LAST_PAGE "}",
     "spring", false},
    {"Mailgun: all of before", "{\"items\": [{\"address\": \"a@example.com\", \"tag\": \"*\"}]," LAST_PAGE "}",
     "spring", true},
    {"Mailgun: a cell", "address,tags,created_at\na@example.com,\"promo, news\",\n", "spring", false},
    {"Mailgun: a cell with ours", "address,tags,created_at\na@example.com,\"promo, spring\",\n", "spring", true},
    {"Mailgun: a list in a cell", "address,tags,created_at\na@example.com,\"[\"\"promo\"\"]\",\n", "spring", false},
    {"Mailgun: all in a cell", "address,tags,created_at\na@example.com,*,\n", "spring", true},
    {"Mailgun: blanks in a cell", "address,tags,created_at\na@example.com,\" \",\n", "spring", true},
    {"Mailgun: an empty cell", "address,tags,created_at\na@example.com,,\n", "spring", true},
    {"SendGrid: ours", "[{\"email\": \"a@example.com\", \"group_id\": 101, \"group_name\": \"x\", \"created_at\": 1}]",
     "101", true},
    {"SendGrid: others",
     "[{\"email\": \"a@example.com\", \"group_id\": 102, \"group_name\": \"x\", \"created_at\": 1}]", "101", false},
    {"SendGrid: a complaint", "[{\"email\": \"a@example.com\", \"created\": 1, \"ip\": \"192.0.2.1\"}]", "101", true},
    {"SendGrid: an event of ours",
     "{\"email\": \"a@example.com\", \"timestamp\": 1764950400, \"event\": \"group_unsubscribe\", \"asm_group_id\": "
     "101}",
     "101", true},
    {"SendGrid: an event of others",
     "{\"email\": \"a@example.com\", \"timestamp\": 1764950400, \"event\": \"group_unsubscribe\", \"asm_group_id\": "
     "102}",
     "101", false},
    {"SendGrid: an event of all",
     "{\"email\": \"a@example.com\", \"timestamp\": 1764950400, \"event\": \"unsubscribe\"}", "101", true},
    {"Postmark: another stream",
     "{\"RecordType\": \"SubscriptionChange\", \"MessageID\": \"m\", \"Recipient\": \"a@example.com\", "
     "\"MessageStream\": \"news\", "
     "\"SuppressSending\": true, \"SuppressionReason\": \"ManualSuppression\", \"Origin\": \"Recipient\", "
     "\"ChangedAt\": \"2025-12-11T00:00:00Z\"}",
     "shop", false},
    {"SparkPost: another list",
     "{\"results\": [{\"recipient\": \"a@example.com\", \"type\": \"non_transactional\", \"source\": \"List "
     "Unsubscribe\", \"list_id\": \"weekly\"}], "
     "\"links\": [], \"total_count\": 1}",
     "daily", false},
    {"SparkPost: a bounce of another list",
     "{\"results\": [{\"recipient\": \"a@example.com\", \"type\": \"non_transactional\", \"source\": \"Bounce Rule\", "
     "\"list_id\": \"weekly\"}], "
     "\"links\": [], \"total_count\": 1}",
     "daily", true},
};

static void test_scopes(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(scopes); i++) {
        const char *const scope[] = {"another", scopes[i].scope};
        ps_source_config config = import_config(import_write(test, ps_span_of(scopes[i].content), ""));
        print_message("  %s\n", scopes[i].name);
        assert_ok(import_run(test, &config), &test->err); // without `scope` all of them count
        assert_non_null(import_find(test, "a@example.com"));
        assert_int_equal(test->out.other_scopes, 0);
        config.scope = scope;
        config.scope_count = PS_COUNT_OF(scope);
        config.allow_empty = true;
        assert_ok(import_run(test, &config), &test->err);
        assert_int_equal(import_find(test, "a@example.com") != NULL, scopes[i].counts);
        assert_int_equal(test->out.other_scopes, !scopes[i].counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scopes)};

    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
