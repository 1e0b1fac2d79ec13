import { describe, expect, it } from 'vitest'
import { createFailures } from '../../src/lib/failures.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { noon } from '../support/site.ts'

describe('clients that give wrong tokens', () => {
  it('wait for the rest of a minute after so many', () => {
    const failures = createFailures(2)
    failures.note('a', noon)
    expect(failures.waitSeconds('a', noon)).toBe(0)
    failures.note('a', plusSeconds(noon, 10))
    expect(failures.waitSeconds('a', plusSeconds(noon, 10))).toBe(50)
    expect(failures.waitSeconds('b', plusSeconds(noon, 10))).toBe(0)
    expect(failures.waitSeconds('a', plusSeconds(noon, 60))).toBe(0)
  })

  it('are five thousand at most: the one that failed longest ago is forgotten', () => {
    const failures = createFailures(1)
    for (let i = 0; i <= 5000; i++) failures.note(`client-${i}`, noon)
    expect(failures.waitSeconds('client-1', noon)).toBe(60)
    expect(failures.waitSeconds('client-0', noon)).toBe(0)
  })
})
