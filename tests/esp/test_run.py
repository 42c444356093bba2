"""Whole runs of presend against the server: who is listed at the ESP is not mailed, what fails publishes nothing, and the
key is in nothing that is written. Usage: test_run.py PRESEND"""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import replay
from replay import Reply

PRESEND = None
LISTED = {"bounces": [{"address": "Bob@Example.com", "code": "550"}], "complaints": [{"address": "carol@example.com"}], "unsubscribes": [{"address": "erin@example.com", "tags": ["*"]}], "whitelists": [{"type": "address", "value": "carol@example.com"}]}


class Run(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "list.csv").write_text("email\n" + "".join(f"{name}@example.com\n" for name in ("alice", "bob", "carol", "dave", "erin")))

    def job(self, url, more=""):
        (self.path / "job.yaml").write_text(
            f"version: 1\nas_of: 2026-11-21\nrecipients: [{{file: list.csv}}]\naddress: {{allow_special_use: all}}\nmx: {{mode: off}}\n"
            f"suppressions:\n  - {{name: mailgun-jp, type: mailgun, domain: mg.example.com, key: env:ESP_KEY, base_url: '{url}'{more}}}\noutput: {{directory: out}}\n"
        )

    def presend(self, *arguments, key=replay.KEY):
        env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run([PRESEND, *arguments], cwd=self.path, capture_output=True, text=True, env=dict(env, ESP_KEY=key), timeout=120)
        self.assertNotIn("canary", done.stdout + done.stderr)
        for path in self.path.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"canary", path.read_bytes(), path)
        return done

    def clean(self):
        path = self.path / "out" / "clean.csv"
        return path.read_text().split()[1:] if path.exists() else None

    def test_a_run(self):
        with replay.Server("mailgun", LISTED) as server:
            self.job(server.url)
            done = self.presend("run", "job.yaml", "-v", "--log-format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.clean(), ["alice@example.com", "dave@example.com"])
            self.assertTrue(all("canary" not in request.target for request in server.requests))
            self.assertIn("mailgun-jp", (self.path / "out" / "report.json").read_text())

    def test_failures_publish_nothing(self):
        key_in_it = ("the key " + replay.KEY).encode()
        for fault, code in ((lambda r, n, _: Reply(401, key_in_it), 77), (lambda r, n, _: Reply(404, key_in_it), 69), (lambda r, n, _: Reply(200, b"<html>" + key_in_it), 69), (lambda r, n, _: Reply(429, key_in_it, {"Retry-After": "600"}), 75), (lambda r, n, _: Reply(200, {"items": [{"address": 1, "k": replay.KEY}], "paging": {}}), 69)):
            with replay.Server("mailgun", LISTED) as server:
                server.faults = [fault]
                self.job(server.url)
                for state in self.path.glob("presend.sqlite*"):  # another address is another account
                    state.unlink()
                done = self.presend("run", "job.yaml", "-v")
                self.assertEqual((done.returncode, self.clean()), (code, None), done.stderr)
                self.assertIn("mailgun-jp", done.stderr)
                done = self.presend("run", "job.yaml", "--json")
                self.assertEqual(done.returncode, code)

    def test_sources_at_once(self):
        """Neither ESP answers before the other was asked."""
        both = threading.Barrier(2)

        def meet(request, number, reply):
            if number == 1:
                both.wait(20)

        with replay.Server("mailgun", LISTED) as mailgun, replay.Server("sendgrid", {"bounces": [{"email": "dave@example.com", "created": 1}]}) as sendgrid:
            mailgun.faults = sendgrid.faults = [meet]
            self.job(mailgun.url, f"}}\n  - {{name: sg, type: sendgrid, key: env:ESP_KEY, base_url: '{sendgrid.url}'")
            done = self.presend("run", "job.yaml")
            self.assertEqual((done.returncode, self.clean(), both.broken), (0, ["alice@example.com"], False), done.stderr)

    def test_at_most_two_at_once(self):
        """However many domains of one account a job names: Mailgun counts all requests of an account."""
        lock, now, most = threading.Lock(), [0], [0]

        class Busy(replay.Handler):
            def send(self, reply):
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.05)
                with lock:
                    now[0] -= 1
                super().send(reply)

        with replay.Server("mailgun", LISTED) as server:
            server.http.RequestHandlerClass = Busy
            self.job(server.url, "".join(f"}}\n  - {{name: m{i}, type: mailgun, domain: mg.example.com, key: env:ESP_KEY, base_url: '{server.url}'" for i in range(3)))
            done = self.presend("run", "job.yaml")
            self.assertEqual((done.returncode, self.clean(), most), (0, ["alice@example.com", "dave@example.com"], [2]), done.stderr)

    def test_settings_have_a_caret(self):
        self.job("http://192.0.2.1", ", lists: [bounces], region: mars")
        done = self.presend("run", "job.yaml")
        self.assertEqual(done.returncode, 78)
        for text in ("plain http", "`lists` leaves out `complaints`", "no region `mars`", "^~"):
            self.assertIn(text, done.stderr)

    def test_a_key_in_the_job_is_not_repeated(self):
        self.job("http://127.0.0.1:1", ", user: x")
        text = (self.path / "job.yaml").read_text().replace("env:ESP_KEY", "sk-live-secret-value")
        (self.path / "job.yaml").write_text(text)
        done = self.presend("run", "job.yaml")
        self.assertEqual((done.returncode, "sk-live" in done.stderr), (78, False))


if __name__ == "__main__":
    PRESEND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
