/** Messages to webhooks: when they are sent, when again, and when not. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { createAuditTrail } from '../../src/audit/trail.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { createOutbox, tendWebhooks } from '../../src/webhook/send.ts'
import {
  findWebhook,
  insertTestMessage,
  listDeliveries,
  retryMessages,
  updateWebhook,
} from '../../src/webhook/store.ts'
import { WEBHOOK_PURPOSE } from '../../src/webhook/webhook.ts'
import { said } from '../../tools/stage/evidence.ts'
import { denialOf, kept, loginOf, refusal } from '../audit/stage.ts'
import { breakable, failsToAnswer, watched } from '../support/binding.ts'
import { noon } from '../support/site.ts'
import {
  db,
  emptyWebhooks,
  happens,
  receivers,
  rowsOf,
  sealer,
  secretsOf,
  seedWebhook,
} from './stage.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const login = loginOf('ada')
const idsOf = (asked: readonly { readonly headers: Headers }[]) =>
  asked.map(({ headers }) => headers.get('webhook-id'))
const kindsOf = (asked: readonly { readonly body: string }[]): unknown[] =>
  asked.map(({ body }) => JSON.parse(body).type)

beforeEach(() => emptyWebhooks())

/** A request that leaves an event, in a Worker with these receivers. */
async function visit(
  event: AuditEvent,
  deps: Parameters<typeof createOutbox>[0],
  at: Instant = noon,
): Promise<void> {
  const work: Promise<unknown>[] = []
  createAuditTrail(
    deps.db,
    createOutbox(deps),
  )({
    requestId: 'request-1',
    now: at,
    whence: () => ({ country: 'IT', network: '192.0.2.0/24' }),
    waitUntil: (each) => void work.push(each),
    answered: Promise.resolve(),
  })(event)
  await Promise.all(work)
}

describe('an event', () => {
  it('is sent at once, after the request that caused it, and once', async () => {
    await seedWebhook('siem')
    const { deps, asked } = receivers()
    await visit(login, deps)
    await visit(denialOf('ben'), deps, later(1))
    await tendWebhooks(deps, sealer, later(HOUR))
    expect(kindsOf(asked)).toEqual(['login', 'access-denied'])
    expect(asked[0]).toMatchObject({
      url: 'https://siem.example.com/hook?key=1',
      redirect: 'manual',
    })
    expect(asked[0]?.headers.get('Content-Type')).toBe('application/json')
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      type: 'login',
      timestamp: '2026-11-24T12:00:00.000Z',
      data: {
        connection: 'okta',
        user: 'ada',
        userName: null,
        requestId: 'request-1',
        facts: {
          country: 'IT',
          network: '192.0.2.0/24',
          site: 'app.example.com',
          session: 'session of ada',
        },
        dropped: 0,
        sentence: 'User ada signed in to app.example.com with "okta" (from IT, 192.0.2.0/24).',
      },
      omitted: 0,
    })
    expect(await listDeliveries(db, 'siem', 10)).toMatchObject([
      { kind: 'access-denied', state: 'sent', attempts: 1, status: 200, reason: null, dueAt: null },
      { kind: 'login', state: 'sent' },
    ])
    expect(await findWebhook(db, 'siem')).toMatchObject({ waiting: 0, failingSince: null })
  })

  it('goes to the webhooks that want its kind and are on, each with an id of its own', async () => {
    await seedWebhook('all')
    await seedWebhook('refusals', { kinds: ['login-refused', 'access-denied'] })
    await seedWebhook('off')
    const off = {
      settings: { url: 'https://off.example.com/', kinds: [], format: 'json' },
    } as const
    await updateWebhook(db, 'off', { ...off, isOn: false, secret: null }, noon)
    const { deps, asked } = receivers()
    await visit(login, deps)
    await visit(denialOf('ada'), deps)
    const hosts = asked.map(({ url }) => new URL(url).hostname.split('.')[0] ?? '')
    expect(hosts.toSorted()).toEqual(['all', 'all', 'refusals'])
    expect(new Set(idsOf(asked)).size).toBe(3)
    expect(await listDeliveries(db, 'off', 10)).toEqual([])
  })

  it('that an operator or cron wrote waits for the cron', async () => {
    await seedWebhook('siem')
    await happens({
      kind: 'webhook-off',
      webhook: 'x',
      url: 'https://x.example.com',
      reason: 'gone',
    })
    const { deps, asked } = receivers()
    await tendWebhooks(deps, sealer, later(1))
    expect(kindsOf(asked)).toEqual(['webhook-off'])
  })

  it('costs no statement of D1 where there is no webhook', async () => {
    const { binding, calls } = watched(db)
    const { deps, asked } = receivers(undefined, { db: binding })
    await visit(login, deps)
    expect(calls).toEqual(['prepare', 'batch'])
    expect(asked).toEqual([])
  })
})

