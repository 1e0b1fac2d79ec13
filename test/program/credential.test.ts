import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isOurs, isTokenInQuery, readCredential } from '../../src/program/credential.ts'
import { toSecretText } from '../../src/lib/secret.ts'
import { parseProgramToken, toProgramToken } from '../../src/program/token.ts'
import { basic } from '../support/program.ts'

const random = (first: number) => Uint8Array.from({ length: 32 }, (_, at) => (first + at * 7) % 256)
const token = toProgramToken('service', random(1))
const access = toProgramToken('access', random(2))
const refresh = toSecretText('gh_rt_', random(3))
const misspelt = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
const id = 'c0ffee'

const read = (headers: Record<string, string> | [string, string][]) =>
  readCredential(new Headers(headers))
const faulty = (fault: string) => ({ kind: 'faulty', fault })

describe('a token', () => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

  it('has 256 random bits, and the checksum that docs/programs.md tells secret scanners', () => {
    for (let first = 0; first < 256; first++) {
      for (const kind of ['service', 'access'] as const) {
        const text = toProgramToken(kind, random(first))
        const [, body = '', sum = ''] =
          /^gh_(?:st|at)_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})$/.exec(text) ?? []
        const value = Array.from(sum).reduce((all, digit) => all * 62 + digits.indexOf(digit), 0)
        expect(value, text).toBe(crc32(body))
        expect(parseProgramToken(text)).toEqual({ kind, token: text })
      }
    }
  })

  it('is nothing with another checksum, prefix, length or case', () => {
    const wrong = [
      misspelt,
      refresh,
      token.slice(1),
      `${token}A`,
      `${token}\n`,
      token.toUpperCase(),
    ]
    expect(wrong.map(parseProgramToken)).toEqual(wrong.map(() => null))
  })
})

describe('what a request brings', () => {
  it('is a token as Bearer, in any case of the scheme (RFC 9110 §11.1)', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(read({ Authorization: `${scheme} ${token}` })).toEqual({
        kind: 'service',
        token,
        id: null,
      })
    }
    expect(read({ Authorization: `Bearer ${access}` })).toMatchObject({ kind: 'access' })
  })

  it('is a token as the password of Basic, with any user name and without one', () => {
    for (const name of ['ci', '', 'x-token-auth', 'a b', 'é']) {
      const found = read({ Authorization: basic(name, token) })
      expect(found, name).toEqual({ kind: 'service', token, id: null })
    }
    expect(read({ Authorization: basic('ci', token).replace(/=+$/, '') })).toMatchObject({ token })
  })

  it('is a token with its id in the two headers of Cloudflare Access', () => {
    const pair = { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': token }
    expect(read(pair)).toEqual({ kind: 'service', token, id })
    // The application's own token stands beside it, and goes on to the application.
    const beside = { ...pair, Authorization: 'Bearer another' }
    expect(read(beside)).toEqual({ kind: 'service', token, id })
    expect(isOurs(beside.Authorization)).toBe(false)
    expect(read({ 'CF-Access-Client-Secret': token })).toEqual({ kind: 'service', token, id: '' })
    expect(read({ ...pair, 'CF-Access-Client-Secret': access })).toEqual(faulty('misplaced'))
  })

  it.each([
    ['nothing', {}],
    ['another bearer token', { Authorization: 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }],
    ['one that has our letters inside', { Authorization: 'Bearer abcgh_st_def' }],
    ['another password', { Authorization: basic('ada', 'hunter2') }],
    ['a password with our letters inside', { Authorization: basic('ada', 'xgh_st_') }],
    [
      'an admin token of the API',
      { Authorization: `Bearer ${toSecretText('gatehouse_admin_', random(1))}` },
    ],
    ['Digest', { Authorization: 'Digest username="Mufasa", realm="http-auth@example.org"' }],
    [
      'a pair of Cloudflare Access itself',
      { 'CF-Access-Client-Id': 'a.access', 'CF-Access-Client-Secret': 'b' },
    ],
    ['no valid Base64', { Authorization: 'Basic %%%' }],
    ['an empty header', { Authorization: '' }],
  ])('is none of ours: %s', (_, headers) => {
    expect(read(headers)).toBe(null)
    expect(isOurs(new Headers(headers).get('Authorization') ?? '')).toBe(false)
  })

  it.each([
    ['misspelt', { Authorization: `Bearer ${misspelt}` }],
    ['misspelt', { Authorization: 'Bearer gh_st_' }],
    ['misspelt', { Authorization: `Bearer ${refresh}` }],
    ['misspelt', { Authorization: basic('ci', misspelt) }],
    ['misspelt', { Authorization: basic('ci', `${token}:x`) }],
    ['misspelt', { Authorization: basic('ci', `x:${token}`) }],
    ['misplaced', { Authorization: basic(token, '') }],
    ['misplaced', { Authorization: basic(token, token) }],
    ['misplaced', { Authorization: `Basic ${btoa(token)}` }],
    ['misplaced', { Authorization: token }],
    ['misplaced', { Authorization: `token ${token}` }],
    ['misplaced', { Authorization: `Digest username="${token}"` }],
    ['misplaced', { Authorization: `Bearer ${token}`, 'CF-Access-Client-Secret': token }],
    ['browser-password', { Authorization: basic('ci', token), 'Sec-Fetch-Site': 'cross-site' }],
    ['browser-password', { Authorization: basic('ci', token), 'Sec-Fetch-Site': 'none' }],
  ])('is ours, but %s', (fault, headers) => {
    expect(read(headers)).toEqual(faulty(fault))
    expect(isOurs(headers.Authorization)).toBe(true)
  })

  it.each([
    [`Bearer ${token}`, `Bearer ${token}`],
    [`Bearer ${token}`, 'Bearer another'],
    ['Bearer another', `Bearer ${token}`],
    ['Basic YTpi', basic('ci', token)],
    [basic('ci', token), 'Basic YTpi'],
  ])('is refused with two Authorization headers: %s, %s', (first, second) => {
    const two: [string, string][] = [
      ['Authorization', first],
      ['Authorization', second],
    ]
    expect(read(two)).toEqual(faulty('misplaced'))
    expect(isOurs(new Headers(two).get('Authorization') ?? '')).toBe(true)
  })
})

describe('a token in the query', () => {
  const at = (query: string) => isTokenInQuery(new URL(`https://app.example.com/a?${query}`))

  it('is seen, whatever its name', () => {
    expect(at(`access_token=${token}`)).toBe(true)
    expect(at(`a=1&x=${access}&b=2`)).toBe(true)
  })

  it('is not seen where there is none', () => {
    expect(['', 'q=gh_st_', `q=${misspelt}`, 'q=gh_st_'.repeat(50)].filter(at)).toEqual([])
  })
})
