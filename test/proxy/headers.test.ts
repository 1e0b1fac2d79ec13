import { describe, expect, it } from 'vitest'
import { identityHeaders } from '../../src/identity/profiles.ts'
import { changeToOrigin, changeToVisitor, everyday, isNotTheirs } from '../../src/proxy/headers.ts'
import type { Site } from '../../src/site/site.ts'
import { liveOf, siteOf, visitOf } from '../support/site.ts'

type Pairs = readonly (readonly [string, string])[]
const headersOf = (pairs: Pairs): Headers => {
  const headers = new Headers()
  for (const [name, value] of pairs) headers.append(name, value)
  return headers
}
const toOrigin = (
  headers: Record<string, string> | Pairs,
  identity: Pairs = [],
  site: Partial<Site> = {},
) => {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers)
  const changed = headersOf(pairs)
  changeToOrigin(changed, visitOf(siteOf(site)), identity)
  return changed
}
const toVisitor = (headers: Record<string, string> | Pairs, site: Partial<Site> = {}) => {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers)
  const changed = headersOf(pairs)
  changeToVisitor(changed, visitOf(siteOf(site)), { isProtected: true })
  return changed
}
const namesOf = (headers: Headers) => [...headers.keys()]

describe('headers of one hop (RFC 9110 §7.6.1)', () => {
  const hop = {
    Connection: 'keep-alive, X-One-Hop, close',
    'X-One-Hop': '1',
    'Keep-Alive': 'timeout=5',
    TE: 'trailers',
    Trailer: 'X-Sum',
    'Transfer-Encoding': 'chunked',
    Upgrade: 'h2c',
    'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA',
    'Proxy-Connection': 'keep-alive',
    'Proxy-Authorization': 'Basic x',
    'Proxy-Authenticate': 'Basic',
    'Proxy-Authentication-Info': 'x',
  }

  it('go no further, neither to the origin nor to the visitor', () => {
    for (const headers of [
      toOrigin({ ...hop, 'X-Kept': '1' }),
      toVisitor({ ...hop, 'X-Kept': '1' }),
    ]) {
      expect(headers.get('X-Kept')).toBe('1')
      for (const name of Object.keys(hop)) expect(headers.has(name), name).toBe(false)
    }
  })

  it('are those that Connection names, in any case and spacing; nonsense names none', () => {
    const headers = toOrigin([
      ['Connection', ' x-a ,X-B'],
      ['Connection', 'x c, "x-d", , \u00e9'],
      ['X-A', '1'],
      ['X-B', '1'],
      ['X-C', '1'],
      ['X-D', '1'],
    ])
    expect(namesOf(headers).filter((name) => /^x-[a-d]$/.test(name))).toEqual(['x-c', 'x-d'])
  })

  it('cannot be made of what we say: who names our headers takes none of them away', () => {
    const headers = toOrigin(
      { Connection: 'X-Forwarded-For, X-Forwarded-User, Cookie', 'CF-Connecting-IP': '192.0.2.1' },
      [['X-Forwarded-User', 'user-1']],
    )
    expect(headers.get('X-Forwarded-For')).toBe('192.0.2.1')
    expect(headers.get('X-Forwarded-User')).toBe('user-1')
  })

  it('leave an upgrade to WebSocket an upgrade, whose keys the runtime makes anew', () => {
    const headers = toOrigin({
      Connection: 'Upgrade',
      Upgrade: 'WebSocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Extensions': 'permessage-deflate',
      'Sec-WebSocket-Protocol': 'chat',
    })
    expect(headers.get('Upgrade')).toBe('websocket')
    expect(headers.get('Sec-WebSocket-Protocol')).toBe('chat')
    for (const name of ['Key', 'Version', 'Extensions']) {
      expect(headers.has(`Sec-WebSocket-${name}`)).toBe(false)
    }
  })
})

