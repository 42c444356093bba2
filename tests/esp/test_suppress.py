"""`presend run` and `presend suppress` with the lists of an ESP: what is synced, merged, kept, lifted, guarded and removed.

Usage: test_suppress.py PRESEND [Outage]
"""
import base64
import copy
import csv
import datetime
import email.utils
import hashlib
import hmac
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import esp
import replay
from replay import Reply

PRESEND = None
DATE = "Thu, 11 Dec 2025 01:49:40 UTC"
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"


def bounce(address, date=DATE):
    return {"address": address, "code": "550", "error": "No such mailbox", "created_at": date}


def mailgun(bounces=(), complaints=(), unsubscribes=(), whitelists=()):
    return {
        "bounces": [bounce(b) if isinstance(b, str) else b for b in bounces],
        "complaints": [{"address": a, "created_at": DATE} for a in complaints],
        "unsubscribes": [{"address": a, "tags": tags, "created_at": DATE} for a, *tags in unsubscribes],
        "whitelists": [{"type": "address", "value": a, "reason": "", "createdAt": DATE} for a in whitelists],
    }


def stored_number(number):
    """As an entry of a page has its times."""
    number, out = number << 1, bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def stored_addresses(page):
    """Of the entries of a page: ten numbers, then text, scope, code and reason."""
    at = 0
    while at < len(page):
        numbers = []
        for _ in range(10):
            number = shift = 0
            while page[at] & 0x80:
                number |= (page[at] & 0x7F) << shift
                at, shift = at + 1, shift + 7
            numbers.append(number | page[at] << shift)
            at += 1
        yield page[at:at + numbers[0]].decode()
        at += sum(numbers[:4])


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def job(self, url, recipients=("ok@example.org",), source="", more="", sources=()):
        (self.path / "in.csv").write_text("email\n" + "".join(f"{a}\n" for a in recipients), "utf-8")
        own = f'  - {{name: mg, type: mailgun, domain: mg.example.com, key: env:ESP_KEY, base_url: "{url}"{source}}}\n' if url else ""
        (self.path / "job.yaml").write_text(
            "version: 1\nrecipients: [{file: in.csv}]\naddress: {allow_special_use: all}\nmx: {mode: 'off'}\noutput: {directory: out}\n"
            + more + "suppressions:\n" + own + "".join(f"  - {s}\n" for s in sources), "utf-8")

    def run_presend(self, *arguments, code=0, text=None):
        done = subprocess.run([PRESEND, *arguments], cwd=self.path, env=esp.environment(), capture_output=True, text=True, input=text, timeout=240)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("canary", done.stdout + done.stderr)
        return done

    def judge(self, *arguments, code=0):
        return self.run_presend("run", "job.yaml", *arguments, code=code)

    def suppress(self, *arguments, code=0):
        done = self.run_presend("suppress", *arguments, "--job", "job.yaml", "--json", code=code)
        document = json.loads(done.stdout)
        self.valid(document)
        return document

    def valid(self, document):
        try:
            import jsonschema
        except ImportError:
            return
        schema = json.loads((SCHEMAS / "suppress.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)

    def rows(self, name, folder="out"):
        with open(self.path / folder / name, newline="") as file:
            return {row["email"]: row for row in csv.DictReader(file)}

    def report(self, folder="out"):
        return json.loads((self.path / folder / "report.json").read_text())

    def reason(self, address):
        return self.rows("removed.csv")[address]["presend_reason"]

    def age(self, seconds):
        with sqlite3.connect(self.path / "presend.sqlite") as database:
            database.execute("UPDATE suppression_lists SET whole_s = whole_s - ?, full_s = full_s - ?", (seconds, seconds))
        database.close()


class Merge(Case):
    def test_every_list(self):
        data = mailgun(["b@example.com"], ["c@example.com"], [("u@example.com", "*"), ("t@example.com", "news")], ["w@example.com", "b@example.com"])
        with replay.Server("mailgun", data) as server:
            self.job(server.url, ["B@Example.com", "c@example.com", "ｕ@example.com", "t@example.com", "w@example.com", "ok@example.org"])
            self.judge()
        removed = self.rows("removed.csv")
        self.assertEqual({a: r["presend_reason"] for a, r in removed.items()}, {
            "B@Example.com": "suppressed_bounce", "c@example.com": "suppressed_complaint", "ｕ@example.com": "suppressed_unsubscribe", "t@example.com": "suppressed_unsubscribe"})
        self.assertEqual(removed["B@Example.com"]["presend_detail"], "mg bounces 2025-12-11")
        self.assertEqual(set(self.rows("clean.csv")), {"w@example.com", "ok@example.org"})
        source = self.report()["sources"][0]
        self.assertEqual((source["source"], source["type"], source["allowlisted"], source["rows_matched"]), ("mg", "mailgun", 2, 4))
        self.assertEqual(source["entries"]["unsubscribe"], 2)
        sync = self.report()["run"]["source_syncs"][0]
        self.assertEqual((sync["synced"], sync["full"], sync["added"]), (True, True, 6))

    def test_same_again(self):
        """All but `run` is the same whether a sync brought anything or not."""
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["b@example.com", "ok@example.org"])
            documents = []
            for _ in range(2):
                self.judge("--as-of", "2026-11-21")
                documents.append(self.report())
                documents[-1].pop("run")
            self.assertEqual(*documents)

    def test_scope_and_brands(self):
        data = mailgun(["b@example.com"], ["c@example.com"], [("u@example.com", "*"), ("n@example.com", "news"), ("s@example.com", "shop")])
        people = ["b@example.com", "c@example.com", "u@example.com", "n@example.com", "s@example.com"]
        for settings, more, clean in (
            ("", "", set()),
            (", scope: [shop]", "", {"n@example.com"}),
            (", brands: [other]", "brand: own\n", {"u@example.com", "n@example.com", "s@example.com"}),
            (", brands: [own, other]", "brand: own\n", set()),
            (", brands: [other]", "", set()),
        ):
            with self.subTest(settings=settings, more=more), replay.Server("mailgun", data) as server:
                self.setUp()
                self.job(server.url, people, settings, more)
                self.judge()
                self.assertEqual(set(self.rows("clean.csv")), clean)
                told = self.report()["job"]["suppressions"][0]
                self.assertEqual((told["type"], told["scope"] == ["shop"], told["brands"] != []), ("mailgun", "scope" in settings, "brands" in settings))

    def test_service(self):
        data = mailgun(["b@example.com"], ["c@example.com"], [("u@example.com", "*")])
        with replay.Server("mailgun", data) as server:
            self.job(server.url, ["b@example.com", "c@example.com", "u@example.com"], more="purpose: service\n")
            self.judge()
        self.assertEqual(set(self.rows("clean.csv")), {"u@example.com"})
        self.assertEqual(set(self.rows("held.csv")), {"c@example.com"})
        self.assertIn("service", [w["code"] for w in self.report()["warnings"] if w["headline"]])

    def test_contradicted(self):
        """A click after the bounce: somebody is there. A complaint is not taken back by it."""
        for bounced, others, expected in (
            (bounce("b@example.com"), [], "bounce_contradicted"),
            (bounce("b@example.com", "Thu, 11 Dec 2026 01:49:40 UTC"), [], "suppressed_bounce"),
            (bounce("b@example.com", ""), [], "suppressed_bounce"),
            (bounce("b@example.com"), ["b@example.com"], "suppressed_complaint"),
        ):
            with self.subTest(expected=expected), replay.Server("mailgun", mailgun([bounced], others)) as server:
                self.setUp()
                self.job(server.url, [])
                (self.path / "in.csv").write_text("email,last_click\nb@example.com,2026-06-01\nok@example.org,2026-06-01\n")
                self.judge("--as-of", "2026-11-21")
                kind = "held.csv" if expected == "bounce_contradicted" else "removed.csv"
                self.assertEqual(self.rows(kind)["b@example.com"]["presend_reason"], expected)

    def test_ses_reasons(self):
        """An account that records nothing proves nothing; where that cannot be read, the headline says so."""
        data = {"suppression_list": [{"EmailAddress": "b@example.com", "Reason": "BOUNCE", "LastUpdateTime": 1.7e9}]}
        for reasons, more, code in ((["BOUNCE", "COMPLAINT"], "", 0), ([], "", 69), ([], ", recorded_elsewhere: true", 0), (None, "", 0)):
            with self.subTest(reasons=reasons, more=more), replay.Server("ses", data, reasons=reasons) as server:
                self.setUp()
                self.job(None, ["b@example.com", "ok@example.org"], sources=[f'{{name: ses, type: ses, region: ap-northeast-1, base_url: "{server.url}"{more}}}'])
                self.judge(code=code)
                if code == 0:
                    self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")
                    headline = [w["text"] for w in self.report()["warnings"] if w["headline"] and w["code"] == "source"]
                    self.assertEqual(bool(headline), reasons is None, headline)
                    notes = [w for w in self.report()["warnings"] if w["code"] == "source_note"]
                    self.assertEqual([(w["headline"], "Gmail" in w["text"]) for w in notes], [(False, True)])

    def test_vanished(self):
        data = mailgun(["b@example.com", bounce("old@example.com", "Thu, 11 Dec 2014 01:49:40 UTC"), "stays@example.com"], ["c@example.com"], [("u@example.com", "*")])
        people = ["b@example.com", "old@example.com", "stays@example.com", "c@example.com", "u@example.com"]
        with replay.Server("mailgun", data) as server:
            self.job(server.url, people)
            self.judge()
            server.data.update(mailgun(["stays@example.com"], ["x@example.com"], [("y@example.com", "*")]))
            self.judge()
        self.assertEqual(set(self.rows("clean.csv")), {"b@example.com"})
        sync = self.report()["run"]["source_syncs"][0]
        self.assertEqual((sync["gone"], sync["lifted"], sync["kept"], sync["held_back"]), (4, 1, 3, 0))


class Guards(Case):
    def test_lift(self):
        many = [f"p{i:03}@example.com" for i in range(300)]
        with replay.Server("mailgun", mailgun(many)) as server:
            self.job(server.url, many[:3], more="guards: {removed_share: 100%}\n")
            self.judge()
            server.data.update(mailgun(many[150:]))
            self.judge()
            self.assertEqual(self.report()["run"]["source_syncs"][0]["held_back"], 150)
            self.assertIn("lift", [w["code"] for w in self.report()["warnings"] if w["headline"]])
            self.assertEqual(len(self.rows("removed.csv")), 3)
            self.judge("--accept", "mg:lift")
            self.assertEqual(len(self.rows("clean.csv")), 3)
            self.assertEqual(self.report()["sources"][0]["accepted"], "lift")

    def test_empty(self):
        with replay.Server("mailgun", mailgun(["b@example.com"], ["c@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.judge()
            server.data.update(mailgun())
            self.assertIn("--accept mg:empty", self.judge(code=69).stderr)
            self.judge("--accept", "mg:empty")
            self.assertEqual(set(self.rows("clean.csv")), {"b@example.com"})

    def test_stale(self):
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["b@example.com", "ok@example.org"])
            self.assertIn("never read whole", self.judge("--offline", code=69).stderr)
            self.judge()
            asked = len(server.requests)
            self.judge("--offline")
            self.assertEqual(len(server.requests), asked)
            self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")
            self.age(25 * 3600)
            self.assertIn("mg:stale", self.judge("--offline", code=76).stderr)
            self.judge("--offline", "--accept", "mg:stale")
            self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")
            self.job(server.url, ["b@example.com"], ", max_age: 7d")
            self.judge("--offline")
            manifest = json.loads((self.path / "out/manifest.json").read_text())
            left = time.mktime(time.strptime(manifest["valid_until"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime())
            self.assertAlmostEqual(left, 23 * 3600, delta=120)  # two days after the lists were whole
            self.age(30 * 86400)
            self.judge("--offline", code=76)
            self.job(server.url, ["b@example.com"], ", retired: true")
            self.judge()
            self.assertEqual(len(server.requests), asked)

    def test_kinds(self):
        data = mailgun([f"p{i}@example.com" for i in range(50)] + ["nobody"])
        with replay.Server("mailgun", data) as server:
            self.job(server.url, ["p1@example.com"])
            self.assertIn("--accept mg:kinds", self.judge(code=69).stderr)
            self.judge("--accept", "mg:kinds")
            server.data["bounces"].append(bounce("*@example.net"))
            self.assertIn("wildcard", self.judge("--accept", "mg:kinds", code=69).stderr)

    def test_flipped(self):
        with replay.Server("mailgun", mailgun(["b@example.com", "d@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.judge()
            with sqlite3.connect(self.path / "presend.sqlite") as database:
                database.execute("UPDATE suppression_pages SET entries = CAST(replace(entries, 'b@example.com', 'c@example.com') AS BLOB)")
            database.close()
            for arguments in (("run", "job.yaml"), ("suppress", "list", "mg", "--job", "job.yaml"), ("suppress", "sync", "--job", "job.yaml")):
                self.assertIn("--accept mg:checksum", self.run_presend(*arguments, code=69).stderr)
            self.run_presend("suppress", "sync", "--full", "--accept", "mg:checksum", "--job", "job.yaml")
            self.judge()
            self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")

    def test_account(self):
        """A key from elsewhere may be another account's, so somebody has to say that it is not."""
        with replay.Server("mailgun", mailgun(["b@example.com"], ["c@example.com"])) as server:
            self.job(server.url, ["b@example.com", "c@example.com"])
            self.judge()
            (self.path / "key").write_text(replay.KEY)
            (self.path / "key").chmod(0o600)
            job = (self.path / "job.yaml").read_text()
            (self.path / "job.yaml").write_text(job.replace("env:ESP_KEY", "file:key"))
            self.assertIn("--accept mg:account", self.judge(code=78).stderr)
            self.judge("--accept", "mg:account")
            self.judge()
            self.assertEqual(set(self.rows("removed.csv")), {"b@example.com", "c@example.com"})
            self.job(server.url, ["b@example.com"])
            (self.path / "job.yaml").write_text(job.replace("name: mg", "name: new"))
            self.assertIn("2 entries of mg (mailgun), which the job does not name", self.judge().stderr)

    def test_old_file(self):
        """A file that nobody has saved for more than 35 days is taken, and said to be old."""
        self.job(None, sources=["{name: list, type: file, file: list.txt}"])
        (self.path / "list.txt").write_text("b@example.com\n")
        for days, warned in ((34, False), (37, True)):
            then = time.time() - days * 86400
            os.utime(self.path / "list.txt", (then, then))
            self.judge()
            self.assertEqual("old_source" in [w["code"] for w in self.report()["warnings"]], warned)

    def test_account_of_aws(self):
        """The variables of AWS name another account's keys: the job shows nothing of it, the id of the key does."""
        there = {"suppression_list": [{"EmailAddress": "b@example.com", "Reason": "BOUNCE", "LastUpdateTime": 1.7e9}]}
        known = replay.USER
        self.addCleanup(setattr, replay, "USER", known)
        with replay.Server("ses", there) as server:
            self.job(None, ["b@example.com"], sources=[f'{{name: ses, type: ses, region: ap-northeast-1, base_url: "{server.url}"}}'])
            for user, code in (("ASIAQNZGKIQY56JQ7WML", 0), ("AKIAQNZGKIQY5BCDEFGH", 0), ("AKIARAAAAAAAAAAAAAAA", 78)):
                replay.USER = user  # of the same account, renewed; then of another
                asked = len(server.requests)
                done = self.run_presend("suppress", "sync", "--job", "job.yaml", code=code)
                self.assertEqual(len(server.requests) == asked, code == 78)
                self.assertEqual("--accept ses:account" in done.stderr, code == 78)
            self.run_presend("suppress", "sync", "--job", "job.yaml", "--accept", "ses:account")

    def test_twice_on_a_list(self):
        """One address with two reasons on one list: the stronger counts, in whatever order they come."""
        item = lambda status: {"created": "2025-12-14 08:46:00", "email": "b@example.com", "id": status, "occurred": "1", "status": status}
        for statuses in (("11", "3"), ("3", "11"), ("1", "11", "4"), ("11", "1")):
            with self.subTest(statuses), replay.Server("customers_mail_cloud", {"blocks": [item(s) for s in statuses]}) as server:
                self.setUp()
                self.job(None, ["b@example.com"], sources=[f'{{name: cmc, type: customers_mail_cloud, user: api-user, key: env:ESP_KEY, base_url: "{server.url}"}}'])
                self.judge()
                self.assertEqual(self.reason("b@example.com"), "suppressed_unsubscribe")

    def test_another_reason(self):
        """Who unsubscribed and then bounced is listed for the bounce, and is not lifted with it."""
        item = lambda code: {"email": "b@example.com", "blockedAt": "2025-12-01T10:00:00Z", "reason": {"code": code}}
        other = dict(item("hardBounce"), email="a@example.com", blockedAt="2020-12-01T10:00:00Z")
        with replay.Server("brevo", {"blockedContacts": [item("unsubscribedViaEmail"), other], "contacts": []}) as server:
            self.job(None, ["b@example.com"], sources=[f'{{name: brevo, type: brevo, key: env:ESP_KEY, base_url: "{server.url}"}}'])
            for listed in ([item("unsubscribedViaEmail"), other], [item("hardBounce"), other], [other]):
                server.data["blockedContacts"] = listed
                self.judge()
                self.assertEqual(self.reason("b@example.com"), "suppressed_unsubscribe")

    def test_flipped_list(self):
        """One bit makes an allowlist, which suppresses nobody, of a list, or leaves it to no source."""
        for change in ("allowlist = 1", "source = 0", "name = 'bouncds'"):
            with self.subTest(change=change), replay.Server("mailgun", mailgun(["b@example.com"], ["c@example.com"])) as server:
                self.setUp()
                self.job(server.url, ["b@example.com"])
                self.judge()
                with sqlite3.connect(self.path / "presend.sqlite") as database:
                    database.execute(f"UPDATE suppression_lists SET {change} WHERE name = 'bounces'")
                database.close()
                self.assertIn("--accept mg:checksum", self.judge("--offline", code=69).stderr)

    def test_shrink(self):
        source = "{name: list, type: file, file: list.txt}"
        write = lambda count: (self.path / "list.txt").write_text("".join(f"p{i}@example.com\n" for i in range(count)))
        self.job(None, ["ok@example.org"], sources=[source])
        write(1000)
        self.judge("--as-of", "2026-11-19")
        write(899)
        self.assertIn("list:shrink", self.judge("--as-of", "2026-11-20", code=76).stderr)
        self.judge("--as-of", "2026-11-20", "--accept", "list:shrink")
        write(799)
        self.judge("--as-of", "2026-11-21")  # a hundred may always go

    def test_shrink_of_events(self):
        """Soft bounces come and go; who complained must not be forgotten with the log."""
        kinds = {"complaint": '"event":"spamreport"', "soft": '"event":"deferred"'}
        line = lambda kind, i: f'{{"email":"{kind}{i}@example.com","timestamp":1764950400,{kinds[kind]}}}\n'
        write = lambda **counts: (self.path / "log.json").write_text("".join(line(k, i) for k, n in counts.items() for i in range(n)))
        self.job(None, ["ok@example.org", "complaint9@example.com"], sources=["{name: log, type: file, file: log.json}"])
        write(complaint=1000, soft=1000)
        self.judge("--as-of", "2026-11-19")
        write(complaint=1000, soft=10)
        self.judge("--as-of", "2026-11-20")
        write(complaint=800, soft=2000)
        said = self.judge("--as-of", "2026-11-21", code=76).stderr
        self.assertIn("log has 800 entries and had 1000", said)
        self.assertIn("presend suppress import FILE --into NAME", said)
        # What the guard's sentence says helps: the log may then be of any day.
        write(complaint=1000)
        self.run_presend("suppress", "import", "log.json", "--into", "kept", "--state", "presend.sqlite")
        write(soft=10)
        self.judge("--as-of", "2026-11-21", "--accept", "log:shrink")
        self.assertEqual(self.reason("complaint9@example.com"), "suppressed_complaint")

    def test_files(self):
        source = "{name: list, type: file, file: list.txt}"
        self.job(None, ["p1@example.com"], sources=[source])
        (self.path / "list.txt").write_text("")
        self.judge(code=69)
        self.judge("--accept", "list:empty")
        (self.path / "list.txt").write_text("p1@example.com\nnobody\n")
        self.judge(code=69)
        self.judge("--accept", "list:kinds")
        self.assertEqual(self.reason("p1@example.com"), "suppressed_manual")


ONE_LIST = ", lists: [bounces], without: [complaints, unsubscribes]"


class Outage(Case):
    """Slow: a server that is gone is asked six times, with longer and longer waits."""

    def test_outage(self):
        """Refused credentials are no outage; a server that is gone is one."""
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["b@example.com"], ", on_outage: last_whole, max_age: 72h" + ONE_LIST)
            self.judge()
            server.faults = [lambda request, number, reply: Reply(403, {"message": "no"})]
            self.judge(code=77)
            url = server.url
            server.faults = []
        self.judge()
        self.assertTrue(self.report()["run"]["source_syncs"][0]["outage"])
        self.assertIn("source_outage", [w["code"] for w in self.report()["warnings"] if w["headline"]])
        self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")
        self.job(url, ["b@example.com"], ONE_LIST)
        self.judge(code=75)
        self.age(80 * 3600)
        self.job(url, ["b@example.com"], ", on_outage: last_whole, max_age: 72h" + ONE_LIST)
        self.judge(code=76)


class Commands(Case):
    def test_a_long_reply(self):
        """Postmark sends a stream's list in one reply, so how long that may be is the job's to say."""
        reason = "x" * 1000
        data = {"outbound": [{"EmailAddress": f"b{i}@example.com", "SuppressionReason": "HardBounce", "Note": reason} for i in range(1100)]}
        with replay.Server("postmark", data) as server:
            for more, code in ((", max_reply_mib: 1", 69), (", max_reply_mib: 2", 0), ("", 0), (", max_reply_mib: 257", 78), (", max_reply_mib: 0", 78)):
                self.job(None, ["b7@example.com"], sources=[f'{{name: pm, type: postmark, key: env:ESP_KEY, base_url: "{server.url}"{more}}}'])
                done = self.run_presend("suppress", "sync", "--full", "--job", "job.yaml", code=code)
                self.assertEqual("max_reply_mib: 256" in done.stderr, code == 69)
            (self.path / "list.txt").write_text("b@example.com\n")
            self.job(None, sources=["{name: list, type: file, file: list.txt, max_reply_mib: 100}"])
            self.assertIn("is about the lists of an ESP", self.judge(code=78).stderr)

    def test_undated(self):
        """A date that cannot be read never drops its entry, and is counted."""
        data = mailgun([bounce("b@example.com", "Thu, 11 Dec 2025 01:49:40 PST"), bounce("d@example.com", "soon"), bounce("e@example.com", "")])
        with replay.Server("mailgun", data) as server:
            self.job(server.url)
            synced = self.suppress("sync")["sources"][0]
            self.assertEqual((synced["entries"], synced["undated"]), (3, 2))
            self.assertEqual({e["created_at"] for e in self.suppress("list", "mg", "--list", "bounces")["entries"]}, {None})
            self.assertIn("2 of the dates", self.run_presend("suppress", "sync", "--full", "-v", "--job", "job.yaml").stderr)

    def test_list_and_diff(self):
        with replay.Server("mailgun", mailgun(["b@example.com", "d@example.com"], ["c@example.com"])) as server:
            self.job(server.url)
            synced = self.suppress("sync")["sources"][0]
            self.assertEqual((synced["added"], synced["status"], synced["full"]), (3, "ok", True))
            lists = {entry["list"]: entry["entries"] for entry in self.suppress("list")["sources"][0]["lists"]}
            self.assertEqual(lists, {"allowlist": 0, "bounces": 2, "complaints": 1, "unsubscribes": 0})
            entries = self.suppress("list", "mg", "--list", "bounces")["entries"]
            self.assertEqual([e["address"] for e in entries], ["b@example.com", "d@example.com"])
            self.assertEqual((entries[0]["code"], entries[0]["created_at"]), ("550", "2025-12-11T01:49:40Z"))
            time.sleep(1.1)  # syncs are told apart by the second
            server.data.update(mailgun(["d@example.com", "e@example.com"], ["x@example.com"]))
            self.suppress("sync")
            self.assertEqual(self.suppress("diff")["counts"], {"came": 2, "gone_kept": 1, "lifted": 1, "removed": 0})
            self.assertEqual(self.suppress("diff", "mg", "--since", "2020-01-01")["counts"]["came"], 4)
            with sqlite3.connect(self.path / "presend.sqlite") as database:  # half past midnight in Tokyo
                [(page,)] = database.execute("SELECT entries FROM suppression_pages WHERE text = 'd@example.com'")
                seen = stored_number(int(datetime.datetime.fromisoformat("2020-05-04T15:30:00+00:00").timestamp()))
                at = page.index(b"d@example.com") - 1 - len(seen)  # the time it was first seen stands before that of its end, which is 0
                database.execute("UPDATE suppression_pages SET entries = ? WHERE text = 'd@example.com'", (page[:at] + seen + page[at + len(seen):],))
            database.close()
            job = (self.path / "job.yaml").read_text()
            for zone, came in (("UTC", 3), ("Asia/Tokyo", 4)):
                (self.path / "job.yaml").write_text(job + f"timezone: {zone}\n")
                self.assertEqual(self.suppress("diff", "mg", "--since", "2020-05-05")["counts"]["came"], came, zone)
                self.assertEqual(self.suppress("diff", "mg", "--since", "2020-05-06")["counts"]["came"], 3, zone)
            text = self.run_presend("suppress", "diff", "--job", "job.yaml").stdout
            self.assertRegex(text, r"(?m)^\+ mg +bounces +hard +e@example.com$")
            self.assertRegex(text, r"(?m)^- mg +bounces +hard +b@example.com$")
            self.assertRegex(text, r"(?m)^= mg +complaints +complaint +c@example.com  gone at the ESP, kept$")

    def test_export(self):
        data = mailgun([bounce("b@example.com"), "both@example.com"], ["c@example.com", "BOTH@example.com"], [("u@example.com", "*")])
        there = {"suppression_list": [{"EmailAddress": "U@example.com", "Reason": "COMPLAINT", "LastUpdateTime": 1.7e9}]}
        with replay.Server("mailgun", data) as server, replay.Server("ses", there) as other:
            self.job(server.url, sources=[f'{{name: ses, type: ses, region: ap-northeast-1, base_url: "{other.url}"}}'])
            self.suppress("sync")
            told = self.suppress("export", "--for", "ses", "--missing-from", "ses", "-o", "move")
            self.assertEqual((told["addresses"], told["already_there"]), (3, 1))
            lines = (self.path / "move/ses-suppressed.csv").read_text().splitlines()
            self.assertEqual(sorted(lines), ["BOTH@example.com,COMPLAINT", "b@example.com,BOUNCE", "c@example.com,COMPLAINT"])
            self.suppress("export", "mg", "--for", "mailgun", "-o", "mailgun")
            self.assertEqual((self.path / "mailgun/mailgun-bounces.csv").read_text(),
                             f'address,code,error,created_at\nb@example.com,550,No such mailbox,"{DATE}"\n')
            self.assertEqual((self.path / "mailgun/mailgun-unsubscribes.csv").read_text(), f'address,tags,created_at\nu@example.com,*,"{DATE}"\n')
            self.suppress("export", "mg", "--for", "mailgun", "-o", "mailgun", code=73)
            # What was written is read again as what it is.
            self.job(None, ["b@example.com", "c@example.com", "u@example.com"], sources=[
                f"{{name: {n}, type: file, file: mailgun/mailgun-{n}.csv}}" for n in ("bounces", "complaints", "unsubscribes")])
            self.judge()
            self.assertEqual([self.reason(a) for a in ("b@example.com", "c@example.com", "u@example.com")],
                             ["suppressed_bounce", "suppressed_complaint", "suppressed_unsubscribe"])

    def test_export_round_trip(self):
        """Whoever is suppressed by the state is by the files of each form, however the address is spelled; nobody else."""
        odd = ["o'b+x@example.com", '"a,b"@example.com', "例@example.com", "x@例え.example", "Upper@Example.com", "=sum@example.com", "-minus@example.com", "nul@xn--r8jz45g.example"]
        data = mailgun([bounce(a) for a in odd[:3]], odd[3:5], [(odd[5], "*"), (odd[6], "news"), (odd[7], "*")], ["allowed@example.com"])
        rows = [*odd, "upper@example.com", "x@xn--r8jz45g.example", "allowed@example.com", "ok@example.org"]
        forms = {"csv": ["suppressed.csv"], "plain": ["suppressed.txt"], "sendgrid": ["sendgrid-unsubscribes.csv"], "ses": ["ses-suppressed.csv"],
                 "mailgun": ["mailgun-bounces.csv", "mailgun-complaints.csv", "mailgun-unsubscribes.csv"]}
        with replay.Server("mailgun", data) as server:
            self.job(server.url, ['"' + row.replace('"', '""') + '"' for row in rows])
            self.judge()
        # A repeated row is `duplicate` beside it: what counts is who may be mailed.
        clean = set(self.rows("clean.csv"))
        self.assertEqual(clean, {"allowed@example.com", "ok@example.org"})
        for form, files in forms.items():
            with self.subTest(form=form):
                told = self.suppress("export", "--for", form, "-o", form)
                self.assertEqual((told["addresses"], told["files"]), (len(odd), len(files)))
                there = [f"{{name: l{i}, type: file, file: ../{form}/{name}}}" for i, name in enumerate(files)]
                folder = self.path / ("as-" + form)
                folder.mkdir()
                (folder / "in.csv").write_bytes((self.path / "in.csv").read_bytes())
                text = (self.path / "job.yaml").read_text()
                (folder / "job.yaml").write_text(text[: text.index("suppressions:")] + "suppressions:\n" + "".join(f"  - {s}\n" for s in there))
                self.run_presend("run", "as-" + form + "/job.yaml")
                self.assertEqual(set(self.rows("clean.csv", "as-" + form + "/out")), clean)
                # And into the state of another account, by hand.
                for name in files:
                    self.run_presend("suppress", "import", f"{form}/{name}", "--into", "moved", "--state", form + ".sqlite")
                again = self.run_presend("suppress", "export", "--for", form, "--missing-from", "moved", "-o", form + "-left", "--state", form + ".sqlite", "--json")
                self.assertEqual(json.loads(again.stdout)["addresses"], 0)

    def test_import(self):
        (self.path / "phone.txt").write_text("asked@example.com\nASKED@example.com\n*.example.net\n")
        self.job(None, ["asked@example.com", "x@sub.example.net", "ok@example.org"], sources=["{name: list, type: file, file: list.txt}"])
        (self.path / "list.txt").write_text("z@example.com\n")
        told = self.suppress("import", "phone.txt", "--into", "by-phone", "--kind", "both", "--class", "unsubscribe")
        self.assertEqual((told["added"], told["entries"]), (2, 2))
        self.assertEqual(self.suppress("import", "phone.txt", "--into", "by-phone", "--kind", "both", "--class", "unsubscribe")["added"], 0)
        self.judge()
        self.assertEqual(self.reason("asked@example.com"), "suppressed_unsubscribe")
        self.assertEqual(self.reason("x@sub.example.net"), "suppressed_domain")
        self.assertEqual([s["source"] for s in self.report()["sources"]], ["list", "by-phone"])
        self.suppress("import", "phone.txt", "--into", "By Phone", code=64)

    def test_import_that_expires(self):
        """What Mandrill lets go of counts no more in a list that stays either; whoever complained did so for good."""
        (self.path / "rejects.csv").write_text(
            "email,reason,detail,created_at,expires_at,last_event_at\n"
            "b@example.com,hard-bounce,,2026-01-01 00:00:00,2026-06-01 00:00:00,\n"
            "c@example.com,spam,,2026-01-01 00:00:00,2026-06-01 00:00:00,\n"
            "d@example.com,hard-bounce,,2026-01-01 00:00:00,,\n")
        self.job(None, ["b@example.com", "c@example.com", "d@example.com", "ok@example.org"], more="suppressions: none\n# ")
        self.run_presend("suppress", "import", "rejects.csv", "--into", "kept", "--state", "presend.sqlite")
        entries = [json.loads(line) for line in self.run_presend("suppress", "list", "kept", "--state", "presend.sqlite", "--json").stdout.splitlines()]
        self.assertIn("2026-06-01T12:00:00Z", json.dumps(entries))
        gone = {"2026-06-01": {"b@example.com", "c@example.com", "d@example.com"}, "2026-06-02": {"c@example.com", "d@example.com"}}
        zones = ("UTC", "America/New_York", "Pacific/Pago_Pago", "Asia/Tokyo")  # the days are the file's, wherever the job is
        for day, zone in [(day, zone) for day in gone for zone in zones]:
            with self.subTest(day=day, zone=zone):
                self.job(None, ["b@example.com", "c@example.com", "d@example.com", "ok@example.org"], more=f"timezone: {zone}\nsuppressions: none\n# ")
                self.judge("--as-of", day)
                self.assertEqual({address: row["presend_detail"][-10:] for address, row in self.rows("removed.csv").items()},
                                 dict.fromkeys(gone[day], "2026-01-01"))

    def test_import_beside_an_esp(self):
        """No sync takes away what was imported."""
        (self.path / "more.txt").write_text("more@example.com\n")
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["more@example.com", "b@example.com"])
            self.suppress("sync")
            self.suppress("import", "more.txt", "--into", "mg")
            self.judge()
            self.judge()
        self.assertEqual(self.reason("more@example.com"), "suppressed_manual")
        self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")

    def hashed(self, name, kind, *addresses, key=None, more=""):
        text = "".join((hmac.new(key, a.encode(), "sha256") if key else hashlib.new(kind, a.encode())).hexdigest() + "\n" for a in addresses)
        (self.path / name).write_text(more + text)
        return name

    def test_import_hashed(self):
        """Hashed lists for good: of every kind, under a key too; whose digests they are, rows say in every spelling."""
        spellings = {"md5": "one@example.com", "sha1": "two@example.com", "sha256": "three@xn--r8jz45g.example", "sha512": "four@例え.example"}
        rows = ["One@Example.com", " two@example.com", "three@例え.example", "four@xn--r8jz45g.example", "ｆｉｖｅ@example.com", "ok@example.org"]
        self.job(None, rows, sources=["{name: list, type: file, file: list.txt}"])
        (self.path / "list.txt").write_text("nobody@example.com\n")
        for kind, address in spellings.items():
            done = self.suppress("import", self.hashed(f"partner.{kind}", kind, address), "--into", "partner")
            self.assertIn("digests", done["format"])
        unsaid = self.run_presend("suppress", "import", self.hashed("list5.txt", "sha256", "x@example.com"), "--into", "partner", "--job", "job.yaml", code=69)
        self.assertIn("--hash sha256", unsaid.stderr)
        (self.path / "key").write_text("canary of the list")
        (self.path / "key").chmod(0o600)
        keyed = self.hashed("keyed.txt", None, "five@example.com", key=b"canary of the list")
        for arguments in (["--hash", "hmac-sha256"], ["--hash-key", "file:key"], ["--hash", "md5", "--kind", "domain"]):
            self.run_presend("suppress", "import", keyed, "--into", "keyed", "--job", "job.yaml", *arguments, code=64)
        for _ in range(2):
            self.suppress("import", keyed, "--into", "keyed", "--hash", "hmac-sha256", "--hash-key", "file:key")
        entries = self.suppress("list", "partner")["entries"] + self.suppress("list", "keyed")["entries"]
        self.assertEqual({e["hash"] for e in entries}, {"md5", "sha1", "sha256", "sha512", "hmac-sha256"})
        for _ in range(2):  # the second is loaded from the image
            self.judge()
            self.assertEqual(set(self.rows("clean.csv")), {"ok@example.org"})
            self.assertEqual(len(self.rows("removed.csv")), 5)
        self.assertEqual(self.suppress("export", "-o", "all")["digests_left_out"], 5)
        for name in ("presend.sqlite", "presend.sqlite-lists", "out/report.json", "out/report.html"):
            self.assertNotIn(b"canary", (self.path / name).read_bytes(), name)

    def test_import_under_another_key(self):
        """With another key nobody would be found: the run says so, and digests under two keys have two sources."""
        self.job(None, ["five@example.com"], sources=["{name: list, type: file, file: list.txt}"])
        (self.path / "list.txt").write_text("nobody@example.com\n")
        keyed = self.hashed("keyed.txt", None, "five@example.com", key=b"one")
        other = self.hashed("other.txt", None, "six@example.com", key=b"two")
        for name in "one", "two":
            (self.path / name).write_text(name)
            (self.path / name).chmod(0o600)
        said = ["--hash", "hmac-sha256", "--hash-key"]
        self.suppress("import", keyed, "--into", "keyed", *said, "file:one")
        self.assertIn("another key", self.run_presend("suppress", "import", other, "--into", "keyed", "--job", "job.yaml", *said, "file:two", code=64).stderr)
        self.judge()
        self.assertEqual(self.reason("five@example.com"), "suppressed_manual")
        (self.path / "one").rename(self.path / "moved")
        self.assertIn("could not be opened", self.judge(code=78).stderr)
        (self.path / "two").rename(self.path / "one")
        self.assertIn("is not the one", self.judge(code=78).stderr)
        self.suppress("import", keyed, "--into", "keyed", *said, "file:moved")
        self.judge()
        self.assertEqual(self.reason("five@example.com"), "suppressed_manual")

    def test_clean_hashed(self):
        """Without a job file its header or its name says how a list is hashed; else an option does."""
        clean = ["clean", "in.csv", "--offline", "-o", "out", "--set", "mx.mode=off", "--set", "address.allow_special_use=all"]
        self.job(None, ["One@Example.com", "two@example.com", "ok@example.org"])
        for kind in ("md5", "sha1", "sha256", "sha512"):
            done = self.run_presend(*clean, "--suppress", self.hashed(f"partner.{kind}", kind, "one@example.com"))
            self.assertIn("hashed list (plain list of ", done.stderr)
            self.assertEqual(set(self.rows("clean.csv")), {"two@example.com", "ok@example.org"})
            self.assertIn("digests", self.report()["sources"][0]["format"])
        plain = self.hashed("plain.txt", "sha256", "one@example.com")
        self.assertIn("--hash hmac-sha256 --hash-key", self.run_presend(*clean, "--suppress", plain, code=69).stderr)
        (self.path / "key").write_text("k")
        (self.path / "key").chmod(0o600)
        keyed = self.hashed("keyed.txt", None, "two@example.com", key=b"k")
        self.run_presend(*clean, "--suppress", plain, "--hash", "sha256", "--suppress", keyed, "--hash", "hmac-sha256", "--hash-key", "file:key")
        self.assertEqual(set(self.rows("clean.csv")), {"ok@example.org"})
        self.run_presend(*clean, "--hash", "sha256", "--suppress", plain, code=64)
        self.run_presend(*clean, "--suppress", keyed, "--hash", "hmac-sha256", code=78)
        self.run_presend(*clean, "--suppress", plain, "--hash", "md5", code=69)

    def test_imported_counts_without_lists(self):
        """`suppressions: none` is said of the job's own lists: what was imported for good is heeded in every run of its state."""
        self.job(None, ["never@example.com", "ok@example.org"])
        text = (self.path / "job.yaml").read_text().replace("suppressions:\n", "suppressions: none\n")
        (self.path / "job.yaml").write_text(text)
        self.judge()
        self.assertIn("no_suppression", [w["code"] for w in self.report()["warnings"]])
        (self.path / "never.txt").write_text("never@example.com\n")
        self.suppress("import", "never.txt", "--into", "keep")
        self.judge()
        self.assertEqual(self.reason("never@example.com"), "suppressed_manual")
        self.assertNotIn("no_suppression", [w["code"] for w in self.report()["warnings"]])

    def test_import_after_damage(self):
        self.job(None, ["never@example.com", "ok@example.org"], sources=["{name: list, type: file, file: list.txt}"])
        (self.path / "list.txt").write_text("nobody@example.com\n")
        (self.path / "never.txt").write_text("never@example.com\nother@example.com\n")
        self.suppress("import", "never.txt", "--into", "keep")
        with sqlite3.connect(self.path / "presend.sqlite") as database:
            database.execute("UPDATE suppression_pages SET entries = CAST(replace(entries, 'never@example.com', 'mever@example.com') AS BLOB)")
        database.close()
        said = self.judge(code=69).stderr
        self.assertIn("--into keep --accept keep:checksum", said)
        self.run_presend("suppress", "import", "never.txt", "--into", "keep", "--job", "job.yaml", code=69)
        self.run_presend("suppress", "import", "never.txt", "--into", "keep", "--job", "job.yaml", "--accept", "keep:stale", code=64)
        self.assertEqual(self.suppress("import", "never.txt", "--into", "keep", "--accept", "keep:checksum")["entries"], 3)
        self.judge()
        self.assertEqual(self.reason("never@example.com"), "suppressed_manual")

    def remove(self, address, *arguments, code=0):
        return self.run_presend("suppress", "remove", address, "--from", "mg", "--job", "job.yaml", *arguments, code=code)

    def test_remove(self):
        with replay.Server("mailgun", mailgun(["b@example.com", "o'b+x@example.com"], ["c@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.suppress("sync")
            asked = len(server.requests)
            for address in ("", "*", "*@example.com", "example.com", "b@example.com,c@example.com", "a@b@example.com", "b@example.com\n"):
                self.remove(address, "--yes", "--why", "test", code=64)
            self.remove("b@example.com", "--why", "test", code=64)  # nobody to ask
            self.remove("b@example.com", "--yes", code=64)  # no reason
            self.remove("nobody@example.com", "--yes", "--why", "test", code=64)
            self.remove("c@example.com", "--yes", "--why", "test", code=64)  # what a person wished
            self.assertEqual(len(server.requests), asked)
            self.remove("B@example.com", "--yes", "--why", "mailbox is back")
            self.remove("o'b+x@example.com", "--yes", "--why", "mailbox is back")
            self.remove("c@example.com", "--yes", "--why", "asked by phone", "--person-asked")
            self.assertEqual((server.data["bounces"], server.data["complaints"], server.emptied), ([], [], []))
            removed = [d for d in self.suppress("diff")["differences"] if d["event"] == "removed"]
            self.assertEqual([(d["address"], d["why"]) for d in removed],
                             [("b@example.com", "mailbox is back"), ("o'b+x@example.com", "mailbox is back"), ("c@example.com", "asked by phone")])
            self.assertTrue(all(d["who"] for d in removed))
            self.judge("--offline")
            self.assertEqual(set(self.rows("clean.csv")), {"b@example.com"})

    def test_remove_fails(self):
        """What the ESP refuses stays suppressed here."""
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.suppress("sync")
            server.faults = [lambda request, number, reply: Reply(403, {"message": "no"}) if request.method == "DELETE" else None]
            self.remove("b@example.com", "--yes", "--why", "test", code=77)
            self.judge("--offline")
            self.assertEqual(self.reason("b@example.com"), "suppressed_bounce")

    def test_remove_fails_half(self):
        """Of an address that stands there for two groups, what the ESP did not take off stays."""
        data = {"groups": [{"email": "g@example.com", "group_id": n, "group_name": "x", "created_at": 1} for n in (101, 102)]}
        with replay.Server("sendgrid", data) as server:
            self.job(None, ["g@example.com"], sources=[f'{{name: mg, type: sendgrid, key: env:ESP_KEY, base_url: "{server.url}"}}'])
            self.suppress("sync")
            server.faults = [lambda request, number, reply: Reply(403, {"message": "no"}) if request.method == "DELETE" and "102" in request.path else None]
            self.remove("g@example.com", "--yes", "--why", "test", "--person-asked", code=77)
            self.assertEqual([e["scope"] for e in self.suppress("list", "mg")["entries"]], ["102"])
            self.judge("--offline")
            self.assertEqual(self.reason("g@example.com"), "suppressed_unsubscribe")

    def test_usage(self):
        self.run_presend("suppress", "lst", code=64)
        self.run_presend("suppress", "list", code=64)
        self.run_presend("suppress", "list", "--state", "none.sqlite", code=66)
        self.job(None, sources=["{name: list, type: file, file: list.txt}"])
        self.run_presend("suppress", "sync", "--job", "job.yaml", code=64)
        self.run_presend("suppress", "sync", "list", "--job", "job.yaml", code=64)
        self.run_presend("suppress", "sync", "--job", "job.yaml", "--accept", "list:nothing", code=64)


class Whole(Case):
    def state(self):
        with sqlite3.connect(f"file:{self.path / 'presend.sqlite'}?mode=ro", uri=True) as database:
            try:
                rows = database.execute("SELECT entries FROM suppression_pages").fetchall()
            except sqlite3.OperationalError:
                rows = []
        database.close()
        return frozenset(address for row in rows for address in stored_addresses(row[0]))

    def test_one_list_fails(self):
        """The other lists of the source do not become its state either."""
        with replay.Server("mailgun", mailgun(["b@example.com"], ["c@example.com"])) as server:
            self.job(server.url)
            self.suppress("sync")
            server.data.update(mailgun(["new@example.com", "b@example.com"], ["c@example.com"]))
            server.faults = [lambda request, number, reply: Reply(200, b"<html>", {"Content-Type": "text/html"}) if "complaints" in request.path else None]
            self.run_presend("suppress", "sync", "--job", "job.yaml", code=69)
            self.assertEqual(self.state(), {"b@example.com", "c@example.com"})
            server.faults = []
            asked = len(server.requests)
            self.suppress("sync")
            self.assertEqual(self.state(), {"b@example.com", "c@example.com", "new@example.com"})
            again = [r.path for r in server.requests[asked:]]
            self.assertFalse([path for path in again if path.endswith("/bounces")])  # it was whole already

    def test_window(self):
        """Soon after a whole reading only what came since is asked for; what vanished is seen by the next whole one."""
        now = int(time.time())
        item = lambda address, created: {"email": address, "created": created, "reason": "550 no", "status": "5.1.1"}
        data = {"bounces": [item("old@example.com", now - 10 * 86400), item("older@example.com", now - 20 * 86400)]}
        with replay.Server("sendgrid", data) as server:
            self.job(None, sources=[f'{{name: sg, type: sendgrid, key: env:ESP_KEY, base_url: "{server.url}"}}'])
            self.assertTrue(self.suppress("sync")["sources"][0]["full"])
            server.data["bounces"] = [item("older@example.com", now - 20 * 86400), item("new@example.com", now - 5)]
            second = self.suppress("sync")["sources"][0]
            self.assertEqual((second["full"], second["added"], second["gone"], second["fetched"]), (False, 1, 0, 1))
            self.assertEqual(self.state(), {"old@example.com", "older@example.com", "new@example.com"})
            third = self.suppress("sync", "--full")["sources"][0]
            self.assertEqual((third["full"], third["added"], third["lifted"]), (True, 0, 1))
            self.assertEqual(self.state(), {"older@example.com", "new@example.com"})
            for hours, full in ((19, False), (2, True)):  # removals are seen in a whole list only, so one is read every day
                self.age(hours * 3600)
                self.assertEqual(self.suppress("sync")["sources"][0]["full"], full)

    def test_clock(self):
        """Times that a wrong clock wrote lead neither to a window that is yet to come nor to a list that is never too old."""
        now = int(time.time())
        item = lambda address, created: {"email": address, "created": created, "reason": "550 no", "status": "5.1.1"}
        with replay.Server("sendgrid", {"bounces": [item("old@example.com", now - 10 * 86400)]}) as server:
            self.job(None, ["old@example.com", "new@example.com"], sources=[f'{{name: sg, type: sendgrid, key: env:ESP_KEY, base_url: "{server.url}"}}'])
            self.suppress("sync")
            self.age(-3650 * 86400)  # as if the clock had been ten years ahead
            self.assertIn("sg:stale", self.judge("--offline", code=76).stderr)
            server.data["bounces"].append(item("new@example.com", now - 86400))
            again = self.suppress("sync")["sources"][0]
            self.assertEqual((again["full"], again["added"]), (True, 1))
            self.judge("--offline")
            self.assertEqual(set(self.rows("removed.csv")), {"old@example.com", "new@example.com"})

    def test_clock_of_the_esp(self):
        """What is asked for by our time is not whole when the ESP's time is another."""
        for skew, code in ((-3600, 69), (3600, 69), (60, 0)):
            with self.subTest(skew=skew), replay.Server("sendgrid", {"bounces": []}) as server:
                self.setUp()
                server.changes = [lambda request, number, reply: reply.headers.update({"Date": email.utils.formatdate(time.time() + skew, usegmt=True)})]
                self.job(None, sources=[f'{{name: sg, type: sendgrid, key: env:ESP_KEY, base_url: "{server.url}"}}'])
                done = self.run_presend("suppress", "sync", "--job", "job.yaml", code=code)
                self.assertEqual("clock" in done.stderr, code != 0)

    def test_repeated(self):
        """A list may change while it is read: what comes on two pages is one entry."""
        def page(request, number, reply):
            again = [bounce("b@example.com"), bounce("B@example.com"), bounce(f"p{number}@example.com")]
            if "bounces" not in request.path or number > 2:
                return None
            return Reply(200, {"items": again, "paging": {"next": f"/v3/mg.example.com/bounces?page=next&address=zz{number}"}})

        with replay.Server("mailgun", mailgun()) as server:
            server.faults = [page]
            self.job(server.url, ["b@example.com"])
            synced = self.suppress("sync")["sources"][0]
            self.assertEqual((synced["fetched"], synced["entries"]), (6, 4))  # as the ESP spells them
            self.assertEqual(self.state(), {"b@example.com", "B@example.com", "p1@example.com", "p2@example.com"})

    def test_expired(self):
        """What Mandrill has let go of is told, and removes nobody; what a person wished does not lapse."""
        item = lambda name, reason, expires: {"email": f"{name}@example.com", "reason": reason, "detail": "", "created_at": "2025-12-01 13:00:00", "expires_at": expires, "expired": False}
        data = {"rejects": [item("old", "hard-bounce", "2026-03-01 13:00:00"), item("now", "hard-bounce", "2027-03-01 13:00:00"), item("odd", "hard-bounce", "soon"), item("unsub", "unsub", "2026-03-01 13:00:00"), item("spam", "spam", None)]}
        with replay.Server("mandrill", data) as server:
            self.job(None, [i["email"] for i in data["rejects"]], sources=[f'{{name: md, type: mandrill, key: env:ESP_KEY, base_url: "{server.url}"}}'], more="guards: {removed_share: 100%}\n")
            self.judge("--as-of", "2026-11-21")
            self.assertEqual(set(self.rows("clean.csv")), {"old@example.com"})
            self.assertEqual(self.report()["sources"][0]["expired"], 1)

    def test_moves(self):
        """An entry that moves from list to list while they are read, or between two readings of which one fails, is on one."""
        def move():
            server.data["complaints"].append({"address": "b@example.com", "created_at": DATE})
            server.data["bounces"] = [i for i in server.data["bounces"] if i["address"] != "b@example.com"]

        with replay.Server("mailgun", mailgun(["a@example.com", "b@example.com"], ["c@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.suppress("sync")
            server.faults = [lambda request, number, reply: move() if "complaints" in request.path and len(server.data["bounces"]) == 2 else None]
            self.judge()
            self.assertEqual(self.reason("b@example.com"), "suppressed_complaint")
            server.data.update(mailgun(["a@example.com", "b@example.com"], ["c@example.com"]))
        self.setUp()
        with replay.Server("mailgun", mailgun(["a@example.com", "b@example.com"], ["c@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.suppress("sync")
            server.faults = [lambda request, number, reply: Reply(200, b"<html>") if "bounces" in request.path else None]
            self.judge(code=69)  # the complaints came to their end
            server.faults = []
            move()
            self.judge()
            self.assertEqual(self.reason("b@example.com"), "suppressed_complaint")

    def test_killed(self):
        """Killed at any moment: the old state or the new one, and the next sync goes on."""
        old = [f"old{i:05}@example.com" for i in range(3000)]
        new = old[:2990] + [f"new{i:05}@example.com" for i in range(5000)]
        states = {frozenset(), frozenset(old), frozenset(new)}
        dice = random.Random(7)
        with replay.Server("mailgun", mailgun(old)) as server:
            server.changes = [lambda request, number, reply: setattr(reply, "delay", 0.01)]
            self.job(server.url)
            for bounces in (old, new):
                server.data["bounces"] = [bounce(b) for b in bounces]
                for _ in range(KILLS):
                    process = subprocess.Popen([PRESEND, "suppress", "sync", "--job", "job.yaml"], cwd=self.path, env=esp.environment(), stderr=subprocess.DEVNULL)
                    time.sleep(dice.random() * 0.6)
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    if (self.path / "presend.sqlite").exists():
                        self.assertIn(self.state(), states)
                self.run_presend("suppress", "sync", "--job", "job.yaml")
                self.assertEqual(self.state(), frozenset(bounces))
                self.run_presend("suppress", "list", "mg", "--job", "job.yaml")  # checks the sums

    SOURCES = {  # an entry of each ESP that presend reads
        "mailgun": ("domain: mg.example.com", mailgun(["b@example.com"], ["c@example.com"])),
        "sendgrid": ("", {"bounces": [{"email": "b@example.com", "created": 1, "status": "5.1.1"}]}),
        "ses": ("region: ap-northeast-1", {"suppression_list": [{"EmailAddress": "b@example.com", "Reason": "BOUNCE", "LastUpdateTime": 1.7e9}]}),
        "postmark": ("", {"outbound": [{"EmailAddress": "b@example.com", "SuppressionReason": "HardBounce", "Origin": "Recipient"}]}),
        "brevo": ("", {"blockedContacts": [{"email": "b@example.com", "reason": {"code": "hardBounce"}}]}),
        "customers_mail_cloud": ("user: api-user", {"blocks": [{"email": "b@example.com", "status": "2"}]}),
        "sparkpost": ("", {"suppression_list": [{"recipient": f"b{i or ''}@example.com", "source": "Bounce Rule", "type": "transactional"} for i in range(3)]}),
        "mandrill": ("", {"rejects": [{"email": "b@example.com", "reason": "hard-bounce"}]}),
        "resend": ("", {"suppressions": [{"id": "1", "email": "b@example.com", "origin": "bounce"}]}),
        "klaviyo": ("", {"HARD_BOUNCE": [{"attributes": {"email": f"b{i or ''}@example.com"}} for i in range(3)]}),
        "customerio": ("domain: mg.example.com", {"bounces": [{"email": "b@example.com", "created": 1}]}),
        "mailjet": ("user: api-user", {"contact": [{"Email": "b@example.com", "IsExcludedFromCampaigns": True}]}),
        "elasticemail": ("", {"bounces": [{"Email": "b@example.com"}]}),
    }

    def one_source(self, kind, url):
        more = self.SOURCES[kind][0]
        key = "" if kind == "ses" else ", key: env:ESP_KEY"
        self.job(None, ["b@example.com"], sources=[f'{{name: mg, type: {kind}{key}{", " if more else ""}{more}, base_url: "{url}"}}'])

    COMMANDS = [["run", "job.yaml", "-v", "--log-format", "json"], ["suppress", "sync", "--full", "--job", "job.yaml", "-v"],
                ["suppress", "remove", "b@example.com", "--from", "mg", "--yes", "--why", "test", "--person-asked", "--job", "job.yaml", "-v"]]

    def command(self, *arguments, env):
        done = subprocess.run([PRESEND, *arguments], cwd=self.path, env=env, capture_output=True, timeout=240)
        return done.returncode, done.stdout + done.stderr

    def watched(self, seen, reply=None):
        """Looks at what is known of the processes of this test while the ESP is asked."""
        mark = os.fsencode(self.path)

        def look(request, number, _):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    if os.fsencode(os.readlink(f"/proc/{pid}/cwd")) == mark:
                        seen.append(pathlib.Path("/proc", pid, "cmdline").read_bytes())
                except OSError:
                    pass
            return reply

        return look

    def test_every_source_keeps_its_key(self):
        """Of every ESP, whatever it is asked for, also when it refuses or repeats the key: in nothing that is said, written or told of a process."""
        env = esp.environment(AWS_SESSION_TOKEN=replay.SESSION)
        basic = [base64.b64encode(f"{user}:{replay.KEY}".encode()) for user in ("api", "api-user")]
        for kind in self.SOURCES:
            session = [replay.SESSION.encode(), b"session//"] if kind == "ses" else []
            secrets = [replay.KEY.encode(), b"canary", *basic, *session]
            everything = b"bad " + b" ".join(secrets)
            for reply in (None, Reply(401, b" ".join(session[:1] or secrets)), Reply(200, {"message": everything.decode()}), Reply(400, everything * 3)):
                with self.subTest(kind=kind, reply=reply and reply.status), replay.Server(kind, copy.deepcopy(self.SOURCES[kind][1]), clamp=2, session=True) as server:
                    self.setUp()
                    self.one_source(kind, server.url)
                    said, seen, asked = [self.command(*self.COMMANDS[1], env=env)], [], []
                    server.faults = [self.watched(seen, reply)]
                    for arguments in self.COMMANDS:
                        before = len(server.requests)
                        said.append(self.command(*arguments, env=env))
                        asked.append(len(server.requests) - before)
                    unremovable = kind in ("customers_mail_cloud", "klaviyo", "mailjet")
                    removed = not unremovable and (reply is None or (reply.status == 200 and kind not in ("postmark", "mandrill")))
                    self.assertEqual([code == 0 for code, _ in said], [True, *[reply is None] * 2, removed], said)
                    self.assertTrue(seen and all(asked[:2]) and (asked[2] > 0) == (not unremovable), asked)
                    for text in [*(text for _, text in said), *seen, *(p.read_bytes() for p in self.path.rglob("*") if p.is_file())]:
                        self.assertEqual([s for s in secrets if s in text], [])
                    for request in server.requests:
                        self.assertFalse([s for s in secrets if s.decode() in urllib.parse.unquote(request.target) or s.decode() in request.target])

    def test_no_other_origin(self):
        """Whatever a reply names, every request goes to the configured origin: links, redirects, headers."""
        for kind in self.SOURCES:
            with self.subTest(kind=kind), replay.Server(kind, copy.deepcopy(self.SOURCES[kind][1]), clamp=2) as server, replay.Server(kind, self.SOURCES[kind][1]) as decoy:
                self.setUp()
                self.one_source(kind, server.url)

                def tempt(request, number, reply):
                    reply.body = re.sub(rb"https://[a-z.]*(?=/)", decoy.url.encode(), reply.body)
                    reply.headers.update({"Location": decoy.url + request.target, "Content-Location": decoy.url + "/", "Link": f'<{decoy.url}/>; rel="next"', "Refresh": f"0; url={decoy.url}/", "Alt-Svc": f'h2="{decoy.url[7:]}"'})

                server.changes = [tempt]
                self.run_presend("suppress", "sync", "--job", "job.yaml")
                self.assertTrue(server.requests)
                for status in (301, 302, 303, 307, 308):
                    server.faults = [lambda request, number, reply: Reply(status, b"")]
                    for arguments in self.COMMANDS[1:]:
                        asked = len(server.requests)
                        code, text = self.command(*arguments, env=esp.environment())
                        refused = 64 if arguments[1] == "remove" and kind in ("customers_mail_cloud", "klaviyo", "mailjet") else 69
                        self.assertEqual((code, len(server.requests) > asked), (refused, refused == 69), text)
                server.faults = []
                self.command(*self.COMMANDS[2], env=esp.environment())
                self.assertEqual(decoy.requests, [])

    def test_no_key_anywhere(self):
        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            self.job(server.url, ["b@example.com"])
            self.judge("-v")
        for path in self.path.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"canary", path.read_bytes(), path)
                self.assertEqual(path.stat().st_mode & 0o077 if "presend" in path.name else 0, 0, path)


KILLS = 12

if __name__ == "__main__":
    PRESEND = os.path.abspath(sys.argv.pop(1))
    if len(sys.argv) == 1:  # what takes long is run by its name
        sys.argv += ["Merge", "Guards", "Commands", "Whole"]
    unittest.main(verbosity=1)
