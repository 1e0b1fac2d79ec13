/** A person is read when the answer is used up, and their sign-in begins later: what changes between. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { stepsOf } from '../../src/admin/attempt-steps.ts'
import { findAttempt } from '../../src/attempt/read-store.ts'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { addProvisioned, changeProvisioned, removeProvisioned } from '../support/directory.ts'
import { slowly } from '../support/binding.ts'
import type { Browser } from '../support/browser.ts'
import { endSessionsOf } from '../support/ending.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, onwardOf, readRequest, SITE, start, type Stage } from './stage.ts'

const nameId = 'zoe@example.test'
/** The same person, under a name that D1 does not have yet. */
const renamed = { nameId, attributes: { displayname: ['Zoe Washburne'] } }
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

interface Refusal {
  readonly reason: string
  /** The id that the audit has; null: none. */
  readonly user: string | null
  readonly meanwhile: () => Promise<unknown>
  readonly answer?: Parameters<Stage['respond']>[1]
}

/** No session begins. The page, the audit and the console say why, and agree. */
async function expectRefused(
  stage: Stage,
  { reason, user, meanwhile, answer = { nameId } }: Refusal,
): Promise<void> {
  const from = stage.audit().length
  const browser = browserWith(stage, meanwhile)
  const page = await stage.signIn(browser, '/', answer)
  expect([page.status, browser.cookies.has('__Host-gatehouse')]).toEqual([403, false])
  const facts = expect.objectContaining({ person: nameId, explained: expect.any(String) })
  expect(told(stage, from)).toEqual([{ audit: 'login-refused', reason, user, facts }])
  const [says, check] =
    reason === 'user-disabled'
      ? ['Your account is disabled', 'The user may sign in']
      : ['You could not be signed in', 'Nothing ended the sign-in meanwhile']
  const text = await page.text()
  expect(text).toContain(says)
  const attempt = await findAttempt(env.DB, /number <code>([^<]*)/.exec(text)?.[1] ?? '')
  const steps = attempt ? stepsOf(attempt) : []
  const at = steps.findIndex((step) => step.check === check)
  const outcomes = steps.map(({ outcome }) => outcome)
  const [passed, left] = [outcomes.slice(0, at), outcomes.slice(at + 1)]
  expect(outcomes[at]).toBe('failed')
  expect(new Set(passed)).toEqual(new Set(['ok']))
  expect(left.filter((outcome) => outcome !== 'not reached')).toEqual([])
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
    [
      'an operator disables and enables them',
      'ended-meanwhile',
      async () => {
        const { id } = await known()
        await setUserActive(env.DB, id, false, now())
        await setUserActive(env.DB, id, true, now())
      },
    ],
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
    await expectRefused(stage, { reason, user: (await known()).id, meanwhile: act })
  })

  it.each(changes)('is refused when %s, also under a new name: %s', async (_, reason, act) => {
    const stage = await before()
    const user = (await known()).id
    await expectRefused(stage, { reason, user, meanwhile: act, answer: renamed })
    const { displayname: names } = renamed.attributes
    const stored = env.DB.prepare('SELECT count(*) AS n FROM users WHERE display_name = ?1')
    expect(await stored.bind(names[0]).first('n')).toBe(0)
  })

  it.each(changes)(
    'is refused when %s, also if D1 has no earlier sign-in of theirs: %s',
    async (_, reason, act) => {
      const stage = await before()
      await env.DB.exec('UPDATE users SET last_login_at = NULL')
      await expectRefused(stage, { reason, user: (await known()).id, meanwhile: act })
    },
  )

  const endTheirs = async () => endSessionsOf(env.DB, (await known()).id, now())
  it.each([
    ['their sign-ins', endTheirs],
    ['the sign-ins of everybody', endEverybody],
  ] as const)('is refused when an operator ends %s, by any name', async (_, meanwhile) => {
    const stage = await before()
    const refusal = { reason: 'ended-meanwhile', user: (await known()).id, meanwhile }
    for (const answer of [{ nameId }, renamed]) await expectRefused(stage, { ...refusal, answer })
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

  it.each([
    [
      'an operator disables them',
      'user-disabled',
      (id: string) => setUserActive(env.DB, id, false, now()),
    ],
    [
      'the directory says that they are inactive',
      'user-disabled',
      (id: string) => changeProvisioned(id, { active: false }),
    ],
    ['they are erased', 'ended-meanwhile', () => env.DB.exec('DELETE FROM users')],
  ] as const)('is refused at the first sign-in when %s: %s', async (_, reason, act) => {
    const { stage, id } = await sent()
    await expectRefused(stage, { reason, user: id, meanwhile: () => act(id) })
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

describe('a person whom nobody knows yet', () => {
  it.each([true, false])(
    'is refused where a directory sends them at that moment (active: %s), and may try again',
    async (active) => {
      const stage = await createStage(configOf(), { provisioning: 'jit+scim' })
      const meanwhile = () => addProvisioned({ userName: nameId, active })
      await expectRefused(stage, { reason: 'ended-meanwhile', user: null, meanwhile })
      expect((await stage.signIn(stage.browser(), '/', { nameId })).status).toBe(active ? 303 : 403)
    },
  )

  it('is let in by both of two answers that come at the same moment', async () => {
    const stage = await createStage()
    const both = ['/a', '/b'].map((path) => stage.signIn(stage.browser(), path, { nameId }))
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([303, 303])
  })
})
