"""Who is on an ESP's list is not mailed, however the list and the recipient file spell the address. Usage: test_spellings.py PRESEND"""
import os
import sys
import unicodedata
import unittest

import replay
import test_suppress

nfc, nfd = (lambda text: unicodedata.normalize("NFC", text)), (lambda text: unicodedata.normalize("NFD", text))
SPELLINGS = [  # (at the ESP, in the file)
    ("Bob@Example.COM", "bob@example.com"),
    ("ｂｏｂ２@example.com", "bob2@example.com"),
    ("bob3@example.com", "ｂｏｂ３＠ｅｘａｍｐｌｅ．ｃｏｍ"),
    ("jo@xn--r8jz45g.jp", "jo@例え.jp"),
    ("jo2@例え.jp", "jo2@xn--r8jz45g.jp"),
    ("jo3@例え。jp", "jo3@XN--R8JZ45G.jp"),
    ("half@ｶﾀｶﾅ.jp", "half@カタカナ.jp"),
    (nfd("josé@example.com"), nfc("josé@example.com")),
    (nfc("josé2@example.com"), nfd("josé2@example.com")),
    ("u@bücher.example", nfd("u@bücher.example")),
    ("strasse@straße.de", "strasse@xn--strae-oqa.de"),
    ("dot@example.com.", "dot@example.com"),
    ("dot2@example.com", "dot2@example.com."),
    ('"quoted"@example.com', "quoted@example.com"),
    ("quoted2@example.com", '"quoted2"@example.com'),
    ("first.last@gmail.com", "firstlast@gmail.com"),
    ("firstlast2@gmail.com", "first.last.2@googlemail.com"),
    ("plus+x@gmail.com", "plus@gmail.com"),
    ("hot@outlook.com", "hot+x@outlook.com"),
    (" space@example.com ", "space@example.com"),
    ("nbsp\u00a0@example.com", "nbsp@example.com"),
    ("tab\t@example.com", "tab@example.com"),
    ("zero\u200b@example.com", "zero@example.com"),
    ("zero2@example.com", "zero2\u200b@example.com"),
    ("bom\ufeff@example.com", "bom@example.com"),
    ("<angle@example.com>", "angle@example.com"),
    ("Taro <named@example.com>", "named@example.com"),
    ("mailto:mailto@example.com", "mailto@example.com"),
    ("comment(x)@example.com", "comment@example.com"),
    ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
    ('"c..d."@docomo.ne.jp', "c..d.@docomo.ne.jp"),
    ("o'brien+tag@example.com", "o'brien+tag@example.com"),
    ("percent%40x@example.com", "percent%40x@example.com"),
    ("kelvin\u212a@example.com", "kelvink@example.com"),
]
DAY = "2025-12-01T10:00:00Z"
ESPS = {  # type: (the settings of the source, all of its lists, the one that is filled, its items)
    "mailgun": ("domain: mg.example.com, key: env:ESP_KEY", "bounces complaints unsubscribes whitelists", "complaints", lambda a: {"address": a}),
    "sendgrid": ("key: env:ESP_KEY", "bounces blocks spam_reports invalid_emails unsubscribes groups", "spam_reports", lambda a: {"email": a, "created": 1764950400}),
    "ses": ("region: ap-northeast-1", "suppression_list", "suppression_list", lambda a: {"EmailAddress": a, "Reason": "COMPLAINT", "LastUpdateTime": 1.7e9}),
    "postmark": ("key: env:ESP_KEY", "outbound", "outbound", lambda a: {"EmailAddress": a, "SuppressionReason": "SpamComplaint", "Origin": "Recipient", "CreatedAt": DAY}),
    "brevo": ("key: env:ESP_KEY", "blockedContacts contacts", "blockedContacts", lambda a: {"email": a, "blockedAt": DAY, "reason": {"code": "contactFlaggedAsSpam"}}),
    "customers_mail_cloud": ("user: api-user, key: env:ESP_KEY", "blocks", "blocks", lambda a: {"email": a, "created": "2025-12-14 08:46:00", "status": "11"}),
    "sparkpost": ("key: env:ESP_KEY", "suppression_list", "suppression_list", lambda a: {"recipient": a, "source": "Spam Complaint", "created": DAY}),
    "mandrill": ("key: env:ESP_KEY", "rejects", "rejects", lambda a: {"email": a, "reason": "spam", "created_at": "2025-12-01 13:00:00", "expires_at": None}),
    "resend": ("key: env:ESP_KEY", "suppressions", "suppressions", lambda a: {"id": a, "email": a, "origin": "complaint", "created_at": DAY}),
    "elasticemail": ("key: env:ESP_KEY", "bounces complaints unsubscribes", "complaints", lambda a: {"Email": a, "DateUpdated": DAY}),
}


class Spellings(test_suppress.Case):
    def test_spellings(self):
        for kind, (settings, lists, filled, item) in ESPS.items():
            data = {name: [] for name in lists.split()}
            data[filled] = [item(listed) for listed, _ in SPELLINGS]
            with self.subTest(kind), replay.Server(kind, data) as server:
                self.setUp()
                rows = ['"' + typed.replace('"', '""') + '"' for _, typed in SPELLINGS]
                self.job(None, [*rows, "ok@example.org"], more="guards: {removed_share: 100%}\n", sources=[f'{{name: x, type: {kind}, {settings}, base_url: "{server.url}"}}'])
                self.judge()
                self.assertEqual(set(self.rows("clean.csv")), {"ok@example.org"})
                where = self.rows("removed.csv") | self.rows("held.csv")
                for _, typed in SPELLINGS:
                    self.assertIn("suppressed_", where[typed]["presend_reasons"], ascii(typed))


if __name__ == "__main__":
    test_suppress.PRESEND = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
