"""The rules of workload W (../w.yaml) in the pieces that the rivals' programs put together, as the list of W needs them.

Everyone judges the same rows by the same rules; what no row of W can show is left out, which is in the rivals' favour: other kinds of blanks,
quotes and brackets around an address, local parts beyond ASCII, the list of endings, dates that cannot be read or lie ahead.
"""
import datetime
import json
import sys
import time

COLUMNS = ["email", "first_name", "last_name", "company", "country", "signup_date", "last_open_at", "last_click_at", "last_purchase_at", "winback_sent_at", "consent"]
AS_OF = datetime.date(2026, 1, 1)

# The address. The first regular expression is for ASCII alone, which is what almost all rows are, and fast.
ATEXT = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = f"{ATEXT}(?:[.]{ATEXT})*"
ADDRESS_ASCII = f"{LOCAL}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z]+"
ADDRESS_ANY = LOCAL + r"@(?:[\p{L}0-9](?:[\p{L}0-9-]*[\p{L}0-9])?[.])+\p{L}{2,}"
# Carriers that once let people put dots anywhere.
ADDRESS_CARRIER = r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:docomo[.]ne[.]jp|ezweb[.]ne[.]jp|au[.]com)"
GMAIL = "@(?:gmail|googlemail)[.]com$"  # dots and tags do not count
TAGS = "@(?:(?:outlook|hotmail|live|msn|fastmail|protonmail|icloud|me|mac)[.]com|(?:proton|pm)[.]me)$"  # tags do not count
APPLE = "@(?:icloud|me|mac)[.]com$"  # opens do not count: its programs fetch the pictures of every mail


def days_ago(days):
    """A moment of the list at or behind this text is at most so many days old: ISO 8601 sorts as text."""
    return (AS_OF - datetime.timedelta(days=days)).isoformat()


WINBACK, SUNSET, GRACE, REPLY, CREDIT = (days_ago(days) for days in (180, 365, 30, 30, 90))
REPLY_BY = (AS_OF + datetime.timedelta(days=30)).isoformat()


def to_ascii(host):
    """An internationalized domain as it goes out. W has a few thousand, so this is asked once for each, as anybody would."""
    return host.encode("idna").decode("ascii")


class Laps:
    """Times of the steps, as one line of JSON at the end; what came before (loading the library) is not the query's."""

    def __init__(self, name, version):
        self.said = {"name": name, "version": version, "steps": {}}
        self.start = self.last = time.perf_counter()

    def lap(self, step):
        now = time.perf_counter()
        self.said["steps"][step] = round(now - self.last, 3)
        self.last = now

    def done(self):
        self.said["seconds"] = round(time.perf_counter() - self.start, 3)
        json.dump(self.said, sys.stdout)
        print()
