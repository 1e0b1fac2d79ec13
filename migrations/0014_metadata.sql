-- What cron knows of the metadata URL of a connection. docs/storage.md has the row of each table.
CREATE TABLE connection_metadata (
  connection TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  url TEXT NOT NULL,                    -- what the rest is about; of another URL nothing is known
  edition INTEGER NOT NULL DEFAULT 0,   -- each write makes it larger
  next_at INTEGER NOT NULL DEFAULT 0,   -- not to be read before
  read_at INTEGER,                      -- the last try
  good_at INTEGER,                      -- the last try that found the document in force
  valid_until INTEGER,
  etag TEXT,
  pinned TEXT,                          -- base64 DER; the operator says that it signs
  signer TEXT,                          -- base64 DER; it signed the document in force; null: unsigned
  listed TEXT,                          -- JSON: fingerprints in the document in force; null: none yet
  leaving TEXT NOT NULL DEFAULT '{}',   -- JSON: fingerprint → since when the document lacks it
  waiting TEXT,                         -- JSON: a document that a person has to accept
  fault TEXT                            -- JSON: why the last try failed; null: it did not
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_metadata_by_turn ON connection_metadata (next_at);

-- The ends of certificates that were warned of.
CREATE TABLE end_warnings (
  connection TEXT NOT NULL,             -- '': a certificate of ours
  fingerprint TEXT NOT NULL,            -- SHA-256 of the DER, lower-case hex
  days INTEGER NOT NULL,                -- 30, 7 or 1: the last warning
  not_after INTEGER NOT NULL,
  PRIMARY KEY (connection, fingerprint)
) STRICT, WITHOUT ROWID;
