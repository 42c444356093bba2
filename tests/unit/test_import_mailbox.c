// Mailboxes: bounces, complaints and what readers answered.
// layer: esp
#include "base/buf.h"
#include "unit/import_file.h"

enum { C = PS_CLASS_COMPLAINT, U = PS_CLASS_UNSUBSCRIBE, H = PS_CLASS_HARD };
enum { B = PS_CLASS_BLOCK, S = PS_CLASS_SOFT, NOBODY = PS_CLASS_COUNT };

#define FROM_LINE "From MAILER-DAEMON Thu Dec 11 10:49:40 2025\n"
#define DAEMON "From: MAILER-DAEMON@mx.example.net\nDate: Thu, 11 Dec 2025 10:49:40 +0900 (JST)\n"
#define REPORT(type) "Content-Type: multipart/report; report-type=" type ";\n\tboundary=\"b1\"\n"
#define PART(type) "--b1\nContent-Type: " type "\n\n"

#define BOUNCE                                                                                                         \
    DAEMON "Subject: Undelivered Mail Returned to Sender\n" REPORT("delivery-status") "Auto-Submitted: auto-replied\n" \
                                                                                      "\n"
#define TOLD(status) BOUNCE PART("message/delivery-status") "Reporting-MTA: dns; out.example.net\n\n" status "\n"
#define ABOUT(to) PART("text/rfc822-headers") "Message-ID: <m1@mail.example.com>\nTo: " to "\n"
#define END "--b1--\n"
#define FAILED(to, status, answer)                                                                                     \
    "Final-Recipient: rfc822; " to "\nAction: failed\nStatus: " status "\nDiagnostic-Code: smtp; " answer "\n"

// RFC 3464 as Postfix writes it, with all of its parts.
static const char whole[] = BOUNCE
    PART("text/plain") "<alice@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 user unknown\n\n" PART(
        "message/delivery-status") "Reporting-MTA: dns; out.example.net\nArrival-Date: Thu, 11 Dec 2025 10:49:38 +0900 "
                                   "(JST)\n\n"
                                   "Final-Recipient: rfc822; alice@example.com\nOriginal-Recipient: "
                                   "rfc822;alice+3Dx@example.com\nAction: failed\n"
                                   "Status: 5.1.1\nRemote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550 5.1.1 "
                                   "user unknown\n\n"
                                   "Final-Recipient: rfc822; bob@example.net\nAction: delayed\nStatus: 4.2.2\n"
                                   "Will-Retry-Until: Tue, 16 Dec 2025 10:49:38 +0900\n\n" ABOUT("alice@example.com")
                                       END;

#define ARF(fields, about)                                                                                             \
    "From: fbl@example.org\nDate: Thu, 11 Dec 2025 03:00:00 +0000\n" REPORT("feedback-report") "\n" PART(              \
        "text/plain") "This is a complaint.\n" PART("message/feedback-report") fields                                  \
        "User-Agent: ExampleFBL/1.0\nVersion: 1\n\n" PART("message/rfc822") about "\n\nunsubscribe here\n" END
#define ABUSE "Feedback-Type: abuse\n"
#define READER(headers, body)                                                                                          \
    "From: Carol <carol@example.com>\nDate: Thu, 11 Dec 2025 03:00:00 +0000\n" headers "\n" body

