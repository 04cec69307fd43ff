-- A reconnect is a session of its own: it never shares one with a first connect. Empty: a first connect.
ALTER TABLE sessions ADD COLUMN reconnect_id TEXT NOT NULL DEFAULT '';
-- It turned out to be another provider account, and the person wants it as a connection of its own.
ALTER TABLE sessions ADD COLUMN as_new INTEGER NOT NULL DEFAULT 0 CHECK (as_new IN (0, 1));
-- SHA-256 of the cookie of the colleague's browser, where a colleague typed.
ALTER TABLE sessions ADD COLUMN helper_hash TEXT;
DROP INDEX sessions_open;
CREATE UNIQUE INDEX sessions_open
  ON sessions (client_id, provider, browser_hash, end_user_id, reconnect_id) WHERE ended_at IS NULL;

-- SHA-256 of the cookie of the browser that it was typed in: the person is recognised by it.
ALTER TABLE connections ADD COLUMN browser_hash TEXT;
-- When a token for it was last issued, or its credentials were read.
ALTER TABLE connections ADD COLUMN last_used_at INTEGER;
CREATE INDEX connections_of_browser ON connections (browser_hash, created_at)
  WHERE browser_hash IS NOT NULL;

-- What a reconnect will put into its connection, once it is redeemed or claimed. Until then the old
-- goes on working. src/connections/reconnect/store.ts writes and reads it.
CREATE TABLE reconnects (
  -- What its session would have called a new connection.
  id TEXT PRIMARY KEY,
  connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  -- Null once it is applied.
  credentials_sealed TEXT,
  account_fingerprint TEXT,
  account TEXT NOT NULL,
  scope TEXT NOT NULL,
  permissions TEXT NOT NULL,
  credentials_access INTEGER NOT NULL CHECK (credentials_access IN (0, 1)),
  verification_outcome TEXT NOT NULL
    CHECK (verification_outcome IN ('works', 'refused', 'could_not_check')),
  verification_at INTEGER NOT NULL,
  handed_over INTEGER NOT NULL CHECK (handed_over IN (0, 1)),
  end_user TEXT,
  browser_hash TEXT NOT NULL,
  -- Of the request that it was handed off with; null where a code was.
  state_hash TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  applied_at INTEGER,
  -- Which of several racing claims or redemptions won.
  change_id TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX reconnects_of_connection ON reconnects (connection_id, state_hash, applied_at);
CREATE INDEX reconnects_expiry ON reconnects (expires_at);
CREATE INDEX apps_cascade_reconnects ON reconnects (client_id);

ALTER TABLE codes ADD COLUMN reconnect_id TEXT REFERENCES reconnects (id) ON DELETE CASCADE;
CREATE INDEX codes_of_reconnect ON codes (reconnect_id);
