"""duckdb_w FOLDER OUT THREADS: workload W in DuckDB. Rows stand in their order by rowid, which is quicker than to number and sort them."""
import sys

import duckdb

from rules import (ADDRESS_ANY, ADDRESS_ASCII, ADDRESS_CARRIER, APPLE, COLUMNS, CREDIT, GMAIL, GRACE, REPLY, REPLY_BY, SUNSET, TAGS, WINBACK, Laps, to_ascii)

folder, out, threads = sys.argv[1:4]
laps = Laps("DuckDB", duckdb.__version__)
db = duckdb.connect(":memory:", config={"threads": threads})
quoted = lambda text: "'" + text.replace("'", "''") + "'"
types = "{" + ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS) + "}"
names = ", ".join(COLUMNS)


def host(e):
    return f"substr({e}, strpos({e}, '@') + 1)"


def mailbox(e):
    """One text for all spellings that reach one mailbox. (A long IN is made a join, after which rows are in no order.)"""
    return f"""CASE WHEN regexp_matches({e}, '{GMAIL}') THEN replace(split_part(split_part({e}, '@', 1), '+', 1), '.', '') || '@gmail.com'
        WHEN contains({e}, '+') AND regexp_matches({e}, '{TAGS}') THEN split_part(split_part({e}, '@', 1), '+', 1) || '@' || {host(e)} ELSE {e} END"""


db.execute(f"""CREATE TEMP TABLE entries AS SELECT e, {mailbox('e')} AS box, complaint, hard, bounced FROM (
    SELECT lower(trim(address)) AS e, false AS complaint, true AS hard, left(created_at, 10) AS bounced FROM read_csv('{folder}/supp_mailgun.csv', header = true, all_varchar = true)
    UNION ALL SELECT lower(trim(email)), false, false, NULL FROM read_csv('{folder}/supp_sendgrid.csv', header = true, all_varchar = true)
    UNION ALL SELECT lower(trim(EmailAddress)), Reason = 'COMPLAINT', Reason = 'BOUNCE', CASE WHEN Reason = 'BOUNCE' THEN left(LastUpdateTime, 10) END
        FROM read_csv('{folder}/supp_ses.csv', header = true, all_varchar = true))""")
db.execute("""CREATE TEMP TABLE listed AS SELECT e, bool_or(complaint) AS complaint, bool_or(hard) AS hard, bool_or(NOT complaint AND NOT hard) AS invalid, max(bounced) AS bounced
    FROM entries GROUP BY e""")
db.execute("CREATE TEMP TABLE aliases AS SELECT box, bool_or(complaint) AS complaint FROM entries WHERE ends_with(box, '@gmail.com') OR box <> e GROUP BY box")
laps.lap("suppressions")
db.execute(f"""CREATE TEMP TABLE list AS SELECT {names}, e, {mailbox('e')} AS box,
        strlen(e) <= 254 AND strpos(e, '@') <= 65 AND (CASE WHEN strlen(e) = length(e) THEN regexp_full_match(e, {quoted(ADDRESS_ASCII)})
            ELSE regexp_full_match(e, {quoted(ADDRESS_ANY)}) END OR regexp_full_match(e, {quoted(ADDRESS_CARRIER)})) AS ok
    FROM (SELECT *, lower(regexp_replace(trim(email), '[.]$', '')) AS e FROM read_csv('{folder}/list.csv', header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"', new_line = '\\n', columns = {types}))""")
laps.lap("list")
db.execute(f"""CREATE TEMP TABLE hits AS SELECT r, CASE WHEN NOT ok THEN CASE
            WHEN strpos(e, '@') = 0 THEN 'no_at_sign' WHEN length(e) - length(replace(e, '@', '')) > 1 THEN 'multiple_at_signs' WHEN contains(e, ' ') THEN 'inner_whitespace'
            WHEN ends_with(e, '@') THEN 'domain_empty' WHEN regexp_matches({host('e')}, '(^|[.])-|-([.]|$)')
            THEN CASE WHEN strlen({host('e')}) = length({host('e')}) THEN 'domain_hyphen_placement' ELSE 'domain_idna_invalid' END
            WHEN {host('e')} = 'localhost' THEN 'domain_special_use' WHEN regexp_matches(e, '^[.]|[.][.]|[.]@') THEN 'local_dot_placement' ELSE 'invalid' END
        WHEN complaint THEN 'suppressed_complaint' WHEN hard AND NOT contradicted THEN 'suppressed_bounce' WHEN invalid THEN 'suppressed_invalid'
        WHEN NOT hard AND alias_complaint THEN 'suppressed_alias' END AS removed,
        CASE WHEN hard THEN 'bounce_contradicted' WHEN alias_complaint IS NOT NULL THEN 'suppressed_alias' END AS held
    FROM (SELECT l.rowid AS r, l.ok, l.e, coalesce(s.complaint, false) AS complaint, coalesce(s.hard, false) AS hard, coalesce(s.invalid, false) AS invalid, a.complaint AS alias_complaint,
            coalesce(s.bounced < left(greatest(last_click_at, last_purchase_at), 10), false) AS contradicted
        FROM list l LEFT JOIN listed s ON l.ok AND s.e = l.e LEFT JOIN aliases a ON l.ok AND a.box = l.box) ORDER BY r""")
