-- A person by what their IdP calls them, in whatever case it says it.
CREATE INDEX users_by_subject ON users (connection, lower(subject));
