-- The events of a request, by the number on the page that its visitor saw.
CREATE INDEX audit_by_request ON audit (request_id, at) WHERE request_id IS NOT NULL;

-- What the IdP said of a person at the sign-in, for an operator who asks why a page is closed.
ALTER TABLE sessions ADD COLUMN asserted_groups TEXT; -- JSON; null: opened before this migration
