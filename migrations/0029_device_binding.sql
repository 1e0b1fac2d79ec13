-- Sessions that are bound to a device: src/binding. Times are milliseconds since 1970.
ALTER TABLE sessions ADD COLUMN bound_at INTEGER;  -- null: the session is not bound
ALTER TABLE sessions ADD COLUMN device_key TEXT;   -- JSON: the public key (JWK) of the browser
ALTER TABLE sessions ADD COLUMN proved_at INTEGER; -- when the challenge was made that it signed last
