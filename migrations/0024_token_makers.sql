-- The user who made the token in the console. A token is refused when its maker is gone or disabled.
ALTER TABLE admin_tokens ADD COLUMN maker TEXT; -- null: not known, as on the command line
