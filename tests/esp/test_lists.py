"""Every provider's samples, page by page, as entries: what each field becomes."""
import json
import os
import tempfile
import unittest

import esp
import replay

BOUNCES = [
    {"address": "alice@example.com", "code": "550", "error": "No such mailbox", "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"},
    {"address": "bob@example.net", "code": 552, "error": "Mailbox\n\tdisabled", "created_at": "Fri, 12 Dec 2025 08:00:00 GMT", "messagehash": "x"},
    {"address": "zoe@example.org", "code": "421", "error": None, "created_at": "bad", "unknown": {"a": [1]}},
    {"address": "zz@example.org", "code": "550", "error": "x" * 499 + "界", "createdat": "Thu, 11 Dec 2025 01:49:40 UTC"},
]
MAILGUN = {
    "bounces": BOUNCES,
    "complaints": [
        {"address": "carol@example.com", "created_at": "Wed, 03 Dec 2025 10:11:12 UTC"},
        {"address": "dave@example.org", "created_at": "Thu, 04 Dec 2025 00:00:01 +0000", "count": 2},
    ],
    "unsubscribes": [
        {"address": "erin@example.com", "tags": ["*"], "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"},
        {"address": "frank@example.net", "tags": ["newsletter", "promo"], "created_at": "Mon, 01 Jan 0001 00:00:00 UTC"},
        {"address": "gina@example.net", "tags": ["promo", "*"]},
        {"address": "hal@example.net", "tags": [], "created_at": ""},
        {"address": "ivy@example.net", "tag": "weekly", "id": "5", "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"},
        {"address": "jan@example.net", "tag": "*", "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"},
    ],
    "whitelists": [
        {"type": "address", "value": "qa@example.com", "reason": "test box", "createdAt": "Fri, 21 Nov 2025 11:02:55 UTC"},
        {"type": "domain", "value": "example.net", "reason": "partner", "createdAt": "Fri, 21 Nov 2025 11:02:56 UTC"},
    ],
}


def entry(line):
    """list, kind, class, scope, code, reason, created, expires, address"""
    return tuple(line)


