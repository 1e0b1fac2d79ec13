-- What identity providers and others may tell us of people's sessions: src/signals. Times are
-- milliseconds since 1970.

-- A transmitter of Shared Signals, or an issuer of revocations, and the connection whose people it
-- may name.
CREATE TABLE signal_streams (
  id TEXT PRIMARY KEY,                  -- random; the last part of the URL that events are pushed to
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  issuer TEXT NOT NULL,                 -- the `iss` of its tokens
  delivery TEXT NOT NULL CHECK (delivery IN ('push', 'poll', 'revocation')),
  audience TEXT NOT NULL,               -- JSON: a token's `aud` has one of these
  authorization_hash TEXT,              -- SHA-256 of the header that pushes have, base64url; null: none
  token TEXT,                           -- of the transmitter, sealed; null: not known
  remote TEXT,                          -- JSON: the stream at the transmitter; null: set up by hand
  jwks_url TEXT,                        -- null: the certificates of the connection sign
  jwks TEXT,                            -- JSON: keys that were read there
  jwks_at INTEGER,                      -- when they were read
  jwks_asked_at INTEGER NOT NULL DEFAULT 0, -- when they were asked for last
  expected TEXT,                        -- SHA-256 of the `state` that a verification must have
  verified_at INTEGER,
  last_event_at INTEGER,
  status TEXT NOT NULL DEFAULT 'enabled', -- as the transmitter says
  fault TEXT,                           -- why keys or events could not be read; null: they could
  polled_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX signal_streams_by_connection ON signal_streams (connection, created_at);

-- Tokens of signals that were obeyed. A second one with the same `jti` does nothing.
CREATE TABLE signals_taken (
  scope TEXT NOT NULL,                  -- the stream, or the connection of a revocation
  jti TEXT NOT NULL,                    -- SHA-256, base64url
  write_id TEXT NOT NULL,               -- of the request that obeyed it
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (scope, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX signals_taken_by_expiry ON signals_taken (expires_at);
