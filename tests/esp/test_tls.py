"""TLS by openssl s_server: whom presend trusts, and that nothing is sent to anybody else."""
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import esp
import replay

DATA = {"bounces": [], "complaints": [], "unsubscribes": [], "whitelists": []}
REPLY = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{"items":[],"paging":{}}'


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def certificate(folder, name, host, start, end, ca="ca"):
    """A key and a certificate for a host, signed by `ca`, valid from `start` to `end` (YYMMDDHHMMSSZ)."""
    with open(os.path.join(folder, name + ".ext"), "w") as file:
        file.write(f"subjectAltName={host}\n")
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=presend test", cwd=folder)
    database = os.path.join(folder, name + ".db")
    open(database, "w").close()
    with open(os.path.join(folder, name + ".cnf"), "w") as file:
        file.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={name}.db\nnew_certs_dir=.\nserial={name}.serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n")
    openssl("ca", "-batch", "-config", name + ".cnf", "-create_serial", "-cert", ca + ".pem", "-keyfile", ca + ".key", "-in", name + ".csr", "-out", name + ".pem", "-startdate", start, "-enddate", end, "-extfile", name + ".ext", "-notext", cwd=folder)


def authority(folder, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-days", "3650", "-subj", "/CN=presend test " + name, cwd=folder)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class SServer:
    """openssl s_server; `received` is what the client sent inside of TLS."""

    def __init__(self, folder, name, *options):
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", name + ".pem", "-key", name + ".key", "-quiet", *options]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.log.close()

    def received(self):
        self.log.seek(0)
        return self.log.read()


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        for name in ("ca", "other"):
            authority(cls.folder, name)
        certificate(cls.folder, "good", "IP:127.0.0.1", "200101000000Z", "491231000000Z")
        certificate(cls.folder, "host", "DNS:mail.example.com", "200101000000Z", "491231000000Z")
        certificate(cls.folder, "old", "IP:127.0.0.1", "200101000000Z", "210101000000Z")
        certificate(cls.folder, "early", "IP:127.0.0.1", "480101000000Z", "491231000000Z")
        certificate(cls.folder, "stranger", "IP:127.0.0.1", "200101000000Z", "491231000000Z", ca="other")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def ask(self, port, *arguments):
        return esp.run("mailgun", f"https://127.0.0.1:{port}", "--list", "bounces", *arguments)

    def test_refused(self):
        ca = "ca_file=" + os.path.join(self.folder, "ca.pem")
        for name, options, arguments, word in (
            ("good", (), (), "unable to get local issuer certificate"),
            ("stranger", (), (ca,), "unable to get local issuer certificate"),
            ("host", (), (ca,), "no alternative certificate subject name"),
            ("old", (), (ca,), "certificate has expired"),
            ("early", (), (ca,), "not yet valid"),
            ("good", ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), (ca,), "version"),
            ("good", (), ("ca_file=/nowhere.pem",), "/nowhere.pem"),
        ):
            with self.subTest(name=name, options=options), SServer(self.folder, name, *options) as server:
                result = self.ask(server.port, *arguments)
                self.assertEqual(result.code, 69, result.err)
                self.assertIn("cannot be trusted", result.error[1])
                self.assertIn(word, result.error[1])
                self.assertIn("Nothing was sent", result.error[2])
                self.assertNotIn(b"/v3/", server.received())

    def test_taken(self):
        for options in ((), ("-tls1_2",), ("-tls1_3",)):
            with self.subTest(options=options), SServer(self.folder, "good", "-WWW", *options) as server:
                result = self.ask(server.port, "ca_file=" + os.path.join(self.folder, "ca.pem"))
                # s_server looks for a file of that name and finds none: the request went through.
                self.assertNotIn("cannot be trusted", result.error[1])

    def test_whole_over_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "good.pem"), os.path.join(self.folder, "good.key"))
        server = replay.Server("mailgun", {**DATA, "bounces": [{"address": f"a{i:04}@example.com"} for i in range(1500)]})
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
        with server:
            result = self.ask(server.http.server_address[1], "ca_file=" + os.path.join(self.folder, "ca.pem"))
            self.assertEqual((result.code, len(result.addresses())), (0, 1500), result.err)
            # Plain http to the same port gets no answer that counts.
            self.assertEqual(esp.run("mailgun", f"http://127.0.0.1:{server.http.server_address[1]}", "--list", "bounces").code in (69, 75), True)


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        sys.exit(77)
    esp.main()
