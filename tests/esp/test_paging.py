"""From page to page: the end is only where the provider says so, and nothing leads elsewhere."""
import json
import unittest

import esp
import replay
from replay import Reply


def bounces(count):
    return {"bounces": [{"address": f"a{i:05}@example.com", "code": "550", "created_at": ""} for i in range(count)], "complaints": [], "unsubscribes": [], "whitelists": []}


def created(count):
    return [{"created": 1700000000 + i, "email": f"a{i:05}@example.com"} for i in range(count)]


def with_next(number, link):
    """Reply number `number` names this next page; {url} and {next} are the server's address and the real one."""

    def change(request, at, reply):
        body = json.loads(reply.body)
        if at == number and "paging" in body:
            body["paging"]["next"] = link(body["paging"]["next"]) if callable(link) else link
            reply.body = json.dumps(body).encode()

    return change


class Paging(unittest.TestCase):
    def one(self, kind, data, *arguments, faults=(), changes=(), prefix="", **quirks):
        with replay.Server(kind, data, **quirks) as server:
            server.faults, server.changes = list(faults), list(changes)
            result = esp.run(kind, server.url + prefix, *arguments)
            self.server = server
        return result

    def refused(self, result, code, *words):
        self.assertEqual(result.code, code, result.out + result.err)
        for word in words:
            self.assertIn(word, result.error[1] + result.error[2])
        self.assertNotIn("whole", {line[1] for line in result.lists.values()})

    def test_many_pages(self):
        for count in (999, 1000, 1001, 2000, 2500):
            result = self.one("mailgun", bounces(count), "--list", "bounces")
            self.assertEqual((result.code, len(set(result.addresses()))), (0, count), result.err)
            self.assertEqual([p[1] for p in result.pages], [str(i + 1) for i in range(len(result.pages))])
            self.assertEqual([p[3] for p in result.pages], [""] * (len(result.pages) - 1) + ["ended"])

    def test_next_equals_last_before_the_last_page(self):
        def change(request, at, reply):
            body = json.loads(reply.body)
            body["paging"]["last"] = body["paging"].get("next", "")
            reply.body = json.dumps(body).encode()

        result = self.one("mailgun", bounces(2500), "--list", "bounces", changes=[change])
        self.assertEqual((result.code, len(result.addresses())), (0, 2500))

    def test_links_lead_nowhere_else(self):
        with replay.Server("mailgun", bounces(10)) as other:
            host = other.url.split("//")[1]
            query = "page=next&address=a00999%40example.com&limit=1000"
            path = "/v3/mg.example.com/bounces"
            rebased = [f"{other.url}{path}?{query}", f"//{host}{path}?{query}", f"https://user:pass@{host}{path}?{query}", f"{path}?{query}", f"https://api.mailgun.net/v3/mg%2eexample%2Ecom/bounces?{query}", f"http://169.254.169.254{path}?{query}"]
            for link in rebased:
                with self.subTest(link):
                    result = self.one("mailgun", bounces(1500), "--list", "bounces", changes=[with_next(1, link)])
                    self.assertEqual((result.code, len(result.addresses())), (0, 1500), result.err)
            foreign = [f"{other.url}/v3/mg.example.com/complaints?{query}", "/v3/mg.example.com/bounces/../complaints?" + query, f"file://{path}", f"{path}/x?{query}", f"/v3/mg.example.com%2Fbounces?{query}", f"gopher://{host}{path}", f"{path}?a=b\r\nX-Evil: 1", f"{path}?a=b#x", "not a link", "https://api.mailgun.net", 17, ["x"], f"{path}?{query} x", f"javascript:alert(1)//{path}"]
            for link in foreign:
                with self.subTest(link):
                    result = self.one("mailgun", bounces(1500), "--list", "bounces", changes=[with_next(1, link)])
                    self.refused(result, 69, "page 1", "bounces")
                    self.assertEqual(len(self.server.requests), 1)
            self.assertEqual(other.requests, [])

    def test_a_gateway_with_a_path(self):
        """A gateway below a path, which may or may not put its path into links."""

        def gateway(request, at, reply):
            self.assertTrue(request.path.startswith("/gate/way/"))
            inner = replay.Request(request.method, request.target.removeprefix("/gate/way"), request.headers, request.body)
            reply = replay.mailgun(self.gate, inner)
            if self.rewrites:
                reply.body = reply.body.replace(b"https://api.mailgun.net/v3", b"https://gate.example.com/gate/way/v3")
            return reply

        for self.rewrites in (False, True):
            with replay.Server("mailgun", bounces(1500)) as self.gate:
                self.gate.faults = [gateway]
                result = esp.run("mailgun", self.gate.url + "/gate/way/", "--list", "bounces")
                self.assertEqual((result.code, len(result.addresses())), (0, 1500), result.err)

    def test_circles(self):
        result = self.one("mailgun", bounces(2500), "--list", "bounces", changes=[with_next(2, "/v3/mg.example.com/bounces?limit=1000")])
        self.refused(result, 69, "circle", "page 3")
        always = lambda request, at, reply: Reply(200, {"items": [{"address": "a@example.com"}], "paging": {"next": f"/v3/mg.example.com/bounces?n={at}"}})
        result = self.one("mailgun", bounces(0), "--list", "bounces", faults=[always])
        self.refused(result, 69, "same entries", "page 2")

    def test_a_full_page_without_a_next_one(self):
        change = with_next(1, "")
        self.refused(self.one("mailgun", bounces(1500), "--list", "bounces", changes=[change]), 69, "is full")
        result = self.one("mailgun", bounces(500), "--list", "bounces", changes=[change])
        self.assertEqual((result.code, len(result.addresses())), (0, 500))

    def test_offsets(self):
        for count in (0, 1, 499, 500, 501, 1000, 1234):
            result = self.one("sendgrid", {"bounces": created(count)}, "--list", "bounces")
            self.assertEqual((result.code, len(set(result.addresses()))), (0, count), result.err)
        # A server that gives less than was asked for.
        for clamp in (1, 7, 100):
            result = self.one("sendgrid", {"bounces": created(50)}, "--list", "bounces", clamp=clamp)
            self.assertEqual((result.code, len(set(result.addresses()))), (0, 50), result.err)

    def test_group_lists_with_and_without_pages(self):
        def groups(count):
            return {"groups": [{"email": f"a{i:05}@example.com", "group_id": 1, "created_at": 1} for i in range(count)]}

        for count in (0, 1, 499, 500, 501, 1700):
            for unpaged in (False, True):
                with self.subTest(count=count, unpaged=unpaged):
                    result = self.one("sendgrid", groups(count), "--list", "group_unsubscribes", unpaged=unpaged)
                    self.assertEqual((result.code, len(set(result.addresses()))), (0, count), result.err)
                    self.assertEqual(result.pages[-1][3], "ended")

    def test_repeated_offset_page_is_no_end_elsewhere(self):
        change = lambda request, at, reply: Reply(200, created(500)) if "offset=499" in request.target else None
        self.refused(self.one("sendgrid", {"bounces": created(700)}, "--list", "bounces", changes=[change]), 69, "does not follow on the one before")

    def test_entries_taken_off_meanwhile(self):
        """What goes from a page that was read moves others past the reader: they are found all the same, or the list is not whole."""
        items = {
            "sendgrid": ("bounces", "bounces", lambda i: created(1300)[i], {}),
            "elasticemail": ("bounces", "bounces", lambda i: {"Email": f"a{i:05}@example.com", "DateUpdated": "2025-12-01T00:00:00Z"}, {}),
            "mailjet": ("contact", "complaints", lambda i: {"Email": f"a{i:05}@example.com", "IsExcludedFromCampaigns": True, "IsSpamComplaining": True}, {}),
            "customers_mail_cloud": ("blocks", "blocks", lambda i: {"email": f"a{i:05}@example.com", "status": "2"}, {}),
        }
        for kind, (stored, name, item, quirks) in items.items():
            count = 1300 if kind == "sendgrid" else 350 if kind == "customers_mail_cloud" else 2500

            def lose(at_requests):
                def apply(request, at, reply):
                    if at in at_requests:
                        del data[stored][3]

                return apply

            for at_requests in ((2,), (3,), (2, 3)):
                with self.subTest(kind=kind, at=at_requests):
                    data = {stored: [item(i) for i in range(count)]}
                    result = self.one(kind, data, "--list", name, faults=[lose(at_requests)])
                    self.assertEqual(result.code, 0, result.err)
                    field = next(f for f in ("email", "Email") if f in data[stored][0])
                    last = max(i for i, page in enumerate(result.pages) if page[1] == "1")
                    self.assertTrue(last > 0 or kind == "customers_mail_cloud")  # it was read again
                    self.assertLessEqual({i[field] for i in data[stored]}, set(result.addresses()))
            data = {stored: [item(i) for i in range(count)]}
            always = lambda request, at, reply: data[stored].pop(3) and None
            result = self.one(kind, data, "--list", name, faults=[always])
            self.refused(result, 69, "does not follow on the one before")
            self.assertIn(":count`", result.err)
            data = {stored: [item(i) for i in range(count)]}
            result = self.one(kind, data, "--accept-count", "--list", name, faults=[always])
            self.assertEqual((result.code, result.lists[name][1]), (0, "whole"), result.err)

    def test_numbered_pages_are_read_twice(self):
        """One page is of one moment; several are whole when a second reading finds the same."""
        for count, asked in ((0, 1), (99, 2), (100, 2), (101, 6), (350, 10)):
            data = {"blocks": [{"email": f"a{i:05}@example.com", "status": "2"} for i in range(count)]}
            result = self.one("customers_mail_cloud", data)
            self.assertEqual((result.code, len(set(result.addresses())), len(self.server.requests)), (0, count, asked), result.err)

    def test_numbered_pages_begin_anew_after_a_stop(self):
        data = {"blocks": [{"email": f"a{i:05}@example.com", "status": "2"} for i in range(350)]}
        with replay.Server("customers_mail_cloud", data) as server:
            first = esp.run("customers_mail_cloud", server.url, "--pages", "2")
            second = esp.run("customers_mail_cloud", server.url, "--resume", first.pages[-1][4])
        self.assertEqual((second.code, second.pages[0][1], len(set(second.addresses()))), (0, "1", 350), second.err)

    def test_tokens(self):
        data = {"suppression_list": [{"EmailAddress": f"a{i}@example.com", "Reason": "BOUNCE", "LastUpdateTime": 1} for i in range(25)]}
        result = self.one("ses", data, clamp=4, empty_pages=True)
        self.assertEqual((result.code, len(result.addresses())), (0, 25), result.err)
        again = lambda request, at, reply: Reply(200, {"SuppressedDestinationSummaries": [{"EmailAddress": f"b{at}@example.com", "Reason": "BOUNCE"}], "NextToken": "same+token=="}) if "suppression" in request.path else None
        self.refused(self.one("ses", data, changes=[again]), 69, "circle")

    def test_counts(self):
        def brevo(count):
            return {"blockedContacts": [{"email": f"a{i}@example.com", "reason": {"code": "hardBounce"}} for i in range(count)]}

        def count_is(change):
            def apply(request, at, reply):
                body = json.loads(reply.body)
                body["count"] = change(body["count"], at)
                reply.body = json.dumps(body).encode()

            return apply

        result = self.one("brevo", brevo(250), "--list", "blocked_contacts")
        self.assertEqual((result.code, len(result.addresses()), len(self.server.requests)), (0, 250, 4))
        # A few that came or went meanwhile, after the list was read once more; and too many.
        result = self.one("brevo", brevo(250), "--list", "blocked_contacts", changes=[count_is(lambda n, _: n + 5)])
        self.assertEqual((result.code, len(self.server.requests), result.lists["blocked_contacts"][1]), (0, 8, "whole"), result.err)
        result = self.one("brevo", brevo(250), "--list", "blocked_contacts", changes=[count_is(lambda n, _: n + 6)])
        self.refused(result, 69, "250 entries came and the ESP counts 256")
        # One that shrank while it was read, for the first time round.
        result = self.one("brevo", brevo(250), "--list", "blocked_contacts", changes=[count_is(lambda n, at: n + 3 if at == 1 else n)])
        self.assertEqual((result.code, len(self.server.requests)), (0, 8), result.err)
        self.assertEqual([p[1] for p in result.pages], ["1", "2", "3", "1", "2", "3", "4"])
        result = self.one("brevo", brevo(250), "--accept-count", "--list", "blocked_contacts", changes=[count_is(lambda n, _: n + 6)])
        self.assertEqual((result.code, result.lists["blocked_contacts"][1]), (0, "whole"), result.err)
        result = self.one("brevo", {}, "--list", "blocked_contacts", changes=[lambda r, a, reply: Reply(200, {"count": 90})])
        self.refused(result, 69, "0 entries came and the ESP counts 90")

    def test_an_order_that_changes(self):
        """What comes twice by offsets stands for what did not come at all: the list is read once more."""
        names = [f"a{i}@example.com" for i in range(250)]

        def turn(times):
            def apply(request, at, reply):
                if at in times:  # the second page of a reading: the entries before it come back, others go unseen
                    data["blockedContacts"].reverse()

            return apply

        for times, code, asked in (((2,), 0, 8), ((2, 6), 69, 8)):
            data = {"blockedContacts": [{"email": a, "reason": {"code": "hardBounce"}} for a in names]}
            result = self.one("brevo", data, "--list", "blocked_contacts", faults=[turn(times)])
            self.assertEqual((result.code, len(self.server.requests)), (code, asked), result.err)
            if code == 0:
                self.assertEqual(set(result.addresses()), set(names))

    def test_mandrill_stops_at_a_thousand(self):
        data = {"rejects": [{"email": f"a{i}@example.com", "reason": "unsub"} for i in range(1000)]}
        self.refused(self.one("mandrill", data), 69, "1000 entries", "export")
        data["rejects"].pop()
        self.assertEqual(self.one("mandrill", data).code, 0)

    def test_more_without_entries(self):
        reply = lambda request, at, reply: Reply(200, {"has_more": True, "data": []})
        self.refused(self.one("resend", {"suppressions": []}, faults=[reply]), 69, "says that there are more")
        reply = lambda request, at, reply: Reply(200, {"data": []})
        self.refused(self.one("resend", {"suppressions": []}, faults=[reply]), 69, "does not say")

    def test_cursors_that_grow_old(self):
        data = {"suppression_list": [{"recipient": f"a{i}@example.com", "source": "Bounce Rule"} for i in range(7)]}
        once = lambda request, at, reply: Reply(400, {"errors": [{"message": "cursor expired"}]}) if at == 3 else None
        result = self.one("sparkpost", data, faults=[once], clamp=2)
        self.assertEqual((result.code, [p[1] for p in result.pages]), (0, ["1", "2", "1", "2", "3", "4"]), result.err)
        twice = lambda request, at, reply: Reply(400, {"errors": []}) if "initial" not in request.target else None
        self.refused(self.one("sparkpost", data, faults=[twice], clamp=2), 69, "HTTP 400")

    def test_going_on_after_a_stop(self):
        for kind, data, name, quirks in (
            ("mailgun", bounces(5500), "bounces", {}),
            ("sendgrid", {"bounces": created(2600)}, "bounces", {}),
            ("ses", {"suppression_list": [{"EmailAddress": f"a{i}@example.com", "Reason": "BOUNCE"} for i in range(30)]}, "suppression_list", {"clamp": 5}),
            ("brevo", {"blockedContacts": [{"email": f"a{i}@example.com", "reason": {"code": "x"}} for i in range(550)]}, "blocked_contacts", {}),
            ("postmark", {f"s{n}": [{"EmailAddress": f"a{i}@example.com", "SuppressionReason": "HardBounce"} for i in range(n + 1)] for n in range(5)}, "suppressions", {}),
            ("sparkpost", {"suppression_list": [{"recipient": f"a{i}@example.com"} for i in range(30)]}, "suppression_list", {"clamp": 5}),
        ):
            with self.subTest(kind), replay.Server(kind, data, **quirks) as server:
                whole = esp.run(kind, server.url, "--list", name)
                first = esp.run(kind, server.url, "--list", name, "--pages", "2")
                self.assertEqual((first.code, first.lists[name][1]), (143, "partial"))
                asked = len(server.requests)
                token = first.pages[-1][4]
                self.assertNotIn("canary", token)
                second = esp.run(kind, server.url, "--list", name, "--resume", token)
                self.assertEqual(second.code, 0, second.err)
                self.assertEqual(second.pages[0][1], "3")
                self.assertEqual(first.entries + second.entries, whole.entries)
                # One that no longer fits: another list, nonsense, an old cursor.
                for bad in ("", "{", "[]", '{"form":1}', token.replace(name, "other"), token.replace('"since":0', '"since":1')):
                    self.assertEqual(esp.run(kind, server.url, "--list", name, "--resume", bad).entries, whole.entries)
                server.faults = [lambda request, at, reply: Reply(410, {"message": "gone"}) if at == len(server.requests) == self.first else None]
                self.first = len(server.requests) + 1 + (kind == "ses") + (kind == "postmark")
                old = esp.run(kind, server.url, "--list", name, "--resume", token)
                self.assertEqual((old.code, old.pages[0][1]), (0, "1"), old.err)
                self.assertEqual(old.entries, whole.entries)
                self.assertGreater(asked, 0)

    def test_several_lists_in_one_go(self):
        data = {"bounces": bounces(1500)["bounces"], "complaints": bounces(1500)["bounces"], "unsubscribes": [], "whitelists": []}
        broken = lambda request, at, reply: Reply(404, {"message": "no"}) if "complaints" in request.path else None
        result = self.one("mailgun", data, faults=[broken])
        self.assertEqual(result.code, 69)
        self.assertEqual({name: line[1] for name, line in result.lists.items()}, {"bounces": "whole", "complaints": "partial", "unsubscribes": "whole", "allowlist": "whole"})

    def test_windows(self):
        result = self.one("sendgrid", {"bounces": created(100)}, "--list", "bounces", "--since", "1700000090")
        self.assertEqual((result.code, len(result.addresses())), (0, 10))
        result = self.one("mailgun", bounces(3), "--list", "bounces", "--since", "1700000090")  # it has no window
        self.assertEqual((result.code, len(result.addresses())), (0, 3))

    def test_progress(self):
        result = self.one("brevo", {"blockedContacts": [{"email": f"a{i}@example.com"} for i in range(150)]}, "--list", "blocked_contacts", "--progress")
        lines = [line.split("\t") for line in result.err.splitlines()]
        self.assertEqual([line[3:6] for line in lines], [["1", "100", "150"], ["2", "150", "150"], ["3", "150", "150"]])

    def test_what_the_account_records(self):
        data = {"suppression_list": []}
        for reasons in ([], ["BOUNCE"], ["COMPLAINT"], "BOUNCE COMPLAINT", {}):
            result = self.one("ses", data, reasons=reasons)
            self.refused(result, 69, "SuppressedReasons", "recorded_elsewhere: true")
            self.assertEqual(self.one("ses", data, "recorded_elsewhere=true", reasons=reasons).code, 0)
            self.assertNotIn("/v2/email/account", [request.path for request in self.server.requests])
        result = self.one("ses", data, reasons=None)
        self.assertEqual((result.code, "did not let presend read" in result.lists["suppression_list"][5]), (0, True), result.out)


if __name__ == "__main__":
    esp.main()
