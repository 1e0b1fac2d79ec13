import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startWatch, type VisitState, type WatchTerms } from '../../src/proxy/watch.ts'
import { fakeTimers } from './timers.ts'

let timers = (): number => 0
beforeEach(() => void (timers = fakeTimers()))
afterEach(() => void vi.useRealTimers())

interface Watching extends Partial<WatchTerms> {
  /** Until the first reading is as old as it may be. */
  readonly left?: number
}

/** Says these in turn, and the last for ever. */
function watching({ left = 15, ...terms }: Watching, ...says: readonly (VisitState | Error)[]) {
  const looks: number[] = []
  const ends: string[] = []
  const look = async (): Promise<VisitState> => {
    const said = says[Math.min(looks.push(looks.length), says.length) - 1]
    if (said instanceof Error || said === undefined) throw said
    return said
  }
  const watch = startWatch({
    look: says.length > 0 ? look : null,
    leftSeconds: () => left,
    everySeconds: 15,
    isSending: false,
    lateAfterSeconds: null,
    ...terms,
  })
  const end = (ending: string) => void ends.push(ending)
  return { looks, ends, watch, end }
}

const never = () => new Promise<'answer'>(() => undefined)

describe('a watch over an answer', () => {
  it('looks first when what let the visitor in is as old as it may be', async () => {
    const { looks, ends, watch, end } = watching({ left: 4 }, 'over')
    watch.whileOpen(end)
    await vi.advanceTimersByTimeAsync(3999)
    expect(looks).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['over'])
  })

  it('looks again and again, and ends once', async () => {
    const { looks, ends, watch, end } = watching({ left: 0 }, 'good', 'good', 'good', 'over')
    watch.whileOpen(end)
    await vi.advanceTimersByTimeAsync(44_999)
    expect([looks.length, ends]).toEqual([3, []])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['over'])
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([4, ['over']])
  })

  it('ends when it cannot look, whatever the fault', async () => {
    const { ends, watch, end } = watching({}, 'good', new Error('storage is down'))
    watch.whileOpen(end)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(ends).toEqual(['unknown'])
  })

  it('looks no more when it is stopped, and leaves no timer', async () => {
    const { looks, ends, watch, end } = watching({}, 'good', 'over')
    watch.whileOpen(end)
    await vi.advanceTimersByTimeAsync(15_000)
    watch.stop()
    expect(timers()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([1, []])
  })

  it('says nothing of what it saw after it was stopped', async () => {
    const { ends, watch, end } = watching({ left: 0 }, 'over')
    watch.whileOpen(end)
    vi.advanceTimersByTime(0)
    watch.stop()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toEqual([])
    expect(timers()).toBe(0)
  })

  it('has one timer, and none on a public route', async () => {
    const { watch, end } = watching({}, 'good')
    const nobody = watching({})
    watch.whileOpen(end)
    nobody.watch.whileOpen(nobody.end)
    for (let second = 0; second < 90; second++) {
      expect(timers()).toBe(1)
      await vi.advanceTimersByTimeAsync(1000)
    }
  })
})

describe('a watch over what the origin has not answered', () => {
  it('has no timer where the request has no body and nothing bounds the origin', async () => {
    const { looks, watch } = watching({}, 'over')
    void watch.unlessEnded(never())
    expect(timers()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect(looks).toEqual([])
  })

  it('looks again and again while a body is sent', async () => {
    const { looks, watch } = watching({ isSending: true, left: 4 }, 'good', 'good', 'over')
    const ended = watch.unlessEnded(never())
    await vi.advanceTimersByTimeAsync(33_999)
    expect([looks.length, timers()]).toEqual([2, 1])
    await vi.advanceTimersByTimeAsync(1)
    expect([await ended, timers()]).toEqual(['over', 0])
  })

  it('has no timer over what is sent on a public route', async () => {
    const { watch } = watching({ isSending: true, lateAfterSeconds: 100 })
    void watch.unlessEnded(never())
    expect(timers()).toBe(0)
  })

  it('says that the origin is late, and does not look meanwhile', async () => {
    const { looks, watch } = watching({ lateAfterSeconds: 100 }, 'good')
    const said: string[] = []
    void watch.unlessEnded(never()).then((ending) => said.push(ending))
    await vi.advanceTimersByTimeAsync(99_999)
    expect([said, looks]).toEqual([[], []])
    await vi.advanceTimersByTimeAsync(1)
    expect([said, timers()]).toEqual([['late'], 0])
  })

  it.each([{ lateAfterSeconds: 100 }, { isSending: true }, {}])(
    'gives the answer and leaves no timer: %o',
    async (terms) => {
      const { watch } = watching(terms, 'good')
      const answer = await watch.unlessEnded(Promise.resolve('answer'))
      expect([answer, watch.answered(), timers()]).toEqual(['answer', null, 0])
      const failed = watching(terms, 'good').watch
      await expect(failed.unlessEnded(Promise.reject(new Error('reset')))).rejects.toThrow('reset')
      expect([failed.answered(), timers()]).toEqual([null, 0])
    },
  )
})

describe('a watch over an answer that has just come', () => {
  it.each([
    ['good', 'good'],
    ['over', 'over'],
    [new Error('storage is down'), 'unknown'],
  ] as const)('looks where the reading is too old: %s', async (seen, state) => {
    const { looks, watch } = watching({ left: 0 }, seen)
    await watch.unlessEnded(Promise.resolve('answer'))
    expect([await watch.answered(), looks.length]).toEqual([state, 1])
  })

  it('does not look where it is young enough, nor on a public route', async () => {
    const { looks, watch } = watching({ left: 0.001 }, 'over')
    expect([watch.answered(), looks]).toEqual([null, []])
    expect(watching({ left: 0 }).watch.answered()).toBeNull()
  })

  it('waits for a look that has begun, and looks once', async () => {
    const { promise, resolve } = Promise.withResolvers<VisitState>()
    let looks = 0
    const look = () => {
      looks++
      return promise
    }
    const { watch } = watching({ look, isSending: true, left: 1 })
    const answer = Promise.withResolvers<string>()
    const first = watch.unlessEnded(answer.promise)
    await vi.advanceTimersByTimeAsync(1000)
    answer.resolve('answer')
    expect(await first).toBe('answer')
    const state = watch.answered()
    resolve('over')
    expect([await state, looks, timers()]).toEqual(['over', 1, 0])
  })
})
