import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { endSessions, openSession } from '../../src/session/open.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import { findStanding } from '../../src/session/find-standing-store.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import type { Session } from '../../src/session/session.ts'
import { hereOnly } from '../../src/session/token-store.ts'
import { background } from '../support/background.ts'
import { endSessionsOf } from '../support/ending.ts'
import { breakable, failsToAnswer, slowly, watched } from '../support/binding.ts'
import {
  boundCookies,
  addConnection,
  emptyStores,
  momentAt,
  removeConnection,
  requestWith,
  setConnectionEnabled,
  signIn,
  stores,
  type SignedIn,
  endWith,
} from '../support/session.ts'
import { recording } from '../../tools/stage/recording.ts'
import { noon } from '../support/site.ts'

const revocationSeconds = 15
const { kv, db } = stores
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const isolate = (over: Partial<typeof stores> = {}) =>
  createSessionReader({
    kv,
    db,
    ...over,
    revocationSeconds,
    boundCookies,
    shortestIdleSeconds: null,
  })

const live = expect.objectContaining({ kind: 'live' })
const ended = (reason: string) => expect.objectContaining({ kind: 'ended', reason })

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('a session that counts', () => {
  it('is read as it was opened', async () => {
    const { request, session } = await signIn({ attributes: { team: ['a', 'b'] } })
    expect(await isolate()(request, momentAt(noon))).toEqual({
      kind: 'live',
      live: {
        session,
        via: null,
        groups: ['staff'],
        groupIds: null,
        lastSeenAt: noon,
        readAt: noon,
        boundAt: null,
      },
    })
  })

  it('asks KV and D1 once, and neither while it is warm', async () => {
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    const { request } = await signIn()
    expect(await read(request, momentAt(noon))).toEqual(live)
    expect([watchedKv.calls, watchedDb.calls]).toEqual([['get'], ['prepare']])
    for (const seconds of [0, 1, 14.999]) {
      expect(await read(request, momentAt(later(seconds)))).toEqual(live)
    }
    expect([watchedKv.calls, watchedDb.calls]).toEqual([['get'], ['prepare']])
  })

  it('asks D1 again after revocationSeconds, and KV never again', async () => {
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    const { request } = await signIn()
    await read(request, momentAt(noon))
    expect(await read(request, momentAt(later(15)))).toEqual(live)
    expect([watchedKv.calls, watchedDb.calls]).toEqual([['get'], ['prepare', 'prepare']])
  })

  it('is not remembered for longer when the clock is set back', async () => {
    const watchedDb = watched(db)
    const read = isolate({ db: watchedDb.binding })
    const { request } = await signIn()
    await read(request, momentAt(later(10)))
    await read(request, momentAt(later(-4.999)))
    expect(watchedDb.calls).toEqual(['prepare'])
    await read(request, momentAt(later(-5)))
    expect(watchedDb.calls).toEqual(['prepare', 'prepare'])
  })

  it('is one of many in an isolate, and each is its own', async () => {
    const read = isolate()
    const [one, two] = [await signIn(), await signIn({}, { subject: 'bob', userName: 'bob' })]
    await read(one.request, momentAt(noon))
    await read(two.request, momentAt(noon))
    await revokeSession(db, one.session.id, noon)
    expect(await read(one.request, momentAt(later(15)))).toEqual(ended('revoked'))
    expect(await read(two.request, momentAt(later(15)))).toEqual(live)
  })
})

const endings: readonly {
  readonly what: string
  readonly end: (who: SignedIn) => Promise<unknown>
  readonly reason: string
}[] = [
  {
    what: 'a session revoked by its id',
    end: ({ session }) => revokeSession(db, session.id, noon),
    reason: 'revoked',
  },
  {
    what: 'a user whose sessions are ended',
    end: ({ user }) => endSessionsOf(db, user.id, noon),
    reason: 'revoked',
  },
  {
    what: 'a user who is disabled',
    end: ({ user }) => setUserActive(db, user.id, false, noon),
    reason: 'user-disabled',
  },
  {
    what: 'a user who is disabled and enabled again',
    end: async ({ user }) => {
      await setUserActive(db, user.id, false, noon)
      await setUserActive(db, user.id, true, noon)
    },
    reason: 'revoked',
  },
  {
    what: 'a user who is disabled by a clock that is an hour behind',
    end: async ({ user }) => {
      await setUserActive(db, user.id, false, later(-3600))
      await setUserActive(db, user.id, true, later(-3600))
    },
    reason: 'revoked',
  },
  {
    what: 'a user who is removed',
    end: ({ user }) => env.DB.prepare('DELETE FROM users WHERE id = ?').bind(user.id).run(),
    reason: 'unknown',
  },
  {
    what: 'a connection that is disabled',
    end: () => setConnectionEnabled('okta', false),
    reason: 'connection-disabled',
  },
  {
    what: 'a connection that is removed',
    end: () => removeConnection('okta'),
    reason: 'unknown',
  },
  {
    what: 'a connection that is removed and added again',
    end: async () => {
      await removeConnection('okta')
      await addConnection('okta')
    },
    reason: 'unknown',
  },
]

