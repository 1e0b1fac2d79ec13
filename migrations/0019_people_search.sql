-- The order in which people are listed, page by page.
CREATE INDEX users_in_order ON users (connection, user_name, id);

-- The words of a person's names, for a search by their beginnings. The triggers below keep them.
CREATE TABLE user_words (
  word TEXT NOT NULL,                   -- A to Z are lower case
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_words_by_user ON user_words (user_id, word);

-- A user name and an address count as a whole, and so does each part before the @.
CREATE VIEW words_of_users AS
SELECT DISTINCT j.value AS word, t.id AS user_id
FROM (
  SELECT id, lower(substr(user_name, 1, 200) || ' ' || substr(coalesce(email, ''), 1, 200) || ' '
    || substr(coalesce(display_name, ''), 1, 200) || ' '
    || replace(replace(replace(replace(
         substr(user_name, 1, min(200, instr(user_name || '@', '@') - 1)),
       '.', ' '), '_', ' '), '-', ' '), '+', ' ')) AS names
  FROM users
) t CROSS JOIN json_each('[' || replace(json_quote(t.names), ' ', '","') || ']') j
WHERE j.value <> '';

INSERT INTO user_words (word, user_id) SELECT word, user_id FROM words_of_users;

CREATE TRIGGER users_have_words AFTER INSERT ON users BEGIN
  INSERT INTO user_words (word, user_id)
  SELECT word, user_id FROM words_of_users WHERE user_id = NEW.id;
END;
CREATE TRIGGER users_change_words AFTER UPDATE OF user_name, email, display_name ON users
WHEN OLD.user_name <> NEW.user_name OR OLD.email IS NOT NEW.email
  OR OLD.display_name IS NOT NEW.display_name
BEGIN
  DELETE FROM user_words WHERE user_id = NEW.id;
  INSERT INTO user_words (word, user_id)
  SELECT word, user_id FROM words_of_users WHERE user_id = NEW.id;
END;
