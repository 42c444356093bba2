"""Small random jobs, each wholly decided by its seed: the files of a job, and the same job as reference.py wants it."""
import json
import random
from datetime import date, datetime, timedelta, timezone

AS_OF = date(2026, 11, 21)
GOOD_DOMAINS = ["gmail.com", "docomo.ne.jp", "example.jp", "shop.example.jp", "例え.example.jp", "icloud.com", "au.com", "b.example"]
BAD_ADDRESSES = ["", " ", "　", "taro.example.jp", "taro@@example.jp", "ta ro@example.jp", "taro @gmail.com", "taro@", "@example.jp",
                 "taro@example", "taro@example.com", "taro@nosuch", "taro@shop.nosuchending", "taro..x@example.jp", ".taro@gmail.com",
                 "taro@shop.1", "taro@[192.0.2.1]", "taro@-x.example.jp", "taro@x_y.jp", "taro@x..jp", "ta:ro@example.jp", "ta[ro@example.jp",
                 "taro@gmail.com, jiro@gmail.com", "t" * 65 + "@example.jp", "taro@" + "m" * 64 + ".jp"]
ODD_ADDRESSES = ["太郎@example.jp", '"ta ro"@example.jp', "noreply@example.jp", "info@example.jp", "taro@mailinator.com", "taro@gmial.com",
                 "taro@docomo.jp", "taro@yaho.co.jp", "taro@gmail.co", "taro..x@docomo.ne.jp", "taro.@ezweb.ne.jp"]
MX = [("gmail.com", "deliverable", "mx"), ("docomo.ne.jp", "deliverable", "mx"), ("example.jp", "deliverable", "mx"),
      ("shop.example.jp", "no_mail", "nxdomain"), ("xn--r8jz45g.example.jp", "no_mail", "null_mx"), ("icloud.com", "unknown", "servfail"),
      ("au.com", "deliverable", "implicit_mx"), ("gmail.co", "deliverable", "mx"),
      ("mailinator.com", "no_mail", "mx_dangling")]
NAMES = ["太郎", "表 次郎", "ソ", "O'Brien", "=1+1", "+SUM(A1)", "-x", "@x", "'=x", "＝１", "<b>", "", 'say "hi"', "a,b", "two\nlines", "cr\r\nlf",
         "①髙﨑", "\tx", "''+x"]
# What the columns may be, their headers, and what stands in them.
COLUMNS = {"optout": "停止", "optin": "許可", "status": "区分", "last_click": "クリック", "last_login": "ログイン", "last_purchase": "購入",
           "last_open": "開封", "last_sent": "送信", "signup_at": "加入", "winback_sent_at": "再送", "winback_replied_at": "返答",
           "protected": "保護", "sends_since_engagement": "回数", "resubscribed_at": "再登録", "last_activity": "活動"}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CLASSES = ["complaint", "unsubscribe", "manual", "hard", "invalid", "unknown", "block", "soft"]


def is_date(column):
    return column.startswith("last_") or column.endswith("_at")


