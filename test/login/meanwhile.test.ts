/** A person is read when the answer is used up, and their sign-in begins later: what changes between. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { addProvisioned, removeProvisioned } from '../support/directory.ts'
import { slowly } from '../support/binding.ts'
import type { Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, onwardOf, readRequest, SITE, start, type Stage } from './stage.ts'

const nameId = 'zoe@example.test'
const now = () => toInstant(Date.now())
const endEverybody = () =>
  endSignInsOf(env.DB, { of: { kind: 'everybody' }, why: 'revoked', now: now() })
const known = async () => {
  const [user] = await findUsers(env.DB, nameId)
  if (!user) throw new Error('nobody')
  return user
}

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

/** A browser at an isolate that does `meanwhile` once, between the reading and the sign-in of Zoe. */
function browserWith(stage: Stage, meanwhile: () => Promise<unknown>): Browser {
  let times = 0
  const DB = slowly(
    env.DB,
    'all',
    async () => {
      if (times++ === 0) await meanwhile()
    },
    /INSERT INTO taken/,
  )
  return stage.browser({ DB })
}

/** Whether the person is let in, after `meanwhile` was done between the reading and the sign-in. */
async function isIn(stage: Stage, meanwhile: () => Promise<unknown>): Promise<boolean> {
  const browser = browserWith(stage, meanwhile)
  await (await stage.signIn(browser, '/', { nameId })).text()
  const page = await browser.go(`${SITE}/`)
  await page.text()
  return page.status === 200
}

/** The events of sign-ins since the given number of lines. */
const told = (stage: Stage, from: number) =>
  stage
    .audit()
    .slice(from)
    .map(({ audit, reason, user, facts }) => ({ audit, reason, user, facts }))

describe('a person who signed in before', () => {
  const before = async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser(), '/', { nameId })
    return stage
  }

  it('is let in when nothing changes', async () => {
    expect(await isIn(await before(), async () => undefined)).toBe(true)
  })

  const changes = [
    [
      'an operator disables them',
      'user-disabled',
      async () => setUserActive(env.DB, (await known()).id, false, now()),
    ],
    ['an operator ends the sign-ins of everybody', 'ended-meanwhile', () => endEverybody()],
    [
      'a directory sends them as inactive',
      'user-disabled',
      () => addProvisioned({ userName: nameId, active: false }),
    ],
    [
      'a directory takes them over',
      'ended-meanwhile',
      () => addProvisioned({ userName: nameId, active: true }),
    ],
    ['they are erased', 'ended-meanwhile', async () => env.DB.exec('DELETE FROM users')],
  ] as const

  it.each(changes)('is not let in when %s at that moment', async (_, _why, meanwhile) => {
    expect(await isIn(await before(), meanwhile)).toBe(false)
  })

  it.each(changes)('is refused when %s, and that is in the audit: %s', async (_, reason, act) => {
    const stage = await before()
    const { id } = await known()
    const from = stage.audit().length
    const browser = browserWith(stage, act)
    const page = await stage.signIn(browser, '/', { nameId })
    expect([page.status, browser.cookies.has('__Host-gatehouse')]).toEqual([403, false])
    const facts = expect.objectContaining({ person: nameId, explained: expect.any(String) })
    expect(told(stage, from)).toEqual([{ audit: 'login-refused', reason, user: id, facts }])
    expect(await page.text()).toContain(
      reason === 'user-disabled' ? 'Your account is disabled' : 'You could not be signed in',
    )
  })

  it('is let in by the next sign-in, if nothing speaks against it any more', async () => {
    const stage = await before()
    const browser = browserWith(stage, endEverybody)
    expect((await stage.signIn(browser, '/', { nameId })).status).toBe(403)
    expect((await stage.signIn(browser, '/', { nameId })).status).toBe(303)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })

  it('is written only where the identity provider names them anew; the sign-in is noted', async () => {
    const stage = await before()
    const first = await known()
    const later = start.getTime() + 60_000
    vi.setSystemTime(later)
    await stage.signIn(stage.browser(), '/', { nameId })
    const same = { ...first, lastLoginAt: later }
    expect(await known()).toEqual(same)
    vi.setSystemTime(later + 60_000)
    const displayName = 'Zoe Washburne'
    await stage.signIn(stage.browser(), '/', { nameId, attributes: { displayname: [displayName] } })
    const at = later + 60_000
    expect(await known()).toEqual({ ...same, displayName, updatedAt: at, lastLoginAt: at })
  })

  it('has no new sign-in on record when the answer is refused', async () => {
    const stage = await before()
    const first = await known()
    vi.setSystemTime(start.getTime() + 60_000)
    const over = { nameId, sessionNotOnOrAfter: new Date(start.getTime() + 1000) }
    const refused = await stage.signIn(stage.browser(), '/', over)
    expect(refused.status).toBe(403)
    expect(await known()).toEqual(first)
  })
})

