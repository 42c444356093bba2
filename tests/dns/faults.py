"""A resolver that misbehaves as the first label of the name says, on UDP and TCP of one loopback port, which it prints.

Anything else is a name that does not exist, and `mail.*` and `ok.*` are fine. With --hijack, names that do not exist have
an address; with --empty they have no data; with --bare nobody is said to say so; with --walled it knows nothing of the
world; with --deny NAME that name does not exist; with --forge example.com has a mail server; with --after N all that
begins after N queries; with --mute N it falls silent then; with --log FILE it writes down what it is asked for.
"""

import argparse
import socket
import struct
import sys
import threading
import time

A, NS, CNAME, SOA, MX, AAAA, OPT = 1, 2, 5, 6, 15, 28, 41
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
PUBLIC = bytes([192, 175, 48, 6])
good_options = argparse.Namespace(hijack=None, empty=False, bare=False, walled=False, refuse=False, deny=None, forge=False)
SECOND_OPINION_S = 0.5  # from here on a question is one for a second opinion: ask with --confirm 1000

seen = {}  # of each (name, type): how often it was asked, and when first


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in name.split(".") if label) + b"\0"


def record(name, kind, data, ttl=60):
    return wire(name) + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def mx(name, target, preference=10):
    return record(name, MX, struct.pack("!H", preference) + wire(target))


def soa(name="example.jp"):
    return record(name, SOA, wire("a.example.jp") + wire("b.example.jp") + struct.pack("!5I", 1, 60, 60, 60, 60))


def opt(*codes):
    data = b"".join(struct.pack("!HHH", 15, 2, code) for code in codes)
    return b"\0" + struct.pack("!HHIH", OPT, 1232, 0, len(data)) + data


class Query:
    def __init__(self, packet):
        self.id = struct.unpack("!H", packet[:2])[0]
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
            at += 1 + packet[at]
        self.raw = ".".join(labels)  # with the capitals that it was asked with
        self.name = self.raw.lower()
        self.kind = struct.unpack("!H", packet[at + 1:at + 3])[0]
        self.edns = len(packet) > at + 5
        self.label = labels[0].lower() if labels else ""
        key = (self.name, self.kind)
        times, asked_at = seen.get(key, (0, time.monotonic()))
        seen[key] = (times + 1, asked_at)
        self.times = times + 1
        self.age = time.monotonic() - asked_at

    def reply(self, code=NOERROR, answer=(), authority=(), additional=(), flags=0x8180, name=None, shift=0):
        head = struct.pack("!6H", (self.id + shift) & 0xFFFF, flags | code, 1, len(answer), len(authority),
                           len(additional))
        question = wire(name or self.raw) + struct.pack("!HH", self.kind, 1)
        return head + question + b"".join(answer) + b"".join(authority) + b"".join(additional)

    def good(self, **more):
        if self.kind == MX:
            return self.reply(answer=[mx(self.name, "mail.example.net")], **more)
        if self.kind == A:
            return self.reply(answer=[record(self.name, A, PUBLIC)], **more)
        return self.nodata(**more)

    def zone(self):
        return soa(self.name.partition(".")[2])

    def nodata(self, **more):
        return self.reply(authority=[self.zone()], **more)

    def absent(self, **more):
        return self.reply(NXDOMAIN, authority=[self.zone()], **more)


def explained(code, *codes):
    return lambda q, tcp: [q.reply(code, additional=[opt(*codes)])]


def by_type(mx_reply, other):
    return lambda q, tcp: mx_reply(q, tcp) if q.kind == MX else other(q, tcp)


def nodata(q, tcp):
    return [q.nodata()]


def fail(q, tcp):
    return [q.reply(SERVFAIL)]


def drop(q, tcp):
    return []


def good(q, tcp):
    return [q.good()]


def broken(tail):
    """One MX record whose data end is as `tail` makes it."""
    def answer(q, tcp):
        packet = q.reply(answer=[])
        packet = packet[:6] + b"\0\1" + packet[8:]
        return [packet + wire(q.name) + struct.pack("!HHI", MX, 1, 60) + tail]
    return answer


def late(q, tcp):
    if q.times == 1:
        time.sleep(0.45)
    return [q.good()]


def tc(then):
    return lambda q, tcp: then(q) if tcp else [q.reply(flags=0x8380)]


