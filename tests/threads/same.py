#!/usr/bin/env python3
"""One SHA-256 of each list for 1, 2, 3 and 8 threads, batches of 64 KiB to 4 MiB, every kind of CPU, and any locale and
time zone. usage: same.py SAME WORKLOAD [--rows N]: tests/threads/same.c and bench/workload.c, built."""
import os
import subprocess
import sys
import tempfile

LISTS = 4
PLACES = [{}, {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
          {"LC_ALL": "ja_JP.SJIS", "TZ": "America/St_Johns", "OMP_NUM_THREADS": "5"}]


def write_left(folder):
    """Every twentieth address of the list, as it stands there."""
    with open(os.path.join(folder, "list.csv"), encoding="utf-8", newline="\n") as rows:
        cells = [line.split(",")[0].strip('" ') for line in list(rows)[1::20] if line.count("@") == 1]
    with open(os.path.join(folder, "left.txt"), "w", encoding="utf-8") as left:
        left.writelines(cell.lower() + "\n" for cell in cells if cell.isascii() and cell.count("@") == 1)


def runs(same, folder, place):
    done = subprocess.run([same, folder], env={**os.environ, **place}, capture_output=True, text=True, timeout=7200)
    if done.returncode != 0:
        sys.exit(f"same: exit {done.returncode}\n{done.stderr}")
    return [line.split(" ", LISTS) + [str(place)] for line in done.stdout.splitlines()]


def main():
    same, workload = map(os.path.abspath, sys.argv[1:3])
    rows = int(sys.argv[4]) if len(sys.argv) > 4 else 40000
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([workload, str(rows), folder], check=True, capture_output=True)
        write_left(folder)
        found = [run for place in PLACES for run in runs(same, folder, place)]
    expected = found[0][:LISTS]
    others = [run for run in found if run[:LISTS] != expected]
    for run in others:
        print("differs:", *run[LISTS:])
    print(f"{len(found)} runs over {rows} rows, {len(others)} differ from the first")
    return 1 if others or len(found) < 12 * len(PLACES) or len(set(expected)) < LISTS else 0


if __name__ == "__main__":
    sys.exit(main())
