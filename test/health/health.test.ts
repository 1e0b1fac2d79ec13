/** What monitors ask (docs/operating.md). */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { breakable, silent, slowly, watched } from '../support/binding.ts'
import { fetchSettled } from '../support/worker.ts'

const config = {
  sites: [
    {
      url: 'https://wiki.example.test',
      origin: 'https://origin.example.test',
      routes: [{ path: '/', access: 'signed-in' as const }],
    },
  ],
}
const READY = 'https://wiki.example.test/.gatehouse/health/ready'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 12) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The answer of one isolate after the other question. */
const createMonitor = (bindings: object = {}) => {
  const worker = createGatehouse(config)
  return (url = READY, init: RequestInit = {}) =>
    fetchSettled(worker, new Request(url, init), { ...env, ...bindings })
}
const readyBody = (kv: string, d1: string, status = 'fail') => ({
  status,
  checks: { 'kv:responses': [{ status: kv }], 'd1:responses': [{ status: d1 }] },
})

describe('whether the Worker runs', () => {
  it('is said without a question to a store', async () => {
    const kv = watched(env.SESSIONS)
    const db = watched(env.DB)
    const ask = createMonitor({ SESSIONS: kv.binding, DB: db.binding })
    const answer = await ask('https://wiki.example.test/.gatehouse/health')
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      200,
      'application/health+json',
    ])
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(await answer.json()).toEqual({ status: 'pass' })
    expect([kv.calls, db.calls]).toEqual([[], []])
  })

  it('is denied by a Worker that cannot start', async () => {
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => {})
    const ask = createMonitor({ GATEHOUSE_SECRET: 'short' })
    expect((await ask('https://wiki.example.test/.gatehouse/health')).status).toBe(503)
    expect(silenced).toHaveBeenCalledOnce()
    silenced.mockRestore()
  })
})

describe('whether the Worker is ready', () => {
  it('is so while KV and D1 answer', async () => {
    const answer = await createMonitor()()
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(readyBody('pass', 'pass', 'pass'))
  })

  it('answers HEAD as well', async () => {
    const answer = await createMonitor()(READY, { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  it('names the store that fails, and comes back by itself', async () => {
    const db = breakable(env.DB)
    const ask = createMonitor({ DB: db.binding })
    db.isBroken = true
    const failed = await ask()
    expect(failed.status).toBe(503)
    expect(await failed.json()).toEqual(readyBody('pass', 'fail'))
    db.isBroken = false
    vi.setSystemTime(Date.UTC(2026, 0, 5, 12, 0, 5))
    expect((await ask()).status).toBe(200)

    const kv = breakable(env.SESSIONS)
    kv.isBroken = true
    const answer = await createMonitor({ SESSIONS: kv.binding })()
    expect(await answer.json()).toEqual(readyBody('fail', 'pass'))
  })

  it('fails where the database has no tables of ours', async () => {
    const answer = await createMonitor({ DB: env.EMPTY })()
    expect(await answer.json()).toEqual(readyBody('pass', 'fail'))
  })

  it('is answered in time by stores that never answer', async () => {
    const ask = createMonitor({
      DB: silent(env.DB, 'prepare'),
      SESSIONS: silent(env.SESSIONS, 'get'),
    })
    const answer = await ask()
    expect(await answer.json()).toEqual(readyBody('fail', 'fail'))
  })

  it('costs one question to each store in five seconds, however often anybody asks', async () => {
    const kv = watched(env.SESSIONS)
    const db = watched(env.DB)
    const ask = createMonitor({ SESSIONS: kv.binding, DB: db.binding })
    for (let second = 0; second < 5; second += 1) {
      vi.setSystemTime(Date.UTC(2026, 0, 5, 12, 0, second))
      await Promise.all([ask(), ask()])
    }
    // The first two came before there was an answer.
    const first = kv.calls.length
    expect(first).toBeLessThanOrEqual(2)
    expect(db.calls.length).toBe(first)
    vi.setSystemTime(Date.UTC(2026, 0, 5, 12, 0, 5))
    await Promise.all([ask(), ask(), ask()])
    expect(kv.calls.length).toBe(first + 1)
  })

  it('asks again after the clock was set back', async () => {
    const db = breakable(env.DB)
    const ask = createMonitor({ DB: db.binding })
    expect((await ask()).status).toBe(200)
    db.isBroken = true
    vi.setSystemTime(Date.UTC(2026, 0, 5, 11))
    expect((await ask()).status).toBe(503)
  })

  it('asks again after a monitor that hung up, whose question never ends', async () => {
    let meanwhile = () => Promise.resolve()
    const db = breakable(slowly(env.DB, 'first', () => meanwhile()))
    const ask = createMonitor({ DB: db.binding })
    expect((await ask()).status).toBe(200)
    // The runtime forgets what a request waits for when its client hangs up: no timer ends it.
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'], now: Date.UTC(2026, 0, 5, 12, 0, 5) })
    const { promise: isAsked, resolve: setAsked } = Promise.withResolvers<void>()
    meanwhile = () => {
      setAsked()
      return new Promise(() => {})
    }
    void ask()
    await isAsked
    db.isBroken = true
    expect((await ask()).status).toBe(200)
    vi.setSystemTime(Date.UTC(2026, 0, 5, 12, 0, 10))
    expect((await ask()).status).toBe(503)
  })
})
