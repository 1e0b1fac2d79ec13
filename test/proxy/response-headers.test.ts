import { describe, expect, it } from 'vitest'
import {
  changeToVisitor,
  everydayAnswer,
  isNotForVisitor,
} from '../../src/proxy/response-headers.ts'
import type { Site } from '../../src/site/site.ts'
import { headersOf, ofOneHop, type Pairs } from '../support/headers.ts'
import { siteOf, visitOf } from '../support/site.ts'

const toVisitor = (headers: Record<string, string> | Pairs, site: Partial<Site> = {}) => {
  const changed = headersOf(headers)
  changeToVisitor(changed, visitOf(siteOf(site)), { isProtected: true, isProgram: false })
  return changed
}
const namesOf = (headers: Headers) => [...headers.keys()]

it('headers of one hop do not reach the visitor (RFC 9110 §7.6.1)', () => {
  const headers = toVisitor({ ...ofOneHop, 'X-Kept': '1' })
  expect(headers.get('X-Kept')).toBe('1')
  for (const name of Object.keys(ofOneHop)) expect(headers.has(name), name).toBe(false)
})

it('what is not looked at closely, because origins always send it, may reach the visitor', () => {
  expect([...everydayAnswer].filter((name) => isNotForVisitor(name, true))).toEqual([])
})

describe('our cookies', () => {
  const cookies = (values: readonly string[], site: Partial<Site> = {}) =>
    toVisitor(
      values.map((value) => ['Set-Cookie', value]),
      site,
    ).getSetCookie()
  const set = (...values: readonly string[]) => cookies(values)

  it('cannot be set with anything before the name that software might skip', () => {
    for (const character of [' ', '\t', '\v', '\f', '\u2000', '"', '(', '@', '/']) {
      const code = character.charCodeAt(0).toString(16)
      expect(set(`${character}__Host-gatehouse=T; Domain=example.com`), code).toEqual([])
    }
  })

  it('cannot be set or cleared by the origin, however it spells them', () => {
    expect(
      set(
        '__Host-gatehouse=evil; Path=/; Secure',
        '__host-gatehouse=evil; Path=/; Secure',
        '__Host-gatehouse=; Max-Age=0; Path=/; Secure',
        '__Host-gatehouse-login=evil; Path=/; Secure',
        `__Host-gatehouse-login-${crypto.randomUUID()}=evil; Path=/; Secure`,
        '__Host-gatehouse-connection=evil; Path=/; Secure',
        ' \t__Host-gatehouse=evil',
        '=__Host-gatehouse=evil',
        ' = __Host-gatehouse=evil',
        'a=1; Path=/',
      ),
    ).toEqual(['a=1; Path=/'])
  })

  it('are all that an origin cannot set: others pass as they are', () => {
    const kept = [
      'a=1; Expires=Wed, 25 Nov 2026 12:00:00 GMT; HttpOnly',
      'b=__Host-gatehouse; Domain=example.com',
      '__Host-other=1; Path=/; Secure',
      'host=origin.example.net; Path=/',
    ]
    expect(set(...kept)).toEqual(kept)
  })

  it('of an origin for its own host, which browsers never see, are for the site', () => {
    expect(
      set('a=1; Domain=origin.example.net; Path=/', 'b=1; path=/; domain = .ORIGIN.example.net'),
    ).toEqual(['a=1; Path=/', 'b=1; path=/'])
  })

  it('of a Worker, which has no host of its own, pass as they are, and ours are not among them', () => {
    const origin = { kind: 'service', binding: 'APP' } as const
    const kept = ['a=1; Domain=origin.example.net; Path=/', 'b=1']
    expect(cookies([...kept, '__Host-gatehouse=evil; Path=/; Secure'], { origin })).toEqual(kept)
  })

  it('are told apart from hostile ones in time that grows with their length', () => {
    const hostile = `a=1; Domain=${' '.repeat(60_000)}x; domain${' '.repeat(60_000)}=origin.example.net`
    const before = hostile.split(';').slice(0, 2).join(';')
    expect(set(hostile)).toEqual([before])
  })

  const clear = (value: string) => toVisitor({ 'Clear-Site-Data': value }).get('Clear-Site-Data')

  it('are not cleared with the site data', () => {
    expect(clear('"cookies"')).toBeNull()
    expect(clear('"cache", "cookies", "storage"')).toBe('"cache", "storage"')
    expect(clear('"*"')).toBe('"cache", "storage"')
    expect(clear('"Cookies" , "executionContexts"')).toBe('"executionContexts"')
    expect(
      toVisitor([
        ['Clear-Site-Data', '"cache"'],
        ['Clear-Site-Data', '"cookies"'],
      ]).get('Clear-Site-Data'),
    ).toBe('"cache"')
  })

  it('are not cleared by a type that a browser reads more kindly than the specification', () => {
    // Firefox leaves out white space, wherever it stands.
    for (const type of [
      '"coo kies"',
      '"cookies\t"',
      '" cookies"',
      '"\\cookies"',
      '"cookies',
      '*',
    ]) {
      expect(clear(type), type).toBeNull()
      expect(clear(`"cache", ${type}`), type).toBe('"cache"')
    }
    expect(clear('"clientHints", "prefetchCache"')).toBe('"clientHints", "prefetchCache"')
  })
})

