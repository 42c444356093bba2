#!/usr/bin/env python3
"""forms.py PRESEND [--cases N] [--seed FIRST]: how a list is written changes nothing of what becomes of its rows.

Each small random job of generate.py runs as it is and in other forms: in other encodings, delimiters, quotes and line ends, packed, from a
pipe, without a header, with cells so long that many threads read many batches, with lists in an encoding that the job names, and against
digests in place of addresses. Every row must go to the same list for the same reasons, and what the report counts must be the same. A case that fails says its seed and
leaves its files.
"""
import argparse
import dataclasses
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generate  # noqa: E402
import reference  # noqa: E402

FORMS_PER_CASE = 5
LISTS = {"clean": 0, "winback": 0, "held": 6, "removed": 6}  # cells that stand behind the input's
SECTIONS = ["counts", "reasons", "stages", "operators", "domains", "addresses", "engagement", "projections"]
NOTE = "備考"  # a column that no rule reads, the last one
DETAIL, FILE, LINE = -4, -3, -1


def zstd(data, *options):
    return subprocess.run(["zstd", "-qc", *options], input=data, capture_output=True, check=True).stdout


UNPACK = {"none": ("", bytes), "gzip": (".gz", gzip.decompress), "zstd": (".zst", lambda data: zstd(data, "-d"))}


def gzip_members(data):
    """As `cat` and logrotate make them; one is empty."""
    third = len(data) // 3
    return b"".join(gzip.compress(part) for part in (data[:third], b"", data[third:]))


@dataclasses.dataclass
class Form:
    name: str
    encoding: str = "utf-8"  # as Python calls it
    declared: str = "utf-8"  # as the job does
    bom: bytes = b""
    written: str = ""  # the output's encoding, where it is another
    output: dict = dataclasses.field(default_factory=dict)  # what the job says of it
    others: tuple = ()  # (as Python calls it, as the job does) of the files behind the first
    delimiter: str = ","
    end: str = "\n"
    last_end: bool = True
    quotes: str = "needed"
    stray: bool = False  # a quote inside of a cell that has none around it
    note_bytes: int = 0
    pack: object = bytes
    compress: str = "none"
    threads: int = 0
    header: bool = True
    pipe: bool = False
    hashed: str = ""
    suits: object = lambda case: True


def one_file(case):
    return len(case.tables) == 1


def begins_whole(case):
    """Without a header the first record says how many columns there are."""
    return all(rows and len(rows[0]) == len(case.header) for rows in case.tables.values())


def may_be_hashed(case):
    return case.plain_entries and bool(case.sources)


def addresses_are_ascii(case):
    """An encoding that lacks letters of an address cell has it in ASCII, or may not be named at all."""
    return case.job["address"].get("smtputf8", "hold") in ("hold", "remove") and case.job["output"].get("email") != "original"


def several_files(case):
    return len(case.tables) > 1


FORMS = [
    Form("CP932", "cp932", "cp932"), Form("EUC-JP", "euc_jp", "euc-jp"),
    Form("ISO-2022-JP", "iso2022_jp", "iso-2022-jp", written="utf-8"),
    Form("UTF-16LE", "utf-16-le", "utf-16le", b"\xff\xfe", "utf-8"), Form("UTF-16BE", "utf-16-be", "utf-16be", b"\xfe\xff", "utf-8"),
    Form("with a BOM", bom=b"\xef\xbb\xbf"), Form("detected", declared="auto"),
    Form("tabs", delimiter="\t"), Form("semicolons", delimiter=";"), Form("CR LF", end="\r\n"), Form("no last line end", last_end=False),
    Form("all quoted", quotes="all"), Form("some quoted", quotes="some"), Form("stray quotes", stray=True, note_bytes=2000, threads=2),
    Form("gzip", pack=gzip.compress), Form("gzip in members", pack=gzip_members, note_bytes=9000),
    Form("zstd", pack=zstd, note_bytes=9000),
    Form("written as gzip", compress="gzip"), Form("written as zstd", compress="zstd", note_bytes=9000, threads=3),
    Form("long cells", note_bytes=3000, threads=3), Form("longer cells, quoted", quotes="all", note_bytes=40000, threads=8),
    Form("many threads", threads=64), Form("long cells in CP932", "cp932", "cp932", note_bytes=9000, threads=2),
    Form("no header", header=False, suits=begins_whole), Form("pipe", pipe=True, note_bytes=9000, suits=one_file),
    Form("packed pipe", pipe=True, pack=gzip.compress, note_bytes=9000, suits=one_file),
    Form("CP932 to UTF-8", "cp932", "cp932", written="utf-8", output={"encoding": "utf-8"}, note_bytes=9000, threads=3),
    Form("EUC-JP to UTF-8", "euc_jp", "euc-jp", written="utf-8", output={"encoding": "utf-8", "bom": "never"}, compress="gzip"),
    Form("UTF-8 to CP932", written="cp932", output={"encoding": "cp932"}, note_bytes=9000, threads=3, suits=addresses_are_ascii),
    Form("EUC-JP to CP932", "euc_jp", "euc-jp", written="cp932", output={"encoding": "cp932"}, suits=addresses_are_ascii),
    Form("UTF-16 to CP932", "utf-16-le", "utf-16le", b"\xff\xfe", "cp932", {"encoding": "cp932"}, suits=addresses_are_ascii),
    Form("UTF-8 to UTF-8", output={"encoding": "utf-8", "bom": "always"}),
    Form("each file in its own", "cp932", "cp932", written="utf-8", output={"encoding": "utf-8"}, suits=several_files,
         others=(("utf-8", "utf-8"), ("euc_jp", "euc-jp"), ("iso2022_jp", "iso-2022-jp"))),
    Form("SHA-256", hashed="sha256", suits=may_be_hashed), Form("MD5", hashed="md5", suits=may_be_hashed),
]


