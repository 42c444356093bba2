"""What presend must do, said slowly: one plain pass over plain data, without a library, a batch or a thread.

It knows only the addresses, words and dates that generate.py writes. `judge(case)` gives, for every row of the input, where it goes,
why, and the bytes that go out for it; `Refused` says that the whole input must be refused, and with which exit code.
"""
import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

REASONS = Path(__file__).resolve().parents[2] / "include/presend/reason.def"
ORDER = re.findall(r"^PS_REASON\(\d+, (\w+), ", REASONS.read_text(), re.M)
EFFECTS = dict(re.findall(r"^PS_REASON\(\d+, (\w+), .*?, \w+, (\w+), ", REASONS.read_text(), re.M))
WIRE = dict(re.findall(r'^PS_REASON\(\d+, (\w+), "(\w+)"', REASONS.read_text(), re.M))
STAGES = dict(re.findall(r'^PS_REASON\(\d+, (\w+), "\w+", (\w+), ', REASONS.read_text(), re.M))


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


# ---- CSV, byte by byte

def read_csv(data, delimiter=b","):
    """The records: cells as (raw bytes, value), the bytes of the record, its line end, and the line it begins in."""
    records, line, i = [], 1, 0
    while i < len(data):
        if data[i:i + 1] in (b"\r", b"\n"):  # an empty line is no record
            i += 2 if data[i:i + 2] == b"\r\n" else 1
            line += 1
            continue
        start, first_line, cells = i, line, []
        while True:
            cell_start, value = i, bytearray()
            in_quotes = data[i:i + 1] == b'"'
            if in_quotes:
                i += 1
            while True:
                c = data[i:i + 1]
                if c == b"":
                    if in_quotes:
                        raise Refused(65)
                    break
                if in_quotes:
                    if c == b'"' and data[i + 1:i + 2] in (delimiter, b"\r", b"\n", b""):
                        i, in_quotes = i + 1, False
                        continue
                    if c == b'"' and data[i + 1:i + 2] == b'"':
                        i += 1  # the second one is the quote
                elif c in (delimiter, b"\r", b"\n"):
                    break
                if c == b"\n" or (c == b"\r" and data[i + 1:i + 2] != b"\n"):
                    line += 1
                value += c
                i += 1
            cells.append((data[cell_start:i], bytes(value)))
            if data[i:i + 1] != delimiter:
                break
            i += 1
        body = data[start:i]
        end = data[i:i + 2] if data[i:i + 2] == b"\r\n" else data[i:i + 1]
        i += len(end)
        if end:
            line += 1
        records.append((cells, body, end, first_line))
    return records


# ---- addresses, as far as the generator goes

APPLE = {"icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"}  # their mail programs open everything
CARRIERS = {"docomo.ne.jp", "ezweb.ne.jp", "au.com"}
A_LABELS = {"例え": "xn--r8jz45g", "日本語": "xn--wgv71a119e"}
SPECIAL = {"test", "localhost", "invalid", "example", "local", "onion"}
SPECIAL_2 = {"example.com", "example.net", "example.org"}
TLDS = {"jp", "com", "net", "org", "de", "co"}
TYPOS = {"gmial.com": "gmail.com", "docomo.jp": "docomo.ne.jp", "yaho.co.jp": "yahoo.co.jp", "gmail.co": "gmail.com"}
TYPO_TABLE = {"docomo.jp", "gmail.co"}  # slips that stay suspicious when the domain takes mail
TYPO_EFFECTS = {"off": "OFF", "keep": "KEEP", "hold": "HOLD", "remove": "REMOVE", "fix": "HOLD"}
DISPOSABLE = {"mailinator.com", "yopmail.com", "gmial.com"}
ROLE = {"info", "sales", "support", "admin"}
ROLE_SYSTEM = {"noreply", "postmaster", "abuse"}
ATEXT = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.")
BLANKS = " \t\r\n\u3000"


class Address:
    def __init__(self, findings, ascii_form="", key="", domain="", suggestion=""):
        self.findings, self.ascii, self.key, self.domain, self.suggestion = findings, ascii_form, key, domain, suggestion


def bad(reason, suggestion=""):
    return Address({reason}, suggestion=suggestion)


