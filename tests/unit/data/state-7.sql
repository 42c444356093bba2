-- A state file as presend made it before 2026-11-22: its seventh form, with a row for everybody who was listed.
CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE jobs(id INTEGER PRIMARY KEY, name TEXT NOT NULL, campaign TEXT NOT NULL, UNIQUE(name, campaign)) STRICT;
CREATE TABLE runs(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, job INTEGER NOT NULL REFERENCES jobs(id),
    settled INTEGER NOT NULL CHECK(settled IN (0, 1)), as_of INTEGER NOT NULL, timezone TEXT NOT NULL, owner TEXT NOT
    NULL, directory TEXT NOT NULL, retain_days INTEGER NOT NULL, started_s INTEGER NOT NULL, finished_s INTEGER NOT
    NULL, rows INTEGER NOT NULL, clean INTEGER NOT NULL, winback INTEGER NOT NULL, held INTEGER NOT NULL, removed
    INTEGER NOT NULL) STRICT;
CREATE INDEX runs_by_day ON runs(job, as_of, id);
CREATE TABLE run_reasons(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, reason INTEGER NOT NULL, decided
    INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY(run, reason)) STRICT, WITHOUT ROWID;
CREATE TABLE run_listed(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, key BLOB NOT NULL
    CHECK(length(key) = 16), PRIMARY KEY(run, key)) STRICT, WITHOUT ROWID;
CREATE TABLE listings(key BLOB PRIMARY KEY CHECK(length(key) = 16), job INTEGER NOT NULL REFERENCES jobs(id),
    listed_at INTEGER NOT NULL, sent_at INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE suppression_sources(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, origin TEXT
    NOT NULL, seal BLOB) STRICT;
CREATE TABLE suppression_lists(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES suppression_sources(id),
    name TEXT NOT NULL, allowlist INTEGER NOT NULL, whole_s INTEGER NOT NULL, full_s INTEGER NOT NULL, count INTEGER
    NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), UNIQUE(source, name)) STRICT;
CREATE TABLE suppression_entries(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT
    NULL, class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s
    INTEGER NOT NULL, first_seen_s INTEGER NOT NULL, gone_s INTEGER NOT NULL, PRIMARY KEY(list, text, scope)) STRICT,
    WITHOUT ROWID;
CREATE TABLE suppression_readings(list INTEGER PRIMARY KEY REFERENCES suppression_lists(id), since_s INTEGER NOT NULL,
    started_s INTEGER NOT NULL, token TEXT NOT NULL, ended INTEGER NOT NULL, pages INTEGER NOT NULL, entries INTEGER
    NOT NULL) STRICT;
CREATE TABLE suppression_staged(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT NULL,
    class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER
    NOT NULL, PRIMARY KEY(list, text, scope)) STRICT, WITHOUT ROWID;
CREATE TABLE suppression_departed(id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES suppression_lists(id),
    event INTEGER NOT NULL, at_s INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, kind INTEGER NOT NULL,
    class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER
    NOT NULL, first_seen_s INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL) STRICT;
CREATE INDEX suppression_departed_by_time ON suppression_departed(list, at_s);
CREATE TABLE suppression_syncs(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES suppression_sources(id),
    started_s INTEGER NOT NULL, full INTEGER NOT NULL, pages INTEGER NOT NULL, fetched INTEGER NOT NULL, added INTEGER
    NOT NULL, changed INTEGER NOT NULL, returned INTEGER NOT NULL, lifted INTEGER NOT NULL, kept INTEGER NOT NULL,
    held_back INTEGER NOT NULL) STRICT;
CREATE INDEX suppression_syncs_by_source ON suppression_syncs(source, started_s);
CREATE TABLE domain_resolvers(id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE domains(name TEXT NOT NULL PRIMARY KEY, verdict INTEGER NOT NULL DEFAULT 0, reason INTEGER NOT NULL
    DEFAULT 0, warnings TEXT NOT NULL DEFAULT '', servers TEXT NOT NULL DEFAULT '', ttl_s INTEGER NOT NULL DEFAULT 0,
    checked_s INTEGER NOT NULL DEFAULT 0, expires_s INTEGER NOT NULL DEFAULT 0, sources INTEGER NOT NULL DEFAULT 0,
    sure INTEGER NOT NULL DEFAULT 1, resolvers INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    first_failed_s INTEGER NOT NULL DEFAULT 0, past INTEGER NOT NULL DEFAULT 0, past_since INTEGER NOT NULL DEFAULT
    -2147483648, past_before INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX domains_unsure ON domains(sure) WHERE sure = 0;
CREATE TABLE run_domains(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, past INTEGER
    NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;
CREATE TABLE run_sources(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, entries
    INTEGER NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('digest_key', randomblob(32));
INSERT INTO jobs VALUES(1, 'job.yaml', 'autumn');
INSERT INTO runs VALUES(1, '00000000-0000-4000-8000-000000000001', 1, 1, 20001, 'UTC', '', '/srv/out', 4000, 1, 2, 9, 9, 0, 0, 0);
INSERT INTO runs VALUES(2, '00000000-0000-4000-8000-000000000002', 1, 0, 20002, 'UTC', '', '/srv/out', 4000, 1, 2, 9, 9, 0, 0, 0);
INSERT INTO run_reasons VALUES(1, 56, 3, 0), (1, 2, 1, 1);
PRAGMA application_id = 1347636804;
PRAGMA user_version = 7;
PRAGMA journal_mode = WAL;
