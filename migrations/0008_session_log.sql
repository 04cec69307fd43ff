-- How far a session came: one row a request of the page, steps and codes, never a value.
-- src/connections/session-log/store.ts writes and reads it.
CREATE TABLE session_log (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  session_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- What the page and the log line of that request show.
  reference TEXT NOT NULL,
  provider TEXT NOT NULL,
  step TEXT NOT NULL,
  -- What the step came to, where it came to something.
  code TEXT,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (client_id, session_id, at, reference)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_log_of_reference ON session_log (client_id, reference);
CREATE INDEX session_log_expiry ON session_log (expires_at);
