import { beforeEach, describe, expect, it } from 'vitest'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { hereOnly } from '../../src/session/token-store.ts'
import { endSessions, openSession } from '../../src/session/open.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import type { Session } from '../../src/session/session.ts'
import { endSignIns, listSignIns } from '../../src/session/sign-in-store.ts'
import { hashToken, type TokenHash } from '../../src/session/token.ts'
import { background } from '../support/background.ts'
import { addConnection, emptyStores, signIn, stores, type SignedIn } from '../support/session.ts'
import { noon } from '../support/site.ts'

const { db } = stores
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const app = 'app.example.com'
const wiki = 'wiki.example.com'

/** Another sign-in of the same person, in another browser. */
const again = (fields: Partial<Session> = {}) => signIn(fields)
const bob = () => signIn({}, { subject: 'bob', userName: 'bob', email: 'bob@example.com' })

/** The session of the same sign-in at a further site. */
async function goOnTo(site: string, { session }: SignedIn): Promise<TokenHash> {
  const further = { ...session, signIn: session.signIn ?? '', id: crypto.randomUUID(), site }
  const opened = await openSession(
    stores,
    { session: further, newSignIn: null, replaces: [] },
    background,
  )
  if (!opened.ok) throw new Error(opened.error)
  return hashToken(opened.value)
}

const idOf = ({ session }: SignedIn) => session.signIn ?? ''
const listed = async ({ user }: SignedIn, now: Instant = later(10)) =>
  (await listSignIns(db, user.id, now)).map(({ id, hosts }) => [id, hosts.toSorted()])

/** The ids of the sign-ins that have not ended. */
async function goingOn(): Promise<readonly string[]> {
  const { results } = await db
    .prepare('SELECT id FROM sign_ins WHERE ended_at IS NULL')
    .all<{ id: string }>()
  return results.map(({ id }) => id).toSorted()
}

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('the list of a person’s sign-ins', () => {
  it('has those of the person alone, and the hosts of each', async () => {
    const [ada, phone, other] = [await signIn(), await again(), await bob()]
    await goOnTo(wiki, ada)
    await db
      .prepare('UPDATE sign_ins SET last_seen_at = ?2 WHERE id = ?1')
      .bind(idOf(phone), later(5))
      .run()
    expect(await listed(ada)).toEqual([
      [idOf(phone), [app]],
      [idOf(ada), [app, wiki]],
    ])
    expect(await listed(other)).toEqual([[idOf(other), [app]]])
  })

  it('says of which hosts the session is bound to the device', async () => {
    const ada = await signIn()
    await goOnTo(wiki, ada)
    await db.prepare('UPDATE sessions SET bound_at = ?2 WHERE site = ?1').bind(wiki, noon).run()
    const [one] = await listSignIns(db, ada.user.id, later(10))
    expect([one?.hosts.length, one?.boundHosts]).toEqual([2, [wiki]])
  })

  it('has no host whose session was ended or is over', async () => {
    const ada = await signIn()
    const left = await goOnTo(wiki, ada)
    await endSessions(stores, { hashes: [left], scope: hereOnly, now: later(1) })
    expect(await listed(ada)).toEqual([[idOf(ada), [app]]])
    await goOnTo('short.example.com', ada)
    await db
      .prepare('UPDATE sessions SET expires_at = ?2 WHERE site = ?1')
      .bind('short.example.com', later(10))
      .run()
    expect(await listed(ada, later(9))).toEqual([[idOf(ada), [app, 'short.example.com']]])
    expect(await listed(ada, later(10))).toEqual([[idOf(ada), [app]]])
  })

  it('has no sign-in that was ended, is over, or began before all of the person’s were ended', async () => {
    const [ada] = [await signIn(), await bob()]
    await endSignIns(db, { userId: ada.user.id, only: idOf(ada), now: later(1) })
    expect(await listed(ada)).toEqual([])

    const short = await again()
    await db
      .prepare('UPDATE sign_ins SET expires_at = ?2 WHERE id = ?1')
      .bind(idOf(short), later(10))
      .run()
    expect(await listed(ada, later(9))).toEqual([[idOf(short), [app]]])
    expect(await listed(ada, later(10))).toEqual([])

    const before = await again({ openedAt: later(20) })
    expect(await listed(ada, later(21))).toEqual([[idOf(before), [app]]])
    await db
      .prepare('UPDATE users SET sessions_valid_from = ?2 WHERE id = ?1')
      .bind(ada.user.id, later(21))
      .run()
    expect(await listed(ada, later(21))).toEqual([])
    const after = await again({ openedAt: later(21) })
    expect(await listed(ada, later(22))).toEqual([[idOf(after), [app]]])
  })
})

describe('ending sign-ins', () => {
  const end = ({ user }: SignedIn, only: string | null, now: Instant = later(10)) =>
    endSignIns(db, { userId: user.id, only, now })

  it('ends the one that is named, or all, and none of another person', async () => {
    const [ada, phone, other] = [await signIn(), await again(), await bob()]
    expect(await end(ada, idOf(other))).toEqual([])
    expect(await goingOn()).toEqual([ada, phone, other].map(idOf).toSorted())
    expect(await end(ada, idOf(phone))).toEqual([idOf(phone)])
    expect(await goingOn()).toEqual([ada, other].map(idOf).toSorted())
    const last = await again()
    expect((await end(ada, null)).toSorted()).toEqual([ada, last].map(idOf).toSorted())
    expect(await goingOn()).toEqual([idOf(other)])
  })

  it('names none that had ended, and keeps when and why they did', async () => {
    const ada = await signIn()
    await db
      .prepare("UPDATE sign_ins SET ended_at = ?1, ended_why = 'revoked'")
      .bind(later(1))
      .run()
    expect(await end(ada, idOf(ada))).toEqual([])
    expect(await end(ada, null)).toEqual([])
    const row = await db.prepare('SELECT ended_at AS at, ended_why AS why FROM sign_ins').first()
    expect(row).toEqual({ at: later(1), why: 'revoked' })
  })

  it('ends the person’s sessions from before there were sign-ins, where all are ended', async () => {
    const [ada, ended, other] = [await signIn(), await again(), await bob()]
    const current = await again()
    const old = [ada, ended, other]
    for (const { session } of old) {
      await db.prepare('UPDATE sessions SET sign_in = NULL WHERE id = ?1').bind(session.id).run()
    }
    await revokeSession(db, ended.session.id, later(1))
    const revoked = async () => {
      const { results } = await db
        .prepare('SELECT id, revoked_at AS at FROM sessions WHERE revoked_at IS NOT NULL')
        .all<{ id: string; at: number }>()
      return Object.fromEntries(results.map(({ id, at }) => [id, at]))
    }
    const before = { [ended.session.id]: later(1) }
    expect(await revoked()).toEqual(before)
    await end(ada, idOf(ada))
    expect(await revoked()).toEqual(before)
    await end(ada, null)
    expect(await revoked()).toEqual({ ...before, [ada.session.id]: later(10) })
    expect(await goingOn()).not.toContain(idOf(current))
  })
})
