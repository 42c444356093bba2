"""clickhouse_w FOLDER OUT THREADS: workload W in ClickHouse's engine in one process (chdb). An empty text stands for none."""
import os
import shutil
import sys
import tempfile

from chdb import session

from rules import (ADDRESS_ANY, ADDRESS_ASCII, ADDRESS_CARRIER, APPLE, COLUMNS, CREDIT, GMAIL, GRACE, REPLY, REPLY_BY, SUNSET, TAGS, WINBACK, Laps, to_ascii)

folder, out, threads = sys.argv[1:4]
work = tempfile.mkdtemp(prefix="clickhouse-")
db = session.Session(work)
quoted = lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
names = ", ".join(COLUMNS)
laps = Laps("ClickHouse", str(db.query("SELECT version()", "TSV")).strip())
for setting in (f"max_threads = {threads}", "format_csv_allow_single_quotes = 0", "input_format_csv_trim_whitespaces = 0", "input_format_parallel_parsing = 1"):
    db.query(f"SET {setting}")
db.query("CREATE DATABASE w")


def mailbox(e):
    """One text for all spellings that reach one mailbox."""
    return f"""multiIf(match({e}, '{GMAIL}'), concat(replaceAll(splitByChar('+', splitByChar('@', {e})[1])[1], '.', ''), '@gmail.com'),
        position({e}, '+') > 0 AND match({e}, {quoted(TAGS)}), replaceRegexpOne({e}, '[+][^@]*@', '@'), {e})"""


def table(name, columns):
    return f"file('{folder}/{name}.csv', CSVWithNames, '{', '.join(column + ' String' for column in columns)}')"


# What is known of an address in one number, so that one look-up finds it: 1 complaint, 2 hard bounce, 4 invalid, and the day of the last bounce.
db.query(f"""CREATE TABLE w.entries ENGINE = Memory AS SELECT e, {mailbox('e')} AS box, class, bounced FROM (
    SELECT lowerUTF8(trimBoth(address)) AS e, 2 AS class, toUInt32(toDate(left(created_at, 10))) AS bounced FROM {table('supp_mailgun', ['address', 'code', 'error', 'created_at'])}
    UNION ALL SELECT lowerUTF8(trimBoth(email)), 4, 0 FROM {table('supp_sendgrid', ['email', 'created', 'reason'])}
    UNION ALL SELECT lowerUTF8(trimBoth(EmailAddress)), if(Reason = 'COMPLAINT', 1, 2), if(Reason = 'COMPLAINT', 0, toUInt32(toDate(left(LastUpdateTime, 10))))
        FROM {table('supp_ses', ['EmailAddress', 'Reason', 'LastUpdateTime'])})""")
db.query("CREATE TABLE w.listed (e String, facts UInt32) ENGINE = Join(ANY, LEFT, e)")
db.query("INSERT INTO w.listed SELECT e, groupBitOr(class) + max(bounced) * 8 FROM w.entries GROUP BY e")
db.query("CREATE TABLE w.aliases (box String, facts UInt32) ENGINE = Join(ANY, LEFT, box)")
db.query("INSERT INTO w.aliases SELECT box, max(if(class = 1, 2, 1)) FROM w.entries WHERE endsWith(box, '@gmail.com') OR box != e GROUP BY box")
laps.lap("suppressions")
host = "substring(e, position(e, '@') + 1)"
db.query(f"""CREATE TABLE w.list ENGINE = Memory AS SELECT r, {names}, e, box, multiIf(NOT ok, multiIf(
            position(e, '@') = 0, 'no_at_sign', countSubstrings(e, '@') > 1, 'multiple_at_signs', position(e, ' ') > 0, 'inner_whitespace', endsWith(e, '@'), 'domain_empty',
            match({host}, '(^|[.])-|-([.]|$)'), if(length(e) = lengthUTF8(e), 'domain_hyphen_placement', 'domain_idna_invalid'),
            {host} = 'localhost', 'domain_special_use', match(e, '^[.]|[.][.]|[.]@'), 'local_dot_placement', 'invalid'),
        bitAnd(facts, 1) > 0, 'suppressed_complaint', hard AND NOT contradicted, 'suppressed_bounce', bitAnd(facts, 4) > 0, 'suppressed_invalid',
        NOT hard AND alias = 2, 'suppressed_alias', '') AS removed, multiIf(hard, 'bounce_contradicted', alias > 0, 'suppressed_alias', '') AS held
    FROM (SELECT *, {mailbox('e')} AS box, length(e) <= 254 AND position(e, '@') <= 65 AND (if(length(e) = lengthUTF8(e), match(e, {quoted('^' + ADDRESS_ASCII + '$')}),
            match(e, {quoted('^' + ADDRESS_ANY + '$')})) OR match(e, {quoted('^' + ADDRESS_CARRIER + '$')})) AS ok,
            joinGet('w.listed', 'facts', e) AS facts, bitAnd(facts, 2) > 0 AS hard, greatest(last_click_at, last_purchase_at) AS strong,
            hard AND strong != '' AND left(strong, 10) > toString(toDate(toUInt16(bitShiftRight(facts, 3)))) AS contradicted,
            if(endsWith(box, '@gmail.com') OR box != e, joinGet('w.aliases', 'facts', box), 0) AS alias
        FROM (SELECT rowNumberInAllBlocks() AS r, *, lowerUTF8(replaceRegexpOne(trimBoth(email), '[.]$', '')) AS e FROM {table('list', COLUMNS)}))""")
