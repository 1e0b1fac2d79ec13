-- What operators are shown of a directory. Times are milliseconds since 1970.

-- Its last requests, without their bodies. The trigger keeps 50 of each connection.
CREATE TABLE scim_requests (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  nth INTEGER NOT NULL,                 -- counted up, so that the oldest needs no search
  at INTEGER NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,                   -- below …/v2, without a query
  status INTEGER NOT NULL,
  scim_type TEXT,                       -- of an error
  detail TEXT,                          -- of an error
  token TEXT NOT NULL,                  -- the id of the token
  PRIMARY KEY (connection, nth)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER scim_requests_kept AFTER INSERT ON scim_requests BEGIN
  DELETE FROM scim_requests WHERE connection = NEW.connection AND nth <= NEW.nth - 50;
END;

-- People whom the directory wanted to remove, and whom the removal guard keeps.
CREATE TABLE scim_held (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES scim_users (id) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,            -- the last time
  PRIMARY KEY (connection, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_held_by_user ON scim_held (user_id);
CREATE INDEX scim_held_by_time ON scim_held (tried_at);

CREATE TRIGGER scim_users_let_go AFTER UPDATE OF active ON scim_users WHEN NEW.active = 0 BEGIN
  DELETE FROM scim_held WHERE connection = NEW.connection AND user_id = NEW.id;
END;

-- People who may sign in although no directory sent them.
CREATE INDEX users_unsent ON users (connection, user_name, id) WHERE source = 'jit' AND active = 1;
