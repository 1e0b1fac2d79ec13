import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWatch, type Standing } from '../../src/proxy/standing.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Says these in turn, and the last for ever. */
function watching(...says: readonly (Standing | Error)[]) {
  const looks: number[] = []
  const ends: string[] = []
  const look = async (): Promise<Standing> => {
    const said = says[Math.min(looks.push(looks.length), says.length) - 1]
    if (said instanceof Error || said === undefined) throw said
    return said
  }
  const stop = createWatch(look, 15)((standing) => ends.push(standing))
  return { looks, ends, stop }
}

describe('a watch', () => {
  it('looks at once', async () => {
    const { ends } = watching('over')
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toEqual(['over'])
  })

  it('looks again and again, and ends once', async () => {
    const { looks, ends } = watching('good', 'good', 'good', 'over')
    await vi.advanceTimersByTimeAsync(44_999)
    expect([looks.length, ends]).toEqual([3, []])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['over'])
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([4, ['over']])
  })

  it('ends when it cannot look, whatever the fault', async () => {
    const { ends } = watching('good', new Error('storage is down'))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(ends).toEqual(['unknown'])
  })

  it('looks no more when it is stopped, and leaves no timer', async () => {
    const { looks, ends, stop } = watching('good', 'over')
    await vi.advanceTimersByTimeAsync(0)
    stop()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect([looks.length, ends]).toEqual([1, []])
  })

  it('says nothing of what it saw after it was stopped', async () => {
    const { ends, stop } = watching('over')
    stop()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
