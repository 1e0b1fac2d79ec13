import { describe, expect, it } from 'vitest'
import { doInTurn } from '../../src/lib/in-turn.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { noon } from '../support/site.ts'

const fail = (words: string) => () => Promise.reject(new Error(words))

describe('pieces of work', () => {
  it('are done in their order, also after one that fails, and what failed is told', async () => {
    const done: number[] = []
    const piece = (n: number) => async () => void done.push(n)
    const pieces = [piece(1), fail('two'), piece(3), fail('four'), piece(5)]
    const failed = doInTurn(pieces, noon, () => noon)
    await expect(failed).rejects.toThrow('Error: two; Error: four')
    expect(done).toEqual([1, 3, 5])
    const error = new Error('alone')
    await expect(doInTurn([() => Promise.reject(error)], noon, () => noon)).rejects.toBe(error)
  })

  it('are not begun after five minutes, which is told, too', async () => {
    let now = noon
    const done: number[] = []
    const slow = (n: number) => async () => {
      done.push(n)
      now = plusSeconds(now, 200)
    }
    const failed = doInTurn([slow(1), slow(2), slow(3)], noon, () => now)
    await expect(failed).rejects.toThrow('no time is left for the rest')
    expect(done).toEqual([1, 2])
  })
})
