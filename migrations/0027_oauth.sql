-- Programs that act for a person, by OAuth: src/oauth. Times are milliseconds since 1970. Codes and
-- tokens are kept as SHA-256, base64url.

-- Clients that an operator registered. Other kinds of clients have no row.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY,                  -- random
  name TEXT NOT NULL,
  redirects TEXT NOT NULL,              -- JSON: addresses that an answer may go to
  device INTEGER NOT NULL,              -- whether it may use the device flow
  secret_hash TEXT,                     -- null: the client is public
  created_at INTEGER NOT NULL
) STRICT;

-- What a person granted to a client at one site. Its row is removed when it ends.
CREATE TABLE oauth_grants (
  id TEXT PRIMARY KEY,                  -- random
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  client TEXT NOT NULL,                 -- client_id
  client_name TEXT NOT NULL,            -- as the person saw it
  client_kind TEXT NOT NULL CHECK (client_kind IN ('listed', 'document', 'loopback')),
  site TEXT NOT NULL,                   -- host
  session TEXT NOT NULL,                -- JSON: the session of the login host at that moment
  since INTEGER NOT NULL,               -- begin of its sign-in, compared with sessions_valid_from
  granted_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,        -- the last code or refresh token
  expires_at INTEGER NOT NULL,
  code_hash TEXT UNIQUE NOT NULL,       -- of the authorization code, or of the device code
  code_expires_at INTEGER NOT NULL,
  redirect TEXT,                        -- where the code went; null: device flow
  challenge TEXT,                       -- PKCE, S256; null: device flow
  redeemed_at INTEGER,                  -- null: the code was not used yet
  family_hash TEXT UNIQUE,              -- of what all refresh tokens of the grant have in common
  refresh_hash TEXT                     -- of the refresh token that counts
) STRICT;
CREATE INDEX oauth_grants_by_user ON oauth_grants (user_id, granted_at);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client);
CREATE INDEX oauth_grants_by_site ON oauth_grants (site);
CREATE INDEX oauth_grants_by_expiry ON oauth_grants (expires_at);

CREATE TABLE oauth_access (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_access_by_grant ON oauth_access (grant_id);
CREATE INDEX oauth_access_by_expiry ON oauth_access (expires_at);

-- Devices that wait until a person enters their code.
CREATE TABLE oauth_devices (
  code_hash TEXT PRIMARY KEY,           -- of the device code
  user_code_hash TEXT UNIQUE NOT NULL,
  client TEXT NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
  site TEXT NOT NULL,
  country TEXT,                         -- of the request; two letters; null: not known
  network TEXT,                         -- /24 of IPv4, /48 of IPv6; null: not known
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  polled_at INTEGER NOT NULL DEFAULT 0,
  wait_seconds INTEGER NOT NULL,        -- between polls
  is_hasty INTEGER NOT NULL DEFAULT 0,  -- whether the last poll came too early
  refused_at INTEGER                    -- null: the person has not refused
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_devices_by_expiry ON oauth_devices (expires_at);
CREATE INDEX oauth_devices_by_network ON oauth_devices (network);