describe.each(endings)('$what', ({ end, reason }) => {
  it('is refused in a new isolate at once', async () => {
    const who = await signIn()
    await end(who)
    expect(await isolate()(who.request, momentAt(noon))).toEqual(ended(reason))
  })

  it('is refused in a warm isolate at revocationSeconds, and may pass until then', async () => {
    const who = await signIn()
    const read = isolate()
    expect(await read(who.request, momentAt(noon))).toEqual(live)
    await end(who)
    expect(await read(who.request, momentAt(later(14.999)))).toEqual(live)
    expect(await read(who.request, momentAt(later(15)))).toEqual(ended(reason))
    expect(await read(who.request, momentAt(later(0)))).toEqual(ended(reason))
  })

  it('is refused at once when read again', async () => {
    const who = await signIn()
    const read = isolate()
    await read(who.request, momentAt(noon))
    await end(who)
    expect(await read.again(who.request, momentAt(later(1)))).toEqual(ended(reason))
    // What one answer has learnt, the others need not wait for.
    expect(await read(who.request, momentAt(later(1)))).toEqual(ended(reason))
  })

  it('is refused in time though requests never pause', async () => {
    const who = await signIn()
    const read = isolate()
    await read(who.request, momentAt(noon))
    await end(who)
    for (let seconds = 1; seconds < 15; seconds++) {
      await read(who.request, momentAt(later(seconds)))
    }
    expect(await read(who.request, momentAt(later(15)))).toEqual(ended(reason))
  })

  it('is refused in time though the standing was read while it ended', async () => {
    const who = await signIn()
    const read = isolate({ db: slowly(db, 'first', () => end(who)) })
    expect(await read(who.request, momentAt(noon))).toEqual(live)
    expect(await read(who.request, momentAt(later(14.999)))).toEqual(live)
    expect(await read(who.request, momentAt(later(15)))).toEqual(ended(reason))
  })
})

describe('who is let in again', () => {
  it('after being enabled, with a new session and not with the old one', async () => {
    const old = await signIn()
    const read = isolate()
    await setUserActive(db, old.user.id, false, later(1))
    await setUserActive(db, old.user.id, true, later(2))
    const fresh = await signIn({ openedAt: later(3) })
    expect(await read(fresh.request, momentAt(later(3)))).toEqual(live)
    expect(await read(old.request, momentAt(later(3)))).toEqual(ended('revoked'))
  })

  it('at once, by an operator whose clock is an hour ahead', async () => {
    const old = await signIn()
    await endSessionsOf(db, old.user.id, later(3600))
    const fresh = await signIn({ openedAt: later(1) })
    expect(await isolate()(fresh.request, momentAt(later(1)))).toEqual(live)
    expect(await isolate()(old.request, momentAt(later(1)))).toEqual(ended('revoked'))
  })

  it('when the connection is enabled again, for that ends nothing by itself', async () => {
    const { request } = await signIn()
    const read = isolate()
    await setConnectionEnabled('okta', false)
    expect(await read(request, momentAt(noon))).toEqual(ended('connection-disabled'))
    await setConnectionEnabled('okta', true)
    expect(await read(request, momentAt(noon))).toEqual(live)
  })
})

describe('signing out', () => {
  it('is at once here, and everywhere within revocationSeconds', async () => {
    const { request, hash, session } = await signIn()
    const [here, elsewhere] = [isolate(), isolate()]
    await here(request, momentAt(noon))
    await elsewhere(request, momentAt(noon))
    expect(await endWith(stores, [hash], noon)).toMatchObject([{ id: session.id }])
    here.forget(hash)
    expect(await here(request, momentAt(noon))).toEqual(ended('revoked'))
    expect(await elsewhere(request, momentAt(later(14)))).toEqual(live)
    expect(await elsewhere(request, momentAt(later(15)))).toEqual(ended('revoked'))
  })
})

