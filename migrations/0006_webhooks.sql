-- The outbox: one row a message to an app, written in the batch of the change that it tells of.
-- src/webhooks/store.ts writes and reads it.
CREATE TABLE webhooks (
  -- Sent as webhook-id, the same on every try.
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  -- The body, exactly as it is sent. Never holds a credential.
  payload TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'parked')),
  tries INTEGER NOT NULL DEFAULT 0,
  -- While a run is trying the row, when another may.
  next_try_at INTEGER,
  -- Which run is trying it.
  lease_id TEXT,
  -- What came of the last try, as a code.
  code TEXT,
  created_at INTEGER NOT NULL,
  tried_at INTEGER,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_due ON webhooks (next_try_at) WHERE status = 'pending';
CREATE INDEX webhooks_leased ON webhooks (lease_id) WHERE lease_id IS NOT NULL;
CREATE INDEX webhooks_of_app ON webhooks (client_id, status, id);
CREATE INDEX webhooks_expiry ON webhooks (expires_at) WHERE expires_at IS NOT NULL;

-- The webhook secret before the one in use; both sign until it ends.
ALTER TABLE apps ADD COLUMN previous_webhook_secret_sealed TEXT;
ALTER TABLE apps ADD COLUMN previous_webhook_secret_until INTEGER;
