// Files of events: what each form is known by, what each kind says.
// layer: esp
#include "unit/import_file.h"

#define FIXTURE(name) PS_TEST_FOLDER "/esp/events/" name

enum { C = PS_CLASS_COMPLAINT, U = PS_CLASS_UNSUBSCRIBE, M = PS_CLASS_MANUAL, H = PS_CLASS_HARD };
enum { I = PS_CLASS_INVALID, B = PS_CLASS_BLOCK, S = PS_CLASS_SOFT, NOBODY = PS_CLASS_COUNT };

// ---- forms

static const struct {
    const char *file, *declared, *format;
    uint64_t entries[PS_CLASS_COUNT];
    uint64_t events;
    const char *key; // one that must be there
    int class;
    const char *list, *date;
} files[] = {
    {"sendgrid.json",
     NULL,
     "sendgrid events",
     {[C] = 1, [U] = 2, [H] = 1, [S] = 1},
     6,
     "carol@example.com",
     C,
     "complaints",
     "2025-12-06"},
    {"sendgrid.json",
     "sendgrid",
     "sendgrid events",
     {[C] = 1, [U] = 2, [H] = 1, [S] = 1},
     6,
     "alice@example.com",
     H,
     "bounces",
     "2025-12-06"},
    {"sendgrid_lines.json",
     NULL,
     "sendgrid events",
     {[C] = 1, [U] = 1, [B] = 1},
     4,
     "alice@example.com",
     B,
     "blocks",
     "2025-12-06"},
    {"mailgun.json", NULL, "mailgun events", {[C] = 1, [H] = 1}, 2, "alice@example.com", H, "bounces", "2025-12-05"},
    {"mailgun.json",
     "mailgun",
     "mailgun events",
     {[C] = 1, [H] = 1},
     2,
     "carol@example.com",
     C,
     "complaints",
     "2025-12-05"},
    {"mailgun_webhooks.json",
     NULL,
     "mailgun events",
     {[U] = 1, [S] = 1},
     2,
     "dave@example.org",
     U,
     "unsubscribes",
     "2025-12-05"},
    {"ses_sns.json", NULL, "ses events", {[H] = 1, [S] = 1}, 1, "alice@example.com", H, "bounces", "2025-12-11"},
    {"ses_sns.json", "ses", "ses events", {[H] = 1, [S] = 1}, 1, "bob@example.net", S, "soft_bounces", "2025-12-11"},
    {"ses_published.json",
     NULL,
     "ses events",
     {[C] = 1, [U] = 1},
     3,
     "dave@example.org",
     U,
     "unsubscribes",
     "2025-12-12"},
    {"ses_sqs.json", NULL, "ses events", {[C] = 1, [H] = 1}, 2, "carol@example.com", C, "complaints", "2025-12-12"},
    {"ses_lambda.json", NULL, "ses events", {[C] = 1, [H] = 1}, 2, "alice@example.com", H, "bounces", "2025-12-11"},
    {"ses_lambda_sqs.json",
     NULL,
     "ses events",
     {[C] = 1, [H] = 1},
     2,
     "carol@example.com",
     C,
     "complaints",
     "2025-12-12"},
    {"postmark.json",
     NULL,
     "postmark events",
     {[C] = 1, [U] = 1, [H] = 1},
     5,
     "alice@example.com",
     H,
     "bounces",
     "2025-12-17"},
    {"brevo.json",
     NULL,
     "brevo events",
     {[C] = 1, [U] = 1, [H] = 1},
     4,
     "dave@example.org",
     U,
     "unsubscribes",
     "2025-12-06"},
    {"mailjet.json",
     NULL,
     "mailjet events",
     {[C] = 1, [U] = 1, [H] = 1, [B] = 1},
     5,
     "bob@example.net",
     B,
     "blocks",
     "2025-12-06"},
    {"mailjet.json",
     "mailjet",
     "mailjet events",
     {[C] = 1, [U] = 1, [H] = 1, [B] = 1},
     5,
     "alice@example.com",
     H,
     "bounces",
     "2025-12-06"},
    {"resend.json", NULL, "resend events", {[C] = 1, [H] = 1}, 3, "carol@example.com", C, "complaints", "2025-12-07"},
    {"sisimai.json",
     NULL,
     "sisimai json",
     {[C] = 1, [H] = 1, [B] = 1, [S] = 1},
     5,
     "dave@example.org",
     B,
     "blocks",
     "2025-12-06"},
    {"sisimai.json",
     "sisimai",
     "sisimai json",
     {[C] = 1, [H] = 1, [B] = 1, [S] = 1},
     5,
     "alice@example.com",
     H,
     "bounces",
     "2025-12-06"},
    {"blastengine.json",
     NULL,
     "blastengine log",
     {[H] = 2, [S] = 1},
     4,
     "dave@example.org",
     H,
     "bounces",
     "2025-12-11"},
};

