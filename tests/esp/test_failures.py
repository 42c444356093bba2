"""Replies that fail, lie or never come: what is tried again, for how long, and what the user reads."""
import base64
import email.utils
import gzip
import json
import pathlib
import signal
import subprocess
import threading
import time
import unittest
import urllib.parse

import esp
import replay
from replay import Reply

DATA = {"bounces": [{"address": "alice@example.com", "code": "550"}], "complaints": [], "unsubscribes": [], "whitelists": []}
END = {"items": [], "paging": {}}


class Failures(unittest.TestCase):
    def one(self, *faults, kind="mailgun", data=None, arguments=("--list", "bounces"), **options):
        with replay.Server(kind, DATA if data is None else data) as server:
            server.faults = list(faults)
            started = time.monotonic()
            result = esp.run(kind, server.url, *arguments, **options)
            self.seconds = time.monotonic() - started
            self.server = server
        return result

    def first(self, reply, times=1):
        return lambda request, at, _: reply if at <= times else None

    def refused(self, result, code, *words):
        self.assertEqual(result.code, code, result.out + result.err)
        for word in words:
            self.assertIn(word, result.error[1] + result.error[2])
        self.assertNotIn("whole", {line[1] for line in result.lists.values()})

    # What is worth another try.

    def test_tried_again(self):
        for status in (408, 425, 429, 500, 502, 503, 504):
            result = self.one(self.first(Reply(status, b"wait", {"Content-Type": "text/plain", "Retry-After": "0"})))
            self.assertEqual((result.code, result.addresses(), len(self.server.requests)), (0, ["alice@example.com"], 3), result.err)

    def test_not_tried_again(self):
        for status, code in ((400, 69), (402, 69), (404, 69), (405, 69), (410, 69), (413, 69), (422, 69), (401, 77), (403, 77), (501, 75)):
            result = self.one(self.first(Reply(status, {"message": "no"})))
            self.refused(result, code, f"HTTP {status}", "bounces", "page 1", "'test'")
            self.assertEqual(len(self.server.requests), 1)

    def test_hints(self):
        in_two = lambda: time.time() + 2
        for name, value in (("Retry-After", lambda: "1"), ("retry-after", lambda: email.utils.formatdate(in_two(), usegmt=True)), ("X-RateLimit-Reset", lambda: f"{in_two():.3f}"), ("x-sib-ratelimit-reset", lambda: "1"), ("ratelimit-reset", lambda: "1"), ("X-Rate-Limit-Retry-After-Seconds", lambda: "1.0")):
            with self.subTest(name):
                result = self.one(self.first(Reply(429, {"errors": [{"field": None, "message": "too many requests"}]}, {name: value()})))
                self.assertEqual(result.code, 0, result.err)
                self.assertGreaterEqual(self.seconds, 0.9)

    def test_a_hint_that_is_too_long(self):
        result = self.one(self.first(Reply(429, b"Too Many Requests", {"Content-Type": "text/plain", "Retry-After": "121"}), 99))
        self.refused(result, 75, "HTTP 429", "--accept test:stale")
        self.assertEqual(len(self.server.requests), 1)

    def test_for_ever(self):
        for reply in (Reply(503, b"", {"Retry-After": "0"}), Reply(429, b"", {"Retry-After": "0"})):
            result = self.one(self.first(reply, 999), timeout=150)
            self.refused(result, 75, "HTTP 5" if reply.status == 503 else "HTTP 429")
            self.assertEqual(len(self.server.requests), 6)

    def test_holding_back_before_being_told(self):
        left = lambda request, at, _: Reply(200, {"items": DATA["bounces"], "paging": {"next": "/v3/mg.example.com/bounces?x=1"}}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(time.time() + 1.2)}) if at == 1 else Reply(200, END)
        self.assertEqual(self.one(left).code, 0)
        self.assertGreaterEqual(self.seconds, 0.9)

    def test_connections_that_break(self):
        self.assertEqual(self.one(self.first(Reply(hang=True))).code, 0)
        body = json.dumps({"items": DATA["bounces"], "paging": {}}).encode()
        self.assertEqual(self.one(self.first(Reply(200, body, cut=20))).code, 0)

    def test_nobody_there(self):
        with replay.Server("mailgun", DATA) as server:
            url = server.url
        started = time.monotonic()
        result = esp.run("mailgun", url, "--list", "bounces")
        self.refused(result, 75, "cannot be reached", url)
        self.assertLess(time.monotonic() - started, 60)

    def test_cut_for_ever(self):
        result = self.one(self.first(Reply(200, b'{"items": [', cut=5), 99))
        self.refused(result, 69, "cut or damaged")

    # Replies that lie.

    def test_replies_that_are_no_page(self):
        page = json.dumps({"items": DATA["bounces"], "paging": {}}).encode()
        deep = b'{"items":' + b"[" * 100 + b"]" * 100 + b"}"
        for name, reply, word in (
            ("empty", Reply(200, b""), "is empty"),
            ("204", Reply(204), "is empty"),
            ("HTML", Reply(200, b"<html><body>Sign in</body></html>"), "web page"),
            ("HTML after blanks", Reply(200, b" \r\n\t<!DOCTYPE html>"), "web page"),
            ("HTML by its type", Reply(200, page, {"Content-Type": "text/html; charset=utf-8"}), "web page"),
            ("an error", Reply(200, {"message": "Domain not found"}), "has no `items`"),
            ("an error with items", Reply(200, {"items": {"message": "x"}}), "has no `items`"),
            ("cut JSON", Reply(200, page[:-5]), "cut"),
            ("text after it", Reply(200, page + b"x"), "no JSON"),
            ("two documents", Reply(200, page + page), "no JSON"),
            ("an array", Reply(200, DATA["bounces"]), "has no `items`"),
            ("a text", Reply(200, b'"items"'), "no JSON"),
            ("items of another type", Reply(200, {"items": [["alice@example.com"]], "paging": {}}), "number 1, that is not an object"),
            ("an item without address", Reply(200, {"items": [{"address": "a@example.com"}, {"email": "b@example.com"}], "paging": {}}), "number 2, that has no address"),
            ("an address of another type", Reply(200, {"items": [{"address": ["a@example.com"]}], "paging": {}}), "no text"),
            ("a null address", Reply(200, {"items": [{"address": None}], "paging": {}}), "has no address"),
            ("not UTF-8", Reply(200, b'{"items":[{"address":"\xff@example.com"}],"paging":{}}'), "no JSON"),
            ("deep", Reply(200, deep), "64 levels"),
            ("a long text", Reply(200, {"items": [{"address": "a" * (1 << 20) + "aa@example.com"}], "paging": {}}), "1 MiB"),
            ("a redirect", Reply(302, b"", {"Location": "{url}/v3/mg.example.com/bounces?redirected"}), "elsewhere"),
        ):
            with self.subTest(name):
                result = self.one(self.first(reply))
                self.refused(result, 69, word)
                self.assertEqual(len(self.server.requests), 1)

    def test_what_is_no_matter(self):
        page = {"items": [{"address": "a@example.com", "new": {"x": [1]}}, {"address": "b\u0000@example.com", "code": None, "error": 17}], "paging": {}, "more": 1e300}
        body = json.dumps(page).encode().replace(b'"new"', b'"address": "x@example.com", "address": "a@example.com", "big": 123456789012345678901234567890, "new"')
        result = self.one(self.first(Reply(200, body, {"Content-Type": "text/plain"})))
        self.assertEqual((result.code, result.addresses()), (0, ["a@example.com", "b @example.com"]), result.err)

    def test_gzip(self):
        body = gzip.compress(json.dumps({"items": DATA["bounces"], "paging": {}}).encode())
        self.assertEqual(self.one(self.first(Reply(200, body, {"Content-Encoding": "gzip"}))).addresses(), ["alice@example.com"])
        self.refused(self.one(self.first(Reply(200, body[:-20], {"Content-Encoding": "gzip"}), 9)), 69, "cut")
        bomb = gzip.compress(b'{"items": [' + b" " * (65 << 20))
        self.refused(self.one(self.first(Reply(200, bomb, {"Content-Encoding": "gzip"}))), 69, "over 64 MiB")

    def test_sizes(self):
        body = b'{"items":[],"paging":{}' + b" " * ((64 << 20) - 24) + b"}"
        self.assertEqual(self.one(self.first(Reply(200, body))).code, 0)
        self.refused(self.one(self.first(Reply(200, body + b"  "))), 69, "over 64 MiB")
        self.assertEqual(self.one(self.first(Reply(200, body + b"  ")), arguments=("--list", "bounces", "max_reply_mib=65")).code, 0)
        self.refused(self.one(self.first(Reply(200, body)), arguments=("--list", "bounces", "max_reply_mib=63")), 69, "max_reply_mib: 256")
        headers = {f"X-Fill-{i}": "x" * 30000 for i in range(10)}
        self.refused(self.one(self.first(Reply(200, END, headers))), 69, "256 KiB")

    # Each provider's own ways.

    def test_errors_by_name(self):
        ses = {"suppression_list": []}
        for status, name, code, times in ((400, "ThrottlingException", 0, 1), (400, "TooManyRequestsException", 0, 1), (400, "BadRequestException", 69, 1), (403, "ExpiredTokenException", 77, 1), (400, "UnrecognizedClientException", 77, 1)):
            fault = lambda request, at, _: replay.ses_error(status, name) if at == 2 else None
            self.assertEqual(self.one(fault, kind="ses", data=ses, arguments=()).code, code, name)
            body = lambda request, at, _: Reply(status, {"__type": "com.amazonaws#" + name, "message": "x"}) if at == 2 else None
            self.assertEqual(self.one(body, kind="ses", data=ses, arguments=()).code, code, name)
            body = lambda request, at, _: Reply(status, {"code": name + ":http://internal.amazon.com/", "Message": "x"}) if at == 2 else None
            self.assertEqual(self.one(body, kind="ses", data=ses, arguments=()).code, code, name)

    def test_a_clock_that_is_wrong(self):
        skewed = lambda request, at, _: Reply(403, {"message": "x"}, {"x-amzn-ErrorType": "InvalidSignatureException", "Date": "Sat, 01 Jan 2022 00:00:00 GMT"})

        class Quiet(replay.Handler):
            def date_time_string(self, timestamp=None):
                return "Sat, 01 Jan 2022 00:00:00 GMT"

        with replay.Server("ses", {"suppression_list": []}) as server:
            server.http.RequestHandlerClass = Quiet
            server.faults = [skewed]
            result = esp.run("ses", server.url)
        self.refused(result, 77, "clock differs")

    def test_mandrill_says_500_for_a_wrong_key(self):
        with replay.Server("mandrill", {"rejects": []}) as server:
            result = esp.run("mandrill", server.url, env=esp.environment() | {"ESP_KEY": "canary-wrong"})
            self.refused(result, 77, "HTTP 500")
            self.assertEqual(len(server.requests), 1)

    def test_refused_by_what_stands_before_an_esp(self):
        """Those that name their errors do not say 403 without a name: it may mean too many requests, so it is asked again."""
        for kind, data in (("mandrill", {"rejects": []}), ("ses", {"suppression_list": []})):
            page = Reply(403, b"<html>Forbidden</html>", {"Content-Type": "text/html"})
            self.assertEqual(self.one(self.first(page, 2), kind=kind, data=data, arguments=()).code, 0)
            self.refused(self.one(lambda request, at, _: page if "account" not in request.path else None, kind=kind, data=data, arguments=()), 77, "HTTP 403")
            self.assertEqual(len(self.server.requests), 6 + (kind == "ses"))
        self.refused(self.one(self.first(Reply(500, {"status": "error", "code": -2, "name": "ValidationError", "message": "x"})), kind="mandrill", data={"rejects": []}, arguments=()), 69, "HTTP 500")
        self.assertEqual(len(self.server.requests), 1)

    def test_wrong_region(self):
        with replay.Server("mailgun", DATA) as server:
            result = esp.run("mailgun", server.url, settings=["domain=other.example.com"])
        self.refused(result, 69, "HTTP 404", "region: eu")
        self.refused(self.one(self.first(Reply(401, b"Forbidden", {"Content-Type": "text/plain"}))), 77, "HTTP 401", "region: eu", "domain sending key")

    # What a message may show.

    def test_replies_that_repeat_the_key(self):
        for text in (f"the key {replay.KEY} is wrong", urllib.parse.quote(replay.KEY, safe=""), "x" * 300 + replay.KEY, "Basic " + base64.b64encode(("api:" + replay.KEY).encode()).decode()):
            result = self.one(self.first(Reply(403, text.encode(), {"Content-Type": "text/plain"})))
            self.refused(result, 77, "repeats the key")
            self.assertNotIn("Basic ", result.err)
        self.refused(self.one(self.first(Reply(403, {"message": "\x1b[31m" + "\u202eevil", "address": "alice@example.com", "url": "/x/alice%40example.com"}))), 77, "\\x", "a***@example.com")
        self.assertNotIn("alice", self.one(self.first(Reply(400, {"message": "alice@example.com alice%40example.com"}))).err)
        long = self.one(self.first(Reply(400, ("界" * 300).encode())))
        self.assertLess(len(long.error[1].encode()), 500)

    def test_pages_that_repeat_the_key(self):
        page = {"items": [{"address": "a@example.com", "error": replay.KEY}], "paging": {}}
        self.refused(self.one(self.first(Reply(200, page))), 69, "repeats the key")
        link = "/v3/mg.example.com/bounces?x=" + urllib.parse.quote(replay.KEY, safe="")
        hidden = json.dumps({"items": [{"address": "a@example.com"}], "paging": {"next": link}}).replace("canary", "c\\u0061nary").encode()
        self.refused(self.one(self.first(Reply(200, hidden))), 69, "repeats the key")
        self.assertEqual(len(self.server.requests), 1)

    def test_the_key_is_nowhere(self):
        """Neither in an address, nor in the process's command line or environment of others."""
        with replay.Server("mailgun", DATA) as server:
            seen = []

            def look(request, at, _):
                for path in ("cmdline",):
                    for pid in esp.os.listdir("/proc"):
                        if pid.isdigit():
                            try:
                                seen.append(pathlib.Path(f"/proc/{pid}/{path}").read_bytes())
                            except OSError:
                                pass

            server.faults = [look]
            self.assertEqual(esp.run("mailgun", server.url).code, 0)
        self.assertTrue(any(b"esp_fetch" in line for line in seen))
        self.assertFalse(any(b"canary" in line and b"esp_fetch" in line for line in seen))
        for kind, data in (("customers_mail_cloud", {"blocks": []}), ("mandrill", {"rejects": []}), ("postmark", {"outbound": []}), ("ses", {"suppression_list": []}), ("sparkpost", {"suppression_list": []})):
            with replay.Server(kind, data) as server:
                self.assertEqual(esp.run(kind, server.url).code, 0)
                self.assertTrue(all("canary" not in request.target for request in server.requests))

    # What may not be asked at all.

    def test_settings(self):
        for kind, url, settings, words in (
            ("mailgun", "http://192.0.2.1", ["domain=mg.example.com"], "plain http"),
            ("mailgun", "http://127.0.0.1.example.com", ["domain=mg.example.com"], "plain http"),
            ("mailgun", None, [], "`domain` is missing"),
            ("mailgun", None, ["domain=mg.example.com", "region=mars"], "no region `mars`"),
            ("mailgun", None, ["domain=mg.example.com", "lists=bounces"], "leaves out `complaints`"),
            ("mailgun", None, ["domain=mg.example.com", "lists=bounces,bounce", "without=complaints,unsubscribes"], "no list `bounce`"),
            ("mailgun", None, ["domain=mg.example.com", "lists=bounces,bounces", "without=complaints,unsubscribes"], "stands twice"),
            ("mailgun", None, ["domain=mg.example.com", "lists=bounces,complaints", "without=complaints,unsubscribes"], "in `lists` and in `without`"),
            ("mailgun", None, ["domain=mg.example.com", "without=bounces,complaints,unsubscribes,allowlist"], "no list is left"),
            ("mailgun", None, ["domain=mg.example.com", "file=x.csv"], "`file` goes with"),
            ("mailgun", None, ["domain=mg.example.com", "client=x.json"], "`client` goes with"),
            ("ses", None, [], "`region` is missing"),
            ("ses", None, ["region=us-east-1", "user=x"], "`key` is missing"),
            ("customers_mail_cloud", None, ["user=x"], "`base_url` is missing"),
            ("customers_mail_cloud", "http://127.0.0.1:1", [], "`user` is missing"),
            ("mailjet", None, [], "`user` is missing"),
            ("http", None, [], "`client` is missing"),
            ("http", None, ["client=/nowhere.json"], "/nowhere.json"),
        ):
            with self.subTest(kind=kind, settings=settings):
                result = esp.run(kind, url, settings=settings)
                self.assertEqual(result.code, 78, result.err)
                self.assertIn(words, " ".join(fault[1] for fault in result.faults))
        result = esp.run("mailgun", None, key=None)
        self.assertIn(["key", "`key` is missing", "add `key: env:NAME` or `key: file:PATH`"], result.faults)
        self.assertEqual(esp.run("mailgun", None, key="key=env:NOT_SET_ANYWHERE").code, 78)
        self.assertEqual(esp.run("mailgun", None, key="key=plain-text").code, 78)

    def test_proxies(self):
        """Those of the environment are not used; the job's is, and it is asked for the very address."""
        with replay.Server("mailgun", DATA) as server, replay.Server("mailgun", DATA) as proxy:
            env = esp.environment(http_proxy=proxy.url, HTTPS_PROXY=proxy.url, ALL_PROXY=proxy.url, all_proxy=proxy.url)
            self.assertEqual(esp.run("mailgun", server.url, env=env).code, 0)
            self.assertEqual((len(proxy.requests), len(server.requests) > 0), (0, True))
            asked = len(server.requests)
            proxy.faults = [lambda request, at, _: Reply(404, {"message": "through the proxy"})]
            result = esp.run("mailgun", server.url, "--list", "bounces", "proxy=" + proxy.url, env=esp.environment(no_proxy="*", NO_PROXY="*"))
            self.assertEqual((result.code, len(server.requests)), (69, asked))
            self.assertTrue(proxy.requests[0].target.startswith(server.url + "/v3/"))

    def test_a_stop(self):
        with replay.Server("mailgun", DATA) as server:
            server.faults = [lambda request, at, _: Reply(429, b"", {"Retry-After": "60"})]
            process = subprocess.Popen([esp.FETCH, "type=mailgun", "domain=mg.example.com", "key=env:ESP_KEY", "base_url=" + server.url], env=esp.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            threading.Timer(1, process.send_signal, [signal.SIGINT]).start()
            started = time.monotonic()
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
            self.assertLess(time.monotonic() - started, 3)


if __name__ == "__main__":
    esp.main()
