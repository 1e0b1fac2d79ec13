-- Webhooks, and the messages that wait for them or were sent. Times are milliseconds since 1970.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  kinds TEXT NOT NULL,                     -- JSON: the kinds of events that it gets; []: every kind
  format TEXT NOT NULL CHECK (format IN ('json', 'slack')),
  secret TEXT NOT NULL,                    -- sealed under GATEHOUSE_SECRET
  old_secret TEXT,                         -- sealed too; signs beside the new one for a while
  old_secret_until INTEGER,
  created_at INTEGER NOT NULL,
  waiting INTEGER NOT NULL DEFAULT 0,      -- messages that wait, counted by the triggers below
  omitted INTEGER NOT NULL DEFAULT 0,      -- events that were left out since the last message
  failing_since INTEGER,                   -- null: the last message was taken
  paused_until INTEGER NOT NULL DEFAULT 0, -- after a failure nothing is sent until then
  off_at INTEGER,
  off_reason TEXT CHECK (off_reason IN ('operator', 'gone', 'failing'))
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,                 -- webhook-id: the same at each attempt
  webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  share TEXT NOT NULL,                     -- of the event; 'test' has no event
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  connection TEXT,
  user_id TEXT,
  request_id TEXT,
  dropped INTEGER NOT NULL,
  facts TEXT NOT NULL,
  omitted INTEGER NOT NULL,                -- so many events were left out for this webhook before it
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given-up')),
  due_at INTEGER NOT NULL,                 -- while a Worker sends it, the end of its lease
  give_up_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_at INTEGER,
  status INTEGER,                          -- of the last answer; null: there was none
  reason TEXT                              -- why the last attempt failed
) STRICT;
CREATE INDEX webhook_messages_due ON webhook_messages (webhook, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_ending ON webhook_messages (give_up_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_newest ON webhook_messages (webhook, seq);
CREATE INDEX webhook_messages_share ON webhook_messages (webhook, share, at);

-- An event and its messages are one write, whatever writes the event. 1000 messages may wait for a
-- webhook. What somebody can cause at will has 100 an hour for each share (src/audit/share.ts). An
-- event above that is counted, and the next message says how many. What is given up is told nobody
-- else, so that two webhooks that fail do not keep each other busy.
CREATE TRIGGER webhook_messages_made AFTER INSERT ON audit
WHEN NEW.kind <> 'webhook-gave-up' AND EXISTS (SELECT 1 FROM webhooks WHERE off_at IS NULL)
BEGIN
  UPDATE webhooks SET omitted = omitted + 1
  WHERE off_at IS NULL AND (kinds = '[]' OR instr(kinds, '"' || NEW.kind || '"') > 0);
  INSERT INTO webhook_messages (id, webhook, share, at, kind, connection, user_id, request_id,
    dropped, facts, omitted, state, due_at, give_up_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), w.id, NEW.share, NEW.at, NEW.kind, NEW.connection,
    NEW.user_id, NEW.request_id, NEW.dropped, NEW.facts, w.omitted - 1, 'waiting', NEW.at,
    NEW.at + 172800000
  FROM webhooks AS w
  WHERE w.off_at IS NULL AND (w.kinds = '[]' OR instr(w.kinds, '"' || NEW.kind || '"') > 0)
    AND w.waiting < 1000
    AND (NEW.share = 'done' OR 100 > (
      SELECT count(*) FROM webhook_messages AS m
      WHERE m.webhook = w.id AND m.share = NEW.share AND m.at > NEW.at - 3600000));
END;

CREATE TRIGGER webhook_messages_counted AFTER INSERT ON webhook_messages BEGIN
  UPDATE webhooks SET waiting = waiting + 1, omitted = 0 WHERE id = NEW.webhook;
END;

CREATE TRIGGER webhook_messages_changed AFTER UPDATE OF state ON webhook_messages
WHEN (OLD.state = 'waiting') <> (NEW.state = 'waiting')
BEGIN
  UPDATE webhooks SET waiting = waiting + iif(NEW.state = 'waiting', 1, -1) WHERE id = NEW.webhook;
END;
