#!/usr/bin/env python3
"""domains.py DRIVER: the rows by domain and by operator in report.json are what a plain count of the list says.

The list has thousands of domains of all lengths, most of them spelt in several ways. DRIVER (driver.c) takes it through the whole
engine with 1, 2 and 8 threads and batches of 64 KiB and the usual size: what is kept of a domain then comes in another order each time.
"""
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

DOMAINS, ROWS, NAMED = 6000, 40000, 100
THREADS, BATCHES = [1, 2, 8], [64 << 10, 0]
OPERATORS = {"gmail.com": "google_gmail", "docomo.ne.jp": "docomo", "icloud.com": "apple_icloud"}
SLIPS = {"gmial.com"}  # held, for what was probably meant
SYLLABLES = ["ka", "to", "mi", "shi", "no", "ra", "yu", "he", "tsu", "ro"]
WORDS = ["bücher", "münchen", "例え", "日本語", "málaga"]
VERDICTS = ["clean", "winback", "held", "removed"]


def make_domains(r):
    """(as it is written, as it is counted), each once: most in ASCII, of 6 to 63 bytes."""
    names = [(name, name) for name in [*OPERATORS, *SLIPS]]
    for i in range(DOMAINS):
        tail = f"{i}.{r.choice(['example.com', 'example.jp', 'example'])}"
        if i % 7 == 0:
            name = f"{r.choice(WORDS)}{tail}"
            names.append((name, name.encode("idna").decode()))
        else:
            name = "".join(r.choice(SYLLABLES) for _ in range(r.randrange(1, 20)))[:48] + tail
            names.append((name, name))
    return names


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text)


def spell(r, written, counted):
    """One of the ways to write the domain; all of them are the same domain."""
    return r.choice([written, written, counted, written.upper(), written.title(), counted.upper(), full_width(written)])


def make_rows(r, domains):
    """The cells, and how many rows of which verdict each domain must have: by its name as counted."""
    cells, counts = [], defaultdict(Counter)
    for i in range(ROWS):
        written, counted = domains[i] if i < len(domains) else domains[int(len(domains) * r.random() ** 3)]
        cell = f"user{i}@{spell(r, written, counted)}"
        kind = r.randrange(12)
        if kind == 0:  # nothing that is refused is of any domain
            cells.append(f"user{i}@" + r.choice([f"-{written}", f"{written}.invalid-", f"a..{written}", f"{counted}.nosuchtld{i % 50}"]))
            continue
        cells.append(r.choice([" ", "\t", "　"]) + cell + "  " if kind < 3 else cell)
        counts[counted]["held" if counted in SLIPS else "clean"] += 1
        if kind == 3 and counted not in SLIPS:
            cells.append(f"user{i}@{spell(r, written, counted)}")
            counts[counted]["removed"] += 1
    return cells, counts


def report_of(program, folder, table, threads, batch):
    words = [f"dedupe exact\nthreads {threads}\nbatch {batch}\nmin_rows 1000000000\nreport unmasked\n",
             f"file recipients {len(table)}\n"]
    wire = "".join(words).encode() + table + b"run\n"
    done = subprocess.run([program, folder], input=wire, capture_output=True, timeout=600, check=True)
    if not done.stdout.startswith(b"exit 0\n"):
        sys.exit(done.stdout.decode(errors="replace")[-500:])
    head, text = done.stdout.rsplit(b"list report.json ", 1)
    size, text = text.split(b"\n", 1)
    return json.loads(text[:int(size)])


def wanted(counts, rows):
    """The report's members `domains` and `operators`, by what is counted."""
    def said(count):
        return {"rows": sum(count.values()), **{verdict: count[verdict] for verdict in VERDICTS}}

    biggest = sorted(counts.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))[:NAMED]
    by_operator, domains_of = defaultdict(Counter), Counter()
    for domain, count in counts.items():
        by_operator[OPERATORS.get(domain)].update(count)
        domains_of[OPERATORS.get(domain)] += 1
    operators = {name: {"domains": domains_of[name], **said(count)} for name, count in by_operator.items()}
    named = Counter()
    for _, count in biggest:
        named.update(count)
    return {"distinct": len(counts), "biggest": [{"domain": name, **said(count)} for name, count in biggest],
            "other rows": rows - sum(named.values()), "operators": operators}


def got(report):
    domains = report["domains"]
    operators = {one.pop("operator"): {key: one[key] for key in ["domains", "rows", *VERDICTS]} for one in report["operators"]}
    return {"distinct": domains["distinct"], "biggest": domains["biggest"], "other rows": domains["other"]["rows"],
            "operators": operators}


def differences(want, found):
    """What differs, each in a line; of the domains the first that does."""
    for part in want:
        if want[part] == found[part]:
            continue
        pair = (want[part], found[part])
        if part == "biggest":
            pair = next(((a, b) for a, b in zip(*pair) if a != b), tuple(map(len, pair)))
        yield f"{part}: want {pair[0]}, got {pair[1]}"


def main():
    r = random.Random(1)
    domains = make_domains(r)
    cells, counts = make_rows(r, domains)
    table = ("email\n" + "".join(cell + "\n" for cell in cells)).encode()
    want, failed = wanted(counts, len(cells)), 0
    with tempfile.TemporaryDirectory() as folder:
        for batch in BATCHES:
            for threads in THREADS:
                problems = list(differences(want, got(report_of(sys.argv[1], folder, table, threads, batch))))
                failed += bool(problems)
                for problem in problems:
                    print(f"{threads} threads, batches of {batch or 'the usual'} bytes: {problem}")
    print(f"{len(cells)} rows of {want['distinct']} domains, {failed} of {len(BATCHES) * len(THREADS)} runs differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
