"""What may happen to the state and its image: full disks, old copies, damage, two at once. Nobody who is listed is mailed.

Usage: test_state.py PRESEND
"""
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import unittest

import esp
import replay
import test_suppress
from test_suppress import bounce, mailgun

FLIPS = int(os.environ.get("FLIPS", "15"))


class State(test_suppress.Case):
    def database(self):
        return self.path / "presend.sqlite"

    def image(self):
        return self.path / "presend.sqlite-lists"

    def clean(self, *arguments):
        """The clean addresses of a run, or None when it published nothing."""
        shutil.rmtree(self.path / "out", ignore_errors=True)
        done = subprocess.run([test_suppress.PRESEND, "run", "job.yaml", *arguments], cwd=self.path, env=esp.environment(), capture_output=True, text=True, timeout=60)
        self.assertGreaterEqual(done.returncode, 0, done.stderr)  # no signal
        if done.returncode != 0:
            self.assertTrue(done.stderr)
            return None
        return set(self.rows("clean.csv"))

    @staticmethod
    def flipped(original, dice):
        data = bytearray(original)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        return bytes(data)

    def test_full_disk(self):
        many = [f"p{i:05}@example.com" for i in range(3000)]
        with replay.Server("mailgun", mailgun(many)) as server:
            self.job(server.url, [*many[:3], "ok@example.org"], more="guards: {removed_share: 100%}\n")
            self.run_presend("suppress", "sync", "--job", "job.yaml")
            size = self.database().stat().st_size
            server.data["bounces"] += [bounce(f"q{i:05}@example.com") for i in range(3000)]
            failed = 0
            for part in (0.05, 0.3, 0.6, 0.9, 1.2, 1.6, 2.2, 3):
                limit = int(size * part)
                done = subprocess.run([test_suppress.PRESEND, "suppress", "sync", "--job", "job.yaml"], cwd=self.path, env=esp.environment(), capture_output=True, text=True, timeout=60,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertIn(done.returncode, (0, 73, 74), done.stderr)
                failed += done.returncode != 0
            self.assertGreaterEqual(failed, 3)
            self.run_presend("suppress", "sync", "--job", "job.yaml")
            self.job(server.url, ["p00001@example.com", "q02999@example.com", "ok@example.org"])
            self.assertEqual(self.clean("--offline"), {"ok@example.org"})

    def test_two_at_once(self):
        asked, go_on = threading.Event(), threading.Event()

        def wait(request, number, reply):
            asked.set()
            go_on.wait(30)

        with replay.Server("mailgun", mailgun(["b@example.com"])) as server:
            server.faults = [wait]
            self.job(server.url, ["b@example.com", "ok@example.org"])
            first = subprocess.Popen([test_suppress.PRESEND, "run", "job.yaml"], cwd=self.path, env=esp.environment(), stderr=subprocess.DEVNULL)
            self.assertTrue(asked.wait(30))
            self.assertIn(str(first.pid), self.judge("-o", "other", code=75).stderr)
            self.run_presend("suppress", "sync", "--job", "job.yaml", code=75)
            go_on.set()
            self.assertEqual(first.wait(60), 0)
        self.assertEqual(set(self.rows("clean.csv")), {"ok@example.org"})

    def test_old_copies(self):
        """An older state with a newer image, and the other way round: the state counts."""
        with replay.Server("mailgun", mailgun(["a@example.com"])) as server:
            self.job(server.url, ["a@example.com", "b@example.com", "ok@example.org"])
            self.assertEqual(self.clean(), {"b@example.com", "ok@example.org"})
            old = self.database().read_bytes(), self.image().read_bytes()
            server.data["bounces"].append(bounce("b@example.com"))
            self.assertEqual(self.clean(), {"ok@example.org"})
            new = self.database().read_bytes(), self.image().read_bytes()
            self.image().write_bytes(old[1])
            self.assertEqual(self.clean("--offline"), {"ok@example.org"})
            self.database().write_bytes(old[0])
            self.image().write_bytes(new[1])
            self.assertEqual(self.clean("--offline"), {"b@example.com", "ok@example.org"})  # what was known then
            self.assertEqual(self.clean(), {"ok@example.org"})

    def test_damage(self):
        """A bit anywhere in the state or its image: the same people stay suppressed, or nothing is published."""
        listed = [f"p{i:03}@example.com" for i in range(120)]
        with replay.Server("mailgun", mailgun(listed[:80], listed[80:100], [(a, "*") for a in listed[100:]])) as server:
            self.job(server.url, [*listed, "ok@example.org"], more="guards: {removed_share: 100%}\n")
            self.assertEqual(self.clean(), {"ok@example.org"})
        database, image = self.database().read_bytes(), self.image().read_bytes()
        dice = random.Random(int(os.environ.get("SEED", "5")))
        for number in range(FLIPS):
            damaged = self.flipped(database, dice)
            for kind, state, lists in (("image", database, self.flipped(image, dice)), ("state", damaged, image), ("state alone", damaged, None)):
                self.database().write_bytes(state)
                self.image().unlink(missing_ok=True)
                if lists is not None:
                    self.image().write_bytes(lists)
                with self.subTest(number=number, kind=kind):
                    self.assertIn(self.clean("--offline"), (None, {"ok@example.org"}))


if __name__ == "__main__":
    test_suppress.PRESEND = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
