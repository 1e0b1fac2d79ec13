/** What is read of a body that the gate answers without using it. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { discardBody } from '../../src/lib/body.ts'

const MIB = 1024 * 1024

const upload = (body: ReadableStream): Request =>
  new Request('https://app.example.com/', { method: 'POST', body })

afterEach(() => {
  vi.useRealTimers()
})

describe('a body that nobody uses', () => {
  it('is read to its end', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent === 30) return controller.close()
        sent++
        controller.enqueue(new Uint8Array(MIB))
      },
    })
    await discardBody(upload(body))
    expect(sent).toBe(30)
  })

  it('is read up to 100 MiB, and not further', async () => {
    let sent = 0
    let isCancelled = false
    const chunk = new Uint8Array(MIB)
    const body = new ReadableStream({
      pull(controller) {
        sent++
        controller.enqueue(chunk)
      },
      cancel() {
        isCancelled = true
      },
    })
    await discardBody(upload(body))
    expect(isCancelled).toBe(true)
    expect(sent).toBeGreaterThanOrEqual(100)
    // A stream has a few chunks ready before they are asked for.
    expect(sent).toBeLessThan(106)
  })

  it('is read for 100 seconds, and not longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isCancelled = false
    const body = new ReadableStream({
      cancel() {
        isCancelled = true
      },
    })
    const discarded = discardBody(upload(body))
    await vi.advanceTimersByTimeAsync(99_999)
    expect(isCancelled).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await discarded
    expect(isCancelled).toBe(true)
  })
})
