/** A person is read when the answer is used up, and their sign-in begins later: what changes between. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { addProvisioned, removeProvisioned } from '../support/directory.ts'
import { slowly } from '../support/binding.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE, start, type Stage } from './stage.ts'

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

/** Whether the person is let in, after `meanwhile` was done between the reading and the sign-in. */
async function isIn(stage: Stage, meanwhile: () => Promise<unknown>): Promise<boolean> {
  let times = 0
  const DB = slowly(
    env.DB,
    'all',
    async () => {
      times++
      await meanwhile()
    },
    /INSERT INTO taken/,
  )
  const browser = stage.browser({ DB })
  await (await stage.signIn(browser, '/', { nameId })).text()
  expect(times).toBe(1)
  const page = await browser.go(`${SITE}/`)
  await page.text()
  return page.status === 200
}

describe('a person who signed in before', () => {
  const before = async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser(), '/', { nameId })
    return stage
  }

  it('is let in when nothing changes', async () => {
    expect(await isIn(await before(), async () => undefined)).toBe(true)
  })

  it.each([
    [
      'an operator disables them',
      async () => setUserActive(env.DB, (await known()).id, false, now()),
    ],
    ['an operator ends the sign-ins of everybody', () => endEverybody()],
    [
      'a directory sends them as inactive',
      () => addProvisioned({ userName: nameId, active: false }),
    ],
    ['a directory takes them over', () => addProvisioned({ userName: nameId, active: true })],
    ['they are erased', async () => env.DB.exec('DELETE FROM users')],
  ] as const)('is not let in when %s at that moment', async (_, meanwhile) => {
    expect(await isIn(await before(), meanwhile)).toBe(false)
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
