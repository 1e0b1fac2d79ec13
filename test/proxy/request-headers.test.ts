import { describe, expect, it } from 'vitest'
import { identityHeaders } from '../../src/identity/profiles.ts'
import {
  headersToOrigin,
  everyday,
  isNameable,
  isNotTheirs,
} from '../../src/proxy/request-headers.ts'
import type { Site } from '../../src/site/site.ts'
import { headersOf, ofOneHop, type Pairs } from '../support/headers.ts'
import { liveOf, siteOf, visitOf } from '../support/site.ts'

const toOrigin = (
  headers: Record<string, string> | Pairs,
  identity: Pairs = [],
  { method = 'GET', ...site }: Partial<Site> & { method?: string } = {},
) => {
  const request = new Request('https://origin.example.net/', {
    headers: headersOf(headers),
    method,
  })
  return headersToOrigin(request, visitOf(siteOf(site)), { identity, resources: [] })
}
const namesOf = (headers: Headers) => [...headers.keys()]

describe('headers of one hop (RFC 9110 §7.6.1)', () => {
  it('do not reach the origin', () => {
    const headers = toOrigin({ ...ofOneHop, 'X-Kept': '1' })
    expect(headers.get('X-Kept')).toBe('1')
    for (const name of Object.keys(ofOneHop)) expect(headers.has(name), name).toBe(false)
  })

  it('do not reach it in a spelling that a server may take for the name, nor does a length', () => {
    const names = [
      ...Object.keys(ofOneHop).filter((name) => name !== 'X-One-Hop'),
      'Content-Length',
      'Host',
    ]
    for (const name of names) {
      const spellings = [`_${name}`, `${name}_`, `${name}-`, `-${name}`, name.replaceAll('-', '_')]
      for (const spelling of [...spellings, name.replaceAll('-', '.')].filter(
        (other) => other !== name,
      )) {
        expect(toOrigin({ [spelling]: '5' }).has(spelling), spelling).toBe(false)
      }
    }
    expect(toOrigin({ 'Content-Length': '5' }).get('Content-Length')).toBe('5')
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

  it('are no upgrade by any method but GET (RFC 6455 §4.1)', () => {
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' }
    expect(toOrigin(upgrade, [], { method: 'POST' }).has('Upgrade')).toBe(false)
    expect(toOrigin(upgrade, [], { method: 'GET' }).get('Upgrade')).toBe('websocket')
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
    for (const profile of ['gatehouse', 'oauth2-proxy', 'authelia', 'authentik'] as const) {
      const identity = identityHeaders(profile, 'the.token', liveOf())
      const claims = Object.fromEntries(bases.map((name) => [name, 'root']))
      const headers = toOrigin(claims, identity)
      expect([...headers].filter(([, value]) => value.includes('root'))).toEqual([])
      for (const [name, value] of identity) expect(headers.get(name), name).toBe(value)
    }
  })

  it.each([
    'X-WEBAUTH-USER',
    'x-webauth-user',
    'X_WEBAUTH_USER',
    'x.webauth-user',
    'X--WebAuth__User',
    '_X-WebAuth-User',
    'x!webauth~user',
  ])('is by the names of the site, whatever a client sends: %s', (name) => {
    const headers = [{ name: 'X-WEBAUTH-USER', value: 'email', encoding: 'percent' }] as const
    const sent = { [name]: 'root', 'X-WEBAUTH-USERS': 'theirs' }
    expect([...toOrigin(sent, [], { headers })].filter(([, value]) => value === 'root')).toEqual([])
    const identity = identityHeaders(headers, 'the.token', liveOf())
    const told = toOrigin(sent, identity, { headers })
    const said = [...told].filter(([key]) => /x.+webauth/.test(key))
    expect(said).toEqual([
      ['x-webauth-user', 'ada@example.com'],
      ['x-webauth-users', 'theirs'],
    ])
    // Another site has no such name.
    expect(toOrigin(sent).get(name)).toBe('root')
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
  /** What a proxy before a server says, and that server believes; and what it is from. */
  const words = {
    'X-Forwarded': 'request-ip',
    'Forwarded-For': 'request-ip',
    'Fastly-Client-IP': 'Fastly',
    'Fly-Client-IP': 'Fly',
    'X-Originating-IP': 'Exchange',
    'WL-Proxy-Client-IP': 'WebLogic',
    'WL-Proxy-SSL': 'WebLogic',
    'Proxy-Client-IP': 'WebLogic',
    'X-Azure-ClientIP': 'Azure Front Door',
    'X-Azure-SocketIP': 'Azure Front Door',
    'X-ARR-SSL': 'IIS ARR',
    'X-ARR-ClientCert': 'Azure App Service',
    'X-MS-CLIENT-PRINCIPAL-NAME': 'Azure EasyAuth',
    'X-AppEngine-User-IP': 'App Engine',
    'X-NF-Client-Connection-IP': 'Netlify',
    'CloudFront-Viewer-Address': 'CloudFront',
    'CloudFront-Forwarded-Proto': 'CloudFront',
    'X-Amzn-Oidc-Data': 'AWS ALB',
    'X-Amzn-Mtls-Clientcert-Leaf': 'AWS ALB',
    'X-Goog-Authenticated-User-Email': 'Google IAP',
    'X-Consumer-Username': 'Kong',
    'X-SSL-Client-S-DN': 'nginx, HAProxy',
    'SSL-Client-Verify': 'nginx',
    'Client-Cert': 'RFC 9440',
    $WSRU: 'WebSphere',
    $WSRA: 'WebSphere',
    SM_USER: 'SiteMinder',
    'iv-user': 'WebSEAL',
    'X-Envoy-Original-Path': 'Envoy',
    'X-Envoy-External-Address': 'Envoy',
    'X-Accel-Mapping': 'Rack::Sendfile',
    'X-Sendfile-Type': 'Rack::Sendfile',
    'X-Replaced-Path': 'Traefik',
    'X-Original-URI': 'ingress-nginx',
    'X-Original-Forwarded-For': 'ingress-nginx',
    'X-WAWS-Unencoded-URL': 'Azure App Service',
    'x-middleware-subrequest': 'Next.js',
    'x-invoke-path': 'Next.js',
    'x-matched-path': 'Next.js',
    'x-astro-path': 'Astro',
    'X-HTTP-Host-Override': 'Symfony',
  }
  const forged = {
    ...words,
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
      'x-gatehouse-passed': 'app.example.com',
      'x-gatehouse-request': 'request-1',
      'x-real-ip': '192.0.2.1',
    })
  })

  it('is removed in every spelling that an origin might read as one', () => {
    for (const name of Object.keys(forged)) {
      const spellings = [
        name.replaceAll('-', '_'),
        name.replaceAll('-', '.'),
        `${name}-`,
        `${name}_`,
      ]
      for (const spelling of spellings) {
        if (/^(host|forwarded|proxy)$/i.test(spelling)) continue
        expect(toOrigin({ [spelling]: 'evil' }).has(spelling), spelling).toBe(false)
      }
    }
    for (const name of ['CF_Connecting_IP', 'cf.connecting.ip', 'CF_IPCountry']) {
      expect(toOrigin({ [name]: '10.0.0.1' }).has(name), name).toBe(false)
    }
  })

  it("leaves alone what is not a proxy's word", () => {
    for (const name of [
      'X-Original-Filename',
      'X-Original-Name',
      'x-middleware-prefetch',
      'X-Amz-Date',
      'X-Goog-Api-Client',
      'X-Http-Client',
      'Depth',
      'Overwrite',
      'Lock-Token',
      'Slug',
      'X-Client-Version',
      'Wsx',
    ]) {
      expect(toOrigin({ [name]: 'x' }).get(name), name).toBe('x')
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

it('headers that name a resource are sent only as they were judged', () => {
  const sent = {
    Destination: 'https://app.example.com/admin',
    If: '</admin> (<urn:x>)',
    'X-Copy-From': '/admin/x',
    X_Copy_From: '/admin/x',
    'x-amz-copy-source': '/admin/x',
    'X-HTTP-Method-Override': 'MOVE',
    Connection: 'Destination',
  }
  expect(
    namesOf(toOrigin(sent)).filter((name) => !/forwarded|gatehouse-(passed|request)/.test(name)),
  ).toEqual([])
  const request = new Request('https://origin.example.net/', { method: 'MOVE', headers: sent })
  const resources = [['Destination', 'https://origin.example.net/b']] as const
  const headers = headersToOrigin(request, visitOf(siteOf()), { identity: null, resources })
  expect(headers.get('Destination')).toBe('https://origin.example.net/b')
  expect(headers.has('If')).toBe(false)
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

  it('are withheld with anything before the name that an origin might skip', () => {
    for (const character of [' ', '\t', '\v', '\f', '\u2000', '"', '(', '@', '/']) {
      const code = character.charCodeAt(0).toString(16)
      expect(cookies(`a=1;${character}__Host-gatehouse=T; b=2`), code).toBe('a=1; b=2')
      expect(cookies(`a=1; ${character} = __Host-gatehouse-login-x=T`), code).toBe('a=1')
    }
  })

  it('are withheld in time that grows with the length of the header only', () => {
    for (const part of [' ', '; ', ',', '="', '__Host-']) {
      expect(cookies(`a=1; ${part.repeat(100_000)}__Host-gatehouse=T`)).toMatch(/^a=1/)
    }
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
})

it('what is not looked at closely, because browsers always send it, is nothing of ours', () => {
  expect([...everyday].filter(isNotTheirs)).toEqual([])
})

describe('a name that a site may be told of a person by', () => {
  it.each([
    'X-WEBAUTH-USER',
    'X-Remote-User',
    'Remote-User',
    'Remote-Groups',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-Forwarded-Preferred-Username',
    'X-Auth-Request-Email',
    'X-authentik-username',
    'X-Token',
  ])('is %s', (name) => {
    expect(isNameable(name)).toBe(true)
  })

  it.each([
    ...everyday,
    ...Object.keys(ofOneHop).filter((name) => name !== 'X-One-Hop'),
    'Host',
    'Content-Length',
    'Authorization',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Forwarded-Uri',
    'X-Real-IP',
    'X-Client-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Script-Name',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'X-CSRF-Token',
    'X-Requested-With',
    'X-Gatehouse-Jwt-Assertion',
    'X-Gatehouse-Passed',
    'Cf-Access-Jwt-Assertion',
    'CF-Connecting-IP',
    'Sec-Fetch-Site',
    'Remote',
    'X-',
    'X--User',
    'X-User-',
    'X_Remote_User',
    'X-User\r\nX-Evil',
    'X-Us\u00e9r',
    'X User',
    '',
  ])('is not %j', (name) => {
    expect(isNameable(name)).toBe(false)
  })
})