laps.lap("look-up")
db.execute("""CREATE TEMP TABLE firsts AS SELECT min(l.rowid) AS r FROM list l POSITIONAL JOIN hits h WHERE h.removed IS NULL GROUP BY box""")
laps.lap("duplicates")
db.execute(f"""CREATE TEMP TABLE verdicts AS SELECT r, CASE
        WHEN removed = 'inner_whitespace' AND consent <> 'no' THEN 'held' WHEN removed IS NOT NULL THEN 'removed' WHEN consent = 'no' THEN 'removed'
        WHEN NOT is_first OR engagement IN ('winback_expired', 'dormant', 'never_engaged') THEN 'removed'
        WHEN held IS NOT NULL OR consent = '' OR engagement = 'winback_pending' THEN 'held' WHEN engagement = 'winback_due' THEN 'winback' ELSE 'clean' END AS verdict, CASE
        WHEN removed IS NOT NULL THEN removed WHEN consent = 'no' THEN 'column_optout' WHEN NOT is_first THEN 'duplicate' WHEN engagement IN ('winback_expired', 'dormant', 'never_engaged') THEN engagement
        WHEN held IS NOT NULL THEN held WHEN consent = '' THEN 'optin_unknown' ELSE engagement END AS reason
    FROM (SELECT h.r, h.removed, h.held, f.r IS NOT NULL AS is_first, coalesce(consent, '') AS consent, CASE
            WHEN winback_sent_at IS NOT NULL AND coalesce(left(strong, 10) >= left(winback_sent_at, 10), false) AND strong >= '{WINBACK}' THEN NULL
            WHEN winback_sent_at IS NOT NULL AND coalesce(left(strong, 10) < left(winback_sent_at, 10), true) THEN CASE WHEN winback_sent_at < '{REPLY}' THEN 'winback_expired' ELSE 'winback_pending' END
            WHEN least(signup_date, greatest(strong, opened)) >= '{GRACE}' OR idle_from >= '{WINBACK}' THEN NULL
            WHEN idle_from >= '{SUNSET}' THEN CASE WHEN opened >= '{CREDIT}' THEN NULL ELSE 'winback_due' END
            WHEN opened >= '{CREDIT}' THEN 'winback_due' WHEN strong IS NULL AND opened IS NULL THEN 'never_engaged' ELSE 'dormant' END AS engagement
        FROM (SELECT *, coalesce(strong, least(signup_date, opened)) AS idle_from FROM (SELECT rowid AS r, consent, signup_date, winback_sent_at,
                greatest(last_click_at, last_purchase_at) AS strong, CASE WHEN NOT regexp_matches(e, '{APPLE}') THEN last_open_at END AS opened FROM list)) l
        POSITIONAL JOIN hits h LEFT JOIN firsts f ON f.r = h.r) ORDER BY r""")
laps.lap("verdicts")
hosts = db.execute(f"SELECT DISTINCT {host('e')} FROM list WHERE ok AND strlen(e) <> length(e)").fetchall()
db.execute("CREATE TEMP TABLE idn (host VARCHAR, written VARCHAR)")
if hosts:
    db.executemany("INSERT INTO idn VALUES (?, ?)", [(row[0], to_ascii(row[0])) for row in hosts])
laps.lap("internationalized domains")
written = f"split_part(trim(email), '@', 1) || '@' || coalesce(written, {host('e')})"
for name, more in ("clean", ""), ("winback", f", '{REPLY_BY}' AS presend_reply_by"):
    db.execute(f"""COPY (SELECT {written} AS {names}{more} FROM (SELECT * FROM list POSITIONAL JOIN verdicts) LEFT JOIN idn ON strlen(e) <> length(e) AND host = {host('e')}
        WHERE verdict = '{name}' ORDER BY r) TO '{out}/{name}.csv' (HEADER)""")
for name in "held", "removed":
    db.execute(f"""COPY (SELECT {names}, reason AS presend_reason, r + 1 AS presend_row FROM list POSITIONAL JOIN verdicts WHERE verdict = '{name}') TO '{out}/{name}.csv' (HEADER)""")
laps.lap("write")
laps.done()