class Case:
    """A job of generate.py, with its cells as text."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        made, wanted = generate.Case(seed).make()
        self.job = json.loads(made.pop("job.yaml"))
        self.header, self.tables = [], {}
        for name, data in wanted["files"]:
            del made[name]
            self.header, self.tables[name] = self.cells_of(data, wanted["encoding"])
        self.others = made
        self.sources = [s for s in self.job["suppressions"] if s["kind"] == "address"] if self.job["suppressions"] != "none" else []
        self.plain_entries = self.random.random() < 0.5
        if self.plain_entries:
            self.make_entries_plain()
        if self.job["address"]["typo"] != "fix" and self.random.random() < 0.3:
            self.job["output"]["email"] = "original"
        if self.random.random() < 0.3:
            self.job["output"]["add"] = ["tier", "idle_days", "operator"]

    def cells_of(self, data, encoding):
        body = data[data.index(b"sep="):]
        records = [[value.decode(encoding) for _, value in cells] for cells, _, _, _ in reference.read_csv(body[body.index(b"\n") + 1:])]
        width = len(records[0])
        noted = [cells + [NOTE] if len(cells) >= width else cells for cells in records]
        return noted[0], noted[1:]

    def entries_of(self, source):
        return self.others[source["file"]].decode().splitlines()[1:]

    def make_entries_plain(self):
        """A digest is of the address as it is compared, and knows of no other spelling."""
        self.job["alias"] = "off"
        for source in self.sources:
            plain = [e for e in self.entries_of(source) if e.isascii() and e == e.lower() and not e.endswith("@gmail.co")]
            self.others[source["file"]] = "\n".join(["# plain", "nobody@example.org", *plain, ""]).encode()

    def cell(self, form, text):
        plain_inside = form.stray and '"' in text and text[0] != '"' and not any(c in text for c in form.delimiter + "\r\n")
        needed = any(c in text for c in form.delimiter + '"\r\n') and not plain_inside
        quoted = needed or form.quotes == "all" or (form.quotes == "some" and self.random.random() < 0.4)
        return '"' + text.replace('"', '""') + '"' if quoted else text

    def record(self, form, cells):
        whole = len(cells) == len(self.header)
        if form.note_bytes and whole and cells is not self.header:
            note = "~" * self.random.randint(1, form.note_bytes)
            cells = cells[:-1] + [note + self.random.choice(["", "", "\n~"])]
        return '""' if cells == [""] else form.delimiter.join(self.cell(form, text) for text in cells)  # an empty line is no record

    def encoding_of(self, form, index):
        """As Python calls it, and the job."""
        return form.others[(index - 1) % len(form.others)] if form.others and index > 0 else (form.encoding, form.declared)

    def file(self, form, rows, encoding):
        records = [f"sep={form.delimiter}"] + [self.record(form, cells) for cells in ([self.header] if form.header else []) + rows]
        text = form.end.join(records) + (form.end if form.last_end else "")
        return form.pack(form.bom + text.encode(encoding))

    def job_of(self, form):
        job = json.loads(json.dumps(self.job))
        for i, recipients in enumerate(job["recipients"]):
            recipients["encoding"] = self.encoding_of(form, i)[1]
            if form.pipe:
                recipients["file"] = "-"
            if not form.header:
                recipients["header"] = "none"
                recipients["columns"] = {column: self.header.index(name) + 1 for column, name in recipients["columns"].items()}
        job["output"].update(form.output, compress=form.compress)
        for source in job["suppressions"] if form.hashed else []:
            if source["kind"] == "address":
                source["hash"] = form.hashed
                del source["kind"], source["format"]
        return job

    def files_of(self, form):
        files = {name: self.file(form, rows, self.encoding_of(form, i)[0]) for i, (name, rows) in enumerate(self.tables.items())}
        files.update(self.others)
        for source in self.sources if form.hashed else []:
            digests = [hashlib.new(form.hashed, entry.encode()).hexdigest() for entry in self.entries_of(source)]
            files[source["file"]] = "".join(digest + "\n" for digest in digests).encode()
        return files


def has_mark(form):
    """By what the job schema says of lists."""
    if (form.written or form.encoding) != "utf-8" or form.output.get("bom") == "never":
        return False
    return bool(form.bom) or form.encoding != "utf-8" or form.output.get("bom") == "always"


def rows_of(folder, name, form):
    """The cells of a list, whole as they are; a note that was made longer is the same as any."""
    suffix, unpack = UNPACK[form.compress]
    data = unpack((folder / f"{name}.csv{suffix}").read_bytes())
    marked = data.startswith(b"\xef\xbb\xbf")
    if marked != has_mark(form):
        raise AssertionError(f"{name} {'has' if marked else 'lacks'} a byte order mark")
    data = data.removeprefix(b"\xef\xbb\xbf")
    records = reference.read_csv(data[data.index(b"\n") + 1:], form.delimiter.encode())[1 if form.header else 0:]
    texts = [[value.decode(form.written or form.encoding) for _, value in cells] for cells, _, _, _ in records]
    return [[NOTE if re.fullmatch(r"[~\n]+", text) else text for text in cells] for cells in texts]


def run(presend, case, form, folder):
    """Its exit code, the rows of each list, and what the report counts."""
    files = case.files_of(form)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "job.yaml").write_text(json.dumps(case.job_of(form), ensure_ascii=False))
    piped = files[next(iter(case.tables))] if form.pipe else b""
    command = [presend, "run", "job.yaml", "--threads", str(form.threads or 1)]
    result = subprocess.run(command, cwd=folder, input=piped, capture_output=True, timeout=300)
    if result.returncode != 0:
        return result.returncode, {"stderr": result.stderr.decode(errors="replace")}, {}
    report = json.loads((folder / "out/report.json").read_text())
    del report["counts"]["files"]
    return 0, {name: rows_of(folder / "out", name, form) for name in LISTS}, {name: report[name] for name in SECTIONS}


def blind(lists, form):
    """Less what the form does change: lines, the name of a pipe, and which list of several is told that has a digest."""
    seen = {}
    lacking = form.output.get("encoding") == "cp932"
    for name, rows in lists.items():
        seen[name] = [[text.encode("cp932", "replace").decode("cp932") if lacking else text for text in cells] for cells in rows]
        for cells in seen[name] if LISTS[name] else []:
            cells[DETAIL] = "" if form.hashed else re.sub(r"line \d+", "line", cells[DETAIL])
            cells[FILE] = "" if form.pipe else cells[FILE]
            cells[LINE] = ""
    return seen


def difference(form, one, other):
    if one[0] != other[0]:
        return f"exit {one[0]} and {other[0]}: {one[1].get('stderr')} {other[1].get('stderr')}"
    if one[0] != 0:
        return None
    want, got = blind(one[1], form), blind(other[1], form)
    for name in LISTS:
        for i in range(max(len(want[name]), len(got[name]))):
            pair = [rows[i] if i < len(rows) else None for rows in (want[name], got[name])]
            if pair[0] != pair[1]:
                return f"{name}, row {i + 1}: {pair[0]} and {pair[1]}"
    told = [name for name in SECTIONS if one[2][name] != other[2][name]]
    return None if form.hashed or not told else f"the report differs in {', '.join(told)}"


def run_case(presend, seed, root):
    case = Case(seed)
    folder = Path(tempfile.mkdtemp(prefix=f"case-{seed}-", dir=root))
    as_it_is = run(presend, case, Form("as it is"), folder / "0")
    problems, tried = [], []
    for form in (FORMS[(seed * FORMS_PER_CASE + i) % len(FORMS)] for i in range(FORMS_PER_CASE)):
        try:
            if not form.suits(case):
                continue
            problem = difference(form, as_it_is, run(presend, case, form, folder / str(len(tried) + 1)))
            tried.append(form.name)
        except UnicodeEncodeError:
            continue  # the encoding lacks a letter of the list
        problems += [f"seed {seed}, {form.name}, {folder}: {problem}"] if problem else []
    if not problems:
        shutil.rmtree(folder)
    return problems, tried


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("presend")
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    presend = str(Path(options.presend).resolve())
    shm = Path("/dev/shm")
    root = tempfile.mkdtemp(prefix="presend-forms-", dir=shm if shm.is_dir() else None)
    seeds = range(options.seed, options.seed + options.cases)
    failed, tried = 0, dict.fromkeys((form.name for form in FORMS), 0)
    with ThreadPoolExecutor(options.jobs) as pool:
        for problems, names in pool.map(lambda seed: run_case(presend, seed, root), seeds):
            failed += len(problems)
            for name in names:
                tried[name] += 1
            for problem in problems:
                print(problem, flush=True)
    if not failed:
        shutil.rmtree(root)
    print(f"{options.cases} cases in {sum(tried.values())} other forms, {failed} differ")
    if options.cases >= 100 and not all(tried.values()):
        sys.exit(f"no case came in these forms, so the test is broken: {[name for name, count in tried.items() if count == 0]}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
