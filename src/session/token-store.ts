/** Finds and ends sessions in D1 by the hash of their token. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { parseTokenHash, type TokenHash } from './token.ts'

/** A session that was ended by its token. */
export interface EndedSession {
  readonly id: string
  readonly userId: string
  readonly hash: TokenHash
  /** The id of its sign-in; null: it is older than rows of sign-ins. */
  readonly signIn: string | null
  /** Whether the sign-in counted until then. */
  readonly wasSignedIn: boolean
}
/** A column with the hash of a session's token. */
export const tokenHash = v.custom<TokenHash>(
  (text) => typeof text === 'string' && parseTokenHash(text) !== null,
)

const endedRow = v.object({
  id: v.string(),
  userId: v.string(),
  hash: tokenHash,
  signIn: v.nullable(v.string()),
  wasSignedIn: flag,
})

/** What ends with a session. */
export type Scope =
  /** The sessions of its sign-in at its host. The sign-in goes on at other hosts. */
  | { readonly kind: 'session' }
  /** The sign-in too, and so each session of it. `except`: the id of a sign-in that goes on. */
  | {
      readonly kind: 'sign-in'
      readonly why: 'signed-out' | 'replaced'
      readonly except: string | null
    }

/** Sign-out of one host. */
export const hereOnly: Scope = { kind: 'session' }
/** Sign-out everywhere. */
export const signedOut: Scope = { kind: 'sign-in', why: 'signed-out', except: null }

export interface Ending {
  readonly hashes: readonly TokenHash[]
  readonly scope: Scope
  readonly now: Instant
}

/**
 * The statements that end the sessions of these tokens. The first one returns the sessions.
 *
 * @param successor the id of a session: if it is not open, nothing ends. null: none is needed.
 */
export const ending = (
  db: D1Database,
  { hashes, scope, now }: Ending,
  successor: string | null,
): readonly [D1PreparedStatement, ...D1PreparedStatement[]] => {
  const tokens = JSON.stringify(hashes)
  const sessions = db
    .prepare(
      `UPDATE sessions SET revoked_at = coalesce(revoked_at, ?2)
       WHERE token_hash IN (SELECT value FROM json_each(?1)) AND ${isOpen('?3')}
       RETURNING id, user_id AS userId, token_hash AS hash, sign_in AS signIn,
         EXISTS (SELECT 1 FROM sign_ins WHERE id = sign_in AND ended_at IS NULL) AS wasSignedIn`,
    )
    .bind(tokens, now, successor)
  if (scope.kind === 'session') {
    // Tabs that opened together got a session each, and the browser kept only the last.
    const beside = db
      .prepare(
        `UPDATE sessions SET revoked_at = ?2
         WHERE revoked_at IS NULL AND ${isOpen('?3')}
           AND sign_in IN (SELECT sign_in FROM sessions
                           WHERE token_hash IN (SELECT value FROM json_each(?1)))
           AND site IN (SELECT site FROM sessions
                        WHERE token_hash IN (SELECT value FROM json_each(?1)))`,
      )
      .bind(tokens, now, successor)
    return [sessions, beside]
  }
  const signIns = db
    .prepare(
      `UPDATE sign_ins SET ended_at = ?2, ended_why = ?3
       WHERE ended_at IS NULL AND id IS NOT ?4 AND ${isOpen('?5')}
         AND id IN (SELECT sign_in FROM sessions
                    WHERE token_hash IN (SELECT value FROM json_each(?1)))`,
    )
    .bind(tokens, now, scope.why, scope.except, successor)
  return [sessions, signIns]
}

const withStanding = 'JOIN users u ON u.id = s.user_id LEFT JOIN sign_ins si ON si.id = s.sign_in'
/** SQL: the session `s` is open. One that has only been idle too long counts as open. */
const counts = (now: string): string =>
  `s.expires_at > ${now} AND s.revoked_at IS NULL AND si.ended_at IS NULL AND u.active
     AND coalesce(si.opened_at, s.opened_at) >= u.sessions_valid_from`

/** SQL: no successor is needed, or it is open at ?2. */
const isOpen = (successor: string): string =>
  `(${successor} IS NULL OR EXISTS (
     SELECT 1 FROM sessions s ${withStanding} WHERE s.id = ${successor} AND ${counts('?2')}))`

