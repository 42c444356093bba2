#!/usr/bin/env python3
"""Instructions that a row costs, counted by callgrind: they do not depend on the machine's load. More than 5 % over
what is recorded is a regression. usage: instructions.py PRESEND [--write]

The count is of a Release build by gcc 12 with AVX2, the best that valgrind knows. One of a long list less one of a
short list: what a run costs without rows is left out. So is the digest of the lists: without the processor's SHA
instructions, which valgrind does not know, it would be two thirds of the count and hide what the rest does."""
import os
import re
import subprocess
import sys
import tempfile

RECORD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions")
SLACK = 0.05
SHORT, LONG = 4000, 24000
DOMAINS = ["shop", "mail", "post", "city", "north", "west", "blue", "green"]
JOB = """version: 1
as_of: 2026-01-01
recipients:
  - file: list.csv
    encoding: utf-8
    columns: {email: email, signup_at: signup, last_open: opened, last_click: clicked}
    dates: {signup_at: iso, last_open: iso, last_click: iso}
dedupe: {key: provider, evidence: first}
mx: {mode: off}
suppressions: [{name: list, type: file, file: left.txt}]
engagement: {profile: b2c_weekly, coverage: 0%}
guards: {removed_share: 100%, engagement_share: 100%}
output: {directory: out}
"""


def address(i):
    return f"person{i}@{DOMAINS[i % 8]}{i % 97}.jp"


def day(days_ago):
    return f"{2025 - days_ago // 360}-{12 - days_ago // 30 % 12:02}-{28 - days_ago % 28:02}"


def row(i):
    name = f'"Name {i}, ""the {i % 9}th"""' if i % 7 == 0 else f"Name {i}"
    email = address(i - 5 if i % 20 == 19 else i)
    opened = "" if i % 3 == 0 else day(i * 7 % 900) + "T12:34:56Z"
    clicked = "" if i % 2 == 0 else day(i * 11 % 900) + "T01:02:03Z"
    return f"{email},{name},{day(1000 + i % 700)},{opened},{clicked}\n"


def count(presend, rows):
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in {"job.yaml": [JOB], "left.txt": [address(i * 9) + "\n" for i in range(500)],
                            "list.csv": ["email,name,signup,opened,clicked\n"] + [row(i) for i in range(rows)]}.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.writelines(lines)
        told(folder, "valgrind", "--tool=callgrind", "--callgrind-out-file=counts", presend, "run", "job.yaml", "--threads",
             "1", "--accept", "evidence")
        functions = told(folder, "callgrind_annotate", "--threshold=100", "counts")
        counts = re.findall(r"^ *([\d,]+) \(.*\[(.*)\]$", functions, re.MULTILINE)
        return sum(int(number.replace(",", "")) for number, library in counts if "libcrypto" not in library)


def told(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"instructions: {command[0]}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def main():
    presend = os.path.abspath(sys.argv[1])
    if not os.path.exists(presend):
        print("instructions: skipped, there is no Release build")
        return 77
    found = (count(presend, LONG) - count(presend, SHORT)) // (LONG - SHORT)
    if "--write" in sys.argv:
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write(f"{found}\n")
    with open(RECORD, encoding="utf-8") as file:
        recorded = int(file.read())
    print(f"instructions a row: {found}, recorded: {recorded}")
    if found < recorded * (1 - SLACK):
        print("That is less: record it with --write.")
    return 1 if found > recorded * (1 + SLACK) else 0


if __name__ == "__main__":
    sys.exit(main())