def narrow(text):
    out = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    return out.replace("\u3000", " ").replace("。", ".")


def parse_address(cell, job):
    if cell is None:
        return bad("INVALID_ENCODING")
    text = narrow(cell.strip(BLANKS)) if not cell.isascii() else cell.strip(BLANKS)
    text = text.strip(BLANKS)
    if text == "":
        return bad("EMPTY")
    outside = re.sub(r'"[^"]*"', '""', text)
    if sum("@" in part for part in re.split("[,;、]", outside)) >= 2:
        return bad("MULTIPLE_ADDRESSES")
    for _ in range(6):
        before = text
        text = text.strip(BLANKS)
        if text.endswith(">") and "<" in text:
            text = text[text.rfind("<") + 1:-1]
        if text.lower().startswith("mailto:"):
            text = text[7:]
        for left, right in ("()", "[]", "''"):
            if text.startswith(left) and text.endswith(right) and "@" in text:
                text = text[1:-1]
        text = text.strip(",;")
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1]
        if text == before:
            break
    if text == "":
        return bad("EMPTY")
    if "@" not in text:
        return bad("NO_AT_SIGN")
    quoted = text.startswith('"')
    at = text.find("@", text.find('"', 1)) if quoted else text.rfind("@")
    local, domain = text[:at], text[at + 1:]
    if not quoted and "@" in local:
        return bad("MULTIPLE_AT_SIGNS")
    for part, is_quoted in ((local, quoted), (domain, False)):
        if not is_quoted and any(c in BLANKS for c in part):
            mended = local.translate({ord(c): None for c in BLANKS}) + "@" + domain.translate({ord(c): None for c in BLANKS})
            return bad("INNER_WHITESPACE", mended)
    return parse_parts(local, domain, quoted, job)


def parse_parts(local, domain, quoted, job):
    if domain == "":
        return bad("DOMAIN_EMPTY")
    if domain.startswith("["):
        return bad("DOMAIN_IP_LITERAL")
    labels = domain.split(".")
    if "" in labels:
        return bad("DOMAIN_EMPTY_LABEL")
    labels = [A_LABELS.get(label, label).lower() for label in labels]
    if any(not re.fullmatch("[a-z0-9-]+", label) for label in labels):
        return bad("DOMAIN_INVALID_CHARACTER")
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        return bad("DOMAIN_HYPHEN_PLACEMENT")
    if any(len(label) > 63 for label in labels):
        return bad("DOMAIN_LABEL_TOO_LONG")
    domain = ".".join(labels)
    reserved = labels[-1] in SPECIAL or ".".join(labels[-2:]) in SPECIAL_2
    if reserved and not any(domain == name or domain.endswith("." + name) for name in job["allowed"]):
        return bad("DOMAIN_SPECIAL_USE")
    if labels[-1].isdigit():
        return bad("DOMAIN_NUMERIC_TLD")
    if len(labels) == 1:
        return bad("DOMAIN_SINGLE_LABEL")
    if labels[-1] not in TLDS and not reserved:
        return bad("DOMAIN_UNKNOWN_TLD")
    return parse_local(local, domain, quoted, job)


def parse_local(local, domain, quoted, job):
    findings = set()
    plain = local[1:-1] if quoted else local
    if plain == "":
        return bad("LOCAL_EMPTY")
    dots = plain.startswith(".") or plain.endswith(".") or ".." in plain
    atext = all(c in ATEXT for c in plain)
    if plain.isascii():
        carrier = domain in CARRIERS and atext and plain.strip(".") != ""
        if quoted and (not atext or dots) and not carrier:
            findings.add("LOCAL_QUOTED")
        elif not atext:
            return bad("LOCAL_INVALID_CHARACTER")
        elif dots and not carrier:
            return bad("LOCAL_DOT_PLACEMENT")
    else:
        findings.add("SMTPUTF8_REQUIRED")
    if len(plain.encode()) > 64:
        return bad("LOCAL_TOO_LONG")
    written = f'"{plain}"' if "LOCAL_QUOTED" in findings else plain
    name = plain.split("+")[0].lower()
    if name in ROLE_SYSTEM:
        findings.add("ROLE_SYSTEM")
    elif name in ROLE:
        findings.add("ROLE_ACCOUNT")
    if domain in DISPOSABLE:
        findings.add("DISPOSABLE_DOMAIN")
    suggestion = ""
    if domain in TYPOS:
        takes_mail = job["mx"].get(domain, ("", ""))[0] == "deliverable"
        findings.add("TYPO_DEMOTED" if takes_mail and domain not in TYPO_TABLE else "TYPO_SUSPECTED")
        if "TYPO_SUSPECTED" in findings and TYPO_EFFECTS[job["typo"]] in ("HOLD", "REMOVE"):
            findings.discard("DISPOSABLE_DOMAIN")
        suggestion = f"{written}@{TYPOS[domain]}"
    return Address(findings, f"{written}@{domain}", f"{plain.lower()}@{domain}", domain, suggestion)


