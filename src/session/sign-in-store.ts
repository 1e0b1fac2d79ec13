/** A person's sign-ins in D1: where they are signed in. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

export interface SignIn {
  readonly id: string
  readonly device: string | null
  readonly country: string | null
  readonly openedAt: Instant
  /** The last request that is on record, at whichever host. */
  readonly lastSeenAt: Instant
  /** The hosts with an open session of it. One that has been idle too long may be among them. */
  readonly hosts: readonly string[]
  /** Those of the hosts whose session is bound to the browser's device. */
  readonly boundHosts: readonly string[]
  /** The id of one of these sessions. To revoke it ends the sign-in. */
  readonly session: string
}

const signInRow = v.object({
  id: v.string(),
  device: v.nullable(v.string()),
  country: v.nullable(v.string()),
  openedAt: instant,
  lastSeenAt: instant,
  hosts: jsonOf(v.array(v.string())),
  boundHosts: jsonOf(v.array(v.string())),
  session: v.string(),
})

/** More are not shown. All of them can be ended at once. */
const MOST_SIGN_INS = 100

/** Those that go on and have an open session; the one that was used last comes first. */
export async function listSignIns(
  db: D1Database,
  userId: string,
  now: Instant,
): Promise<readonly SignIn[]> {
  const { results } = await fromStore('D1', 'listing sign-ins', () =>
    db
      .prepare(
        `SELECT si.id, si.device, si.country, si.opened_at AS openedAt,
                si.last_seen_at AS lastSeenAt, json_group_array(DISTINCT s.site) AS hosts,
                json_group_array(DISTINCT s.site) FILTER (WHERE s.bound_at IS NOT NULL)
                  AS boundHosts,
                min(s.id) AS session
         FROM sign_ins si JOIN users u ON u.id = si.user_id
         JOIN sessions s ON s.sign_in = si.id AND s.revoked_at IS NULL AND s.expires_at > ?2
         WHERE si.user_id = ?1 AND si.ended_at IS NULL AND si.expires_at > ?2
           AND si.opened_at >= u.sessions_valid_from
         GROUP BY si.id ORDER BY si.last_seen_at DESC, si.id LIMIT ${MOST_SIGN_INS}`,
      )
      .bind(userId, now)
      .all(),
  )
  return parseRows(signInRow, results)
}

export interface EndSignIns {
  readonly userId: string
  /** The id of one; null: all of the person's. */
  readonly only: string | null
  readonly now: Instant
}

/**
 * Ends sign-ins of this person, and so their sessions at all hosts.
 *
 * @returns the ids of those that went on until now.
 */
export async function endSignIns(
  db: D1Database,
  { userId, only, now }: EndSignIns,
): Promise<readonly string[]> {
  const [ended] = await fromStore('D1', 'ending sign-ins', () =>
    db.batch([
      db
        .prepare(
          `UPDATE sign_ins SET ended_at = ?2, ended_why = 'signed-out'
           WHERE user_id = ?1 AND ended_at IS NULL AND (?3 IS NULL OR id = ?3) RETURNING id`,
        )
        .bind(userId, now, only),
      // Sessions from before there were rows of sign-ins.
      db
        .prepare(
          `UPDATE sessions SET revoked_at = ?2
           WHERE user_id = ?1 AND sign_in IS NULL AND revoked_at IS NULL AND ?3 IS NULL`,
        )
        .bind(userId, now, only),
    ]),
  )
  return parseRows(v.object({ id: v.string() }), ended?.results ?? []).map(({ id }) => id)
}
