"""Messages about a company's own domains after each sync: what every receiver is sent, over HTTP, and what becomes of a run
when it cannot be reached. Usage: test_alerts.py PRESEND"""
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import replay
from replay import Reply

PRESEND = None
SECRET = "canary-room"  # whoever knows the URL can write there
TYPES = ("slack", "teams", "discord", "google_chat", "chatwork", "webhook")


def bounces(*addresses):
    return {"bounces": [{"address": a, "code": "550", "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"} for a in addresses], "complaints": [], "unsubscribes": [], "whitelists": []}


class Receiver(replay.Server):
    def __init__(self):
        super().__init__("mailgun", {})
        self.provider = lambda server, request: Reply(200, b"ok", {"Content-Type": "text/plain"})

    def of(self, kind):
        return [r for r in self.requests if r.path == f"/{SECRET}/{kind}"]


class Alerts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.room = Receiver().start()
        self.addCleanup(self.room.stop)
        self.esp = replay.Server("mailgun", bounces("ceo@example.jp", "user@elsewhere.jp", "Info@EXAMPLE.jp", "a@mail.example.jp")).start()
        self.addCleanup(self.esp.stop)
        (self.path / "in.csv").write_text("email\nok@example.org\n")

    def job(self, targets, more="", domains="[example.jp]"):
        (self.path / "job.yaml").write_text(
            "version: 1\nas_of: 2026-11-21\nrecipients: [{file: in.csv}]\naddress: {allow_special_use: all}\nmx: {mode: off}\n"
            f"suppressions:\n  - {{name: mg, type: mailgun, domain: mg.example.com, key: env:ESP_KEY, base_url: '{self.esp.url}'}}\n"
            f"output: {{directory: out}}\nalerts:\n  domains: {domains}\n{more}  to:\n" + "".join(f"    - {t}\n" for t in targets))

    def presend(self, *arguments, code=0, **more):
        env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        env.update({"URL_" + kind.upper(): f"{self.room.url}/{SECRET}/{kind}" for kind in TYPES}, ESP_KEY=replay.KEY, ROOM_KEY="canary-token")
        done = subprocess.run([PRESEND, *arguments], cwd=self.path, capture_output=True, text=True, env={**env, **more}, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertNotIn("canary", done.stdout + done.stderr)
        for path in self.path.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"canary", path.read_bytes(), path)
        return done

    def sync(self, **more):
        return self.presend("suppress", "sync", "--job", "job.yaml", **more)

    def again(self, *addresses):
        """The ESP lists more, and time has passed."""
        time.sleep(1.1)
        self.esp.data["bounces"] += bounces(*addresses)["bounces"]

    def target(self, kind, key=False):
        return f"{{type: {kind}, url: env:URL_{kind.upper()}{', key: env:ROOM_KEY' if key else ''}}}"

    def test_every_form(self):
        self.job([self.target(kind, kind in ("chatwork", "webhook")) for kind in TYPES])
        self.sync()
        sent = {kind: self.room.of(kind) for kind in TYPES}
        self.assertEqual({kind: len(requests) for kind, requests in sent.items()}, {kind: 1 for kind in TYPES})
        title = "2 new suppression entries of example.jp"
        lines = ["I***@EXAMPLE.jp  mg bounces, hard, 2025-12-11", "c***@example.jp  mg bounces, hard, 2025-12-11"]

        slack = sent["slack"][0].json()
        self.assertEqual(slack["text"], title)
        self.assertEqual(slack["blocks"][0], {"type": "header", "text": {"type": "plain_text", "text": title}})
        self.assertEqual(slack["blocks"][1]["text"]["type"], "mrkdwn")
        self.assertEqual(slack["blocks"][1]["text"]["text"].split("\n"), ["```", *lines, "", "```"])

        card = sent["teams"][0].json()
        self.assertEqual(card["type"], "message")
        self.assertEqual(card["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive")
        content = card["attachments"][0]["content"]
        self.assertEqual((content["type"], content["version"]), ("AdaptiveCard", "1.4"))
        self.assertEqual([block["inlines"][0]["text"] for block in content["body"]], [title, *lines])

        discord = sent["discord"][0].json()
        self.assertEqual(discord["allowed_mentions"], {"parse": []})
        self.assertEqual(discord["embeds"][0]["title"], title)
        self.assertIn(lines[0], discord["embeds"][0]["description"])
        self.assertIn("\n".join([title, *lines]), sent["google_chat"][0].json()["text"])

        chatwork = sent["chatwork"][0]
        self.assertEqual(chatwork.headers["content-type"], "application/x-www-form-urlencoded")
        self.assertEqual(chatwork.headers["x-chatworktoken"], "canary-token")
        self.assertEqual(chatwork.form(), {"body": f"[info][title]{title}[/title]" + "\n".join(lines) + "\n[/info]", "self_unread": "0"})

        webhook = sent["webhook"][0]
        self.assertEqual(webhook.headers["x-presend-signature"], "sha256=" + hmac.new(b"canary-token", webhook.body, hashlib.sha256).hexdigest())
        document = webhook.json()
        self.assertEqual((document["title"], document["total"]), (title, 2))
        self.assertEqual(document["entries"][1], {"address": "c***@example.jp", "source": "mg", "list": "bounces", "class": "hard", "day": "2025-12-11"})
        for requests in sent.values():
            self.assertEqual(requests[0].method, "POST")
            self.assertNotIn(b"ceo", requests[0].body)
            self.assertNotIn(b"elsewhere", requests[0].body)

    def test_only_what_is_new(self):
        self.job([self.target("slack")])
        self.sync()
        self.again("user2@elsewhere.jp")
        self.sync()
        self.assertEqual(len(self.room.of("slack")), 1)  # nothing of our own came
        self.again("cfo@example.jp")
        self.presend("run", "job.yaml")
        self.assertEqual(len(self.room.of("slack")), 2)
        self.assertEqual(self.room.of("slack")[1].json()["text"], "1 new suppression entry of example.jp")
        self.presend("run", "job.yaml", "--offline")
        self.assertEqual(len(self.room.of("slack")), 2)

    def test_unmasked_and_below(self):
        self.job([self.target("webhook")], "  mask: false\n", "['*.example.jp', ELSEWHERE.jp]")
        self.sync()
        (request,) = self.room.of("webhook")
        self.assertNotIn("x-presend-signature", request.headers)
        self.assertEqual([e["address"] for e in request.json()["entries"]], ["a@mail.example.jp", "user@elsewhere.jp"])

    def test_a_long_list_fits(self):
        self.esp.data["bounces"] = bounces(*(f"person-{i:04}@example.jp" for i in range(1500)))["bounces"]
        self.job([self.target(kind, kind == "chatwork") for kind in TYPES], "  mask: false\n")
        self.sync()
        slack = self.room.of("slack")[0].json()["blocks"][1]["text"]["text"]
        self.assertLessEqual(len(slack), 3000)
        shown = slack.count("@")
        self.assertGreater(shown, 30)
        self.assertIn(f"... and {1500 - shown} more", slack)
        self.assertLess(len(self.room.of("teams")[0].body), 28000)
        self.assertLessEqual(len(self.room.of("discord")[0].json()["embeds"][0]["description"]), 4096)
        self.assertLessEqual(len(self.room.of("google_chat")[0].json()["text"].encode()), 32000)
        self.assertLessEqual(len(self.room.of("chatwork")[0].form()["body"]), 40000)
        document = self.room.of("webhook")[0].json()
        self.assertEqual((document["total"], len(document["entries"])), (1500, 1000))

    def test_a_failure_is_a_warning(self):
        self.job([self.target("slack"), self.target("webhook")])
        self.room.faults = [lambda r, n, _: Reply(404, ("no " + SECRET).encode()) if r.path.endswith("slack") else None]
        done = self.presend("run", "job.yaml")
        self.assertIn("the alert to slack (alerts.to.0) was not sent: it answered with status 404", done.stderr)
        self.assertEqual(len(self.room.of("slack")), 1)
        self.assertEqual(len(self.room.of("webhook")), 1)
        self.assertTrue((self.path / "out" / "manifest.json").exists())

    def test_what_failed_is_sent_again(self):
        """What a room was not told of it hears after a later sync, with what came since; the others hear nothing twice."""
        self.job([self.target("slack"), self.target("webhook")])
        down = lambda r, n, _: Reply(404, b"") if r.path.endswith("slack") else None
        self.room.faults = [down]
        self.assertIn("the next sync sends it again", self.sync().stderr)
        self.sync()  # nothing new, and still not there
        self.again("cfo@example.jp", "user2@elsewhere.jp")
        self.sync()
        self.assertEqual([r.json()["total"] for r in self.room.of("webhook")], [2, 1])
        asked = len(self.room.of("slack"))
        self.room.faults = []
        self.again("user3@elsewhere.jp")
        self.assertEqual(self.sync().stderr, "")
        (message,) = self.room.of("slack")[asked:]
        self.assertEqual(message.json()["text"], "3 new suppression entries of example.jp")
        self.again("coo@example.jp")
        self.presend("run", "job.yaml")
        self.assertEqual(self.room.of("slack")[-1].json()["text"], "1 new suppression entry of example.jp")
        self.assertEqual(len(self.room.of("slack")), asked + 2)
        self.assertEqual([r.json()["total"] for r in self.room.of("webhook")], [2, 1, 1])

    def test_a_sync_of_one_source_tells_of_that_one(self):
        """What a room was not told of another source is still owed to it."""
        self.job([self.target("slack")])
        job = self.path / "job.yaml"
        source = next(line for line in job.read_text().splitlines() if "name: mg," in line)
        job.write_text(job.read_text().replace(source, source + "\n" + source.replace("name: mg,", "name: mg2,")))
        self.room.faults = [lambda r, n, _: Reply(404, b"")]
        self.sync()
        missed = len(self.room.of("slack"))
        self.room.faults = []
        self.again("cfo@example.jp")
        self.presend("suppress", "sync", "mg2", "--job", "job.yaml")
        (of_one,) = self.room.of("slack")[missed:]
        self.assertEqual(of_one.json()["text"], "3 new suppression entries of example.jp")
        self.assertNotIn(" mg bounces", of_one.body.decode())
        self.sync()
        of_other = self.room.of("slack")[missed + 1 :]
        self.assertEqual([r.json()["text"] for r in of_other], ["3 new suppression entries of example.jp"])
        self.assertNotIn(" mg2 bounces", of_other[0].body.decode())
        self.sync()
        self.assertEqual(len(self.room.of("slack")), missed + 2)

    def test_a_killed_sync_tells_later(self):
        """What came is owed before anybody is told: a process that dies while it waits for a room loses nothing."""
        self.job([self.target("slack")])
        self.room.faults = [lambda r, n, _: Reply(200, b"", delay=20)]
        env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        env.update(URL_SLACK=f"{self.room.url}/{SECRET}/slack", ESP_KEY=replay.KEY)
        process = subprocess.Popen([PRESEND, "suppress", "sync", "--job", "job.yaml"], cwd=self.path, env=env, stderr=subprocess.DEVNULL)
        while not self.room.of("slack"):
            time.sleep(0.02)
        process.kill()
        process.wait()
        self.room.faults = []
        self.sync()
        self.assertEqual(self.room.of("slack")[-1].json()["text"], "2 new suppression entries of example.jp")
        self.sync()
        self.assertEqual(len(self.room.of("slack")), 2)

    def test_a_busy_room_is_asked_again(self):
        self.job([self.target("slack")])
        self.room.faults = [lambda r, n, _: Reply(429, b"", {"Retry-After": "1"}) if n == 1 else None]
        self.assertNotIn("was not sent", self.sync().stderr)
        self.assertEqual(len(self.room.of("slack")), 2)

    def test_no_room(self):
        for more, says in (({"URL_SLACK": "http://127.0.0.1:1/" + SECRET}, "127.0.0.1"), ({"URL_SLACK": "http://rooms.example/" + SECRET}, "was not sent"), ({"URL_SLACK": ""}, "URL_SLACK"), ({"URL_SLACK": "ftp://127.0.0.1/" + SECRET}, "was not sent")):
            with self.subTest(more):
                for state in self.path.glob("presend.sqlite*"):
                    state.unlink()
                self.job([self.target("slack")])
                self.assertIn(says, self.sync(**more).stderr)
                self.assertEqual(self.room.requests, [])

    def test_a_redirect_is_not_followed(self):
        self.job([self.target("slack")])
        self.room.faults = [lambda r, n, _: Reply(302, b"", {"Location": self.room.url + "/other"})]
        self.assertIn("status 302", self.sync().stderr)
        self.assertEqual(len(self.room.requests), 1)


if __name__ == "__main__":
    PRESEND = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
