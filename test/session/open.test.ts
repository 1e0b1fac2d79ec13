import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import type { User } from '../../src/directory/user.ts'
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import type { Session } from '../../src/session/session.ts'
import { hashToken, toSessionToken } from '../../src/session/token.ts'
import { endSessionsOf } from '../support/ending.ts'
import { settled } from '../support/background.ts'
import { breakable, failsToAnswer } from '../support/binding.ts'
import {
  boundCookies,
  addConnection,
  addUser,
  emptyStores,
  momentAt,
  requestWith,
  signIn,
  stores,
  openFor,
  tryToOpen,
  endWith,
} from '../support/session.ts'
import { liveOf, noon } from '../support/site.ts'

const { kv, db } = stores
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const sessionOf = (user: User, openedAt: Instant = noon): Session =>
  liveOf({ id: crypto.randomUUID(), userId: user.id, openedAt }).session
const read = (token: string, now: Instant) =>
  createSessionReader({ kv, db, revocationSeconds: 15, boundCookies, shortestIdleSeconds: null })(
    requestWith(token),
    momentAt(now),
  )
const live = expect.objectContaining({ kind: 'live' })
const rows = async () => (await env.DB.prepare('SELECT * FROM sessions').all()).results
const keys = async () => (await kv.list()).keys

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('a session that is opened', () => {
  it('is live at once, under a token of 256 bits that no other session has', async () => {
    const user = await addUser()
    const tokens = await Promise.all(
      Array.from({ length: 8 }, () => openFor(stores, sessionOf(user), user)),
    )
    expect(new Set(tokens).size).toBe(8)
    for (const token of tokens) {
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(await read(token, noon)).toEqual(live)
    }
  })

  it('is stored under the hash of its token; the token itself is stored nowhere', async () => {
    const { token, hash } = await signIn()
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token)))
    expect(hash).toBe(encodeBase64Url(digest))
    expect((await keys()).map(({ name }) => name)).toEqual([`session:${hash}`])
    const stored = [await kv.get(`session:${hash}`), await rows(), await keys()]
    expect(JSON.stringify(stored)).not.toContain(token)
    expect(await rows()).toMatchObject([{ token_hash: hash }])
  })

  it.each([
    ['at its end, in whole seconds that are not too few', 3600.5, 3601],
    ['no sooner than KV can, after 60 seconds', 5, 60],
  ])('leaves KV by itself %s', async (_, seconds, kept) => {
    const user = await addUser()
    const before = Math.floor(Date.now() / 1000)
    await openFor(stores, { ...sessionOf(user), expiresAt: later(seconds) }, user)
    const after = Math.floor(Date.now() / 1000)
    const [key] = await keys()
    // KV counts from the whole second in which it is written to.
    expect(key?.expiration).toBeGreaterThanOrEqual(before + kept)
    expect(key?.expiration).toBeLessThanOrEqual(after + kept)
  })

  it('may be shorter than the least that KV keeps, and ends in time all the same', async () => {
    const user = await addUser()
    const session = { ...sessionOf(user), expiresAt: later(5) }
    const token = await openFor(stores, session, user)
    expect(await read(token, later(4.999))).toEqual(live)
    expect(await read(token, later(5))).toMatchObject({ kind: 'ended', reason: 'expired' })
  })
})

