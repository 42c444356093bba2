#!/usr/bin/env python3
"""full.py PRESEND [--compress KIND]: a disk that is full at any output leaves the old set as it is; with room again, the next run works.

First with a limit on the size of files (which needs no rights), one step after the other; then, where a mount namespace can be had, on
a small file system of its own that is a little larger each time. Exit codes must be 73 or 74 until there is room for everything.
"""
import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
INSIDE = "--inside-namespace"
STATE = "state.sqlite"


def run(tested, folder, limit=None):
    def prepare():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [tested.presend, "run", str(SAMPLES / "campaign-ja.yaml"), "-o", str(folder / "out"),
               "--set", f"state={folder / STATE}", "--set", f"output.compress={tested.compress}"]
    return subprocess.run(command, preexec_fn=prepare, capture_output=True, timeout=300)


def digest(folder):
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def names(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".lock") and not p.name.startswith(STATE))


def fail(text, result):
    sys.exit(f"{text}\nexit {result.returncode}\n{result.stderr.decode(errors='replace')}")


def check_failed(result, folder, old, what):
    if result.returncode not in (73, 74):
        fail(f"{what}: neither 73 nor 74", result)
    if not result.stderr.strip():
        fail(f"{what}: nobody is told why", result)
    if digest(folder / "out") != old:
        fail(f"{what}: the old set is not what it was", result)
    if names(folder) != ["out"]:
        fail(f"{what}: left behind {names(folder)}", result)


def old_set(tested, folder):
    result = run(tested, folder)
    if result.returncode != 0:
        fail("the first run", result)
    return digest(folder / "out")


def with_file_limits(tested):
    with tempfile.TemporaryDirectory(prefix="presend-full-") as temporary:
        folder = Path(temporary)
        old = old_set(tested, folder)
        largest, name = max((p.stat().st_size, p.name) for p in (folder / "out").iterdir())
        slack = 1000 if name.startswith("report") else 0  # it tells times, which are not as long in each run
        limits = sorted({0, 1, 100, 1000, 1400, 8000, 9000, largest - slack - 1} | {largest * i // 12 for i in range(1, 12)})
        for limit in limits:
            check_failed(run(tested, folder, limit), folder, old, f"files of at most {limit} bytes")
        result = run(tested, folder, max(largest + slack, (folder / STATE).stat().st_size))
        if result.returncode != 0:
            fail("files as large as they need to be", result)
    return len(limits)


def resize(folder, kib):
    subprocess.run(["mount", "-o", f"remount,size={kib}k", str(folder)], check=True)


def in_namespace(tested, temporary):
    folder = Path(temporary)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=True)
    old = old_set(tested, folder)
    used = sum(-(-p.stat().st_size // 4096) * 4 for p in folder.rglob("*") if p.is_file()) + 8
    failures = 0
    for more in list(range(0, 48, 4)) + list(range(48, used + 64, 24)):
        resize(folder, used + more)
        result = run(tested, folder)
        if result.returncode == 0:
            break
        check_failed(result, folder, old, f"a disk with {more} KiB left")
        failures += 1
    resize(folder, 65536)
    result = run(tested, folder)
    if result.returncode != 0 or names(folder) != ["out"]:
        fail("with room again", result)
    if failures < 12:
        sys.exit(f"only {failures} full disks: the test does not test")
    print(f"{failures} full disks, each with the old set untouched")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("presend", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--compress", default="none", help="what output.compress says")
    parser.add_argument(INSIDE, metavar="FOLDER", help="for itself, once it has a mount namespace")
    tested = parser.parse_args()
    if tested.inside_namespace:
        in_namespace(tested, tested.inside_namespace)
        return
    print(f"{with_file_limits(tested)} limits on the size of files, each with the old set untouched")
    with tempfile.TemporaryDirectory(prefix="presend-full-") as temporary:
        namespace = ["unshare", "--mount", "--map-root-user"]
        if subprocess.run(namespace + ["mount", "-t", "tmpfs", "tmpfs", temporary], capture_output=True).returncode != 0:
            print("no mount namespace to be had here: the disk that is full was left out")
            return
        sys.exit(subprocess.run(namespace + [sys.executable, __file__, *sys.argv[1:], INSIDE, temporary]).returncode)


if __name__ == "__main__":
    main()