describe('the session that the browser has', () => {
  const ada = 'ada@example.test'
  /** Ada is signed in, and chooses another account by a form of the site. */
  async function takeOver(meanwhile: () => Promise<unknown>) {
    const stage = await createStage()
    await stage.signIn(stage.browser(), '/', { nameId })
    const adas = stage.browser()
    await stage.signIn(adas, '/', { nameId: ada, attributes: { email: [ada] } })
    const browser = browserWith(stage, meanwhile)
    for (const [name, cookie] of adas.cookies) browser.cookies.set(name, cookie)
    const form = await browser.submit(`${SITE}/.gatehouse/login`, { to: '/', fresh: '1' })
    const asked = await readRequest(onwardOf(await form.text()))
    const page = await stage.post(browser, await stage.respond(asked, { nameId }), asked.relayState)
    const seen = stage.origin.length
    await browser.go(`${SITE}/`)
    const isAt = stage.origin[seen]?.headers.get('X-Forwarded-Email')
    return { status: page.status, isAt, stage }
  }
  const open = async () => {
    const { results } = await env.DB.prepare(
      `SELECT u.subject FROM sessions s JOIN users u ON u.id = s.user_id
       JOIN sign_ins si ON si.id = s.sign_in
       WHERE s.revoked_at IS NULL AND si.ended_at IS NULL`,
    ).all<{ subject: string }>()
    return results.map(({ subject }) => subject).toSorted()
  }

  it('ends where the new one begins in its place', async () => {
    const { status, isAt } = await takeOver(async () => undefined)
    expect([status, isAt]).toEqual([303, nameId])
    expect(await open()).toEqual([nameId, nameId])
  })

  it('goes on where the new one does not begin', async () => {
    const { status, isAt, stage } = await takeOver(async () =>
      setUserActive(env.DB, (await known()).id, false, now()),
    )
    expect([status, isAt]).toEqual([403, ada])
    expect(await open()).toEqual([ada, nameId])
    expect(told(stage, 2)).toMatchObject([{ audit: 'login-refused', reason: 'user-disabled' }])
  })
})

describe('a person whom the directory sent', () => {
  const sent = async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const id = await addProvisioned({ userName: nameId })
    return { stage, id }
  }

  it('is let in when nothing changes, and the first sign-in is noted', async () => {
    const { stage } = await sent()
    expect((await known()).lastLoginAt).toBeNull()
    expect(await isIn(stage, async () => undefined)).toBe(true)
    expect((await known()).lastLoginAt).toBe(start.getTime())
  })

  it('is not let in when the directory removes them, or an operator disables them', async () => {
    const { stage, id } = await sent()
    expect(await isIn(stage, () => setUserActive(env.DB, id, false, now()))).toBe(false)
    await setUserActive(env.DB, id, true, now())
    expect(await isIn(stage, () => removeProvisioned(id, now()))).toBe(false)
  })

  it('is not let in when everybody is signed out while the first sign-in of all is under way', async () => {
    const { stage } = await sent()
    const DB = slowly(env.DB, 'first', () => endEverybody(), /UPDATE users SET last_login_at/)
    const browser = stage.browser({ DB })
    await (await stage.signIn(browser, '/', { nameId })).text()
    const page = await browser.go(`${SITE}/`)
    expect(page.status).toBe(302)
  })
})
