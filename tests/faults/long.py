#!/usr/bin/env python3
"""A line or a cell of 10 GB is refused (65) in little memory, wherever in the file it stands. usage: long.py PRESEND"""
import os
import resource
import subprocess
import sys
import tempfile

SIZE = 10 << 30  # a hole: the file takes no room
RSS_MAX_KIB = 256 << 10
ROWS = b"a@example.com,Ann\n" * 100000
CASES = {
    "a line": b"email,name\n" + ROWS + b"b@example.com,",
    "a cell in quotes": b"email,name\n" + ROWS + b'b@example.com,"',
    "the first record": b"email,name\n",
    "the header": b"email,",
    "a quote in the header": b'email,"',
}


def main():
    presend = os.path.abspath(sys.argv[1])
    failed = 0
    for name, begin in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "in.csv")
            with open(path, "wb") as file:
                file.write(begin)
                file.truncate(SIZE)
            command = [presend, "clean", "in.csv", "--suppress", "none", "--offline", "-o", "out"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
            rss_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the most of all so far
            published = os.path.exists(os.path.join(folder, "out"))
            print(f"{name}: exit {done.returncode}, at most {rss_kib >> 10} MiB")
            if done.returncode != 65 or published or rss_kib > RSS_MAX_KIB:
                failed += 1
                print(done.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
