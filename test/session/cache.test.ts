import { describe, expect, it } from 'vitest'
import { createSessionCache, type Remembered } from '../../src/session/cache.ts'
import { parseTokenHash, type TokenHash } from '../../src/session/token.ts'
import { liveOf, noon } from '../support/site.ts'

const hashOf = (letter: string): TokenHash => {
  const hash = parseTokenHash(letter.repeat(43))
  if (!hash) throw new Error('not a hash')
  return hash
}
const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')]
const rememberedOf = (userName: string): Remembered => ({
  session: liveOf({ userName }).session,
  standing: {
    openedAt: noon,
    lastSeenAt: noon,
    revokedAt: null,
    userActive: true,
    groups: null,
    sessionsValidFrom: noon,
    connectionEnabled: true,
    boundAt: null,
  },
  readAt: noon,
})
const nobody = () => undefined
const sizeOfOne = JSON.stringify(rememberedOf('x').session).length + 2

describe('the cache of an isolate', () => {
  it('gives back what was put, under its own hash only', () => {
    const cache = createSessionCache(nobody)
    const remembered = rememberedOf('x')
    cache.save(a, remembered)
    expect(cache.find(a)).toBe(remembered)
    expect(cache.find(b)).toBeNull()
    cache.remove(a)
    expect(cache.find(a)).toBeNull()
  })

  it('drops what was used longest ago when it is full', () => {
    const cache = createSessionCache(nobody, 2 * sizeOfOne)
    cache.save(a, rememberedOf('x'))
    cache.save(b, rememberedOf('x'))
    cache.find(a)
    cache.save(c, rememberedOf('x'))
    expect([a, b, c].map((hash) => cache.find(hash) !== null)).toEqual([true, false, true])
  })

  it('counts the size of what it holds, not what it held', () => {
    const cache = createSessionCache(nobody, 2 * sizeOfOne)
    for (let round = 0; round < 10; round++) {
      const [one, two] = [rememberedOf('x'), rememberedOf('y')]
      cache.save(a, one)
      cache.save(a, { ...one, readAt: noon })
      cache.save(a, rememberedOf('z'))
      cache.save(b, two)
      expect([cache.find(a) !== null, cache.find(b) !== null]).toEqual([true, true])
      cache.remove(a)
      cache.remove(a)
      cache.save(c, two)
      expect([cache.find(b) !== null, cache.find(c) !== null]).toEqual([true, true])
      cache.remove(c)
    }
  })

  it('holds nothing larger than itself, and drops the rest for it at most', () => {
    const cache = createSessionCache(nobody, sizeOfOne)
    cache.save(a, rememberedOf('x'.repeat(1000)))
    expect(cache.find(a)).toBeNull()
    cache.save(b, rememberedOf('x'))
    expect(cache.find(b)).not.toBeNull()
  })
})