static const struct {
    const char *name, *mail, *who;
    int class;
    const char *list;
} mails[] = {
    {"the original recipient is the one", whole, "alice=x@example.com", H, "bounces"},
    {"and not whom it was forwarded to", whole, "alice@example.com", NOBODY, NULL},
    {"delayed", whole, "bob@example.net", S, "soft_bounces"},
    {"no original recipient", TOLD(FAILED("<a@example.com>", "5.1.1 (no such mailbox)", "550 no")) END, "a@example.com",
     H, "bounces"},
    {"words beat the status", TOLD(FAILED("a@example.com", "5.1.1", "550 mailbox full")) END, "a@example.com", S,
     "soft_bounces"},
    {"a block", TOLD(FAILED("a@example.com", "5.7.1", "550 5.7.1 refused")) END, "a@example.com", B, "blocks"},
    {"nobody knows why", TOLD(FAILED("a@example.com", "5.0.0", "550 no")) END, "a@example.com", S, "unclear_failures"},
    {"gave up", TOLD(FAILED("a@example.com", "4.4.7", "expired")) END, "a@example.com", S, "soft_bounces"},
    {"a field in two lines",
     TOLD("Final-Recipient: rfc822;\n a@example.com\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550\n\tuser "
          "unknown\n") END,
     "a@example.com", H, "bounces"},
    {"no blank line between two",
     TOLD(FAILED("b@example.com", "5.1.1", "550 no") FAILED("a@example.com", "5.2.2", "552 full")) END, "a@example.com",
     S, "soft_bounces"},
    {"the first of these two",
     TOLD(FAILED("b@example.com", "5.1.1", "550 no") FAILED("a@example.com", "5.2.2", "552")) END, "b@example.com", H,
     "bounces"},
    {"delivered", TOLD("Final-Recipient: rfc822; a@example.com\nAction: delivered\nStatus: 2.0.0\n") END,
     "a@example.com", NOBODY, NULL},
    {"relayed", TOLD("Final-Recipient: rfc822; a@example.com\nAction: relayed\nStatus: 2.0.0\n") END, "a@example.com",
     NOBODY, NULL},
    {"no action", TOLD("Final-Recipient: rfc822; a@example.com\nStatus: 5.1.1\n") END, "a@example.com", H, "bounces"},
    {"forwarded: the recipient of the mail too",
     TOLD(FAILED("stranger@example.net", "5.1.1", "550 no")) ABOUT("\"a@example.com\" <a@example.com>") END,
     "a@example.com", H, "bounces"},
    {"forwarded: but not one of several",
     TOLD(FAILED("x@example.net", "5.1.1", "550 no")) ABOUT("a@example.com, b@example.com") END, "a@example.com",
     NOBODY, NULL},
    {"forwarded: nor where two bounced",
     TOLD(FAILED("x@example.net", "5.1.1", "550") "\n" FAILED("y@example.net", "5.1.1", "550")) ABOUT("a@example.com")
         END,
     "a@example.com", NOBODY, NULL},
    {"forwarded: the envelope's recipient",
     TOLD(FAILED("x@example.net", "5.1.1", "550 no"))
         PART("message/rfc822") "X-Original-To: a@example.com\nTo: l@example.org\n\n" END,
     "a@example.com", H, "bounces"},
    {"a + of one's own", TOLD(FAILED("a+b2@example.com", "5.1.1", "550 no")) END, "a+b2@example.com", H, "bounces"},
    {"UTF-8 and its escapes",
     BOUNCE PART("message/global-delivery-status") "Final-Recipient: utf-8; a@\\x{4F8B}\\x{3048}.example\nAction: "
                                                   "failed\nStatus: 5.1.1\n\n" END,
     "a@xn--r8jz45g.example", H, "bounces"},
    {"a boundary without quotes",
     "From: MAILER-DAEMON@example.net\nContent-Type: multipart/report; boundary=b1; "
     "report-type=delivery-status\n\n" PART("message/delivery-status") FAILED("a@example.com", "5.1.1", "550 no") END,
     "a@example.com", H, "bounces"},
    {"blanks before a colon",
     TOLD("Final-Recipient     : rfc822; alice@example.com\nAction\t: failed\nStatus : 5.1.1\n") END,
     "alice@example.com", H, "bounces"},
    {"a line of one blank between two",
     TOLD("Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 4.2.2\n \n" FAILED("a@example.com", "5.1.1",
                                                                                              "550 no")) END,
     "b@example.com", S, "soft_bounces"},
    {"within another multipart",
     "From: MAILER-DAEMON@example.net\nContent-Type: multipart/mixed; boundary=b0\n\n--b0\n" REPORT(
         "delivery-status") "\n" PART("message/delivery-status") FAILED("a@example.com", "5.1.1", "550 no") END
     "--b0--\n",
     "a@example.com", H, "bounces"},
    {"the mail that came back has parts of its own",
     TOLD(FAILED("a@example.com", "5.1.1", "550 no")) PART(
         "message/rfc822") "Content-Type: multipart/alternative; boundary=b2\n\n--b2\nContent-Type: "
                           "message/delivery-status\n\n"
                           "Final-Recipient: rfc822; evil@example.com\nAction: failed\nStatus: 5.1.1\n\n--b2--\n" END,
     "evil@example.com", NOBODY, NULL},
    {"Postfix without a report",
     DAEMON "\nI'm sorry.\n\n<a@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1\n    user "
            "unknown (in reply to RCPT TO command)\n\n",
     "a@example.com", H, "bounces"},
    {"qmail",
     "Return-Path: <>\nFrom: root@mx.example.net\n\nHi. This is the qmail-send program.\n\n<a@example.com>:\n192.0.2.1 "
     "does not "
     "like recipient.\nRemote host said: 550 5.2.2 mailbox full\n\n--- Below this line is a copy of the "
     "message.\n\n<b@example.com>: user unknown\n",
     "a@example.com", S, "soft_bounces"},
    {"qmail: the mail below is none",
     "Return-Path: <>\nFrom: root@mx.example.net\n\n<a@example.com>:\n550 no such user\n\n--- Below "
     "this line is a copy of the message.\n\n<b@example.com>: user unknown\n",
     "b@example.com", NOBODY, NULL},
    {"Exim",
     "Return-path: <>\nX-Failed-Recipients: a@example.com, b@example.com\nAuto-Submitted: auto-replied\nFrom: Mail "
     "Delivery System "
     "<Mailer-Daemon@mx.example.net>\n\nThis message was created automatically.\n\n  a@example.com\n    SMTP error "
     "after RCPT "
     "TO:<a@example.com>:\n    550 5.1.1 no such user\n\n  b@example.com\n    mailbox full\n",
     "a@example.com", H, "bounces"},
    {"Exim: no word about it",
     "Return-path: <>\nX-Failed-Recipients: a@example.com\nFrom: Mailer-Daemon@mx.example.net\n\nSorry, no such "
     "user.\n",
     "a@example.com", H, "bounces"},
    {"Exim: one that its text does not explain",
     "Return-path: <>\nX-Failed-Recipients: b@example.com,\n a@example.com, c@example.com\nFrom: "
     "Mailer-Daemon@mx.example.net\n\n  b@example.com\n    550 5.1.1 no such user\n",
     "c@example.com", H, "bounces"},
    {"Exim: a second list",
     "Return-path: <>\nX-Failed-Recipients: b@example.com\nX-Failed-Recipients: a@example.com\nFrom: "
     "Mailer-Daemon@mx.example.net\n\nSorry, no such user.\n",
     "a@example.com", H, "bounces"},
    {"au: the line is unpaid",
     DAEMON "\nThe user(s) account is disabled.\n\n<a@ezweb.ne.jp>: 550 user unknown (in reply to RCPT TO command)\n",
     "a@ezweb.ne.jp", S, "single_bounces"},
    {"au: a recipient in words",
     DAEMON "\nThe reasons given by the server are included.\n\n  Recipient: <a@ezweb.ne.jp>\n  Reason: temporarily "
            "over quota\n",
     "a@ezweb.ne.jp", S, "soft_bounces"},
    {"a complaint", ARF(ABUSE "Original-Rcpt-To: <carol@example.com>\n", "To: x@example.com"), "carol@example.com", C,
     "complaints"},
    {"a complaint of several",
     ARF(ABUSE "Original-Rcpt-To: <b@example.com>\nOriginal-Rcpt-To: <carol@example.com>\n", ""), "carol@example.com",
     C, "complaints"},
    {"a name that is another address", ARF(ABUSE, "To: \"ali@old.example\" <carol@example.com>"), "carol@example.com",
     C, "complaints"},
    {"a wish of two", "From: \"B, b@old.example\" <b@example.com>, carol@example.com\nSubject: unsubscribe\n\n",
     "carol@example.com", U, "unsubscribes"},
    {"a wish of two: the first",
     "From: \"B, b@old.example\" <b@example.com>, carol@example.com\nSubject: unsubscribe\n\n", "b@example.com", U,
     "unsubscribes"},
    {"a wish of two: not the name",
     "From: \"B, b@old.example\" <b@example.com>, carol@example.com\nSubject: unsubscribe\n\n", "b@old.example", NOBODY,
     NULL},
    {"a quote without an end", "From: \"B <b@example.com>, carol@example.com\nSubject: unsubscribe\n\n",
     "b@example.com", U, "unsubscribes"},
    {"one of two struck out: the mail tells",
     ARF(ABUSE "Original-Rcpt-To: redacted\nOriginal-Rcpt-To: b@example.com\n", "To: carol@example.com"),
     "carol@example.com", C, "complaints"},
    {"fraud", ARF("Feedback-Type: fraud\nOriginal-Rcpt-To: carol@example.com\n", ""), "carol@example.com", C,
     "complaints"},
    {"other", ARF("Feedback-Type: other\nOriginal-Rcpt-To: carol@example.com\n", ""), "carol@example.com", C,
     "complaints"},
    {"a virus", ARF("Feedback-Type: virus\nOriginal-Rcpt-To: carol@example.com\n", ""), "carol@example.com", S,
     "unclear_failures"},
    {"a failed proof of the sender", ARF("Feedback-Type: auth-failure\nOriginal-Rcpt-To: carol@example.com\n", ""),
     "carol@example.com", S, "unclear_failures"},
    {"no spam", ARF("Feedback-Type: not-spam\nOriginal-Rcpt-To: carol@example.com\n", ""), "carol@example.com", NOBODY,
     NULL},
    {"struck out: the return path tells",
     ARF(ABUSE
         "Original-Mail-From: <bounce+carol=example.com@mail.example.com>\nOriginal-Rcpt-To: redacted@example.com\n",
         "To: undisclosed"),
     "carol@example.com", C, "complaints"},
    {"struck out: the mail tells", ARF(ABUSE, "To: Carol <carol@example.com>"), "carol@example.com", C, "complaints"},
    {"Microsoft's",
     "From: staff@example.net\nContent-Type: multipart/mixed; boundary=b1\n\n" PART(
         "message/rfc822") "X-HmXmrOriginalRecipient: "
                           "carol@example.com\nSubject: spring\n\nhi\n" END,
     "carol@example.com", C, "complaints"},
    {"a wish in the subject", READER("Subject: Unsubscribe me\n", "please\n"), "carol@example.com", U, "unsubscribes"},
    {"a wish in the text", READER("Subject: Re: spring\n", "\n unsubscribe\n"), "carol@example.com", U, "unsubscribes"},
    {"base64 in the subject", READER("Subject: =?UTF-8?B?6YWN5L+h5YGc5q2i44GX44Gm44GP44Gg44GV44GE?=\n", "x\n"),
     "carol@example.com", U, "unsubscribes"},
    {"a character in two words", READER("Subject: =?utf-8?B?6YWN5A==?=\n =?utf-8?B?v6HlgZzmraI=?=\n", "x\n"),
     "carol@example.com", U, "unsubscribes"},
    {"Q, and a language", READER("Subject: =?UTF-8*ja?q?=E9=85=8D=E4=BF=A1=E5=81=9C=E6=AD=A2_please?=\n", "x\n"),
     "carol@example.com", U, "unsubscribes"},
    {"ISO-2022-JP in the subject", READER("Subject: Re: =?ISO-2022-JP?B?GyRCR1s/LkRkO18bKEI=?=\n", "x\n"),
     "carol@example.com", U, "unsubscribes"},
    {"Shift_JIS in the subject", READER("Subject: =?Shift_JIS?B?lHqQTZLijn4=?=\n", "x\n"), "carol@example.com", U,
     "unsubscribes"},
    {"ISO-2022-JP as it stands", READER("Subject: \033$BG[?.Dd;_\033(B\n", "x\n"), "carol@example.com", U,
     "unsubscribes"},
    {"a text in base64",
     READER("Content-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: base64\n",
            "DQrphY3kv6HlgZzmraLjgZfjgabjgY/jgaDjgZXjgYTjgIINCg==\n"),
     "carol@example.com", U, "unsubscribes"},
    {"base64 in lines of any length, without padding",
     READER("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n",
            "6YWN5\nL+h5Y\nGc5q2\niISE\n"),
     "carol@example.com", U, "unsubscribes"},
    {"a text in quoted-printable",
     READER("Content-Type: text/plain; charset=euc-jp\nContent-Transfer-Encoding: quoted-printable\n",
            "=C7=DB=\n=BF=AE=C4=E4=BB=DF\n"),
     "carol@example.com", U, "unsubscribes"},
    {"a text in ISO-2022-JP",
     READER("Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: 7bit\n",
            "\033$BG[?.Dd;_\033(B\n"),
     "carol@example.com", U, "unsubscribes"},
    {"a text of a charset that nobody named", READER("", "\033$BG[?.Dd;_\033(B\n"), "carol@example.com", U,
     "unsubscribes"},
    {"a text in a charset that is not known",
     READER("Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n", "dW5zdWJzY3JpYmU=\n"),
     "carol@example.com", U, "unsubscribes"},
    {"please remove me", READER("Subject: Re: spring\n", "\nPlease remove me.\n"), "carol@example.com", U,
     "unsubscribes"},
    {"please unsubscribe me", READER("Subject: please unsubscribe me\n", "x\n"), "carol@example.com", U,
     "unsubscribes"},
    {"please remove me, as a subject", READER("Subject: Please remove me from your list\n", "x\n"), "carol@example.com",
     U, "unsubscribes"},
    {"on vacation, in base64", READER("Subject: =?UTF-8?B?6Ieq5YuV6L+U5L+hOiDphY3kv6HlgZzmraI=?=\n", "unsubscribe\n"),
     "carol@example.com", NOBODY, NULL},
    {"a bounce in words in base64",
     DAEMON "Content-Transfer-Encoding: "
            "base64\n\nU29ycnkuDQoNCjxhQGV4YW1wbGUuY29tPjoNCjU1MCB1c2VyIHVua25vd24NCg0KPGJAZXhhbXBsZS5jb20+"
            "OiBtYWlsYm94IGZ1bGwNCg==\n",
     "a@example.com", H, "bounces"},
    {"a part in base64 beside one that is not",
     "From: Carol <carol@example.com>\nContent-Type: multipart/alternative; boundary=b1\n\n--b1\nContent-Type: "
     "text/plain; "
     "charset=utf-8\nContent-Transfer-Encoding: base64\n\n6YWN5L+h5YGc5q2i\n--b1\nContent-Type: "
     "text/plain\n\nx\n--b1--\n",
     "carol@example.com", U, "unsubscribes"},
    {"a program's wish", READER("Auto-Submitted: auto-generated\nSubject: unsubscribe\n", ""), "carol@example.com", U,
     "unsubscribes"},
    {"a program's wish in bulk", READER("Precedence: bulk\nSubject: unsubscribe\n", "x\n"), "carol@example.com", U,
     "unsubscribes"},
    {"a program's news are none", READER("Precedence: bulk\nSubject: how to unsubscribe\n", "x\n"), "carol@example.com",
     NOBODY, NULL},
    {"read",
     "From: carol@example.com\n" REPORT("disposition-notification") "\n" PART(
         "message/disposition-notification") "Final-Recipient: rfc822;carol@example.com\nDisposition: manual-action; "
                                             "displayed\n\n" END,
     "carol@example.com", NOBODY, NULL},
    {"on vacation", READER("Auto-Submitted: auto-replied\nSubject: unsubscribe\n", "back in May\n"),
     "carol@example.com", NOBODY, NULL},
    {"on vacation, with the empty path: a colleague did not bounce",
     "Return-Path: <>\n" READER("Auto-Submitted: auto-replied (vacation)\nSubject: away\n",
                                "Until May, user unknown to me ask\n<a@example.com>\n550 no such user\n"),
     "a@example.com", NOBODY, NULL},
    {"a bounce that is automatic, with the empty path",
     "Return-Path: <>\n" READER("Auto-Submitted: auto-generated\nSubject: failure\n",
                                "<a@example.com>: no such user\n"),
     "a@example.com", H, "bounces"},
    {"on vacation, by its precedence", READER("Precedence: auto_reply\n", "unsubscribe\n"), "carol@example.com", NOBODY,
     NULL},
    {"on vacation, by a header", READER("X-Autorespond: yes\n", "unsubscribe\n"), "carol@example.com", NOBODY, NULL},
    {"on vacation, by its subject", READER("Subject: Out of Office: spring\n", "unsubscribe\n"), "carol@example.com",
     NOBODY, NULL},
};

