/** What a request leaves in the audit, and that it pays nothing for it. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { shareLimits } from '../../src/audit/share.ts'
import type { Outbox } from '../../src/audit/keep-events.ts'
import { createAuditTrail } from '../../src/audit/trail.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { configOf, createStage, SITE, start, type Stage } from '../login/stage.ts'
import { locationOf } from '../support/browser.ts'
import { breakable, failsAt, interrupted, slowly, watched } from '../support/binding.ts'
import { findLeaks, said } from '../../tools/stage/evidence.ts'
import { emptyStores } from '../support/session.ts'
import { noon } from '../support/site.ts'
import { db, denialOf, emptyAudit, kept, loginOf, refusal } from './stage.ts'

const perIsolate = shareLimits.anybody.perIsolateMinute ?? 0
const logged = (kind: string) => said.filter((line) => line.startsWith(`{"audit":"${kind}"`))

beforeEach(async () => {
  await emptyAudit()
  await emptyStores()
})
afterEach(() => void vi.useRealTimers())

/** No webhook is there. */
const outbox: Outbox = () => Promise.reject(new Error('there is nothing to send'))

/** A request under way, whose answer is in hand. */
function requestAt(now = noon) {
  const work: Promise<unknown>[] = []
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const waitUntil = (each: Promise<unknown>) => void work.push(each)
  const settled = () => Promise.all(work)
  const whence = () => ({ country: 'IT', network: '192.0.2.0/24' })
  const moment = { requestId: 'request-1', now, whence, waitUntil, answered }
  return { moment, answer, settled, work }
}

/** An answer in a browser that did not ask, which leads on to the page that says so. */
async function postLost(stage: Stage, answer: string, relayState: string): Promise<void> {
  const browser = stage.browser()
  const back = await stage.post(browser, answer, relayState)
  await browser.go(SITE + locationOf(back))
}

describe('the Worker', () => {
  it('keeps what it logs, under the request number that the person saw', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    await browser.go(`${SITE}/engineers`)
    await browser.submit(`${SITE}/.gatehouse/logout`, {})
    const { relayState } = await stage.begin(stage.browser(), '/')
    await postLost(stage, 'bm90IFhNTA==', relayState)
    const events = await kept()
    const kinds = events.map(({ kind }) => kind)
    expect(kinds.toSorted()).toEqual(['access-denied', 'login', 'login-refused', 'logout'])
    expect(stage.audit().map(({ audit }) => audit)).toEqual(
      expect.arrayContaining(['login', 'access-denied', 'logout', 'login-refused']),
    )
    expect(new Set(events.map(({ requestId }) => requestId))).toEqual(
      new Set(stage.audit().map(({ requestId }) => requestId)),
    )
    const user = await db.prepare('SELECT id FROM users').first<string>('id')
    expect(await kept({ user })).toHaveLength(3)
  })

  it('keeps no cookie, token, key or assertion', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    await browser.go(`${SITE}/engineers`)
    const asked = await stage.begin(stage.browser(), '/')
    const answer = await stage.respond(asked)
    await postLost(stage, answer, asked.relayState)
    const rows = await kept()
    expect(rows.length).toBeGreaterThan(2)
    expect(findLeaks([JSON.stringify(rows)], [answer])).toEqual([])
    // With all that the suite knows to be secret, when the file is done.
    said.push(JSON.stringify(rows))
  })

  it('keeps nothing of who only begins a login, or only comes', async () => {
    const stage = await createStage()
    await stage.begin(stage.browser(), '/')
    await stage.browser().go(`${SITE}/public`)
    await stage.browser().go(`${SITE}/engineers`)
    expect(await kept()).toEqual([])
  })

  it.each([
    ['fails', failsAt(env.DB, /INSERT INTO (audit|attempts) /)],
    ['does not answer', null],
  ])('answers as ever when D1 %s for what is kept afterwards', async (_, failing) => {
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    const never = () => new Promise(() => undefined)
    const hanging = slowly(interrupted(env.DB, never), 'run', never, /INSERT INTO attempts /)
    const work: Promise<unknown>[] = []
    const answer = await createGatehouse(configOf()).fetch(
      new Request(`${SITE}/.gatehouse/saml/nowhere/acs`, { method: 'POST', body: 'x' }),
      { ...env, DB: failing ?? hanging, ORIGIN: { fetch: () => new Response() } },
      { waitUntil: (each) => void work.push(each), abort: () => undefined },
    )
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('You could not be signed in')
    // The request itself, the event, and the attempt to sign in.
    expect(work).toHaveLength(3)
    await Promise.all(work.slice(0, 2))
    if (!failing) return
    await Promise.all(work)
    const failures = logged('store-unavailable').join('\n')
    expect(failures).toContain('"during":"keeping audit events"')
    expect(failures).toContain('"during":"keeping an attempt to sign in"')
    expect(await kept()).toEqual([])
  })

  it('removes old events by cron', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser())
    expect(await kept()).toHaveLength(1)
    const end = plusSeconds(toInstant(start.getTime()), 90 * 86_400)
    vi.setSystemTime(end - 1)
    await stage.cron()
    expect(await kept()).toHaveLength(1)
    vi.setSystemTime(end)
    await stage.cron()
    expect(await kept()).toEqual([])
  })
})

