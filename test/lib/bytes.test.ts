import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64Url,
  decodeUtf8,
  encodeBase64,
  sameBytes,
  utf8,
} from '../../src/lib/bytes.ts'

/** By the runtime's own base64, if it has one, and by atob and btoa, as in Node 24. */
function inBothWays(check: () => void): void {
  check()
  const fromBase64 = Object.getOwnPropertyDescriptor(Uint8Array, 'fromBase64')
  if (!fromBase64) return
  Reflect.deleteProperty(Uint8Array, 'fromBase64')
  try {
    check()
  } finally {
    Object.defineProperty(Uint8Array, 'fromBase64', fromBase64)
  }
}

/** RFC 4648 §4, bit by bit. null: it is no base64, or not the one spelling of its value. */
function bySpecification(text: string): Uint8Array | null {
  const written = text.replace(/[\t\n\r ]/g, '')
  const [, digits = ''] = /^([A-Za-z0-9+/]*)={0,2}$/.exec(written) ?? []
  if (written.length % 4 !== 0 || (digits === '' && written !== '')) return null
  const bits = digits.split('').map((digit) => ALPHABET.indexOf(digit).toString(2).padStart(6, '0'))
  const all = bits.join('')
  const whole = all.length - (all.length % 8)
  if (all.slice(whole).includes('1') || all.length - whole === 6) return null
  return Uint8Array.from({ length: whole / 8 }, (_, i) => parseInt(all.slice(i * 8, i * 8 + 8), 2))
}
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

describe('base64', () => {
  it('is built into the runtime of Workers', () => {
    const isWorkers = navigator.userAgent === 'Cloudflare-Workers'
    expect('fromBase64' in Uint8Array || !isWorkers).toBe(true)
  })

  it('takes and refuses what RFC 4648 does', () => {
    const strange = fc.constantFrom(...'\t\n\r \f\v\u00a0\u2028\0=-_.é'.split(''))
    const letters = fc.constantFrom(...ALPHABET.split(''))
    const likely = fc.uint8Array({ maxLength: 40 }).map(encodeBase64)
    const edited = fc
      .tuple(
        likely,
        fc.nat(60),
        fc.nat(2),
        fc.string({ unit: fc.oneof(strange, letters), maxLength: 3 }),
      )
      .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
    const any = fc.string({ unit: fc.oneof(strange, letters), maxLength: 12 })
    let taken = 0
    const check = fc.property(fc.oneof(likely, edited, any), (text) => {
      const [decoded, value] = [decodeBase64(text), bySpecification(text)]
      expect(decoded).toEqual(value ? { ok: true, value } : { ok: false, error: 'not-base64' })
      if (value) taken++
    })
    inBothWays(() => fc.assert(check, { numRuns: 20_000 }))
    expect(taken).toBeGreaterThan(5000)
  })

  it('is written in one way', () => {
    const check = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = encodeBase64(bytes)
      expect(text).toMatch(/^[A-Za-z0-9+/]*={0,2}$/)
      expect(bySpecification(text)).toEqual(bytes)
    })
    inBothWays(() => fc.assert(check))
  })

  it('takes what encodeBase64 gives, for every length', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256)
      expect(decodeBase64(encodeBase64(bytes))).toEqual({ ok: true, value: bytes })
    }
  })

  it('takes line breaks, as IdPs wrap their posts', () => {
    expect(decodeBase64('aGVs\r\nbG8=\n')).toEqual({ ok: true, value: utf8('hello') })
  })

  it('takes one text for a value: with any other spare bits it is refused', () => {
    const taken = (padded: (last: string) => string) =>
      Array.from(ALPHABET)
        .filter((last) => decodeBase64(padded(last)).ok)
        .join('')
    expect(taken((last) => `a${last}==`)).toBe('AQgw')
    expect(taken((last) => `aa${last}=`)).toBe('AEIMQUYcgkosw048')
  })

  it.each([
    '=',
    '==',
    '====',
    'a===',
    'AA=A',
    '=AAA',
    'AAAA====',
    'aGVsbG8',
    'aGVsbG8==',
    'aGVs*G8=',
    'aGVs\fbG8=',
    'aGVsbG9=',
    'aGVsbG8=aGVs',
    '<xml/>',
    'aGVs-G8_',
  ])('refuses %s', (text) => {
    expect(decodeBase64(text)).toEqual({ ok: false, error: 'not-base64' })
  })
})

describe('decodeBase64Url', () => {
  it('takes its own alphabet, without padding', () => {
    expect(decodeBase64Url('-_8')).toEqual({ ok: true, value: Uint8Array.of(0xfb, 0xff) })
  })

  it.each(['+_8', '-/8', '-_8=', '-_8 ', ' -_8', '-_\n8', '-_9'])('refuses %j', (text) => {
    expect(decodeBase64Url(text)).toEqual({ ok: false, error: 'not-base64' })
  })
})

describe('decodeUtf8', () => {
  it.each([
    ['an overlong form', [0xc0, 0xbc]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toEqual({ ok: false, error: 'not-utf8' })
  })
})

describe('utf8', () => {
  it('gives a buffer with nothing else in it', () => {
    const bytes = utf8('zo\u00eb')
    expect(bytes).toEqual(Uint8Array.of(0x7a, 0x6f, 0xc3, 0xab))
    expect(bytes.buffer).toBeInstanceOf(ArrayBuffer)
    expect(bytes.buffer.byteLength).toBe(4)
  })
})

describe('sameBytes', () => {
  it('tells equal from different content and length', () => {
    expect(sameBytes(utf8('abc'), utf8('abc'))).toBe(true)
    expect(sameBytes(utf8('abc'), utf8('abd'))).toBe(false)
    expect(sameBytes(utf8('abc'), utf8('ab'))).toBe(false)
  })
})
