-- What was typed belongs to the browser that typed it: nobody else sees it or says yes to it.
ALTER TABLE sessions ADD COLUMN typed_by TEXT;
-- Whether the person was shown, when they said yes, that the app can read the credentials.
ALTER TABLE sessions ADD COLUMN agreed_access INTEGER;

-- When the person said that the password was reset.
ALTER TABLE attempts ADD COLUMN freed_at INTEGER;

-- Since when a sealing key has been the active one. What is sealed and never sealed anew (sessions,
-- pushed requests, waiting reconnects) has ended a while after the next key took over.
CREATE TABLE active_keys (
  kid TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
