-- Single logout (SAML). Times are milliseconds since 1970.

-- Where the identity provider takes logout messages. JSON, shape in src/connection/slo.ts.
ALTER TABLE connections ADD COLUMN slo TEXT; -- null: not known

-- A LogoutRequest names a person as the assertion did.
ALTER TABLE sign_ins ADD COLUMN name_qualifier TEXT;    -- null: that of the identity provider
ALTER TABLE sign_ins ADD COLUMN sp_name_qualifier TEXT; -- null: our own
CREATE INDEX sign_ins_by_name_id ON sign_ins (connection, name_id) WHERE name_id IS NOT NULL;

-- LogoutRequests of identity providers. Each is used once, and an assertion that it has overtaken
-- opens no session.
CREATE TABLE logout_requests (
  connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  id TEXT NOT NULL,                     -- of the message
  taken_by TEXT NOT NULL,               -- random: the request of ours that used it
  name_id TEXT NOT NULL,
  session_indexes TEXT NOT NULL,        -- JSON: a list; empty: every session of the NameID
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,          -- then the message would be refused as too old
  PRIMARY KEY (connection, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX logout_requests_by_name_id ON logout_requests (connection, name_id);
CREATE INDEX logout_requests_by_expiry ON logout_requests (expires_at);
