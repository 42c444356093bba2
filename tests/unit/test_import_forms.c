// Every form of suppression file: what it is taken for, its entries by class, one of them.
// layer: esp
#include "unit/import_file.h"

#define FIXTURE(name) PS_TEST_FOLDER "/esp/" name

enum { C = PS_CLASS_COMPLAINT, U = PS_CLASS_UNSUBSCRIBE, M = PS_CLASS_MANUAL, H = PS_CLASS_HARD };
enum { I = PS_CLASS_INVALID, X = PS_CLASS_UNKNOWN, B = PS_CLASS_BLOCK, S = PS_CLASS_SOFT };

#define KLAVIYO(address, marketing)                                                                                    \
    "{\"data\":[{\"type\":\"profile\",\"attributes\":{\"email\":" address                                              \
    ",\"subscriptions\":{\"email\":{\"marketing\":{" marketing "}}}}}],\"links\":{\"next\":null}}"

static const struct {
    const char *file, *declared, *format;
    uint64_t entries[PS_CLASS_COUNT]; // complaint unsubscribe manual hard invalid unknown block soft
    const char *key; // one that must be there
    int class;
    const char *list, *date;
    uint64_t unmatched, undated;
} cases[] = {
    {"plain.txt", NULL, "plain list", {0, 0, 7}, "erin@example.net", M, "", "", 0, 0},
    {"plain_crlf.txt", NULL, "plain list", {0, 0, 2}, "jiro@example.jp", M, "", "", 0, 0},
    {"mailgun_bounces.csv", NULL, "mailgun csv", {[H] = 3}, "alice@example.com", H, "bounces", "2025-12-12", 0, 0},
    {"mailgun_bounces.csv", "mailgun", "mailgun csv", {[H] = 3}, "zoe@example.org", H, "bounces", "", 0, 0},
    {"mailgun_unsubscribes.csv",
     NULL,
     "mailgun csv",
     {[U] = 2},
     "frank@example.net",
     U,
     "unsubscribes",
     "2025-12-04",
     0,
     0},
    {"mailgun_complaints.csv",
     NULL,
     "mailgun csv, class by the file's name",
     {[C] = 2},
     "carol@example.com",
     C,
     "complaints",
     "2025-12-03",
     0,
     1},
    {"mailgun_bounces.json", NULL, "mailgun json", {[H] = 3}, "bob@example.net", H, "bounces", "2025-12-12", 0, 0},
    {"mailgun_complaints.json",
     "mailgun",
     "mailgun json",
     {[C] = 2},
     "dave@example.org",
     C,
     "complaints",
     "2025-12-04",
     0,
     0},
    {"mailgun_unsubscribes.json", NULL, "mailgun json", {[U] = 2}, "frank@example.net", U, "unsubscribes", "", 0, 0},
    {"mailgun_old.json", NULL, "mailgun json", {[H] = 3}, "zoe@example.org", H, "bounces", "2014-12-11", 0, 0},
    {"sendgrid_bounces.csv",
     NULL,
     "sendgrid csv, class by the file's name",
     {[H] = 2},
     "bob@example.net",
     H,
     "bounces",
     "2025-12-05",
     0,
     0},
    {"sendgrid_blocks.csv",
     NULL,
     "sendgrid csv, class by the file's name",
     {[B] = 2},
     "alice@example.com",
     B,
     "blocks",
     "2025-12-06",
     0,
     0},
    {"sendgrid_export.csv",
     "sendgrid",
     "sendgrid csv, class as the job says",
     {[M] = 2},
     "alice@example.com",
     M,
     "bounces or blocks",
     "2025-12-06",
     0,
     0},
    {"sendgrid_spam.csv", NULL, "sendgrid csv", {[C] = 2}, "dave@example.org", C, "spam_reports", "2025-12-06", 0, 0},
    {"sendgrid_invalid.csv", NULL, "sendgrid csv", {[I] = 3}, "nodomain@", I, "invalid_emails", "2025-12-06", 3, 0},
    {"sendgrid_global.csv",
     NULL,
     "sendgrid csv",
     {[U] = 2},
     "grace@example.com",
     U,
     "unsubscribes",
     "2025-12-06",
     0,
     0},
    {"sendgrid_bounces.json",
     NULL,
     "sendgrid json, class by the file's name",
     {[H] = 3},
     "zoe@example.org",
     H,
     "bounces",
     "2025-12-05",
     0,
     0},
    {"sendgrid_groups.json",
     NULL,
     "sendgrid json",
     {[U] = 1},
     "erin@example.com",
     U,
     "group_unsubscribes",
     "2025-12-06",
     0,
     0},
    {"sendgrid_group.json", NULL, "json list of addresses", {[M] = 2}, "frank@example.com", M, "", "", 0, 0},
    {"sendgrid_group.json",
     "sendgrid",
     "sendgrid json",
     {[U] = 2},
     "frank@example.com",
     U,
     "group_unsubscribes",
     "",
     0,
     0},
    {"ses_cli_v2.json",
     NULL,
     "ses json",
     {[C] = 1, [H] = 1},
     "bob@example.net",
     C,
     "suppression_list",
     "2025-10-24",
     0,
     0},
    {"ses_cli_v1.json",
     "ses",
     "ses json",
     {[C] = 1, [H] = 1, [X] = 1},
     "zoe@example.org",
     X,
     "suppression_list",
     "2025-10-09",
     0,
     0},
    {"ses_cli.txt",
     NULL,
     "ses text",
     {[C] = 1, [H] = 1},
     "alice@example.com",
     H,
     "suppression_list",
     "2025-10-09",
     0,
     0},
    {"ses_bulk.csv", NULL, "csv without a header", {[C] = 1, [H] = 1}, "bob@example.net", C, "", "", 0, 0},
    {"ses_bulk.csv", "ses", "ses csv", {[C] = 1, [H] = 1}, "bob@example.net", C, "", "", 0, 0},
    {"ses_bulk.json", NULL, "ses json", {[C] = 1, [H] = 1}, "alice@example.com", H, "suppression_list", "", 0, 0},
    {"dynamodb_export.json",
     NULL,
     "dynamodb json",
     {[C] = 1, [H] = 1, [M] = 2, [S] = 1},
     "alice@example.com",
     H,
     "table",
     "2025-10-09",
     0,
     0},
    {"dynamodb_scan.json", NULL, "dynamodb json", {[C] = 1, [H] = 1}, "bob@example.net", C, "table", "", 0, 0},
    {"generic.csv",
     NULL,
     "csv",
     {[C] = 1, [H] = 1, [M] = 1, [X] = 1, [S] = 1},
     "alice@example.com",
     H,
     "",
     "2025-07-11",
     0,
     1},
    {"generic.csv",
     "csv",
     "csv",
     {[C] = 1, [H] = 1, [M] = 1, [X] = 1, [S] = 1},
     "bob@example.net",
     C,
     "",
     "2025-07-10",
     0,
     1},
    {"generic_cp932.csv", NULL, "csv", {[U] = 1}, "taro@example.jp", U, "", "2025-07-10", 0, 0},
    {"generic_one.csv", NULL, "csv", {[M] = 2}, "hanako@example.jp", M, "", "", 0, 0},
    {"generic_headerless.csv", NULL, "csv without a header", {[U] = 1, [H] = 1}, "bob@example.net", U, "", "", 0, 0},
    {"postmark.json",
     NULL,
     "postmark json",
     {[M] = 1, [H] = 1},
     "dave@example.org",
     M,
     "suppressions",
     "2025-12-16",
     0,
     0},
    {"postmark.json",
     "postmark",
     "postmark json",
     {[M] = 1, [H] = 1},
     "alice@example.com",
     H,
     "suppressions",
     "2025-12-17",
     0,
     0},
    {"postmark.csv",
     NULL,
     "postmark csv",
     {[U] = 1, [H] = 1},
     "alice@example.com",
     H,
     "suppressions",
     "2025-12-17",
     0,
     0},
    {"brevo.json", NULL, "brevo json", {[U] = 1, [H] = 1}, "dave@example.org", U, "suppressions", "2025-11-30", 0, 0},
    {"brevo_contacts.json", NULL, "brevo json", {[U] = 1}, "erin@example.com", U, "suppressions", "2025-12-01", 0, 0},
    {"sparkpost.json",
     NULL,
     "sparkpost json",
     {[U] = 1, [H] = 1},
     "dave@example.org",
     U,
     "suppression_list",
     "2025-11-01",
     0,
     0},
    {"sparkpost.csv",
     NULL,
     "sparkpost csv",
     {[C] = 1, [H] = 1},
     "carol@example.com",
     C,
     "suppression_list",
     "2025-12-01",
     0,
     0},
    {"mandrill.json", NULL, "mandrill json", {[H] = 1, [S] = 1}, "alice@example.com", H, "rejects", "2025-12-01", 0, 0},
    {"mandrill.csv", NULL, "mandrill csv", {[U] = 1, [H] = 1}, "dave@example.org", U, "rejects", "2025-11-01", 0, 0},
    {"resend.json", NULL, "resend json", {[H] = 1}, "alice@example.com", H, "suppressions", "2025-12-07", 0, 0},
    {"customers_mail_cloud.json",
     NULL,
     "customers_mail_cloud json",
     {[H] = 2},
     "bob@example.net",
     H,
     "suppressions",
     "2025-12-14",
     0,
     0},
    {"blastengine.csv",
     NULL,
     "blastengine csv",
     {[H] = 1, [S] = 1},
     "alice@example.com",
     H,
     "bounces",
     "2025-12-11",
     0,
     0},
    {"blastengine_swapped.csv",
     NULL,
     "blastengine csv",
     {[H] = 1, [S] = 1},
     "alice@example.com",
     H,
     "bounces",
     "2025-12-11",
     0,
     0},
    {"postmark_origin.csv",
     NULL,
     "postmark csv",
     {[U] = 1, [M] = 1, [H] = 1},
     "erin@example.com",
     M,
     "suppressions",
     "2025-12-16",
     0,
     0},
    {"customers_mail_cloud.csv",
     NULL,
     "customers_mail_cloud csv",
     {[U] = 1, [H] = 1, [I] = 1, [X] = 1, [S] = 1},
     "carol@example.com",
     X,
     "blocks",
     "2025-12-14",
     1,
     0},
    {"customerio.json",
     NULL,
     "customerio json",
     {[C] = 1, [H] = 2},
     "carol@example.com",
     C,
     "suppressions",
     "2025-12-05",
     0,
     0},
    {"customerio_blocks.json",
     "customerio",
     "customerio json",
     {[B] = 1},
     "alice@example.com",
     B,
     "suppressions",
     "2025-12-05",
     0,
     0},
    {"klaviyo.json",
     NULL,
     "klaviyo json",
     {[U] = 1, [H] = 1},
     "dave@example.org",
     U,
     "suppressions",
     "2025-12-23",
     0,
     0},
    {"mailjet.json",
     NULL,
     "mailjet json",
     {[C] = 1, [U] = 1},
     "carol@example.com",
     C,
     "suppressions",
     "2025-12-02",
     0,
     0},
    {"elasticemail_bounces.json",
     NULL,
     "elasticemail json, class by the file's name",
     {[H] = 2},
     "bob@example.net",
     H,
     "bounces",
     "2025-12-02",
     0,
     0},
    {"headerless_japanese.csv", NULL, "csv without a header", {[H] = 1, [S] = 1}, "bob@example.net", H, "", "", 0, 0},
    {"generic.json", NULL, "json", {[U] = 1, [M] = 1}, "bob@example.net", M, "", "2025-07-11", 0, 0},
    {"generic_lines.json", NULL, "json", {[C] = 1, [M] = 1}, "alice@example.com", C, "", "", 0, 0},
};

