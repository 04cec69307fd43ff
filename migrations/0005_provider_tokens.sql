-- What a provider's login gave, for calls through the proxy. src/proxy/store.ts writes and reads it.
-- One row a connection: a token, the memory of a refused login, or the turn of the one call that logs in.
CREATE TABLE provider_tokens (
  connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  -- SHA-256 of the sealed credentials that it belongs to; with others the row counts for nothing.
  credentials_hash TEXT NOT NULL,
  token_sealed TEXT,
  refused_at INTEGER,
  turn_id TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX provider_tokens_expiry ON provider_tokens (expires_at);
CREATE INDEX apps_cascade_provider_tokens ON provider_tokens (client_id);
