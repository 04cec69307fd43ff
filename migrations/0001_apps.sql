-- Registered apps (OAuth clients). Written by src/apps/store.ts; read on nearly every request by its key.
CREATE TABLE apps (
  client_id TEXT PRIMARY KEY,
  environment TEXT NOT NULL CHECK (environment IN ('test', 'live')),
  suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
  -- RFC 7591 members and ours, as JSON; holds no secret.
  registration TEXT NOT NULL,
  -- SHA-256 of the secret in use and, until it ends, of the one before. Null for public apps.
  secret_hash TEXT,
  previous_secret_hash TEXT,
  previous_secret_until INTEGER,
  registration_token_hash TEXT NOT NULL,
  -- Signs webhooks, so it is sealed rather than hashed.
  webhook_secret_sealed TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