static void test_files(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        char path[512], date[PS_DAY_TEXT_SIZE];
        snprintf(path, sizeof path, FIXTURE("%s"), files[i].file);
        ps_source_config config = import_config(path);
        config.format = files[i].declared;
        print_message("  %s\n", files[i].file);
        assert_ok(import_run(test, &config), &test->err);
        assert_string_equal(test->out.format, files[i].format);
        assert_int_equal(test->out.events, files[i].events);
        for (int class = 0; class < PS_CLASS_COUNT; class ++)
            assert_int_equal(test->out.entries[class], files[i].entries[class]);
        assert_int_equal(test->out.unreadable + test->out.undated + test->out.events_unknown, 0);
        const ps_suppressed *found = import_find(test, files[i].key);
        assert_non_null(found);
        assert_int_equal((int)found->strongest, files[i].class);
        assert_string_equal(found->list, files[i].list);
        ps_day_text(found->date, date);
        assert_string_equal(date, files[i].date);
        assert_null(import_find(test, "frank@example.net"));
    }
}

// ---- what one event says

#define SENDGRID(more) "{\"email\":\"a@example.com\",\"timestamp\":1764950400,\"sg_event_id\":\"x\"," more "}"
#define MAILGUN(more) "{\"recipient\":\"a@example.com\",\"timestamp\":1764950400,\"id\":\"x\"," more "}"
#define FAILED(severity, reason, more)                                                                                 \
    MAILGUN("\"event\":\"failed\",\"severity\":\"" severity "\",\"reason\":\"" reason "\"," more)
#define SES(kind, more) "{\"eventType\":\"" kind "\",\"mail\":{\"destination\":[\"a@example.com\"]}," more "}"
#define BOUNCE(type, sub, more)                                                                                        \
    SES("Bounce", "\"bounce\":{\"bounceType\":\"" type "\",\"bounceSubType\":\"" sub                                   \
                  "\",\"bouncedRecipients\":[{\"emailAddress\":\"a@example.com\"" more                                 \
                  "}],\"timestamp\":\"2025-12-11T01:49:40Z\",\"feedbackId\":\"f\"}")
#define SPAM(type)                                                                                                     \
    SES("Complaint", "\"complaint\":{\"complainedRecipients\":[{\"emailAddress\":\"a@example.com\"}],"                 \
                     "\"complaintFeedbackType\":" type ",\"timestamp\":\"2025-12-11T01:49:40Z\"}")
#define POSTMARK(more) "{\"MessageID\":\"m\",\"Email\":\"a@example.com\",\"Recipient\":\"a@example.com\"," more "}"
#define RETURNED(type) POSTMARK("\"RecordType\":\"Bounce\",\"Type\":\"" type "\"")
#define BREVO(event)                                                                                                   \
    "{\"event\":\"" event "\",\"email\":\"a@example.com\",\"message-id\":\"m\",\"ts_epoch\":1764950400000}"