laps.lap("list")
db.query("CREATE TABLE w.firsts ENGINE = Memory AS SELECT min(r) AS r FROM w.list WHERE removed = '' GROUP BY box")
laps.lap("duplicates")
gone = "engagement IN ('winback_expired', 'dormant', 'never_engaged')"
db.query(f"""CREATE TABLE w.verdicts ENGINE = Memory AS SELECT *, multiIf(removed = 'inner_whitespace' AND consent != 'no', 'held', removed != '' OR consent = 'no' OR NOT is_first OR {gone}, 'removed',
        held != '' OR consent = '' OR engagement = 'winback_pending', 'held', engagement = 'winback_due', 'winback', 'clean') AS verdict,
        multiIf(removed != '', removed, consent = 'no', 'column_optout', NOT is_first, 'duplicate', {gone}, engagement, held != '', held, consent = '', 'optin_unknown', engagement) AS reason
    FROM (SELECT r, {names}, e, removed, held, r IN (SELECT r FROM w.firsts) AS is_first, greatest(last_click_at, last_purchase_at) AS strong, if(match(e, {quoted(APPLE)}), '', last_open_at) AS opened,
            if(strong != '', strong, if(opened = '', signup_date, least(signup_date, opened))) AS idle_from, greatest(strong, opened) AS sign,
            winback_sent_at != '' AND left(strong, 10) >= left(winback_sent_at, 10) AS won, multiIf(won AND strong >= '{WINBACK}', '',
            winback_sent_at != '' AND NOT won, if(winback_sent_at < '{REPLY}', 'winback_expired', 'winback_pending'),
            if(sign = '', signup_date, least(signup_date, sign)) >= '{GRACE}' OR idle_from >= '{WINBACK}', '',
            idle_from >= '{SUNSET}', if(opened >= '{CREDIT}', '', 'winback_due'), opened >= '{CREDIT}', 'winback_due', sign = '', 'never_engaged', 'dormant') AS engagement
        FROM w.list)""")
laps.lap("verdicts")
hosts = str(db.query(f"SELECT DISTINCT {host} FROM w.list WHERE (removed = '' OR startsWith(removed, 'suppressed')) AND length(e) != lengthUTF8(e)", "TSV")).split()
db.query("CREATE TABLE w.idn (host String, written String) ENGINE = Join(ANY, LEFT, host)")
if hosts:
    db.query("INSERT INTO w.idn VALUES " + ", ".join(f"('{host}', '{to_ascii(host)}')" for host in hosts))
laps.lap("internationalized domains")
written = f"concat(splitByChar('@', trimBoth(email))[1], '@', if(length(e) = lengthUTF8(e), {host}, joinGet('w.idn', 'written', {host})))"
for name in "clean", "winback", "held", "removed":
    if os.path.exists(f"{out}/{name}.csv"):
        os.remove(f"{out}/{name}.csv")
rest = ", ".join(COLUMNS[1:])
for name, more in ("clean", ""), ("winback", f", '{REPLY_BY}' AS presend_reply_by"):
    db.query(f"INSERT INTO FUNCTION file('{out}/{name}.csv', CSVWithNames) SELECT {written} AS email, {rest}{more} FROM (SELECT * FROM w.verdicts WHERE verdict = '{name}' ORDER BY r)")
for name in "held", "removed":
    db.query(f"INSERT INTO FUNCTION file('{out}/{name}.csv', CSVWithNames) SELECT {names}, reason AS presend_reason, r + 1 AS presend_row FROM w.verdicts WHERE verdict = '{name}' ORDER BY r")
laps.lap("write")
laps.done()
sys.stdout.flush()
shutil.rmtree(work, ignore_errors=True)
os._exit(0)  # closing the session takes seconds that are nobody's concern
