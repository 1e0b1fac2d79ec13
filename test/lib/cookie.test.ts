import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCookie, setCookie } from '../../src/lib/cookie.ts'

const read = (cookie: string, name = '__Host-x') =>
  readCookie(new Headers({ Cookie: cookie }), name)

describe('readCookie', () => {
  it('finds a cookie among others, wherever it stands', () => {
    expect(read('__Host-x=1')).toBe('1')
    expect(read('a=0; __Host-x=1; b=2')).toBe('1')
    expect(read('a=0;__Host-x=1;b=2')).toBe('1')
    expect(read('__Host-x=')).toBe('')
    expect(read('__Host-x=a=b=')).toBe('a=b=')
  })

  it('is null when there is none', () => {
    expect(readCookie(new Headers(), '__Host-x')).toBeNull()
    for (const cookie of ['', 'a=1', '__Host-x', '__Host-xy=1', 'y__Host-x=1', 'a=__Host-x=1']) {
      expect(read(cookie), cookie).toBeNull()
    }
  })

  it('is null when it is given more than once, the same or not', () => {
    for (const cookie of [
      '__Host-x=1; __Host-x=2',
      '__Host-x=1; __Host-x=1',
      '__Host-x=; a=1; __Host-x=1',
    ]) {
      expect(read(cookie), cookie).toBeNull()
    }
  })

  it('takes no cookie by another name for it, as some browsers do with a leading "="', () => {
    for (const cookie of ['=__Host-x=1', ' =__Host-x=1', '__Host-x =1', '__host-x=1']) {
      expect(read(cookie), cookie).toBeNull()
    }
  })

  it('does not take one of two headers for the only one', () => {
    const headers = new Headers({ Cookie: '__Host-x=1' })
    headers.append('Cookie', '__Host-x=2')
    expect(['1', '2']).not.toContain(readCookie(headers, '__Host-x'))
  })

  it('gives back every value that setCookie can carry', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.~-]*$/), (value) => {
        const cookie = setCookie({ name: '__Host-x', value, sameSite: 'Lax', maxAgeSeconds: 1 })
        expect(read(cookie.split(';')[0] ?? '')).toBe(value)
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
