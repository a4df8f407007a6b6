"""What a state file holds beside the objects: settings, sessions, cursors, jobs, the bin."""

OWN_TABLES = """
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS sequence (prefix TEXT PRIMARY KEY, last INTEGER);
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, user_id TEXT, scope TEXT, refresh_token TEXT, issued_at TEXT,
  expires_at TEXT
);
CREATE TABLE IF NOT EXISTS refresh_token_of (
  token TEXT PRIMARY KEY, user_id TEXT, scope TEXT, used_at TEXT
);
CREATE TABLE IF NOT EXISTS auth_code (
  code TEXT PRIMARY KEY, user_id TEXT, scope TEXT, redirect_uri TEXT, challenge TEXT,
  expires_at TEXT
);
CREATE TABLE IF NOT EXISTS query_locator (
  id TEXT PRIMARY KEY, soql TEXT, is_all INTEGER, page INTEGER, total INTEGER, expires_at TEXT
);
CREATE TABLE IF NOT EXISTS refused_row (
  id TEXT PRIMARY KEY, code TEXT, message TEXT, times INTEGER
);
CREATE TABLE IF NOT EXISTS job (
  id TEXT PRIMARY KEY, kind TEXT, state TEXT, about TEXT, polls INTEGER
);
CREATE TABLE IF NOT EXISTS job_row (
  job TEXT, outcome TEXT, number INTEGER, line TEXT, PRIMARY KEY (job, outcome, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recycle_bin (
  id TEXT PRIMARY KEY, object TEXT, root TEXT, deleted_at TEXT
);
CREATE TABLE IF NOT EXISTS tombstone (id TEXT PRIMARY KEY, object TEXT, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS tombstone_of ON tombstone (object, deleted_at);
CREATE TABLE IF NOT EXISTS child_locator (
  id TEXT PRIMARY KEY, soql TEXT, is_all INTEGER, page INTEGER, path TEXT, parent TEXT,
  expires_at TEXT
);
CREATE TABLE IF NOT EXISTS event_copy (copy TEXT PRIMARY KEY, master TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS event_copy_of ON event_copy (master);
CREATE TABLE IF NOT EXISTS late_commit (
  number INTEGER PRIMARY KEY, due TEXT, begun TEXT, what TEXT, given TEXT
);
CREATE TABLE IF NOT EXISTS hidden (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS kept_from (
  record TEXT, user_id TEXT, PRIMARY KEY (record, user_id)
) WITHOUT ROWID;
"""
