/** A session may end while the origin has not answered. Then nothing of its answer passes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { plusSeconds } from '../../src/lib/instant.ts'
import { LOOK_UP_SECONDS } from '../../src/lib/store-error.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { breakable, countedD1, slowly } from '../support/binding.ts'
import { createGate, type GateOptions } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'
import { fakeTimers } from './timers.ts'

const { db } = stores
const address = 'https://app.example.com/poll'
const bound = 15
const atBound = plusSeconds(noon, bound)
const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade' }

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})
afterEach(() => void vi.useRealTimers())

/** A request of somebody signed in, which the origin has got and will answer when it is told to. */
async function waiting(options: GateOptions = {}, init: RequestInit = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const world = createGate({ origin: () => promise, ...options })
  const who = await signIn()
  const answered = world.ask(requestWith(who.token, address, init))
  await expect.poll(() => world.sent.length).toBe(1)
  const revoke = () => revokeSession(db, who.session.id, noon)
  return { world, answered, respond: resolve, fail: reject, revoke }
}

/** An answer that goes on until somebody cancels it. */
function endless(headers: Record<string, string>, status = 200) {
  const state = { isCancelled: false }
  const body = new ReadableStream({
    pull: async (controller) => {
      await scheduler.wait(1)
      controller.enqueue(new TextEncoder().encode('of the origin'))
    },
    cancel: () => void (state.isCancelled = true),
  })
  return { state, answer: new Response(body, { headers, status }) }
}

const ended = [{ kind: 'session-ended', reason: 'revoked' }]

describe('an answer that comes when the session has ended', () => {
  it.each([
    ['of no stated length', {}],
    ['that is short', { 'Content-Length': '13' }],
    ['that is long', { 'Content-Length': '1000000' }],
    ['of events', { 'Content-Type': 'text/event-stream' }],
    ['that sets a cookie', { 'Content-Length': '13', 'Set-Cookie': 'a=1' }],
  ] as const)('does not pass, and is dropped: one %s', async (_, headers) => {
    const { world, answered, respond, revoke } = await waiting()
    await revoke()
    world.now = atBound
    const { answer, state } = endless(headers)
    respond(answer)
    const shown = await answered
    expect(shown.status).toBe(401)
    expect(await shown.text()).not.toContain('of the origin')
    expect(shown.headers.getSetCookie()).toEqual([])
    await expect.poll(() => state.isCancelled).toBe(true)
    expect(world.events).toMatchObject(ended)
  })

  it('does not pass where the site lets downloads finish', async () => {
    const { world, answered, respond, revoke } = await waiting({ site: { downloads: 'finish' } })
    await revoke()
    world.now = atBound
    respond(endless({ 'Content-Length': '1000000' }).answer)
    expect((await answered).status).toBe(401)
  })

  it.each([302, 404, 500, 524])('does not pass with the status %i', async (status) => {
    const { world, answered, respond, revoke } = await waiting()
    await revoke()
    world.now = atBound
    respond(endless({ Location: '/secret' }, status).answer)
    const shown = await answered
    expect([shown.status, shown.headers.get('Location')]).toEqual([401, null])
    expect(world.events).toMatchObject(ended)
  })

  it('is no socket', async () => {
    const { world, answered, respond, revoke } = await waiting({}, { headers: upgrade })
    await revoke()
    world.now = atBound
    const { 0: toGate, 1: atOrigin } = new WebSocketPair()
    atOrigin.accept()
    respond(new Response(null, { status: 101, webSocket: toGate }))
    const shown = await answered
    expect([shown.status, shown.webSocket ?? null]).toEqual([401, null])
    expect(world.events).toMatchObject(ended)
  })

  it('is a failure no more: who is out is told that, not that the origin failed', async () => {
    const { world, answered, fail, revoke } = await waiting()
    await revoke()
    world.now = atBound
    fail(new Error('reset'))
    expect((await answered).status).toBe(401)
    expect(world.events).toMatchObject(ended)
  })

  it('does not pass where the session was read for an earlier request, and not since', async () => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const answers = [Promise.resolve(new Response('the page before')), promise]
    const world = createGate({ origin: async () => (await answers.shift()) ?? new Response() })
    const { token, session } = await signIn()
    const ask = () => world.ask(requestWith(token, address))
    expect((await ask()).status).toBe(200)
    world.now = plusSeconds(noon, bound - 1)
    const answered = ask()
    await expect.poll(() => world.sent.length).toBe(2)
    await revokeSession(db, session.id, noon)
    world.now = atBound
    resolve(new Response('of the origin'))
    expect((await answered).status).toBe(401)
    expect(world.events).toMatchObject(ended)
  })

  it('does not pass though the clock was set back meanwhile', async () => {
    const { world, answered, respond, revoke } = await waiting()
    await revoke()
    world.now = plusSeconds(noon, -1)
    respond(new Response('of the origin'))
    expect((await answered).status).toBe(401)
  })
})