/** The statement that returns a row if the session is open. */
export const openById = (db: D1Database, id: string, now: Instant): D1PreparedStatement =>
  db.prepare(`SELECT 1 WHERE ${isOpen('?1')}`).bind(id, now)

/** The result of the first of these statements: the sessions that D1 found by their tokens. */
export const parseEnded = (result: D1Result | undefined): readonly EndedSession[] =>
  parseRows(endedRow, result?.results ?? [])

/** Whether D1 has open sessions from before migration 8, which have no token hash. */
export const hasSessionsWithoutToken = (db: D1Database, now: Instant): Promise<boolean> =>
  fromStore('D1', 'looking for older sessions', async () => {
    const found = await db
      .prepare(
        `SELECT 1 FROM sessions WHERE token_hash IS NULL AND expires_at > ?1 AND revoked_at IS NULL
         LIMIT 1`,
      )
      .bind(now)
      .first()
    return found !== null
  })

const heldRow = v.object({
  id: v.string(),
  userId: v.string(),
  connection: v.string(),
  /** null: it is older than rows of sign-ins. */
  signIn: v.nullable(v.string()),
  isEnabled: flag,
})
/** A session, open or ended, and whether its connection is enabled. */
export type Held = v.InferOutput<typeof heldRow>

/** null: D1 does not have it. */
export async function findByToken(db: D1Database, hash: TokenHash): Promise<Held | null> {
  const row = await fromStore('D1', 'finding a session', () =>
    db
      .prepare(
        `SELECT s.id, s.user_id AS userId, s.connection, s.sign_in AS signIn, c.enabled AS isEnabled
         FROM sessions s JOIN connections c ON c.id = s.connection WHERE s.token_hash = ?1`,
      )
      .bind(hash)
      .first(),
  )
  return parseRow(heldRow, row)
}

/** The sessions of tokens (?1, a JSON array) at a site (?2) that are open now (?3). KV may miss one. */
const openSessions = `
  FROM json_each(?1) AS asked
  CROSS JOIN sessions s ON s.token_hash = asked.value ${withStanding}
  WHERE s.site = ?2 AND ${counts('?3')}`

export interface Tokens {
  readonly hashes: readonly TokenHash[]
  readonly site: string
}

/** Whether a session under one of these tokens is open. */
export const hasOpenSession = async (
  db: D1Database,
  { hashes, site }: Tokens,
  now: Instant,
): Promise<boolean> => {
  const found = await fromStore('D1', 'looking for an open session', () =>
    db.prepare(`SELECT 1 ${openSessions} LIMIT 1`).bind(JSON.stringify(hashes), site, now).first(),
  )
  return found !== null
}

export interface Holder {
  readonly userId: string
  /** One of the sessions. */
  readonly session: string
  /** Ids of the sign-ins that the tokens belong to. */
  readonly signIns: readonly string[]
}

const holderRow = v.object({
  session: v.string(),
  userId: v.string(),
  signIn: v.nullable(v.string()),
})

/** The person with open sessions under these tokens; null: nobody, or more than one person. */
export async function findHolder(
  db: D1Database,
  { hashes, site }: Tokens,
  now: Instant,
): Promise<Holder | null> {
  const { results } = await fromStore('D1', 'finding whose session it is', () =>
    db
      .prepare(`SELECT s.id AS session, s.user_id AS userId, s.sign_in AS signIn ${openSessions}`)
      .bind(JSON.stringify(hashes), site, now)
      .all(),
  )
  const rows = parseRows(holderRow, results)
  const [first] = rows
  if (!first || rows.some(({ userId }) => userId !== first.userId)) return null
  return { ...first, signIns: rows.flatMap(({ signIn }) => signIn ?? []) }
}

export interface OtherPersonQuery extends Tokens {
  readonly userId: string
}

/** The name of another user who has an open session under one of these tokens; null: nobody has. */
export const findOtherPerson = (
  db: D1Database,
  { hashes, site, userId }: OtherPersonQuery,
  now: Instant,
): Promise<string | null> =>
  fromStore('D1', 'finding whose session it is', () =>
    db
      .prepare(
        `SELECT coalesce(u.email, u.user_name) AS name ${openSessions} AND s.user_id <> ?4 LIMIT 1`,
      )
      .bind(JSON.stringify(hashes), site, now, userId)
      .first<string>('name'),
  )