static void assert_case(const import_test *test, size_t i)
{
    char date[PS_DAY_TEXT_SIZE];
    const ps_suppressed *found = import_find(test, cases[i].key);

    assert_string_equal(test->out.format, cases[i].format);
    for (int class = 0; class < PS_CLASS_COUNT; class ++) {
        if (test->out.entries[class] != cases[i].entries[class]) print_error("class %d\n", class);
        assert_int_equal(test->out.entries[class], cases[i].entries[class]);
    }
    assert_int_equal(test->out.unmatched, cases[i].unmatched);
    assert_int_equal(test->out.undated, cases[i].undated);
    assert_int_equal(test->out.unreadable, 0);
    assert_non_null(found);
    assert_int_equal((int)found->strongest, cases[i].class);
    assert_string_equal(found->list, cases[i].list);
    ps_day_text(found->date, date);
    assert_string_equal(date, cases[i].date);
}

static void test_fixtures(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char path[512];
        snprintf(path, sizeof path, FIXTURE("%s"), cases[i].file);
        ps_source_config config = import_config(path);
        config.format = cases[i].declared;
        print_message("  %s%s%s\n", cases[i].file, cases[i].declared == NULL ? "" : " as ",
                      cases[i].declared == NULL ? "" : cases[i].declared);
        assert_ok(import_run(test, &config), &test->err);
        assert_case(test, i);
    }
}