describe('nobody', () => {
  it.each([
    ['no cookie', ''],
    ['an empty cookie', '__Host-gatehouse='],
    ['a token that is too short', `__Host-gatehouse=${'A'.repeat(42)}`],
    ['a token that is too long', `__Host-gatehouse=${'A'.repeat(44)}`],
    ['a token with a foreign character', `__Host-gatehouse=${'A'.repeat(42)}=`],
    ['a path for a token', `__Host-gatehouse=../${'A'.repeat(40)}`],
    ['a name that ends as ours', `x__Host-gatehouse=${'A'.repeat(43)}`],
    ['a name that begins as ours', `__Host-gatehouse2=${'A'.repeat(43)}`],
  ])('comes with %s, and storage is not asked', async (_, cookie) => {
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    const headers = { Cookie: cookie }
    const request = new Request('https://app.example.com/', { headers })
    expect(await read(request, momentAt(noon))).toEqual({ kind: 'none' })
    expect(await read.again(request, momentAt(noon))).toEqual({ kind: 'none' })
    expect([watchedKv.calls, watchedDb.calls]).toEqual([[], []])
  })

  it('comes with a look-alike of the cookie, and storage is not asked', async () => {
    const { token } = await signIn()
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    for (const before of ['\u2000', '\v', '\f', '=']) {
      const headers = { Cookie: `a=1; ${before}__Host-gatehouse=${token}` }
      const request = new Request('https://app.example.com/', { headers })
      expect(await read(request, momentAt(noon)), before).toEqual({ kind: 'none' })
    }
    expect([watchedKv.calls, watchedDb.calls]).toEqual([[], []])
  })
})

describe('several cookies of the name', () => {
  const other = 'A'.repeat(43)
  const sent = (values: readonly string[]) =>
    new Request('https://app.example.com/', {
      headers: { Cookie: values.map((value) => `__Host-gatehouse=${value}`).join('; ') },
    })

  it('count as the one that is of a live session, wherever it stands', async () => {
    const { token } = await signIn()
    for (const values of [
      [token, other],
      [other, token],
      [token, token],
      ['', token],
      [other, 'B'.repeat(43), 'C'.repeat(43), token],
    ]) {
      expect(await isolate()(sent(values), momentAt(noon))).toEqual(live)
      expect(await isolate().again(sent(values), momentAt(noon))).toEqual(live)
    }
  })

  it('count as none when two are of live sessions, for one may be an attacker’s', async () => {
    const [one, two] = [await signIn(), await signIn({}, { subject: 'mallory' })]
    for (const values of [
      [one.token, two.token],
      [two.token, one.token],
    ]) {
      expect(await isolate()(sent(values), momentAt(noon))).toEqual({ kind: 'none' })
      expect(await isolate().again(sent(values), momentAt(noon))).toEqual({ kind: 'none' })
    }
    await endWith(stores, [two.hash], noon)
    expect(await isolate()(sent([two.token, one.token]), momentAt(noon))).toEqual(live)
  })

  it('are refused as the first is when none is of a live session', async () => {
    const { token, hash } = await signIn()
    await endWith(stores, [hash], noon)
    for (const [values, reason] of [
      [[token, other], 'revoked'],
      [[other, token], 'unknown'],
    ] as const) {
      expect(await isolate()(sent(values), momentAt(noon))).toEqual(ended(reason))
      expect(await isolate().again(sent(values), momentAt(noon))).toEqual(ended(reason))
    }
  })

  it('count as none when there are more than four, and storage is not asked', async () => {
    const { token } = await signIn()
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    const values = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(43))
    expect(await read(sent([...values, token]), momentAt(noon))).toEqual({ kind: 'none' })
    expect([watchedKv.calls, watchedDb.calls]).toEqual([[], []])
  })

  it('ask for no more than one cookie does when there is one', async () => {
    const { token } = await signIn()
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const read = isolate({ kv: watchedKv.binding, db: watchedDb.binding })
    for (let i = 0; i < 3; i++) expect(await read(sent([token]), momentAt(noon))).toEqual(live)
    expect([watchedKv.calls, watchedDb.calls]).toEqual([['get'], ['prepare']])
  })
})