def chain(length, end=None):
    """Aliases in a row in one answer, and where they lead."""
    def answer(q, tcp):
        names = [q.name] + [f"hop{i}.example.net" for i in range(length)]
        records = [record(a, CNAME, wire(b)) for a, b in zip(names, names[1:])]
        if end and q.kind in (MX, A):
            records.append(mx(names[-1], end) if q.kind == MX else record(names[-1], A, PUBLIC))
        packet = q.reply(answer=records)
        return [packet] if tcp or len(packet) <= 1232 else [q.reply(flags=0x8380)]
    return answer


def endless(q, tcp):
    """Each name is an alias of one that nobody has heard of yet."""
    number = int("0" + q.label.partition("-")[2]) + 1
    return [q.reply(answer=[record(q.name, CNAME, wire(f"endless-{number}.example.jp"))])]


def crowded(target):
    """As many mail servers as a message holds."""
    def answer(q, tcp):
        if q.kind != MX:
            return [q.nodata()]
        if not tcp:
            return [q.reply(flags=0x8380)]
        size = 12 + len(wire(q.name)) + 4
        one = struct.pack("!HHHIH", 0xC00C, MX, 1, 60, 2 + len(wire(target)))
        records = []
        while size + len(one) + 2 + len(wire(target)) <= 65535:
            records.append(one + struct.pack("!H", len(records)) + wire(target))
            size += len(records[-1])
        return [q.reply(answer=records)]
    return answer


def drip(q, tcp):
    return b"" if tcp else [q.reply(flags=0x8380)]


def once(first, then):
    return lambda q, tcp: [first(q)] if q.times == 1 else [then(q)]


def confirmed(first, then):
    """Another answer to a second opinion, not to a question sent again because the machine was too busy to answer."""
    return lambda q, tcp: [first(q)] if q.age < SECOND_OPINION_S else [then(q)]