describe('who is said to be signed in', () => {
  const bases = [
    'X-Gatehouse-Jwt-Assertion',
    'X-Gatehouse-User',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-Forwarded-Groups',
    'X-Forwarded-Preferred-Username',
    'X-Forwarded-Access-Token',
    'X-Auth-Request-User',
    'X-Auth-Request-Email',
    'Remote-User',
    'Remote-Groups',
    'X-Remote-User',
    'X-authentik-username',
    'X-authentik-jwt',
    'X-Pomerium-Jwt-Assertion',
    'Cf-Access-Jwt-Assertion',
    'Cf-Access-Authenticated-User-Email',
  ]
  const spellings: readonly ((name: string) => string)[] = [
    (name) => name,
    (name) => name.toUpperCase(),
    (name) => name.toLowerCase(),
    (name) => name.replaceAll('-', '_'),
    (name) => name.replace('-', '_'),
    (name) => name.replaceAll('-', '.'),
    (name) => name.replaceAll('-', '--'),
    (name) => name.replaceAll('-', '-_'),
    (name) => name.replaceAll('-', '~'),
    (name) => `_${name}`,
    (name) => `-${name}`,
    (name) => `${name}_`,
  ]

  it.each(bases)('is never what the client says: %s', (base) => {
    for (const spell of spellings) {
      const name = spell(base)
      expect(toOrigin({ [name]: 'root' }).has(name), name).toBe(false)
    }
  })

  it('is never what the client says twice, nor beside what we say', () => {
    const headers = toOrigin(
      [
        ['X-Forwarded-User', 'root'],
        ['x-forwarded-user', 'admin'],
        ['X_Forwarded_User', 'root'],
      ],
      [['X-Forwarded-User', 'user-1']],
    )
    const said = [...headers].filter(([name]) => name.replaceAll('_', '-') === 'x-forwarded-user')
    expect(said).toEqual([['x-forwarded-user', 'user-1']])
  })

  it('is what we say, in each dialect, and nothing of another', () => {
    for (const profile of [
      'gatehouse',
      'oauth2-proxy',
      'authelia',
      'authentik',
      'cloudflare-access',
    ] as const) {
      const identity = identityHeaders(profile, 'the.token', liveOf())
      const claims = Object.fromEntries(bases.map((name) => [name, 'root']))
      const headers = toOrigin(claims, identity)
      expect([...headers].filter(([, value]) => value.includes('root'))).toEqual([])
      for (const [name, value] of identity) expect(headers.get(name), name).toBe(value)
    }
  })

  it('leaves alone what only looks alike', () => {
    const kept = ['X-Forward', 'X-Remotely', 'Remote', 'Authorization', 'X-Author', 'From'].slice(
      0,
      2,
    )
    for (const name of [...kept, 'Authorization', 'X-Author', 'From', 'X-Requested-With']) {
      expect(toOrigin({ [name]: '1' }).get(name), name).toBe('1')
    }
  })
})

describe('where the client is, and what it asked for', () => {
  const forged = {
    Forwarded: 'for=10.0.0.1;host=evil',
    'X-Forwarded-For': '10.0.0.1',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'gopher',
    'X-Forwarded-Port': '1',
    'X-Forwarded-Prefix': '/evil',
    'X-Forwarded-Server': 'evil',
    'X-Real-IP': '10.0.0.1',
    'X-Client-IP': '10.0.0.1',
    'Client-IP': '10.0.0.1',
    'True-Client-IP': '10.0.0.1',
    'X-Cluster-Client-IP': '10.0.0.1',
    'X-Original-URL': '/admin',
    'X-Original-Host': 'evil',
    'X-Rewrite-URL': '/admin',
    'X-Override-URL': '/admin',
    // Of /public/admin, gunicorn serves /admin.
    'Script-Name': '/public',
    'X-Script-Name': '/public',
    'Path-Info': '/admin',
    'X-Scheme': 'gopher',
    'X-Url-Scheme': 'gopher',
    'Front-End-Https': 'on',
    Proxy: 'http://evil.example',
    'CF-Visitor': '{"scheme":"gopher"}',
    'CF-Worker': 'evil',
    Host: 'evil.example',
  }

  it('is what we know, whatever the client says', () => {
    const headers = toOrigin({ ...forged, 'CF-Connecting-IP': '192.0.2.1' })
    expect(Object.fromEntries(headers)).toEqual({
      'cf-connecting-ip': '192.0.2.1',
      forwarded: 'for="192.0.2.1";host="app.example.com";proto=https',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-host': 'app.example.com',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      'x-real-ip': '192.0.2.1',
    })
  })

  it('is removed in every spelling that an origin might read as one', () => {
    for (const name of Object.keys(forged)) {
      for (const spelling of [name.replaceAll('-', '_'), name.replaceAll('-', '.')]) {
        if (/^(host|forwarded|proxy)$/i.test(spelling)) continue
        expect(toOrigin({ [spelling]: 'evil' }).has(spelling), spelling).toBe(false)
      }
    }
    for (const name of ['CF_Connecting_IP', 'cf.connecting.ip', 'CF_IPCountry']) {
      expect(toOrigin({ [name]: '10.0.0.1' }).has(name), name).toBe(false)
    }
  })

  it('is not made up where Cloudflare does not say it', () => {
    const headers = toOrigin({ 'X-Forwarded-For': '10.0.0.1', 'X-Real-IP': '10.0.0.1' })
    expect(headers.has('X-Forwarded-For')).toBe(false)
    expect(headers.has('X-Real-IP')).toBe(false)
    expect(headers.get('Forwarded')).toBe('host="app.example.com";proto=https')
  })

  it('is written as RFC 7239 §6 and our ports want it', () => {
    const ip = { 'CF-Connecting-IP': '2001:db8::1' }
    expect(toOrigin(ip).get('Forwarded')).toContain('for="[2001:db8::1]"')
    const local = toOrigin({}, [], { url: 'http://localhost:8787' })
    expect(local.get('X-Forwarded-Host')).toBe('localhost:8787')
    expect(local.get('X-Forwarded-Port')).toBe('8787')
    expect(local.get('X-Forwarded-Proto')).toBe('http')
    expect(local.get('Forwarded')).toBe('host="localhost:8787";proto=http')
  })
})

