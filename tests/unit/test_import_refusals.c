// What leaves a doubt about who is on a list, and the message that each gets.
// layer: esp
#include <sys/stat.h>

#include "base/buf.h"
#include "unit/import_file.h"

#define PAGING "\"paging\": {\"next\": \"https://api.mailgun.net/v3/mg.example.com/bounces?page=next\"}"
#define BOUNCE(address) "{\"address\": \"" address "\", \"code\": 550}"
#define SES(address) "{\"EmailAddress\": \"" address "\", \"Reason\": \"BOUNCE\", \"LastUpdateTime\": 1760000000}"

#define KLAVIYO(marketing)                                                                                             \
    "{\"data\":[{\"type\":\"profile\",\"attributes\":{\"email\":\"bob@example.jp\",\"subscriptions\":{\"email\":"      \
    "{\"marketing\":{" marketing "}}}}}],\"links\":{\"next\":null}}"

static const struct {
    const char *name, *content, *says, *format;
    ps_entry_kind kind;
    const char *column;
} cases[] = {
    // empty and cut
    {"zero bytes", "", "no entry", NULL, 0, NULL},
    {"entries that ran together", "email,note\na@example.jp,\"x\" y\nb@example.jp,\"z\"\nc@example.jp,w\n",
     "run together", NULL, 0, NULL},
    {"blank lines only", "\n\n \n", "no entry", NULL, 0, NULL},
    {"comments only", "# a list\n#\n", "no entry", NULL, 0, NULL},
    {"header only", "email,created\n", "no entry", NULL, 0, NULL},
    {"header only, one column", "email\n", "no entry", NULL, 0, NULL},
    {"empty array", "[]", "no entry", NULL, 0, NULL},
    {"empty page", "{\"items\": []," PAGING "}", "no entry", NULL, 0, NULL},
    {"plain list cut before the @", "a@example.com\nbo", "looks cut", NULL, 0, NULL},
    {"plain list cut behind the @", "a@example.com\nbob@", "looks cut", NULL, 0, NULL},
    {"plain list cut in the domain", "a@example.com\nbob@exa", "looks cut", NULL, 0, NULL},
    {"csv cut in a row", "address,code,error,created_at\na@example.com,550,x,\nb@example.com,5", "looks cut", NULL, 0,
     NULL},
    {"csv cut in a stamp", "email,created\na@example.com,2025-12-01\nb@example.com,2025-1", "looks cut", NULL, 0, NULL},
    {"quote never closed", "address,code,error,created_at\na@example.com,550,\"no such\nb@example.com,550,x,\n",
     "never closed", NULL, 0, NULL},
    {"events of nobody known", "[{\"email\": \"a@example.com\", \"event\": \"bounce\", \"category\": \"soft\"}]",
     "tells of events", NULL, 0, NULL},
    {"what an old Sisimai made of answers",
     "[{\"recipient\": \"a@example.com\", \"reason\": \"vacation\", \"softbounce\": -1}]", "tells of events", NULL, 0,
     NULL},
    {"json cut in an array", "[{\"email\": \"a@example.com\", \"created\": 1}, {\"email\": \"b@ex", "is cut", NULL, 0,
     NULL},
    {"json cut before the bracket", "[{\"email\": \"a@example.com\", \"created\": 1}", "is cut", NULL, 0, NULL},
    {"json cut in a page", "{\"items\": [" BOUNCE("a@example.com") "], \"paging\": ", "is cut", NULL, 0, NULL},
    {"json cut behind a key", "{\"items\"", "is cut", NULL, 0, NULL},
    {"json cut behind a comma", "[\"a@example.com\",", "is cut", NULL, 0, NULL},
    {"only NUL bytes", NULL, "NUL", NULL, 0, NULL},
    // one page of several
    {"mailgun page alone", "{\"items\": [" BOUNCE("a@example.com") "]," PAGING "}", "may have more behind it", NULL, 0,
     NULL},
    {"mailgun page without paging", "{\"items\": [" BOUNCE("a@example.com") "]}", "may have more behind it", NULL, 0,
     NULL},
    {"mailgun end page in the middle",
     "{\"items\": []," PAGING "}{\"items\": [" BOUNCE("a@example.com") "]," PAGING "}", "may have more behind it", NULL,
     0, NULL},
    {"mailgun count too high", "{\"total_count\": 2, \"items\": [" BOUNCE("a@example.com") "]}",
     "says that it has 2 entries, and 1", NULL, 0, NULL},
    {"mailgun count too low", "{\"total_count\": 0, \"items\": [" BOUNCE("a@example.com") "]}",
     "says that it has 0 entries, and 1", NULL, 0, NULL},
    {"brevo count higher",
     "{\"count\": 2, \"contacts\": [{\"email\": \"a@example.com\", \"reason\": {\"code\": \"x\"}}]}",
     "says that it has 2 entries, and 1", NULL, 0, NULL},
    {"brevo without a count", "{\"contacts\": [{\"email\": \"a@example.com\", \"reason\": {\"code\": \"x\"}}]}",
     "nothing says that they are all", NULL, 0, NULL},
    {"sparkpost with a next link",
     "{\"results\": [{\"recipient\": \"a@example.com\", \"source\": \"Bounce Rule\", \"type\": "
     "\"transactional\"}], \"links\": [{\"href\": \"/x\", \"rel\": \"next\"}]}",
     "nothing says that they are all", NULL, 0, NULL},
    {"resend with more", "{\"has_more\": true, \"data\": [{\"email\": \"a@example.com\", \"origin\": \"bounce\"}]}",
     "more follow", NULL, 0, NULL},
    {"customerio with more",
     "{\"category\":\"bounces\",\"suppressions\":[{\"email\":\"a@example.com\"}],\"next\":\"x\"}",
     "nothing says that they are all", NULL, 0, NULL},
    {"customerio without tokens", "{\"category\":\"bounces\",\"suppressions\":[{\"email\":\"a@example.com\"}]}",
     "nothing says that they are all", NULL, 0, NULL},
    {"klaviyo with more",
     "{\"data\":[{\"attributes\":{\"email\":\"a@example.com\"}}],\"links\":{\"next\":\"https://x/y\"}}", "more follow",
     NULL, 0, NULL},
    {"klaviyo without links", "{\"data\":[{\"attributes\":{\"email\":\"a@example.com\"}}]}", "more follow", NULL, 0,
     NULL},
    {"klaviyo without the fields",
     "{\"data\":[{\"type\":\"profile\",\"attributes\":{\"email\":\"bob@example.jp\"}}],\"links\":{\"next\":null}}",
     "1 of its 1 entries", NULL, 0, NULL},
    {"klaviyo with reasons that are no list", KLAVIYO("\"suppression\":{\"reason\":\"UNSUBSCRIBE\"}"),
     "1 of its 1 entries", NULL, 0, NULL},
    {"klaviyo with lists that are no list", KLAVIYO("\"suppression\":[],\"list_suppressions\":\"L1\""),
     "1 of its 1 entries", NULL, 0, NULL},
    {"klaviyo with a reason and lists that are no list",
     KLAVIYO("\"suppression\":[{\"reason\":\"HARD_BOUNCE\"}],\"list_suppressions\":\"L1\""), "1 of its 1 entries", NULL,
     0, NULL},
    {"klaviyo that says nothing", KLAVIYO(""), "1 of its 1 entries", NULL, 0, NULL},
    {"pages of somebody else",
     "{\"data\":[{\"type\":\"suppression\",\"attributes\":{\"address\":\"bob@example.jp\"}}],\"links\":{\"next\":null}"
     "}",
     "1 of its 1 entries", NULL, 0, NULL},
    {"mailjet page alone", "{\"Count\":1,\"Data\":[{\"Email\":\"a@example.com\",\"IsExcludedFromCampaigns\":true}]}",
     "may have more behind it", NULL, 0, NULL},
    {"elasticemail array alone",
     "[{\"Email\":\"a@example.com\",\"ErrorCode\":550,\"DateUpdated\":\"2025-12-01T00:00:00Z\"}]",
     "may have more behind it", NULL, 0, NULL},
    {"resend without its flag", "{\"data\": [{\"email\": \"a@example.com\", \"origin\": \"bounce\"}]}", "more follow",
     NULL, 0, NULL},
    {"customers mail cloud without an end page", "{\"blocks\": [{\"email\": \"a@example.com\", \"status\": \"2\"}]}",
     "may have more behind it", NULL, 0, NULL},
    {"an entry with a list in it", "{\"email\": \"a@example.com\", \"Suppressions\": []}", "an entry and a list", NULL,
     0, NULL},
    {"a list that is no array", "{\"Suppressions\": 3}", "is no array", NULL, 0, NULL},
    {"ses token left", "{\"SuppressedDestinationSummaries\": [" SES("a@example.com") "], \"NextToken\": \"AB/+==\"}",
     "NextToken", NULL, 0, NULL},
    {"ses token left in the last of two",
     "{\"SuppressedDestinationSummaries\": [" SES(
         "a@example.com") "]}"
                          "{\"NextToken\": \"AB/+==\", \"SuppressedDestinationSummaries\": [" SES("b@example.com") "]}",
     "NextToken", NULL, 0, NULL},
    {"ses token of a wrong type", "{\"SuppressedDestinationSummaries\": [" SES("a@example.com") "], \"NextToken\": 5}",
     "NextToken", NULL, 0, NULL},
    {"ses text with a token", "AYADeKab\nSUPPRESSEDDESTINATIONSUMMARIES\ta@example.com\t1760000000\tBOUNCE\n",
     "token of a further page", NULL, 0, NULL},
    {"dynamodb scan not whole",
     "{\"Items\": [{\"email\": {\"S\": \"a@example.com\"}}], \"Count\": 1, \"LastEvaluatedKey\": {\"email\": {\"S\": "
     "\"a\"}}}",
     "scan is not whole", NULL, 0, NULL},
    {"dynamodb scan with another count", "{\"Items\": [{\"email\": {\"S\": \"a@example.com\"}}], \"Count\": 2}",
     "scan is not whole", NULL, 0, NULL},
    {"dynamodb incremental export",
     "{\"Metadata\": {}, \"Keys\": {\"email\": {\"S\": \"a@example.com\"}}, \"NewImage\": {}}\n", "incremental", NULL,
     0, NULL},
    // another thing than a list
    {"html", "<!DOCTYPE html><html><body>sign in</body></html>", "web page", NULL, 0, NULL},
    {"html without a doctype", "\n  <HTML><body>sign in</body></html>", "web page", NULL, 0, NULL},
    {"xml", "<?xml version='1.0'?><list/>", "web page", NULL, 0, NULL},
    {"zip", "PK\x03\x04 and so on", "zip", NULL, 0, NULL},
    {"pdf", "%PDF-1.7\n", "PDF", NULL, 0, NULL},
    {"error reply", "{\"message\": \"Forbidden\"}", "reply without a list", NULL, 0, NULL},
    {"error reply of sendgrid", "{\"errors\": [{\"message\": \"authorization required\"}]}", "reply without a list",
     NULL, 0, NULL},
    {"empty object", "{}", "reply without a list", NULL, 0, NULL},
    {"prose", "Dear customer,\nyour export is not ready yet.\n", "delimiter", NULL, 0, NULL},
    {"names only", "alice\nbob\n", "are no address", NULL, 0, NULL},
    {"mailgun allowlist, csv", "address,domain\na@example.com,\n", "allowlist", NULL, 0, NULL},
    {"mailgun allowlist, json",
     "{\"items\": [{\"type\": \"address\", \"value\": \"a@example.com\", \"reason\": \"\", \"createdAt\": "
     "\"\"}]," PAGING "}",
     "allowlist", NULL, 0, NULL},
    {"mailgun events", "{\"items\": [{\"event\": \"failed\", \"recipient\": \"a@example.com\"}]," PAGING "}",
     "tells of events", NULL, 0, NULL},
    {"json of an unknown form", "[{\"who\": \"a@example.com\"}]", "none of the forms", NULL, 0, NULL},
    {"json number", "[1, 2]", "something else than an entry", NULL, 0, NULL},
    // a form that the job names and the file does not have
    {"declared mailgun, is sendgrid", "email,created\na@example.com,1\n", "columns of the form", "mailgun", 0, NULL},
    {"declared sendgrid, is ses", "{\"SuppressedDestinationSummaries\": [" SES("a@example.com") "]}", "not of the form",
     "sendgrid", 0, NULL},
    {"declared ses, is plain", "a@example.com\n", "columns of the form", "ses", 0, NULL},
    {"declared mailgun, is plain with a header", "email\na@example.com\n", "columns of the form", "mailgun", 0, NULL},
    {"declared plain, is json", "[\"a@example.com\",\n\"b\"]\n", "are no address", "plain", 0, NULL},
    {"declared csv, is json", "[\"a@example.com\"]\n", "", "csv", 0, NULL},
    // columns
    {"no address column", "name,created\nalice,1\n", "no column that is known", NULL, 0, NULL},
    {"two address columns", "email,recipient,name\na@example.com,b@example.com,x\n", "could be the addresses", NULL, 0,
     NULL},
    {"address column twice, sendgrid", "email,email,created\na@example.com,b@example.com,1\n", "stands twice", NULL, 0,
     NULL},
    {"two address columns without a header", "a@example.com,b@example.com\nc@example.com,d@example.com\n",
     "several columns", NULL, 0, NULL},
    {"named column missing", "email,name\na@example.com,x\n", "does not have the column", NULL, 0, "addr"},
    {"named column twice", "addr,addr\na@example.com,b@example.com\n", "more than once", NULL, 0, "addr"},
    {"several members", "[{\"email\": \"a@example.com\", \"recipient\": \"b@example.com\"}]", "several members", NULL,
     0, NULL},
    // entries
    {"one line of a few is no address", "a@example.com\nbob\nc@example.com\n",
     "1 of its 3 entries are no address, the first in line 2", NULL, 0, NULL},
    {"empty cell", "email,name\na@example.com,x\n,y\n", "1 of its 2 entries are no address, the first in line 3", NULL,
     0, NULL},
    {"too many cells", "email,name\na@example.com,x\nb@example.com,y,z\n", "1 of its 2 entries are no address", NULL, 0,
     NULL},
    {"address missing in json", "[{\"email\": \"a@example.com\", \"created\": 1}, {\"created\": 2}]",
     "1 of its 2 entries", NULL, 0, NULL},
    {"address null in json", "[{\"email\": \"a@example.com\", \"created\": 1}, {\"email\": null, \"created\": 2}]",
     "1 of its 2 entries", NULL, 0, NULL},
    {"address a number", "[{\"email\": 5, \"created\": 1}]", "not a text", NULL, 0, NULL},
    {"address an array", "[{\"email\": [\"a@example.com\"], \"created\": 1}]", "not a text", NULL, 0, NULL},
    {"address with a NUL", "[{\"email\": \"a\\u0000@example.com\", \"created\": 1}]", "NUL", NULL, 0, NULL},
    {"items an object", "{\"items\": {\"address\": \"a@example.com\"}}", "is no array", NULL, 0, NULL},
    {"summaries a text", "{\"SuppressedDestinationSummaries\": \"a@example.com\"}", "is no array", NULL, 0, NULL},
    {"md5", "b58996c504c5638798eb6b511e6f49af\n", "digest", NULL, 0, NULL},
    {"sha-1 among addresses", "a@example.com\n63A710569261A24B3766275B7000CE8D7B32E2F7\n", "line 2 looks like a digest",
     NULL, 0, NULL},
    {"sha-256 under email", "email\nb4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514\n", "digest", NULL,
     0, NULL},
    {"md5 in base64", "tYmWxQTFY4eY62tRHm9Jrw==\n", "digest", NULL, 0, NULL},
    {"digests in json", "[{\"email\": \"b58996c504c5638798eb6b511e6f49af\", \"created\": 1}]", "digest", NULL, 0, NULL},
    {"wildcard", "a@example.com\n*@example.net\n", "line 2 holds a wildcard", NULL, 0, NULL},
    {"wildcard in the middle", "bob*@example.net\n", "wildcard", NULL, 0, NULL},
    {"sql pattern", "%@example.net\n", "pattern", NULL, 0, NULL},
    {"regular expression", "^bob@example\\.net$\n", "pattern", NULL, 0, NULL},
    {"wildcard domain under address", "*.example.net\n", "wildcard", NULL, 0, NULL},
    {"wildcard inside a domain", "a.*.example.net\n", "wildcard", NULL, PS_ENTRY_DOMAIN, NULL},
    {"domain with a leading dot", ".example.net\n", "pattern", NULL, PS_ENTRY_DOMAIN, NULL},
    {"domain under address", "a@example.com\nexample.net\n", "line 2 holds a domain", NULL, 0, NULL},
    {"@domain under address", "@example.net\n", "line 1 holds a domain", NULL, 0, NULL},
    {"address under domain", "example.net\na@example.com\n", "line 2 holds an address", NULL, PS_ENTRY_DOMAIN, NULL},
    {"word under domain", "example.net\nlocalhost\n", "1 of its 2 entries are no domain", NULL, PS_ENTRY_DOMAIN, NULL},
    {"word under both", "example.net\na b\n", "neither an address nor a domain", NULL, PS_ENTRY_BOTH, NULL},
    // json that is none
    {"text behind the end", "[{\"email\": \"a@example.com\", \"created\": 1}]\nthe end\n", "behind the end", NULL, 0,
     NULL},
    {"stray comma", "[{\"email\": \"a@example.com\", \"created\": 1},]", "not valid JSON", NULL, 0, NULL},
    {"missing comma", "[{\"email\": \"a@example.com\", \"created\": 1} {\"email\": \"b@example.com\", \"created\": 1}]",
     "not valid JSON from line 1", NULL, 0, NULL},
    {"not a value", "[\"a@example.com\", nonsense]", "not valid JSON", NULL, 0, NULL},
    {"key without quotes", "{items: []}", "not valid JSON", NULL, 0, NULL},
    {"colon missing", "{\"items\" []}", "not valid JSON", NULL, 0, NULL},
    {"wrong bracket", "[{\"email\": \"a@example.com\", \"created\": 1]}", "not valid JSON", NULL, 0, NULL},
    {"not utf-8 in json", "[\"a@example.com\", \"caf\xE9\"]", "", NULL, 0, NULL},
    {"two forms", "[{\"email\": \"a@example.com\", \"created\": 1}]{\"SuppressedDestinationSummaries\": []}",
     "mixes lists of two forms", NULL, 0, NULL},
};

