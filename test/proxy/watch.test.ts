import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startWatch, type VisitState } from '../../src/proxy/watch.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

interface Times {
  readonly first?: number
  readonly late?: number | null
}

/** Says these in turn, and the last for ever. */
function watching({ first = 15, late = null }: Times, ...says: readonly (VisitState | Error)[]) {
  const looks: number[] = []
  const ends: string[] = []
  const look = async (): Promise<VisitState> => {
    const said = says[Math.min(looks.push(looks.length), says.length) - 1]
    if (said instanceof Error || said === undefined) throw said
    return said
  }
  const watch = startWatch({
    look: says.length > 0 ? look : null,
    firstAfterSeconds: first,
    everySeconds: 15,
    lateAfterSeconds: late,
  })
  watch.onEnd((ending) => ends.push(ending))
  return { looks, ends, ...watch }
}

describe('a watch', () => {
  it('looks first when what let the visitor in is as old as it may be', async () => {
    const { looks, ends } = watching({ first: 4 }, 'over')
    await vi.advanceTimersByTimeAsync(3999)
    expect(looks).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['over'])
  })

  it('looks again and again, and ends once', async () => {
    const { looks, ends } = watching({ first: 0 }, 'good', 'good', 'good', 'over')
    await vi.advanceTimersByTimeAsync(44_999)
    expect([looks.length, ends]).toEqual([3, []])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['over'])
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([4, ['over']])
  })

  it('ends when it cannot look, whatever the fault', async () => {
    const { ends } = watching({}, 'good', new Error('storage is down'))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(ends).toEqual(['unknown'])
  })

  it('looks no more when it is stopped, and leaves no timer', async () => {
    const { looks, ends, stop } = watching({}, 'good', 'over')
    await vi.advanceTimersByTimeAsync(15_000)
    stop()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([1, []])
  })

  it('says nothing of what it saw after it was stopped', async () => {
    const { ends, stop } = watching({ first: 0 }, 'over')
    vi.advanceTimersByTime(0)
    stop()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has one timer, whatever it waits for', async () => {
    watching({ late: 100 }, 'good')
    for (let second = 0; second < 90; second++) {
      expect(vi.getTimerCount()).toBe(1)
      await vi.advanceTimersByTimeAsync(1000)
    }
  })

  it('says that the origin is late, between its looks or without any', async () => {
    const [looking, waiting] = [watching({ late: 100 }, 'good'), watching({ late: 100 })]
    await vi.advanceTimersByTimeAsync(99_999)
    expect([looking.ends, waiting.ends, looking.looks.length]).toEqual([[], [], 6])
    await vi.advanceTimersByTimeAsync(1)
    expect([looking.ends, waiting.ends]).toEqual([['late'], ['late']])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on when the origin has answered, and tells whoever listens then', async () => {
    const { ends, answered, onEnd } = watching({ late: 100 }, ...Array(9).fill('good'), 'over')
    const later: string[] = []
    answered()
    onEnd((ending) => later.push(ending))
    await vi.advanceTimersByTimeAsync(150_000)
    expect([ends, later]).toEqual([[], ['over']])
  })
})
