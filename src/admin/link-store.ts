/** One-time links into the console, in D1. Only hashes are stored. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

export const ENTERED_SECONDS = 3600

export interface Entered {
  readonly id: string
  readonly madeBy: string
  readonly enteredAt: Instant
}

const row = v.object({ id: v.string(), madeBy: v.string(), enteredAt: instant })

/** Whether a link may still be followed. */
export const isOpen = async (db: D1Database, codeHash: string, now: Instant): Promise<boolean> =>
  (await fromStore('D1', 'finding a link into the console', () =>
    db
      .prepare(
        'SELECT 1 FROM admin_links WHERE code_hash = ?1 AND session_hash IS NULL AND expires_at > ?2',
      )
      .bind(codeHash, now)
      .first(),
  )) !== null

/** Follows the link, once. @returns null: it is no link, or nobody may follow it any more. */
export async function enter(
  db: D1Database,
  { codeHash, sessionHash }: { readonly codeHash: string; readonly sessionHash: string },
  now: Instant,
): Promise<Entered | null> {
  const found = await fromStore('D1', 'following a link into the console', () =>
    db
      .prepare(
        `UPDATE admin_links SET entered_at = ?3, session_hash = ?2, expires_at = ?4
         WHERE code_hash = ?1 AND session_hash IS NULL AND expires_at > ?3
         RETURNING id, made_by AS madeBy, entered_at AS enteredAt`,
      )
      .bind(codeHash, sessionHash, now, plusSeconds(now, ENTERED_SECONDS))
      .first(),
  )
  return parseRow(row, found)
}

/** The session of a link that was followed, while it lasts. */
export async function findEntered(
  db: D1Database,
  sessionHash: string,
  now: Instant,
): Promise<Entered | null> {
  const found = await fromStore('D1', 'finding a session of the console', () =>
    db
      .prepare(
        `SELECT id, made_by AS madeBy, entered_at AS enteredAt FROM admin_links
         WHERE session_hash = ?1 AND expires_at > ?2 AND ended_at IS NULL`,
      )
      .bind(sessionHash, now)
      .first(),
  )
  return parseRow(row, found)
}

export async function leave(db: D1Database, sessionHash: string, now: Instant): Promise<void> {
  await fromStore('D1', 'leaving the console', () =>
    db
      .prepare('UPDATE admin_links SET ended_at = ?2 WHERE session_hash = ?1 AND ended_at IS NULL')
      .bind(sessionHash, now)
      .run(),
  )
}

export interface NewLink {
  readonly id: string
  readonly codeHash: string
  readonly madeBy: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export async function saveLink(
  db: D1Database,
  { id, codeHash, madeBy, createdAt, expiresAt }: NewLink,
): Promise<void> {
  await fromStore('D1', 'saving a link into the console', () =>
    db
      .prepare(
        `INSERT INTO admin_links (code_hash, id, made_by, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)`,
      )
      .bind(codeHash, id, madeBy, createdAt, expiresAt)
      .run(),
  )
}

/** For cron: links and sessions that are over. */
export async function removeLinks(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing links into the console', () =>
    db.prepare('DELETE FROM admin_links WHERE expires_at <= ?1').bind(now).run(),
  )
}