describe('a message that fails', () => {
  it.each([
    ['is refused', () => new Response('no', { status: 500 }), 500, 'it refuses'],
    ['gets garbage', () => new Response('\u0000'.repeat(9), { status: 418 }), 418, 'it refuses'],
    [
      'is led elsewhere',
      () => new Response(null, { status: 307, headers: { Location: 'http://169.254.169.254/' } }),
      307,
      'it redirects',
    ],
    [
      'reaches nobody',
      () => Promise.reject(new TypeError('network')),
      null,
      'it cannot be reached',
    ],
  ])('because it %s is tried again, and asked nobody else', async (_, answer, status, reason) => {
    await seedWebhook('siem')
    const { deps, asked } = receivers(answer)
    await visit(login, deps)
    expect(asked).toHaveLength(1)
    expect(await listDeliveries(db, 'siem', 10)).toMatchObject([
      { state: 'waiting', attempts: 1, status, reason, dueAt: later(MINUTE) },
    ])
    expect(await findWebhook(db, 'siem')).toMatchObject({ waiting: 1, failingSince: noon })
  })

  it('because the receiver hangs is given up on after the timeout', async () => {
    await seedWebhook('siem')
    const { deps, asked } = receivers(
      (_, signal) =>
        new Promise((_never, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      { timeoutSeconds: 0.05 },
    )
    await visit(login, deps)
    expect(asked).toHaveLength(1)
    expect(await listDeliveries(db, 'siem', 10)).toMatchObject([
      { state: 'waiting', status: null, reason: 'no answer in 0.05 seconds' },
    ])
  })

  it('reads nothing of an answer that never ends', async () => {
    await seedWebhook('siem')
    let pulled = 0
    let isCancelled = false
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++
          controller.enqueue(new Uint8Array(1024))
        },
        cancel() {
          isCancelled = true
        },
      })
    const { deps } = receivers(() => new Response(endless()))
    await visit(login, deps)
    expect([isCancelled, pulled < 3]).toEqual([true, true])
    expect(await listDeliveries(db, 'siem', 10)).toMatchObject([{ state: 'sent' }])
  })

  it('keeps its id, and comes later each time, until two days have passed', async () => {
    await seedWebhook('siem')
    const { deps, asked } = receivers(() => new Response(null, { status: 503 }))
    await visit(login, deps)
    const tries: number[] = [0]
    for (let minutes = 1; minutes <= 2 * 24 * 60 + 60; minutes++) {
      const before = asked.length
      if (minutes % 5 === 0 || minutes < 10) {
        await tendWebhooks(deps, sealer, later(minutes * MINUTE))
      }
      if (asked.length > before) tries.push(minutes)
    }
    // After 1 m, 5 m, 30 m, 2 h, 5 h, and then every 10 h; the cron of this test comes every 5 m.
    expect(tries).toEqual([0, 1, 6, 40, 160, 460, 1060, 1660, 2260, 2860])
    expect(new Set(idsOf(asked)).size).toBe(1)
    expect(asked.map(({ headers }) => headers.get('webhook-timestamp'))[1]).toBe(
      String(later(MINUTE) / 1000),
    )
    expect(await listDeliveries(db, 'siem', 10)).toMatchObject([
      { state: 'given-up', attempts: 10, status: 503 },
    ])
    expect(await findWebhook(db, 'siem')).toMatchObject({ waiting: 0, offAt: null })
    expect(await kept({ kinds: ['webhook-gave-up'] })).toMatchObject([
      { at: later(2 * DAY), facts: { url: 'https://siem.example.com', messages: 1 } },
    ])
  })

  it('waits as long as the receiver asks, up to ten hours', async () => {
    await seedWebhook('siem')
    const { deps, asked } = receivers(
      () => new Response(null, { status: 429, headers: { 'Retry-After': '1200' } }),
    )
    await visit(login, deps)
    await tendWebhooks(deps, sealer, later(1199))
    expect(asked).toHaveLength(1)
    await tendWebhooks(deps, sealer, later(1200))
    expect(asked).toHaveLength(2)
    const greedy = receivers(
      () => new Response(null, { status: 429, headers: { 'Retry-After': '999999' } }),
    )
    await tendWebhooks(greedy.deps, sealer, later(1200 + 1200))
    expect(greedy.asked).toHaveLength(1)
    expect((await listDeliveries(db, 'siem', 1))[0]?.dueAt).toBe(later(2400 + 10 * HOUR))
  })

  it('pauses its webhook: further events wait, and no other webhook does', async () => {
    await seedWebhook('down')
    await seedWebhook('up')
    const { deps, asked } = receivers(({ hostname }) =>
      hostname.startsWith('down') ? new Response(null, { status: 500 }) : new Response(),
    )
    await visit(login, deps)
    for (let i = 1; i <= 20; i++) await visit(loginOf(`user-${i}`), deps, later(i))
    const toDown = asked.filter(({ url }) => url.includes('down'))
    expect([toDown.length, asked.length]).toEqual([1, 22])
    expect(await findWebhook(db, 'down')).toMatchObject({ waiting: 21 })
    const mended = receivers()
    await tendWebhooks(mended.deps, sealer, later(MINUTE))
    expect(mended.asked).toHaveLength(21)
    expect(await findWebhook(db, 'down')).toMatchObject({ waiting: 0, failingSince: null })
  })

  it('is sent again when an operator asks, though it was given up', async () => {
    await seedWebhook('siem')
    const { deps } = receivers(() => new Response(null, { status: 500 }))
    await visit(login, deps)
    await tendWebhooks(deps, sealer, later(2 * DAY))
    const mended = receivers()
    await tendWebhooks(mended.deps, sealer, later(2 * DAY + HOUR))
    expect(mended.asked).toEqual([])
    expect(await retryMessages(db, 'siem', null, later(3 * DAY))).toBe(1)
    await tendWebhooks(mended.deps, sealer, later(3 * DAY))
    expect(mended.asked).toHaveLength(1)
    expect(await retryMessages(db, 'siem', null, later(3 * DAY))).toBe(0)
  })

  it('is not sent to a private address, whoever wrote it into D1', async () => {
    await seedWebhook('siem', { url: 'https://[::ffff:169.254.169.254]/latest' })
    const { deps, asked } = receivers()
    await visit(login, deps)
    expect(asked).toEqual([])
    expect(await listDeliveries(db, 'siem', 1)).toMatchObject([
      { reason: 'the URL must have the name of a host in it, not an IP address' },
    ])
  })
})

