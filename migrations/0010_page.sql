-- Steps of the guide that the person ticked, as JSON.
ALTER TABLE sessions ADD COLUMN ticks TEXT;

-- The handover: a colleague who is the administrator goes on by a link. One at a time; a new link
-- takes the old one's place. src/connect/store.ts writes and reads it.
ALTER TABLE sessions ADD COLUMN handover_hash TEXT;
ALTER TABLE sessions ADD COLUMN handover_until INTEGER;
-- The requester's request, sealed: what the colleague goes on with.
ALTER TABLE sessions ADD COLUMN handover_sealed TEXT;
-- Set when the colleague said yes at the end.
ALTER TABLE sessions ADD COLUMN handed_over_at INTEGER;
CREATE UNIQUE INDEX sessions_handover ON sessions (handover_hash) WHERE handover_hash IS NOT NULL;

-- Logos of apps: fetched once at registration, served by us. src/apps/store.ts.
CREATE TABLE logos (
  client_id TEXT PRIMARY KEY REFERENCES apps (client_id) ON DELETE CASCADE,
  content_type TEXT NOT NULL CHECK (content_type IN ('image/png', 'image/jpeg', 'image/webp')),
  -- Base64: D1 gives BLOBs back as arrays of numbers.
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
