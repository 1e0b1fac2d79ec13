-- What an operator may want to know later: src/audit/event.ts. No foreign keys: it outlives whom it
-- is of. How many rows of each share are kept, and for how long, is in src/audit/share.ts.
CREATE TABLE audit (
  share TEXT NOT NULL CHECK (share IN ('done', 'denied', 'anybody')),
  nth INTEGER NOT NULL,                 -- counted up within its share, so that its bounds cost no count
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  connection TEXT,
  user_id TEXT,                         -- whom it is of; perhaps gone
  request_id TEXT,                      -- null: by a command
  dropped INTEGER NOT NULL,             -- so many of its share were left out before it
  facts TEXT NOT NULL,                  -- JSON, all else of the event, 4 KB at most
  PRIMARY KEY (share, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_user ON audit (user_id, at) WHERE user_id IS NOT NULL;
