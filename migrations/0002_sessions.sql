-- One run of the hosted page. The first POST makes the row; src/connect/store.ts writes and reads it.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  provider TEXT NOT NULL,
  -- SHA-256 of the browser's cookie.
  browser_hash TEXT NOT NULL,
  -- Chosen at the first submit; everything sealed here opens only for it.
  connection_id TEXT NOT NULL UNIQUE,
  -- What may be written back into the form; sealed because it is personal.
  draft_sealed TEXT,
  -- All that was pasted, and until when it is kept.
  pasted_sealed TEXT,
  pasted_until INTEGER,
  -- JSON: what the provider answered, in codes; holds nothing that was typed into a secret field.
  verdict TEXT,
  -- How often the provider was asked in this session.
  checks INTEGER NOT NULL DEFAULT 0,
  -- Set when the person agreed but the app had forgotten its request; what was pasted is then kept
  -- as long as the row.
  confirmed_at INTEGER,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  ending TEXT CHECK (ending IN ('done', 'cancelled'))
) STRICT, WITHOUT ROWID;

-- One open session for a browser, app and provider: two tabs work on the same one.
CREATE UNIQUE INDEX sessions_open ON sessions (client_id, provider, browser_hash) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_browser ON sessions (client_id, provider, browser_hash, ended_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_pasted ON sessions (pasted_until) WHERE pasted_sealed IS NOT NULL;

-- Refused and running logins at providers that lock a user after too many. Counted over all apps,
-- because the provider counts so: the key is an HMAC of the login, and no query here carries an app.
CREATE TABLE attempts (
  id TEXT PRIMARY KEY,
  login_fingerprint TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- 0 while the provider is being asked.
  settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
  -- Set when the person says that the password was reset.
  freed INTEGER NOT NULL DEFAULT 0 CHECK (freed IN (0, 1)),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_of_login ON attempts (login_fingerprint, freed, at);
CREATE INDEX attempts_expiry ON attempts (expires_at);
