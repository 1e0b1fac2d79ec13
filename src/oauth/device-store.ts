/** Devices that wait for a person (RFC 8628), in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

export interface NewDevice {
  readonly codeHash: string
  readonly userCodeHash: string
  readonly client: string
  readonly site: string
  readonly country: string | null
  readonly network: string | null
  readonly now: Instant
  readonly expiresAt: Instant
}

export const POLL_SECONDS = 5
/** RFC 8628 §3.5: what slow_down adds. */
const SLOWER_SECONDS = 5
/** Anybody may ask for a code. Few that wait make guessing one hopeless. */
const MOST_WAITING = 1000
const MOST_OF_NETWORK = 20

/** @returns false: too many wait already. */
export async function saveDevice(db: D1Database, device: NewDevice): Promise<boolean> {
  const { codeHash, userCodeHash, client, site, country, network, now, expiresAt } = device
  const { meta } = await fromStore('D1', 'saving a device that waits', () =>
    db
      .prepare(
        `INSERT INTO oauth_devices (code_hash, user_code_hash, client, site, country, network,
           asked_at, expires_at, wait_seconds)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ${POLL_SECONDS}
         WHERE (SELECT count(*) FROM oauth_devices WHERE expires_at > ?7) < ${MOST_WAITING}
           AND (SELECT count(*) FROM oauth_devices WHERE network IS ?6 AND expires_at > ?7)
             < ${MOST_OF_NETWORK}
         ON CONFLICT DO NOTHING`,
      )
      .bind(codeHash, userCodeHash, client, site, country, network, now, expiresAt)
      .run(),
  )
  return meta.changes === 1
}

export interface WaitingDevice {
  readonly codeHash: string
  readonly client: string
  readonly site: string
  readonly country: string | null
  readonly network: string | null
  readonly askedAt: Instant
}

const waitingRow = v.object({
  codeHash: v.string(),
  client: v.string(),
  site: v.string(),
  country: v.nullable(v.string()),
  network: v.nullable(v.string()),
  askedAt: instant,
})

/** null: no device waits for this code. */
export const findDevice = async (
  db: D1Database,
  userCodeHash: string,
  now: Instant,
): Promise<WaitingDevice | null> =>
  parseRow(
    waitingRow,
    await fromStore('D1', 'finding a device that waits', () =>
      db
        .prepare(
          `SELECT code_hash AS codeHash, client, site, country, network, asked_at AS askedAt
           FROM oauth_devices
           WHERE user_code_hash = ?1 AND expires_at > ?2 AND refused_at IS NULL`,
        )
        .bind(userCodeHash, now)
        .first(),
    ),
  )

export async function refuseDevice(
  db: D1Database,
  userCodeHash: string,
  now: Instant,
): Promise<void> {
  await fromStore('D1', 'refusing a device', () =>
    db
      .prepare('UPDATE oauth_devices SET refused_at = ?2 WHERE user_code_hash = ?1')
      .bind(userCodeHash, now)
      .run(),
  )
}

export interface Poll {
  readonly isHasty: boolean
  readonly isRefused: boolean
  readonly isExpired: boolean
}

const pollRow = v.object({ isHasty: flag, isRefused: flag, isExpired: flag })

/** Notes the poll. null: no device of this client waits with the code. */
export const pollDevice = async (
  db: D1Database,
  { codeHash, client, now }: Pick<NewDevice, 'codeHash' | 'client' | 'now'>,
): Promise<Poll | null> =>
  parseRow(
    pollRow,
    await fromStore('D1', 'noting a poll of a device', () =>
      db
        .prepare(
          `UPDATE oauth_devices
           SET is_hasty = ?3 < polled_at + wait_seconds * 1000, polled_at = ?3,
             wait_seconds = wait_seconds
               + iif(?3 < polled_at + wait_seconds * 1000, ${SLOWER_SECONDS}, 0)
           WHERE code_hash = ?1 AND client = ?2
           RETURNING is_hasty AS isHasty, refused_at IS NOT NULL AS isRefused,
             expires_at <= ?3 AS isExpired`,
        )
        .bind(codeHash, client, now)
        .first(),
    ),
  )
