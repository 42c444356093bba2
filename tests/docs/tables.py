#!/usr/bin/env python3
"""tables.py PRESEND [--write]: the parts of README.md that other files and the program itself say.

They stand between marks: reasons from reason.def, exit codes from status.def, commands from `presend --help`, what a job file may not
say yet from the schema, and the terminal from a run of the sample. Without --write, exit 1 when the README says something else.
"""
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def rows(path, name, columns):
    """The lines NAME(a, b, "c") of a .def file."""
    pattern = rf"^{name}\((.*)\)$"
    found = []
    for line in re.findall(pattern, (ROOT / path).read_text(), re.M):
        cells = [c.strip().strip('"') for c in re.findall(r'\s*("[^"]*"|[^,"]+)(?:,|$)', line)]
        assert len(cells) == columns, line
        found.append(cells)
    return found


def reasons(_):
    groups = [("REMOVE", "Removed: never mailed", "removed.csv"), ("HOLD", "Held: wait for your decision", "held.csv"),
              ("WINBACK", "Win-back: get a win-back mail first", "winback.csv"), ("KEEP", "Noted: they go out all the same", None)]
    out = []
    for effect, title, file in groups:
        found = [r for r in rows("include/presend/reason.def", "PS_REASON", 6) if r[4] == effect and int(r[0]) < 128]  # the rest is never a row's
        out += ["<details>" if effect != "REMOVE" else "<details open>",
                f"<summary><b>{title}</b>{f' (<code>{file}</code>)' if file else ''}</summary>", "", "| reason | what it means |",
                "|---|---|"]
        out += [f"| `{r[2]}` | {r[5].replace('<', '&lt;').replace('>', '&gt;')} |" for r in found]
        out += ["", "</details>", ""]
    return out


def exits(_):
    return ["| code | meaning |", "|---|---|"] + [f"| {r[1]} | {r[3]} |" for r in rows("include/presend/status.def", "PS_STATUS", 4)]


def commands(presend):
    text = subprocess.run([presend, "--help"], capture_output=True, text=True, check=True).stdout
    table = text.split("Commands:\n")[1].split("\n\n")[0]
    out = ["| command | what it does |", "|---|---|"]
    for line in table.splitlines():
        name, operands, summary = re.fullmatch(r"  (\S+)\s+(.{12}) (\S.*)", line).groups()
        out.append(f"| `presend {name} {operands.strip()}` | {summary} |")
    return out


def not_yet(_):
    schema = json.loads((ROOT / "schemas/job.schema.json").read_text())
    found = {}

    def walk(node, path):
        if "x-presend-not-yet" in node and "x-presend-available" not in node:
            found.setdefault(path, [])
            return
        for value in node.get("x-presend-not-yet-values", {}):
            values = found.setdefault(re.sub(r"\.dates\..*", ".dates", path), [])
            values += [value] if value not in values else []
        if "$ref" in node:
            walk(schema["$defs"][node["$ref"].rsplit("/", 1)[1]], path)
        for key, member in node.get("properties", {}).items():
            walk(member, f"{path}.{key}" if path else key)
        if "items" in node:
            walk(node["items"], path)
        for one in node.get("oneOf", []):
            walk(one, path)

    walk(schema, "")
    groups = {}  # by the first key, what stands below it
    for path, values in found.items():
        key, _, rest = path.partition(".")
        named = [rest] if rest else []
        words = [f"`{': '.join(named + [', '.join(values)])}`"] if values else [f"`{name}`" for name in named]
        groups.setdefault(key, []).extend(words)
    return [f"- `{key}`" + (": " + ", ".join(words) if words else "") for key, words in groups.items()]


def terminal(presend):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, ROOT / "tests/cli/pty_run.py", presend, "run", "samples/campaign-ja.yaml", "-o", f"{folder}/out",
                   "--progress", "never", "--color", "never", "--set", f"state={folder}/state"]
        result = subprocess.run(command, cwd=ROOT, env=dict(os.environ, COLUMNS="80", TERM="xterm"), capture_output=True, text=True,
                                check=True)
        lines = result.stdout.rstrip("\n").replace(f"{folder}/out", "samples/out").splitlines()
    return ["```", "$ presend run samples/campaign-ja.yaml -o samples/out"] + lines + ["```"]


PARTS = {"reasons": reasons, "exits": exits, "commands": commands, "not-yet": not_yet, "terminal": terminal}


def check_formats():
    """Each form of file that a job can name is in both READMEs' tables."""
    schema = json.loads((ROOT / "schemas/job.schema.json").read_text())
    formats = next(node["enum"] for node in walk_all(schema) if "captainverify" in node.get("enum", []))
    for readme in (README, ROOT / "README.ja.md"):
        cells = "".join(line for line in readme.read_text().splitlines() if line.startswith("  | "))
        missing = [name for name in formats if f"`{name}`" not in cells]
        if missing:
            sys.exit(f"{readme.name} does not say what files of these forms hold: {', '.join(missing)}")


def walk_all(node):
    """Every object of a schema."""
    if isinstance(node, dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from walk_all(member)


def main():
    presend = str(Path(sys.argv[1]).resolve())
    check_formats()
    old = new = README.read_text()
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: tests/docs/tables.py -->", f"<!-- {name} end -->"
        if new.count(begin) != 1 or new.count(end) != 1:
            sys.exit(f"README.md has no marks for {name}")
        head, rest = new.split(begin)
        new = head + begin + "\n" + "\n".join(make(presend)).rstrip("\n") + "\n" + end + rest.split(end)[1]
    if "--write" in sys.argv:
        README.write_text(new)
    elif old != new:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "README.md", "as it should be"))
        sys.exit("README.md is behind: run tests/docs/tables.py PRESEND --write")


if __name__ == "__main__":
    main()
