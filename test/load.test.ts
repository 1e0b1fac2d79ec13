/** What `npm run load` says of a run. */
import { describe, expect, it } from 'vitest'
import { slopeOf } from '../tools/load/memory.ts'
import { createTally } from '../tools/load/tally.ts'

describe('the tally of a load', () => {
  it('counts work that begins late from when it was due', async () => {
    const tally = createTally()
    await tally.time('page', performance.now() - 5000, () => Promise.resolve('there'))
    const [row] = tally.rows(10)
    expect(row).toMatchObject({ kind: 'page', answers: 1, 'in a second': '0.10', errors: 0 })
    expect(Number(row?.['p50 ms'])).toBeGreaterThanOrEqual(5000)
  })

  it('has the median and the 99th percentile of each kind', async () => {
    const tally = createTally()
    for (let i = 1; i <= 100; i++) {
      await tally.time('page', performance.now() - i * 100_000, () => Promise.resolve(i))
    }
    const [row] = tally.rows(100)
    expect(Math.round(Number(row?.['p50 ms']) / 100_000)).toBe(51)
    expect(Math.round(Number(row?.['p99 ms']) / 100_000)).toBe(100)
  })

  it('has each wrong answer, and how often it came', async () => {
    const tally = createTally()
    for (let i = 0; i < 3; i++) {
      const answer = await tally.time('page', performance.now(), () =>
        Promise.reject(new Error('the page answers 500')),
      )
      expect(answer).toBeNull()
    }
    tally.fail('SCIM', 'a change of a person is lost')
    expect(tally.errors()).toEqual([
      '3 × page: the page answers 500',
      '1 × SCIM: a change of a person is lost',
    ])
    expect(tally.rows(1).map((row) => [row['kind'], row['answers'], row['errors']])).toEqual([
      ['page', 0, 3],
      ['SCIM', 0, 1],
    ])
  })
})

it('the slope of the memory is that of the line through the samples', () => {
  const along = (perMinute: number) =>
    Array.from({ length: 50 }, (_, i) => ({
      seconds: i * 2,
      megabytes: 200 + (perMinute * i * 2) / 60 + (i % 2 === 0 ? 3 : -3),
    }))
  expect(slopeOf(along(0))).toBeCloseTo(0, 0)
  expect(slopeOf(along(30))).toBeCloseTo(30, 0)
})
