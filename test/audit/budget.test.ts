import { describe, expect, it } from 'vitest'
import { createBudget } from '../../src/audit/budget.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { noon } from '../support/site.ts'

describe('what an isolate counts of a minute', () => {
  it('is of a thousand names at most; events of further ones are left out', () => {
    const budget = createBudget()
    const names = Array.from({ length: 1001 }, (_, i) => `user-${i}`)
    const taken = names.map((name) => budget.take('denied', name, noon))
    expect(taken).toEqual([...Array<boolean>(1000).fill(true), false])
    expect(budget.take('denied', 'user-0', noon)).toBe(true)
    expect(budget.takeDropped('denied')).toBe(1)
    expect(budget.take('denied', 'user-1000', plusSeconds(noon, 60))).toBe(true)
  })

  it('is not begun anew by an event of an earlier minute that is written late', () => {
    const budget = createBudget()
    const takenAt = (seconds: number) => budget.take('denied', 'user', plusSeconds(noon, seconds))
    let taken = 0
    while (takenAt(60)) taken++
    expect(taken).toBeGreaterThan(0)
    expect([takenAt(0), takenAt(60), takenAt(-60), takenAt(119)]).toEqual(Array(4).fill(false))
    expect(takenAt(120)).toBe(true)
  })

  it('is begun anew where the clock was set back by an hour', () => {
    const budget = createBudget()
    while (budget.take('denied', 'user', noon)) continue
    expect(budget.take('denied', 'user', plusSeconds(noon, -3600))).toBe(true)
  })
})
