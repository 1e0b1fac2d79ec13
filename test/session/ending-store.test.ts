import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { saveTransfer } from '../../src/login/transfer-store.ts'
import { countSignInsOf, endSignInsOf, type SignInsOf } from '../../src/session/ending-store.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import type { Session } from '../../src/session/session.ts'
import { saveStanding } from '../../src/session/standing-store.ts'
import { saveSession } from '../../src/session/store.ts'
import { hashToken, toSessionToken, type SessionToken } from '../../src/session/token.ts'
import { breakable } from '../support/binding.ts'
import {
  boundCookies,
  addConnection,
  addUser,
  emptyStores,
  momentAt,
  tryToOpen,
  requestWith,
  signIn,
  stores,
  type SignedIn,
} from '../support/session.ts'
import { liveOf, noon } from '../support/site.ts'

const { kv, db } = stores
const later = (seconds: number): Instant => plusSeconds(noon, seconds)

/** Another isolate that has read nothing yet. */
async function isIn(token: SessionToken, site: string, now: Instant): Promise<boolean> {
  const read = createSessionReader({
    kv,
    db,
    revocationSeconds: 15,
    boundCookies,
    shortestIdleSeconds: null,
  })
  const { kind } = await read(requestWith(token, `https://${site}/`), momentAt(now, site))
  return kind === 'live'
}

/** The session of the same sign-in that a further site opens. */
async function goOnTo(site: string, { session }: SignedIn, now: Instant): Promise<SessionToken> {
  const token = toSessionToken(crypto.getRandomValues(new Uint8Array(32)))
  const hash = await hashToken(token)
  const { signIn: id } = session
  if (id === null) throw new Error('no sign-in')
  const further: Session & { readonly signIn: string } = {
    ...session,
    signIn: id,
    id: crypto.randomUUID(),
    site,
    openedAt: now,
  }
  await saveStanding(db, { session: further, hash, newSignIn: null, replaces: [] })
  await saveSession(kv, hash, further, now)
  return token
}

const end = (of: SignInsOf, now: Instant = later(10)) =>
  endSignInsOf(db, { of, why: 'revoked', now })
const wiki = 'wiki.example.com'
const app = 'app.example.com'

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
  await addConnection('entra')
})

interface Crowd {
  readonly ada: SignedIn
  readonly adaAtWiki: SessionToken
  readonly adasPhone: SignedIn
  readonly bob: SignedIn
  readonly eve: SignedIn
}

/** Ada has two sign-ins, one of them at both sites. Eve has another connection. */
async function crowd(): Promise<Crowd> {
  const ada = await signIn()
  return {
    ada,
    adaAtWiki: await goOnTo(wiki, ada, later(1)),
    adasPhone: await signIn({ openedAt: later(2) }),
    bob: await signIn({ site: wiki }, { subject: 'bob', userName: 'bob' }),
    eve: await signIn({}, { subject: 'eve', userName: 'eve', connection: 'entra' }),
  }
}

async function whoIsIn({ ada, adaAtWiki, adasPhone, bob, eve }: Crowd, now: Instant) {
  return {
    ada: await isIn(ada.token, app, now),
    adaAtWiki: await isIn(adaAtWiki, wiki, now),
    adasPhone: await isIn(adasPhone.token, app, now),
    bob: await isIn(bob.token, wiki, now),
    eve: await isIn(eve.token, app, now),
  }
}
const everyone = { ada: true, adaAtWiki: true, adasPhone: true, bob: true, eve: true }
const ada = { ada: false, adaAtWiki: false, adasPhone: false }

