-- src/connections/store.ts and src/connections/health/store.ts write and read these.
-- Refused answers in a row; "could not check" neither counts nor ends the row.
ALTER TABLE connections ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
-- When the sweep asks next; null where it doesn't: unclaimed, or broken.
ALTER TABLE connections ADD COLUMN next_check_at INTEGER;
-- When a refused call through the proxy last started a verification.
ALTER TABLE connections ADD COLUMN suspected_at INTEGER;
-- Which change came last, so that what tells of a change is written by the change that won.
ALTER TABLE connections ADD COLUMN change_id TEXT;
UPDATE connections SET next_check_at = verification_at + 86400000
WHERE status = 'active' AND claimed_at IS NOT NULL;

CREATE INDEX connections_due ON connections (provider, environment, next_check_at)
  WHERE next_check_at IS NOT NULL;
CREATE INDEX connections_by_status ON connections (client_id, status, id);
CREATE INDEX connections_of_end_user
  ON connections (client_id, json_extract(end_user, '$.id'), id);

-- One row a job that must not overlap with itself.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a provider, of live connections only.
CREATE TABLE provider_status (
  provider TEXT PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('up', 'down')),
  -- Checks in a row that could not be made, over the runs.
  failures INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