describe('the events of a request', () => {
  it('are written when it has been answered, those of one share together', async () => {
    const { binding, calls } = watched(env.DB)
    const { moment, answer, settled } = requestAt()
    const audit = createAuditTrail(binding, outbox)(moment)
    audit(loginOf('ada'))
    await scheduler.wait(5)
    audit(loginOf('ben'))
    audit(denialOf('ben'))
    await scheduler.wait(5)
    expect(calls).toEqual([])
    expect(logged('access-denied')).not.toEqual([])
    answer()
    await settled()
    expect(calls.filter((name) => name === 'batch')).toHaveLength(2)
    expect(await kept()).toHaveLength(3)
  })

  it('are written also when they come long after it, from what stays open', async () => {
    const { moment, answer, settled } = requestAt()
    const audit = createAuditTrail(db, outbox)(moment)
    answer()
    audit(loginOf('ada'))
    await settled()
    audit(loginOf('ben'))
    await settled()
    expect((await kept()).map(({ user }) => user)).toEqual(['ada', 'ben'])
  })
})

describe('what anybody can cause', () => {
  it('costs an isolate so many writes a minute; what is left out is counted and in the log', async () => {
    const { binding, calls } = watched(env.DB)
    const trail = createAuditTrail(binding, outbox)
    const before = logged('login-refused').length
    const refuse = async (seconds: number) => {
      const { moment, answer, settled } = requestAt(plusSeconds(noon, seconds))
      trail(moment)(refusal)
      answer()
      await settled()
    }
    for (let i = 0; i < perIsolate + 7; i++) await refuse(i)
    expect(calls.filter((name) => name === 'batch')).toHaveLength(perIsolate)
    expect(logged('login-refused')).toHaveLength(before + perIsolate + 7)
    expect((await kept()).map(({ dropped }) => dropped)).toEqual(Array(perIsolate).fill(0))
    await refuse(60)
    await refuse(61)
    expect((await kept()).slice(perIsolate).map(({ dropped }) => dropped)).toEqual([7, 0])
  })

  it('is counted too when another isolate has filled the minute, or D1 failed', async () => {
    const fault = breakable(env.DB, 'batch')
    const trail = createAuditTrail(fault.binding, outbox)
    const refuse = async (seconds: number, by = trail) => {
      const { moment, answer, settled } = requestAt(plusSeconds(noon, seconds))
      by(moment)(refusal)
      answer()
      await settled()
    }
    fault.isBroken = true
    await refuse(0)
    fault.isBroken = false
    const most = shareLimits.anybody.perMinute ?? 0
    for (let i = 0; i < most / perIsolate; i++) {
      const other = createAuditTrail(db, outbox)
      for (let each = 0; each < perIsolate; each++) await refuse(1, other)
    }
    await refuse(2)
    expect(await kept()).toHaveLength(most)
    await refuse(62)
    expect((await kept()).at(-1)).toMatchObject({ dropped: 2, at: plusSeconds(noon, 62) })
  })

  it('takes no room of what is known of whom', async () => {
    const trail = createAuditTrail(db, outbox)
    const each = (user: string) => {
      const { moment, answer, settled } = requestAt()
      const audit = trail(moment)
      for (let i = 0; i < 50; i++) audit(user === '' ? refusal : denialOf(user))
      answer()
      return settled()
    }
    await each('')
    await each('mallory')
    await each('ada')
    const most = shareLimits.denied.perIsolateMinute
    expect(await kept({ user: 'mallory' })).toHaveLength(most ?? 0)
    expect(await kept({ user: 'ada' })).toHaveLength(most ?? 0)
  })
})