static void test_domains(void **state)
{
    static const ps_entry_kind kinds[] = {PS_ENTRY_DOMAIN, PS_ENTRY_BOTH};
    import_test *test = *state;
    ps_source_config config = import_config(FIXTURE("domains.txt"));

    for (size_t i = 0; i < PS_COUNT_OF(kinds); i++) {
        config.kind = kinds[i];
        assert_ok(import_run(test, &config), &test->err);
        assert_int_equal(test->out.domains, 4);
        assert_int_equal(test->out.addresses, 0);
        assert_non_null(ps_suppression_domain(test->set, ps_span_of("example.net")));
        assert_non_null(ps_suppression_domain(test->set, ps_span_of("example.org")));
        assert_null(ps_suppression_domain(test->set, ps_span_of("www.example.org")));
        assert_null(ps_suppression_domain(test->set, ps_span_of("example.com")));
        assert_non_null(ps_suppression_domain(test->set, ps_span_of("www.example.com")));
        assert_non_null(ps_suppression_domain(test->set, ps_span_of("xn--r8jz45g.example")));
    }
}

// Where the class is not in the columns: what the job says outweighs the name of the file, and certain columns outweigh
// both.
static void test_class_of_the_job(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(FIXTURE("sendgrid_bounces.csv"));

    config.default_class = PS_CLASS_BLOCK;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.entries[PS_CLASS_BLOCK], 2);
    config.file = FIXTURE("mailgun_bounces.csv");
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.entries[PS_CLASS_HARD], 3);
    config.file = FIXTURE("plain.txt");
    config.default_class = PS_CLASS_UNSUBSCRIBE;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.entries[PS_CLASS_UNSUBSCRIBE], 7);
}