describe('a webhook', () => {
  it('that answers 410 is switched off at once, and the audit and other webhooks are told', async () => {
    await seedWebhook('gone')
    await seedWebhook('other', { kinds: ['webhook-off'] })
    const { deps, asked } = receivers(
      ({ hostname }) => new Response(null, { status: hostname.startsWith('gone') ? 410 : 204 }),
    )
    await visit(login, deps)
    await visit(loginOf('ben'), deps, later(1))
    expect(asked.map(({ url }) => new URL(url).hostname)).toEqual([
      'gone.example.com',
      'other.example.com',
    ])
    expect(await findWebhook(db, 'gone')).toMatchObject({ offAt: noon, offReason: 'gone' })
    expect(await listDeliveries(db, 'gone', 9)).toMatchObject([
      { state: 'given-up', status: 410, reason: 'gone' },
    ])
    expect(await kept({ kinds: ['webhook-off'] })).toMatchObject([
      { facts: { webhook: 'gone', url: 'https://gone.example.com', reason: 'gone' } },
    ])
  })

  it('that takes nothing for five days is switched off, once, and begins anew when it is on', async () => {
    await seedWebhook('down')
    const { deps, asked } = receivers(() => new Response(null, { status: 500 }))
    for (let hours = 0; hours < 7 * 24; hours += 6) {
      await visit(loginOf(`user-${hours}`), deps, later(hours * HOUR))
    }
    expect(await findWebhook(db, 'down')).toMatchObject({
      offAt: later(5 * DAY),
      offReason: 'failing',
    })
    const before = asked.length
    await visit(login, deps, later(8 * DAY))
    expect(asked).toHaveLength(before)
    expect(await kept({ kinds: ['webhook-off'] })).toHaveLength(1)
    const settings = { url: 'https://down.example.com/', kinds: [], format: 'json' } as const
    await updateWebhook(db, 'down', { settings, isOn: true, secret: null }, later(9 * DAY))
    const mended = receivers()
    await visit(login, mended.deps, later(9 * DAY))
    expect(mended.asked).toHaveLength(1)
  })

  it('that takes one message within five days stays on', async () => {
    await seedWebhook('shaky')
    for (let hours = 0; hours < 9 * 24; hours += 12) {
      const status = hours === 96 ? 200 : 500
      const { deps } = receivers(() => new Response(null, { status }))
      await visit(loginOf(`user-${hours}`), deps, later(hours * HOUR))
    }
    expect(await findWebhook(db, 'shaky')).toMatchObject({ offAt: null })
  })

  it('is tried by an operator, also where it is paused', async () => {
    await seedWebhook('siem', { kinds: ['logout'] })
    await db.prepare('UPDATE webhooks SET paused_until = ?1').bind(later(HOUR)).run()
    await insertTestMessage(db, { id: 'msg_test', webhook: 'siem', operator: 'Grace' }, noon)
    const { deps, asked } = receivers()
    await tendWebhooks(deps, sealer, noon)
    expect(idsOf(asked)).toEqual(['msg_test'])
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
      type: 'webhook-test',
      data: { sentence: 'Grace tries this webhook.' },
    })
  })
})

