"""What the tests of this folder share: running esp_fetch against a server, and looking at what it prints."""
import os
import subprocess
import sys
import unittest

import replay

FETCH = None
SETTINGS = {
    "mailgun": ["domain=mg.example.com"],
    "ses": ["region=ap-northeast-1"],
    "customers_mail_cloud": ["user=api-user"],
    "mailjet": ["user=api-user"],
    "customerio": ["domain=mg.example.com"],
}


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        lines = [line.split("\t") for line in self.out.splitlines()]
        self.pages = [line[1:] for line in lines if line[0] == "# page"]
        self.lists = {line[1]: line[2:] for line in lines if line[0] == "= list"}
        self.entries = [line for line in lines if line[0] not in ("# page", "= list")]
        self.faults = [line.split("\t")[1:] for line in self.err.splitlines() if line.startswith("fault\t")]
        self.error = next((line.split("\t")[1:] for line in self.err.splitlines() if line.startswith("error\t")), None)

    def addresses(self, name=None):
        return [entry[8] for entry in self.entries if name is None or entry[0] == name]


def environment(**more):
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy") and not name.startswith("AWS_")}
    env.update(ESP_KEY=replay.KEY, AWS_ACCESS_KEY_ID=replay.USER, AWS_SECRET_ACCESS_KEY=replay.KEY, **more)
    return env


def run(kind, url, *arguments, env=None, settings=None, key="key=env:ESP_KEY", timeout=120):
    """esp_fetch for a source of that type at that address. The key may be in nothing that it prints."""
    command = [FETCH, "--wait", "20", "type=" + kind, *(SETTINGS.get(kind, []) if settings is None else settings), *arguments]
    if url is not None:
        command.append("base_url=" + url)
    if kind != "ses" and key:
        command.append(key)
    done = subprocess.run(command, capture_output=True, text=True, env=env or environment(), timeout=timeout)
    assert "canary" not in done.stdout + done.stderr, done.stdout + done.stderr
    return Result(done)


def main():
    global FETCH
    FETCH = os.path.abspath(sys.argv.pop(1))
    sys.modules["esp"].FETCH = FETCH
    unittest.main(verbosity=1)