static void test_refusals(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_span content = ps_span_of(cases[i].content);
        if (cases[i].content == NULL) content = (ps_span){"\0\0\0\0\0\0\0\0", 8};
        ps_source_config config = import_config(import_write(test, content, ".txt"));
        config.format = cases[i].format;
        config.kind = cases[i].kind;
        config.column = cases[i].column;
        print_message("  %s\n", cases[i].name);
        ps_status status = import_run(test, &config);
        if (getenv("SHOW") != NULL)
            print_message("      %s\n      %s\n      %s\n", test->err.where, test->err.text, test->err.hint);
        if (status != PS_SOURCE || strstr(test->err.text, cases[i].says) == NULL)
            print_error("%d: %s\n", status, test->err.text);
        assert_int_equal(status, PS_SOURCE);
        assert_int_equal(test->err.status, PS_SOURCE);
        assert_non_null(strstr(test->err.text, cases[i].says));
        assert_non_null(strstr(test->err.text, "Suppression source 'source' cannot be used: "));
        assert_non_null(strstr(test->err.where, test->path));
        assert_true(test->err.hint[0] != '\0');
        assert_null(strchr(test->err.text, '@')); // no address, whatever the file holds
    }
}

static void test_no_file(void **state)
{
    import_test *test = *state;
    static const char *const paths[] = {"/nonexistent/list.txt", "/tmp", "/dev/null", "-"};
    char fifo[] = "/tmp/presend-test-fifo-XXXXXX";

    for (size_t i = 0; i < PS_COUNT_OF(paths); i++) {
        ps_source_config config = import_config(paths[i]);
        print_message("  %s\n", paths[i]);
        assert_int_equal(import_run(test, &config), PS_SOURCE);
        assert_non_null(strstr(test->err.text, "Suppression source 'source' cannot be used: "));
        assert_true(test->err.hint[0] != '\0');
    }
    assert_int_equal(mkstemp(fifo) >= 0 && unlink(fifo) == 0 && mkfifo(fifo, 0600) == 0, 1);
    ps_source_config config = import_config(fifo);
    assert_int_equal(import_run(test, &config), PS_SOURCE);
    assert_int_equal(unlink(fifo), 0);
}

