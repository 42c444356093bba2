#!/usr/bin/env python3
"""selftest.py CMAKE: each lint rule is broken once in a small tree of its own and has to be noticed, and a clean tree passes."""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LAYERS = "ps_layer(base)\nps_layer(mail base)\nps_layer(table base)\n"
LONG_FUNCTION = "int f(void)\n{\n" + "    g();\n" * 70 + "}\n"

# (lint, file, content, words of the message; None: no breach)
CASES = (
    ("layers", "src/mail/a.c", '#include "mail/a.h"\n#include "base/b.h"\n#include "presend/c.h"\n#include <d.h>\n', None),
    ("layers", "src/mail/a.c", '#include "generated/a.h"\n', None),
    ("layers", "src/mail/a.c", '#include "table/a.h"\n', "may include only"),
    ("layers", "src/base/a.h", '  # include "mail/a.h"\n', "may include only"),
    ("layers", "src/base/deep/a.h", '#include "mail/a.h"\n', "may include only"),
    ("layers", "src/mail/a.c", '#include "a.h"\n', "may include only"),
    ("layers", "src/mail/a.c", '#include "mail/../table/a.h"\n', "may include only"),
    ("layers", "include/presend/a.h", '#include "base/a.h"\n', "may include only"),
    ("layers", "src/other/a.c", "", "has no ps_layer() line"),
    ("layers", "CMakeLists.txt", LAYERS + "ps_layer(net esp)\nps_layer(esp net)\n", "does not stand above it"),
    ("sizes", "src/base/a.c", "int a;\n" * 600, None),
    ("sizes", "src/base/a.c", "int a;\n" * 601, "601 lines, over 600"),
    ("sizes", "src/base/a.h", "int a;\n" * 151, "151 lines, over 150"),
    ("sizes", "include/presend/a.h", "int a;\n" * 220, None),
    ("sizes", "include/presend/a.h", "int a;\n" * 221, "221 lines, over 220"),
    ("sizes", "src/base/a.c", "// " + "x" * 157 + "\n", None),
    ("sizes", "src/base/a.c", "// " + "x" * 158 + "\n", "161 columns"),
    ("sizes", "src/mail/data/a.h", "x" * 200 + "\n" * 1000, None),
    ("sizes", "tests/unit/a.c", LONG_FUNCTION, "a function of 71 lines"),
    ("banned", "src/base/a.c", '// strcpy(a, b)\n/* atoi(a);\n rand() */ x("gets(a)"); y_rand(); z.time(0); z->time(0);\n', None),
    ("banned", "src/base/a.c", "strcpy(a, b);\n", "a.c:1: strcpy()"),
    ("banned", "src/base/a.c", 'f("a", atoi (b));\n', "atoi()"),
    ("banned", "src/base/a.c", "/*\n\n*/ localtime(a);\n", "a.c:3: localtime()"),
    ("banned", "tests/unit/a.c", "rand();\n", "rand()"),
    ("banned", "src/base/memory.c", "malloc(a);\n", None),
    ("banned", "src/mail/a.c", "malloc(a);\n", "malloc()"),
    ("banned", "src/mail/a.c", 'getenv("TZ");\n', "getenv()"),
    ("banned", "src/esp/a.c", "ps_secret_expose(a);\n", "ps_secret_expose()"),
    ("banned", "src/mail/a.c", "time(NULL);\n", "time()"),
    ("banned", "src/cmd/a.c", 'printf("a"); exit(1);\n', None),
    ("banned", "src/mail/a.c", 'printf("a");\n', "printf()"),
    ("banned", "src/mail/a.c", "goto done;\n", None),
    ("banned", "src/mail/a.c", "goto again;\n", "goto again"),
)


def run(lint, root, cmake):
    if lint == "layers":
        command = [cmake, f"-DROOT={root}", "-P", HERE / "layers.cmake"]
    else:
        command = [sys.executable, HERE / "sources.py", lint, root]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode, result.stdout


def passes(case, cmake):
    lint, name, content, expected = case
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "CMakeLists.txt").write_text(LAYERS, encoding="utf-8")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        code, output = run(lint, root, cmake)
    output = " ".join(output.split())  # cmake wraps its messages
    if expected is None:
        noticed = code == 0 and output == ""
    else:
        noticed = code == 1 and expected in output
    if not noticed:
        print(f"{lint} {name} {content[:60]!r}: expected {expected!r}, exit {code}: {output}")
    return noticed


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(0 if all([passes(case, sys.argv[1]) for case in CASES]) else 1)


main()
