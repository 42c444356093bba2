"""A DNS-over-HTTPS front that misbehaves in one way, before a real resolver on TCP. Prints its port; all on 127.0.0.1.

    doh_faults.py TCP_PORT FAULT [--cert PEM --key KEY] [--after N] [--until N] [--only NAME] [--log FILE]

FAULT is a name of `faults` below, or a number: that HTTP status. Without --cert it speaks plain http. It begins after
--after answers and ends after --until; with --only it is for one domain alone.
"""

import argparse
import http.server
import socket
import ssl
import struct
import sys
import threading
import time

lock = threading.Lock()
served = 0


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(labels).lower()


def resolve(port, query):
    with socket.create_connection(("127.0.0.1", port), 2) as s, s.makefile("rb") as answer:
        s.sendall(struct.pack("!H", len(query)) + query)
        return answer.read(*struct.unpack("!H", answer.read(2)))


def html(handler, answer):
    handler.send(200, b"<html><body>Please log in</body></html>", "text/html")


def untyped(handler, answer):
    handler.send(200, answer, None)


def json(handler, answer):
    handler.send(200, b'{"Status":0}', "application/dns-json")


def empty(handler, answer):
    handler.send(200, b"", "application/dns-message")


def garbage(handler, answer):
    handler.send(200, b"\xff" * 40, "application/dns-message")


def short(handler, answer):
    handler.send(200, answer[:20], "application/dns-message")


def other(handler, answer):
    """The answer to another question."""
    handler.send(200, answer[:13] + b"0" + answer[14:], "application/dns-message")


def wrong_id(handler, answer):
    handler.send(200, b"\0\7" + answer[2:], "application/dns-message")


def huge(handler, answer):
    handler.send(200, answer + b"\0" * 70000, "application/dns-message")


def cut(handler, answer):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/dns-message")
    handler.send_header("Content-Length", str(len(answer)))
    handler.end_headers()
    handler.wfile.write(answer[:len(answer) // 2])
    handler.close_connection = True


def closed(handler, answer):
    handler.close_connection = True


def hang(handler, answer):
    time.sleep(60)


def slow(handler, answer):
    time.sleep(0.3)
    good(handler, answer)


def typed(handler, answer):
    handler.send(200, answer, "Application/DNS-Message; charset=binary")


def truncated(handler, answer):
    handler.send(200, answer[:2] + bytes([answer[2] | 2]) + answer[3:], "application/dns-message")


def good(handler, answer):
    handler.send(200, answer, "application/dns-message")


def busy(handler, answer):
    handler.send(429, b"slow down", "text/plain", {"Retry-After": "1"})


def busy_date(handler, answer):
    until = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 2))
    handler.send(503, b"later", "text/plain", {"Retry-After": until})


faults = {f.__name__: f for f in (html, untyped, json, empty, garbage, short, other, wrong_id, huge, cut, closed, hang, slow, typed,
                                  truncated, good, busy, busy_date)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def log_message(self, *_):
        pass

    def send(self, status, body, kind, headers=None):
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global served
        query = self.rfile.read(int(self.headers["Content-Length"]))
        note(f"{self.path} {self.headers['Content-Type']} {self.headers['Accept']} {struct.unpack('!H', query[:2])[0]} {name_of(query)}")
        answer = resolve(options.port, query)
        with lock:
            served += 1
            faulty = served > options.after and (options.until is None or served <= options.until)
        if not faulty or (options.only and name_of(query) != options.only):
            good(self, answer)
        elif options.fault.isdigit():
            self.send(int(options.fault), b"an HTML page", "text/html", {"Location": "http://127.0.0.1:9/"} if options.fault[0] == "3" else {})
        else:
            faults[options.fault](self, answer)


def note(line):
    if options.log:
        with lock, open(options.log, "a") as file:
            file.write(line + "\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that left is none of ours
            super().handle_error(request, client)


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("fault")
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--after", type=int, default=0)
parser.add_argument("--until", type=int)
parser.add_argument("--only")
parser.add_argument("--log")
options = parser.parse_args()
main()
