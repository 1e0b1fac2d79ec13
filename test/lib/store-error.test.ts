import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromStore, fromStoreSlowly } from '../../src/lib/store-error.ts'
import { silent } from '../support/binding.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Its timer begins at once. Timers that are not of the call may begin meanwhile. */
async function expectNoTimerBehind<T>(call: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const begun = vi.spyOn(globalThis, 'setTimeout')
  const ended = vi.spyOn(globalThis, 'clearTimeout')
  const calling = call()
  expect(begun).toHaveBeenCalledOnce()
  const [{ value: timer } = { value: null }] = begun.mock.results
  const [outcome] = await Promise.allSettled([calling])
  expect(ended).toHaveBeenCalledWith(timer)
  vi.restoreAllMocks()
  return outcome
}

describe('a call of storage', () => {
  it('gives what storage answers, and leaves no timer behind', async () => {
    await env.SESSIONS.put('there', 'yes')
    const get = () => fromStore('KV', 'a test', () => env.SESSIONS.get('there'))
    expect(await expectNoTimerBehind(get)).toEqual({ status: 'fulfilled', value: 'yes' })
  })

  it('that throws, at once or later, is StoreUnavailable with its cause', async () => {
    const cause = new Error('down')
    const now = () => {
      throw cause
    }
    for (const call of [now, () => Promise.reject(cause)]) {
      const failed = await expectNoTimerBehind(() => fromStore('D1', 'a test', call))
      const reason = { name: 'StoreUnavailable', store: 'D1', during: 'a test', cause }
      expect(failed).toMatchObject({ status: 'rejected', reason })
    }
  })

  it.each([
    ['a visitor waits for', 10, fromStore],
    ['no visitor waits for', 60, fromStoreSlowly],
  ] as const)('that %s and that hangs fails after %d seconds, and not before', async (...given) => {
    const [, seconds, within] = given
    let failed: unknown = null
    void within('KV', 'a test', () => silent(env.SESSIONS, 'get').get('x')).catch(
      (fault: unknown) => (failed = fault),
    )
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1)
    expect(failed).toBeNull()
    await vi.advanceTimersByTimeAsync(1)
    expect(failed).toMatchObject({ name: 'StoreUnavailable', store: 'KV', during: 'a test' })
  })
})