describe('a login under way', () => {
  it.each([
    [
      'is disabled',
      'user-disabled',
      (user: User, at: Instant) => setUserActive(db, user.id, false, at),
    ],
    [
      'is disabled and enabled again',
      'ended-meanwhile',
      async (user: User, at: Instant) => {
        await setUserActive(db, user.id, false, at)
        await setUserActive(db, user.id, true, at)
      },
    ],
    [
      'has all sessions ended',
      'ended-meanwhile',
      (user: User, at: Instant) => endSessionsOf(db, user.id, at),
    ],
  ] as const)(
    'opens no session when the user %s meanwhile, by any clock: %s',
    async (_, why, end) => {
      for (const skew of [-86_400, -1, 0, 1, 86_400]) {
        await emptyStores()
        await addConnection('okta')
        const user = await addUser()
        await end(user, later(skew))
        const session = sessionOf(user, later(1))
        expect(await tryToOpen(stores, session, user)).toEqual({ ok: false, error: why })
        expect(await rows()).toEqual([])
        expect(await env.DB.prepare('SELECT 1 FROM sign_ins').first()).toBeNull()
      }
      await settled()
      expect(await keys()).toEqual([])
    },
  )

  it('opens no session where KV does not remove what it was given, and says why', async () => {
    const user = await addUser()
    await setUserActive(db, user.id, false, noon)
    const { binding } = Object.assign(breakable(kv, 'delete'), { isBroken: true })
    const opened = await tryToOpen({ kv: binding, db }, sessionOf(user), user)
    expect(opened).toEqual({ ok: false, error: 'user-disabled' })
    await settled()
    expect(await keys()).toHaveLength(1)
  })

  it('opens no session when the user is removed meanwhile', async () => {
    const user = await addUser()
    await env.DB.exec('DELETE FROM users')
    const opened = await tryToOpen(stores, sessionOf(user), user)
    expect(opened).toEqual({ ok: false, error: 'ended-meanwhile' })
    expect(await rows()).toEqual([])
  })

  it('opens a session though another isolate, by a clock ahead, made the user', async () => {
    const user = await addUser({}, later(5))
    const token = await openFor(stores, sessionOf(user, noon), user)
    expect(await read(token, noon)).toEqual(live)
  })

  it('is over by what ends sessions after it, even by a clock far behind', async () => {
    const user = await addUser()
    const token = await openFor(stores, sessionOf(user, later(100)), user)
    await endSessionsOf(db, user.id, later(-86_400))
    expect(await read(token, later(100))).toMatchObject({ kind: 'ended', reason: 'revoked' })
  })
})

describe('a fault while a session is opened', () => {
  it('of KV leaves nothing that lets anybody in', async () => {
    const user = await addUser()
    const broken = breakable(kv)
    broken.isBroken = true
    const opening = openFor({ kv: broken.binding, db }, sessionOf(user), user)
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await keys()).toEqual([])
  })

  it('of D1 leaves a half under a token that nobody was given', async () => {
    const user = await addUser()
    const broken = breakable(db)
    broken.isBroken = true
    const opening = openFor({ kv, db: broken.binding }, sessionOf(user), user)
    await expect(opening).rejects.toMatchObject({ name: 'StoreUnavailable', store: 'D1' })
    expect(await rows()).toEqual([])
  })

  it('of D1 after it has written is one as well', async () => {
    const user = await addUser()
    const opening = openFor({ kv, db: failsToAnswer(db, 'batch') }, sessionOf(user), user)
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable)
  })
})

/** As it was before D1 knew tokens. */
const makeOlder = (id: string) =>
  db.prepare('UPDATE sessions SET token_hash = NULL WHERE id = ?').bind(id).run()
const revokedAt = (id: string) =>
  db.prepare('SELECT revoked_at FROM sessions WHERE id = ?').bind(id).first('revoked_at')

describe('signing out', () => {
  it('ends that session and no other', async () => {
    const [one, two] = [await signIn(), await signIn()]
    expect(await endWith(stores, [one.hash], noon)).toEqual([
      {
        id: one.session.id,
        userId: one.user.id,
        hash: one.hash,
        signIn: expect.any(String),
        wasSignedIn: true,
      },
    ])
    expect(await read(one.token, noon)).toMatchObject({ kind: 'ended', reason: 'revoked' })
    expect(await read(two.token, noon)).toEqual(live)
  })

  it('twice ends it once', async () => {
    const { hash, session } = await signIn()
    await endWith(stores, [hash], noon)
    await endWith(stores, [hash], later(9))
    expect(await revokedAt(session.id)).toBe(noon)
  })

  it('ends all the sessions of a browser that sends many, and no other', async () => {
    const mine = await Promise.all(Array.from({ length: 32 }, () => signIn()))
    const other = await signIn()
    const ended = await endWith(
      stores,
      mine.map(({ hash }) => hash),
      noon,
    )
    expect(new Set(ended.map(({ id }) => id))).toEqual(
      new Set(mine.map(({ session }) => session.id)),
    )
    for (const { token } of mine) {
      expect(await read(token, noon)).toMatchObject({ kind: 'ended', reason: 'revoked' })
    }
    expect(await read(other.token, noon)).toEqual(live)
  })

  it('of a token that was never given is nothing', async () => {
    await signIn()
    const hash = await hashToken(toSessionToken(new Uint8Array(32)))
    expect(await endWith(stores, [hash], noon)).toEqual([])
  })

  it('is done in D1 though KV does not show the session', async () => {
    const { hash, token, session } = await signIn()
    const text = (await kv.get(`session:${hash}`)) ?? ''
    await kv.delete(`session:${hash}`)
    expect(await endWith(stores, [hash], noon)).toMatchObject([{ id: session.id }])
    expect(await revokedAt(session.id)).toBe(noon)
    await kv.put(`session:${hash}`, text)
    expect(await read(token, noon)).toMatchObject({ kind: 'ended', reason: 'revoked' })
  })

  it('of a session from before D1 knew tokens ends it by what KV says', async () => {
    const { hash, token, session } = await signIn()
    await makeOlder(session.id)
    expect(await endWith(stores, [hash], noon)).toMatchObject([{ id: session.id }])
    expect(await revokedAt(session.id)).toBe(noon)
    expect(await read(token, noon)).toMatchObject({ kind: 'ended' })
  })

  it('says that it is not done where such a session may be meant, and KV shows none', async () => {
    const { hash, session } = await signIn()
    await makeOlder(session.id)
    await kv.delete(`session:${hash}`)
    await expect(endWith(stores, [hash], noon)).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await revokedAt(session.id)).toBeNull()
    // Once they have all expired, or ended, none can be meant.
    expect(await endWith(stores, [hash], session.expiresAt)).toEqual([])
    await db.prepare('UPDATE sessions SET revoked_at = ?').bind(noon).run()
    expect(await endWith(stores, [hash], noon)).toEqual([])
  })

  it('does not say that it did when D1 has not', async () => {
    const { hash, token } = await signIn()
    const broken = breakable(db)
    broken.isBroken = true
    await expect(endWith({ kv, db: broken.binding }, [hash], noon)).rejects.toBeInstanceOf(
      StoreUnavailable,
    )
    expect(await read(token, noon)).toEqual(live)
  })
})

