-- Who of a connection is provisioned and who is not, and a hold on too many removals at once.

-- With provisioning 'jit': who is provisioned comes as the directory says. Together: jit+scim.
ALTER TABLE connections ADD COLUMN with_directory INTEGER NOT NULL DEFAULT 0;

-- Of a directory, one row; `active` is kept by the triggers below.
CREATE TABLE scim_guards (
  connection TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  active INTEGER NOT NULL,              -- how many people are, as the directory says
  held_at INTEGER,                      -- when removals were held last
  allowed_until INTEGER                 -- until then an operator lets them through
) STRICT, WITHOUT ROWID;
INSERT INTO scim_guards (connection, active)
  SELECT connection, sum(active) FROM scim_users GROUP BY connection;

-- People who were deactivated or removed lately; removed by cron after an hour.
CREATE TABLE scim_removals (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  removed_at INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (connection, removed_at, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_removals_by_time ON scim_removals (removed_at);

CREATE TRIGGER scim_users_come AFTER INSERT ON scim_users BEGIN
  INSERT INTO scim_guards (connection, active) VALUES (NEW.connection, NEW.active)
  ON CONFLICT (connection) DO UPDATE SET active = active + excluded.active;
END;
CREATE TRIGGER scim_users_return AFTER UPDATE OF active ON scim_users
WHEN OLD.active = 0 AND NEW.active = 1 BEGIN
  UPDATE scim_guards SET active = active + 1 WHERE connection = NEW.connection;
END;
CREATE TRIGGER scim_users_leave AFTER UPDATE OF active ON scim_users
WHEN OLD.active = 1 AND NEW.active = 0 BEGIN
  UPDATE scim_guards SET active = active - 1 WHERE connection = NEW.connection;
  INSERT INTO scim_removals (connection, removed_at, user_id)
    VALUES (NEW.connection, NEW.updated_at, NEW.id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER scim_users_gone AFTER DELETE ON scim_users WHEN OLD.active = 1 BEGIN
  UPDATE scim_guards SET active = active - 1 WHERE connection = OLD.connection;
END;