describe('an answer that comes while the access cannot be checked', () => {
  it('does not pass, and is dropped', async () => {
    const broken = breakable(db)
    const { world, answered, respond } = await waiting({ stores: { db: broken.binding } })
    broken.isBroken = true
    world.now = atBound
    const { answer, state } = endless({ 'Content-Length': '13' })
    respond(answer)
    await expect(answered).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await expect.poll(() => state.isCancelled).toBe(true)
    expect(world.events).toEqual([])
  })

  it('does not pass where D1 hangs', async () => {
    let isHanging = false
    const meanwhile = () => (isHanging ? new Promise(() => {}) : Promise.resolve())
    const { world, answered, respond } = await waiting({
      stores: { db: slowly(db, 'first', meanwhile) },
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    isHanging = true
    world.now = atBound
    respond(new Response('of the origin'))
    const refused = expect(answered).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await vi.advanceTimersByTimeAsync(0)
    await vi.advanceTimersByTimeAsync(LOOK_UP_SECONDS * 1000)
    await refused
  })
})

describe('an answer that comes while the session lasts', () => {
  it('passes whole after one statement, when what let the visitor in is as old as it may be', async () => {
    const counted = countedD1(db)
    const { world, answered, respond } = await waiting({ stores: { db: counted.binding } })
    const before = counted.calls()
    world.now = atBound
    respond(new Response('of the origin'))
    const shown = await answered
    expect([shown.status, await shown.text(), counted.calls() - before]).toEqual([
      200,
      'of the origin',
      1,
    ])
    expect(world.events).toEqual([])
  })

  it('passes without a statement before that', async () => {
    const broken = breakable(db)
    const { world, answered, respond, revoke } = await waiting({ stores: { db: broken.binding } })
    await revoke()
    broken.isBroken = true
    world.now = plusSeconds(noon, bound - 0.001)
    respond(new Response('of the origin', { headers: { 'Content-Length': '13' } }))
    expect(await (await answered).text()).toBe('of the origin')
  })

  it('is watched from then on: what is still open ends with the session', async () => {
    const { world, answered, respond, revoke } = await waiting({ revocationSeconds: 0.02 })
    world.now = plusSeconds(noon, 3600)
    respond(endless({}).answer)
    const reader = (await answered).body?.getReader()
    await reader?.read()
    await revoke()
    const rest = async () => {
      for (;;) if ((await reader?.read())?.done) return
    }
    await expect(rest()).rejects.toThrow('the session is over')
    expect(world.events).toMatchObject(ended)
  })
})

describe('a request that waits for the origin', () => {
  it('has no timer without a body, and leaves none', async () => {
    const timers = fakeTimers()
    const { token } = await signIn()
    const { promise, resolve } = Promise.withResolvers<Response>()
    const world = createGate({ origin: () => promise })
    const answered = world.ask(requestWith(token, address))
    while (world.sent.length === 0) await vi.advanceTimersByTimeAsync(0)
    expect(timers()).toBe(0)
    resolve(new Response('of the origin', { headers: { 'Content-Length': '13' } }))
    expect(await (await answered).text()).toBe('of the origin')
    expect(timers()).toBe(0)
  })

  it('is 401 when its session ends while it sends a body, and is recorded once', async () => {
    const { world, answered, revoke } = await waiting(
      { revocationSeconds: 0.02 },
      { method: 'POST', body: 'a beginning' },
    )
    await revoke()
    expect((await answered).status).toBe(401)
    expect(world.events).toMatchObject(ended)
  })

  it('is no more waited for while storage fails and it sends a body', async () => {
    const broken = breakable(db)
    const { answered } = await waiting(
      { revocationSeconds: 0.02, stores: { db: broken.binding } },
      { method: 'POST', body: 'a beginning' },
    )
    broken.isBroken = true
    await expect(answered).rejects.toMatchObject({ name: 'StoreUnavailable' })
  })

  it('is recorded once where the answer to an upload comes while its access is looked at', async () => {
    const { promise: slow, resolve: go } = Promise.withResolvers<void>()
    let looks = 0
    let isSlow = false
    const meanwhile = () => {
      if (!isSlow) return Promise.resolve()
      looks++
      return slow
    }
    const { world, answered, respond, revoke } = await waiting(
      { revocationSeconds: 0.02, stores: { db: slowly(db, 'first', meanwhile) } },
      { method: 'POST', body: 'a beginning' },
    )
    await revoke()
    isSlow = true
    await expect.poll(() => looks).toBe(1)
    world.now = atBound
    respond(new Response('of the origin'))
    await scheduler.wait(50)
    go()
    expect((await answered).status).toBe(401)
    expect([looks, world.events.length]).toEqual([1, 1])
  })
})

describe('a public route', () => {
  it('passes an answer however late, and looks at nobody', async () => {
    const counted = countedD1(db)
    const routes = [{ path: '/', policy: { kind: 'public' } }] as const
    const options = { site: { routes }, stores: { db: counted.binding } }
    const { world, answered, respond, revoke } = await waiting(options)
    await revoke()
    const before = counted.calls()
    world.now = plusSeconds(noon, 3600)
    respond(new Response('of the origin'))
    expect(await (await answered).text()).toBe('of the origin')
    expect(counted.calls()).toBe(before)
  })
})
