import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { endSessions } from '../../src/session/open.ts'
import { findOpening, findStanding, touchSession } from '../../src/session/find-standing-store.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { listSessions, removeExpired, saveStanding } from '../../src/session/standing-store.ts'
import {
  findOtherPerson,
  hasSessionsWithoutToken,
  hereOnly,
} from '../../src/session/token-store.ts'
import type { Session } from '../../src/session/session.ts'
import { hashToken, toSessionToken, type TokenHash } from '../../src/session/token.ts'
import { endSessionsOf } from '../support/ending.ts'
import { breakable } from '../support/binding.ts'
import { addConnection, emptyStores, signIn, stores, endWith } from '../support/session.ts'
import { liveOf, newSignInOf, noon } from '../support/site.ts'

const { kv, db } = stores
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const idsOf = async (userId: string, now: Instant) =>
  (await listSessions(db, userId, now)).map(({ id }) => id)

/** Another session of the same sign-in, as another host opens it. */
async function openFurther(of: Session, fields: Partial<Session>): Promise<Session> {
  const session = { ...of, id: crypto.randomUUID(), ...fields }
  const hash = await hashToken(toSessionToken(crypto.getRandomValues(new Uint8Array(32))))
  const further = { ...session, signIn: session.signIn ?? '' }
  await saveStanding(db, { session: further, hash, newSignIn: null, replaces: [] })
  return session
}

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('listing sessions', () => {
  it('shows those of that user that count, newest first', async () => {
    const one = await signIn()
    const two = await signIn({ openedAt: later(10), site: 'b.example.com' })
    await signIn({}, { subject: 'bob', userName: 'bob' })
    await touchSession(db, one.session, later(20))
    expect(await listSessions(db, one.user.id, later(30))).toEqual([
      {
        id: two.session.id,
        connection: 'okta',
        site: 'b.example.com',
        openedAt: later(10),
        expiresAt: two.session.expiresAt,
        lastSeenAt: later(10),
        assertedGroups: two.session.groups,
      },
      {
        id: one.session.id,
        connection: 'okta',
        site: 'app.example.com',
        openedAt: noon,
        expiresAt: one.session.expiresAt,
        lastSeenAt: later(20),
        assertedGroups: one.session.groups,
      },
    ])
  })

  it('does not take groups that the identity provider left out for none', async () => {
    const link = 'http://schemas.microsoft.com/claims/groups.link'
    const { user } = await signIn({ groups: [], attributes: { [link]: ['https://graph'] } })
    const none = await signIn({ groups: [] }, { subject: 'bob' })
    expect((await listSessions(db, user.id, noon))[0]?.assertedGroups).toBeNull()
    expect((await listSessions(db, none.user.id, noon))[0]?.assertedGroups).toEqual([])
  })

  it('leaves out what is revoked, over for the user, or expired to the millisecond', async () => {
    const over = await signIn()
    await endSessionsOf(db, over.user.id, noon)
    const revoked = await signIn({ openedAt: later(1) })
    await revokeSession(db, revoked.session.id, later(1))
    const short = await signIn({ openedAt: later(1), expiresAt: later(60) })
    expect(await idsOf(over.user.id, later(59.999))).toEqual([short.session.id])
    expect(await idsOf(over.user.id, later(60))).toEqual([])
  })
})

describe('revoking a session', () => {
  it('says whether there was one to revoke', async () => {
    const { session } = await signIn()
    expect(await revokeSession(db, session.id, noon)).toBe(true)
    expect(await revokeSession(db, session.id, noon)).toBe(false)
    expect(await revokeSession(db, 'no such session', noon)).toBe(false)
  })

  it('ends its sign-in with every session of it, and no other sign-in of the person', async () => {
    const here = await signIn()
    const alsoHere = await openFurther(here.session, { site: 'b.example.com' })
    const elsewhere = await signIn({ openedAt: later(1) })
    await revokeSession(db, here.session.id, later(2))
    expect(await idsOf(here.user.id, later(3))).toEqual([elsewhere.session.id])
    expect((await findStanding(db, alsoHere))?.revokedAt).toBe(later(2))
    expect((await findStanding(db, elsewhere.session))?.revokedAt).toBeNull()
  })

  it('ends one that was opened before there were sign-ins, and nothing else', async () => {
    const old = await signIn()
    await db.exec('UPDATE sessions SET sign_in = NULL')
    const other = await signIn({ openedAt: later(1) })
    expect(await idsOf(old.user.id, later(2))).toEqual([other.session.id, old.session.id])
    expect(await revokeSession(db, old.session.id, later(2))).toBe(true)
    expect(await idsOf(old.user.id, later(3))).toEqual([other.session.id])
  })

  it('keeps the moment of the first time', async () => {
    const { session } = await signIn()
    await revokeSession(db, session.id, later(1))
    await revokeSession(db, session.id, later(2))
    expect((await findStanding(db, session))?.revokedAt).toBe(later(1))
  })
})

