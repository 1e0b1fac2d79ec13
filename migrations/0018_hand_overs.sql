-- Links by which the people who administer an identity provider set one connection up, and the
-- sessions that they become. src/admin/handover-store.ts.
CREATE TABLE hand_overs (
  id TEXT PRIMARY KEY,
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  label TEXT NOT NULL,                  -- the people that it is for
  made_by TEXT NOT NULL,                -- the operator
  may_make_token INTEGER NOT NULL,      -- one SCIM token
  code_hash TEXT NOT NULL UNIQUE,       -- SHA-256, base64url; the code is in the link only
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,          -- of the link; once it was opened, of its session
  opened_at INTEGER,                    -- null: nobody has opened it yet
  session_hash TEXT UNIQUE,             -- SHA-256 of the cookie; null as above
  token TEXT,                           -- the id of the SCIM token that it made
  ended_at INTEGER,
  ended_why TEXT CHECK (ended_why IN ('done', 'revoked'))
) STRICT;
CREATE INDEX hand_overs_by_connection ON hand_overs (connection, created_at);
CREATE INDEX hand_overs_by_expiry ON hand_overs (expires_at);