static void add_with_ends(ps_buf *out, const char *text, const char *end)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            ps_buf_add_text(out, end);
        } else {
            ps_buf_add_char(out, *at);
        }
    }
}

// As a single mail, and in a mailbox between others; with every kind of line end.
static void test_mails(void **state)
{
    static const char before[] = "From d@example.com Thu Dec 11 10:49:40 2025\nFrom: d@example.com\nSubject: "
                                 "unsubscribe\n\n>From here on\n\n" FROM_LINE;
    static const char behind[] = "\n" FROM_LINE "From: e@example.com\nSubject: unsubscribe\n\n";
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < PS_COUNT_OF(mails) * 6; i++) {
        const char *end = ends[i % 3], *who = mails[i / 6].who;
        bool many = i % 6 > 2;
        ps_buf_clear(&text);
        if (many) add_with_ends(&text, before, end);
        add_with_ends(&text, mails[i / 6].mail, end);
        if (many) add_with_ends(&text, behind, end);
        if (i % 6 == 0) print_message("  %s\n", mails[i / 6].name);
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ".eml"));
        config.allow_empty = true;
        assert_ok(import_run(test, &config), &test->err);
        assert_string_equal(test->out.format, "mailbox");
        assert_int_equal(test->out.events, many ? 3 : 1);
        assert_int_equal(import_find(test, "d@example.com") != NULL && import_find(test, "e@example.com") != NULL,
                         many);
        const ps_suppressed *found = import_find(test, who);
        assert_int_equal(found == NULL ? NOBODY : (int)found->strongest, mails[i / 6].class);
        if (found != NULL) assert_string_equal(found->list, mails[i / 6].list);
    }
    ps_buf_done(&text);
}

