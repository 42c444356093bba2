"""Holds reports against schemas/report.schema.json. Usage: schema.py ROOT REPORT.json...

Exit 0 when all fit. Needs the jsonschema module (Debian: python3-jsonschema)."""

import json
import sys

import jsonschema


def faults_of(schema, path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    validator = jsonschema.Draft202012Validator(schema)
    for error in validator.iter_errors(report):
        yield f"{path}: {error.json_path}: {error.message}"
    counts = report["counts"]
    if counts["rows"] != sum(counts[way] for way in ("clean", "winback", "held", "removed")):
        yield f"{path}: the rows are not the sum of their outcomes"


def main(root, paths):
    with open(f"{root}/schemas/report.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = [fault for path in paths for fault in faults_of(schema, path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    # A schema that lets anything pass proves nothing.
    if not list(jsonschema.Draft202012Validator(schema).iter_errors({"schema_version": "1.0"})):
        faults.append("the schema takes an empty report")
    print(f"report: {len(paths)} reports, {len(faults)} faults against the schema")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