static void test_unreadable_file(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of("a@example.com\n"), ".txt"));

    if (geteuid() == 0) skip(); // nothing is unreadable for root
    assert_int_equal(chmod(test->path, 0), 0);
    assert_int_equal(import_run(test, &config), PS_SOURCE);
}

static void test_unknown_format(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of("a@example.com\n"), ".txt"));

    config.format = "sparkle";
    assert_int_equal(import_run(test, &config), PS_CONFIG);
    config.format = "mailgun";
    config.column = "address";
    assert_int_equal(import_run(test, &config), PS_CONFIG);
}

// What is cut from a compressed file must not pass for its end.
static void test_cut_gzip(void **state)
{
    // printf 'a@example.com\nb@example.com\n' | gzip -n
    static const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0x74, 0x48,
                                           0xad, 0x48, 0xcc, 0x2d, 0xc8, 0x49, 0xd5, 0x4b, 0xce, 0xcf, 0xe5, 0x4a, 0x42,
                                           0xe1, 0x01, 0x00, 0xb2, 0xc9, 0xc3, 0x89, 0x1c, 0x00, 0x00, 0x00};
    import_test *test = *state;

    ps_source_config config = import_config(import_write(test, (ps_span){(const char *)packed, sizeof packed}, ".gz"));
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.addresses, 2);
    for (size_t len = 1; len < sizeof packed; len++) {
        config.file = import_write(test, (ps_span){(const char *)packed, len}, ".gz");
        assert_int_equal(import_run(test, &config), PS_SOURCE);
    }
}