static const struct {
    const char *name, *mail;
} strangers[] = {
    {"a word without an end", READER("Subject: =?UTF-8?B?6YWN5L+h5YGc5q2i\n", "x\n")},
    {"no base64", READER("Subject: =?UTF-8?B?***?= =?UTF-8?X?unsub?=\n", "x\n")},
    {"news that only tell of it",
     READER("Subject: =?UTF-8?B?5pil44Gu5L6/44KK?=\n",
            "\346\230\245\343\201\247\343\201\231\343\200\202\n\351\205\215\344\277\241\345\201\234\346\255\242\343\201"
            "\257\343\201\223\343\201\241\343\202\211\n")},
    {"please remove somebody else", READER("Subject: please remove meals\n", "x\n")},
};

// What is not understood is counted, and nobody is removed for it.
static void test_strangers(void **state)
{
    import_test *test = *state;
    ps_buf text;

    for (size_t i = 0; i < PS_COUNT_OF(strangers); i++) {
        print_message("  %s\n", strangers[i].name);
        ps_buf_init(&text, 1 << 20);
        ps_buf_add_format(&text, FROM_LINE "From: e@example.com\nSubject: unsubscribe\n\n" FROM_LINE "%s",
                          strangers[i].mail);
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
        ps_buf_done(&text);
        assert_ok(import_run(test, &config), &test->err);
        assert_int_equal(test->out.events_unknown, 1);
        assert_int_equal(import_total(test), 1);
    }
}

