"""schemas/client.schema.json and presend's own reading of descriptions: what the schema refuses, presend refuses."""
import copy
import json
import pathlib
import sys
import tempfile
import unittest

import esp

try:
    import jsonschema
except ImportError:
    print("esp: skipped: no python3-jsonschema")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def places(node, path=()):
    """Every member and item below a document, as the path to it."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(document, path, value):
    """The document with another value there; None takes the member out."""
    copied = copy.deepcopy(document)
    node = copied
    for key in path[:-1]:
        node = node[key]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return copied


class Described(unittest.TestCase):
    def test_they_agree(self):
        schema = json.loads((ROOT / "schemas" / "client.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        count = 0
        for path in sorted((ROOT / "src" / "esp" / "data").glob("*.json")):
            document = json.loads(path.read_text())
            self.assertEqual(list(validator.iter_errors(document)), [], path)
            document["lists"] = document["lists"][:1]
            for place in places(document):
                for value in (None, 17, "{key}", {"unknown": 1}):
                    each = changed(document, place, value)
                    if validator.is_valid(each):
                        continue
                    count += 1
                    self.assertFalse(self.taken(each), (path.name, place, value))
            self.assertTrue(self.taken(document), path)
        self.assertGreater(count, 300)

    def taken(self, document):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(document, file)
            file.flush()
            # No list of that name is asked for, so nothing is sent.
            result = esp.run("http", "http://127.0.0.1:1", "--list", "none", "client=" + file.name, "user=x", "domain=mg.example.com", settings=[])
        return result.code == 0


if __name__ == "__main__":
    esp.main()
