-- Attempts to sign in, for the operator who asks why somebody cannot: src/attempt. No foreign keys:
-- a record outlives its person. src/attempt/pool.ts says how many are kept, and for how long.
CREATE TABLE attempts (
  pool TEXT NOT NULL,                   -- attempts that may push each other out
  nth INTEGER NOT NULL,                 -- counted up within its pool, so that its bounds cost no count
  id TEXT NOT NULL,                     -- the number on the page that the visitor saw
  at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sign-in', 'test')),
  host TEXT NOT NULL,
  connection TEXT,
  reason TEXT,                          -- null: accepted
  user_id TEXT,
  person TEXT,                          -- as a verified assertion names them
  assertion TEXT,                       -- id of the assertion, if its signature held
  facts TEXT NOT NULL,                  -- JSON, 4 KB at most
  findings TEXT NOT NULL,               -- JSON: the checks of the response, 8 KB at most
  document TEXT,                        -- XML without signatures and ciphertexts, 16,000 characters at most
  PRIMARY KEY (pool, nth)
) STRICT, WITHOUT ROWID;
-- No index by id or by time: each sign-in would write it, and operators, who seldom ask, have a few
-- thousand rows searched.
CREATE INDEX attempts_by_assertion ON attempts (connection, assertion) WHERE assertion IS NOT NULL;

-- Tests of a connection that an operator may begin. Each is begun once, or expires.
CREATE TABLE sign_in_tests (
  code_hash TEXT PRIMARY KEY,           -- SHA-256, base64url; the code is in the operator's link only
  id TEXT NOT NULL,                     -- the id that its attempt will have
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_tests_by_expiry ON sign_in_tests (expires_at);