static void test_dates(void **state)
{
    import_test *test = *state;
    char date[PS_DAY_TEXT_SIZE];
    ps_source_config config = import_config(import_write(test, ps_span_of(whole), ".eml"));

    assert_ok(import_run(test, &config), &test->err);
    ps_day_text(import_find(test, "alice=x@example.com")->date, date);
    assert_string_equal(date, "2025-12-11");
    assert_int_equal(test->out.undated + test->out.unreadable + test->out.events_unknown, 0);
}

static const struct {
    const char *name, *content, *format, *says;
} refusals[] = {
    {"cut in the report", TOLD("Final-Recipient: rfc822; a@example.com\nAction: fai"), NULL, "is cut"},
    {"cut in the header", "From: MAILER-DAEMON@example.net\nSubject: Undeliv", NULL, "is cut"},
    {"a complaint about nobody", ARF(ABUSE "Original-Rcpt-To: redacted\n", "Subject: x"), NULL, "no address"},
    {"a complaint about somebody and nobody",
     ARF(ABUSE "Original-Rcpt-To: redacted\nOriginal-Rcpt-To: b@example.com\n", "To: b@example.com"), NULL,
     "no address"},
    {"cut in the middle of a mailbox",
     FROM_LINE TOLD("Final-Recipient: rfc822; a@example.com\n") "\n" FROM_LINE "From: e@example.com\nSubject: "
                                                                "unsubscribe\n\n",
     NULL, "that begins in line 1 has no end"},
    {"a complaint in base64",
     "From: fbl@example.org\n" REPORT(
         "feedback-report") "\n--b1\nContent-Type: message/feedback-report\n"
                            "Content-Transfer-Encoding: base64\n\nRmVlZGJhY2stVHlwZTogYWJ1c2UK\n" END,
     NULL, "no address"},
    {"a report in base64, and nothing else",
     BOUNCE "--b1\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: "
            "base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5jb20K\n" END,
     NULL, "none of its mails"},
    {"a wish of nobody", "From: undisclosed\nSubject: unsubscribe\n\nx\n", NULL, "no address"},
    {"letters of friends", "From: a@example.com\nSubject: hello\n\nhow are you\n", NULL, "none of its mails"},
    {"a bounce of nobody", DAEMON "\nSomebody is not there.\n", NULL, "none of its mails"},
    {"said to be a mailbox", "a@example.com\n", "mailbox", "as a mail does"},
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

// Cut anywhere, a report is refused; nobody's complaint is lost without a word.
static void test_cut(void **state)
{
    static const char complaint[] = ARF(ABUSE "Original-Rcpt-To: <carol@example.com>\n", "To: x@example.com");
    import_test *test = *state;

    for (size_t len = 8; len < sizeof complaint - sizeof "--\n"; len++) {
        ps_source_config config = import_config(import_write(test, (ps_span){complaint, len}, ""));
        if (import_run(test, &config) != PS_SOURCE) print_error("%zu\n", len);
        assert_int_equal(import_run(test, &config), PS_SOURCE);
    }
}

// A mailbox has mails in many encodings, and lines of any length and kind beside what counts.
static void test_bytes(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 22);
    ps_buf_add_text(&text,
                    FROM_LINE "From: d@example.com\nSubject: \x1B$B%F%9%H\x1B(B\n\n\xE3\x81\x82 \x82\xA0\xFF\n\n");
    ps_buf_add_text(&text, FROM_LINE "Subject: unsubscribe\nX-Long: ");
    for (int i = 0; i < 300000; i++)
        ps_buf_add_text(&text, i % 1000 == 999 ? "\n " : "x");
    ps_buf_add_text(&text, "\nFrom: a@example.com\n\n");
    ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
    ps_buf_done(&text);
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.events, 2);
    assert_int_equal(test->out.events_unknown, 1);
    assert_int_equal(test->out.first_unknown, 1);
    assert_int_equal((int)import_find(test, "a@example.com")->strongest, U);
}

