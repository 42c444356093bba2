#!/usr/bin/env python3
"""people.py DRIVER [--cases N] [--seed FIRST]: who is inactive, on many small random lists, against the slow reference.

DRIVER (driver.c) takes each list through the whole engine. Every row must go where the reference says, for its reason, with its tier,
idle days and reply date; every policy that is only counted must give the reference's counts; every activity file its matches. The
number of threads and the size of batches are random, so the result cannot depend on them. One case in eight is given once more with
its rows shuffled: what becomes of each address must be the same.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import reference as ref  # noqa: E402
from generate import AS_OF  # noqa: E402

ref.TOKYO = ref.timezone(timedelta(hours=9))
DATE_COLUMNS = ref.DATES + ["consent_at"]
FLAG_WORDS = {"optout": ["0", "", "no"] * 5 + ["1", "yes"], "bounced": ["", "0"] * 5 + ["1"], "complained": ["", "no"] * 5 + ["yes"],
              "optin": ["1", "yes", "1"] * 6 + [""], "status": ["会員", ""] * 6 + ["退会", "仮登録"], "protected": ["", "", "yes", "no"],
              "sends_since_engagement": ["", "0", "2", "3", "10", "11", "15", "16", "40"],
              "segment": ["", "", "b2b", "B2B", "法人", "b2c", "個人", "shop"], "consent_source": ["form", "店頭"] * 4 + ["", "NULL"],
              "open_is_machine": ["", "", "yes", "1", "no", "0"]}
ALL_COLUMNS = DATE_COLUMNS + list(FLAG_WORDS) + ["optout_at"]
PEOPLE = ["taro@example.jp", "hana.ko@gmail.com", "jiro@example.jp", "saburo+x@gmail.com", "shiro@b.example.jp", "goro@example.jp",
          "roku@example.jp", "nana@example.jp", "hachi@example.jp", "juu@icloud.com", "mask@privaterelay.appleid.com"]
PARSING = {"allowed": [], "mx": {}, "typo": "hold"}
LISTS = ["clean", "winback", "held", "removed"]


# ---- random lists

class Case:
    def __init__(self, seed):
        self.r = r = random.Random(seed)
        self.people = r.sample(PEOPLE, r.randint(1, len(PEOPLE)))
        self.columns = r.sample(DATE_COLUMNS if r.random() < 0.5 else ALL_COLUMNS, r.randint(0, 6))
        if "open_is_machine" in self.columns and "last_open" not in self.columns:
            self.columns.append("last_open")
        self.filled = r.choice([0.2, 0.6, 0.95])
        self.fresh = r.random() < 0.7  # somebody was there lately, so that columns are tracked
        self.odd = r.choice([0, 0, 0.03, 0.2])  # dates that cannot be read, or lie ahead
        self.profile = r.choice(list(ref.PROFILES))
        self.applied = r.random() < 0.85
        self.dormant = r.choice(["remove", "remove", "remove", "hold"])
        self.dedupe = r.choice(["exact", "exact", "exact", "provider", "off"])
        self.policies = [(f"p{i}", r.choice(list(ref.PROFILES))) for i in range(r.choice([0, 0, 1, 2]))]
        self.consent = r.choice(["keep", "keep", "hold"])
        self.relist = r.choice([ref.RELIST, ref.RELIST, 1, 30, 91])
        # From so many rows on a day that many signed up on is that of an import; and one such day.
        self.min_rows, self.common = r.choice([1000, 1000, 1, 3, 6]), self.day()
        self.listed = {}
        for person in r.sample(self.people, r.randint(0, len(self.people)) if r.random() < 0.3 else 0):
            sent = self.day() if r.random() < 0.4 else None
            self.listed[self.identity(person)] = (self.day() + timedelta(days=r.choice([0] * 20 + [1, 60])), sent)
        self.observed = {c: AS_OF - timedelta(days=r.choice([1, 89, 91, 200, 400, 1000])) for c in self.columns
                         if c in ref.OBSERVING and r.random() < 0.15}
        self.activity = [self.activity_file() for _ in range(r.choice([0, 0, 0, 1, 1, 2]))]
        self.first = not self.activity and r.random() < 0.1  # each row is judged alone
        self.with_id = any(by_id for by_id, _, _ in self.activity) or r.random() < 0.1
        columns = ["n", "email"] + (["id"] if self.with_id else []) + self.columns
        self.header, self.rows = columns, [self.row(columns, i) for i in range(r.randint(0, 12))]
        self.split = r.choice([0, 0, 0, r.randint(0, len(self.rows))])  # so many rows stand in a file of their own
        self.threads, self.batch = r.choice([1, 1, 1, 2, 3]), r.choice([0, 64, 64, 200])

    def day(self):
        near = self.r.choice([0, 1, 13, 14, 15, 29, 30, 31, 59, 60, 61, 89, 90, 91, 179, 180, 181, 299, 300, 301, 364, 365, 366, 729, 730, 731])
        return AS_OF - timedelta(days=self.r.choice([near, near, self.r.randint(0, 900), self.r.randint(0, 30) if self.fresh else 500]))

    def identity(self, address):
        key = ref.parse_address(address, PARSING).key
        return key and (ref.provider_key(key) if self.dedupe == "provider" else key)

    def cell(self, column):
        r = self.r
        if signal_of(column) == "signup_at" and self.min_rows < 1000 and r.random() < 0.3:
            return self.common.isoformat()
        if column in FLAG_WORDS:
            return r.choice(FLAG_WORDS[column])
        if column == "optout_at":
            return self.day().isoformat() if r.random() < 0.08 else ""
        if column in ("winback_sent_at", "winback_replied_at", "resubscribed_at") and r.random() < 0.6:
            return ""
        if r.random() < self.odd:
            return r.choice(["someday", "2024-13-01", (AS_OF + timedelta(days=r.choice([1, 2, 90]))).isoformat()])
        return self.day().isoformat() if r.random() < self.filled else r.choice(["", "", "-", "なし"])

    def spelling(self, address):
        local, domain = address.rsplit("@", 1)
        forms = [address] * 4 + [address.upper(), " " + address, "".join(chr(ord(c) + 0xFEE0) for c in address)]
        if domain == "gmail.com":
            forms += [local.replace(".", "") + "@gmail.com", local + "+z@gmail.com"]
        return self.r.choice(forms)

    def id_of(self, address):
        number = str(100 + PEOPLE.index(address) // 2) if self.r.random() < 0.9 else ""
        return self.r.choice([number, number, " " + number, "'" + number if number else ""])

    def row(self, columns, number):
        r, person = self.r, self.r.choice(self.people)
        cells = {"n": str(number), "email": r.choice(["", "taro"]) if r.random() < 0.04 else self.spelling(person), "id": self.id_of(person)}
        out = [cells[c] if c in cells else self.cell(c) for c in columns]
        return out + ["extra"] if r.random() < 0.02 else out

    def activity_file(self):
        r, by_id = self.r, self.r.random() < 0.5
        columns = ["id" if by_id else "email"] + r.sample(ALL_COLUMNS, r.randint(1, 3))
        if r.random() < 0.3:
            columns.insert(r.randint(0, len(columns)), "n")
        r.shuffle(columns)
        return by_id, columns, [self.row(columns, i) if r.random() < 0.8 else self.stranger(columns) for i in range(r.randint(0, 8))]

    def stranger(self, columns):
        return [{"email": "stranger@example.jp", "id": "999", "n": "0"}.get(c) or self.cell(c) for c in columns]

    def shuffled(self):
        """The same list with its rows in another order."""
        other = Case.__new__(Case)
        other.__dict__.update(self.__dict__)
        other.rows = self.rows[:]
        random.Random(len(self.rows)).shuffle(other.rows)
        other.activity = [(by_id, columns, rows[::-1]) for by_id, columns, rows in self.activity[::-1]]
        other.split, other.threads, other.batch = 0, 2, 64
        return other

    def files(self):
        parts = [self.rows[:self.split], self.rows[self.split:]] if self.split else [self.rows]
        return [("recipients", self.header, p) for p in parts] + [("id" if by_id else "email", c, rows) for by_id, c, rows in self.activity]

    def wire(self):
        out = [f"dedupe {self.dedupe}", f"applied {int(self.applied)}", f"profile {self.profile}", f"dormant {self.dormant}",
               f"threads {self.threads}", f"batch {self.batch}", f"consent {self.consent}", f"relist {self.relist}",
               f"min_rows {self.min_rows}", f"evidence {'first' if self.first else 'best'}"]
        out += [f"listing {key} {day.isoformat()} {sent.isoformat() if sent else '-'}" for key, (day, sent) in self.listed.items()]
        out += [f"observed {c} {d.isoformat()}" for c, d in self.observed.items()]
        out += [f"policy {name} {profile}" for name, profile in self.policies]
        data = "".join(line + "\n" for line in out).encode()
        for role, columns, rows in self.files():
            # What the delimiter is must not depend on luck: one damaged row alone would leave it open.
            text = ("sep=,\n" + "".join(",".join(row) + "\n" for row in [columns] + rows)).encode()
            data += f"file {role} {len(text)}\n".encode() + text
        return data + b"run\n"


# ---- what must come out

SEGMENTS = {"b2b": "b2b", "法人": "b2b", "b2c": "b2c", "個人": "b2c"}
APPLE = ("icloud.com", "privaterelay.appleid.com")


def read_signals(columns, row, imports=()):
    cells = {c: v for c, v in zip(columns, row)}
    plain = {c: v for c, v in cells.items() if c in ref.DATES or c in ("optin", "status", "protected", "sends_since_engagement")}
    out = ref.read_signals(plain, {}, {"as_of": AS_OF})
    consent = ref.read_signals({"signup_at": cells.get("consent_at", "")}, {}, {"as_of": AS_OF})
    if ("consent_at" in cells or "consent_source" in cells) and not consent.dates and cells.get("consent_source", "") in ("", "NULL"):
        out.flags.add("CONSENT")
    for signals in (out, consent):  # the day of an import is nobody's sign-up
        if signals.dates.get("signup_at") in imports:
            del signals.dates["signup_at"]
    out.merge(consent)  # who consented had signed up by then
    out.bad |= consent.bad
    for column, finding in (("optout", "OPTOUT"), ("optout_at", "OPTOUT"), ("bounced", "BOUNCED"), ("complained", "COMPLAINED")):
        if cells.get(column, "") not in ("", "0", "no"):
            out.flags.add("COLUMN_" + finding)
    if cells.get("segment", "").lower() in SEGMENTS:
        out.flags.add(SEGMENTS[cells["segment"].lower()])
    sort_open(cells.get("open_is_machine", ""), out)
    return out


def sort_open(is_machine, out):
    if is_machine in ("yes", "1"):
        out.dates.pop("last_open", None)
        out.bad.discard("last_open")
    if is_machine in ("no", "0"):
        if "last_open" in out.dates:
            out.add("open by a person", out.dates["last_open"])
        if "last_open" in out.bad:
            out.bad.add("open by a person")


def days_of(column, table):
    """The dates of a column, of rows that are not damaged."""
    columns, rows = table
    at = columns.index(column)
    found = (ref.read_date(row[at], None) for row in rows if len(row) == len(columns))
    return [d for d in (ref.settle(d, AS_OF) for d in found if d not in (None, "bad")) if d]


def signal_of(column):
    return "signup_at" if column == "consent_at" else column


class List:
    """One case, read and joined; `judge` may be asked for several policies."""

    def __init__(self, case):
        self.case = case
        self.columns, self.table = case.header, (case.header, case.rows)
        self.rows, self.best, self.ids = [], {}, {}
        self.imports = self.find_imports()
        for cells in case.rows:
            self.add_row(cells)
        self.covered = []  # by activity file: the signals it has, by address
        self.matches = [self.join(*activity) for activity in case.activity]

    def find_imports(self):
        """Days on which more than one in five signed up."""
        read = [read_signals(self.columns, row) for row in self.case.rows if len(row) == len(self.columns)]
        days = [signals.dates["signup_at"] for signals in read if "signup_at" in signals.dates]
        return {day for day in days if len(days) >= self.case.min_rows and days.count(day) * 5 > len(days)}

    def add_row(self, cells):
        damaged = len(cells) != len(self.columns)
        address = ref.parse_address(cells[1], PARSING)
        key = self.case.identity(cells[1])
        row = {"n": cells[0], "key": key, "damaged": damaged, "findings": {"COLUMNS"} if damaged else set(address.findings),
               "signals": ref.Signals() if damaged else read_signals(self.columns, cells, self.imports)}
        self.rows.append(row)
        if not key:
            return
        self.best.setdefault(key, ref.Signals()).merge(row["signals"])
        number = cells[2].strip().removeprefix("'").strip() if self.case.with_id and not damaged else ""
        if number:
            self.ids.setdefault(number, set()).add(key)

    def join(self, by_id, columns, rows):
        seen, matched, at = {}, 0, columns.index("id" if by_id else "email")
        for cells in rows:
            if len(cells) != len(columns):
                continue
            if by_id:
                keys = self.ids.get(cells[at].strip().removeprefix("'").strip(), set())
            else:
                keys = {self.case.identity(cells[at])} & set(self.best)
            matched += bool(keys)
            signals = read_signals(columns, cells, self.imports)
            for key in keys:
                self.best[key].merge(signals)
                self.best[key].bad |= signals.bad
                for name in signals.dates:
                    seen.setdefault(name, set()).add(key)
        if not matched and self.best:
            raise ref.Refused(65)
        self.covered.append(seen)
        return len(rows), matched

    # ---- what the columns prove

    def coverage(self, profile):
        tracked, since, active = set(), {}, ref.PROFILES[profile][0]

        def add(column, days, enough):
            name, declared = signal_of(column), self.case.observed.get(column)
            if not days or not enough or max(days) < AS_OF - timedelta(days=active):
                return
            first = declared or min(days)
            since[name] = min(first, since[name]) if name in tracked else first
            tracked.add(name)

        for column in self.columns:
            if column in DATE_COLUMNS:
                days = days_of(column, self.table)
                add(column, days, len(days) >= 0.01 * len(self.case.rows))
        for (_, columns, rows), seen in zip(self.case.activity, self.covered):
            for column in columns:
                if column in DATE_COLUMNS:
                    addresses = len(seen.get(signal_of(column), set()))
                    add(column, days_of(column, (columns, rows)), addresses >= 0.01 * len(self.best))
        return tracked, since

    def said_no(self):
        tables = [self.table] + [(columns, rows) for _, columns, rows in self.case.activity]
        return any(len(row) == len(columns) and "optin" in columns and row[columns.index("optin")] not in ("", "1", "yes")
                   for columns, rows in tables for row in rows)

    # ---- the judgement

    def judged(self, row):
        """What the address of a row is judged on, and what of it cannot be read."""
        out, key = ref.Signals(), row["key"]
        known = row["signals"] if self.case.first or not key else self.best[key]
        out.merge(known)
        bad = row["signals"].bad | known.bad
        if key and key.endswith(APPLE):  # their mail programs open everything
            for name in ("last_open", "last_activity"):
                out.dates.pop(name, None)
            bad = bad - {"last_open", "last_activity"}
        listed, sent = self.case.listed.get(key, (None, None))
        for name, day in (("listed", listed), ("winback_sent_at", sent)):
            if day and ref.settle(day, AS_OF):
                out.add(name, ref.settle(day, AS_OF))
        return out, bad

    def judge(self, profile, applied, dormant, relist=ref.RELIST):
        job = {"profile": profile, "as_of": AS_OF, "relist": relist}
        coverage, claimed, out = self.coverage(profile), set(), []

        def effect(finding):
            if ref.STAGES[finding] == "ENGAGE" and not applied:
                return "KEEP"
            if finding == "CONSENT":
                return self.case.consent.upper()
            return "HOLD" if finding in ("DORMANT", "NEVER_ENGAGED") and dormant == "hold" else ref.EFFECTS[finding]

        for row in self.rows:
            findings, state, idle = set(row["findings"]), None, None
            judged, bad = self.judged(row)
            if not row["damaged"]:
                findings |= {f for f in judged.flags if f.startswith("COLUMN_") or f == "CONSENT"}
                if "blank optin" in judged.flags:
                    findings.add("OPTIN_UNKNOWN" if self.said_no() else "NOT_OPTED_IN")
            stages = ("SYNTAX", "COLUMN")
            removing = {ref.STAGES[f] for f in findings if effect(f) == "REMOVE"}
            settled = bool(removing & set(stages))
            if self.case.first and self.case.dedupe != "off" and row["key"] and removing == {"COLUMN"} and not row["damaged"]:
                claimed.add(row["key"])  # who opted out in the first row goes out in none
            if not row["damaged"] and not settled:
                state, idle = ref.state_and_idle(judged, coverage, job)
                if applied and self.could_change(bad, judged, coverage, job, effect, state):
                    state, idle = "DATE", None
                findings.add(state)
                if row["key"] and self.case.dedupe != "off" and state != "DATE":
                    if row["key"] in claimed:
                        findings.add("DUPLICATE")
                    claimed.add(row["key"])
            out.append(self.place(row, findings, effect, state, idle))
        return out

    def could_change(self, bad, judged, coverage, job, effect, state):
        active, winback, sunset, grace, _ = ref.PROFILES[ref.profile_of(judged, job)]
        edges = [0, active, winback, sunset, grace, ref.REPLY, ref.OPEN_CREDIT, job["relist"], 5000] + [(AS_OF - d).days for d in judged.dates.values()]
        days = range(0, 800) if self.case.r.random() < 0.02 else sorted({max(0, e + i) for e in edges for i in (-1, 0, 1)})
        for name in bad:
            for age in days:
                guess = ref.Signals()
                guess.merge(judged)
                guess.add(name, AS_OF - timedelta(days=age))
                if effect(ref.engagement(guess, coverage, job)) != effect(state):
                    return True
        return False

    @staticmethod
    def place(row, findings, effect, state, idle):
        for strength, verdict in (("REMOVE", "removed"), ("HOLD", "held"), ("WINBACK", "winback")):
            found = [f for f in ref.ORDER if f in findings and effect(f) == strength]
            if found:
                break
        else:
            found, verdict = None, "clean"
        if verdict in ("removed", "held"):
            return row, verdict, (ref.WIRE[found[0]],)
        tier = {"ACTIVE": "1", "ACTIVE_OPEN_ONLY": "2", "COOLING": "3"}.get(state, "") if verdict == "clean" else ""
        days = str(idle) if idle is not None and idle >= 0 else ""
        return row, verdict, (tier, days) + (((AS_OF + timedelta(days=ref.REPLY)).isoformat(),) if verdict == "winback" else ())


def expected(case):
    """The lists as (number, cells that presend adds), the counts by policy, the matches by activity file; or the exit code."""
    try:
        if case.consent == "hold" and not {"consent_at", "consent_source"} & set(case.header):
            raise ref.Refused(65)  # nobody could show any
        people = List(case)
    except ref.Refused as refused:
        return {"exit": refused.code}
    out = {name: [] for name in LISTS}
    for row, verdict, cells in people.judge(case.profile, case.applied, case.dormant, case.relist):
        out[verdict].append((row["n"], cells))
    policies = {}
    for name, profile in case.policies:
        verdicts = [verdict for _, verdict, _ in people.judge(profile, True, "remove")]
        policies[name] = [verdicts.count(v) for v in LISTS]
    return {"exit": 0, "lists": out, "policies": policies, "activity": people.matches, "keys": {r["n"]: r["key"] for r in people.rows}}


# ---- what came out

ADDED = {"clean": 2, "winback": 3, "held": 6, "removed": 6}


def read_answer(stream):
    answer = {"exit": int(stream.readline().split()[1]), "lists": {}, "policies": {}, "activity": []}
    for line in stream:
        word, *rest = line.decode().split()
        if word == "end":
            return answer
        if word == "list":
            name = rest[0].removesuffix(".csv")
            rows = [r.split(",") for r in stream.read(int(rest[1])).decode().splitlines()[2:]]  # `sep=`, header
            added = [(r[0], tuple(r[len(r) - ADDED[name]:])) for r in rows]
            answer["lists"][name] = [(n, cells[:1]) if len(cells) == 6 else (n, cells) for n, cells in added]
        elif word == "policy":
            answer["policies"][rest[0]] = [int(v) for v in rest[1:]]
        elif word == "activity":
            answer["activity"].append((int(rest[0]), int(rest[1])))
        else:
            answer["error"] = line.decode()
    sys.exit("the driver died")


def differences(want, got):
    if want["exit"] != got["exit"]:
        return f"exit {got['exit']} instead of {want['exit']}: {got.get('error')}"
    if want["exit"]:
        return None
    return "\n".join(f"{part}:\n  want {want[part]}\n  got  {got[part]}" for part in ("lists", "policies", "activity")
                     if want[part] != got[part]) or None


def check_addresses(want, got, case):
    """No address goes out twice, and none goes out that is held or removed for more than the row's own sake."""
    if got["exit"] or case.dedupe == "off" or case.first:
        return None
    keys = want["keys"]
    out = [keys[n] for name in ("clean", "winback") for n, _ in got["lists"][name]]
    back = {keys[n] for name in ("held", "removed") for n, (reason,) in got["lists"][name] if reason not in ("duplicate", "date", "columns")}
    twice = [k for k in set(out) if k and out.count(k) > 1]
    both = [k for k in set(out) & back if k]
    return f"sent twice: {twice}, sent and kept back: {both}" if twice or both else None


