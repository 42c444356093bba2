"""The providers' own clients (mailgun.js, @sendgrid/client, postmark, the AWS SDK, the AWS CLI) against replay.py: they
read and remove what presend reads and removes, so the server speaks as the providers do. Skipped without npm."""
import json
import os
import shutil
import subprocess
import sys
import unittest

import esp
import replay

PACKAGES = ["mailgun.js@14.0.1", "form-data@4", "@sendgrid/client@8.1.6", "postmark@5.1.0", "@aws-sdk/client-sesv2@3.1169.0"]
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.environ.get("NPM_FOLDER", os.path.join(HERE, "..", "..", "build", "npm-esp"))
ODD = "o'brien+tag@example.com"
ADDRESSES = ["alice@example.com", "bob@example.net", ODD, "zoe@example.org"]
KINDS = {
    "mailgun": ("bounces", {"bounces": [{"address": a, "code": "550", "error": "", "created_at": "Thu, 11 Dec 2025 01:49:40 UTC"} for a in ADDRESSES]}, ""),
    "sendgrid": ("bounces", {"bounces": [{"email": a, "created": 1764950400, "reason": "550", "status": "5.1.1"} for a in ADDRESSES]}, ""),
    "postmark": ("suppressions", {"outbound": [{"EmailAddress": a, "SuppressionReason": "HardBounce", "Origin": "Recipient", "CreatedAt": "2025-12-17T08:58:33-05:00"} for a in ADDRESSES], "broadcast": []}, "outbound"),
    "ses": ("suppression_list", {"suppression_list": [{"EmailAddress": a, "Reason": "BOUNCE", "LastUpdateTime": 1760000000.123} for a in ADDRESSES], "tenant-a": [{"EmailAddress": a, "Reason": "BOUNCE", "LastUpdateTime": 1760000000.123} for a in (ODD, "own@example.com")]}, ""),
}


def install():
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    if os.path.isdir(os.path.join(FOLDER, "node_modules", "@aws-sdk", "client-sesv2")):
        return True
    os.makedirs(FOLDER, exist_ok=True)
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", FOLDER, *PACKAGES], capture_output=True)
    return done.returncode == 0


class Official(unittest.TestCase):
    def servers(self):
        made = {}
        for kind, (_, data, _) in KINDS.items():
            quirks = {"session": True, "clamp": 2} if kind == "ses" else {}
            made[kind] = replay.Server(kind, json.loads(json.dumps(data)), **quirks).start()
            self.addCleanup(made[kind].stop)
        return made

    def test_they_agree(self):
        servers = self.servers()
        env = esp.environment(AWS_SESSION_TOKEN=replay.SESSION)
        for kind, (name, data, _) in KINDS.items():
            result = esp.run(kind, servers[kind].url, "--list", name, env=env)
            self.assertEqual((result.code, sorted(result.addresses())), (0, sorted(ADDRESSES)), result.err)
        urls = json.dumps({kind: server.url for kind, server in servers.items()})
        done = subprocess.run(["node", os.path.join(HERE, "official.mjs"), os.path.join(FOLDER, "node_modules"), replay.KEY, urls], capture_output=True, text=True, timeout=120, env=esp.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual({name: value for name, value in found.items() if name.endswith("Error")}, {})
        for kind in KINDS:
            self.assertEqual(sorted(found[kind]), sorted(ADDRESSES), kind)
        self.assertEqual(found["mailgunOne"], [ODD])
        self.assertEqual(sorted(found["sesReasons"]), ["BOUNCE", "COMPLAINT"])
        self.assertEqual((found["mailgunRemoved"], found["sendgridRemoved"], found["postmarkRemoved"], found["sesRemoved"]), ([ODD], ["204"], ["Deleted"], ["200"]))
        # They took off what presend would have: it now finds nothing there, and what they asked for is what we ask for.
        self.assertEqual((found["sesTenantScope"], found["sesTenant"]), (["TENANT"], [ODD, "own@example.com"]))
        self.assertEqual([i["EmailAddress"] for i in servers["ses"].data["tenant-a"]], ["own@example.com"])
        for kind, (name, data, scope) in KINDS.items():
            theirs = [r.target for r in servers[kind].requests if r.method == "DELETE" or r.path.endswith("/delete")]
            for more in [[]] if kind != "ses" else [[], ["account=tenant-a"]]:
                esp.run(kind, servers[kind].url, *more, "--remove", name, ODD, scope, env=env)
            ours = [r.target for r in servers[kind].requests if r.method == "DELETE" or r.path.endswith("/delete")][len(theirs) :]
            self.assertEqual([t.replace("'", "%27") for t in theirs], ours, kind)

        # What a tenant is asked for, too.
        esp.run("ses", servers["ses"].url, "account=tenant-a", env=env)
        asked = [(r.method, r.json()) for r in servers["ses"].requests if r.path == "/v2/email/tenants/get"]
        self.assertEqual(asked, [("POST", {"TenantName": "tenant-a"})] * 2)

    def test_aws_cli(self):
        aws = shutil.which("aws")
        if aws is None:
            self.skipTest("no AWS CLI")
        server = self.servers()["ses"]
        env = esp.environment(AWS_SESSION_TOKEN=replay.SESSION)
        command = [aws, "sesv2", "--endpoint-url", server.url, "--region", "ap-northeast-1", "--output", "json"]
        token, found = [], []
        while True:
            done = subprocess.run([*command, "list-suppressed-destinations", "--page-size", "2", *token], capture_output=True, text=True, env=env, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            page = json.loads(done.stdout)
            found += [item["EmailAddress"] for item in page["SuppressedDestinationSummaries"]]
            if not page.get("NextToken"):
                break
            token = ["--next-token", page["NextToken"]]
        self.assertEqual(found, ADDRESSES)
        done = subprocess.run([*command, "delete-suppressed-destination", "--email-address", ODD], capture_output=True, text=True, env=env, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(server.data["suppression_list"]), 3)


if __name__ == "__main__":
    if not install():
        print("esp: skipped: npm cannot install the providers' clients")
        sys.exit(77)
    esp.main()