def provider_key(key):
    local, domain = key.rsplit("@", 1)
    if domain in ("gmail.com", "googlemail.com"):
        return local.split("+")[0].replace(".", "") + "@gmail.com"
    if domain in ("outlook.com", "hotmail.com", "icloud.com"):
        return local.split("+")[0] + "@" + domain
    return key


# ---- cells

MISSING = {"", "-", "なし", "未購入", "null", "n/a", "0", "0000-00-00", "1970-01-01", "9999-12-31"}
TOKYO = timezone(timedelta(hours=9))


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day_or_bad(year, month, day):
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return "bad"


def read_ymd(text, form):
    found = re.fullmatch(r"(\d{4})(-|/)(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?", text)
    if not found or (form == "iso" and found[2] != "-"):
        return "bad"
    if found[5] and (int(found[5]) > 23 or int(found[6]) > 59):
        return "bad"
    day = day_or_bad(found[1], found[3], found[4])
    if day == "bad" or not found[8]:
        return day
    offset = timezone.utc if found[8] == "Z" else datetime.strptime(found[8], "%z").tzinfo
    return datetime(day.year, day.month, day.day, int(found[5]), int(found[6]), tzinfo=offset).astimezone(TOKYO).date()


def read_evident(text):
    """A date in a form that says itself what it is."""
    if (day := read_ymd(text, None)) != "bad":
        return day
    if found := re.fullmatch(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?: 午後\d時\d分)?", text):
        return day_or_bad(*found.groups())
    if found := re.fullmatch(r"R(\d{1,2})\.(\d{1,2})\.(\d{1,2})|令和(\d{1,2})年(\d{1,2})月(\d{1,2})日", text):
        year, month, day = (int(g) for g in found.groups() if g)
        return day_or_bad(year + 2018, month, day)
    if found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text):
        return day_or_bad(*found.groups())
    if found := re.fullmatch(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) 3:04 PM", text):
        return day_or_bad(found[3], MONTHS.index(found[1]) + 1, found[2])
    return "bad"


def read_order(text, form):
    found = re.fullmatch(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})(?: 09:30)?", text)
    if not found:
        return "bad"
    return day_or_bad(found[4], found[3], found[1]) if form == "dmy" else day_or_bad(found[4], found[1], found[3])


def read_epoch(text):
    if not re.fullmatch(r"\d{10}|\d{13}", text):
        return "bad"
    return datetime.fromtimestamp(int(text[:10]), TOKYO).date()


def read_date(text, form):
    """A day; None where there is none; "bad" where it cannot be read."""
    text = narrow(text).strip(BLANKS)
    if text.lower() in MISSING:
        return None
    if form in ("dmy", "mdy"):
        return read_order(text, form)
    if form == "epoch":
        return read_epoch(text)
    return read_ymd(text, form) if form == "iso" else read_evident(text)


def form_of_column(texts):
    """What all cells together say: None (each says itself), "epoch", "dmy", "mdy"; "open" when day and month could be either way."""
    def readable(form):
        return [isinstance(read_date(text, form), date) for text in texts]

    evident, epoch = sum(readable(None)), sum(readable("epoch"))
    day, month = readable("dmy"), readable("mdy")
    ordered = sum(d or m for d, m in zip(day, month))
    if ordered > evident and ordered > epoch:
        only_day, only_month = (any(a and not b for a, b in zip(*pair)) for pair in ((day, month), (month, day)))
        if only_day and only_month:
            raise Refused(65)
        return "dmy" if only_day else "mdy" if only_month else "open"
    return "epoch" if epoch > evident else None


