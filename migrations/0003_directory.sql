-- What a directory says of people and groups by SCIM. Times are milliseconds since 1970.

-- Disabled by the operator, whatever the directory says; `active` is both together.
ALTER TABLE users ADD COLUMN barred INTEGER NOT NULL DEFAULT 0;
UPDATE users SET barred = 1 WHERE active = 0;

-- A provisioned person: beside the row of `users` that they sign in as, all that was sent of them.
CREATE TABLE scim_users (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of lists: never changed, never used again
  id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                   -- userName
  name_fold TEXT NOT NULL,              -- the same as it is compared: src/lib/fold.ts
  external_id TEXT,
  display TEXT NOT NULL,                -- what a group shows of its member
  display_fold TEXT NOT NULL,
  active INTEGER NOT NULL,              -- as the directory says
  doc TEXT NOT NULL,                    -- JSON: the attributes as they are shown
  search TEXT NOT NULL,                 -- JSON: the same as they are compared
  version INTEGER NOT NULL,
  write_id TEXT NOT NULL,               -- of the write that made this version
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (connection, name_fold)
) STRICT;
CREATE INDEX scim_users_in_order ON scim_users (connection, seq);
CREATE INDEX scim_users_by_external_id ON scim_users (connection, external_id);
CREATE INDEX scim_users_by_change ON scim_users (connection, updated_at);

-- Values that people are looked up by, folded: addresses, display names, employee numbers.
CREATE TABLE scim_keys (
  connection TEXT NOT NULL,
  path TEXT NOT NULL,
  value TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES scim_users (id) ON DELETE CASCADE,
  PRIMARY KEY (connection, path, value, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_keys_by_user ON scim_keys (user_id);

CREATE TABLE scim_groups (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                   -- displayName
  name_fold TEXT NOT NULL,
  external_id TEXT,
  doc TEXT NOT NULL,                    -- without its members: they are rows
  search TEXT NOT NULL,
  version INTEGER NOT NULL,
  write_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (connection, name_fold)
) STRICT;
CREATE INDEX scim_groups_in_order ON scim_groups (connection, seq);
CREATE INDEX scim_groups_by_external_id ON scim_groups (connection, external_id);
CREATE INDEX scim_groups_by_change ON scim_groups (connection, updated_at);

CREATE TABLE scim_members (
  group_id TEXT NOT NULL REFERENCES scim_groups (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES scim_users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_members_by_user ON scim_members (user_id, group_id);

-- How many there are, kept by the triggers below, so that no list counts them.
CREATE TABLE scim_counts (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('User', 'Group')),
  total INTEGER NOT NULL,
  removed INTEGER NOT NULL,             -- how many ever: positions of before hold while it stays
  PRIMARY KEY (connection, kind)
) STRICT, WITHOUT ROWID;

-- Where pages of an unfiltered list begin, so that a late page need not skip all before it.
CREATE TABLE scim_marks (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  removed INTEGER NOT NULL,             -- of scim_counts, as it was
  position INTEGER NOT NULL,            -- so many stand before it
  seq INTEGER NOT NULL,                 -- the last of those
  PRIMARY KEY (connection, kind, removed, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER scim_users_counted AFTER INSERT ON scim_users BEGIN
  INSERT INTO scim_counts (connection, kind, total, removed) VALUES (NEW.connection, 'User', 1, 0)
  ON CONFLICT (connection, kind) DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER scim_users_uncounted AFTER DELETE ON scim_users BEGIN
  UPDATE scim_counts SET total = total - 1, removed = removed + 1
  WHERE connection = OLD.connection AND kind = 'User';
END;
CREATE TRIGGER scim_groups_counted AFTER INSERT ON scim_groups BEGIN
  INSERT INTO scim_counts (connection, kind, total, removed) VALUES (NEW.connection, 'Group', 1, 0)
  ON CONFLICT (connection, kind) DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER scim_groups_uncounted AFTER DELETE ON scim_groups BEGIN
  UPDATE scim_counts SET total = total - 1, removed = removed + 1
  WHERE connection = OLD.connection AND kind = 'Group';
END;

-- What a directory authenticates with; only a hash of it is kept.
CREATE TABLE scim_tokens (
  id TEXT PRIMARY KEY,
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,            -- SHA-256 of the token, base64url
  created_at INTEGER NOT NULL,
  expires_at INTEGER,                   -- null: never
  last_used_at INTEGER,                 -- to the minute
  revoked_at INTEGER
) STRICT;
CREATE INDEX scim_tokens_by_connection ON scim_tokens (connection, created_at);
