"""One address off one list: what is sent, what is checked, and that no list is ever emptied."""
import copy
import unittest

import esp
import replay
from replay import Reply

ODD = "o'brien+tag@example.com"
SLASH = "a/b?c#d%@example.com"
WIDE = "例@example.com"


def lists(kind):
    """The provider's data with three odd addresses on each removable list, and how to name an entry's scope."""
    odd = (ODD, SLASH, WIDE)
    return {
        "mailgun": {name: [{"address": a, "created_at": ""} for a in odd] for name in ("bounces", "complaints", "unsubscribes")} | {"whitelists": [{"value": a, "type": "address"} for a in odd]},
        "sendgrid": {name: [{"email": a, "created": 1} for a in odd] for name in ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")} | {"groups": [{"email": a, "group_id": 101, "created_at": 1} for a in odd] + [{"email": ODD, "group_id": 102}]},
        "ses": {"suppression_list": [{"EmailAddress": a, "Reason": "BOUNCE"} for a in odd]},
        "postmark": {"outbound": [{"EmailAddress": a, "SuppressionReason": "HardBounce"} for a in odd]},
        "brevo": {"blockedContacts": [{"email": a} for a in odd]},
        "mandrill": {"rejects": [{"email": a} for a in odd]},
        "resend": {"suppressions": [{"id": f"id{i}", "email": a} for i, a in enumerate(odd)]},
        "customerio": {name: [{"email": a, "created": 1} for a in odd] for name in ("bounces", "blocks", "spam_reports", "invalid_emails")},
        "elasticemail": {name: [{"Email": a} for a in odd] if name == "bounces" else [] for name in ("bounces", "complaints", "unsubscribes")},
        "sparkpost": {"suppression_list": [{"recipient": a, "type": "transactional"} for a in odd] + [{"recipient": ODD, "type": "transactional", "list_id": "weekly"}]},
    }[kind]


REMOVABLE = [
    *[("mailgun", name, stored, "") for name, stored in (("bounces", "bounces"), ("complaints", "complaints"), ("unsubscribes", "unsubscribes"), ("allowlist", "whitelists"))],
    *[("sendgrid", name, name, "") for name in ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")],
    ("sendgrid", "group_unsubscribes", "groups", "101"),
    ("ses", "suppression_list", "suppression_list", ""),
    ("postmark", "suppressions", "outbound", "outbound"),
    ("brevo", "blocked_contacts", "blockedContacts", ""),
    ("mandrill", "rejects", "rejects", ""),
    ("sparkpost", "suppression_list", "suppression_list", ""),
    ("resend", "suppressions", "suppressions", ""),
    *[("customerio", name, name, "") for name in ("bounces", "blocks", "spam_reports", "invalid_emails")],
    ("elasticemail", "bounces", "bounces", ""),
]


class Removal(unittest.TestCase):
    def remove(self, server, kind, name, address, scope=""):
        return esp.run(kind, server.url, "--remove", name, address, scope)

    def test_each_list(self):
        for kind, name, stored, scope in REMOVABLE:
            for address in (ODD, SLASH, WIDE):
                with self.subTest(kind=kind, name=name, address=address), replay.Server(kind, lists(kind)) as server:
                    before = copy.deepcopy(server.data)
                    result = self.remove(server, kind, name, address, scope)
                    self.assertEqual((result.code, result.out), (0, "removed\n"), result.err)
                    field = next(f for f in ("address", "email", "Email", "EmailAddress", "recipient", "value") if f in before[stored][0])
                    gone = [item for item in before[stored] if item not in server.data[stored]]
                    self.assertEqual([item[field] for item in gone], [address])
                    self.assertEqual({k: v for k, v in before.items() if k != stored}, {k: v for k, v in server.data.items() if k != stored})
                    self.assertEqual(server.emptied, [])
                    request = server.requests[-1]
                    if request.method == "DELETE" and kind != "sparkpost":
                        self.assertEqual((request.body, request.headers.get("content-type")), (b"", None))
                    again = self.remove(server, kind, name, address, scope)
                    self.assertIn((again.code, again.out), ((0, "was not listed\n"), (0, "removed\n"), (69, "")))

    def test_sparkpost_names_list_and_type(self):
        """One list at a time and each type by its name: without them the ESP takes an address off everything."""
        item = lambda kind, **more: {"recipient": ODD, "type": kind, **more}
        both = [item("transactional"), item("non_transactional")]
        for data, scope, left in ((both + [item("non_transactional", list_id="weekly")], "", [item("non_transactional", list_id="weekly")]),
                                  (both + [item("non_transactional", list_id="weekly")], "weekly", both),
                                  ([item("non_transactional")], "", [])):
            with self.subTest(scope=scope), replay.Server("sparkpost", {"suppression_list": list(data)}) as server:
                result = self.remove(server, "sparkpost", "suppression_list", ODD, scope)
                self.assertEqual((result.code, result.out), (0, "removed\n"), result.err)
                self.assertEqual((server.data["suppression_list"], server.emptied, len(server.requests)), (left, [], 2))
                self.assertEqual(self.remove(server, "sparkpost", "suppression_list", ODD, scope).out, "was not listed\n")
        with replay.Server("sparkpost", {"suppression_list": [item("transactional", source="Compliance")]}) as server:
            self.assertEqual(self.remove(server, "sparkpost", "suppression_list", ODD).code, 77)

    def test_wire_forms(self):
        with replay.Server("ses", lists("ses")) as server:
            self.remove(server, "ses", "suppression_list", ODD)
            self.assertEqual(server.requests[-1].target, "/v2/email/suppression/addresses/o%27brien%2Btag%40example.com")
        with replay.Server("mailgun", lists("mailgun")) as server:
            self.remove(server, "mailgun", "bounces", SLASH)
            self.assertEqual(server.requests[-1].target, "/v3/mg.example.com/bounces/a%2Fb%3Fc%23d%25%40example.com")

    def test_texts_say_nothing(self):
        """Texts differ by version, and a single removal may read like the bulk one: the status alone counts."""
        for status, body, said in ((200, {"message": "Bounced address has been removed"}, "removed"), (200, {"message": "Bounced addresses for this domain have been removed", "address": ODD}, "removed"),
                                   (200, {"message": "Address not found in bounces table"}, "removed"), (200, b"", "removed"), (204, b"", "removed"),
                                   (404, {"message": "Address not found in bounces table"}, "was not listed"), (404, {"message": "No spam complaints found for this address"}, "was not listed"), (404, b"", "was not listed")):
            with self.subTest(body), replay.Server("mailgun", lists("mailgun")) as server:
                server.faults = [lambda request, at, reply: Reply(status, body)]
                result = self.remove(server, "mailgun", "bounces", ODD)
                self.assertEqual((result.code, result.out), (0, said + "\n"), result.err)

    def test_one_removal_for_several_lists(self):
        """Elastic Email takes an address off all lists at once: so who complained is asked about there, too."""
        with replay.Server("elasticemail", lists("elasticemail")) as server:
            self.assertEqual({r[1] for r in esp.run("elasticemail", server.url, "--lists").entries if r[0] == "weighty"}, {"bounces", "complaints", "unsubscribes"})
        with replay.Server("sendgrid", lists("sendgrid")) as server:
            self.assertEqual({r[1] for r in esp.run("sendgrid", server.url, "--lists").entries if r[0] == "weighty"}, {"spam_reports", "unsubscribes", "group_unsubscribes"})

    def test_a_tenant_s_list(self):
        """Without the tenant's name the address would go from the account's list."""
        item = lambda: {"EmailAddress": ODD, "Reason": "BOUNCE"}
        with replay.Server("ses", {"suppression_list": [item()], "tenant-a": [item()]}) as server:
            result = esp.run("ses", server.url, "account=tenant-a", "--remove", "suppression_list", ODD, "")
            self.assertEqual((result.code, result.out), (0, "removed\n"), result.err)
            self.assertEqual(server.data, {"suppression_list": [item()], "tenant-a": []})
            self.assertEqual(server.requests[-1].target, "/v2/email/suppression/addresses/o%27brien%2Btag%40example.com?TenantName=tenant-a")

    def test_what_is_no_address(self):
        for kind, name, _, scope in REMOVABLE:
            with replay.Server(kind, lists(kind)) as server:
                for address in ("", ".", "..", "@", "a@", "@example.com", "example.com", "*@example.com", "a@b@example.com", "a b@example.com", "a\n@example.com", "a\x7f@example.com", '"a@example.com', "%", "a" * 1001 + "@example.com"):
                    result = self.remove(server, kind, name, address, scope)
                    self.assertEqual((result.code, result.error[0]), (64, "usage"), (kind, address, result.err))
                self.assertEqual(server.requests, [])

    def test_quoted(self):
        with replay.Server("ses", {"suppression_list": [{"EmailAddress": '"a@b"@example.com', "Reason": "BOUNCE"}]}) as server:
            self.assertEqual(self.remove(server, "ses", "suppression_list", '"a@b"@example.com').code, 0)

    def test_lists_that_take_no_removals(self):
        with replay.Server("brevo", {}) as server:
            self.assertEqual(self.remove(server, "brevo", "contacts", ODD).code, 64)
            self.assertEqual(server.requests, [])
        for kind, name in (("sendgrid", "group_unsubscribes"), ("postmark", "suppressions")):
            with replay.Server(kind, lists(kind)) as server:
                self.assertEqual(self.remove(server, kind, name, ODD, "").code, 64)
                self.assertEqual(server.requests, [])

    def test_a_removal_that_failed_with_status_200(self):
        data = {"outbound": [{"EmailAddress": ODD, "SuppressionReason": "SpamComplaint"}]}
        with replay.Server("postmark", data) as server:
            result = self.remove(server, "postmark", "suppressions", ODD, "outbound")
            self.assertEqual(result.code, 69)
            self.assertIn("required authority", result.error[1])
            self.assertNotIn("brien", result.error[1])

    def test_failures(self):
        for status, code in ((401, 77), (403, 77), (400, 69), (302, 69)):
            with replay.Server("mailgun", lists("mailgun")) as server:
                server.faults = [lambda request, at, reply: Reply(status, {"message": ODD + " no"})]
                result = self.remove(server, "mailgun", "bounces", ODD)
                self.assertEqual((result.code, len(server.requests)), (code, 1))
                self.assertNotIn("brien", result.err)
        with replay.Server("mailgun", lists("mailgun")) as server:
            server.faults = [lambda request, at, reply: Reply(503, b"", {"Retry-After": "0"}) if at < 3 else None]
            self.assertEqual(self.remove(server, "mailgun", "bounces", ODD).out, "removed\n")
        # The first try took it off, and its reply was lost.
        with replay.Server("mailgun", lists("mailgun")) as server:
            server.changes = [lambda request, at, reply: Reply(hang=True) if at == 1 else None]
            self.assertEqual(self.remove(server, "mailgun", "bounces", ODD).out, "was not listed\n")


if __name__ == "__main__":
    esp.main()