describe('a protected answer', () => {
  const control = (value: string) => toVisitor({ 'Cache-Control': value }).get('Cache-Control')

  it('is kept by no shared cache, whatever the origin says', () => {
    expect(control('public, max-age=60')).toBe('private, max-age=60')
    expect(control('PUBLIC,s-maxage=60 , must-revalidate')).toBe(
      'private, no-cache, must-revalidate',
    )
    expect(control('private="X-Secret", max-age=5')).toBe('private, max-age=5')
    expect(control('no-cache="Set-Cookie, X", public')).toBe('private, no-cache="Set-Cookie, X"')
    expect(control('no-store')).toBe('private, no-store')
    expect(control('max-age=60, stale-while-revalidate=30')).toBe(
      'private, max-age=60, stale-while-revalidate=30',
    )
  })

  it('is shown again only after the site was asked, where the origin states no lifetime', () => {
    const lastModified = { 'Last-Modified': 'Tue, 24 Nov 2026 12:00:00 GMT' }
    expect(toVisitor({}).get('Cache-Control')).toBe('private, no-cache')
    expect(toVisitor(lastModified).get('Cache-Control')).toBe('private, no-cache')
    expect(control('s-maxage=60')).toBe('private, no-cache')
    const expires = { Expires: 'Tue, 24 Nov 2026 13:00:00 GMT' }
    expect(toVisitor(expires).get('Cache-Control')).toBe('private')
  })

  it('tells caches of their own nothing', () => {
    const headers = toVisitor({
      'CDN-Cache-Control': 'max-age=60',
      'Cloudflare-CDN-Cache-Control': 'max-age=60',
      'Surrogate-Control': 'max-age=60',
      'Edge-Control': 'max-age=60',
      'X-Accel-Expires': '60',
    })
    expect(namesOf(headers)).toEqual(['cache-control', 'vary'])
  })

  it('varies by the cookie, beside what the origin says', () => {
    const vary = (value: string) => toVisitor({ Vary: value }).get('Vary')
    expect(toVisitor({}).get('Vary')).toBe('Cookie')
    expect(vary('Accept-Encoding')).toBe('Accept-Encoding, Cookie')
    expect(vary('accept, cookie')).toBe('accept, cookie')
    expect(vary('*')).toBe('*')
    expect(vary('X-Cookie')).toBe('X-Cookie, Cookie')
  })

  it('names no other ports of the origin', () => {
    expect(toVisitor({ 'Alt-Svc': 'h3=":8443"' }).has('Alt-Svc')).toBe(false)
  })
})

describe('an address of the origin', () => {
  const shown = (name: string, value: string) => toVisitor({ [name]: value }).get(name)

  it.each([
    ['Content-Location', 'http://origin.example.net/a?b', 'https://app.example.com/a?b'],
    ['Content-Location', '/a', '/a'],
    ['Location', 'https://origin.example.net/q?', 'https://app.example.com/q?'],
    ['Refresh', '5; url=https://origin.example.net/a?b#c', '5; url=https://app.example.com/a?b#c'],
    ['Refresh', '0;URL="https://origin.example.net/a"', '0;URL="https://app.example.com/a"'],
    ['Refresh', "0, url='//origin.example.net/a'", "0, url='https://app.example.com/a'"],
    ['Refresh', '3.5 https://origin.example.net/a', '3.5 https://app.example.com/a'],
    ['Refresh', '5', '5'],
    ['Refresh', '5; url=/a', '5; url=/a'],
    ['Refresh', '5; url=https://elsewhere.example/', '5; url=https://elsewhere.example/'],
    [
      'Link',
      '<https://origin.example.net/?page=2>; rel="next", </a.css>; rel=preload, <https://cdn.example/>',
      '<https://app.example.com/?page=2>; rel="next", </a.css>; rel=preload, <https://cdn.example/>',
    ],
  ])('in %s is one of the site: %s', (name, from, to) => {
    expect(shown(name, from)).toBe(to)
  })
})

describe('what an origin says for the whole host', () => {
  const security = (value: string) =>
    toVisitor({ 'Strict-Transport-Security': value }).get('Strict-Transport-Security')

  it('has no end of HSTS (RFC 6797 §6.1.1)', () => {
    for (const value of [
      'max-age=0',
      'max-age="0"',
      'includeSubDomains; MAX-AGE = 00',
      'max-age=0;',
    ]) {
      expect(security(value), value).toBeNull()
    }
    for (const value of ['max-age=31536000; includeSubDomains', 'max-age="60"', 'max-age=010']) {
      expect(security(value), value).toBe(value)
    }
  })

  it('has no reports of our pages to others', () => {
    const headers = toVisitor({ NEL: '{"report_to":"x","max_age":1}', 'Report-To': '{}' })
    expect(namesOf(headers)).toEqual(['cache-control', 'vary'])
  })
})

describe('a redirect of the origin', () => {
  const location = (value: string, site: Partial<Site> = {}) =>
    toVisitor({ Location: value }, site).get('Location')

  it.each([
    ['https://origin.example.net/a?b=c#d', 'https://app.example.com/a?b=c#d'],
    ['http://origin.example.net/a', 'https://app.example.com/a'],
    ['https://user:pw@origin.example.net/a', 'https://app.example.com/a'],
    ['//origin.example.net/a', 'https://app.example.com/a'],
    ['HTTPS://ORIGIN.example.net/a', 'https://app.example.com/a'],
    ['http://app.example.com/a', 'https://app.example.com/a'],
  ])('to itself is one to the site: %s', (from, to) => {
    expect(location(from)).toBe(to)
  })

  it.each([
    '/a',
    'a/b',
    '?q',
    '#f',
    '',
    'https://elsewhere.example/a',
    'https://origin.example.net:8443/a',
    'https://origin.example.net.evil/a',
    'mailto:a@origin.example.net',
    'ftp://origin.example.net/a',
    'https://',
  ])('to anywhere else is as the origin says: %s', (value) => {
    expect(location(value)).toBe(value)
  })

  it('of a Worker is as it says, for it sees the public address', () => {
    const origin = { kind: 'service', binding: 'APP' } as const
    expect(location('http://app.example.com/a', { origin })).toBe('http://app.example.com/a')
  })
})
