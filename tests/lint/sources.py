#!/usr/bin/env python3
"""sources.py sizes|banned ROOT: what the compiler does not check about the C sources below ROOT.

sizes   lengths of files, headers, functions and lines
banned  calls that are never made, or only in the one place that is for them

Prints one line a breach, as `file:line: what`, and exits 1 if there is any.
"""

import pathlib
import re
import sys

FILE_LINES_MAX = 600
HEADER_LINES_MAX = 150
PUBLIC_HEADER_LINES_MAX = 220  # the comments there are the manual
FUNCTION_LINES_MAX = 60
LINE_COLUMNS_MAX = 160

FOLDERS = ("src", "include", "tests", "bench")

# (calls, why not, folders that the rule is for, files or folders that may)
BANNED = (
    ("strcpy strcat stpcpy strncat sprintf vsprintf gets alloca", "nothing stops it at the end of the buffer",
     FOLDERS, ()),
    ("atoi atol atoll atof", "it cannot tell an error; parse the digits", FOLDERS, ()),
    ("strtok gmtime localtime asctime ctime rand srand", "it keeps state that other threads share", FOLDERS, ()),
    ("setlocale", "the program's bytes must not depend on the locale", FOLDERS, ()),
    ("system popen", "nothing is run by a shell", ("src", "include"), ()),
    ("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf",
     "heap memory comes from ps_memory_ functions or arenas", ("src", "include"), ("src/base/memory.c",)),
    ("getenv secure_getenv setenv unsetenv putenv", "decisions see no environment",
     ("src", "include"), ("src/base/clock.c", "src/base/secret.c", "src/esp/aws.c", "src/cmd/")),
    ("ps_secret_expose", "a secret goes into a request or a signature, and nowhere else", ("src", "include"),
     ("src/base/secret", "src/base/digest.c", "src/esp/asking.c", "src/esp/client.c", "src/esp/sigv4.c",
      "src/notify/send.c")),
    ("time clock_gettime gettimeofday clock", "only base/clock reads the machine's clock",
     ("src", "include"), ("src/base/clock.c",)),
    ("printf puts putchar perror exit _exit quick_exit", "only cmd prints or ends the program",
     ("src", "include"), ("src/cmd/",)),
)

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
CALL = re.compile(r"(?<![\w.>])(\w+)\s*\(")
GOTO = re.compile(r"\bgoto\s+(\w+)")


def sources(root, folders):
    """C sources below `root`, as (path relative to root, text). Generated data is none of ours to shape."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.[ch]")):
            name = path.relative_to(root)
            if "data" not in name.parts:
                yield name.as_posix(), path.read_text(encoding="utf-8")


def code_only(text):
    """The same lines without comments and literals."""
    return TOKEN.sub(lambda token: "\n" * token.group().count("\n") if token.group()[0] == "/" else '""', text)


def lines_max(name):
    if not name.endswith(".h"):
        return FILE_LINES_MAX
    return PUBLIC_HEADER_LINES_MAX if name.startswith("include/presend/") else HEADER_LINES_MAX


def check_functions(name, lines):
    """By the braces that clang-format puts into the first column around a function's body."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            if number - begin > FUNCTION_LINES_MAX:
                yield f"{name}:{begin}: a function of {number - begin} lines, over {FUNCTION_LINES_MAX}"
            begin = None


def check_sizes(root):
    for name, text in sources(root, FOLDERS):
        lines = text.splitlines()
        if len(lines) > lines_max(name):
            yield f"{name}:1: {len(lines)} lines, over {lines_max(name)}"
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                yield f"{name}:{number}: {len(line)} columns, over {LINE_COLUMNS_MAX}"
        yield from check_functions(name, lines)


def check_banned(root):
    for calls, why, folders, allowed in BANNED:
        calls = calls.split()
        for name, text in sources(root, folders):
            if name.startswith(allowed):
                continue
            for number, line in enumerate(code_only(text).splitlines(), 1):
                for call in CALL.findall(line):
                    if call in calls:
                        yield f"{name}:{number}: {call}(): {why}"
    for name, text in sources(root, ("src", "include")):
        for number, line in enumerate(code_only(text).splitlines(), 1):
            for label in GOTO.findall(line):
                if label != "done":
                    yield f"{name}:{number}: goto {label}: the one label is `done`"


def main():
    checks = {"sizes": check_sizes, "banned": check_banned}
    if len(sys.argv) != 3 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    breaches = list(checks[sys.argv[1]](pathlib.Path(sys.argv[2])))
    for breach in breaches:
        print(breach)
    sys.exit(1 if breaches else 0)


main()
