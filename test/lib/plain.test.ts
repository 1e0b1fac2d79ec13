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

/** UnicodeData.txt of Unicode 17: Cc, Cf, Zl and Zp. */
const controls = '0-1F 7F-9F'
const formats =
  'AD 600-605 61C 6DD 70F 890-891 8E2 180E 200B-200F 202A-202E 2060-2064 2066-206F FEFF FFF9-FFFB 110BD 110CD 13430-1343F 1BCA0-1BCA3 1D173-1D17A E0001 E0020-E007F'
const separators = '2028 2029'
/** DerivedCoreProperties.txt: Default_Ignorable_Code_Point, which a font may leave out. */
const ignorable =
  'AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF'
const hidden = new Set(
  [controls, formats, separators, ignorable]
    .join(' ')
    .split(' ')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map((hex) => Number.parseInt(hex, 16))
      return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i))
    }),
)
const isHidden = (character: string): boolean => hidden.has(character)

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
