#!/usr/bin/env python3
"""A standard validator agrees with presend's own about tests/golden/config.

Usage: job_schema.py SCHEMAS_FOLDER CONFIG_FOLDER [SAMPLE.yaml ...]. Ends with 77 (skipped) without python3-jsonschema and
python3-yaml. Faults that no JSON Schema can see, and keys that are refused because nothing acts on them yet, are presend's own.
"""
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)

# What these files are about lies outside of JSON Schema: YAML itself, or several keys together, or what is to come.
BEYOND = {"not_yet", "cross", "secret", "sources", "mx_rate", "mx_system", "doh", "doh_rate", "hash", "alerts", "included", "included_twice", "output"}
NOT_YAML = {"duplicate_key", "syntax", "tab", "alias", "cp932", "two_documents", "empty"}


class Loader(yaml.SafeLoader):
    """YAML 1.2 core: `no` and `off` are texts, a date too."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^-?[0-9]+$", "-0123456789"),
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def main(schemas, folder, samples):
    schema = json.loads(pathlib.Path(schemas, "job.schema.json").read_text("utf-8"))
    for each in pathlib.Path(schemas).glob("*.schema.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(each.read_text("utf-8")))
    validator = jsonschema.Draft202012Validator(schema)
    wrong = []
    paths = sorted(pathlib.Path(folder).glob("*.yaml")) + [pathlib.Path(sample) for sample in samples]
    for path in paths:
        if path.stem in NOT_YAML | BEYOND:
            continue
        errors = list(validator.iter_errors(yaml.load(path.read_bytes(), Loader)))
        refused = path.with_suffix(".err").exists()
        if bool(errors) != refused:
            wrong.append(f"{path}: presend {'refuses' if refused else 'takes'} it, the schema does not agree: {errors[:2]}")
    not_yet = pathlib.Path(folder, "not_yet.yaml")
    for error in validator.iter_errors(yaml.load(not_yet.read_bytes(), Loader)):
        wrong.append(f"{not_yet}: the schema is of the whole job file, but refuses {error.message}")
    print(f"{len(paths)} job files", *wrong, sep="\n")
    return 1 if wrong or len(paths) < 10 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
