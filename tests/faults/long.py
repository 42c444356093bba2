#!/usr/bin/env python3
"""A line or a cell of 10 GB is refused (65) in little memory, wherever in the file it stands; so is one from a pipe.
usage: long.py PRESEND"""
import itertools
import os
import resource
import subprocess
import sys
import tempfile

SIZE = 10 << 30  # a hole: the file takes no room
PIPE_SIZE = 1 << 30  # what comes from a pipe is written down first
RSS_MAX_KIB = 256 << 10
ROWS = b"a@example.com,Ann\n" * 100000
CASES = {
    "a line": b"email,name\n" + ROWS + b"b@example.com,",
    "a cell in quotes": b"email,name\n" + ROWS + b'b@example.com,"',
    "the first record": b"email,name\n",
    "the header": b"email,",
    "a quote in the header": b'email,"',
}


def run(presend, folder, name, **streams):
    command = [presend, "clean", name, "--suppress", "none", "--offline", "-o", "out"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **streams)


def run_file(presend, folder, begin):
    with open(os.path.join(folder, "in.csv"), "wb") as file:
        file.write(begin)
        file.truncate(SIZE)
    return run(presend, folder, "in.csv")


def run_pipe(presend, folder, begin):
    process = run(presend, folder, "-", stdin=subprocess.PIPE)
    block = bytes(1 << 20)
    try:
        process.stdin.write(begin)
        for _ in range(PIPE_SIZE // len(block)):
            process.stdin.write(block)
        process.stdin.close()
    except BrokenPipeError:  # refused before the end
        pass
    process.stdin = None  # communicate() would close it once more
    return process


def main():
    presend = os.path.abspath(sys.argv[1])
    failed = 0
    for (name, begin), start in itertools.product(CASES.items(), (run_file, run_pipe)):
        with tempfile.TemporaryDirectory() as folder:
            process = start(presend, folder, begin)
            _, complaint = process.communicate(timeout=300)
            rss_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the most of all so far
            published = os.path.exists(os.path.join(folder, "out"))
            how = "a file" if start is run_file else "a pipe"
            print(f"{name} of {how}: exit {process.returncode}, at most {rss_kib >> 10} MiB")
            if process.returncode != 65 or published or rss_kib > RSS_MAX_KIB:
                failed += 1
                print(complaint.decode())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
