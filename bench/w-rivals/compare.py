"""compare OURS THEIRS: are the lists of two runs of W equal, row for row and in order? Cells are compared, not their quotes.

clean.csv and winback.csv whole; of held.csv and removed.csv the columns of the input, the reason and the number of the row. The other cells
that presend adds (all reasons, detail, file, line) are asked of nobody.
"""
import csv
import itertools
import sys


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        header = next(lines)
        wanted = [i for i, name in enumerate(header) if not name.startswith("presend_") or name in ("presend_reply_by", "presend_reason", "presend_row")]
        yield [header[i] for i in wanted]
        for cells in lines:
            yield [cells[i] for i in wanted]


def main():
    ours, theirs = sys.argv[1:3]
    differences = 0
    for name in "clean", "winback", "held", "removed":
        count = 0
        for a, b in itertools.zip_longest(rows(f"{ours}/{name}.csv"), rows(f"{theirs}/{name}.csv")):
            count += 1
            if a == b:
                continue
            differences += 1
            print(f"{name}, row {count}:\n  presend {a}\n  other   {b}")
            break  # what follows may only be shifted
    sys.exit(differences > 0)


main()