// What is one mail for a thousand and one recipients is no report.
static void test_crowd(void **state)
{
    import_test *test = *state;
    ps_buf text;

    for (int people = 1000; people <= 1001; people++) {
        ps_buf_init(&text, 1 << 20);
        ps_buf_add_text(&text, BOUNCE PART("message/delivery-status"));
        for (int i = 0; i < people; i++)
            ps_buf_add_format(&text, "Final-Recipient: rfc822; p%d@example.com\nAction: failed\nStatus: 5.1.1\n\n", i);
        ps_buf_add_text(&text, END);
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
        ps_buf_done(&text);
        assert_int_equal(import_run(test, &config), people == 1000 ? PS_OK : PS_SOURCE);
        if (people == 1000) assert_int_equal(test->out.entries[H], 1000);
    }
}

// Exim's list of whom it could not reach, in one line, folded, in several lists.
static void test_list(void **state)
{
    static const char *const between[] = {", ", ",\n ", "\nX-Failed-Recipients: "};
    import_test *test = *state;
    ps_buf text;

    for (size_t i = 0; i < 2 * PS_COUNT_OF(between); i++) {
        int people = i < PS_COUNT_OF(between) ? 1000 : 1001;
        ps_buf_init(&text, 1 << 20);
        ps_buf_add_text(&text, DAEMON "X-Failed-Recipients: ");
        for (int person = 0; person < people; person++)
            ps_buf_add_format(&text, "%sp%d@example.com", person == 0 ? "" : between[i % PS_COUNT_OF(between)], person);
        ps_buf_add_text(&text, "\n\nSorry, no such user.\n");
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
        ps_buf_done(&text);
        assert_int_equal(import_run(test, &config), people == 1000 ? PS_OK : PS_SOURCE);
        if (people == 1000) assert_int_equal(test->out.entries[H], 1000);
    }
}