def find_forms(rows, at, job):
    """By file and column, how its dates are written."""
    forms = {}
    for name, place in at.items():
        if name not in DATES:
            continue
        for file, _ in job["files"]:
            cells = [r["cells"][place][1] for r in rows if r["file"] == file and not r["damaged"]]
            texts = [t for t in (decode(c, job["encoding"]) for c in cells) if t is not None]
            forms[file, name] = job["dates"].get(name) or form_of_column(texts)
        orders = {forms[file, name] for file, _ in job["files"]} & {"dmy", "mdy"}
        for file, _ in job["files"]:
            if forms[file, name] == "open":
                if len(orders) != 1:
                    raise Refused(65)
                forms[file, name] = list(orders)[0]
    return forms


def settle(day, as_of):
    if day <= as_of:
        return day
    return as_of if day == as_of + timedelta(days=1) else None


TRUE = {"1", "y", "yes", "true", "はい", "○", "希望", "配信中"}
FALSE = {"0", "n", "no", "false", "いいえ", "×", "配信停止", "停止"}
STOP = {"unsubscribed", "退会", "退会済", "配信停止", "bounced", "エラー停止"}
PENDING = {"pending", "仮登録"}


def word(text):
    return text.strip(BLANKS).lower()


STRONG = ["resubscribed_at", "last_click", "last_login", "last_purchase", "last_reply", "winback_replied_at"]
WEAK = ["last_open", "open by a person", "last_activity"]
OBSERVING = ["last_click", "last_login", "last_purchase", "last_reply", "last_open", "last_activity"]
DATES = STRONG + ["last_open", "last_activity", "last_sent", "winback_sent_at", "signup_at"]


class Signals:
    def __init__(self):
        self.dates, self.flags, self.sends, self.bad = {}, set(), None, set()

    def add(self, name, day):
        if name in self.dates:
            day = min(day, self.dates[name]) if name == "signup_at" else max(day, self.dates[name])
        self.dates[name] = day

    def merge(self, other):
        for name, day in other.dates.items():
            self.add(name, day)
        self.flags |= other.flags
        if other.sends is not None:
            self.sends = other.sends if self.sends is None else min(self.sends, other.sends)


def read_signals(cells, forms, job):
    out = Signals()
    for name, text in cells.items():
        if text is None:
            text = "\ufffd"
        if name in DATES:
            day = read_date(text, forms.get(name))
            if day == "bad":
                out.bad.add(name)
            elif day is not None and settle(day, job["as_of"]) is not None:
                out.add(name, settle(day, job["as_of"]))
        elif name == "optout" and word(text) in TRUE:
            out.flags.add("COLUMN_OPTOUT")
        elif name == "optin":
            if word(text) in FALSE:
                out.flags.add("COLUMN_OPTOUT")
            if word(text) == "":
                out.flags.add("blank optin")
        elif name == "status":
            if word(text) in STOP:
                out.flags.add("COLUMN_STATUS")
            if word(text) in PENDING:
                out.flags.add("COLUMN_PENDING")
        elif name == "protected" and word(text):
            out.flags.add("protected" if word(text) in TRUE else "unprotected")
        elif name == "sends_since_engagement" and text.strip(BLANKS).isdigit():
            out.sends = int(text)
    return out


# ---- engagement: the table, top to bottom

PROFILES = {"b2c_weekly": (90, 180, 365, 30, 3), "b2c_daily": (30, 90, 180, 14, 0), "b2c_monthly": (180, 300, 365, 60, 0),
            "b2b": (180, 365, 730, 60, 0)}
REPLY, RELIST, OPEN_CREDIT, SENDS_NEVER, SENDS_SINCE = 30, 60, 90, 11, 16


def profile_of(signals, job):
    """A row of the other kind than the job's profile has that kind's windows; b2b, which gives more time, wins."""
    own = job["profile"]
    if "b2b" in signals.flags:
        return "b2b"
    return "b2c_weekly" if "b2c" in signals.flags and own == "b2b" else own


def engagement(signals, coverage, job):
    return state_and_idle(signals, coverage, job)[0]


