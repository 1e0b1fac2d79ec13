import { describe, expect, it } from 'vitest'
import {
  hasHidden,
  toAsciiJson,
  toPlainJson,
  toPlainLine,
  toPlainLines,
} from '../../src/lib/plain.ts'

/** Every code point, but surrogates, which no text has alone. */
const characters = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
/** Unicode: Cc, Cf, Zl, Zp, and what a font may leave out. */
const isHidden = (character: string): boolean =>
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(character)

describe('a hidden character', () => {
  it('is found, and nothing else is, in all of Unicode', () => {
    expect(characters.filter((each) => hasHidden(`a${each}b`) !== isHidden(each))).toEqual([])
    expect(characters.filter(isHidden).length).toBeGreaterThan(4000)
  })

  it('is shown as U+FFFD on a line', () => {
    const shown = (each: string) => toPlainLine(`a${each}b`)
    expect(
      characters.filter((each) => shown(each) !== (isHidden(each) ? 'a\ufffdb' : `a${each}b`)),
    ).toEqual([])
    expect(toPlainLine('a\u202eb\r\nc')).toBe('a\ufffdb\ufffd\ufffdc')
    expect(toPlainLine('Zoë 😀')).toBe('Zoë 😀')
  })

  it('is shown in lines, whose ends stay', () => {
    expect(toPlainLines('a\nb\r\nc\rd\te')).toBe('a\nb\r\nc\ufffdd\ufffde')
    expect(toPlainLines('a\u200bé\u2028b')).toBe('a\ufffdé\ufffdb')
  })

  it('is escaped in JSON, which parses to the same', () => {
    const value = { 'a\u202eb': ['\u0000\u007f\u{e0001}', 'é', '\u2028'] }
    for (const indent of [0, 2]) {
      const json = toPlainJson(value, indent)
      expect(JSON.parse(json)).toEqual(value)
      expect(Array.from(json).filter((each) => each !== '\n' && isHidden(each))).toEqual([])
      expect(json).toContain('\\u202e')
      expect(json).toContain('\\udb40\\udc01')
      expect(json).toContain('é')
    }
  })
})

it('quoted text is printable ASCII', () => {
  expect(toAsciiJson('é\u202e"😀')).toBe('"\\u00e9\\u202e\\"\\ud83d\\ude00"')
})
