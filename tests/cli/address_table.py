"""address_table.py PRESEND TABLE SCHEMA: `presend address --json` on each row of the worked table, by argument or standard input.

Prints what differs and exits 1 if anything does. Results are held against the schema where Python has jsonschema.
"""
import base64
import json
import subprocess
import sys

program, table, schema_path = sys.argv[1:]
FORMS = ("ascii", "unicode", "key")


def rows():
    with open(table, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split("\t")
        for line in file:
            yield dict(zip(names, line.rstrip("\n").split("\t")))


def ask(arguments, cells):
    done = subprocess.run([program, "address", "--json"] + arguments, input=cells, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def faults(row, cell, result):
    text = result.get("input")
    if text is None:
        text = base64.b64decode(result["input_b64"])
    wanted = {"verdict": row["verdict"], "reason": row["reason"], "suggestion": row["suggestion"]}
    wanted.update({form: json.loads(row[form + "_json"]) for form in FORMS})
    found = {name: result[name] for name in wanted}
    wanted["notes"], found["notes"] = sorted(row["notes"].split()), sorted(result["notes"])
    if row["#n"] and row["input_charset"] == "text":
        wanted["input"], found["input"] = cell, text
    return [f"row {row['#n']}: {name} is {found[name]!r}, not {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


def main():
    wrong, results, piped = [], [], []
    for row in rows():
        if row["input_charset"] != "text":
            cell = bytes.fromhex(row["input_json_or_hex"])
            # A mark at the beginning of standard input says what it is in; in an argument it is part of the cell.
            named = ["--encoding", row["input_charset"]]
            utf8 = row["input_charset"] == "utf-8"
            result = (ask(named + ["--", cell], b"") if utf8 else ask(named, cell))[0]
        else:
            cell = json.loads(row["input_json_or_hex"])
            piped.append((row, cell))
            if "\0" in cell or cell == "":
                continue
            result = ask(["--", cell], b"")[0]
        results.append(result)
        wrong += faults(row, cell, result)
    # All that fit on a line at once; a line end takes the carriage return before it along.
    piped = [(row, cell) for row, cell in piped if "\n" not in cell and not cell.endswith("\r")]
    answers = ask([], "".join(cell + "\n" for _, cell in piped).encode())
    if len(answers) != len(piped):
        wrong.append(f"{len(answers)} answers to {len(piped)} lines")
    for (row, cell), result in zip(piped, answers):
        wrong += faults(row, cell, result)
    try:
        import jsonschema
        with open(schema_path, encoding="utf-8") as file:
            schema = jsonschema.Draft202012Validator(json.load(file))
        schema.check_schema(schema.schema)
        wrong += [f"schema: {error.message}" for result in results + answers for error in schema.iter_errors(result)]
        if schema.is_valid({"input": "", "verdict": "keep"}):
            wrong.append("the schema takes half a result")
    except ImportError:
        print("no jsonschema: results are not held against the schema")
    print("\n".join(wrong))
    print(f"{len(results)} rows by argument, {len(answers)} by standard input")
    return len(wrong) > 0 or len(answers) < 240


sys.exit(main())
