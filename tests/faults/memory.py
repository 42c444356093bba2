#!/usr/bin/env python3
"""What a row adds to the most memory of a run, and what a domain adds: of rows a place in the table of who was seen,
of so many domains as are kept in mind their names once and their counts for each thread, of others nothing.
usage: memory.py PRESEND

One of a long list less one of a short one: libraries and what every run takes are left out."""
import json
import os
import subprocess
import sys
import tempfile

SHORT, LONG = 50000, 450000
FEW, MANY, SINGLE = 2000, 102000, 450000  # domains; of the most, each row has its own
ROW_BYTES_MAX = 32  # 13.4 of them in the table; large pages are taken whole
DOMAIN_BYTES_MAX = 120
SINGLE_BYTES_MAX = 24  # of those beyond MANY; some more are kept in mind than these
JOB = """version: 1
as_of: 2026-01-01
recipients:
  - file: list.csv
    encoding: utf-8
    columns: {email: email, last_open: opened}
    dates: {last_open: iso}
mx: {mode: off}
dedupe: {evidence: first}
suppressions: [{name: list, type: file, file: left.txt}]
engagement: {profile: b2c_weekly, coverage: 0%}
guards: {removed_share: 100%, engagement_share: 100%}
output: {directory: out}
"""


def most_memory(presend, rows, domains):
    """In bytes, of a run with so many rows."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "list.csv"), "w") as file:
            file.write("email,opened\n")
            file.writelines(f"person{i}@shop{i % domains}.example.jp,2025-12-{i % 28 + 1:02}\n" for i in range(rows))
        with open(os.path.join(folder, "left.txt"), "w") as file:
            file.writelines(f"person{i}@shop{i % domains}.example.jp\n" for i in range(1000))
        with open(os.path.join(folder, "job.yaml"), "w") as file:
            file.write(JOB)
        command = [presend, "run", "job.yaml", "--threads", "2", "--quiet"]
        process = subprocess.Popen(command, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0, f"exit {os.waitstatus_to_exitcode(status)}"
        with open(os.path.join(folder, "out", "report.json")) as file:
            assert json.load(file)["domains"]["distinct"] == domains
        return usage.ru_maxrss << 10


def main():
    presend = os.path.abspath(sys.argv[1])
    short, rows = most_memory(presend, SHORT, FEW), most_memory(presend, LONG, FEW)
    domains, single = most_memory(presend, LONG, MANY), most_memory(presend, LONG, SINGLE)
    row_bytes = (rows - short) / (LONG - SHORT)
    domain_bytes = (domains - rows) / (MANY - FEW)
    single_bytes = (single - domains) / (SINGLE - MANY)
    print(f"{short >> 20} MiB; a row adds {row_bytes:.1f} bytes, a domain {domain_bytes:.1f}, one of many {single_bytes:.1f}")
    bounds = (row_bytes, ROW_BYTES_MAX), (domain_bytes, DOMAIN_BYTES_MAX), (single_bytes, SINGLE_BYTES_MAX)
    return 1 if any(measured > bound for measured, bound in bounds) else 0


if __name__ == "__main__":
    sys.exit(main())
