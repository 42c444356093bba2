"""Where each ESP is asked when the job names no address: through a proxy on loopback that leads every host to our own server.

The names are the providers', the certificates are signed by an authority of the test, and no packet leaves.
"""
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading
import time
import unittest

import esp
import replay
import test_tls

ORIGINS = {  # (type, settings): host
    ("mailgun", "region=us"): "api.mailgun.net",
    ("mailgun", "region=eu"): "api.eu.mailgun.net",
    ("mailgun",): "api.mailgun.net",
    ("sendgrid",): "api.sendgrid.com",
    ("sendgrid", "region=eu"): "api.eu.sendgrid.com",
    ("ses", "region=ap-northeast-1"): "email.ap-northeast-1.amazonaws.com",
    ("ses", "region=ap-northeast-3"): "email.ap-northeast-3.amazonaws.com",
    ("ses", "region=cn-north-1"): "email.cn-north-1.amazonaws.com.cn",
    ("ses", "region=us-east-1", "base_url=https://email-fips.us-east-1.amazonaws.com"): "email-fips.us-east-1.amazonaws.com",
    ("ses", "region=us-east-1", "base_url=https://email.us-east-1.api.aws"): "email.us-east-1.api.aws",
    ("postmark",): "api.postmarkapp.com",
    ("brevo",): "api.brevo.com",
    ("customers_mail_cloud", "base_url=https://console.example.jp"): "console.example.jp",
    ("sparkpost",): "api.sparkpost.com",
    ("sparkpost", "region=eu"): "api.eu.sparkpost.com",
    ("mandrill",): "mandrillapp.com",
    ("resend",): "api.resend.com",
    ("klaviyo",): "a.klaviyo.com",
    ("customerio",): "api.customer.io",
    ("customerio", "region=eu"): "api-eu.customer.io",
    ("mailjet",): "api.mailjet.com",
    ("mailjet", "region=us"): "api.us.mailjet.com",
    ("elasticemail",): "api.elasticemail.com",
}
DATA = {
    "mailgun": {name: [] for name in ("bounces", "complaints", "unsubscribes", "whitelists")},
    "ses": {"suppression_list": []},
    "postmark": {"outbound": []},
    "customers_mail_cloud": {"blocks": []},
    "sparkpost": {"suppression_list": []},
    "mandrill": {"rejects": []},
    "resend": {"suppressions": []},
    "mailjet": {"contact": []},
}


class Proxy:
    """Answers CONNECT, and leads to the server whatever host is named; `named` is what was."""

    def __init__(self, port):
        self.port, self.named = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.lead, args=(client,), daemon=True).start()

    def lead(self, client):
        with client, socket.create_connection(("127.0.0.1", self.port)) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.named.append(head.split()[:2])
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self.carry, args=(server, client), daemon=True)
            back.start()
            self.carry(client, server)
            back.join()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class Origins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        test_tls.authority(cls.folder, "ca")
        hosts = ",".join("DNS:" + host for host in sorted(set(ORIGINS.values())))
        test_tls.certificate(cls.folder, "hosts", hosts, "200101000000Z", "491231000000Z")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def ask(self, kind, *settings, data=None, **quirks):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "hosts.pem"), os.path.join(self.folder, "hosts.key"))
        server = replay.Server(kind, DATA.get(kind, {}) if data is None else data, **quirks)
        port = server.http.server_address[1]
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True, do_handshake_on_connect=False)
        proxy = Proxy(port)
        self.addCleanup(proxy.close)
        own = [s for s in esp.SETTINGS.get(kind, []) if s.split("=")[0] not in [each.split("=")[0] for each in settings]]
        with server:
            result = esp.run(kind, None, *settings, "proxy=" + proxy.url, "ca_file=" + os.path.join(self.folder, "ca.pem"), settings=own)
        return result, proxy.named, server.requests

    def test_each(self):
        sigv4_ok = replay.sigv4_ok
        self.addCleanup(setattr, replay, "sigv4_ok", sigv4_ok)
        for (kind, *settings), host in ORIGINS.items():
            with self.subTest(kind=kind, settings=settings):
                region = next((s.split("=")[1] for s in settings if s.startswith("region=")), "")
                replay.sigv4_ok = lambda request: sigv4_ok(request, region)  # signed for that region and that host
                result, named, requests = self.ask(kind, *settings)
                self.assertEqual((result.code, {line[1] for line in result.lists.values()}), (0, {"whole"}), result.err)
                self.assertEqual(set(map(tuple, named)), {(b"CONNECT", host.encode() + b":443")})
                self.assertEqual({request.headers["host"] for request in requests}, {host})

    def test_pace(self):
        """An ESP that is not on loopback is not asked faster than it says, or as its other calls are known to take."""
        for kind, data, more, pages, least in (
            ("ses", {"suppression_list": [{"EmailAddress": f"a{i}@example.com", "Reason": "BOUNCE"} for i in range(2)]}, ["region=ap-northeast-1"], 3, 1.0),
            ("resend", {"suppressions": [{"id": str(i), "email": f"a{i}@example.com", "origin": "bounce"} for i in range(3)]}, [], 3, 0.5),
            ("customerio", {"bounces": [{"email": f"a{i}@example.com", "created": 1} for i in range(3)]}, ["lists=bounces", "without=spam_reports"], 3, 0.1),
        ):
            with self.subTest(kind):
                times = []
                provider = replay.PROVIDERS[kind]
                self.addCleanup(replay.PROVIDERS.__setitem__, kind, provider)
                replay.PROVIDERS[kind] = lambda server, request: (times.append(time.monotonic()), provider(server, request))[1]
                result, _, _ = self.ask(kind, *more, data=data, clamp=1)
                self.assertEqual((result.code, len(times)), (0, pages), result.err)
                self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), least * 0.9)


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        sys.exit(77)
    esp.main()