def state_and_idle(signals, coverage, job):
    """The state by the table, and the days without a strong sign or None."""
    active, winback, sunset, grace, min_sends = PROFILES[profile_of(signals, job)]
    as_of, dates = job["as_of"], signals.dates
    tracked, since = coverage

    def age(day):
        return (as_of - day).days

    strong = max((dates[n] for n in STRONG if n in dates), default=None)
    weak = max((dates[n] for n in WEAK if n in dates), default=None)
    signup, sent, replied = dates.get("signup_at"), dates.get("winback_sent_at"), dates.get("winback_replied_at")
    observed = [since[n] for n in OBSERVING if n in tracked]
    if strong:
        idle = age(strong)
    else:
        there = min((d for d in (signup, weak) if d), default=None)
        idle = None if there is None else age(max([there] + ([min(observed)] if observed else [])))
    few = signals.sends is not None and signals.sends < min_sends
    many = signals.sends is not None and signals.sends >= (SENDS_SINCE if strong else SENDS_NEVER)
    past = idle is not None and (idle > winback or (many and idle > active))
    signless = not strong and not weak
    other_strong = max((dates[n] for n in STRONG if n in dates and n != "winback_replied_at"), default=None)
    won = sent and ((replied and replied >= sent) or (other_strong and other_strong >= sent))
    seen = max((d for d in (strong, weak) if d), default=None)
    known_since = min((d for d in (signup, seen) if d), default=None) if signup else None
    reading = weak and age(weak) <= OPEN_CREDIT
    listed = dates.get("listed")
    in_spell = listed and not (strong and strong >= listed) and (idle is None or past)

    def state():
        if "protected" in signals.flags and "unprotected" not in signals.flags:
            return "PROTECTED"
        if won and not past:
            return "WINBACK_WON"
        if sent and not won and any(n in tracked for n in STRONG) and age(sent) > REPLY:
            return "WINBACK_EXPIRED"
        if (sent and not won and age(sent) <= REPLY) or (in_spell and age(listed) < job.get("relist", RELIST)):
            return "WINBACK_PENDING"
        if not observed or idle is None:
            return "NO_ENGAGEMENT_DATA"
        if (signup and age(known_since) <= grace) or (signless and few):
            return "NEW_GRACE"
        if "last_sent" in tracked and "last_sent" not in dates and signless:
            return "NEVER_MAILED_OLD" if signup and age(signup) > sunset else "NEVER_MAILED"
        if idle <= active:
            return "ACTIVE"
        if reading and idle <= sunset:
            return "ACTIVE_OPEN_ONLY"
        if not past:
            return "COOLING"
        if idle <= sunset or (reading and (not sent or won)) or few:
            return "WINBACK_DUE"
        return "NEVER_ENGAGED" if signless else "DORMANT"

    return state(), idle


def date_could_matter(signals, row_bad, coverage, job, now):
    for name in row_bad:
        for days in list(range(0, 800)) + [1500, 4000]:
            guess = Signals()
            guess.merge(signals)
            guess.add(name, job["as_of"] - timedelta(days=days))
            if EFFECTS[engagement(guess, coverage, job)] != now:
                return True
    return False


# ---- suppression

ADDRESS_CLASS = {"complaint": "SUPPRESSED_COMPLAINT", "unsubscribe": "SUPPRESSED_UNSUBSCRIBE", "manual": "SUPPRESSED_MANUAL",
                 "hard": "SUPPRESSED_BOUNCE", "invalid": "SUPPRESSED_INVALID", "unknown": "SUPPRESSED_UNKNOWN", "block": "ESP_BLOCK",
                 "soft": "ESP_SOFT"}
STOPPING = {"complaint", "unsubscribe", "manual", "hard", "invalid", "unknown"}
WISHES = {"complaint", "unsubscribe", "manual"}


