-- The durable result. Until claimed_at is set a row exists for nobody and goes after expires_at.
-- src/connections/store.ts writes and reads it.
CREATE TABLE connections (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  provider TEXT NOT NULL,
  -- How the provider is connected, so that another method can follow under the same connection.
  method TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  status TEXT NOT NULL CHECK (status IN ('active', 'broken')),
  credentials_sealed TEXT NOT NULL,
  -- HMAC of the provider account.
  account_fingerprint TEXT,
  account TEXT NOT NULL,
  scope TEXT NOT NULL,
  permissions TEXT NOT NULL,
  credentials_access INTEGER NOT NULL CHECK (credentials_access IN (0, 1)),
  verification_outcome TEXT NOT NULL
    CHECK (verification_outcome IN ('works', 'refused', 'could_not_check')),
  verification_at INTEGER NOT NULL,
  handed_over INTEGER NOT NULL DEFAULT 0 CHECK (handed_over IN (0, 1)),
  -- SHA-256 of the state of the request that it was handed off with; the claim must send it.
  state_hash TEXT,
  created_at INTEGER NOT NULL,
  claimed_at INTEGER,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX connections_of_app ON connections (client_id, id);
CREATE INDEX connections_expiry ON connections (expires_at) WHERE expires_at IS NOT NULL;

-- What happened to a connection, for the operator and the app. Never holds a value.
CREATE TABLE events (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  connection_id TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  reference TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX events_expiry ON events (expires_at);
-- Deleting an app looks for its events.
CREATE INDEX events_of_app ON events (client_id);