class Case:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.encoding = self.r.choice(["utf-8", "utf-8", "cp932"])
        self.columns = self.r.sample(sorted(COLUMNS), self.r.randint(0, 7))
        # One list in three has columns in a form that only the whole column can tell.
        odd = self.r.random() < 0.35
        self.styles = {c: self.r.choice(["dmy", "mdy", "epoch", "evident"]) for c in self.columns} if odd else {}
        self.engaged = self.r.random() < 0.7
        self.filled = self.r.choice([0.2, 0.6, 1.0])  # how often a date stands in its cell
        self.mx_mode = self.r.choice(["off", "snapshot", "snapshot"])
        self.people = [self.person() for _ in range(self.r.choice([3, 8, 60, 60]))]

    def pick(self, items):
        return items[self.r.randrange(len(items))]

    # ---- addresses

    def person(self):
        local = self.pick(["taro", "hana.ko", "ji-ro", "x+shop", "TARO", "a1", "sabu.ro+x", "jiro", "m.m"] * 3 + ["ichi..ro"])
        local += self.pick(["", str(self.r.randrange(30))])
        return f"{local}@{self.pick(GOOD_DOMAINS)}"

    def spelling(self, address):
        local, domain = address.rsplit("@", 1)
        forms = [address] * 6 + [local.upper() + "@" + domain, local + "@" + domain.upper() if domain.isascii() else address, " " + address,
                                 address + "　", self.wide(address), f'"{local}"@{domain}', f"x <{address}>", "mailto:" + address,
                                 address + ".", address.replace("例え", "xn--r8jz45g"), f"({address})", address + ";"]
        if domain == "gmail.com":
            forms += [local.replace(".", "") + "@gmail.com", local + "+z@gmail.com", "h.a.n.a.k.o@gmail.com", local + "@gmail.co"]
        if domain == "docomo.ne.jp":
            forms += [local + "@docomo.jp"]
        return self.pick(forms)

    def wide(self, text):
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)

    def address(self):
        kind = self.r.random()
        if kind < 0.75:
            return self.spelling(self.pick(self.people))
        return self.pick(BAD_ADDRESSES) if kind < 0.88 else self.pick(ODD_ADDRESSES)

    # ---- cells

    def day(self):
        near = self.pick([0, 1, 14, 15, 29, 30, 31, 60, 89, 90, 91, 179, 180, 181, 299, 300, 301, 364, 365, 366, 729, 730, 731])
        return AS_OF - timedelta(days=self.pick([near, self.r.randint(0, 900), self.r.randint(0, 120)]))

    def date(self, column):
        kind, day = self.r.random(), self.day()
        if kind < 0.15:
            return self.pick(["", "", "-", "なし", "0000-00-00", "未購入", "NULL"])
        if kind < 0.18:
            return self.pick(["2024-13-01", "someday", "2023/2/30", "昨年", "12/31"])
        if kind < 0.20:
            day = AS_OF + timedelta(days=self.r.choice([1, 2, 90]))
        return self.written(day, self.styles.get(column, "evident"))

    def written(self, day, style):
        """A day in one of the ways that a column of this style has."""
        first, second = (day.day, day.month) if style == "dmy" else (day.month, day.day)
        if style in ("dmy", "mdy"):
            return self.pick([f"{first}/{second}/{day.year}", f"{first:02d}-{second:02d}-{day.year} 09:30", f"{first:02d}/{second:02d}/{day.year}"])
        noon = int(datetime(day.year, day.month, day.day, 3, tzinfo=timezone.utc).timestamp())  # in Tokyo
        if style == "epoch":
            return self.pick([str(noon), str(noon * 1000), str(noon + 11 * 3600), str(noon + 12 * 3600)])
        era = f"R{day.year - 2018}" if day >= date(2019, 5, 1) else None
        return self.pick([day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}/{day.month:02d}/{day.day:02d} 08:05",
                          f"{day.isoformat()}T23:30:00Z", f"{day.isoformat()} 10:11:12", f"{day.isoformat()}T00:10:00+09:00",
                          self.wide(f"{day.year}/{day.month}/{day.day}"), f"{era}.{day.month}.{day.day}" if era else day.isoformat(),
                          f"令和{day.year - 2018}年{day.month}月{day.day}日" if era else day.isoformat(), f"{day.year}{day.month:02d}{day.day:02d}",
                          f"{MONTHS[day.month - 1]} {day.day}, {day.year} 3:04 PM", f"{day.year}年{day.month}月{day.day}日 午後3時4分"])

    def cell(self, column):
        if column == "email":
            return self.address()
        if column == "optout":
            return self.pick(["0", "", "no"] * 8 + ["1", "はい"])
        if column == "optin":
            return self.pick(["1", "yes", "1", "はい"] * 8 + [""] + self.refusals)
        if column == "status":
            return self.pick(["会員", "active", ""] * 8 + ["退会", "unsubscribed", "仮登録"])
        if column == "protected":
            return self.pick(["", "", "", "yes", "no"])
        if column == "sends_since_engagement":
            return self.pick(["", "0", "2", "3", "10", "11", "15", "16", "40"])
        if column == "name":
            return self.pick(NAMES)
        if column in ("winback_sent_at", "winback_replied_at", "resubscribed_at") and self.r.random() < 0.8:
            return ""
        return self.date(column) if self.r.random() < self.filled else ""

    # ---- files

    def quoted(self, raw):
        return b'"' + raw.replace(b'"', b'""') + b'"'

    def field(self, text):
        raw = text.encode(self.encoding)
        must = any(c in raw for c in b',"\r\n')
        if must or self.r.random() < 0.1:
            return self.quoted(raw)
        return raw

    def record(self, columns):
        cells = [self.field(self.cell(c)) for c in columns]
        damage = self.r.random()
        if damage < 0.03 and len(cells) > 1:
            cells = cells[:self.r.randint(1, len(cells) - 1)]
        elif damage < 0.06:
            cells += [b"extra"] * self.r.randint(1, 2)
        return b",".join(cells)

    def file(self, columns, headers, rows):
        ends = self.pick([[b"\n"], [b"\r\n"], [b"\n", b"\r\n"]])
        out = b""
        if self.encoding == "utf-8" and self.r.random() < 0.3:
            out += b"\xef\xbb\xbf"
        # What the delimiter is must not depend on luck: a damaged row or two in a tiny file leaves it open.
        out += b"sep=," + ends[0]
        out += b",".join(self.field(h) for h in headers) + self.pick(ends)
        for i in range(rows):
            out += self.record(columns)
            last = i == rows - 1
            out += b"" if last and self.r.random() < 0.3 else self.pick(ends)
            if self.r.random() < 0.04 and not last:
                out += self.pick(ends)
        return out

    def make_files(self):
        columns = ["email", "name"] + self.columns
        self.r.shuffle(columns)
        headers = [{"email": "宛先", "name": "呼び名"}.get(c) or COLUMNS[c] for c in columns]
        self.refusals = self.pick([[], ["no"], ["0", "いいえ"]])
        count = self.pick([1, 1, 1, 2, 3])
        files = [(f"in{i}.csv", self.file(columns, headers, self.pick([0, 1, 3, 10, 40, 80]))) for i in range(count)]
        return columns, headers, files

    def make_sources(self):
        sources, files, entries = [], {}, []
        for i in range(self.pick([0, 1, 1, 2, 3])):
            cls = self.pick(CLASSES)
            kind = self.pick(["address", "address", "address", "domain"])
            lines = [self.listed() for _ in range(self.r.randint(1, 8))] if kind == "address" else [
                self.pick(["shop.example.jp", "*.example.jp", "icloud.com", "gmail.com.example.org"]) for _ in range(2)]
            name = f"list{i}.txt"
            files[name] = ("# people who are not to be mailed\n" + "\n".join(lines) + "\n").encode()
            sources.append({"name": f"list{i}", "type": "file", "file": name, "kind": kind, "class": cls, "format": "plain"})
            entries += [(kind, line, cls) for line in lines]
        return sources, files, entries

    def listed(self):
        person = self.pick(self.people)
        return self.pick([person, person, person.upper() if person.isascii() else person, self.wide(person), "nobody@example.org",
                          person.replace("例え", "xn--r8jz45g"), person.replace("@gmail.com", "+list@gmail.com"),
                          person.replace("@gmail.com", "@gmail.co")])

    def make(self):
        columns, headers, files = self.make_files()
        sources, source_files, entries = self.make_sources()
        mapping = {c: headers[columns.index(c)] for c in columns if c != "name"}
        job = {
            "version": 1, "as_of": AS_OF.isoformat(), "timezone": "Asia/Tokyo",
            "recipients": [{"file": name, "encoding": self.encoding, "columns": mapping} for name, _ in files],
            "suppressions": sources or "none",
            "address": {"allow_special_use": self.pick([["example"], ["example", "example.com"]]),
                        "typo": self.pick(["hold", "hold", "hold", "keep", "off", "remove", "fix", "fix"])},
            "mx": {"mode": "off"},
            "output": {"directory": "out"},
            "dedupe": {"key": self.pick(["exact", "exact", "exact", "provider"])},
            "alias": self.pick(["auto", "auto", "hold", "remove", "off"]),
        }
        if self.mx_mode == "snapshot":
            job["mx"] = {"mode": "snapshot", "snapshot": "mx.csv", "unknown": self.pick(["keep", "keep", "hold"])}
            source_files["mx.csv"] = ("domain,verdict,reason\n" + "".join(",".join(m) + "\n" for m in MX)).encode()
        profile = self.pick(["b2c_weekly", "b2c_weekly", "b2c_daily", "b2c_monthly", "b2b"])
        if self.engaged:
            job["engagement"] = {"profile": profile}
        dates = {c: "iso" for c in mapping if c.startswith("last_") and c not in self.styles and self.r.random() < 0.1}
        dates.update({c: style for c, style in self.styles.items() if style != "evident" and is_date(c) and self.r.random() < 0.4})
        for recipients in job["recipients"]:
            if dates:
                recipients["dates"] = dates
        wanted = {
            "files": files, "encoding": self.encoding, "columns": mapping, "headers": headers, "entries": entries, "as_of": AS_OF,
            "allowed": job["address"]["allow_special_use"], "typo": job["address"]["typo"], "mx": {d: (v, w) for d, v, w in MX} if self.mx_mode == "snapshot" else {},
            "mx_unknown": job["mx"].get("unknown", "keep"), "dedupe": job["dedupe"]["key"], "alias": job["alias"], "dates": dates,
            "applied": self.engaged, "profile": profile if self.engaged else "b2c_weekly",
        }
        written = dict(files, **source_files, **{"job.yaml": json.dumps(job, ensure_ascii=False, indent=1).encode()})
        return written, wanted