def suppression_findings(address, entries, job):
    """`entries` are (kind, text, class) as the lists mean them."""
    findings, own, alias = set(), set(), set()
    for kind, text, cls in entries:
        if kind == "domain":
            hit = address.domain.endswith("." + text[2:]) if text.startswith("*.") else address.domain == text
            if hit and cls in STOPPING:
                findings.add("SUPPRESSED_DOMAIN")
            continue
        listed = parse_address(text, dict(job, allowed=["example", "example.com", "example.net", "example.org"]))
        if listed.key == "":  # the rules know no such address; it stays on the list as it is written
            if text.strip(BLANKS).lower() == address.key:
                own.add(cls)
            continue
        if listed.key == address.key:
            own.add(cls)
        if provider_key(listed.key) == provider_key(address.key):
            alias.add(cls)
    findings |= {ADDRESS_CLASS[c] for c in own}
    if not own & STOPPING and alias & STOPPING and job["alias"] != "off":
        remove = job["alias"] == "remove" or (job["alias"] == "auto" and alias & WISHES)
        findings.add("SUPPRESSED_ALIAS" if remove else "SUPPRESSED_ALIAS_HELD")
    return findings


# ---- one job

def decode(value, encoding):
    try:
        return value.decode(encoding)
    except UnicodeDecodeError:
        return None


def read_files(job):
    rows, headers = [], None
    for number, (name, data) in enumerate(job["files"]):
        start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        skipped = 0
        if data[start:start + 4] == b"sep=":
            end = re.compile(rb"\r\n|\r|\n").search(data, start).end()
            skipped, start = 1, end
        records = read_csv(data[start:])
        header = records[0]
        headers = headers or [v.decode(job["encoding"]) for _, v in header[0]]
        for i, (cells, body, end, line) in enumerate(records[1:]):
            rows.append({"file": name, "number": i + 1, "line": line + skipped, "cells": cells, "body": body, "end": end,
                         "width": len(headers)})
    return headers, rows


def judge(job):
    headers, rows = read_files(job)
    entries = job["entries"]
    at = {name: headers.index(header) for name, header in job["columns"].items()}
    for row in rows:
        row["findings"] = set()
        row["damaged"] = len(row["cells"]) != row["width"]
    forms = find_forms(rows, at, job)
    for row in rows:
        if row["damaged"]:
            row["findings"].add("COLUMNS")
        values = [decode(value, job["encoding"]) for _, value in row["cells"]]
        email = values[at["email"]] if at["email"] < len(values) else ""
        row["address"] = parse_address(email, job)
        spellings = [row["address"]]
        if job["typo"] == "fix" and row["address"].domain in TYPO_TABLE:
            fixed = parse_address(row["address"].suggestion, job)
            fixed.findings |= row["address"].findings - {"TYPO_SUSPECTED"} | {"TYPO_FIXED"}
            row["address"] = fixed
            spellings.append(fixed)
        if not row["damaged"]:
            row["findings"] |= row["address"].findings
            own = {n: forms.get((row["file"], n)) for n in at}
            row["signals"] = read_signals({n: values[i] for n, i in at.items() if n != "email"}, own, job)
            row["seen"] = dict(row["signals"].dates)
            if row["address"].domain in APPLE:
                for name in ("last_open", "last_activity"):
                    row["signals"].dates.pop(name, None)
                    row["signals"].bad.discard(name)  # whatever stands there
        else:
            row["signals"] = Signals()
            row["seen"] = {}
        if row["address"].key:
            for address in spellings:
                row["findings"] |= suppression_findings(address, entries, job)
    coverage = survey(rows, at, job)
    merge_evidence(rows, job)
    for row in rows:
        judge_columns(row, rows, at, job)
        judge_domain(row, job)
        if not row["damaged"] and not settled(row, job):
            judge_engagement(row, coverage, job)
    find_duplicates(rows, job)
    for row in rows:
        decide(row, job)
    return rows


def survey(rows, at, job):
    """Which columns can prove that nothing happened, and since when."""
    tracked, since = set(), {}
    for name in at:
        if name not in DATES:
            continue
        days = [r["seen"][name] for r in rows if name in r["seen"]]
        active = PROFILES[job["profile"]][0]
        if not days:
            continue
        since[name] = min(days)
        if len(days) >= 0.01 * len(rows) and max(days) >= job["as_of"] - timedelta(days=active):
            tracked.add(name)
    return tracked, since


def dedupe_key(row, job):
    key = row["address"].key
    return provider_key(key) if job["dedupe"] == "provider" else key