describe('ending the sessions of a token', () => {
  it('here only ends what the sign-in has at this host, and nothing of anybody else', async () => {
    const ada = await signIn()
    const twin = await openFurther(ada.session, {})
    const elsewhere = await openFurther(ada.session, { site: 'b.example.com' })
    const again = await signIn({ openedAt: later(1) })
    const bob = await signIn({}, { subject: 'bob' })
    await endSessions(stores, { hashes: [ada.hash], scope: hereOnly, now: later(2) })
    expect(await idsOf(ada.user.id, later(3))).toEqual([again.session.id, elsewhere.id])
    expect(await idsOf(bob.user.id, later(3))).toEqual([bob.session.id])
    expect((await findStanding(db, twin))?.revokedAt).toBe(later(2))
    await endSessions(stores, { hashes: [ada.hash], scope: hereOnly, now: later(4) })
    expect((await findStanding(db, twin))?.revokedAt).toBe(later(2))
  })

  it('everywhere keeps when the sign-in ended first, and why', async () => {
    const { session, hash } = await signIn()
    await revokeSession(db, session.id, later(1))
    await endWith(stores, [hash], later(2))
    const row = await db.prepare('SELECT ended_at, ended_why FROM sign_ins').first()
    expect(row).toEqual({ ended_at: later(1), ended_why: 'revoked' })
  })
})

describe('noting a request', () => {
  it('never goes backwards, in whatever order isolates write', async () => {
    const { session } = await signIn()
    await touchSession(db, session, later(600))
    await touchSession(db, session, later(300))
    expect((await findStanding(db, session))?.lastSeenAt).toBe(later(600))
  })
})

describe('noting a request of before there were sign-ins', () => {
  it('is at the session', async () => {
    const { session, user } = await signIn()
    await db.exec('UPDATE sessions SET sign_in = NULL')
    await touchSession(db, { ...session, signIn: null }, later(600))
    const [listed] = await listSessions(db, user.id, later(601))
    expect(listed?.lastSeenAt).toBe(later(600))
  })
})

describe('removing what has expired', () => {
  it('takes what is over at that very millisecond, and nothing else', async () => {
    const short = await signIn({ expiresAt: later(60) })
    const long = await signIn({ expiresAt: later(61) })
    await removeExpired(db, later(59.999))
    expect(await findStanding(db, short.session)).not.toBeNull()
    await removeExpired(db, later(60))
    expect(await findStanding(db, short.session)).toBeNull()
    expect(await findStanding(db, long.session)).not.toBeNull()
  })
})

describe('a session id', () => {
  it('is good once: nobody takes over a standing by opening a session of the same id', async () => {
    const ada = await signIn()
    const bob = await signIn({}, { subject: 'bob' })
    const same = liveOf({ id: ada.session.id, userId: bob.user.id }).session
    const hash = await hashToken(toSessionToken(new Uint8Array(32)))
    await expect(
      saveStanding(db, {
        session: { ...same, signIn: 'another' },
        hash,
        newSignIn: newSignInOf(same, bob.user),
        replaces: [],
      }),
    ).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await findStanding(db, ada.session)).not.toBeNull()
  })
})