BEHAVIOURS = {
    "wrong-id": lambda q, tcp: [q.good(shift=1)],
    "wrong-question": lambda q, tcp: [q.good(name="other.example.jp")],
    "wrong-type": lambda q, tcp: [q.reply(answer=[record(q.name, A, PUBLIC)]).replace(
        wire(q.raw) + struct.pack("!HH", q.kind, 1), wire(q.raw) + struct.pack("!HH", 99, 1), 1)],
    "query-back": lambda q, tcp: [q.reply(flags=0x0100)],
    "spoof-first": lambda q, tcp: [q.absent(shift=1), q.absent(shift=2), q.absent(name="other.example.jp"), q.good()],
    "flood": lambda q, tcp: [q.good()] if tcp else [q.absent(shift=i) for i in range(1, 13)],
    "cut": lambda q, tcp: [q.good()[:-5]],
    "cut-header": lambda q, tcp: [q.good()[:7]],
    "trailing": lambda q, tcp: [q.good() + b"trailing"],
    "rdlength": broken(struct.pack("!H", 200) + b"\0\x0a" + wire("mail.example.net")),
    "rdlength-short": broken(struct.pack("!H", 4) + b"\0\x0a" + wire("mail.example.net")),
    "pointer-loop": lambda q, tcp: broken(struct.pack("!H", 4) + b"\0\x0a" + struct.pack(
        "!H", 0xC000 | (12 + len(wire(q.name)) + 4 + len(wire(q.name)) + 12)))(q, tcp),
    "pointer-out": broken(struct.pack("!H", 4) + b"\0\x0a\xff\xff"),
    "ede15": explained(NXDOMAIN, 15), "ede16": explained(REFUSED, 16), "ede17": explained(NOERROR, 17),
    "ede18": explained(NXDOMAIN, 18), "ede6": explained(SERVFAIL, 6), "ede12": explained(SERVFAIL, 12),
    "ede22": explained(SERVFAIL, 22), "ede23": explained(SERVFAIL, 3, 23), "ede9-22": explained(SERVFAIL, 22, 9),
    "ede3": explained(SERVFAIL, 3),
    "ede3-fine": lambda q, tcp: [q.good(additional=[opt(3)])],
    "blocked-address": lambda q, tcp: [q.reply(answer=[record(q.name, A, b"\0\0\0\0")] if q.kind == A else [],
                                               additional=[opt(15)])],
    "tc-close": tc(lambda q: None),
    "tc-cut": tc(lambda q: [q.good()[:20]]),
    "tc-again": tc(lambda q: [q.reply(flags=0x8380)]),
    "tc-wrong": tc(lambda q: [q.good(shift=1)]),
    "tc-good": tc(lambda q: [q.good()]),
    "no-edns": lambda q, tcp: [q.reply(FORMERR)] if q.edns else [q.good()],
    "no-edns-header": lambda q, tcp: [struct.pack("!6H", q.id, 0x8181, 0, 0, 0, 0)] if q.edns else [q.good()],
    "formerr": lambda q, tcp: [q.reply(FORMERR)],
    "notimp": lambda q, tcp: [q.reply(NOTIMP)],
    "notauth": lambda q, tcp: [q.reply(9)],
    "refused": lambda q, tcp: [q.reply(REFUSED)],
    "servfail": fail,
    "drop": drop,
    "late": late,
    "servfail-once": once(lambda q: q.reply(SERVFAIL), Query.good),
    "servfail-twice": lambda q, tcp: [q.reply(SERVFAIL)] if q.kind == MX and q.times < 3 else [q.good()],
    "absent-once": confirmed(Query.absent, Query.good),
    "nodata-once": lambda q, tcp: [q.nodata()] if q.kind != MX or q.times == 1 else [q.good()],
    "absent-fail": confirmed(Query.absent, lambda q: q.reply(SERVFAIL)),
    "nodata-fail": confirmed(Query.nodata, lambda q: q.reply(SERVFAIL)),
    "absent-nodata": confirmed(Query.absent, Query.nodata),
    "addr-servfail": by_type(nodata, fail),
    "addr-drop": by_type(nodata, drop),
    "addr-filtered": by_type(nodata, explained(NXDOMAIN, 15)),
    "aaaa-servfail": lambda q, tcp: fail(q, tcp) if q.kind == AAAA else [q.nodata()],
    "a-servfail": lambda q, tcp: fail(q, tcp) if q.kind == A else [q.nodata()],
    "a-cut": by_type(nodata, lambda q, tcp: [q.good()[:-2]]),
    "a-size": by_type(nodata, lambda q, tcp: [q.reply(answer=[record(q.name, q.kind, b"\1\2\3")])]),
    "referral": lambda q, tcp: [q.reply(authority=[record("jp", NS, wire("a.dns.jp"))])],
    "chain-8": chain(8, "mail.example.net"), "chain-9": chain(9, "mail.example.net"), "chain-400": chain(400),
    "endless": endless, "crowd": crowded("mail.example.net"), "crowd-absent": crowded("absent.example.net"),
    "drip": drip, "tc-empty": tc(lambda q: [b""]), "tc-other": tc(lambda q: [q.good(name="other.example.jp")]),
    "burst": lambda q, tcp: [q.good()] if tcp else [q.absent(shift=i) for i in range(1, 3000)],
    "turns": lambda q, tcp: [q.absent()] if q.times % 2 else [q.good()],
    "turns-fail": lambda q, tcp: [q.absent()] if q.times % 2 else [q.reply(SERVFAIL)],
    "twice": lambda q, tcp: [q.good(), q.absent(), q.absent()],
    "bare-nodata": lambda q, tcp: [q.reply()],
    "bare-absent": lambda q, tcp: [q.reply(NXDOMAIN)],
    "bare-then": confirmed(Query.absent, lambda q: q.reply(NXDOMAIN)),
    "then-bare": confirmed(lambda q: q.reply(NXDOMAIN), Query.absent),
    "policy-absent": lambda q, tcp: [q.reply(NXDOMAIN, authority=[soa("rpz.list")])],
    "policy-aside": lambda q, tcp: [q.reply(NXDOMAIN, additional=[soa("rpz.list")])],
    "nobody": lambda q, tcp: nodata(q, tcp) if q.kind not in (A, AAAA) else [
        q.reply(answer=[record(q.name, q.kind, bytes(4 if q.kind == A else 16))])],
    "nobody-a": lambda q, tcp: nodata(q, tcp) if q.kind != A else [q.reply(answer=[record(q.name, A, bytes(4))])],
    "mx-nobody": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "nobody.example.net")])], nodata),
    "mx-bare": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "bare-absent.example.net")])], nodata),
    "absent-found": lambda q, tcp: [q.reply(NXDOMAIN, answer=[mx(q.name, "mail.example.net")])],
    "other-class": lambda q, tcp: [q.reply(answer=[mx(q.name, "mail.example.net").replace(
        struct.pack("!HH", MX, 1), struct.pack("!HH", MX, 3), 1)], authority=[soa()])],
    "other-owner": lambda q, tcp: [q.reply(answer=[mx("other.example.jp", "mail.example.net")], authority=[soa()])],
    "capitals": lambda q, tcp: [q.good(name=q.name.upper())],
    "mx-servfail": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "servfail.example.net")])], nodata),
    "mx-drop": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "drop.example.net")])], nodata),
    "mx-half": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "servfail.example.net"),
                                                       mx(q.name, "absent.example.net")])], nodata),
    "mx-and-good": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "servfail.example.net"),
                                                           mx(q.name, "mail.example.net")])], nodata),
    "mx-absent-fail": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "absent-fail.example.net")])], nodata),
    "mx-absent-once": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "absent-once.example.net")])], nodata),
    "mx-private-once": by_type(lambda q, tcp: [q.reply(answer=[mx(q.name, "private-once.example.net")])], nodata),
    "private-once": lambda q, tcp: [q.reply(answer=[record(q.name, A, bytes([10, 0, 0, 1]))])]
    if q.kind == A and q.times == 1 else [q.good()],
    "alias-out": lambda q, tcp: [q.reply(answer=[record(q.name, CNAME, wire("ok.example.jp"))])],
    "alias-far": lambda q, tcp: [q.reply(answer=[record(q.name, CNAME, wire("alias-out.example.jp"))])],
    "alias-odd": lambda q, tcp: [q.reply(answer=[record(q.name, CNAME, wire("a b.example.jp"))])],
    "alias-loop": lambda q, tcp: [q.reply(answer=[record(q.name, CNAME, wire("alias-pool.example.jp"))])],
    "alias-pool": lambda q, tcp: [q.reply(answer=[record(q.name, CNAME, wire("alias-loop.example.jp"))])],
    "authentic": lambda q, tcp: [q.good(flags=0x81a0)],
    "ok": good, "mail": good, "wrong-port": good,
}