describe('two Workers', () => {
  it('never send the same message at the same time', async () => {
    await seedWebhook('siem')
    for (let i = 0; i < 30; i++) await happens(loginOf(`user-${i}`))
    const { deps, asked } = receivers(async () => {
      await scheduler.wait(20)
      return new Response()
    })
    await Promise.all([
      tendWebhooks(deps, sealer, noon),
      tendWebhooks(deps, sealer, noon),
      visit(login, deps),
    ])
    expect(asked).toHaveLength(31)
    expect(new Set(idsOf(asked)).size).toBe(31)
  })

  it('send it twice only where the first says nothing until its lease ends', async () => {
    await seedWebhook('siem')
    await happens(login)
    const { promise: stuck, resolve: comeBack } = Promise.withResolvers<Response>()
    const first = receivers(() => stuck)
    const work = tendWebhooks(first.deps, sealer, noon)
    await expect.poll(() => first.asked).toHaveLength(1)
    const second = receivers(() => new Response(null, { status: 500 }))
    await tendWebhooks(second.deps, sealer, later(119))
    expect(second.asked).toEqual([])
    await tendWebhooks(second.deps, sealer, later(120))
    expect(idsOf(second.asked)).toEqual(idsOf(first.asked))
    // The first comes back late: the second, which took the message over, says what came of it.
    comeBack(new Response())
    await work
    expect(await listDeliveries(db, 'siem', 1)).toMatchObject([
      { state: 'waiting', attempts: 2, status: 500 },
    ])
  })
})

describe('a flood', () => {
  it('of refusals that anybody can cause sends 100 an hour, and the next message has the number left out', async () => {
    await seedWebhook('siem')
    const { deps, asked } = receivers()
    for (let minute = 0; minute < 6; minute++) {
      for (let i = 0; i < 30; i++) await happens(refusal, later(minute * MINUTE))
    }
    await happens(login, later(6 * MINUTE))
    for (let round = 0; round < 3; round++) await tendWebhooks(deps, sealer, later(6 * MINUTE))
    expect(asked).toHaveLength(101)
    const told = asked.map(({ body }) => JSON.parse(body))
    expect(told.filter(({ type }) => type === 'login-refused')).toHaveLength(100)
    expect(told.filter(({ omitted }) => omitted > 0)).toMatchObject([
      { type: 'login', omitted: 80 },
    ])
    await visit(refusal, deps, later(HOUR - 1))
    expect(asked).toHaveLength(101)
    await visit(refusal, deps, later(HOUR))
    expect(JSON.parse(asked[101]?.body ?? '')).toMatchObject({ type: 'login-refused', omitted: 1 })
  })

  it('of any events has 1000 waiting at most for each webhook', async () => {
    await seedWebhook('down')
    await seedWebhook('choosy', { kinds: ['logout'] })
    const { deps } = receivers(() => new Response(null, { status: 500 }))
    for (let i = 0; i < 1010; i++) await happens(loginOf(`user-${i}`))
    expect(await findWebhook(db, 'down')).toMatchObject({ waiting: 1000, omitted: 10 })
    expect(await findWebhook(db, 'choosy')).toMatchObject({ waiting: 0, omitted: 0 })
    expect(await rowsOf('SELECT count(*) AS n FROM webhook_messages')).toEqual([{ n: 1000 }])
    await tendWebhooks(deps, sealer, later(2 * DAY))
    expect(await findWebhook(db, 'down')).toMatchObject({ waiting: 0 })
    await happens(login, later(3 * DAY))
    expect(await rowsOf("SELECT omitted FROM webhook_messages WHERE state = 'waiting'")).toEqual([
      { omitted: 10 },
    ])
  })

  it('of failures is told no webhook, so that two that fail do not keep each other busy', async () => {
    await seedWebhook('one')
    await seedWebhook('two')
    const { deps } = receivers(() => new Response(null, { status: 500 }))
    await visit(login, deps)
    await tendWebhooks(deps, sealer, later(2 * DAY))
    expect(await kept({ kinds: ['webhook-gave-up'] })).toHaveLength(2)
    expect(await rowsOf("SELECT * FROM webhook_messages WHERE state = 'waiting'")).toEqual([])
  })
})

