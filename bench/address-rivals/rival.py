"""rival.py FOLDER: python-email-validator on the lists and cases of FOLDER; one line of JSON."""
import importlib.metadata
import json
import statistics
import sys
import time

from email_validator import EmailNotValidError, validate_email

folder = sys.argv[1]
ROWS, PASSES = 20000, 5


def is_valid(text):
    try:
        validate_email(text, check_deliverability=False)
        return True
    except EmailNotValidError:
        return False


def measure(name):
    with open(f"{folder}/{name}.txt", encoding="utf-8") as file:
        rows = file.read().split("\n")[:ROWS]
    times = []
    for _ in range(PASSES):
        begin = time.process_time_ns()
        for row in rows:
            is_valid(row)
        times.append((time.process_time_ns() - begin) / len(rows))
    return statistics.median(times)


with open(f"{folder}/cases.json", encoding="utf-8") as file:
    answers = [is_valid(case["text"]) for case in json.load(file)]
version = importlib.metadata.version("email-validator")
print(json.dumps({"name": f"python-email-validator {version}", "plain": measure("plain"), "idn": measure("idn"), "answers": answers}))