#define MAILJET(more) "{\"email\":\"a@example.com\",\"time\":1764950400," more "}"
#define ERROR(hard, error) MAILJET("\"event\":\"bounce\",\"hard_bounce\":" hard ",\"error\":\"" error "\"")
#define RESEND(type, more)                                                                                             \
    "{\"type\":\"" type "\",\"created_at\":\"2025-12-05T16:00:00Z\",\"data\":{\"to\":[\"a@example.com\"]" more "}}"
#define SISIMAI(reason, status, code)                                                                                  \
    "{\"recipient\":\"a@example.com\",\"timestamp\":1764950400,\"token\":\"t\",\"reason\":\"" reason                   \
    "\",\"deliverystatus\":\"" status "\",\"replycode\":\"" code "\"}"
#define FEEDBACK(type)                                                                                                 \
    "{\"recipient\":\"a@example.com\",\"timestamp\":1764950400,\"reason\":\"feedback\",\"deliverystatus\":\"\","       \
    "\"feedbacktype\":\"" type "\"}"
#define LOG(status, code, text)                                                                                        \
    "[{\"maillog_id\":1,\"email\":\"a@example.com\",\"status\":\"" status "\",\"last_response_code\":\"" code          \
    "\",\"last_response_message\":\"" text "\"}]"

