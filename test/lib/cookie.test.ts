import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCookies, setCookie } from '../../src/lib/cookie.ts'
import { whiteSpace } from '../support/white-space.ts'

const unseen = [
  ...whiteSpace.filter((character) => character !== ' ' && character !== '\t'),
  '\x85',
  '\u180e',
  '\u200b',
  '\u2060',
  '\ufffd',
]

const read = (cookie: string, name = '__Host-x') =>
  readCookies({ get: (header) => (header === 'Cookie' ? cookie : null) }, `${name}=`)

describe('readCookies', () => {
  it('finds a cookie among others, wherever it stands', () => {
    expect(read('__Host-x=1')).toEqual(['1'])
    expect(read('a=0; __Host-x=1; b=2')).toEqual(['1'])
    expect(read('a=0;__Host-x=1;b=2')).toEqual(['1'])
    expect(read('a=0; \t __Host-x=1 \t; b=2')).toEqual(['1'])
    expect(read('__Host-x=')).toEqual([''])
    expect(read('__Host-x=a=b=')).toEqual(['a=b='])
  })

  it('finds none where there is none', () => {
    expect(readCookies(new Headers(), '__Host-x=')).toEqual([])
    for (const cookie of ['', 'a=1', '__Host-x', '__Host-xy=1', 'y__Host-x=1', 'a=__Host-x=1']) {
      expect(read(cookie), cookie).toEqual([])
    }
  })

  it('finds each when there are several, in their order', () => {
    expect(read('__Host-x=1; a=1; __Host-x=2; __Host-x=1; __Host-x=')).toEqual(['1', '2', '1', ''])
  })

  it('looks at 64 at most', () => {
    const cookies = Array.from({ length: 1000 }, (_, i) => `__Host-x=${i}`)
    expect(read(cookies.join('; '))).toHaveLength(64)
  })

  it('compares names byte for byte: SP and HTAB alone may stand before one (RFC 6265 §5.2)', () => {
    expect(unseen.length).toBeGreaterThan(25)
    for (const character of unseen) {
      for (const before of [character, ` ${character}`, `${character} `, `\t${character}\t`]) {
        const code = character.charCodeAt(0).toString(16)
        expect(read(`${before}__Host-x=1`), code).toEqual([])
        expect(read(`a=1;${before}__Host-x=1; b=2`), code).toEqual([])
        expect(read(`__Host-x${before}=1`), code).toEqual([])
        expect(read(`a=1;${before}__Host-x=1; __Host-x=2`), code).toEqual(['2'])
      }
    }
  })

  it('takes no cookie of another name, as some browsers do with a leading "="', () => {
    for (const cookie of ['=__Host-x=1', ' =__Host-x=1', '__Host-x =1', '__host-x=1']) {
      expect(read(cookie), cookie).toEqual([])
    }
  })

  it('reads the end of the first of two headers, and no value of another cookie', () => {
    const headers = new Headers({ Cookie: 'a=1; __Host-x=1' })
    headers.append('Cookie', 'b=2; __Host-x=2')
    headers.append('Cookie', '__Host-x=3')
    expect(readCookies(headers, '__Host-x=')).toEqual(['1', '2'])
    // Another host of the domain can set such a value, but no cookie of our name.
    expect(read('a=1, __Host-x=2')).toEqual([])
  })

  it('takes time that grows with the length of the header only', () => {
    for (const part of [' ', '\t', ';', ' ;', ',', '__Host-x=']) {
      expect(read(part.repeat(200_000)).length, part).toBeLessThanOrEqual(64)
    }
  })

  it('gives back every value that setCookie can carry', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.~-]*$/), (value) => {
        const cookie = setCookie({ name: '__Host-x', value, sameSite: 'Lax', maxAgeSeconds: 1 })
        expect(read(cookie.split(';')[0] ?? '')).toEqual([value])
      }),
    )
  })
})

describe('setCookie', () => {
  it('is HttpOnly, Secure and for all paths, always', () => {
    expect(setCookie({ name: '__Host-x', value: 'v', sameSite: 'None', maxAgeSeconds: 60 })).toBe(
      '__Host-x=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=None',
    )
  })
})