static void test_allow_empty(void **state)
{
    static const char *const contents[] = {"",
                                           "\n",
                                           "# nobody\n",
                                           "email,created\n",
                                           "[]",
                                           "{\"items\": []," PAGING "}",
                                           "{\"SuppressedDestinationSummaries\": []}"};
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(contents); i++) {
        ps_source_config config = import_config(import_write(test, ps_span_of(contents[i]), ".txt"));
        config.allow_empty = true;
        print_message("  %zu: %s\n", i, contents[i]);
        assert_ok(import_run(test, &config), &test->err);
        assert_int_equal(import_total(test), 0);
        assert_non_null(test->out.format);
        assert_int_equal(strlen(test->out.sha256), 64);
    }
}

// The digest is that of the file, of which nothing but an empty text comes out.
static void test_empty_packed(void **state)
{
    static const unsigned char packed[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    import_test *test = *state;

    ps_source_config config = import_config(import_write(test, (ps_span){(const char *)packed, sizeof packed}, ".gz"));
    config.allow_empty = true;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 0);
    assert_string_equal(test->out.sha256, "59869db34853933b239f1e2219cf7d431da006aa919635478511fabbfc8849d2");
}

// Mandrill's list stops at 1000 entries and does not say so.
static void test_mandrill_full(void **state)
{
    import_test *test = *state;
    ps_buf text;

    for (int count = 999; count <= 1001; count++) {
        ps_buf_init(&text, 1 << 20);
        for (int i = 0; i < count; i++)
            ps_buf_add_format(&text,
                              "%c{\"email\":\"u%d@example.com\",\"reason\":\"spam\",\"detail\":\"\",\"created_at\":"
                              "\"2025-12-01 13:00:00\",\"expires_at\":null,\"expired\":false}",
                              i == 0 ? '[' : ',', i);
        ps_buf_add_text(&text, "]");
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ".json"));
        ps_buf_done(&text);
        ps_status status = import_run(test, &config);
        assert_int_equal(status, count == 1000 ? PS_SOURCE : PS_OK);
        if (status == PS_SOURCE) assert_non_null(strstr(test->err.text, "as many entries as Mandrill's list gives"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mandrill_full),   cmocka_unit_test(test_refusals),       cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_unreadable_file), cmocka_unit_test(test_unknown_format), cmocka_unit_test(test_cut_gzip),
        cmocka_unit_test(test_allow_empty),     cmocka_unit_test(test_empty_packed),
    };
    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
