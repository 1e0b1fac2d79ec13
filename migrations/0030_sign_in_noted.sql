-- What each sign-in would otherwise ask of D1 in statements of its own.

-- A sign-in is noted at its user. The Worker notes the first one itself, before there is a sign-in.
-- max: an operator's clock may be wrong, and a restore brings sign-ins back in any order.
CREATE TRIGGER sign_ins_noted AFTER INSERT ON sign_ins BEGIN
  UPDATE users SET last_login_at = max(coalesce(last_login_at, 0), NEW.last_seen_at)
  WHERE id = NEW.user_id;
END;

-- Keeps the newest 500 attempts of each pool: MOST_IN_POOL in src/attempt/pool.ts.
CREATE TRIGGER attempts_kept AFTER INSERT ON attempts BEGIN
  DELETE FROM attempts WHERE pool = NEW.pool AND nth <= NEW.nth - 500;
END;