def merge_evidence(rows, job):
    best = {}
    for row in rows:
        if row["address"].key:
            best.setdefault(dedupe_key(row, job), Signals()).merge(row["signals"])
    for row in rows:
        row["judged"] = best[dedupe_key(row, job)] if row["address"].key else row["signals"]


def judge_columns(row, rows, at, job):
    if row["damaged"]:
        return
    flags = row["judged"].flags
    row["findings"] |= flags & {"COLUMN_OPTOUT", "COLUMN_STATUS", "COLUMN_PENDING"}
    if "blank optin" in flags:
        said_no = any(not r["damaged"] and word(r["cells"][at["optin"]][1].decode(job["encoding"])) not in TRUE | {""} for r in rows)
        row["findings"].add("OPTIN_UNKNOWN" if said_no else "NOT_OPTED_IN")


def judge_domain(row, job):
    if row["damaged"] or not row["address"].domain:
        return
    verdict, reason = job["mx"].get(row["address"].domain, ("unknown", "not_checked"))
    if reason != "mx":
        row["findings"].add(reason.upper())


def effect(finding, job):
    if finding == "TYPO_SUSPECTED":
        return TYPO_EFFECTS[job["typo"]]
    if STAGES[finding] == "DOMAIN" and EFFECTS[finding] == "KEEP" and finding != "IMPLICIT_MX":
        return "HOLD" if job["mx_unknown"] == "hold" else "KEEP"
    if STAGES[finding] == "ENGAGE" and not job["applied"]:
        return "KEEP"
    return EFFECTS[finding]


def settled(row, job):
    return any(effect(f, job) == "REMOVE" and STAGES[f] in ("SYNTAX", "SUPPRESS", "COLUMN", "DOMAIN") for f in row["findings"])


def judge_engagement(row, coverage, job):
    reason = engagement(row["judged"], coverage, job)
    if job["applied"] and row["signals"].bad and date_could_matter(row["judged"], row["signals"].bad, coverage, job, EFFECTS[reason]):
        reason = "DATE"
    row["findings"].add(reason)


def find_duplicates(rows, job):
    seen = set()
    for row in rows:
        if job["dedupe"] == "off" or not row["address"].key or row["damaged"] or "DATE" in row["findings"] or settled(row, job):
            continue
        key = dedupe_key(row, job)
        if key in seen:
            row["findings"].add("DUPLICATE")
        seen.add(key)


def decide(row, job):
    row["verdict"], row["reason"] = "clean", "ok"
    for strength, verdict in (("REMOVE", "removed"), ("HOLD", "held"), ("WINBACK", "winback")):
        found = [f for f in ORDER if f in row["findings"] and effect(f, job) == strength]
        if found:
            row["verdict"], row["reason"] = verdict, WIRE[found[0]]
            break
    removing = [f for f in row["findings"] if effect(f, job) == "REMOVE"]
    if removing and all(STAGES[f] == "SYNTAX" for f in removing):
        mended = row["address"].suggestion and parse_address(row["address"].suggestion, job)
        if "MULTIPLE_ADDRESSES" in removing or (mended and all(effect(f, job) == "KEEP" for f in mended.findings)):
            row["verdict"] = "held"
    row["out"] = written(row, job)


# ---- what is written

def needs_guard(value, encoding):
    text = value.lstrip(b"'")
    wide = [c.encode(encoding) for c in "＝＋－＠"]
    return text[:1] in (b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n") or any(text.startswith(w) for w in wide)


def guarded(raw, encoding):
    quote = raw[:1] if raw[:1] == b'"' else b""
    value = raw[len(quote):]
    return quote + b"'" + value if needs_guard(value, encoding) else raw


def written(row, job):
    """The record without its line end and without the cells that presend adds."""
    if row["verdict"] in ("held", "removed"):
        return b",".join(guarded(raw, job["encoding"]) for raw, _ in row["cells"])
    cells = [raw for raw, _ in row["cells"]]
    email = job["headers"].index(job["columns"]["email"])
    address = row["address"].ascii.encode(job["encoding"])
    if row["cells"][email][1] != address:
        cells[email] = b'"' + address.replace(b'"', b'""') + b'"' if re.search(rb'[",\r\n]', address) else address
    return b",".join(cells)
