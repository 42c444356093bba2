// What servers answer, and whether it is about the address.
// layer: esp
#include "esp/bounce.h"
#include "unit/assert.h"

static const struct {
    const char *status, *code, *text;
    ps_class class;
} cases[] = {
    {"5.1.1", "550", "5.1.1 user unknown", PS_CLASS_HARD},
    {"5.1.1", "550", "5.1.1 mailbox full", PS_CLASS_SOFT}, // words beat the status
    {"5.1.1", "", "550 5.1.1 <spam.me@example.com>: User unknown", PS_CLASS_HARD}, // an address is no word
    {"5.1.1", "", "550 5.1.1 blocked@example.com does not exist", PS_CLASS_HARD},
    {"", "", "smtp; 550 5.1.1 no words for it", PS_CLASS_HARD}, // the status in the text
    {"550", "", "550 Requested action not taken: mailbox unavailable", PS_CLASS_HARD}, // a code as the status
    {"", "450", "mailbox unavailable", PS_CLASS_SOFT},
    {"", "452", "452 4.2.2 mailbox full", PS_CLASS_SOFT},
    {"", "550", "user unknown; over quota", PS_CLASS_SOFT}, // the moment beats the address
    {"", "550", "the user's script is unknown to us", PS_CLASS_UNKNOWN}, // `ptr` is a word, not a part of one
    {"", "550", "no PTR for this host", PS_CLASS_BLOCK},
    {"5.1.10", "", "", PS_CLASS_HARD},
    {"5.1.3", "", "", PS_CLASS_INVALID},
    {"5.1.8", "", "", PS_CLASS_UNKNOWN},
    {"5.2.1", "", "", PS_CLASS_HARD},
    {"5.2.2", "550", "", PS_CLASS_SOFT},
    {"5.2.0", "550", "", PS_CLASS_UNKNOWN},
    {"5.3.0", "", "", PS_CLASS_SOFT},
    {"5.3.4", "", "", PS_CLASS_BLOCK},
    {"5.4.4", "", "", PS_CLASS_UNKNOWN},
    {"5.4.4", "", "NXDOMAIN", PS_CLASS_HARD},
    {"5.4.7", "", "", PS_CLASS_SOFT},
    {"5.6.1", "", "", PS_CLASS_BLOCK},
    {"5.7.1", "", "", PS_CLASS_BLOCK},
    {"5.7.13", "", "", PS_CLASS_HARD},
    {"5.0.0", "554", "", PS_CLASS_BLOCK},
    {"5.0.0", "556", "", PS_CLASS_HARD},
    {"4.4.7", "", "", PS_CLASS_SOFT},
    // docomo and au: an address that is not there, and a filter that says the same.
    {"5.0.0", "550", "host mfsmax.docomo.ne.jp[192.0.2.1] said: 550 Unknown user a@docomo.ne.jp (in reply to RCPT TO)",
     PS_CLASS_HARD},
    {"5.2.0", "550",
     "host mfsmax.docomo.ne.jp[192.0.2.1] said: 550 Unknown user a@docomo.ne.jp (in reply to end of DATA command)",
     PS_CLASS_BLOCK},
    {"5.0.0", "550",
     "host mfsmax.docomo.ne.jp[192.0.2.1] said: 550 Unknown user a@docomo.ne.jp (in reply to DATA command)",
     PS_CLASS_BLOCK},
    {"5.1.1", "550",
     "host mx.example.net[192.0.2.1] said: 550 Unknown user a@example.net (in reply to end of DATA command)",
     PS_CLASS_HARD},
    {"", "552", "host mfsmax.docomo.ne.jp said: 552 too much mail data", PS_CLASS_SOFT},
    {"5.0.0", "550", "host msmx.au.com[192.0.2.1] said: 550 : User unknown", PS_CLASS_BLOCK},
    {"5.0.0", "550", "host lsean.ezweb.ne.jp[192.0.2.1] said: 550 : User unknown (in reply to RCPT TO command)",
     PS_CLASS_BLOCK},
    {"5.0.0", "550", "host msmx.au.com[192.0.2.1] said: 550 <a@au.com>: User unknown", PS_CLASS_HARD},
    {"5.1.1", "", "The user(s) account is disabled.", PS_CLASS_SOFT},
    {"5.1.1", "", "The user(s) account is temporarily limited.", PS_CLASS_SOFT},
    {"5.1.1", "", "550 user unknown: temporarily over quota", PS_CLASS_SOFT},
    {"", "550", "", PS_CLASS_UNKNOWN},
    {"", "", "", PS_CLASS_UNKNOWN},
};

static void test_answers(void **state)
{
    (void)state; // no fixture
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s %s %s\n", cases[i].status, cases[i].code, cases[i].text);
        assert_int_equal(
            ps_bounce_class(ps_span_of(cases[i].status), ps_span_of(cases[i].code), ps_span_of(cases[i].text)),
            cases[i].class);
    }
}

// A text of any length, with an @ anywhere, stays in its bounds.
static void test_long(void **state)
{
    static char text[6000];
    (void)state; // no fixture

    for (size_t len = 1990; len < sizeof text; len += 7) {
        memset(text, 'x', sizeof text);
        text[len - 2] = len % 2 == 0 ? '@' : ' ';
        assert_int_equal(ps_bounce_class(ps_span_of("5.1.1"), ps_span_of(""), (ps_span){text, len}), PS_CLASS_HARD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers), cmocka_unit_test(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
