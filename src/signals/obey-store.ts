/**
 * Does what a token says, once. The token's id is kept in the transaction that ends the sign-ins: if
 * D1 fails, the transmitter sends the token again, and what was not done is done then.
 */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

/** What to end. */
export type Target =
  /** Every sign-in of these people that began before a moment. */
  | { readonly kind: 'people'; readonly people: readonly string[]; readonly before: Instant }
  /** These sign-ins. */
  | { readonly kind: 'sign-ins'; readonly signIns: readonly string[] }

/** What else is known now of the stream. */
export interface Noted {
  readonly isVerified: boolean
  /** null: as before. */
  readonly status: string | null
}

export interface Order {
  readonly scope: string
  /** SHA-256 of the token's id. */
  readonly jti: string
  /** null: a revocation, which has no stream. */
  readonly stream: string | null
  readonly writeId: string
  /** Until then the id is kept. */
  readonly until: Instant
  readonly targets: readonly Target[]
  readonly noted: Noted
  readonly now: Instant
}

/** For each target, the user of each sign-in that it ended. null: the token was obeyed before. */
export type Obeyed = readonly (readonly string[])[] | null

/**
 * SQL: the sign-in began before a moment. One that began later than now has its time from the end of
 * all sign-ins by an operator whose clock is ahead. Nobody knows when it began, so it is meant.
 */
export const beganBefore = (moment: string, now: string): string =>
  `(opened_at < ${moment} OR opened_at > ${now})`

const isFirst = `EXISTS (SELECT 1 FROM signals_taken
  WHERE scope = ?1 AND jti = ?2 AND write_id = ?3)`

export async function obey(db: D1Database, order: Order): Promise<Obeyed> {
  const { scope, jti, writeId, targets, now } = order
  const prepare = (sql: string, ...values: readonly (string | number | null)[]) =>
    db.prepare(sql).bind(scope, jti, writeId, ...values)
  const [taken, ...ended] = await fromStore('D1', 'ending sign-ins by a signal', () =>
    db.batch([
      prepare(
        `INSERT INTO signals_taken (scope, jti, write_id, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING RETURNING 1`,
        order.until,
      ),
      ...targets.map((target) => endSignIns(prepare, target, now)),
      ...targets.flatMap((target) =>
        target.kind === 'people' ? [endRest(prepare, target, now)] : [],
      ),
      ...(order.stream === null ? [] : [note(prepare, order.stream, order)]),
    ]),
  )
  if (taken?.results.length !== 1) return null
  return targets.map((_, i) => parseRows(endedRow, ended[i]?.results ?? []).map(({ user }) => user))
}

const endedRow = v.object({ user: v.string() })
type Prepare = (sql: string, ...values: readonly (string | number | null)[]) => D1PreparedStatement

function endSignIns(prepare: Prepare, target: Target, now: Instant): D1PreparedStatement {
  const isPeople = target.kind === 'people'
  const ids = JSON.stringify(isPeople ? target.people : target.signIns)
  const meant = isPeople
    ? `user_id IN (SELECT value FROM json_each(?5)) AND ${beganBefore('?6', '?4')}`
    : 'id IN (SELECT value FROM json_each(?5))'
  return prepare(
    `UPDATE sign_ins SET ended_at = ?4, ended_why = 'revoked'
     WHERE ended_at IS NULL AND expires_at > ?4 AND ${isFirst}
       AND ${meant}
       AND opened_at >= (SELECT sessions_valid_from FROM users WHERE id = user_id)
     RETURNING user_id AS user`,
    now,
    ids,
    ...(isPeople ? [target.before] : []),
  )
}

/** Sessions from before there were sign-ins, and sign-ins that are being opened now. */
const endRest = (
  prepare: Prepare,
  { people, before }: Extract<Target, { kind: 'people' }>,
  now: Instant,
): D1PreparedStatement =>
  prepare(
    `UPDATE users SET sessions_valid_from = max(?5, sessions_valid_from + 1)
     WHERE (sessions_valid_from < ?5 OR sessions_valid_from > ?6) AND ${isFirst}
       AND id IN (SELECT value FROM json_each(?4))`,
    JSON.stringify(people),
    before,
    now,
  )

const note = (prepare: Prepare, stream: string, { noted, now }: Order): D1PreparedStatement =>
  prepare(
    `UPDATE signal_streams SET last_event_at = ?4, status = coalesce(?6, status),
       verified_at = iif(?7, ?4, verified_at), expected = iif(?7, NULL, expected)
     WHERE id = ?5 AND ${isFirst}`,
    now,
    stream,
    noted.status,
    noted.isVerified ? 1 : 0,
  )
