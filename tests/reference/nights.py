#!/usr/bin/env python3
"""A nightly job over weeks, beside a model that is one page long: who is listed for win-back, waits, is let go, or is back.

usage: nights.py PRESEND [--nights N] [--seed N] [--lists N]

Each person stands in one to three rows, in any spelling and order, the later ones with older dates. Some nights the list is mailed and
`presend winback sent` is told, once or twice. Any number of threads takes part.
"""
import argparse
import csv
import datetime
import pathlib
import random
import subprocess
import sys
import tempfile

PEOPLE = 150
ACTIVE_TO, DORMANT_FROM, REPLY, RELIST = 180, 366, 30, 60  # b2c_weekly
JOB = """version: 1
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions: none
engagement: {profile: b2c_weekly}
guards: {min_rows: 100000000}
"""


def days(number):
    return datetime.timedelta(days=number)


class Person:
    def __init__(self, click):
        self.click, self.listed, self.mailed = click, None, None

    def place(self, today):
        """Where the policy puts the person, and why; None stands for the list itself."""
        idle = (today - self.click).days
        if self.mailed and self.click < self.mailed:
            late = (today - self.mailed).days > REPLY
            return ("removed", "winback_expired") if late else ("held", "winback_pending")
        if idle <= ACTIVE_TO:
            return "clean", None
        in_spell = self.listed and self.click < self.listed < today  # made again on its day, a run lists them again
        if in_spell and (today - self.listed).days < RELIST:
            return "held", "winback_pending"
        return ("winback", None) if idle < DORMANT_FROM else ("removed", "dormant")


def spelled(random_source, name):
    address = f"{name}@shop.example.jp"
    return random_source.choice([address, address.upper(), f" {address}", f"x <{address}>", address.replace("@", "＠")])


def write_list(folder, random_source, people):
    rows = []
    for number, person in people.items():
        for copy in range(random_source.choice([1, 1, 1, 2, 3])):
            older = 0 if copy == 0 else random_source.randrange(100)
            rows.append([spelled(random_source, f"p{number}"), person.click - days(older), "2024-01-01"])
    random_source.shuffle(rows)
    with open(folder / "in.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["email", "last_click", "signup_at"], *rows])


def read_places(folder):
    places = {}
    for name in ("clean", "winback", "held", "removed"):
        with open(folder / "out" / f"{name}.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row.get("presend_reason") == "duplicate":
                    continue
                number = int("".join(c for c in row["email"].replace("＠", "@").split("@")[0] if c.isdigit()))
                places.setdefault(number, []).append((name, row.get("presend_reason")))
    return places


def call(presend, folder, *arguments):
    done = subprocess.run([presend, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"presend {' '.join(arguments)}: {done.returncode}\n{done.stderr}")


def one_night(presend, folder, random_source, people, today):
    for person in people.values():
        if random_source.random() < 0.01:
            person.click = today - days(random_source.randrange(3))
    write_list(folder, random_source, people)
    call(presend, folder, "run", "job.yaml", "-o", "out", "--as-of", str(today), "--threads", str(random_source.randrange(1, 9)))
    places = read_places(folder)
    for number, person in people.items():
        if places.get(number) != [person.place(today)]:
            sys.exit(f"{today}: p{number} is in {places.get(number)}, not {person.place(today)}: clicked {person.click}, "
                     f"listed {person.listed}, mailed {person.mailed}")
    listed = [number for number in people if places[number][0][0] == "winback"]
    for number in listed:
        people[number].listed = today
    if random_source.random() < 0.3:
        for _ in range(random_source.choice([1, 2])):
            call(presend, folder, "winback", "sent", "out", "--at", str(today))
        for number in listed:
            people[number].mailed = today


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("presend", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--nights", type=int, default=16)
    parser.add_argument("--lists", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.lists):
        random_source = random.Random(seed)
        today = datetime.date(2026, 1, 5)
        people = {number: Person(today - days(random_source.randrange(500))) for number in range(PEOPLE)}
        with tempfile.TemporaryDirectory(prefix="presend-nights-") as name:
            (pathlib.Path(name) / "job.yaml").write_text(JOB)
            for _ in range(options.nights):
                one_night(options.presend, pathlib.Path(name), random_source, people, today)
                today += days(random_source.choice([0, 1, 1, 3, 9]))
    print(f"{options.lists} lists over {options.nights} nights: nobody is anywhere else than the model says")


if __name__ == "__main__":
    main()
