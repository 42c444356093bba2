#!/usr/bin/env python3
"""run.py PRESEND [--cases N] [--seed FIRST] [--keep]: presend against the slow reference, on small random jobs.

Each case must agree on every row: where it went, why, its number and line, and the bytes that were written for it.
A case that fails says its seed; `--cases 1 --seed SEED --keep` runs it again and leaves its files.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generate  # noqa: E402
import reference  # noqa: E402

LISTS = {"clean": 0, "winback": 1, "held": 6, "removed": 6}


def expected(wanted):
    """What presend must write: by list, (body, added cells that are checked)."""
    rows = reference.judge(wanted)
    out = {name: [] for name in LISTS}
    for row in rows:
        added = []
        if row["verdict"] == "winback":
            added = [(wanted["as_of"] + timedelta(days=reference.REPLY)).isoformat()]
        if row["verdict"] in ("held", "removed"):
            added = [row["reason"], row["file"], str(row["number"]), str(row["line"])]
        out[row["verdict"]].append((row["out"], added))
    return out, rows


def written(folder, encoding):
    out = {}
    for name, extra in LISTS.items():
        path = folder / f"{name}.csv"
        if name == "clean" and not path.exists():
            path = folder / "unsuppressed.csv"
        data = path.read_bytes()
        start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        if data[start:start + 4] == b"sep=":
            start = data.index(b"\n", start) + 1
        records = reference.read_csv(data[start:])[1:]
        out[name] = []
        for cells, body, _, _ in records:
            added = [value.decode(encoding) for _, value in cells[len(cells) - extra:]] if extra else []
            if extra:
                body = b",".join(raw for raw, _ in cells[:len(cells) - extra])
            out[name].append((body, [added[0]] + added[3:] if extra == 6 else added))
    return out


def differences(want, got, rows):
    """The first row that differs in each list, with what the reference found about it."""
    problems = []
    for name in LISTS:
        if want[name] == got[name]:
            continue
        for i in range(max(len(want[name]), len(got[name]))):
            one = want[name][i] if i < len(want[name]) else None
            two = got[name][i] if i < len(got[name]) else None
            if one != two:
                problems.append(f"{name}, row {i + 1}:\n  want {one}\n  got  {two}")
                bodies = {b for b, _ in (one, two) if b} if one and two else {(one or two)[0]}
                problems += [f"  about row {r['number']} of {r['file']}: {r['reason']}, of {sorted(r['findings'])}" for r in rows
                             if r["out"] in bodies or r["body"] in bodies]
                break
    return "\n".join(problems) or None


def run_case(presend, seed, root, keep):
    folder = Path(tempfile.mkdtemp(prefix=f"case-{seed}-", dir=root))
    try:
        files, wanted = generate.Case(seed).make()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        result = subprocess.run([presend, "run", "job.yaml"], cwd=folder, capture_output=True, timeout=120)
        try:
            want, rows = expected(wanted)
        except reference.Refused as refused:
            if result.returncode == refused.code:
                return None, 0, None
            return f"exit {result.returncode} instead of {refused.code}: {result.stderr.decode()}", 0, None
        if result.returncode != 0:
            return f"exit {result.returncode}: {result.stderr.decode(errors='replace')}", len(rows), None
        got = written(folder / "out", wanted["encoding"])
        return differences(want, got, rows), len(rows), {name: len(want[name]) for name in LISTS}
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("presend")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    presend = str(Path(options.presend).resolve())
    shm = Path("/dev/shm")
    root = tempfile.mkdtemp(prefix="presend-reference-", dir=shm if shm.is_dir() else None)
    seeds = range(options.seed, options.seed + options.cases)
    failed, total, places = 0, 0, dict.fromkeys(LISTS, 0)
    with ThreadPoolExecutor(options.jobs) as pool:
        for seed, (problem, rows, counts) in zip(seeds, pool.map(lambda s: run_case(presend, s, root, options.keep), seeds)):
            total += rows
            for name in counts or {}:
                places[name] += counts[name]
            if problem:
                failed += 1
                print(f"seed {seed}: {problem}", flush=True)
            if failed >= 20:
                break
    if options.keep:
        print(f"files: {root}")
    else:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{options.cases} cases, {total} rows ({', '.join(f'{n} {c}' for n, c in places.items())}), {failed} cases differ")
    if options.cases >= 50 and not all(places.values()):
        sys.exit("the cases do not reach every list: the generator is broken")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
