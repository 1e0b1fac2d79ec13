/** What the gate asks D1 of a session: its standing, whether it still counts; and the last request. */
import * as v from 'valibot'
import { directorysGroupsSql } from '../directory/whose-groups.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore, fromStoreSoon } from '../lib/store-error.ts'
import type { Session } from './session.ts'
import { recordSeconds, touchSeconds, type Standing } from './standing.ts'
import type { TokenHash } from './token.ts'

const standingRow = v.object({
  standing: v.nullable(
    jsonOf(
      v.object({
        openedAt: instant,
        lastSeenAt: instant,
        revokedAt: v.nullable(instant),
        userActive: flag,
        sessionsValidFrom: instant,
        connectionEnabled: flag,
        boundAt: v.nullable(instant),
        groups: v.nullable(v.array(v.object({ id: v.string(), displayName: v.string() }))),
      }),
    ),
  ),
})
const isActiveSql = "u.active AND (c.provisioning <> 'scim' OR u.source = 'scim')"
/**
 * SQL: the standing of a session `s`, its user `u` and its connection `c`.
 *
 * @param signIn the name of its row of sign_ins.
 */
const standingSql = (signIn: 'si' | 'sign_ins'): string => `json_object(
  'openedAt', coalesce(${signIn}.opened_at, s.opened_at),
  'lastSeenAt', coalesce(${signIn}.last_seen_at, s.last_seen_at),
  'revokedAt', coalesce(s.revoked_at, ${signIn}.ended_at),
  'userActive', ${isActiveSql},
  'sessionsValidFrom', u.sessions_valid_from,
  'connectionEnabled', c.enabled,
  'boundAt', s.bound_at,
  'groups', json(${directorysGroupsSql}))`
const ofSession = `JOIN users u ON u.id = s.user_id JOIN connections c ON c.id = s.connection
  WHERE s.id = ?1 AND s.user_id = ?2 AND s.connection = ?3 AND s.site = ?4 AND s.sign_in IS ?5`

/**
 * One indexed statement: a row of each table, and the user's groups if the directory's groups
 * count. null: D1 has no such session, or D1 and KV disagree about it.
 */
export async function findStanding(
  db: D1Database,
  { id, userId, connection, site, signIn }: Session,
): Promise<Standing | null> {
  const row = await fromStore('D1', 'reading a standing', () =>
    db
      .prepare(
        `SELECT ${standingSql('si')} AS standing
         FROM sessions s LEFT JOIN sign_ins si ON si.id = s.sign_in ${ofSession}`,
      )
      .bind(id, userId, connection, site, signIn)
      .first(),
  )
  return parseRow(standingRow, row)?.standing ?? null
}

/**
 * SQL: the session `s` counts by what `decideStanding` asks of D1. If it does not, other sessions of
 * its sign-in may still count, and a request that is refused must not put off their idle end.
 *
 * @param hasDevice the parameter that says whether the request may come from the session's device.
 */
const countsSql = (hasDevice: string): string =>
  `s.revoked_at IS NULL AND sign_ins.ended_at IS NULL AND (s.bound_at IS NULL OR ${hasDevice})
   AND ${isActiveSql} AND c.enabled AND sign_ins.opened_at >= u.sessions_valid_from`

export interface Noting {
  readonly now: Instant
  /** false: a session that is bound to a device does not count for this request. */
  readonly isOfDevice: boolean
  /** Of all hosts; null: none has an idle limit. */
  readonly shortestIdleSeconds: number | null
}

/**
 * Notes a request and reads the standing, in one statement. The caller judges the standing as
 * `findStanding` gives it. A session that does not count, or is idle, notes nothing.
 *
 * @returns null: nothing was noted, because it was not due or may not be, or because D1 did not
 * write. Then `findStanding` says how the session stands: a write that fails keeps nobody out.
 */
export async function noteAndFindStanding(
  db: D1Database,
  { id, userId, connection, site, signIn, idleSeconds }: Session,
  { now, isOfDevice, shortestIdleSeconds }: Noting,
): Promise<Standing | null> {
  const due = plusSeconds(now, -recordSeconds(idleSeconds, shortestIdleSeconds))
  const idle =
    idleSeconds === null ? -1 : plusSeconds(now, -touchSeconds(idleSeconds) - idleSeconds)
  const row = await fromStoreSoon('D1', 'noting a request', () =>
    db
      .prepare(
        `UPDATE sign_ins SET last_seen_at = ?6
         WHERE id = ?5 AND last_seen_at <= ?7 AND last_seen_at > ?8
           AND EXISTS (SELECT 1 FROM sessions s ${ofSession} AND ${countsSql('?9')})
         RETURNING (SELECT ${standingSql('sign_ins')} FROM sessions s ${ofSession}) AS standing`,
      )
      .bind(id, userId, connection, site, signIn, now, due, idle, isOfDevice ? 1 : 0)
      .first(),
  ).catch(() => null)
  return parseRow(standingRow, row)?.standing ?? null
}

/** max: two isolates may write in either order, and the time must not go back. */
export async function touchSession(
  db: D1Database,
  { id, signIn }: Pick<Session, 'id' | 'signIn'>,
  now: Instant,
): Promise<void> {
  const table = signIn === null ? 'sessions' : 'sign_ins'
  await fromStore('D1', 'noting a request', () =>
    db
      .prepare(`UPDATE ${table} SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1`)
      .bind(signIn ?? id, now)
      .run(),
  )
}

/**
 * When the session of this token was opened on the site; null: there is no session that could
 * count.
 */
export async function findOpening(
  db: D1Database,
  hash: TokenHash,
  site: string,
): Promise<Instant | null> {
  const at = await fromStore('D1', 'finding a session by its token', () =>
    db
      .prepare(
        `SELECT s.opened_at FROM sessions s LEFT JOIN sign_ins si ON si.id = s.sign_in
         WHERE s.token_hash = ?1 AND s.site = ?2 AND s.revoked_at IS NULL AND si.ended_at IS NULL`,
      )
      .bind(hash, site)
      .first<number>('opened_at'),
  )
  return at === null ? null : toInstant(at)
}