def fates(want, got):
    """What became of each address, whichever of its rows says so."""
    if got["exit"]:
        return got["exit"]
    return sorted((want["keys"][n], name, cells) for name in LISTS for n, cells in got["lists"][name])


# ---- the run

def feed(driver, cases):
    for case in cases:
        driver.stdin.write(case.wire())
    driver.stdin.close()


def run_block(program, first, count):
    """(problems, rows, places) of one block of cases in one driver."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="presend-people-", dir=shm if shm.is_dir() else None) as folder:
        driver = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env=dict(os.environ, OMP_WAIT_POLICY="passive"))
        plan = []
        for seed in range(first, first + count):
            case = Case(seed)
            plan.append((seed, case, None))
            if seed % 8 == 0 and not case.first:
                plan.append((seed, case.shuffled(), case))
        writer = threading.Thread(target=feed, args=(driver, [case for _, case, _ in plan]))
        writer.start()
        problems, rows, places, last = [], 0, dict.fromkeys(LISTS, 0), None
        for seed, case, of in plan:
            got, want = read_answer(driver.stdout), expected(case)
            problem = differences(want, got) or check_addresses(want, got, case)
            if not problem and of is not None and last != fates(want, got):
                problem = f"shuffled:\n  before {last}\n  after  {fates(want, got)}"
            if problem:
                problems.append(f"seed {seed}{', shuffled' if of else ''}: {problem}\n{case.wire().decode()}")
            last = fates(want, got)
            rows += len(case.rows)
            for name, listed in got["lists"].items():
                places[name] += len(listed)
        writer.join()
        driver.wait()
        return problems, rows, places


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    total, failed, places = 0, 0, dict.fromkeys(LISTS, 0)
    for first in range(options.seed, options.seed + options.cases, 500):
        problems, rows, found = run_block(options.driver, first, min(500, options.seed + options.cases - first))
        total, failed = total + rows, failed + len(problems)
        for name in LISTS:
            places[name] += found[name]
        for problem in problems[:3]:
            print(problem, flush=True)
        if failed >= 10:
            break
    print(f"{options.cases} cases, {total} rows ({', '.join(f'{n} {c}' for n, c in places.items())}), {failed} cases differ")
    if options.cases >= 100 and not all(places.values()):
        sys.exit("the cases do not reach every list: the generator is broken")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