static const struct {
    const char *name, *event;
    int class; // of a@example.com
    const char *list;
} kinds[] = {
    {"SendGrid: invalid address",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":"
              "\"Invalid Address\""),
     H, "bounces"},
    {"SendGrid: mailbox unavailable",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":"
              "\"Mailbox Unavailable\""),
     H, "bounces"},
    {"SendGrid: technical failure",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":"
              "\"Technical Failure\""),
     S, "soft_bounces"},
    {"SendGrid: technical, short", SENDGRID("\"event\":\"bounce\",\"bounce_classification\":\"technical\""), S,
     "soft_bounces"},
    {"SendGrid: too much",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":"
              "\"Frequency or Volume Too High\""),
     S, "soft_bounces"},
    {"SendGrid: reputation",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":"
              "\"Reputation\""),
     B, "blocks"},
    {"SendGrid: content", SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":\"content\""), B,
     "blocks"},
    {"SendGrid: unclassified, by its answer",
     SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\",\"bounce_classification\":\"Unclassified\",\"reason\":"
              "\"552 mailbox full\",\"status\":\"5.2.2\""),
     S, "soft_bounces"},
    {"SendGrid: nothing but a bounce", SENDGRID("\"event\":\"bounce\",\"type\":\"bounce\""), H, "bounces"},
    {"SendGrid: blocked",
     SENDGRID("\"event\":\"bounce\",\"type\":\"blocked\",\"bounce_classification\":"
              "\"Invalid Address\""),
     B, "blocks"},
    {"SendGrid: blocked, older", SENDGRID("\"event\":\"blocked\""), B, "blocks"},
    {"SendGrid: dropped for a bounce", SENDGRID("\"event\":\"dropped\",\"reason\":\"Bounced Address\""), H, "bounces"},
    {"SendGrid: dropped, unsubscribed", SENDGRID("\"event\":\"dropped\",\"reason\":\"Unsubscribed Address\""), U,
     "unsubscribes"},
    {"SendGrid: dropped, complained", SENDGRID("\"event\":\"dropped\",\"reason\":\"Spam Reporting Address\""), C,
     "complaints"},
    {"SendGrid: dropped, invalid", SENDGRID("\"event\":\"dropped\",\"reason\":\"Invalid\""), I, "invalid"},
    {"SendGrid: dropped, content", SENDGRID("\"event\":\"dropped\",\"reason\":\"Spam Content\""), S,
     "unclear_failures"},
    {"SendGrid: deferred", SENDGRID("\"event\":\"deferred\",\"response\":\"451\""), S, "soft_bounces"},
    {"SendGrid: complaint", SENDGRID("\"event\":\"spamreport\""), C, "complaints"},
    {"SendGrid: group", SENDGRID("\"event\":\"group_unsubscribe\",\"asm_group_id\":5"), U, "unsubscribes"},
    {"SendGrid: group without a number", SENDGRID("\"event\":\"group_unsubscribe\""), U, "unsubscribes"},
    {"SendGrid: processed", SENDGRID("\"event\":\"processed\""), NOBODY, NULL},
    {"SendGrid: opened", SENDGRID("\"event\":\"open\""), NOBODY, NULL},
    {"a new name of an old thing", SENDGRID("\"event\":\"spam_complaint\""), C, "complaints"},
    {"Mailgun: by code and text",
     FAILED("permanent", "bounce", "\"delivery-status\":{\"code\":550,\"message\":\"no such user\"}"), H, "bounces"},
    {"Mailgun: a code as text",
     FAILED("permanent", "generic",
            "\"delivery-status\":{\"code\":\"552\",\"message\":\"\",\"description\":\"mailbox full\"}"),
     S, "soft_bounces"},
    {"Mailgun: bounce-code", FAILED("permanent", "bounce", "\"delivery-status\":{\"bounce-code\":\"5.1.1\"}"), H,
     "bounces"},
    {"Mailgun: a silent failure", FAILED("permanent", "bounce", "\"delivery-status\":null"), S, "unclear_failures"},
    {"Mailgun: its own code", FAILED("permanent", "bounce", "\"delivery-status\":{\"code\":605}"), H, "bounces"},
    {"Mailgun: on its bounces", FAILED("permanent", "suppress-bounce", "\"x\":1"), H, "bounces"},
    {"Mailgun: on its complaints", FAILED("permanent", "suppress-complaint", "\"x\":1"), C, "complaints"},
    {"Mailgun: on its unsubscribes", FAILED("permanent", "suppress-unsubscribe", "\"x\":1"), U, "unsubscribes"},
    {"Mailgun: block", FAILED("permanent", "espblock", "\"x\":1"), B, "blocks"},
    {"Mailgun: listed", FAILED("permanent", "blacklisted", "\"x\":1"), B, "blocks"},
    {"Mailgun: too old", FAILED("permanent", "old", "\"x\":1"), S, "soft_bounces"},
    {"Mailgun: for now",
     FAILED("temporary", "bounce", "\"delivery-status\":{\"code\":550,\"message\":\"no such user\"}"), S,
     "soft_bounces"},
    {"Mailgun: rejected", MAILGUN("\"event\":\"rejected\""), S, "unclear_failures"},
    {"Mailgun: unsubscribed", MAILGUN("\"event\":\"unsubscribed\""), U, "unsubscribes"},
    {"Mailgun: accepted", MAILGUN("\"event\":\"accepted\""), NOBODY, NULL},
    {"SES: no such mailbox", BOUNCE("Permanent", "NoEmail", ""), H, "bounces"},
    {"SES: suppressed", BOUNCE("Permanent", "OnAccountSuppressionList", ""), H, "bounces"},
    {"SES: a subtype of later", BOUNCE("Permanent", "Quux", ""), H, "bounces"},
    {"SES: permanent, but this one delayed", BOUNCE("Permanent", "General", ",\"status\":\"4.4.7\""), S,
     "soft_bounces"},
    {"SES: transient", BOUNCE("Transient", "General", ""), S, "soft_bounces"},
    {"SES: full", BOUNCE("Transient", "MailboxFull", ""), S, "soft_bounces"},
    {"SES: too large", BOUNCE("Transient", "MessageTooLarge", ""), B, "blocks"},
    {"SES: content", BOUNCE("Transient", "ContentRejected", ""), B, "blocks"},
    {"SES: attachment", BOUNCE("Transient", "AttachmentRejected", ""), B, "blocks"},
    {"SES: undetermined", BOUNCE("Undetermined", "Undetermined", ""), S, "unclear_failures"},
    {"SES: undetermined, with an answer",
     BOUNCE("Undetermined", "Undetermined", ",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\""), H, "bounces"},
    {"SES: complaint without a type", SPAM("null"), C, "complaints"},
    {"SES: fraud", SPAM("\"fraud\""), C, "complaints"},
    {"SES: not spam", SPAM("\"not-spam\""), NOBODY, NULL},
    {"SES: a virus", SPAM("\"virus\""), S, "unclear_failures"},
    {"SES: authentication", SPAM("\"auth-failure\""), S, "unclear_failures"},
    {"SES: delay",
     SES("DeliveryDelay", "\"deliveryDelay\":{\"delayedRecipients\":[{\"emailAddress\":"
                          "\"a@example.com\"}],\"timestamp\":\"2025-12-11T01:49:40Z\"}"),
     S, "soft_bounces"},
    {"SES: all topics", SES("Subscription", "\"subscription\":{\"newTopicPreferences\":{\"unsubscribeAll\":true}}"), U,
     "unsubscribes"},
    {"SES: no topic",
     SES("Subscription", "\"subscription\":{\"newTopicPreferences\":{\"unsubscribeAll\":false,"
                         "\"topicSubscriptionStatus\":[{\"topicName\":\"x\",\"subscriptionStatus\":"
                         "\"OptIn\"}]}}"),
     NOBODY, NULL},
    {"SES: rejected", SES("Reject", "\"reject\":{\"reason\":\"Bad content\"}"), NOBODY, NULL},
    {"SES: no template", SES("Rendering Failure", "\"failure\":{}"), NOBODY, NULL},
    {"EventBridge",
     "{\"detail-type\":\"Email Bounced\",\"source\":\"aws.ses\",\"detail\":" BOUNCE("Permanent", "General", "") "}", H,
     "bounces"},
    {"Postmark: hard", RETURNED("HardBounce"), H, "bounces"},
    {"Postmark: no address", RETURNED("BadEmailAddress"), H, "bounces"},
    {"Postmark: deactivated", RETURNED("ManuallyDeactivated"), M, "manual"},
    {"Postmark: soft", RETURNED("SoftBounce"), S, "soft_bounces"},
    {"Postmark: DNS", RETURNED("DnsError"), S, "soft_bounces"},
    {"Postmark: DMARC", RETURNED("DMARCPolicy"), B, "blocks"},
    {"Postmark: spam", RETURNED("SpamNotification"), B, "blocks"},
    {"Postmark: unsubscribed", RETURNED("Unsubscribe"), U, "unsubscribes"},
    {"Postmark: out of office", RETURNED("AutoResponder"), NOBODY, NULL},
    {"Postmark: unknown", RETURNED("Unknown"), S, "unclear_failures"},
    {"Postmark: by the customer",
     POSTMARK("\"RecordType\":\"SubscriptionChange\",\"SuppressSending\":true,"
              "\"SuppressionReason\":\"ManualSuppression\",\"Origin\":\"Customer\""),
     M, "manual"},
    {"Postmark: suppressed after a bounce",
     POSTMARK("\"RecordType\":\"SubscriptionChange\",\"SuppressSending\":true,"
              "\"SuppressionReason\":\"HardBounce\",\"Origin\":\"Recipient\""),
     H, "bounces"},
    {"Postmark: suppressed, nobody says why",
     POSTMARK("\"RecordType\":\"SubscriptionChange\",\"SuppressSending\":true,\"SuppressionReason\":null"), M,
     "manual"},
    {"Brevo: soft", BREVO("soft_bounce"), S, "soft_bounces"},
    {"Brevo: on its blocklist", BREVO("blocked"), H, "bounces"},
    {"Brevo: invalid", BREVO("invalid_email"), I, "invalid"},
    {"Brevo: complaint", BREVO("complaint"), C, "complaints"},
    {"Brevo: deferred", BREVO("deferred"), S, "soft_bounces"},
    {"Brevo: error", BREVO("error"), S, "unclear_failures"},
    {"Brevo: a machine opened it", BREVO("proxy_open"), NOBODY, NULL},
    {"Mailjet: user unknown", ERROR("true", "user unknown"), H, "bounces"},
    {"Mailjet: hard without a word", ERROR("true", ""), H, "bounces"},
    {"Mailjet: a word of now", ERROR("true", "quota exceeded"), S, "soft_bounces"},
    {"Mailjet: not hard", ERROR("false", "user unknown"), S, "soft_bounces"},
    {"Mailjet: listed", ERROR("false", "blacklisted"), M, "manual"},
    {"Mailjet: not even tried", ERROR("false", "preblocked"), H, "bounces"},
    {"Mailjet: complained", ERROR("false", "spam reporter"), C, "complaints"},
    {"Mailjet: relaying", ERROR("true", "relay/access denied"), B, "blocks"},
    {"Mailjet: a duplicate", ERROR("false", "duplicate in campaign"), NOBODY, NULL},
    {"Mailjet: blocked, nobody says why", MAILJET("\"event\":\"blocked\""), S, "unclear_failures"},
    {"Resend: transient", RESEND("email.bounced", ",\"bounce\":{\"type\":\"Transient\"}"), S, "soft_bounces"},
    {"Resend: nothing but a bounce", RESEND("email.bounced", ""), H, "bounces"},
    {"Resend: delayed", RESEND("email.delivery_delayed", ""), S, "soft_bounces"},
    {"Resend: failed", RESEND("email.failed", ""), NOBODY, NULL},
    {"Sisimai: no host", SISIMAI("hostunknown", "5.1.2", "550"), H, "bounces"},
    {"Sisimai: moved", SISIMAI("hasmoved", "5.1.6", "550"), H, "bounces"},
    {"Sisimai: no mail here", SISIMAI("notaccept", "5.3.2", "556"), H, "bounces"},
    {"Sisimai: no mail now", SISIMAI("notaccept", "4.3.2", "421"), S, "soft_bounces"},
    {"Sisimai: no mail, by the code", SISIMAI("notaccept", "", "521"), H, "bounces"},
    {"Sisimai: full", SISIMAI("mailboxfull", "5.2.2", "552"), S, "soft_bounces"},
    {"Sisimai: suspended", SISIMAI("suspend", "5.2.1", "550"), S, "soft_bounces"},
    {"Sisimai: policy", SISIMAI("policyviolation", "5.7.1", "550"), B, "blocks"},
    {"Sisimai: filtered", SISIMAI("filtered", "5.0.0", "550"), B, "blocks"},
    {"Sisimai: suppressed", SISIMAI("suppressed", "5.1.1", ""), H, "bounces"},
    {"Sisimai: on hold", SISIMAI("onhold", "5.0.0", ""), S, "unclear_failures"},
    {"Sisimai: of a newer release", SISIMAI("emailtoolarge", "5.3.4", "552"), S, "unclear_failures"},
    {"Sisimai: vacation", SISIMAI("vacation", "", ""), NOBODY, NULL},
    {"Sisimai: fraud", FEEDBACK("fraud"), C, "complaints"},
    {"Sisimai: opt-out", FEEDBACK("opt-out"), U, "unsubscribes"},
    {"Sisimai: not spam", FEEDBACK("not-spam"), NOBODY, NULL},
    {"Sisimai: virus", FEEDBACK("virus"), S, "unclear_failures"},
    {"blastengine: hard", LOG("HARDERROR", "550", "user unknown"), H, "bounces"},
    {"blastengine: hard, says nothing", LOG("HARDERROR", "550", ""), H, "bounces"},
    {"blastengine: hard, but full", LOG("HARDERROR", "552", "mailbox full"), S, "soft_bounces"},
    {"blastengine: again", LOG("RETRY", "451", ""), S, "soft_bounces"},
    {"blastengine: dropped", LOG("DROP", "", ""), H, "bounces"},
    {"blastengine: sent", LOG("SENT", "250", ""), NOBODY, NULL},
};

