-- Codes and tokens, as SHA-256 only. src/tokens/store.ts writes and reads them. All that one
-- redemption gave is one family, so that it can be revoked together.
CREATE TABLE codes (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  -- S256, or null where the request had a state instead.
  code_challenge TEXT,
  nonce TEXT,
  family_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  -- Which of several racing redemptions won.
  redemption_id TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX codes_of_connection ON codes (connection_id);
CREATE INDEX codes_expiry ON codes (expires_at);

CREATE TABLE access_tokens (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  -- Null: opens what the app's own authentication opens.
  connection_id TEXT REFERENCES connections (id) ON DELETE CASCADE,
  family_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_tokens_of_connection ON access_tokens (connection_id);
CREATE INDEX access_tokens_of_family ON access_tokens (client_id, family_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  family_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Set when a public app exchanged it for its successor.
  used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_of_connection ON refresh_tokens (connection_id);
CREATE INDEX refresh_tokens_of_family ON refresh_tokens (client_id, family_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

-- Client assertions that were used (private_key_jwt): each jti counts once. src/apps/store.ts.
CREATE TABLE assertions (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  jti_hash TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (client_id, jti_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX assertions_expiry ON assertions (expires_at);

-- Pushed authorization requests (RFC 9126). src/oauth/store.ts.
CREATE TABLE pushed_requests (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  -- The checked request, sealed: it names a person.
  request_sealed TEXT NOT NULL,
  -- It can be opened until then; what was opened in time goes on.
  open_until INTEGER NOT NULL,
  -- Browser of the first POST of a session begun with it.
  spent_by TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);
CREATE INDEX apps_cascade_events ON events (client_id);
CREATE INDEX apps_cascade_codes ON codes (client_id);
CREATE INDEX apps_cascade_refresh_tokens ON refresh_tokens (client_id);
CREATE INDEX apps_cascade_pushed_requests ON pushed_requests (client_id);

-- Who an app says the person is (PAR only): a session is resumed for the same person only.
ALTER TABLE sessions ADD COLUMN end_user_id TEXT NOT NULL DEFAULT '';
DROP INDEX sessions_open;
CREATE UNIQUE INDEX sessions_open ON sessions (client_id, provider, browser_hash, end_user_id)
  WHERE ended_at IS NULL;
CREATE INDEX sessions_of_end_user ON sessions (client_id, provider, end_user_id)
  WHERE end_user_id <> '';

-- JSON: id, name and e-mail of the person, as the app gave them by PAR.
ALTER TABLE connections ADD COLUMN end_user TEXT;
