import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLru } from '../../src/lib/lru.ts'

describe('a cache of what was used last', () => {
  it('forgets the entry that was used longest ago, once there are too many', () => {
    const cache = createLru<string, number>(2)
    cache.save('a', 1)
    cache.save('b', 2)
    cache.save('c', 3)
    expect([cache.find('a'), cache.find('b'), cache.find('c')]).toEqual([null, 2, 3])
  })

  it('counts a look as a use', () => {
    const cache = createLru<string, number>(2)
    cache.save('a', 1)
    cache.save('b', 2)
    cache.find('a')
    cache.save('c', 3)
    expect([cache.find('a'), cache.find('b'), cache.find('c')]).toEqual([1, null, 3])
  })

  it('replaces an entry, which then counts once', () => {
    const cache = createLru<string, number>(2)
    cache.save('a', 1)
    cache.save('b', 2)
    cache.save('a', 3)
    expect([cache.find('b'), cache.find('a')]).toEqual([2, 3])
  })

  it('keeps a falsy value', () => {
    const cache = createLru<string, number>(2)
    cache.save('a', 0)
    expect(cache.find('a')).toBe(0)
  })

  it('makes room for a large entry by forgetting as many as it takes', () => {
    const cache = createLru<string, string>(10, (text) => text.length)
    cache.save('a', 'xxxx')
    cache.save('b', 'xxxx')
    cache.save('c', 'xxxxxxxx')
    expect([cache.find('a'), cache.find('b'), cache.find('c')]).toEqual([null, null, 'xxxxxxxx'])
  })

  it('keeps nothing of an entry that alone is too large', () => {
    const cache = createLru<string, string>(3, (text) => text.length)
    cache.save('a', 'xxxx')
    expect(cache.find('a')).toBeNull()
    cache.save('b', 'xxx')
    expect(cache.find('b')).toBe('xxx')
  })

  it('gives the room of a removed entry back', () => {
    const cache = createLru<string, string>(4, (text) => text.length)
    cache.save('a', 'xx')
    cache.save('b', 'xx')
    cache.remove('a')
    cache.remove('never there')
    cache.save('c', 'xx')
    expect([cache.find('a'), cache.find('b'), cache.find('c')]).toEqual([null, 'xx', 'xx'])
  })

  it('does what a list in the order of use would do', () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom('find', 'save', 'remove'),
        key: fc.integer({ min: 0, max: 5 }),
        size: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const cache = createLru<number, number>(10, (size) => size)
        let list: { readonly key: number; readonly size: number }[] = []
        for (const { kind, key, size } of all) {
          const known = list.find((entry) => entry.key === key)
          const others = list.filter((entry) => entry.key !== key)
          if (kind === 'find') {
            expect(cache.find(key)).toBe(known?.size ?? null)
            list = known ? [...others, known] : others
          } else if (kind === 'save') {
            cache.save(key, size)
            list = [...others, { key, size }]
            while (list.reduce((sum, entry) => sum + entry.size, 0) > 10) list = list.slice(1)
          } else {
            cache.remove(key)
            list = others
          }
        }
        const left = [0, 1, 2, 3, 4, 5].map((key) => cache.find(key))
        expect(left).toEqual(
          [0, 1, 2, 3, 4, 5].map((key) => list.find((entry) => entry.key === key)?.size ?? null),
        )
      }),
    )
  })
})

describe('a cache that tells what is gone', () => {
  it('names what was removed and what was pushed out, and not what was replaced', () => {
    const gone: string[] = []
    const cache = createLru<string, number>(2, undefined, (key) => gone.push(key))
    cache.save('a', 1)
    cache.save('a', 2)
    cache.save('b', 1)
    expect(gone).toEqual([])
    cache.save('c', 1)
    cache.remove('b')
    expect(gone).toEqual(['a', 'b'])
  })
})