describe('the cron', () => {
  it('keeps the newest 100 messages, and those that were given up for a week', async () => {
    await seedWebhook('siem')
    const failing = receivers(() => new Response(null, { status: 500 }))
    await visit(loginOf('unlucky'), failing.deps)
    await tendWebhooks(failing.deps, sealer, later(2 * DAY))
    const { deps, asked } = receivers()
    for (let i = 0; i < 130; i++) await visit(loginOf(`user-${i}`), deps, later(2 * DAY + i))
    expect(asked).toHaveLength(130)
    const counts = () =>
      rowsOf('SELECT state, count(*) AS n FROM webhook_messages GROUP BY state ORDER BY state')
    await tendWebhooks(deps, sealer, later(2 * DAY + HOUR + 200))
    expect(await counts()).toEqual([
      { state: 'given-up', n: 1 },
      { state: 'sent', n: 100 },
    ])
    await tendWebhooks(deps, sealer, later(7 * DAY))
    expect(await counts()).toEqual([{ state: 'sent', n: 100 }])
  })

  it('seals the secrets anew after GATEHOUSE_SECRET has changed', async () => {
    await seedWebhook('siem')
    const secrets = { current: secretsOf('n').current, previous: secretsOf('w').current }
    const both = await createSealer(secrets, WEBHOOK_PURPOSE)
    const newest = await createSealer(secretsOf('n'), WEBHOOK_PURPOSE)
    const { deps, asked } = receivers(undefined, { sealer: both })
    await tendWebhooks(deps, newest, noon)
    await visit(login, { ...deps, sealer: newest })
    expect(asked).toHaveLength(1)
    await visit(login, { ...deps, sealer }, later(1))
    expect(await listDeliveries(db, 'siem', 1)).toMatchObject([
      { reason: 'GATEHOUSE_SECRET does not open its secret' },
    ])
  })
})

describe('D1', () => {
  it('that fails to keep what became of a message has it sent again, with the same id', async () => {
    await seedWebhook('siem')
    await happens(login)
    const fault = breakable(db, 'batch')
    const { deps, asked } = receivers(
      () => {
        fault.isBroken = true
        return new Response()
      },
      { db: fault.binding },
    )
    await expect(tendWebhooks(deps, sealer, noon)).rejects.toThrow(StoreUnavailable)
    const mended = receivers()
    await tendWebhooks(mended.deps, sealer, later(2 * MINUTE))
    expect(idsOf(mended.asked)).toEqual(idsOf(asked))
  })

  it('that fails in a request is told in the log, and the event is kept', async () => {
    await seedWebhook('siem')
    const fault = breakable(db, 'batch')
    const { deps } = receivers(
      () => {
        fault.isBroken = true
        return new Response()
      },
      { db: fault.binding },
    )
    await visit(login, deps)
    expect(said.at(-1)).toContain('"during":"keeping what webhooks answered"')
    expect(await kept({ kinds: ['login'] })).toHaveLength(1)
  })

  it('that keeps an event and fails to say so does not lose its message', async () => {
    await seedWebhook('siem')
    const lost = receivers(undefined, { db: failsToAnswer(db, 'batch') })
    await visit(login, lost.deps)
    expect(lost.asked).toEqual([])
    const { deps, asked } = receivers()
    await tendWebhooks(deps, sealer, later(2 * MINUTE))
    expect(kindsOf(asked)).toEqual(['login'])
  })
})
