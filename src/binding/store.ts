/** Sessions that are bound to a device, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { TokenHash } from '../session/token.ts'
import { deviceKey, type DeviceKey } from './key.ts'

/** A session by its row alone, as the audit names it. */
export interface NamedSession {
  readonly id: string
  readonly user: string
  readonly connection: string
}

const named = { id: v.string(), user: v.string(), connection: v.string() }
const namedRow = v.object(named)

export interface Binding {
  readonly hash: TokenHash
  /** The host that the session is for. */
  readonly site: string
  readonly key: DeviceKey
  readonly now: Instant
}

/** @returns null: the session is bound already, has ended, or is of another host. */
export async function bindSession(
  db: D1Database,
  { hash, site, key, now }: Binding,
): Promise<NamedSession | null> {
  const row = await fromStore('D1', 'binding a session to a device', () =>
    db
      .prepare(
        `UPDATE sessions SET bound_at = ?4, device_key = ?3
         WHERE token_hash = ?1 AND site = ?2 AND bound_at IS NULL AND revoked_at IS NULL
         RETURNING id, user_id AS user, connection`,
      )
      .bind(hash, site, JSON.stringify(key), now)
      .first(),
  )
  return parseRow(namedRow, row)
}

export interface BoundSession extends NamedSession {
  readonly key: DeviceKey
  /** Whether the session counts still. */
  readonly goesOn: boolean
}

const boundRow = v.object({ ...named, key: jsonOf(deviceKey), goesOn: flag })

/** null: there is no such session at the host, or it is not bound. */
export async function findBound(
  db: D1Database,
  { id, site, now }: { readonly id: string; readonly site: string; readonly now: Instant },
): Promise<BoundSession | null> {
  const row = await fromStore('D1', 'finding the key of a device', () =>
    db
      .prepare(
        `SELECT s.id, s.user_id AS user, s.connection, s.device_key AS key,
                s.revoked_at IS NULL AND s.expires_at > ?3 AND si.ended_at IS NULL
                  AND u.active AND c.enabled
                  AND coalesce(si.opened_at, s.opened_at) >= u.sessions_valid_from AS goesOn
         FROM sessions s
         LEFT JOIN sign_ins si ON si.id = s.sign_in
         JOIN users u ON u.id = s.user_id
         JOIN connections c ON c.id = s.connection
         WHERE s.id = ?1 AND s.site = ?2 AND s.device_key IS NOT NULL`,
      )
      .bind(id, site, now)
      .first(),
  )
  return parseRow(boundRow, row)
}

/**
 * Uses a challenge up: one that is not newer than the last one that was used does not count.
 *
 * @param madeAt when the challenge was made.
 */
export async function useChallenge(
  db: D1Database,
  session: string,
  madeAt: Instant,
): Promise<boolean> {
  const { meta } = await fromStore('D1', 'using a challenge up', () =>
    db
      .prepare(
        `UPDATE sessions SET proved_at = ?2
         WHERE id = ?1 AND bound_at IS NOT NULL AND coalesce(proved_at, 0) < ?2`,
      )
      .bind(session, madeAt)
      .run(),
  )
  return meta.changes === 1
}
