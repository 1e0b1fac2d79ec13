-- A session by the hash of its token, as KV names it. What ends a session need not find it in KV first.
ALTER TABLE sessions ADD COLUMN token_hash TEXT; -- SHA-256, base64url; null: opened before this migration
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX sessions_without_token ON sessions (expires_at) WHERE token_hash IS NULL;
