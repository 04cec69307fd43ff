-- Whether a provider login serves another app already: asked on the summary, by its fingerprint.
CREATE INDEX connections_of_account ON connections (account_fingerprint)
  WHERE account_fingerprint IS NOT NULL;
