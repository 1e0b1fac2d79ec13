import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromStore, fromStoreSlowly } from '../../src/lib/store-error.ts'
import { silent } from '../support/binding.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('a call of storage', () => {
  it('gives what storage answers, and leaves no timer behind', async () => {
    await env.SESSIONS.put('there', 'yes')
    expect(await fromStore('KV', 'a test', () => env.SESSIONS.get('there'))).toBe('yes')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that throws, at once or later, is StoreUnavailable with its cause', async () => {
    const cause = new Error('down')
    const now = () => {
      throw cause
    }
    for (const call of [now, () => Promise.reject(cause)]) {
      const failed = fromStore('D1', 'a test', call)
      await expect(failed).rejects.toMatchObject({ store: 'D1', during: 'a test', cause })
    }
    expect(vi.getTimerCount()).toBe(0)
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