static void test_kinds(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(kinds); i++) {
        ps_source_config config = import_config(import_write(test, ps_span_of(kinds[i].event), ".json"));
        print_message("  %s\n", kinds[i].name);
        assert_ok(import_run(test, &config), &test->err);
        const ps_suppressed *found = import_find(test, "a@example.com");
        assert_int_equal(test->out.events, 1);
        assert_int_equal(found == NULL ? NOBODY : (int)found->strongest, kinds[i].class);
        if (found != NULL) assert_string_equal(found->list, kinds[i].list);
        assert_int_equal(import_total(test), found != NULL);
    }
}

// ---- what is told, and what is refused

static void test_unknown(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(
        test,
        ps_span_of(SENDGRID("\"event\":\"delivered\"") "\n" SENDGRID("\"event\":\"teleported\"") "\n" SENDGRID(
            "\"event\":\"dropped\",\"reason\":\"Tuesday\"") "\n" SENDGRID("\"event\":\"unsubscribe\"")),
        ".json"));

    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.events, 4);
    assert_int_equal(test->out.events_unknown, 2);
    assert_int_equal(test->out.first_unknown, 2);
    assert_int_equal(test->out.entries[PS_CLASS_UNSUBSCRIBE], 1);
    assert_int_equal(import_total(test), 1);
}

