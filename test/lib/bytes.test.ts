import { describe, expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64Url,
  decodeUtf8,
  encodeBase64,
  sameBytes,
  utf8,
} from '../../src/lib/bytes.ts'

describe('decodeBase64', () => {
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
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const taken = (padded: (last: string) => string) =>
      Array.from(alphabet)
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

describe('sameBytes', () => {
  it('tells equal from different content and length', () => {
    expect(sameBytes(utf8('abc'), utf8('abc'))).toBe(true)
    expect(sameBytes(utf8('abc'), utf8('abd'))).toBe(false)
    expect(sameBytes(utf8('abc'), utf8('ab'))).toBe(false)
  })
})
