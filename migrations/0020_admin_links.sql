-- One-time links into the console, and the sessions that they become.
CREATE TABLE admin_links (
  code_hash TEXT PRIMARY KEY,           -- SHA-256, base64url
  id TEXT NOT NULL UNIQUE,
  made_by TEXT NOT NULL,                -- the operator, as the command line names them
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,          -- of the link; once it was followed, of its session
  entered_at INTEGER,                   -- null: nobody has followed it yet
  session_hash TEXT UNIQUE,             -- SHA-256 of the cookie; null as above
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX admin_links_by_expiry ON admin_links (expires_at);