describe('a further session of a sign-in', () => {
  it('begins for the person and the connection of the sign-in only', async () => {
    const ada = await signIn()
    const bob = await signIn({}, { subject: 'bob' })
    for (const [fields, isOpen] of [
      [{}, true],
      [{ userId: bob.user.id }, false],
      [{ connection: 'another' }, false],
      [{ signIn: 'another' }, false],
    ] as const) {
      const session = { ...ada.session, id: crypto.randomUUID(), ...fields }
      const signInId = session.signIn ?? ''
      const hash = await hashToken(toSessionToken(crypto.getRandomValues(new Uint8Array(32))))
      const further = { session: { ...session, signIn: signInId }, hash }
      await saveStanding(db, { ...further, newSignIn: null, replaces: [] })
      const { results } = await db
        .prepare('SELECT 1 FROM sessions WHERE id = ?')
        .bind(session.id)
        .all()
      expect(results.length > 0, JSON.stringify(fields)).toBe(isOpen)
    }
  })

  it('does not begin once the sign-in has ended, or all sessions of the person', async () => {
    const ada = await signIn()
    await revokeSession(db, ada.session.id, later(1))
    const late = await openFurther(ada.session, { openedAt: later(2) })
    expect(await findStanding(db, late)).toBeNull()
    const bob = await signIn({}, { subject: 'bob' })
    await endSessionsOf(db, bob.user.id, later(1))
    expect(await findStanding(db, await openFurther(bob.session, {}))).toBeNull()
  })

  it('shows when it was opened, by its token, at its host and while it is open', async () => {
    const { session, hash } = await signIn({ openedAt: later(5) })
    // The sign-in of somebody else, which goes on.
    await signIn({}, { subject: 'bob' })
    expect(await findOpening(db, hash, session.site)).toBe(later(5))
    expect(await findOpening(db, hash, 'b.example.com')).toBeNull()
    await revokeSession(db, session.id, later(6))
    expect(await findOpening(db, hash, session.site)).toBeNull()
  })

  it.each([
    ['sign-in', 'UPDATE sign_ins SET ended_at = 1 WHERE id = ?1', 'signIn'],
    ['session', 'UPDATE sessions SET revoked_at = 1 WHERE id = ?1', 'id'],
  ] as const)('shows no more when it was opened, once its %s has ended', async (_, sql, field) => {
    const { session, hash } = await signIn()
    await db.prepare(sql).bind(session[field]).run()
    expect(await findOpening(db, hash, session.site)).toBeNull()
  })

  it.each(['id', 'userId', 'connection', 'site', 'signIn'] as const)(
    'has no standing where KV has another %s than D1',
    async (field) => {
      const { session } = await signIn()
      expect(await findStanding(db, session)).not.toBeNull()
      expect(await findStanding(db, { ...session, [field]: 'another' })).toBeNull()
    },
  )
})

describe('when D1 fails', () => {
  const broken = breakable(env.DB)
  broken.isBroken = true
  const { session } = liveOf()
  const hash = hashToken(toSessionToken(new Uint8Array(32)))

  it.each([
    [
      'saving',
      async () =>
        saveStanding(broken.binding, {
          session: { ...session, signIn: 'one' },
          hash: await hash,
          newSignIn: null,
          replaces: [],
        }),
    ],
    ['ending', async () => endWith({ kv, db: broken.binding }, [await hash], noon)],
    ['looking for older ones', () => hasSessionsWithoutToken(broken.binding, noon)],
    [
      'finding another',
      async () =>
        findOtherPerson(broken.binding, { hashes: [await hash], site: 'x', userId: 'y' }, noon),
    ],
    ['finding by token', async () => findOpening(broken.binding, await hash, session.site)],
    ['reading', () => findStanding(broken.binding, session)],
    ['noting', () => touchSession(broken.binding, session, noon)],
    ['revoking', () => revokeSession(broken.binding, session.id, noon)],
    ['listing', () => listSessions(broken.binding, session.userId, noon)],
    ['removing', () => removeExpired(broken.binding, noon)],
  ] as const)('%s says so', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'StoreUnavailable', store: 'D1' })
  })
})

describe('another person in the browser', () => {
  const site = 'app.example.com'
  const find = async (hashes: readonly TokenHash[], userId: string, now = noon) =>
    findOtherPerson(db, { hashes, site, userId }, now)

  it('is whoever has a live session of one of the tokens, by email or else user name', async () => {
    const ada = await signIn()
    const bob = await signIn({}, { subject: 'bob', userName: 'bob', email: null })
    expect(await find([ada.hash], bob.user.id)).toBe('ada@example.com')
    expect(await find([bob.hash], ada.user.id)).toBe('bob')
    expect(await find([bob.hash, ada.hash], bob.user.id)).toBe('ada@example.com')
  })

  it('is not the person, nor one whose session is over or of another site', async () => {
    const ada = await signIn()
    expect(await find([ada.hash], ada.user.id)).toBeNull()
    expect(await find([], 'bob')).toBeNull()
    expect(await find([ada.hash], 'bob', ada.session.expiresAt)).toBeNull()
    expect(
      await findOtherPerson(db, { hashes: [ada.hash], site: 'b.example.com', userId: 'bob' }, noon),
    ).toBeNull()
    await endWith(stores, [ada.hash], noon)
    expect(await find([ada.hash], 'bob')).toBeNull()
    const eve = await signIn({}, { subject: 'eve' })
    await endSessionsOf(db, eve.user.id, later(1))
    expect(await find([eve.hash], 'bob')).toBeNull()
  })
})