def usual(options):
    def answer(q, tcp):
        if options.hijack and (q.kind == A or options.hijack == "all"):
            return [q.good()]
        if options.hijack:
            return [q.nodata()]
        if options.empty:
            return [q.nodata()]
        return [q.reply(NXDOMAIN) if options.bare else q.absent()]
    return answer


def replies(options, packet, tcp):
    q = Query(packet)
    if options.log:
        print(q.name, q.kind, "tcp" if tcp else "udp", q.id, file=options.log, flush=True)
    options.count += 1
    bad = options if options.count > options.after else good_options
    if options.mute and options.count > options.mute:
        return []
    if bad.refuse:
        return [q.reply(REFUSED)]
    if q.name == bad.deny:
        return [q.absent()]
    if q.name == "example.com" and not bad.walled:
        return [q.good() if bad.forge else q.reply(answer=[mx(q.name, "", 0)])]
    if q.name == "gmail.com":
        return [q.good()]
    label = "endless" if q.label.startswith("endless-") else q.label
    return BEHAVIOURS.get(label, usual(bad))(q, tcp)


def serve_peer(options, peer):
    size = peer.recv(2)
    packet = b""
    while len(size) == 2 and len(packet) < struct.unpack("!H", size)[0]:
        packet += peer.recv(512)
    answers = replies(options, packet, True) if packet else None
    if answers == b"":
        peer.sendall(b"\xff\xff")
        for _ in range(40):  # and so on, for hours
            peer.sendall(b"\0")
            time.sleep(0.1)
    for answer in answers or []:
        data = struct.pack("!H", len(answer)) + answer
        peer.sendall(data[:1])  # in two pieces, since TCP may do that
        time.sleep(0.01)
        peer.sendall(data[1:])


def serve_one(options, peer):
    with peer:
        try:
            serve_peer(options, peer)
        except OSError:
            pass  # the peer has gone away


def serve_tcp(options, listener):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve_one, args=(options, peer), daemon=True).start()


def handle(options, sock, packet, peer):
    if packet[13:13 + packet[12]].lower() == b"wrong-port":  # somebody else is faster
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            other.sendto(Query(packet).absent(), peer)
    for answer in replies(options, packet, False) or []:
        sock.sendto(answer, peer)


def listen():
    """The same port for both."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket()
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            continue
        tcp.listen(16)
        return udp, tcp


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hijack", choices=["a", "all"])
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--walled", action="store_true")
    parser.add_argument("--refuse", action="store_true")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--forge", action="store_true")
    parser.add_argument("--deny")
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("--mute", type=int)
    parser.add_argument("--log", type=argparse.FileType("w"))
    options = parser.parse_args()
    options.count = 0
    udp, tcp = listen()
    print(udp.getsockname()[1], flush=True)
    threading.Thread(target=serve_tcp, args=(options, tcp), daemon=True).start()
    while True:
        packet, peer = udp.recvfrom(4096)
        threading.Thread(target=handle, args=(options, udp, packet, peer), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