// Mails that are no reports may lack an end, and their text may begin as a From line does.
static void test_badly_made(void **state)
{
    static const char content[] =
        FROM_LINE "From: d@example.com\nContent-Type: multipart/alternative; boundary=b1\n\n--b1\n\nspring\n\nFrom "
                  "here on: more\n\n" FROM_LINE "From: e@example.com\nSubject: unsubscribe\n\n";
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(content), ""));

    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.events, 2);
    assert_int_equal(test->out.events_unknown, 1);
    assert_int_equal((int)import_find(test, "e@example.com")->strongest, U);
}

// A bounce in words names people as far as its text goes; the mail that came back stands below a line of dashes.
static void test_long_text(void **state)
{
    static const struct {
        int reason_len;
        const char *behind;
        ps_status status;
    } cases[] = {{10, "", PS_OK}, {10, "--- Below is a copy.\n", PS_OK}, {300, "--- Below is a copy.\n", PS_SOURCE}};
    import_test *test = *state;
    ps_buf text;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf_init(&text, 4 << 20);
        ps_buf_add_text(&text, DAEMON "\nHi. This is the qmail-send program.\n\n");
        for (int person = 0; person < 900; person++)
            ps_buf_add_format(&text, "<p%d@example.com>:\n550 user unknown %0*d\n\n", person, cases[i].reason_len, 0);
        ps_buf_add_text(&text, cases[i].behind);
        for (int line = 0; *cases[i].behind != '\0' && line < 10000; line++)
            ps_buf_add_text(&text, "what was sent and came back again\n");
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
        ps_buf_done(&text);
        assert_int_equal(import_run(test, &config), cases[i].status);
        if (cases[i].status == PS_OK) assert_int_equal(test->out.entries[H], 900);
    }
}

