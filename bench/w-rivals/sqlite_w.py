"""sqlite_w FOLDER OUT THREADS: workload W in SQLite's shell, in memory and on one core, which is all it uses. It has no regular expressions: GLOB says the same of the rows of W."""
import subprocess
import sys

from rules import COLUMNS, CREDIT, GRACE, REPLY, REPLY_BY, SUNSET, WINBACK, Laps, to_ascii

folder, out = sys.argv[1:3]
shell = subprocess.Popen(["sqlite3", ":memory:"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
names = ", ".join(COLUMNS)


def ask(script, end="-- done"):
    """What the shell prints for this script."""
    shell.stdin.write(f"{script}\n.print '{end}'\n")
    shell.stdin.flush()
    lines = iter(shell.stdout.readline, f"{end}\n")
    answer = []
    for line in lines:
        if not line:
            sys.exit("sqlite3 ended")
        answer.append(line.rstrip("\n"))
    return answer


laps = Laps("SQLite", ask("SELECT sqlite_version();")[0])
tags = "('" + "', '".join("outlook.com hotmail.com live.com msn.com fastmail.com proton.me protonmail.com pm.me icloud.com me.com mac.com".split()) + "')"
local, host = "substr(e, 1, instr(e, '@') - 1)", "substr(e, instr(e, '@') + 1)"
base = "substr(e, 1, instr(replace(e, '@', '+'), '+') - 1)"
# One text for all spellings that reach one mailbox.
mailbox = f"""CASE WHEN {host} IN ('gmail.com', 'googlemail.com') THEN replace({base}, '.', '') || '@gmail.com'
    WHEN instr(e, '+') > 0 AND {host} IN {tags} THEN {base} || '@' || {host} ELSE e END"""
atext = "a-z0-9!#$%&''*+/=?^_`{|}~.-"
dots = "(e GLOB '.*' OR e GLOB '*..*@*' OR e GLOB '*.@*')"
valid = f"""e GLOB '?*@?*.?*' AND length(e) - length(replace(e, '@', '')) = 1 AND length(CAST(e AS BLOB)) <= 254 AND instr(e, '@') <= 65 AND {local} NOT GLOB '*[^{atext}]*'
    AND (NOT {dots} OR {host} IN ('docomo.ne.jp', 'ezweb.ne.jp', 'au.com')) AND {host} NOT GLOB '[.-]*' AND {host} NOT GLOB '*[.-].*' AND {host} NOT GLOB '*.-*' AND {host} NOT GLOB '*[^.a-z0-9' || char(128) || '-' || char(1114111) || '-]*'
    AND {host} GLOB '*[^0-9.-][^0-9.-]'"""
ask(f".mode csv\n.import {folder}/list.csv raw\n.import {folder}/supp_mailgun.csv mailgun\n.import {folder}/supp_sendgrid.csv sendgrid\n.import {folder}/supp_ses.csv ses")
laps.lap("import")
ask(f"""CREATE TABLE entries AS SELECT e, {mailbox} AS box, class, bounced FROM (SELECT lower(trim(address)) AS e, 2 AS class, substr(created_at, 1, 10) AS bounced FROM mailgun
    UNION ALL SELECT lower(trim(email)), 4, NULL FROM sendgrid
    UNION ALL SELECT lower(trim(EmailAddress)), iif(Reason = 'COMPLAINT', 1, 2), iif(Reason = 'COMPLAINT', NULL, substr(LastUpdateTime, 1, 10)) FROM ses);
CREATE TABLE listed (e TEXT PRIMARY KEY, complaint INT, hard INT, invalid INT, bounced TEXT) WITHOUT ROWID;
INSERT INTO listed SELECT e, max(class = 1), max(class = 2), max(class = 4), max(bounced) FROM entries GROUP BY e;
CREATE TABLE aliases (box TEXT PRIMARY KEY, complaint INT) WITHOUT ROWID;
INSERT INTO aliases SELECT box, max(class = 1) FROM entries WHERE box LIKE '%@gmail.com' OR box <> e GROUP BY box;""")
laps.lap("suppressions")
ask(f"""CREATE TABLE list AS SELECT r, e, {mailbox} AS box, {valid} AS ok FROM (SELECT r, iif(e LIKE '%.', substr(e, 1, length(e) - 1), e) AS e FROM (SELECT rowid AS r, lower(trim(email)) AS e FROM raw)) ORDER BY r;
CREATE TABLE hits (r INTEGER PRIMARY KEY, removed TEXT, held TEXT);
INSERT INTO hits SELECT l.r, CASE WHEN NOT ok THEN CASE WHEN instr(l.e, '@') = 0 THEN 'no_at_sign' WHEN length(l.e) - length(replace(l.e, '@', '')) > 1 THEN 'multiple_at_signs'
            WHEN instr(l.e, ' ') > 0 THEN 'inner_whitespace' WHEN l.e LIKE '%@' THEN 'domain_empty'
            WHEN l.e GLOB '*@-*' THEN iif(length(CAST(l.e AS BLOB)) = length(l.e), 'domain_hyphen_placement', 'domain_idna_invalid')
            WHEN l.e LIKE '%@localhost' THEN 'domain_special_use' WHEN {dots.replace('(e ', '(l.e ').replace('OR e', 'OR l.e')} THEN 'local_dot_placement' ELSE 'invalid' END
        WHEN s.complaint THEN 'suppressed_complaint' WHEN s.hard AND NOT ifnull(s.bounced < substr(max(last_click_at, last_purchase_at), 1, 10), 0) THEN 'suppressed_bounce'
        WHEN s.invalid THEN 'suppressed_invalid' WHEN NOT ifnull(s.hard, 0) AND a.complaint THEN 'suppressed_alias' END,
        CASE WHEN s.hard THEN 'bounce_contradicted' WHEN a.box IS NOT NULL THEN 'suppressed_alias' END
    FROM list l JOIN raw ON raw.rowid = l.r LEFT JOIN listed s ON ok AND s.e = l.e LEFT JOIN aliases a ON ok AND a.box = l.box;""")
laps.lap("list and look-up")
ask("CREATE TABLE firsts (r INTEGER PRIMARY KEY); INSERT INTO firsts SELECT min(r) FROM list JOIN hits USING (r) WHERE removed IS NULL GROUP BY box;")
laps.lap("duplicates")
gone = "engagement IN ('winback_expired', 'dormant', 'never_engaged')"
ask(f"""CREATE TABLE verdicts (r INTEGER PRIMARY KEY, verdict TEXT, reason TEXT);
INSERT INTO verdicts SELECT r, CASE WHEN removed = 'inner_whitespace' AND consent <> 'no' THEN 'held' WHEN removed IS NOT NULL OR consent = 'no' OR NOT is_first OR {gone} THEN 'removed'
        WHEN held IS NOT NULL OR consent = '' OR engagement = 'winback_pending' THEN 'held' WHEN engagement = 'winback_due' THEN 'winback' ELSE 'clean' END,
        CASE WHEN removed IS NOT NULL THEN removed WHEN consent = 'no' THEN 'column_optout' WHEN NOT is_first THEN 'duplicate' WHEN {gone} THEN engagement WHEN held IS NOT NULL THEN held
        WHEN consent = '' THEN 'optin_unknown' ELSE engagement END
    FROM (SELECT *, CASE WHEN winback_sent_at <> '' AND won AND strong >= '{WINBACK}' THEN '' WHEN winback_sent_at <> '' AND NOT won THEN iif(winback_sent_at < '{REPLY}', 'winback_expired', 'winback_pending')
            WHEN iif(sign = '', signup_date, min(signup_date, sign)) >= '{GRACE}' OR idle_from >= '{WINBACK}' THEN '' WHEN idle_from >= '{SUNSET}' THEN iif(opened >= '{CREDIT}', '', 'winback_due')
            WHEN opened >= '{CREDIT}' THEN 'winback_due' WHEN sign = '' THEN 'never_engaged' ELSE 'dormant' END AS engagement
        FROM (SELECT *, max(strong, opened) AS sign, substr(strong, 1, 10) >= substr(winback_sent_at, 1, 10) AS won, CASE WHEN strong <> '' THEN strong WHEN opened = '' THEN signup_date ELSE min(signup_date, opened) END AS idle_from
            FROM (SELECT h.r, removed, held, f.r IS NOT NULL AS is_first, consent, signup_date, winback_sent_at, max(last_click_at, last_purchase_at) AS strong,
                    CASE WHEN e LIKE '%@icloud.com' OR e LIKE '%@me.com' OR e LIKE '%@mac.com' THEN '' ELSE last_open_at END AS opened
                FROM hits h JOIN list l ON l.rowid = h.r JOIN raw ON raw.rowid = h.r LEFT JOIN firsts f ON f.r = h.r)));""")
laps.lap("verdicts")
hosts = ask(f".mode list\nSELECT DISTINCT {host} FROM list WHERE ok AND length(CAST(e AS BLOB)) > length(e);\n.mode csv")
ask("CREATE TABLE idn (host TEXT PRIMARY KEY, written TEXT);" + "".join(f"\nINSERT INTO idn VALUES ('{host}', '{to_ascii(host)}');" for host in hosts))
laps.lap("internationalized domains")
rest = ", ".join(COLUMNS[1:])
ask(".headers on")
for name, more in ("clean", ""), ("winback", f", '{REPLY_BY}' AS presend_reply_by"):
    ask(f""".output {out}/{name}.csv
SELECT substr(trim(email), 1, instr(trim(email), '@')) || ifnull(written, {host}) AS email, {rest}{more}
    FROM verdicts v JOIN raw ON raw.rowid = v.r JOIN list l ON l.rowid = v.r LEFT JOIN idn ON idn.host = {host} WHERE verdict = '{name}' ORDER BY v.r;
.output""")
for name in "held", "removed":
    ask(f""".output {out}/{name}.csv
SELECT {names}, reason AS presend_reason, v.r AS presend_row FROM verdicts v JOIN raw ON raw.rowid = v.r WHERE verdict = '{name}' ORDER BY v.r;
.output""")
laps.lap("write")
laps.done()
shell.stdin.close()
shell.wait()