describe('a state that is not whole', () => {
  const keyOf = (hash: string) => `session:${hash}`

  it('is refused when the token names nothing', async () => {
    const request = requestWith('A'.repeat(43))
    expect(await isolate()(request, momentAt(noon))).toEqual(ended('unknown'))
  })

  it('is refused when only KV has it', async () => {
    const { request, session } = await signIn()
    await env.DB.prepare('DELETE FROM sessions WHERE id = ?').bind(session.id).run()
    expect(await isolate()(request, momentAt(noon))).toEqual(ended('unknown'))
    expect(await isolate().again(request, momentAt(noon))).toEqual(ended('unknown'))
  })

  it('is not known while only D1 has it: KV may be late in showing what was just opened', async () => {
    const { request, hash } = await signIn()
    const text = (await kv.get(keyOf(hash))) ?? ''
    await kv.delete(keyOf(hash))
    const late = { name: 'StoreUnavailable', store: 'KV' }
    for (const seconds of [0, 119]) {
      const moment = momentAt(later(seconds))
      await expect(isolate()(request, moment)).rejects.toMatchObject(late)
      await expect(isolate().again(request, moment)).rejects.toMatchObject(late)
    }
    await kv.put(keyOf(hash), text)
    expect(await isolate()(request, momentAt(noon))).toEqual(live)
  })

  it('is refused when only D1 has it two minutes later, or has it as ended or of another site', async () => {
    const { request, hash } = await signIn()
    await kv.delete(keyOf(hash))
    expect(await isolate()(request, momentAt(later(120)))).toEqual(ended('unknown'))
    expect(await isolate().again(request, momentAt(later(120)))).toEqual(ended('unknown'))
    expect(await isolate()(request, momentAt(noon, 'b.example.com'))).toEqual(ended('unknown'))
    await db.prepare('UPDATE sessions SET revoked_at = ?').bind(noon).run()
    expect(await isolate()(request, momentAt(noon))).toEqual(ended('unknown'))
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{"id":'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
  ])('is refused when KV holds %s', async (_, text) => {
    const { request, hash } = await signIn()
    await kv.put(keyOf(hash), text)
    expect(await isolate()(request, momentAt(later(120)))).toEqual(ended('unknown'))
  })

  it('is refused without any one field, or with one of another type, or one more', async () => {
    const { request, hash, session } = await signIn()
    const broken = Object.keys(session).flatMap((name) => [
      Object.fromEntries(Object.entries(session).filter(([key]) => key !== name)),
      { ...session, [name]: { not: 'this' } },
    ])
    expect(broken).toHaveLength(38)
    for (const text of [...broken, { ...session, admin: true }].map((one) => JSON.stringify(one))) {
      await kv.put(keyOf(hash), text)
      expect(await isolate()(request, momentAt(later(120))), text).toEqual(ended('unknown'))
    }
    await kv.put(keyOf(hash), JSON.stringify(session))
    expect(await isolate()(request, momentAt(noon))).toEqual(live)
  })

  it('is refused when KV and D1 disagree on whose session it is, of what connection or site', async () => {
    await addConnection('entra')
    const other = await signIn({}, { connection: 'entra', subject: 'mallory' })
    for (const lie of [{ userId: other.user.id }, { connection: 'entra' }]) {
      const { request, hash, session } = await signIn()
      await kv.put(keyOf(hash), JSON.stringify({ ...session, ...lie }))
      expect(await isolate()(request, momentAt(noon))).toEqual(ended('unknown'))
    }
    const moved = await signIn()
    await kv.put(keyOf(moved.hash), JSON.stringify({ ...moved.session, site: 'b.example.com' }))
    const there = momentAt(noon, 'b.example.com')
    expect(await isolate()(moved.request, there)).toEqual(ended('unknown'))
  })

  it('is refused on another site, warm or not, and on the same host by another port', async () => {
    const { request } = await signIn()
    const read = isolate()
    await read(request, momentAt(noon))
    for (const host of ['b.example.com', 'app.example.com:8443', 'app.example.com.']) {
      expect(await read(request, momentAt(noon, host))).toEqual(ended('other-site'))
      expect(await read.again(request, momentAt(noon, host))).toEqual(ended('other-site'))
    }
    expect(await read(request, momentAt(noon))).toEqual(live)
  })
})

describe('the end of a session', () => {
  const HOUR = 3600

  it('is at the very millisecond, warm or not, though there was a request just before', async () => {
    const { request, session } = await signIn({ expiresAt: later(HOUR) })
    const read = isolate()
    const last = toInstant(session.expiresAt - 1)
    expect(await read(request, momentAt(last))).toEqual(live)
    expect(await read.again(request, momentAt(last))).toEqual(live)
    expect(await read(request, momentAt(session.expiresAt))).toEqual(ended('expired'))
    expect(await read.again(request, momentAt(session.expiresAt))).toEqual(ended('expired'))
    expect(await isolate()(request, momentAt(session.expiresAt))).toEqual(ended('expired'))
  })

  it('is not put off by requests', async () => {
    const { request } = await signIn({ expiresAt: later(HOUR), idleSeconds: 900 })
    const read = isolate()
    for (let seconds = 0; seconds < HOUR; seconds += 300) {
      const moment = momentAt(later(seconds))
      expect(await read(request, moment)).toEqual(live)
      await moment.settled()
    }
    expect(await read(request, momentAt(later(HOUR)))).toEqual(ended('expired'))
  })

  it('comes after idleSeconds without a request, and the tenth of it by which the record may lag', async () => {
    const { request } = await signIn({ idleSeconds: 900 })
    const end = later(900 + 90)
    expect(await isolate()(request, momentAt(end))).toEqual(ended('idle'))
    expect(await isolate().again(request, momentAt(end))).toEqual(ended('idle'))
    expect(await isolate()(request, momentAt(toInstant(end - 1)))).toEqual(live)
  })

  it('never comes to who asks every idleSeconds, in whatever isolate', async () => {
    const { request } = await signIn({ idleSeconds: 900 })
    for (let visit = 0; visit < 8; visit++) {
      const moment = momentAt(later(visit * 900))
      expect(await isolate()(request, moment)).toEqual(live)
      await moment.settled()
    }
  })

  it('is not put off by what is left open: reading again is no sign of life', async () => {
    const { request } = await signIn({ idleSeconds: 900 })
    const read = isolate()
    await read(request, momentAt(noon))
    for (let seconds = 15; seconds < 990; seconds += 15) {
      const moment = momentAt(later(seconds))
      expect(await read.again(request, moment)).toEqual(live)
      await moment.settled()
    }
    expect(await read.again(request, momentAt(later(990)))).toEqual(ended('idle'))
  })

  it('is what D1 says when this isolate has not seen what another has', async () => {
    const { request } = await signIn({ idleSeconds: 40 })
    const here = createSessionReader({
      kv,
      db,
      revocationSeconds: 600,
      boundCookies,
      shortestIdleSeconds: null,
    })
    await here(request, momentAt(noon))
    const moment = momentAt(later(42))
    await isolate()(request, moment)
    await moment.settled()
    expect(await here(request, momentAt(later(60)))).toEqual(live)
    expect(await here(request, momentAt(later(95)))).toEqual(live)
    expect(await here(request, momentAt(later(200)))).toEqual(ended('idle'))
  })
})

describe('noting a request', () => {
  const lastSeen = async (who: SignedIn) => (await findStanding(db, who.session))?.lastSeenAt
  const noted = ({ session }: SignedIn) =>
    db
      .prepare('SELECT last_seen_at FROM sign_ins WHERE id = ?1')
      .bind(session.signIn)
      .first<number>('last_seen_at')
  const asPage = (request: Request) =>
    new Request(request, {
      headers: { ...Object.fromEntries(request.headers), 'Sec-Fetch-Mode': 'navigate' },
    })
  const page = (who: SignedIn) => asPage(who.request)
  /** A further session of the sign-in. @returns a request with it. */
  async function openFurther({ session }: SignedIn, fields: Partial<Session>): Promise<Request> {
    const ofSignIn = { ...session, ...fields, signIn: session.signIn ?? '' }
    const further = { ...ofSignIn, id: crypto.randomUUID() }
    const opening = { session: further, newSignIn: null, replaces: [] }
    const token = await openSession(stores, opening, background)
    if (!token.ok) throw new Error(token.error)
    return requestWith(token.value)
  }

  it('happens once in a tenth of idleSeconds at most, in one isolate', async () => {
    const read = isolate()
    const who = await signIn({ idleSeconds: 600 })
    const seen: (Instant | undefined)[] = []
    for (const seconds of [0, 59.999, 60, 61, 74, 119.999, 120]) {
      const moment = momentAt(later(seconds))
      await read(who.request, moment)
      await moment.settled()
      seen.push(await lastSeen(who))
    }
    expect(seen).toEqual([0, 0, 60, 60, 60, 60, 120].map(later))
  })

  it('happens as often as the shortest idle limit of all hosts needs it, by messages too', async () => {
    const who = await signIn({ idleSeconds: null })
    const shared = { ...stores, revocationSeconds, boundCookies }
    const read = createSessionReader({ ...shared, shortestIdleSeconds: 300 })
    for (const [by, seconds, at] of [
      ['page', 29.999, 0],
      ['page', 30, 30],
      ['message', 59, 30],
      ['message', 60, 60],
    ] as const) {
      const moment = momentAt(later(seconds))
      const reading = await read(who.request, by === 'page' ? moment : momentAt(later(30)))
      if (by === 'message' && reading.kind === 'live') {
        expect(read.alive(reading.live, moment)).toBe(later(at + 30))
      }
      await moment.settled()
      expect(await lastSeen(who)).toBe(later(at))
    }
    expect(await isolate()(page(who), momentAt(later(600)))).toEqual(live)
  })

  it('by a message happens although the isolate has forgotten the session, and brings nothing back', async () => {
    const who = await signIn({ idleSeconds: 600 })
    const broken = breakable(db, 'prepare')
    const read = isolate({ db: broken.binding })
    const reading = await read(who.request, momentAt(noon))
    if (reading.kind !== 'live') throw new Error(reading.kind)
    read.forget(who.hash)
    const moment = momentAt(later(1))
    expect(read.alive(reading.live, moment)).toBe(later(61))
    await moment.settled()
    expect(await lastSeen(who)).toBe(later(1))
    broken.isBroken = true
    const failing = momentAt(later(61))
    expect(read.alive(reading.live, failing)).toBe(later(121))
    await failing.settled()
    broken.isBroken = false
    await revokeSession(db, who.session.id, later(2))
    expect(await read(who.request, momentAt(later(2)))).toEqual(ended('revoked'))
  })

  it('happens ten times within a short idleSeconds', async () => {
    const who = await signIn({ idleSeconds: 40 })
    const read = isolate()
    for (const [seconds, at] of [
      [3.999, 0],
      [4, 4],
      [7.999, 4],
      [8, 8],
    ] as const) {
      const moment = momentAt(later(seconds))
      await read(who.request, moment)
      await moment.settled()
      expect(await lastSeen(who)).toBe(later(at))
    }
  })

  it('and reading the standing are one statement, where the isolate knows the session', async () => {
    const recorded = recording(db)
    const read = isolate({ db: recorded.binding })
    const who = await signIn({ idleSeconds: 600 })
    await read(who.request, momentAt(noon))
    recorded.forget()
    const moment = momentAt(later(60))
    expect(await read(who.request, moment)).toEqual(live)
    await moment.settled()
    expect(recorded.statements).toHaveLength(1)
    expect(await lastSeen(who)).toBe(later(60))
  })

  it('and reading the standing are one statement for a page in an isolate that is new', async () => {
    const recorded = recording(db)
    const who = await signIn({ idleSeconds: 600 })
    const moment = momentAt(later(60))
    expect(await isolate({ db: recorded.binding })(page(who), moment)).toEqual(live)
    await moment.settled()
    expect(recorded.statements).toHaveLength(1)
    expect(await lastSeen(who)).toBe(later(60))
  })

  it('is left out where another isolate has just noted one, and the standing is read', async () => {
    const who = await signIn({ idleSeconds: 600 })
    await isolate()(page(who), momentAt(later(60)))
    expect(await isolate()(page(who), momentAt(later(61)))).toEqual(live)
    expect(await lastSeen(who)).toBe(later(60))
  })

  it.each(endings)('does not happen after the end: $what', async ({ end, reason }) => {
    const who = await signIn({ idleSeconds: 600 })
    const known = isolate()
    await known(who.request, momentAt(noon))
    await end(who)
    for (const read of [isolate(), known]) {
      expect(await read(page(who), momentAt(later(60)))).toEqual(ended(reason))
    }
    expect([noon, null]).toContain(await noted(who))
  })

  it('does not happen by a session that has ended, although its sign-in goes on elsewhere', async () => {
    const gone = await signIn({ idleSeconds: 600 })
    const short = await openFurther(gone, { site: 'b.example.com', expiresAt: later(60) })
    const goesOn = await openFurther(gone, { site: 'c.example.com' })
    const known = isolate()
    await known(gone.request, momentAt(noon))
    await known(short, momentAt(noon, 'b.example.com'))
    await endSessions(stores, { hashes: [gone.hash], scope: hereOnly, now: noon })
    for (const read of [isolate(), known]) {
      expect(await read(page(gone), momentAt(later(60)))).toEqual(ended('revoked'))
      const late = momentAt(later(60), 'b.example.com')
      expect(await read(asPage(short), late)).toEqual(ended('expired'))
    }
    expect(await noted(gone)).toBe(noon)
    expect(await known(goesOn, momentAt(later(659), 'c.example.com'))).toEqual(live)
    expect(await noted(gone)).toBe(later(659))
  })

  it('of a session that is bound to a device needs the cookie of the device', async () => {
    const who = await signIn({ idleSeconds: 600 })
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(noon).run()
    const known = isolate()
    const bound = (seconds: number) => momentAt(later(seconds), 'app.example.com', 'offer')
    await known(who.request, bound(1))
    // Refused, but no proof of a theft: the session goes on, and must not for longer than it would.
    for (const read of [isolate(), known, isolate()]) {
      const moment = bound(70)
      expect(await read(page(who), moment)).toEqual(ended('no-device'))
      expect(await read(who.request, moment)).toEqual(ended('no-device'))
      await moment.settled()
    }
    expect(await noted(who)).toBe(noon)
    const cookie = (await boundCookies.make(who.session.id, later(80))).split(';')[0] ?? ''
    const withCookie = requestWith(`${who.token}; ${cookie}`)
    for (const [read, seconds] of [
      [known, 90],
      [isolate(), 200],
    ] as const) {
      const moment = bound(seconds)
      expect(await read(asPage(withCookie), moment)).toEqual(live)
      await moment.settled()
      expect(await noted(who)).toBe(later(seconds))
    }
  })

  it('does not bring back a session that ended while the cookie of the device was being opened', async () => {
    const who = await signIn({ idleSeconds: 100 })
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(noon).run()
    let open = () => {}
    let opening = Promise.resolve()
    const slowCookies = {
      ...boundCookies,
      isFresh: async (...asked: Parameters<typeof boundCookies.isFresh>) => {
        await opening
        return boundCookies.isFresh(...asked)
      },
    }
    const shared = { ...stores, revocationSeconds, shortestIdleSeconds: null }
    const read = createSessionReader({ ...shared, boundCookies: slowCookies })
    const cookie = (await boundCookies.make(who.session.id, later(70))).split(';')[0] ?? ''
    const request = requestWith(`${who.token}; ${cookie}`)
    const bound = (seconds: number) => momentAt(later(seconds), 'app.example.com', 'offer')
    expect(await read(request, bound(70))).toEqual(live)
    opening = new Promise((resolve) => (open = resolve))
    const moment = bound(80)
    const meanwhile = read(request, moment)
    await revokeSession(db, who.session.id, later(80))
    read.forget(who.hash)
    open()
    await meanwhile
    await moment.settled()
    expect(await read(request, bound(81))).toEqual(ended('revoked'))
  })

  it('of a bound session counts where the cookie of the device is not asked for', async () => {
    const who = await signIn({ idleSeconds: 600 })
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(noon).run()
    expect(await isolate()(page(who), momentAt(later(60)))).toEqual(live)
    expect(await noted(who)).toBe(later(60))
    const young = await signIn({ idleSeconds: 100, openedAt: later(100) })
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(later(101)).run()
    const moment = momentAt(later(150), 'app.example.com', 'require')
    expect(await isolate()(page(young), moment)).toEqual(live)
    await moment.settled()
    expect(await noted(young)).toBe(later(150))
  })

  it('by a background request needs that cookie of a bound session only', async () => {
    const who = await signIn({ idleSeconds: 100 })
    const offering = async (request: Request, seconds: number) => {
      const moment = momentAt(later(seconds), 'app.example.com', 'offer')
      const reading = await isolate()(request, moment)
      await moment.settled()
      return reading
    }
    expect(await offering(who.request, 61)).toEqual(live)
    expect(await noted(who)).toBe(later(61))
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(later(62)).run()
    const cookie = (await boundCookies.make(who.session.id, later(100))).split(';')[0] ?? ''
    expect(await offering(requestWith(`${who.token}; ${cookie}`), 120)).toEqual(live)
    expect(await noted(who)).toBe(later(120))
    expect(await offering(who.request, 140)).toEqual(ended('no-device'))
    expect(await noted(who)).toBe(later(120))
  })

  it('does not bring an idle session back', async () => {
    const who = await signIn({ idleSeconds: 600 })
    const known = isolate()
    await known(who.request, momentAt(noon))
    for (const read of [isolate(), known, isolate()]) {
      expect(await read(page(who), momentAt(later(660)))).toEqual(ended('idle'))
    }
    expect(await lastSeen(who)).toBe(noon)
  })

  it('does not let in where KV and D1 disagree', async () => {
    const who = await signIn({ idleSeconds: 600 })
    await db.exec("UPDATE sessions SET site = 'other.example.com'")
    expect(await isolate()(page(who), momentAt(later(60)))).toEqual(ended('unknown'))
  })

  it('within the seconds for which a standing is remembered does not wait: the answer goes out before', async () => {
    const who = await signIn({ idleSeconds: 100 })
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const read = isolate({ db: slowly(db, 'run', () => held) })
    await read(who.request, momentAt(later(1)))
    const moment = momentAt(later(10))
    expect(await read(who.request, moment)).toEqual(live)
    release()
    await moment.settled()
    expect(await lastSeen(who)).toBe(later(10))
  })

  it('that fails lets the visitor in, is not unhandled, and is tried again', async () => {
    const who = await signIn({ idleSeconds: 600 })
    const touches = breakable(db, 'prepare')
    const read = isolate({ db: touches.binding })
    await read(who.request, momentAt(later(50)))
    touches.isBroken = true
    const failing = momentAt(later(60))
    expect(await read(who.request, failing)).toEqual(live)
    await failing.settled()
    touches.isBroken = false
    const moment = momentAt(later(61))
    expect(await read(who.request, moment)).toEqual(live)
    await moment.settled()
    expect(await lastSeen(who)).toBe(later(61))
  })

  it('that D1 refuses to write, as when it is full, keeps nobody out', async () => {
    await db.exec(
      "CREATE TRIGGER full BEFORE UPDATE ON sign_ins BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    const who = await signIn({ idleSeconds: 600 })
    const moment = momentAt(later(60))
    const read = isolate()
    expect(await read(page(who), moment)).toEqual(live)
    await moment.settled()
    expect(await read(page(who), momentAt(later(120)))).toEqual(live)
    await db.exec('DROP TRIGGER full')
  })
})

describe('storage that fails', () => {
  it('is StoreUnavailable of KV, and neither live nor a reason to sign in', async () => {
    const broken = breakable(kv)
    broken.isBroken = true
    const { request } = await signIn()
    const read = isolate({ kv: broken.binding })
    for (const reading of [read(request, momentAt(noon)), read.again(request, momentAt(noon))]) {
      await expect(reading).rejects.toBeInstanceOf(StoreUnavailable)
      await expect(reading).rejects.toMatchObject({ store: 'KV' })
    }
  })

  it('is StoreUnavailable of D1, whether it refuses the query or loses the answer', async () => {
    const broken = breakable(db)
    broken.isBroken = true
    const { request } = await signIn()
    for (const failing of [broken.binding, failsToAnswer(db, 'first')]) {
      const read = isolate({ db: failing })
      for (const reading of [read(request, momentAt(noon)), read.again(request, momentAt(noon))]) {
        await expect(reading).rejects.toBeInstanceOf(StoreUnavailable)
        await expect(reading).rejects.toMatchObject({ store: 'D1' })
      }
    }
  })

  it('shuts a warm isolate at revocationSeconds, and opens it when storage is back', async () => {
    const broken = breakable(db)
    const { request } = await signIn()
    const read = isolate({ db: broken.binding })
    await read(request, momentAt(noon))
    broken.isBroken = true
    expect(await read(request, momentAt(later(14)))).toEqual(live)
    await expect(read(request, momentAt(later(15)))).rejects.toBeInstanceOf(StoreUnavailable)
    broken.isBroken = false
    expect(await read(request, momentAt(later(16)))).toEqual(live)
  })

  it('keeps the token and its hash out of the error', async () => {
    const { request, token, hash } = await signIn()
    const broken = breakable(kv)
    broken.isBroken = true
    const error = await isolate({ kv: broken.binding })(request, momentAt(noon)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(StoreUnavailable)
    const told = error instanceof Error ? `${error.message} ${String(error.cause)}` : ''
    expect(told).not.toContain(token)
    expect(told).not.toContain(hash)
  })
})
