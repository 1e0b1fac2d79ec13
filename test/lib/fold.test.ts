import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePoints, fold, lowerAscii } from '../../src/lib/fold.ts'

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'A',
    'Σ',
    'ς',
    'σ',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'I',
    '\u212a',
    '😀',
    'ｚ',
    ' ',
  ),
})

describe('a fold', () => {
  it('of a part is a part of the fold, and of a fold is itself', () => {
    const property = fc.property(text, text, (a, b) => {
      expect(fold(a + b)).toBe(fold(a) + fold(b))
      expect(fold(fold(a))).toBe(fold(a))
    })
    fc.assert(property)
  })

  it('of ASCII alone leaves all other letters', () => {
    expect(lowerAscii('AÄ\u212aİ')).toBe('aÄ\u212aİ')
    expect(fold('AÄ\u212a')).toBe('aäk')
  })
})

describe('the order of code points', () => {
  it('is that of UTF-8', () => {
    const bytes = (value: string) => [...new TextEncoder().encode(value)]
    const property = fc.property(text, text, (a, b) => {
      const [x, y] = [bytes(a), bytes(b)]
      const at = x.findIndex((byte, i) => byte !== y[i])
      const wanted = at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1)
      expect(Math.sign(comparePoints(a, b))).toBe(Math.sign(wanted))
    })
    fc.assert(property)
  })
})
