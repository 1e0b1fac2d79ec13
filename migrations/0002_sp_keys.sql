-- Our own keys towards identity providers. They hold copies of the certificates, so a generation
-- comes and goes by the operator's word: made beside the one in use, put in its place, taken away.
CREATE TABLE sp_generations (
  generation INTEGER PRIMARY KEY,
  state TEXT NOT NULL UNIQUE CHECK (state IN ('next', 'current', 'last')),
  since INTEGER NOT NULL
) STRICT;

-- Made on first need, one of a kind and generation.
CREATE TABLE sp_keys (
  generation INTEGER NOT NULL REFERENCES sp_generations (generation) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('encryption', 'rsa-sha256', 'ecdsa-sha256')),
  certificate TEXT NOT NULL,            -- base64 DER, self-signed
  sealed_private_key TEXT NOT NULL,     -- PKCS#8 sealed under GATEHOUSE_SECRET
  created_at INTEGER NOT NULL,
  PRIMARY KEY (generation, kind)
) STRICT, WITHOUT ROWID;

-- How often a wrapped key was tried on a message that nobody was known to have signed.
CREATE TABLE key_tries (
  wrapped_key TEXT PRIMARY KEY,         -- its SHA-256, lower-case hex
  tries INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX key_tries_by_expiry ON key_tries (expires_at);