describe('a session that takes the place of another', () => {
  it('ends it in D1 as it begins, though KV does not show it', async () => {
    const old = await signIn()
    await kv.delete(`session:${old.hash}`)
    const token = await openFor(stores, sessionOf(old.user), old.user, [old.hash])
    expect(await read(token, noon)).toEqual(live)
    expect(await revokedAt(old.session.id)).toBe(noon)
  })

  it('does not begin where D1 cannot end that one', async () => {
    const old = await signIn()
    const taken = { ...sessionOf(old.user), id: old.session.id }
    const opening = openFor(stores, taken, old.user, [old.hash])
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await revokedAt(old.session.id)).toBeNull()
    expect(await rows()).toHaveLength(1)
  })

  it('ends none if it does not begin itself, however old that one is', async () => {
    const [old, older] = [await signIn(), await signIn()]
    await makeOlder(older.session.id)
    const user = await addUser({ subject: 'bob' })
    await setUserActive(db, user.id, false, noon)
    const replaces = [old.hash, older.hash]
    const opened = await tryToOpen(stores, sessionOf(user), user, replaces)
    expect(opened).toEqual({ ok: false, error: 'user-disabled' })
    for (const { token } of [old, older]) expect(await read(token, noon)).toEqual(live)
    const ended = env.DB.prepare('SELECT count(*) AS n FROM sign_ins WHERE ended_at IS NOT NULL')
    expect(await ended.first('n')).toBe(0)
  })

  it('ends one from before D1 knew tokens too, or says that it is not known', async () => {
    const old = await signIn()
    await makeOlder(old.session.id)
    await openFor(stores, sessionOf(old.user), old.user, [old.hash])
    expect(await revokedAt(old.session.id)).toBe(noon)

    const lost = await signIn()
    await makeOlder(lost.session.id)
    await kv.delete(`session:${lost.hash}`)
    const opening = openFor(stores, sessionOf(old.user), old.user, [lost.hash])
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable)
  })
})

describe('what finds a session by its token', () => {
  it('reads an index, not the table', async () => {
    const plan = async (sql: string) =>
      (await db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()).results.map((row) => row['detail'])
    const ending = await plan(
      "UPDATE sessions SET revoked_at = 1 WHERE token_hash IN (SELECT value FROM json_each('[]'))",
    )
    expect(ending[0]).toContain(
      'SEARCH sessions USING COVERING INDEX sessions_by_token (token_hash=?)',
    )
    expect(
      await plan(
        'SELECT 1 FROM sessions WHERE token_hash IS NULL AND expires_at > 1 AND revoked_at IS NULL',
      ),
    ).toEqual([expect.stringContaining('USING INDEX sessions_without_token')])
  })
})