class Lists(unittest.TestCase):
    def read(self, kind, data, *arguments, env=None, **quirks):
        with replay.Server(kind, data, **quirks) as server:
            result = esp.run(kind, server.url, *arguments, env=env)
            self.requests = server.requests
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual({line[1] for line in result.lists.values()}, {"whole"})
        self.assertEqual(sum(int(line[3]) for line in result.lists.values()), len(result.entries))
        return [entry(line) for line in result.entries]

    def test_mailgun(self):
        for end in ("empty", "null", "missing"):
            entries = self.read("mailgun", MAILGUN, end=end)
            self.assertEqual(
                sorted(entries),
                sorted(
                    [
                        ("bounces", "address", "hard", "", "550", "No such mailbox", "1765417780", "0", "alice@example.com"),
                        ("bounces", "address", "hard", "", "552", "Mailbox  disabled", "1765526400", "0", "bob@example.net"),
                        ("bounces", "address", "hard", "", "421", "", "0", "0", "zoe@example.org"),
                        ("bounces", "address", "hard", "", "550", "x" * 499, "1765417780", "0", "zz@example.org"),
                        ("complaints", "address", "complaint", "", "", "", "1764756672", "0", "carol@example.com"),
                        ("complaints", "address", "complaint", "", "", "", "1764806401", "0", "dave@example.org"),
                        ("unsubscribes", "address", "unsubscribe", "", "", "", "1765417780", "0", "erin@example.com"),
                        ("unsubscribes", "address", "unsubscribe", "newsletter", "", "", "0", "0", "frank@example.net"),
                        ("unsubscribes", "address", "unsubscribe", "promo", "", "", "0", "0", "frank@example.net"),
                        ("unsubscribes", "address", "unsubscribe", "", "", "", "0", "0", "gina@example.net"),
                        ("unsubscribes", "address", "unsubscribe", "", "", "", "0", "0", "hal@example.net"),
                        ("unsubscribes", "address", "unsubscribe", "weekly", "", "", "1765417780", "0", "ivy@example.net"),
                        ("unsubscribes", "address", "unsubscribe", "", "", "", "1765417780", "0", "jan@example.net"),
                        ("allowlist", "address", "unknown", "", "", "test box", "1763722975", "0", "qa@example.com"),
                        ("allowlist", "domain", "unknown", "", "", "partner", "1763722976", "0", "example.net"),
                    ]
                ),
            )
            self.assertEqual(len(self.requests), 8)  # each list's page, and the one that ends it
            self.assertTrue(all(r.headers["user-agent"].startswith("presend/") for r in self.requests))
            self.assertTrue(all("gzip" in r.headers["accept-encoding"] for r in self.requests))

    def test_mailgun_without_some_lists(self):
        entries = self.read("mailgun", MAILGUN, "lists=bounces", "without=complaints,unsubscribes")
        self.assertEqual({e[0] for e in entries}, {"bounces"})

    def test_sendgrid(self):
        data = {
            "bounces": [
                {"created": 1764950400, "email": "alice@example.com", "reason": "550 5.1.1 The email account does not exist.", "status": "5.1.1"},
                {"created": 1764940000, "email": "Bob@Example.net", "reason": "550 mailbox unavailable ", "status": "550"},
                {"created": 1764930000, "email": "zoe@example.org", "reason": "unknown", "status": "4.2.2"},
            ],
            "blocks": [{"created": 1764930001, "email": "pat@example.org", "reason": "blocked", "status": "5.7.1"}],
            "spam_reports": [{"created": 1764951141, "email": "carol@example.com", "ip": "192.0.2.10"}],
            "invalid_emails": [{"created": 1764953655, "email": "bad..dot@example.com", "reason": "Mail domain is unknown"}, {"created": 1764953656, "email": "nodomain@", "reason": "Invalid format"}],
            "unsubscribes": [{"created": 1764953657.5, "email": "uma@example.com"}],
            "groups": [
                {"email": "erin@example.com", "group_id": 101, "group_name": "Weekly News", "created_at": 1764986704},
                {"email": "erin@example.com", "group_id": 102, "group_name": "Daily News", "created_at": 1764911671},
            ],
        }
        self.assertEqual(
            sorted(self.read("sendgrid", data, "account=sub.user")),
            sorted(
                [
                    ("bounces", "address", "hard", "", "5.1.1", "550 5.1.1 The email account does not exist.", "1764950400", "0", "alice@example.com"),
                    ("bounces", "address", "hard", "", "550", "550 mailbox unavailable ", "1764940000", "0", "Bob@Example.net"),
                    ("bounces", "address", "hard", "", "4.2.2", "unknown", "1764930000", "0", "zoe@example.org"),
                    ("blocks", "address", "block", "", "5.7.1", "blocked", "1764930001", "0", "pat@example.org"),
                    ("spam_reports", "address", "complaint", "", "", "", "1764951141", "0", "carol@example.com"),
                    ("invalid_emails", "address", "invalid", "", "", "Mail domain is unknown", "1764953655", "0", "bad..dot@example.com"),
                    ("invalid_emails", "address", "invalid", "", "", "Invalid format", "1764953656", "0", "nodomain@"),
                    ("unsubscribes", "address", "unsubscribe", "", "", "", "1764953657", "0", "uma@example.com"),
                    ("group_unsubscribes", "address", "unsubscribe", "101", "", "Weekly News", "1764986704", "0", "erin@example.com"),
                    ("group_unsubscribes", "address", "unsubscribe", "102", "", "Daily News", "1764911671", "0", "erin@example.com"),
                ]
            ),
        )
        self.assertTrue(all(r.headers["on-behalf-of"] == "sub.user" for r in self.requests))
        self.read("sendgrid", {"bounces": [{"created": 1764953657, "email": "a@example.com"}]}, "account=account-id 1234")
        self.assertEqual({r.headers["on-behalf-of"] for r in self.requests}, {"account-id 1234"})
        ends = {r.args["end_time"] for r in self.requests if "suppression/" in r.path}
        self.assertTrue(all(int(end) > 1764986704 for end in ends))

    SES = {
        "suppression_list": [
            {"EmailAddress": "alice@example.com", "LastUpdateTime": 1760000000.123, "Reason": "BOUNCE"},
            {"EmailAddress": "Bob@example.net", "LastUpdateTime": 1.7612345678e9, "Reason": "COMPLAINT"},
            {"EmailAddress": "zoe@example.org", "LastUpdateTime": 1760000001, "Reason": "SOMETHING_NEW"},
        ]
    }

    def test_ses(self):
        for end in ("null", "missing", "empty"):
            self.assertEqual(
                self.read("ses", self.SES, end=end, clamp=2, empty_pages=True),
                [
                    ("suppression_list", "address", "hard", "", "", "", "1760000000", "0", "alice@example.com"),
                    ("suppression_list", "address", "complaint", "", "", "", "1761234567", "0", "Bob@example.net"),
                    ("suppression_list", "address", "unknown", "", "", "", "1760000001", "0", "zoe@example.org"),
                ],
            )

    def test_ses_session_and_window(self):
        env = esp.environment(AWS_SESSION_TOKEN=replay.SESSION)
        self.read("ses", self.SES, "--since", "1764547200", env=env, session=True)
        self.assertEqual(self.requests[-1].args["StartDate"], "2025-12-01T00:00:00Z")

    def test_ses_tenants(self):
        """A tenant's own list is read under its name, and only where it has one: else that name has an empty list."""
        own = {"EmailAddress": "tenant@example.com", "LastUpdateTime": 1760000000, "Reason": "BOUNCE"}
        data = self.SES | {"tenant-a": [own]}
        self.assertEqual([e[8] for e in self.read("ses", data, "account=tenant-a")], ["tenant@example.com"])
        self.assertEqual([(r.method, r.path) for r in self.requests], [("POST", "/v2/email/tenants/get"), ("GET", "/v2/email/suppression/addresses")])
        self.assertEqual((self.requests[0].json(), self.requests[1].args["TenantName"]), ({"TenantName": "tenant-a"}, "tenant-a"))
        self.assertEqual([e[8] for e in self.read("ses", data, "account=tenant-a", "recorded_elsewhere=true")], ["tenant@example.com"])
        both = ["BOUNCE", "COMPLAINT"]
        for settings, word in (({}, "has no list of its own"), ({"SuppressedReasons": both}, "has no list of its own"), ({"SuppressedReasons": both, "SuppressionScope": "ACCOUNT"}, "Take `account` out"), ({"SuppressedReasons": ["BOUNCE"], "SuppressionScope": "TENANT"}, "recorded_elsewhere: true")):
            with self.subTest(settings), replay.Server("ses", data, tenants=settings) as server:
                result = esp.run("ses", server.url, "account=tenant-a")
                self.assertEqual((result.code, result.entries, len(server.requests)), (69, [], 1), result.err)
                self.assertIn(word, result.error[1] + result.error[2])
        with replay.Server("ses", data, tenants=None) as server:
            result = esp.run("ses", server.url, "account=tenant-a")
            self.assertEqual((result.code, "did not let presend read" in result.lists["suppression_list"][5]), (0, True), result.out)
            self.assertEqual(esp.run("ses", server.url, "account=tenant-b").code, 69)

    def test_ses_keys_of_the_job_and_region_of_the_environment(self):
        for regions in ({"AWS_REGION": "ap-northeast-1"}, {"AWS_DEFAULT_REGION": "ap-northeast-1"}, {"AWS_REGION": "ap-northeast-1", "AWS_DEFAULT_REGION": "us-east-1"}):
            env = esp.environment(**regions, ESP_USER=replay.USER)
            del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
            with replay.Server("ses", self.SES) as server:
                result = esp.run("ses", server.url, "user=env:ESP_USER", "key=env:ESP_KEY", env=env, settings=[])
            self.assertEqual(result.code, 0, result.err)

    def test_ses_keys_of_the_shared_file(self):
        env = esp.environment()
        del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
        with tempfile.TemporaryDirectory() as home, replay.Server("ses", self.SES, session=True) as server:
            path = os.path.join(home, ".aws", "credentials")
            os.mkdir(os.path.dirname(path))
            with open(path, "w") as file:
                file.write(f"# made up\r\n[default]\naws_access_key_id=canary-other\n aws_secret_access_key = x\n\n[ news ]\naws_access_key_id = {replay.USER}\naws_secret_access_key={replay.KEY}\naws_session_token={replay.SESSION}\nregion = x\n[more]\naws_access_key_id=y\n")
            os.chmod(path, 0o600)
            news = dict(env, HOME=home, AWS_PROFILE="news")
            self.assertEqual(esp.run("ses", server.url, env=news).code, 0)
            self.assertEqual(esp.run("ses", server.url, env=dict(env, AWS_SHARED_CREDENTIALS_FILE=path, AWS_PROFILE="news")).code, 0)
            self.assertEqual(esp.run("ses", server.url, env=dict(env, HOME=home)).code, 77)
            self.assertEqual(esp.run("ses", server.url, env=dict(env, HOME=home, AWS_PROFILE="more")).code, 78)
            os.chmod(path, 0o644)
            result = esp.run("ses", server.url, env=news)
            self.assertEqual((result.code, "chmod 600" in result.error[2]), (78, True))

    def test_postmark(self):
        data = {
            "outbound": [
                {"EmailAddress": "alice@example.com", "SuppressionReason": "HardBounce", "Origin": "Recipient", "CreatedAt": "2025-12-17T08:58:33-05:00"},
                {"EmailAddress": "dave@example.org", "SuppressionReason": "ManualSuppression", "Origin": "Customer", "CreatedAt": "2025-12-16T00:00:00-05:00"},
                {"EmailAddress": "sam@example.org", "SuppressionReason": "SpamComplaint", "Origin": "Recipient", "CreatedAt": "2025-12-16T00:00:00Z"},
                {"EmailAddress": "uma@example.org", "SuppressionReason": "ManualSuppression", "Origin": "Recipient", "CreatedAt": None},
            ],
            "broadcast": [],
            "own stream/ü": [{"EmailAddress": "alice@example.com", "SuppressionReason": "NewWord", "Origin": "Admin", "CreatedAt": "2025-12-17T08:58:33-05:00"}],
        }
        self.assertEqual(
            self.read("postmark", data),
            [
                ("suppressions", "address", "hard", "outbound", "HardBounce", "", "1765979913", "0", "alice@example.com"),
                ("suppressions", "address", "manual", "outbound", "ManualSuppression", "", "1765861200", "0", "dave@example.org"),
                ("suppressions", "address", "complaint", "outbound", "SpamComplaint", "", "1765843200", "0", "sam@example.org"),
                ("suppressions", "address", "unsubscribe", "outbound", "ManualSuppression", "", "0", "0", "uma@example.org"),
                ("suppressions", "address", "unknown", "own stream/ü", "NewWord", "", "1765979913", "0", "alice@example.com"),
            ],
        )

    def test_brevo(self):
        codes = [("hardBounce", "hard"), ("contactFlaggedAsSpam", "complaint"), ("unsubscribedViaMA", "unsubscribe"), ("unsubscribedViaEmail", "unsubscribe"), ("unsubscribedViaApi", "unsubscribe"), ("adminBlocked", "manual"), ("newCode", "unknown")]
        data = {
            "blockedContacts": [{"email": f"{code.lower()}@example.com", "senderEmail": "news@example.com", "blockedAt": "2025-11-30T10:00:00.000+01:00", "reason": {"code": code, "message": "text"}} for code, _ in codes],
            "contacts": [
                {"email": "yes@example.com", "emailBlacklisted": True, "modifiedAt": "2025-12-01T10:00:00.000Z"},
                {"email": "no@example.com", "emailBlacklisted": False},
                {"emailBlacklisted": True},
            ],
        }
        for end in ("empty", "missing"):
            entries = self.read("brevo", data, end=end)
            wanted = [("blocked_contacts", "address", kind, "news@example.com", code, "text", "1764493200", "0", f"{code.lower()}@example.com") for code, kind in codes]
            wanted.append(("contacts", "address", "unsubscribe", "", "", "", "1764583200", "0", "yes@example.com"))
            self.assertEqual(sorted(entries), sorted(wanted))

    def test_customers_mail_cloud(self):
        kinds = "hard hard soft block soft unknown block block invalid hard unsubscribe unknown".split()
        data = {"blocks": [{"created": "2025-12-14 08:46:00", "email": f"a{n}@example.com", "id": f"id{n}", "occurred": "1", "status": str(n)} for n in [*range(1, 12), 99]]}
        entries = self.read("customers_mail_cloud", data, "account=main")
        self.assertEqual([(e[2], e[4], e[6]) for e in entries], [(kind, str(n), "1765669560") for kind, n in zip(kinds, [*range(1, 12), 99])])
        self.assertTrue(all(r.query == "" and r.method == "POST" and r.form()["server_composition"] == "main" for r in self.requests))

    def test_sparkpost(self):
        words = [("Spam Complaint", "complaint"), ("List Unsubscribe", "unsubscribe"), ("Unsubscribe Link", "unsubscribe"), ("Bounce Rule", "hard"), ("Manually Added", "manual"), ("Compliance", "manual"), ("New", "unknown")]
        data = {"suppression_list": [{"recipient": f"a{i}@example.com", "type": "non_transactional", "source": word, "description": "550: no", "created": "2025-12-01T01:01:01+00:00"} for i, (word, _) in enumerate(words)]}
        data["suppression_list"][1]["list_id"] = "weekly.example.com"
        entries = self.read("sparkpost", data, clamp=2)
        self.assertEqual([(e[2], e[4]) for e in entries], [(kind, word) for word, kind in words])
        self.assertEqual([e[3] for e in entries], ["", "weekly.example.com", "", "", "", "", ""])
        self.assertEqual(entries[0][6], "1764550861")
        self.assertEqual(len(self.requests), 4)

    def test_sparkpost_subaccounts_and_an_empty_page(self):
        """The header is never left out: without it the search spans all accounts and may be old. A page without results is the end, whatever it links to."""
        seen = []

        def look(request, number, reply):
            seen.append(request.headers["x-msys-subaccount"])
            request.headers["x-msys-subaccount"] = "0"
            if number == 2:
                return replay.Reply(200, {"results": [], "links": [{"href": "/api/v1/suppression-list?cursor=x", "rel": "next"}]})

        with replay.Server("sparkpost", {"suppression_list": [{"recipient": f"a{i}@example.com"} for i in range(4)]}, clamp=4) as server:
            server.faults = [look]
            more = lambda request, number, reply: replay.Reply(200, {"results": json.loads(reply.body)["results"], "links": [{"href": "/api/v1/suppression-list?cursor=x", "rel": "next"}]}) if number == 1 else None
            server.changes = [more]
            result = esp.run("sparkpost", server.url, "account=123")
        self.assertEqual((result.code, len(result.addresses()), seen), (0, 4, ["123", "123"]), result.err)

    def test_mandrill(self):
        words = [("hard-bounce", "hard"), ("soft-bounce", "soft"), ("spam", "complaint"), ("unsub", "unsubscribe"), ("custom", "manual"), ("other", "unknown")]
        data = {"rejects": [{"email": f"a{i}@example.com", "reason": word, "detail": "", "created_at": "2025-12-01 13:00:00", "expires_at": "2026-03-01 13:00:00" if i == 0 else None, "expired": False} for i, (word, _) in enumerate(words)]}
        entries = self.read("mandrill", data)
        self.assertEqual([e[2] for e in entries], [kind for _, kind in words])
        self.assertEqual((entries[0][6], entries[0][7], entries[1][7]), ("1764594000", "1772370000", "0"))
        self.assertIsNone(self.requests[0].json()["subaccount"])

    def test_resend(self):
        words = [("bounce", "hard"), ("complaint", "complaint"), ("manual", "manual")]
        data = {"suppressions": [{"id": f"e169aa45-{i}", "email": f"a{i}@example.com", "origin": word, "source_id": None, "created_at": "2025-12-06 23:47:56.678+00"} for i, (word, _) in enumerate(words)]}
        entries = self.read("resend", data, clamp=2)
        self.assertEqual([e[2] for e in entries], [kind for _, kind in words])
        self.assertEqual(entries[0][6], "1765064876")

    def test_klaviyo(self):
        def profile(i, email):
            suppression = [{"reason": "X", "timestamp": "2025-12-21T20:07:38+00:00"}]
            return {"type": "profile", "id": str(i), "attributes": {"email": email, "subscriptions": {"email": {"marketing": {"suppression": suppression if email else None, "list_suppressions": []}}}}}

        data = {"HARD_BOUNCE": [profile(i, f"a{i}@example.com" if i != 1 else None) for i in range(5)], "SPAM_COMPLAINT": [profile(9, "c@example.com")]}
        entries = self.read("klaviyo", data, clamp=2)
        self.assertEqual(sorted((e[0], e[2], e[8]) for e in entries), sorted([("bounces", "hard", f"a{i}@example.com") for i in (0, 2, 3, 4)] + [("complaints", "complaint", "c@example.com")]))
        self.assertEqual({e[6] for e in entries}, {"1766347658"})

    def test_klaviyo_reasons(self):
        reasons = {"HARD_BOUNCE": ("bounces", "hard"), "INVALID_EMAIL": ("invalid_emails", "invalid"), "SPAM_COMPLAINT": ("complaints", "complaint"), "UNSUBSCRIBE": ("unsubscribes", "unsubscribe"), "USER_SUPPRESSED": ("suppressed", "manual")}
        marketing = lambda reason: {"email": {"marketing": {"can_receive_email_marketing": False, "consent": "SUBSCRIBED", "suppression": [{"reason": reason, "timestamp": "2025-12-21T20:07:38+00:00"}], "list_suppressions": None}}}
        data = {reason: [{"type": "profile", "id": reason, "attributes": {"email": f"{reason.lower()}@example.com", "subscriptions": marketing(reason)}}] for reason in reasons}
        entries = self.read("klaviyo", data)
        self.assertEqual(sorted((e[0], e[2], e[4], e[6], e[8]) for e in entries), sorted((*reasons[r], r, "1766347658", f"{r.lower()}@example.com") for r in reasons))
        self.assertEqual({r.headers["revision"] for r in self.requests}, {"2026-07-15"})

    def test_klaviyo_lists(self):
        """Who left single lists only stands under no reason: an unsubscribe for each of the lists. So does who is unsubscribed by the consent alone."""
        left = lambda *names: [{"list_id": name, "reason": "UNSUBSCRIBE", "timestamp": "2025-12-21T20:07:38+00:00"} for name in names]
        profile = lambda email, lists: {"type": "profile", "id": email, "attributes": {"email": email, "subscriptions": {"email": {"marketing": {"suppression": [], "list_suppressions": lists}}}}}
        said = lambda word: dict(profile(f"{word.lower()}@example.com", None)["attributes"], subscriptions={"email": {"marketing": {"consent": word, "suppression": [], "list_suppressions": []}}})
        consents = [{"type": "profile", "attributes": said(word)} for word in ("SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED")]
        data = {"NOBODY": [*consents, profile("two@example.com", left("A1", "B2")), profile("none@example.com", []), profile("null@example.com", None), profile("odd@example.com", [{"reason": "x"}]), profile(None, left("A1"))]}
        entries = self.read("klaviyo", data, clamp=2)
        self.assertEqual(sorted((e[0], e[2], e[3], e[8]) for e in entries), sorted([("list_unsubscribes", "unsubscribe", scope, f"{name}@example.com") for name, scope in (("two", "A1"), ("two", "B2"), ("odd", ""), ("unsubscribed", ""))]))

    def test_customerio(self):
        data = {"bounces": [{"created": 1764895738 + i, "email": f"a{i}@example.com", "reason": "No such mailbox", "status": "550"} for i in range(3)]}
        entries = self.read("customerio", data, clamp=2)
        self.assertEqual([(e[0], e[2], e[4], e[6]) for e in entries], [("bounces", "hard", "550", str(1764895738 + i)) for i in range(3)])

    def test_mailjet(self):
        """Who complained is not mailed, whether the contact is excluded or not; the members may be texts."""
        contact = lambda name, excluded, complained, when="": {"ID": 1, "Email": f"{name}@example.org", "IsExcludedFromCampaigns": excluded, "ExclusionFromCampaignsUpdatedAt": when, "IsSpamComplaining": complained}
        data = {"contact": [contact("dave", True, False, "2025-12-01T00:00:00Z"), contact("sam", True, True), contact("in", False, False), contact("spam", False, True), contact("old", "true", "false"), contact("older", "false", "true")]}
        del data["contact"][4]["IsSpamComplaining"]
        wanted = [("excluded", "unsubscribe", "1764547200", "dave"), ("excluded", "complaint", "0", "sam"), ("excluded", "unsubscribe", "0", "old"), ("complaints", "complaint", "0", "sam"), ("complaints", "complaint", "0", "spam"), ("complaints", "complaint", "0", "older")]
        self.assertEqual(sorted((e[0], e[2], e[6], e[8]) for e in self.read("mailjet", data)), sorted((*w[:3], w[3] + "@example.org") for w in wanted))
        self.read("mailjet", data, "lists=excluded", "without=complaints")
        self.assertEqual({r.args.get("IsExcludedFromCampaigns") for r in self.requests}, {"true"})

    def test_elasticemail(self):
        data = {"bounces": [{"Email": "alice@example.com", "FriendlyErrorMessage": "550 No such user", "ErrorCode": 550, "DateUpdated": "2025-12-01T00:00:00Z"}], "unsubscribes": [{"Email": "bob@example.net", "FriendlyErrorMessage": "", "ErrorCode": 0, "DateUpdated": "2025-12-02T00:00:00Z"}]}
        self.assertEqual(sorted((e[0], e[2], e[4], e[8]) for e in self.read("elasticemail", data)), [("bounces", "hard", "550", "alice@example.com"), ("unsubscribes", "unsubscribe", "0", "bob@example.net")])

    def test_an_api_of_the_user(self):
        description = {
            "title": "Our own mailer",
            "headers": ["Authorization: {key}", "X-MSYS-SUBACCOUNT: 0"],
            "lists": [{"name": "all", "class": "manual", "path": "/api/v1/suppression-list", "query": "cursor=initial&per_page=2", "items": "/results", "entry": {"address": "/recipient"}, "paging": {"kind": "link", "ends": ["no_next"], "next": "/links", "next_rel": "next"}}],
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file, replay.Server("sparkpost", {"suppression_list": [{"recipient": f"a{i}@example.com"} for i in range(5)]}) as server:
            json.dump(description, file)
            file.flush()
            result = esp.run("http", server.url, "client=" + file.name)
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(result.addresses("all"), [f"a{i}@example.com" for i in range(5)])

    EMPTY = {"mailgun": {"bounces": [], "complaints": [], "unsubscribes": [], "whitelists": []}, "sendgrid": {}, "ses": {"suppression_list": []}, "postmark": {"outbound": []}, "brevo": {}, "customers_mail_cloud": {"blocks": []}, "sparkpost": {"suppression_list": []}, "mandrill": {"rejects": []}, "resend": {"suppressions": []}, "klaviyo": {}, "customerio": {}, "mailjet": {"contact": []}, "elasticemail": {}}

    def test_empty_lists_are_whole(self):
        for kind, data in self.EMPTY.items():
            with self.subTest(kind):
                self.assertEqual(self.read(kind, data), [])

    def test_check(self):
        """One small request for each list, after what proves it: whether the key is taken, and by nobody else."""
        asked = {"mailgun": 4, "sendgrid": 6, "ses": 2, "postmark": 2, "brevo": 2, "klaviyo": 6, "customerio": 4, "mailjet": 2, "elasticemail": 3}
        for kind, data in self.EMPTY.items():
            with self.subTest(kind), replay.Server(kind, data) as server, replay.Server(kind, data) as decoy:
                self.assertEqual(esp.run(kind, server.url, "--check").code, 0)
                self.assertEqual(len(server.requests), asked.get(kind, 1))
                wrong = {"ESP_KEY": "canary-wrong", "AWS_SECRET_ACCESS_KEY": "canary-wrong"}
                result = esp.run(kind, server.url, "--check", env=esp.environment() | wrong)
                self.assertEqual(result.code, 77, result.err)
                server.faults = [lambda request, number, reply: replay.Reply(307, b"", {"Location": decoy.url + request.target})]
                self.assertEqual(esp.run(kind, server.url, "--check").code, 69)
                self.assertEqual(decoy.requests, [])

    def test_a_key_in_a_file(self):
        with tempfile.NamedTemporaryFile("w") as file, replay.Server("mailgun", MAILGUN) as server:
            file.write(replay.KEY + "\n")
            file.flush()
            self.assertEqual(esp.run("mailgun", server.url, "key=file:" + file.name, key=None).code, 0)


if __name__ == "__main__":
    esp.main()
