/**
 * The time of a person's last request, in D1. When a request has been answered, it is never older than
 * a tenth of `idleSeconds`, whichever isolate answered and whatever it remembered. What a failure or
 * the death of an isolate loses, the next request makes up for.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { noteAndFindStanding } from '../../src/session/find-standing-store.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import { random } from '../../tools/bench/random.ts'
import { failsAt } from '../support/binding.ts'
import {
  addConnection,
  boundCookies,
  emptyStores,
  momentAt,
  requestWith,
  signIn,
  stores,
} from '../support/session.ts'
import { noon } from '../support/site.ts'

const IDLE_SECONDS = 3600
const ISOLATES = 3
const REQUESTS = 60

const isolate = () => {
  const fault = { isBroken: false }
  const failing = failsAt(env.DB, /UPDATE sign_ins/)
  const db = new Proxy(env.DB, {
    get: (_, name) => {
      const from = fault.isBroken ? failing : env.DB
      const value: unknown = Reflect.get(from, name)
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
  const settings = { ...stores, db, revocationSeconds: 15, boundCookies, shortestIdleSeconds: null }
  return { read: createSessionReader(settings), fault }
}

const recorded = (signInId: string | null) =>
  env.DB.prepare('SELECT last_seen_at FROM sign_ins WHERE id = ?1')
    .bind(signInId)
    .first<number>('last_seen_at')

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

it.each([1, 2, 3, 4, 5, 6])(
  'is at most a tenth of idleSeconds old after each request that D1 could note (%i)',
  async (seed) => {
    const next = random(seed)
    const expiresAt = plusSeconds(noon, 10 * 86_400)
    const { token, session } = await signIn({ idleSeconds: IDLE_SECONDS, expiresAt })
    const isolates = Array.from({ length: ISOLATES }, isolate)
    let now: Instant = noon
    const seen = { failed: 0, died: 0, noted: 0 }
    for (let i = 0; i < REQUESTS; i++) {
      const gap = [1, 14, 120, IDLE_SECONDS / 2][Math.floor(next() * 4)] ?? 1
      now = plusSeconds(now, Math.ceil(next() * gap))
      const which = Math.floor(next() * ISOLATES)
      const at = isolates[which]
      if (!at) throw new Error('no isolate')
      const fate = next()
      at.fault.isBroken = fate < 0.25
      const headers: HeadersInit = next() < 0.5 ? { 'Sec-Fetch-Mode': 'navigate' } : {}
      const moment = momentAt(now)
      const reading = await at.read(requestWith(token, undefined, { headers }), moment)
      await moment.settled()
      // Nobody who comes each half an hour is idle, and a write that fails keeps nobody out.
      expect(reading.kind).toBe('live')
      if (at.fault.isBroken) {
        seen.failed++
        at.fault.isBroken = false
        if (fate < 0.1) {
          isolates[which] = isolate()
          seen.died++
        }
        // The next request, of whichever isolate, is noted again.
        continue
      }
      const last = await recorded(session.signIn)
      expect(last).toBeGreaterThanOrEqual(plusSeconds(now, -IDLE_SECONDS / 10))
      expect(last).toBeLessThanOrEqual(now)
      if (last === now) seen.noted++
    }
    expect(seen.failed).toBeGreaterThan(0)
    expect(seen.noted).toBeGreaterThan(0)
    expect(seen.noted).toBeLessThan(REQUESTS - seen.failed)
  },
)

const noting = (now: Instant) => ({ now, isOfDevice: true, shortestIdleSeconds: null })

it.each([IDLE_SECONDS, null])(
  'is noted by the statement that reads the standing (idleSeconds: %s)',
  async (idleSeconds) => {
    const expiresAt = plusSeconds(noon, 10 * 86_400)
    const { session } = await signIn({ idleSeconds, expiresAt })
    const { session: other } = await signIn({ idleSeconds, expiresAt }, { subject: 'bob' })
    const now = plusSeconds(noon, IDLE_SECONDS / 2)
    const standing = await noteAndFindStanding(env.DB, session, noting(now))
    expect(standing).toMatchObject({ lastSeenAt: now, revokedAt: null, userActive: true })
    expect(await recorded(session.signIn)).toBe(now)
    expect(await recorded(other.signIn)).toBe(noon)
    expect(await noteAndFindStanding(env.DB, session, noting(plusSeconds(now, 1)))).toBeNull()
    expect(await recorded(session.signIn)).toBe(now)
  },
)

it.each([
  ['has ended', IDLE_SECONDS / 2, `UPDATE sign_ins SET ended_at = ${noon + 1}`],
  ['is of somebody who is not active', IDLE_SECONDS / 2, 'UPDATE users SET active = 0'],
  ['is idle', IDLE_SECONDS * 1.1, null],
])('is not noted of a sign-in that %s', async (_, seconds, sql) => {
  const expiresAt = plusSeconds(noon, 10 * 86_400)
  const { session } = await signIn({ idleSeconds: IDLE_SECONDS, expiresAt })
  if (sql !== null) await env.DB.exec(sql)
  const last = await recorded(session.signIn)
  expect(await noteAndFindStanding(env.DB, session, noting(plusSeconds(noon, seconds)))).toBeNull()
  expect(await recorded(session.signIn)).toBe(last)
})
