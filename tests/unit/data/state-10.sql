-- A state file as presend made it before 2026-11-23: its tenth form, with a row for every suppressed entry, and with pages
-- that wait after a sync which failed.
CREATE TABLE alerts_owed(room TEXT NOT NULL, source INTEGER NOT NULL REFERENCES suppression_sources(id), since_s
    INTEGER NOT NULL, PRIMARY KEY(room, source)) STRICT, WITHOUT ROWID;
CREATE TABLE domain_resolvers(id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE domains(name TEXT NOT NULL PRIMARY KEY, verdict INTEGER NOT NULL DEFAULT 0, reason INTEGER NOT NULL
    DEFAULT 0, warnings TEXT NOT NULL DEFAULT '', servers TEXT NOT NULL DEFAULT '', ttl_s INTEGER NOT NULL DEFAULT 0,
    checked_s INTEGER NOT NULL DEFAULT 0, expires_s INTEGER NOT NULL DEFAULT 0, sources INTEGER NOT NULL DEFAULT 0,
    sure INTEGER NOT NULL DEFAULT 1, resolvers INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    first_failed_s INTEGER NOT NULL DEFAULT 0, past INTEGER NOT NULL DEFAULT 0, past_since INTEGER NOT NULL DEFAULT
    -2147483648, past_before INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE jobs(id INTEGER PRIMARY KEY, name TEXT NOT NULL, campaign TEXT NOT NULL, UNIQUE(name, campaign)) STRICT;
CREATE TABLE listing_pages(first BLOB PRIMARY KEY CHECK(length(first) = 16), listings BLOB NOT NULL, sum BLOB NOT NULL
    CHECK(length(sum) = 16)) STRICT, WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('digest_key',randomblob(32));
CREATE TABLE run_domains(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, past INTEGER
    NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;
CREATE TABLE run_listed_pages(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    keys BLOB NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), PRIMARY KEY(run, number)) STRICT, WITHOUT ROWID;
CREATE TABLE run_reasons(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, reason INTEGER NOT NULL, decided
    INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY(run, reason)) STRICT, WITHOUT ROWID;
CREATE TABLE run_sources(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, entries
    INTEGER NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;
CREATE TABLE runs(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, job INTEGER NOT NULL REFERENCES jobs(id),
    settled INTEGER NOT NULL CHECK(settled IN (0, 1)), as_of INTEGER NOT NULL, timezone TEXT NOT NULL, owner TEXT NOT
    NULL, directory TEXT NOT NULL, retain_days INTEGER NOT NULL, started_s INTEGER NOT NULL, finished_s INTEGER NOT
    NULL, rows INTEGER NOT NULL, clean INTEGER NOT NULL, winback INTEGER NOT NULL, held INTEGER NOT NULL, removed
    INTEGER NOT NULL) STRICT;
CREATE TABLE suppression_departed(id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES suppression_lists(id),
    event INTEGER NOT NULL, at_s INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT NULL,
    class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER
    NOT NULL, first_seen_s INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL) STRICT;
INSERT INTO "suppression_departed" VALUES(1,1,2,1795322490,'gone@example.com','',0,3,'550','No such mailbox',1765417780,0,1795322489,'','');
CREATE TABLE suppression_entries(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT
    NULL, class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s
    INTEGER NOT NULL, first_seen_s INTEGER NOT NULL, gone_s INTEGER NOT NULL, PRIMARY KEY(list, text, scope)) STRICT,
    WITHOUT ROWID;
INSERT INTO "suppression_entries" VALUES(1,'Ann@Example.jp','',0,3,'550','No such mailbox',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(1,'new@example.com','',0,3,'550','No such mailbox',1765417780,0,1795322490,0);
INSERT INTO "suppression_entries" VALUES(1,'zoe@example.net','',0,3,'550','No such mailbox',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(2,'angry@example.jp','',0,0,'','',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(2,'calm@example.jp','',0,0,'','',1765417780,0,1795322489,1795322490);
INSERT INTO "suppression_entries" VALUES(3,'hanako@example.jp','news',0,1,'','',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(3,'hanako@example.jp','shop',0,1,'','',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(3,'taro@example.jp','',0,1,'','',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(4,'friend@example.jp','',0,5,'','',1765417780,0,1795322489,0);
INSERT INTO "suppression_entries" VALUES(5,'never@example.com','',0,2,'','l.txt',0,0,1795322490,0);
INSERT INTO "suppression_entries" VALUES(5,'other@example.com','',0,2,'','l.txt',0,0,1795322490,0);
CREATE TABLE suppression_lists(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES suppression_sources(id),
    name TEXT NOT NULL, allowlist INTEGER NOT NULL, whole_s INTEGER NOT NULL, full_s INTEGER NOT NULL, count INTEGER
    NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), UNIQUE(source, name)) STRICT;
INSERT INTO "suppression_lists" VALUES(1,1,'bounces',0,1795322490,1795322490,3,X'A44F64FB75CA5B69246BB8B5F1FA31D4');
INSERT INTO "suppression_lists" VALUES(2,1,'complaints',0,1795322490,1795322490,2,X'D1A0198ACE55873B7FA4184F1B75D7A5');
INSERT INTO "suppression_lists" VALUES(3,1,'unsubscribes',0,1795322490,1795322490,3,X'8821B0CEEB773750A5A1E822947FB874');
INSERT INTO "suppression_lists" VALUES(4,1,'allowlist',1,1795322490,1795322490,1,X'71F8CB74C74D42237A659C2D301FED54');
INSERT INTO "suppression_lists" VALUES(5,2,'imported',0,1795322490,0,2,X'DDBF718C7274ECD1089A5332DBD28178');
CREATE TABLE suppression_readings(list INTEGER PRIMARY KEY REFERENCES suppression_lists(id), since_s INTEGER NOT NULL,
    started_s INTEGER NOT NULL, token TEXT NOT NULL, ended INTEGER NOT NULL, pages INTEGER NOT NULL, entries INTEGER
    NOT NULL, sum BLOB NOT NULL DEFAULT x'00000000000000000000000000000000' CHECK(length(sum) = 16)) STRICT;
INSERT INTO "suppression_readings" VALUES(1,0,1795322492,'',1,2,3,X'F9CA7FC3245023E15C9DE136E41EC5FD');
INSERT INTO "suppression_readings" VALUES(3,0,1795322492,'',1,2,3,X'4DC89986FAAA35A0B92A793438B736AE');
INSERT INTO "suppression_readings" VALUES(4,0,1795322492,'',1,2,1,X'747D73E9E029E2628D647E28B4A8AFCC');
CREATE TABLE suppression_sources(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, origin TEXT
    NOT NULL, seal BLOB) STRICT;
INSERT INTO "suppression_sources" VALUES(1,'mailgun-jp','mailgun','us mg.example.jp',X'E10209E74A1B0C84F6EE2CA61A541511');
INSERT INTO "suppression_sources" VALUES(2,'keep','imported','',X'8D3AE0EA112CC08D24358EFC872F762D');
CREATE TABLE suppression_staged(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT NULL,
    class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER
    NOT NULL, PRIMARY KEY(list, text, scope)) STRICT, WITHOUT ROWID;
INSERT INTO "suppression_staged" VALUES(1,'Ann@Example.jp','',0,3,'550','No such mailbox',1765417780,0);
INSERT INTO "suppression_staged" VALUES(1,'new@example.com','',0,3,'550','No such mailbox',1765417780,0);
INSERT INTO "suppression_staged" VALUES(1,'zoe@example.net','',0,3,'550','No such mailbox',1765417780,0);
INSERT INTO "suppression_staged" VALUES(3,'hanako@example.jp','news',0,1,'','',1765417780,0);
INSERT INTO "suppression_staged" VALUES(3,'hanako@example.jp','shop',0,1,'','',1765417780,0);
INSERT INTO "suppression_staged" VALUES(3,'taro@example.jp','',0,1,'','',1765417780,0);
INSERT INTO "suppression_staged" VALUES(4,'friend@example.jp','',0,5,'','',1765417780,0);
CREATE TABLE suppression_syncs(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES suppression_sources(id),
    started_s INTEGER NOT NULL, full INTEGER NOT NULL, pages INTEGER NOT NULL, fetched INTEGER NOT NULL, added INTEGER
    NOT NULL, changed INTEGER NOT NULL, returned INTEGER NOT NULL, lifted INTEGER NOT NULL, kept INTEGER NOT NULL,
    held_back INTEGER NOT NULL) STRICT;
INSERT INTO "suppression_syncs" VALUES(1,1,1795322489,1,8,9,9,0,0,0,0,0);
INSERT INTO "suppression_syncs" VALUES(2,1,1795322490,1,8,8,1,0,0,1,1,0);
INSERT INTO "suppression_syncs" VALUES(3,2,1795322490,0,1,2,2,0,0,0,0,0);
CREATE INDEX runs_by_day ON runs(job, as_of, id);
CREATE INDEX suppression_departed_by_time ON suppression_departed(list, at_s);
CREATE INDEX suppression_syncs_by_source ON suppression_syncs(source, started_s);
CREATE INDEX domains_unsure ON domains(sure) WHERE sure = 0;
PRAGMA application_id = 1347636804;
PRAGMA user_version = 10;
PRAGMA journal_mode = WAL;
