"""cases.py TABLE FOLDER: the worked table of the address rules as text, for programs that know nothing of charsets.

Writes FOLDER/cases.json, a list of {"text", "verdict", "clean"}: clean is a cell that nothing was to be repaired in."""
import json
import sys

table, folder = sys.argv[1:]
CHARSETS = {"EUC-JP-MS": "euc_jp", "ISO-2022-JP-3": "iso2022_jp_3", "SHIFT_JIS": "cp932"}

cases = []
with open(table, encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split("\t")
    for line in file:
        row = dict(zip(names, line.rstrip("\n").split("\t")))
        if row["input_charset"] == "text":
            text = json.loads(row["input_json_or_hex"])
        else:
            charset = CHARSETS.get(row["input_charset"], row["input_charset"])
            text = bytes.fromhex(row["input_json_or_hex"]).decode(charset, errors="replace")
        cases.append({"text": text, "verdict": row["verdict"], "clean": "repaired_" not in row["notes"]})
with open(f"{folder}/cases.json", "w", encoding="utf-8") as file:
    json.dump(cases, file)
