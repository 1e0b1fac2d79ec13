import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { createSender, createUnsent } from '../../src/proxy/unsent.ts'
import { noon } from '../support/site.ts'
import { fakeTimers } from './timers.ts'

let timers = (): number => 0
beforeEach(() => void (timers = fakeTimers()))
afterEach(() => void vi.useRealTimers())

/** How many messages of that size are taken from each, in turn, until one is refused. */
function fill(most: number | undefined, size: number, senders: number): readonly number[] {
  const unsent = createUnsent(() => noon, most)
  const counts = Array.from({ length: senders }, () => 0)
  const ids = counts.map(() => ({}))
  for (;;) {
    for (const [i, id] of ids.entries()) {
      if (!unsent.admit(id, (counts[i] ?? 0) * size, size)) return counts
      counts[i] = (counts[i] ?? 0) + 1
    }
  }
}

describe('the memory for what is unsent', () => {
  it('is never all for one that is not read, and less for each the more they are', () => {
    expect(fill(1000, 10, 1)).toEqual([50])
    expect(fill(1000, 10, 4).every((count) => count >= 19 && count <= 20)).toBe(true)
    const many = fill(1000, 10, 19)
    expect(many.every((count) => count > 0)).toBe(true)
    expect(many.reduce((sum, count) => sum + count * 10, 0)).toBeLessThanOrEqual(1000)
  })

  it('is 40 MiB for all, 20 MiB of it for one alone', () => {
    const MIB = 1024 * 1024
    expect(fill(undefined, MIB, 1)).toEqual([20])
    const all = fill(undefined, MIB, 39)
    expect(all.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(40)
    const unsent = createUnsent(() => noon)
    expect(unsent.admit({}, 0, 40 * MIB + 1)).toBe(false)
    expect(unsent.admit({}, 0, 40 * MIB)).toBe(true)
  })

  it('takes one message as large as what is free from one that has nothing waiting', () => {
    const unsent = createUnsent(() => noon, 1000)
    expect(unsent.admit({}, 0, 1001)).toBe(false)
    const large = {}
    expect(unsent.admit(large, 0, 1000)).toBe(true)
    expect(unsent.admit({}, 0, 1)).toBe(false)
    unsent.report(large, 0)
    expect(unsent.admit({}, 0, 1)).toBe(true)
  })

  it('is free again when it is reported as gone, or nothing is reported of it', () => {
    let now: Instant = noon
    const unsent = createUnsent(() => now, 1000)
    const [gone, lost] = [{}, {}]
    unsent.report(gone, 400)
    unsent.report(lost, 400)
    expect(unsent.admit({}, 0, 300)).toBe(false)
    unsent.report(gone, 0)
    expect(unsent.admit({}, 0, 300)).toBe(true)
    expect(unsent.admit({}, 0, 400)).toBe(false)
    now = plusSeconds(noon, 10)
    expect(unsent.admit({}, 0, 400)).toBe(true)
  })
})

describe('a sender', () => {
  /** A socket whose other end reads when the test says so. */
  function socketOf() {
    const { 0: there, 1: here } = new WebSocketPair()
    here.accept()
    return { here, read: () => there.accept() }
  }

  it.each([
    ['empty', ''],
    ['short', 'x'],
    ['long', 'x'.repeat(1000)],
    ['in bytes', new ArrayBuffer(1000)],
  ])('is bounded by what is not read: messages that are %s', (_, message) => {
    const { here } = socketOf()
    const sender = createSender(
      here,
      createUnsent(() => noon, 100_000),
    )
    let taken = 0
    while (taken < 5000 && sender.send(message)) taken++
    expect(taken).toBeGreaterThan(40)
    expect(taken).toBeLessThan(800)
  })

  it('goes on for ever with a reader, and leaves neither bytes nor timers behind', async () => {
    vi.useRealTimers()
    const { here, read } = socketOf()
    read()
    const reports: number[] = []
    const sender = createSender(here, {
      admit: (_, waiting, size) => waiting + size < 100_000,
      report: (_, waiting) => void reports.push(waiting),
    })
    for (let i = 0; i < 300; i++) {
      for (const message of ['', 'x', 'x'.repeat(5000), 'last']) {
        expect(sender.send(message)).toBe(true)
      }
      await scheduler.wait(0)
    }
    await expect.poll(() => reports.at(-1)).toBe(0)
  })

  it('says again each second what is left, until it is stopped', async () => {
    const { here } = socketOf()
    const reports: number[] = []
    const sender = createSender(here, {
      admit: () => true,
      report: (_, waiting) => void reports.push(waiting),
    })
    sender.send('x'.repeat(1000))
    await vi.advanceTimersByTimeAsync(3000)
    expect(reports).toHaveLength(3)
    expect(Math.min(...reports)).toBeGreaterThan(1000)
    sender.stop()
    expect([reports.at(-1), timers()]).toEqual([0, 0])
  })
})