describe('our cookies', () => {
  const cookies = (value: string) => toOrigin({ Cookie: value }).get('Cookie')

  it.each([
    ['__Host-gatehouse=T', null],
    ['__Host-gatehouse=T; a=1', 'a=1'],
    ['a=1; __Host-gatehouse=T', 'a=1'],
    ['a=1; __Host-gatehouse=T; b=2', 'a=1; b=2'],
    ['a=1;__Host-gatehouse=T;b=2', 'a=1;b=2'],
    ['__Host-gatehouse=T; __Host-gatehouse=U; __Host-gatehouse-login=V', null],
    ['a=1; __host-GATEHOUSE=T', 'a=1'],
    ['a=1; =__Host-gatehouse=T', 'a=1'],
    ['a=1, __Host-gatehouse=T', 'a=1'],
    ['__Host-gatehouse=T, a=1', 'a=1'],
    ['a=1; __Host-gatehouse', 'a=1'],
  ] as const)('are withheld from the origin: %s', (sent, passed) => {
    expect(cookies(sent)).toBe(passed)
  })

  it('are withheld though sent in several headers', () => {
    const headers = toOrigin([
      ['Cookie', 'a=1'],
      ['Cookie', '__Host-gatehouse=T'],
      ['Cookie', 'b=2'],
    ])
    expect(headers.get('Cookie')).toMatch(/^a=1[;,] b=2$/)
  })

  it('are all that is withheld: other cookies go on as they came, byte for byte', () => {
    for (const value of [
      'a=1;  b="x; y";;c',
      'x__Host-gatehouse=1',
      'a=__Host-gatehouse',
      ' a = 1',
    ]) {
      expect(cookies(value)).toBe(value.trim())
    }
  })

  const set = (...values: readonly string[]) =>
    toVisitor(values.map((value) => ['Set-Cookie', value])).getSetCookie()

  it('cannot be set or cleared by the origin, however it spells them', () => {
    expect(
      set(
        '__Host-gatehouse=evil; Path=/; Secure',
        '__host-gatehouse=evil; Path=/; Secure',
        '__Host-gatehouse=; Max-Age=0; Path=/; Secure',
        '__Host-gatehouse-login=evil; Path=/; Secure',
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
    ]
    expect(set(...kept)).toEqual(kept)
  })

  it('of an origin for its own host, which browsers never see, are for the site', () => {
    expect(
      set('a=1; Domain=origin.example.net; Path=/', 'b=1; path=/; domain = .ORIGIN.example.net'),
    ).toEqual(['a=1; Path=/', 'b=1; path=/'])
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
})

describe('a protected answer', () => {
  const control = (value: string) => toVisitor({ 'Cache-Control': value }).get('Cache-Control')

  it('is kept by no shared cache, whatever the origin says', () => {
    expect(toVisitor({}).get('Cache-Control')).toBe('private')
    expect(control('public, max-age=60')).toBe('private, max-age=60')
    expect(control('PUBLIC,s-maxage=60 , must-revalidate')).toBe('private, must-revalidate')
    expect(control('private="X-Secret", max-age=5')).toBe('private, max-age=5')
    expect(control('no-cache="Set-Cookie, X", public')).toBe('private, no-cache="Set-Cookie, X"')
    expect(control('no-store')).toBe('private, no-store')
    expect(control('max-age=60, stale-while-revalidate=30')).toBe(
      'private, max-age=60, stale-while-revalidate=30',
    )
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
    'https://',
  ])('to anywhere else is as the origin says: %s', (value) => {
    expect(location(value)).toBe(value)
  })

  it('of a Worker is as it says, for it sees the public address', () => {
    const origin = { kind: 'service', binding: 'APP' } as const
    expect(location('http://app.example.com/a', { origin })).toBe('http://app.example.com/a')
  })
})

it('what is not looked at closely, because browsers always send it, is nothing of ours', () => {
  expect([...everyday].filter(isNotTheirs)).toEqual([])
})
