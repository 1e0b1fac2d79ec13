-- Times are milliseconds since 1970. docs/storage.md says who owns each table.

-- An identity provider that people may sign in with.
CREATE TABLE connections (
  id TEXT PRIMARY KEY,                  -- the slug in our URLs: a-z, 0-9 and inner hyphens
  display_name TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  idp_entity_id TEXT NOT NULL,
  sso_url TEXT NOT NULL,
  sso_binding TEXT NOT NULL CHECK (sso_binding IN ('redirect', 'post')),
  metadata_url TEXT,
  provisioning TEXT NOT NULL CHECK (provisioning IN ('jit', 'scim')),
  settings TEXT NOT NULL,               -- JSON, shape in src/connection/connection.ts
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Several a connection, so that a new one can be added before the IdP changes over.
CREATE TABLE connection_certificates (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,            -- SHA-256 of the DER, lower-case hex
  certificate TEXT NOT NULL,            -- base64 DER
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (connection, fingerprint)
) STRICT, WITHOUT ROWID;

-- An email domain belongs to one connection: no other IdP may speak for its addresses.
CREATE TABLE connection_domains (
  domain TEXT PRIMARY KEY,              -- lower case, ASCII (punycode)
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_domains_by_connection ON connection_domains (connection);

CREATE TABLE users (
  id TEXT PRIMARY KEY,                  -- random, opaque; `sub` of the identity token
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  subject TEXT NOT NULL,                -- what the connection's rule joins on: the NameID or an attribute
  user_name TEXT NOT NULL,
  email TEXT,                           -- lower-cased
  display_name TEXT,
  active INTEGER NOT NULL DEFAULT 1,
  source TEXT NOT NULL CHECK (source IN ('jit', 'scim')),
  sessions_valid_from INTEGER NOT NULL, -- sessions opened before this moment are over
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_login_at INTEGER,
  UNIQUE (connection, subject)
) STRICT;
CREATE INDEX users_by_email ON users (email);
CREATE INDEX users_by_user_name ON users (user_name);

-- The standing of a session. What the session says is in KV; whether it still counts is here.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,                  -- random; not the cookie's token, nor its hash
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  site TEXT NOT NULL,                   -- host
  opened_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, opened_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Once-only things: assertion ids and request ids. A second insert fails.
CREATE TABLE taken (
  connection TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('assertion', 'request')),
  id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (connection, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_by_expiry ON taken (expires_at);

-- ES256 keys of the identity token, newest signs, the others are still published.
CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  public_jwk TEXT NOT NULL,
  sealed_private_key TEXT NOT NULL,     -- PKCS#8 sealed under GATEHOUSE_SECRET
  created_at INTEGER NOT NULL,
  signs_from INTEGER NOT NULL,          -- published before it signs, so that origins have fetched it
  published_until INTEGER NOT NULL
) STRICT;