describe('ending the sign-ins', () => {
  it.each([
    {
      of: ({ ada: { user } }: Crowd): SignInsOf => ({ kind: 'user', userId: user.id }),
      what: 'of a person ends them at every site',
      out: ada,
      count: { signIns: 2, users: 1 },
    },
    {
      of: (): SignInsOf => ({ kind: 'connection', connection: 'okta' }),
      what: 'of a connection leaves the people of another one',
      out: { ...ada, bob: false },
      count: { signIns: 3, users: 2 },
    },
    {
      of: (): SignInsOf => ({ kind: 'site', site: wiki }),
      what: 'of a site ends them at other sites too, so that nobody comes back in silently',
      out: { ada: false, adaAtWiki: false, bob: false },
      count: { signIns: 2, users: 2 },
    },
    {
      of: (): SignInsOf => ({ kind: 'everybody' }),
      what: 'of everybody leaves nobody signed in',
      out: { ...ada, bob: false, eve: false },
      count: { signIns: 4, users: 3 },
    },
  ])('$what', async ({ of, out, count }) => {
    const all = await crowd()
    expect(await whoIsIn(all, later(9))).toEqual(everyone)
    expect(await countSignInsOf(db, of(all), later(9))).toEqual(count)
    expect(await end(of(all))).toEqual(count)
    expect(await whoIsIn(all, later(11))).toEqual({ ...everyone, ...out })
    expect(await countSignInsOf(db, of(all), later(11))).toEqual({ signIns: 0, users: 0 })
    expect(await end(of(all), later(12))).toEqual({ signIns: 0, users: 0 })
  })

  const everySelector = [
    ['a person', ({ id }: { id: string }): SignInsOf => ({ kind: 'user', userId: id })],
    ['a connection', (): SignInsOf => ({ kind: 'connection', connection: 'okta' })],
    ['everybody', (): SignInsOf => ({ kind: 'everybody' })],
  ] as const

  it.each(everySelector)('of %s catches a sign-in that is being opened', async (_, of) => {
    const user = await addUser()
    await end(of(user), noon)
    const { session } = liveOf({ id: 'late', userId: user.id, openedAt: later(1) })
    const opened = await tryToOpen(stores, session, user)
    expect(opened).toEqual({ ok: false, error: 'ended-meanwhile' })
  })

  it.each([...everySelector, ['a site', (): SignInsOf => ({ kind: 'site', site: wiki })] as const])(
    'of %s catches a sign-in that is on its way to a further site',
    async (_, of) => {
      const signedIn = await signIn()
      const { session, user } = signedIn
      const transfer = { signIn: session.signIn ?? '', host: wiki, login: 'l', session }
      await saveTransfer(db, 'code', { ...transfer, expiresAt: later(60) })
      await end(of(user))
      expect(await isIn(await goOnTo(wiki, signedIn, later(11)), wiki, later(11))).toBe(false)
    },
  )

  it.each([...everySelector, ['a site', (): SignInsOf => ({ kind: 'site', site: app })] as const])(
    'of %s lets people sign in again at once, also where the clock of the operator is wrong',
    async (_, of) => {
      for (const now of [later(-86_400), later(86_400)]) {
        const before = await signIn()
        await end(of(before.user), now)
        expect(await isIn(before.token, app, later(1))).toBe(false)
        const after = await signIn({ openedAt: later(1) })
        expect(await isIn(after.token, app, later(1))).toBe(true)
      }
    },
  )

  it.each([...everySelector, ['a site', (): SignInsOf => ({ kind: 'site', site: app })] as const])(
    'of %s ends sessions from before there were sign-ins',
    async (_, of) => {
      const old = await signIn({ signIn: null })
      await env.DB.exec('UPDATE sessions SET sign_in = NULL')
      await kv.put(`session:${old.hash}`, JSON.stringify({ ...old.session, signIn: null }))
      expect(await isIn(old.token, app, later(1))).toBe(true)
      expect(await end(of(old.user))).toEqual({ signIns: 1, users: 1 })
      expect(await isIn(old.token, app, later(11))).toBe(false)
    },
  )

  it('of a site stores why, and keeps the reason of those that had ended', async () => {
    const of = { kind: 'site', site: app } as const
    await signIn()
    await endSignInsOf(db, { of, why: 'signed-out', now: later(1) })
    await signIn({ openedAt: later(2) })
    await end(of)
    const { results } = await db
      .prepare('SELECT ended_why AS why, ended_at AS at FROM sign_ins ORDER BY opened_at')
      .all()
    expect(results).toEqual([
      { why: 'signed-out', at: later(1) },
      { why: 'revoked', at: later(10) },
    ])
  })

  it('counts neither what has expired nor the sign-ins of disabled people', async () => {
    await signIn({ expiresAt: later(5) })
    const { user } = await signIn({}, { subject: 'bob', userName: 'bob' })
    await db.prepare('UPDATE users SET active = 0 WHERE id = ?1').bind(user.id).run()
    expect(await countSignInsOf(db, { kind: 'everybody' }, later(5))).toEqual({
      signIns: 0,
      users: 0,
    })
  })

  it('fails where D1 fails', async () => {
    const broken = breakable(db)
    broken.isBroken = true
    const failed = { name: 'StoreUnavailable', store: 'D1' }
    const of = { kind: 'everybody' } as const
    const ended = endSignInsOf(broken.binding, { of, why: 'revoked', now: noon })
    await expect(ended).rejects.toMatchObject(failed)
    await expect(countSignInsOf(broken.binding, of, noon)).rejects.toMatchObject(failed)
  })
})