// However many were delivered, a complaint without a name is one in those that tell of trouble.
static void test_nobody_among_deliveries(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 4 << 20);
    for (int i = 0; i < 5000; i++)
        ps_buf_add_text(&text, SES("Delivery", "\"delivery\":{\"recipients\":[\"a@example.com\"]}") "\n");
    for (int i = 0; i < 2; i++)
        ps_buf_add_text(&text, BOUNCE("Permanent", "General", "") "\n");
    ps_buf_add_text(&text, SES("Complaint", "\"complaint\":{\"complainedRecipients\":[],\"feedbackId\":\"g\"}") "\n");
    ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ".json"));
    ps_buf_done(&text);
    assert_int_equal(import_run(test, &config), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "1 of its 3 entries are no address"));
    config.accept_kinds = true;
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.unreadable, 1);
}

static void test_undated(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(
        test, ps_span_of("{\"email\":\"a@example.com\",\"timestamp\":\"yesterday\",\"event\":\"spamreport\"}"), ""));

    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.undated, 1);
    assert_int_equal(test->out.entries[PS_CLASS_COMPLAINT], 1);
}

// The member that the job names makes a list of it: everybody in the file is suppressed.
static void test_as_a_list(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(SENDGRID("\"event\":\"delivered\"")), ""));

    config.column = "email";
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(import_total(test), 1);
    assert_int_equal(test->out.events, 0);
}

