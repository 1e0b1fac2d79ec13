-- Tokens by which programs pass the gate: src/program. Times are milliseconds since 1970.
CREATE TABLE service_tokens (
  id TEXT PRIMARY KEY,                  -- random; stays the same when the token is rotated
  name TEXT NOT NULL,                   -- as rules name it: { service: 'ci' }
  description TEXT,
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,       -- the owner: a person,
  group_id TEXT REFERENCES scim_groups (id) ON DELETE CASCADE, -- or a group
  sites TEXT NOT NULL,                  -- JSON: hosts
  paths TEXT,                           -- JSON: paths and what is below them; null: all
  methods TEXT,                         -- JSON, in upper case; null: all
  made_by TEXT NOT NULL,                -- the name that the operator gave
  maker TEXT,                           -- the operator's user id; null: not known
  created_at INTEGER NOT NULL,
  rotated_at INTEGER,
  last_used_at INTEGER,                 -- to ten minutes
  revoked_at INTEGER,
  CHECK ((user_id IS NULL) <> (group_id IS NULL))
) STRICT;
-- A name is free again when its token is revoked.
CREATE UNIQUE INDEX service_tokens_by_name ON service_tokens (name) WHERE revoked_at IS NULL;
CREATE INDEX service_tokens_by_user ON service_tokens (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX service_tokens_by_group ON service_tokens (group_id) WHERE group_id IS NOT NULL;

-- The secrets of a token. It has two while it is being rotated.
CREATE TABLE service_secrets (
  hash TEXT PRIMARY KEY,                -- SHA-256 of the secret, base64url
  token TEXT NOT NULL REFERENCES service_tokens (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX service_secrets_by_token ON service_secrets (token, created_at);
