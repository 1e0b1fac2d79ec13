/** Hand-over links and their sessions, in D1. Only hashes are stored. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { flag, instant, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

/** A session that began by a hand-over link lasts so long. */
export const HANDED_SECONDS = 24 * 3600
/** A link that is over stays in the list of its connection for a while. */
const LISTED_SECONDS = 30 * 86_400
const MOST_LISTED = 100

const handOverRow = v.object({
  id: v.string(),
  connection: v.string(),
  /** The people that it is for. */
  label: v.string(),
  madeBy: v.string(),
  mayMakeToken: flag,
  createdAt: instant,
  /** Of the link; once it was opened, of its session. */
  expiresAt: instant,
  openedAt: v.nullable(instant),
  /** The id of the SCIM token that it made. */
  token: v.nullable(v.string()),
  endedAt: v.nullable(instant),
  endedWhy: v.nullable(v.picklist(['done', 'revoked'])),
})
export type HandOver = v.InferOutput<typeof handOverRow>

const columns = `id, connection, label, made_by AS madeBy, may_make_token AS mayMakeToken,
  created_at AS createdAt, expires_at AS expiresAt, opened_at AS openedAt, token,
  ended_at AS endedAt, ended_why AS endedWhy`

export type NewHandOver = Pick<
  HandOver,
  'id' | 'connection' | 'label' | 'madeBy' | 'mayMakeToken' | 'createdAt' | 'expiresAt'
>

export async function saveHandOver(
  db: D1Database,
  made: NewHandOver,
  codeHash: string,
): Promise<void> {
  await fromStore('D1', 'saving a hand-over link', () =>
    db
      .prepare(
        `INSERT INTO hand_overs
           (id, connection, label, made_by, may_make_token, code_hash, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      )
      .bind(
        made.id,
        made.connection,
        made.label,
        made.madeBy,
        made.mayMakeToken ? 1 : 0,
        codeHash,
        made.createdAt,
        made.expiresAt,
      )
      .run(),
  )
}

/** The link, if it may still be opened. */
export async function findLink(
  db: D1Database,
  codeHash: string,
  now: Instant,
): Promise<HandOver | null> {
  const row = await fromStore('D1', 'finding a hand-over link', () =>
    db
      .prepare(
        `SELECT ${columns} FROM hand_overs
         WHERE code_hash = ?1 AND session_hash IS NULL AND expires_at > ?2 AND ended_at IS NULL`,
      )
      .bind(codeHash, now)
      .first(),
  )
  return parseRow(handOverRow, row)
}

/** Opens the link, once. @returns null: it is no link, or nobody may open it any more. */
export async function openLink(
  db: D1Database,
  { codeHash, sessionHash }: { readonly codeHash: string; readonly sessionHash: string },
  now: Instant,
): Promise<HandOver | null> {
  const row = await fromStore('D1', 'opening a hand-over link', () =>
    db
      .prepare(
        `UPDATE hand_overs SET opened_at = ?3, session_hash = ?2, expires_at = ?4
         WHERE code_hash = ?1 AND session_hash IS NULL AND expires_at > ?3 AND ended_at IS NULL
         RETURNING ${columns}`,
      )
      .bind(codeHash, sessionHash, now, plusSeconds(now, HANDED_SECONDS))
      .first(),
  )
  return parseRow(handOverRow, row)
}

/** The hand-over of a session, while it lasts. */
export async function findHanded(
  db: D1Database,
  sessionHash: string,
  now: Instant,
): Promise<HandOver | null> {
  const row = await fromStore('D1', 'finding a session of a hand-over', () =>
    db
      .prepare(
        `SELECT ${columns} FROM hand_overs
         WHERE session_hash = ?1 AND expires_at > ?2 AND ended_at IS NULL`,
      )
      .bind(sessionHash, now)
      .first(),
  )
  return parseRow(handOverRow, row)
}

/** Takes the one SCIM token that the hand-over may make. @returns false: it may make none any more. */
export async function claimToken(
  db: D1Database,
  { id, token }: { readonly id: string; readonly token: string },
  now: Instant,
): Promise<boolean> {
  const { meta } = await fromStore('D1', 'making a token by a hand-over', () =>
    db
      .prepare(
        `UPDATE hand_overs SET token = ?2
         WHERE id = ?1 AND may_make_token AND token IS NULL AND session_hash IS NOT NULL
           AND expires_at > ?3 AND ended_at IS NULL`,
      )
      .bind(id, token, now)
      .run(),
  )
  return meta.changes === 1
}

/** @returns null: there is none of this id that has not ended. */
export async function endHandOver(
  db: D1Database,
  { id, why }: { readonly id: string; readonly why: 'done' | 'revoked' },
  now: Instant,
): Promise<HandOver | null> {
  const row = await fromStore('D1', 'ending a hand-over', () =>
    db
      .prepare(
        `UPDATE hand_overs SET ended_at = ?2, ended_why = ?3
         WHERE id = ?1 AND ended_at IS NULL AND expires_at > ?2 RETURNING ${columns}`,
      )
      .bind(id, now, why)
      .first(),
  )
  return parseRow(handOverRow, row)
}

/** Of one connection, the newest first. */
export async function listHandOvers(
  db: D1Database,
  connection: string,
): Promise<readonly HandOver[]> {
  const { results } = await fromStore('D1', 'listing hand-over links', () =>
    db
      .prepare(
        `SELECT ${columns} FROM hand_overs WHERE connection = ?1
         ORDER BY created_at DESC, id LIMIT ${MOST_LISTED}`,
      )
      .bind(connection)
      .all(),
  )
  return parseRows(handOverRow, results)
}

/** For cron: those that were over a month ago. */
export async function removeHandOvers(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing hand-over links', () =>
    db
      .prepare('DELETE FROM hand_overs WHERE expires_at <= ?1')
      .bind(plusSeconds(now, -LISTED_SECONDS))
      .run(),
  )
}