// A machine's long mail that names nobody is one that is not understood.
static void test_long_words(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 4 << 20);
    ps_buf_add_text(&text, FROM_LINE "From: e@example.com\nSubject: unsubscribe\n\n" FROM_LINE DAEMON "\n");
    for (int line = 0; line < 10000; line++)
        ps_buf_add_text(&text, "what a machine has to say of itself\n");
    ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
    ps_buf_done(&text);
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.events_unknown, 1);
}

// A list over what is kept of one is refused, not cut.
static void test_long_list(void **state)
{
    import_test *test = *state;
    ps_buf text;

    for (int len = 50; len <= 100; len += 50) {
        ps_buf_init(&text, 1 << 20);
        ps_buf_add_text(&text, DAEMON "X-Failed-Recipients: ");
        for (int person = 0; person < 900; person++)
            ps_buf_add_format(&text, ",%0*d@example.com", len - 12, person);
        ps_buf_add_text(&text, "\n\nSorry, no such user.\n");
        ps_source_config config = import_config(import_write(test, ps_buf_span(&text), ""));
        ps_buf_done(&text);
        assert_int_equal(import_run(test, &config), len == 50 ? PS_OK : PS_SOURCE);
        if (len == 100) assert_non_null(strstr(test->err.text, "recipients"));
        if (len == 50) assert_int_equal(test->out.entries[H], 900);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mails),      cmocka_unit_test(test_strangers),  cmocka_unit_test(test_dates),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_cut),        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_crowd),      cmocka_unit_test(test_list),       cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_long_words), cmocka_unit_test(test_badly_made), cmocka_unit_test(test_long_text),
    };

    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
