-- What a directory changed has a share of its own: a token costs nothing to use, and must not push out
-- who signed in and what an operator did.
ALTER TABLE audit RENAME TO audit_of_three;
DROP INDEX audit_by_time;
DROP INDEX audit_by_user;
CREATE TABLE audit (
  share TEXT NOT NULL CHECK (share IN ('done', 'directory', 'denied', 'anybody')),
  nth INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  connection TEXT,
  user_id TEXT,
  request_id TEXT,
  dropped INTEGER NOT NULL,
  facts TEXT NOT NULL,
  PRIMARY KEY (share, nth)
) STRICT, WITHOUT ROWID;
INSERT INTO audit SELECT * FROM audit_of_three;
DROP TABLE audit_of_three;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_user ON audit (user_id, at) WHERE user_id IS NOT NULL;