// Whoever is known to have left or complained stays on the list, whatever else stands beside it or is missing.
static void test_replies(void **state)
{
    static const struct {
        const char *name, *content;
        int class; // -1: nobody, and nothing to refuse
    } replies[] = {
        {"Klaviyo: consent alone", KLAVIYO("\"bob@example.jp\"", "\"consent\":\"UNSUBSCRIBED\""), U},
        {"Klaviyo: consent beside no reason",
         KLAVIYO("\"bob@example.jp\"", "\"consent\":\"UNSUBSCRIBED\",\"suppression\":[]"), U},
        {"Klaviyo: still subscribed", KLAVIYO("\"bob@example.jp\"", "\"consent\":\"SUBSCRIBED\""), -1},
        {"Klaviyo: no reason", KLAVIYO("\"bob@example.jp\"", "\"suppression\":null"), -1},
        {"Klaviyo: a telephone only", KLAVIYO("null", ""), -1},
        {"Mailjet: complained, not excluded",
         "{\"Data\":[{\"Email\":\"bob@example.jp\",\"IsExcludedFromCampaigns\":false,\"IsSpamComplaining\":true}]}"
         "{\"Data\":[]}",
         C},
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(replies); i++) {
        print_message("  %s\n", replies[i].name);
        ps_source_config config = import_config(import_write(test, ps_span_of(replies[i].content), ".json"));
        assert_ok(import_run(test, &config), &test->err);
        const ps_suppressed *found = import_find(test, "bob@example.jp");
        assert_int_equal(found == NULL ? -1 : (int)found->strongest, replies[i].class);
        assert_int_equal(test->out.unreadable, 0);
    }
}

// A profile that does not tell is suppressed where the others of its list are understood.
static void test_untold(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    ps_buf_add_text(&text, "{\"data\":[{\"attributes\":{\"email\":\"bob@example.jp\"}}");
    for (int i = 0; i < 1000; i++)
        ps_buf_add_format(&text,
                          ",{\"attributes\":{\"email\":\"u%d@example.jp\",\"subscriptions\":{\"email\":"
                          "{\"marketing\":{\"suppression\":[]}}}}}",
                          i);
    ps_buf_add_text(&text, "],\"links\":{\"next\":null}}");
    ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ".json"));
    ps_buf_done(&text);
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.unreadable, 1);
    assert_int_equal(import_total(test), 1);
    assert_int_equal(import_find(test, "bob@example.jp")->strongest, PS_CLASS_UNKNOWN);
}

static void test_account_of_the_file(void **state)
{
    import_test *test = *state;
    const char text[] = "alice@example.com\n";
    ps_source_config config = import_config(import_write(test, ps_span_of(text), ".txt"));

    assert_ok(import_run(test, &config), &test->err);
    assert_string_equal(test->out.name, "source");
    assert_string_equal(test->out.file, test->path);
    assert_string_equal(test->out.encoding, "UTF-8");
    assert_int_equal(test->out.size_bytes, sizeof text - 1);
    assert_true(test->out.modified_s > 1700000000);
    // printf 'alice@example.com\n' | sha256sum
    assert_string_equal(test->out.sha256, "4e15b441781f323b5a4ac732858cdf907c2c7bba46ee3785f74bddd53622ff44");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixtures), cmocka_unit_test(test_domains), cmocka_unit_test(test_class_of_the_job),
        cmocka_unit_test(test_replies),  cmocka_unit_test(test_untold),  cmocka_unit_test(test_account_of_the_file),
    };
    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
