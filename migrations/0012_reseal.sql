-- Which key each sealed text that stays is under, so that keys can rotate: the scheduled job seals
-- anew what is not under the active key. Empty: not looked at yet. src/connections/reseal/store.ts.
ALTER TABLE connections ADD COLUMN credentials_kid TEXT NOT NULL DEFAULT '';
CREATE INDEX connections_kid ON connections (credentials_kid);
ALTER TABLE apps ADD COLUMN webhook_secret_kid TEXT NOT NULL DEFAULT '';
CREATE INDEX apps_kid ON apps (webhook_secret_kid);

-- New credentials are looked at again, whichever statement put them in.
CREATE TRIGGER connections_credentials_changed AFTER UPDATE OF credentials_sealed ON connections
WHEN NEW.credentials_kid = OLD.credentials_kid
BEGIN
  UPDATE connections SET credentials_kid = '' WHERE id = NEW.id;
END;
CREATE TRIGGER apps_webhook_secret_changed AFTER UPDATE OF webhook_secret_sealed ON apps
WHEN NEW.webhook_secret_kid = OLD.webhook_secret_kid
BEGIN
  UPDATE apps SET webhook_secret_kid = '' WHERE client_id = NEW.client_id;
END;
