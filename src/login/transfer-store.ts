/** Sign-ins on their way from the login host to another host, in D1. */
import * as v from 'valibot'
import { hashText } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { Session } from '../session/session.ts'
import { sessionSchema } from '../session/store.ts'

export interface Transfer {
  readonly signIn: string
  /** The host that may take it. */
  readonly host: string
  /** The handle of the login that may take it. */
  readonly login: string
  /** The session of the login host. */
  readonly session: Session
  readonly expiresAt: Instant
}
export interface TakenTransfer extends Transfer {
  readonly signInExpiresAt: Instant
}

const transferRow = v.object({
  signIn: v.string(),
  host: v.string(),
  login: v.string(),
  session: jsonOf(sessionSchema),
  expiresAt: instant,
  signInExpiresAt: instant,
})

/** @returns whether the sign-in still counts. If not, nothing is saved. */
export async function saveTransfer(
  db: D1Database,
  code: string,
  { signIn, host, login, session, expiresAt }: Transfer,
): Promise<boolean> {
  const hash = await hashText(code)
  const { meta } = await fromStore('D1', 'passing a sign-in on', () =>
    db
      .prepare(
        `INSERT INTO transfers (code_hash, sign_in, host, login, session, expires_at)
         SELECT ?1, id, ?3, ?4, ?5, ?6 FROM sign_ins WHERE id = ?2 AND ended_at IS NULL`,
      )
      .bind(hash, signIn, host, login, JSON.stringify(session), expiresAt)
      .run(),
  )
  return meta.changes > 0
}

/** One statement, so of two that ask at the same time only one gets it. null: there is none. */
export async function takeTransfer(db: D1Database, code: string): Promise<TakenTransfer | null> {
  const hash = await hashText(code)
  const row = await fromStore('D1', 'taking a sign-in over', () =>
    db
      .prepare(
        `DELETE FROM transfers WHERE code_hash = ?1
         RETURNING sign_in AS signIn, host, login, session, expires_at AS expiresAt,
           (SELECT expires_at FROM sign_ins WHERE id = transfers.sign_in) AS signInExpiresAt`,
      )
      .bind(hash)
      .first(),
  )
  return parseRow(transferRow, row)
}

/**
 * Whether the newest session of the sign-in at that host was ended, while the sign-in goes on: the
 * person signed out there.
 */
export const hasLeft = (db: D1Database, signIn: string, host: string): Promise<boolean> =>
  fromStore('D1', 'reading the last session at a host', async () => {
    const isEnded = await db
      .prepare(
        `SELECT revoked_at IS NOT NULL AS isEnded FROM sessions WHERE sign_in = ?1 AND site = ?2
         ORDER BY opened_at DESC, rowid DESC LIMIT 1`,
      )
      .bind(signIn, host)
      .first<number>('isEnded')
    return isEnded === 1
  })

/** For the cron. */
export const removeTransfers = (db: D1Database, now: Instant): Promise<unknown> =>
  fromStoreSlowly('D1', 'removing transfers', () =>
    db.prepare('DELETE FROM transfers WHERE expires_at <= ?1').bind(now).run(),
  )
