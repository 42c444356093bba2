#!/usr/bin/env python3
"""kill.py PRESEND [--runs N] [--seed SEED] [--compress]: killed at any moment, a run leaves the old set or the new set, whole.

Runs of one job are killed with SIGKILL after random times, while another process looks at the output directory all the time: whenever
it can read a manifest, the files that the manifest names must be what it says. After the last kill an ordinary run must work and leave
nothing beside its set. With --compress each run packs its lists in another way than the one before.
"""
import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing import Event, Process, Value
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
COPIES = 3  # of the sample campaign: a run takes long enough to be hit in all its stages


def read_set(folder):
    """One look at the set as a downstream program takes it: by one descriptor of the folder, so that it stays one set."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        def load(name):
            with open(os.open(name, os.O_RDONLY, dir_fd=descriptor), "rb") as file:
                return file.read()

        manifest = json.loads(load("manifest.json"))
        for entry in manifest["files"]:
            content = load(entry["name"])
            if hashlib.sha256(content).hexdigest() != entry["sha256"]:
                raise AssertionError(f"{entry['name']} is not what the manifest says")
        return manifest
    finally:
        os.close(descriptor)


def watch(folder, stop, looks, torn):
    while not stop.is_set():
        try:
            read_set(folder)
            looks.value += 1
        except FileNotFoundError:
            # The folder was exchanged and the old one deleted while it was read: look again, at once it must be whole.
            try:
                read_set(folder)
            except FileNotFoundError:
                try:
                    read_set(folder)
                except FileNotFoundError as error:
                    print(f"no whole set: {error}", file=sys.stderr)
                    torn.value += 1
        except (AssertionError, ValueError) as error:
            print(f"torn: {error}", file=sys.stderr)
            torn.value += 1


def write_job(folder):
    header, rows = (SAMPLES / "campaign-ja.csv").read_bytes().split(b"\r\n", 1)
    content = header + b"\r\n" + b"".join(rows.replace(b"presend-sample-", b"presend-%d-" % i) for i in range(COPIES))
    (folder / "campaign-ja.csv").write_bytes(content)
    for path in SAMPLES.iterdir():
        if path.suffix in (".txt", ".json", ".csv") and path.name != "campaign-ja.csv":
            (folder / path.name).write_bytes(path.read_bytes())
    (folder / "job.yaml").write_text((SAMPLES / "campaign-ja.yaml").read_text())


def command(presend, as_of, compress="none"):
    # The days go round, so some run judges by an earlier day than the last.
    return [presend, "run", "job.yaml", "-o", "out", "--as-of", as_of, "--accept", "as_of", "--set", f"output.compress={compress}"]


def leftovers(folder):
    return sorted(p.name for p in folder.iterdir() if p.name.startswith(".out.presend.") and not p.name.endswith(".lock"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("presend")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compress", action="store_true")
    options = parser.parse_args()
    presend = str(Path(options.presend).resolve())
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="presend-kill-") as temporary:
        folder = Path(temporary)
        write_job(folder)
        began = time.monotonic()
        subprocess.run(command(presend, "2026-11-21"), cwd=folder, check=True)
        whole = time.monotonic() - began
        stop, looks, torn = Event(), Value("i", 0), Value("i", 0)
        watcher = Process(target=watch, args=(folder / "out", stop, looks, torn), daemon=True)
        watcher.start()
        killed = seen_left = 0
        days = set()
        for i in range(options.runs):
            compress = ["gzip", "zstd", "none"][i % 3] if options.compress else "none"
            began = time.monotonic()
            process = subprocess.Popen(command(presend, f"2026-12-{1 + i % 28:02d}", compress), cwd=folder, stderr=subprocess.DEVNULL)
            try:
                # Most of the kills late: the end of a run is where sets change places. How long one takes differs with the machine's load.
                process.wait(whole * rng.choice([rng.random(), 0.9 + 0.4 * rng.random()]))
                whole = time.monotonic() - began
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                whole *= 1.05
                killed += 1
            if process.returncode not in (0, -signal.SIGKILL):
                sys.exit(f"run {i} ended with {process.returncode}")
            seen_left += bool(leftovers(folder))
            days.add(read_set(folder / "out")["as_of"])
        subprocess.run(command(presend, "2026-11-21"), cwd=folder, check=True)
        stop.set()
        watcher.join()
        if leftovers(folder):
            sys.exit(f"left behind: {leftovers(folder)}")
        if read_set(folder / "out")["as_of"] != "2026-11-21":
            sys.exit("the last run did not take the place of the set")
        print(f"{options.runs} runs of {whole:.2f} s, {killed} killed, {seen_left} left something for the next to clear up, {len(days)} "
              f"different sets seen whole; the watcher looked {looks.value} times, {torn.value} times at a set that was not whole")
        if torn.value or looks.value < options.runs // 2 or killed < options.runs // 4:
            sys.exit("failed")


if __name__ == "__main__":
    main()
