-- One act of an identity provider for one browser. It is the reason for one session at each host.
CREATE TABLE sign_ins (
  id TEXT PRIMARY KEY,                  -- random
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  name_id TEXT,                         -- null: the connection identifies people by an attribute
  name_id_format TEXT,
  session_index TEXT,
  authn_instant INTEGER,
  authn_context TEXT,
  opened_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,          -- no session of it lasts longer
  last_seen_at INTEGER NOT NULL,        -- the last request that is on record, at whichever host
  ended_at INTEGER,
  ended_why TEXT CHECK (ended_why IN ('signed-out', 'replaced', 'revoked')),
  device TEXT,                          -- such as "Firefox on Linux"; null: not recognised
  country TEXT                          -- two letters; null: not known
) STRICT;
CREATE INDEX sign_ins_by_user ON sign_ins (user_id, opened_at);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_by_session_index ON sign_ins (connection, session_index)
  WHERE session_index IS NOT NULL;

-- null: opened before this migration, or by an older version during a roll-out.
ALTER TABLE sessions ADD COLUMN sign_in TEXT REFERENCES sign_ins (id) ON DELETE CASCADE;
CREATE INDEX sessions_by_sign_in ON sessions (sign_in, site) WHERE sign_in IS NOT NULL;

-- A sign-in on its way from the login host to another host. Each is taken once, or expires.
CREATE TABLE transfers (
  code_hash TEXT PRIMARY KEY,           -- SHA-256, base64url; the code is in the browser only
  sign_in TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
  host TEXT NOT NULL,                   -- the host that may take it
  login TEXT NOT NULL,                  -- the login, in a cookie of that host, that may take it
  session TEXT NOT NULL,                -- JSON: the session of the login host
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX transfers_by_expiry ON transfers (expires_at);
