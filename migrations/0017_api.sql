-- Tokens of programs that use the API. Only their hashes are stored.
CREATE TABLE admin_tokens (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,                 -- JSON: a list of read, people, connections, all
  hash TEXT NOT NULL UNIQUE,            -- SHA-256 of the token, base64url
  made_by TEXT NOT NULL,                -- the name that the operator gave
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER,                 -- to the minute
  revoked_at INTEGER
) STRICT;

-- The first answer to each Idempotency-Key, so that a request that is sent again is done once.
CREATE TABLE idempotency_keys (
  id TEXT PRIMARY KEY,                  -- SHA-256 of the token's id and the key, base64url
  token TEXT NOT NULL REFERENCES admin_tokens (id) ON DELETE CASCADE,
  request TEXT NOT NULL,                -- SHA-256 of the request, base64url
  claim TEXT NOT NULL,                  -- the id of the request that does the work
  claimed_until INTEGER NOT NULL,       -- then another request may take the work over
  answer TEXT,                          -- sealed; null: the work is under way
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_token ON idempotency_keys (token, expires_at);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