#define NOTICE(message) "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"t\",\"Message\":" message "}"

static const struct {
    const char *name, *content, *says, *format;
} refusals[] = {
    {"another form than declared", SENDGRID("\"event\":\"spamreport\""), "not of the form", "mailgun"},
    {"a list declared as events", "[{\"email\":\"a@example.com\"}]", "none of the forms", "sisimai"},
    {"two ESPs", SENDGRID("\"event\":\"open\"") MAILGUN("\"event\":\"opened\""), "events of two ESPs", NULL},
    {"an event that could be of two",
     "{\"email\":\"a@example.com\",\"recipient\":\"a@example.com\",\"id\":\"x\","
     "\"timestamp\":1,\"event\":\"open\"}",
     "could be of two ESPs", NULL},
    {"a list behind events", "[" SENDGRID("\"event\":\"open\"") ",{\"email\":\"b@example.com\"}]",
     "something that is none", NULL},
    {"an address behind events", "[" SENDGRID("\"event\":\"open\"") ",\"b@example.com\"]", "something that is none",
     NULL},
    {"events behind a list", "[{\"email\":\"b@example.com\",\"created\":1}," SENDGRID("\"event\":\"open\"") "]",
     "tells of events", NULL},
    {"events of another ESP in a page", "{\"items\":[" SENDGRID("\"event\":\"open\"") "],\"paging\":{}}",
     "events of one ESP in a list of another", NULL},
    {"nothing that is known", SENDGRID("\"event\":\"teleported\""), "of a kind that presend knows", NULL},
    {"a page of events alone",
     "{\"items\":[" MAILGUN("\"event\":\"opened\"") "],\"paging\":{\"next\":\"https://x/y\"}}",
     "may have more behind it", NULL},
    {"a log's page alone", "{\"data\":" LOG("SENT", "250", "") "}", "may have more behind it", NULL},
    {"cut in an array", "[" SENDGRID("\"event\":\"open\"") ",", "is cut", NULL},
    {"cut in a line", SENDGRID("\"event\":\"open\"") "\n{\"email\":\"b@ex", "is cut", NULL},
    {"a message that is cut", NOTICE("\"{\\\"notificationType\\\":\\\"Boun\""), "no JSON", NULL},
    {"a message that is words", NOTICE("\"ALARM: CPU\""), "no JSON", NULL},
    {"a message of others", NOTICE("\"{\\\"alarm\\\":1}\""), "something that is none", NULL},
    {"a message that is a number", NOTICE("\"[1]\""), "something that is none", NULL},
    {"five envelopes",
     "{\"detail-type\":\"\",\"detail\":{\"detail-type\":\"\",\"detail\":{\"detail-type\":\"\",\"detail\":{"
     "\"detail-type\":\"\",\"detail\":{\"detail-type\":\"\",\"detail\":" SENDGRID("\"event\":\"open\"") "}}}}}",
     "more than four envelopes", NULL},
    {"a complaint about nobody", SES("Complaint", "\"complaint\":{\"complainedRecipients\":[]}"), "are no address",
     NULL},
    {"a bounce of nobody",
     "{\"email\":null,\"x\":1,\"recipient\":\"\",\"id\":\"x\",\"timestamp\":1,\"event\":\"complained\"}",
     "are no address", NULL},
    {"an address that is no text", "{\"email\":[1],\"timestamp\":1,\"event\":\"spamreport\"}", "are no address", NULL},
    {"a NUL in an address", "{\"email\":\"a\\u0000@example.com\",\"timestamp\":1,\"event\":\"spamreport\"}",
     "are no address", NULL},
};

static void test_refusals(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(refusals); i++) {
        print_message("  %s\n", refusals[i].name);
        ps_source_config config = import_config(import_write(test, ps_span_of(refusals[i].content), ""));
        config.format = refusals[i].format;
        assert_int_equal(import_run(test, &config), PS_SOURCE);
        if (strstr(test->err.text, refusals[i].says) == NULL) print_error("%s\n", test->err.text);
        assert_non_null(strstr(test->err.text, refusals[i].says));
    }
}

// Cut anywhere, an array of events is refused; nobody's complaint is lost without a word.
static void test_cut(void **state)
{
    import_test *test = *state;
    static const char whole[] = "[" SENDGRID("\"event\":\"spamreport\"") "," SENDGRID("\"event\":\"open\"") "]";

    for (size_t len = 1; len < sizeof whole - 1; len++) {
        ps_source_config config = import_config(import_write(test, (ps_span){whole, len}, ""));
        assert_int_equal(import_run(test, &config), PS_SOURCE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),    cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_unknown),  cmocka_unit_test(test_nobody_among_deliveries),
        cmocka_unit_test(test_undated),  cmocka_unit_test(test_as_a_list),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_cut),
    };

    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
