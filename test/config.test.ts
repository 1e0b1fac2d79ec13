import { describe, expect, it } from 'vitest'
import { parseConfig } from '../src/config.ts'
import { parseEnv } from '../src/env.ts'

const site = {
  url: 'https://app.example.com',
  origin: 'https://origin.example.net',
  routes: [{ path: '/', access: 'signed-in' }],
}

function faultsOf(input: unknown): string[] {
  const parsed = parseConfig(input)
  return parsed.ok ? [] : parsed.error.map((fault) => `${fault.at} ${fault.problem}`)
}

function configOf(input: unknown) {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

describe('parseConfig', () => {
  it('fills in what is left out', () => {
    const { loginHost, ...config } = configOf({ sites: [site] })
    expect(loginHost).toBe(config.sites[0])
    expect(config).toEqual({
      isLoginElsewhere: false,
      sitesElsewhere: [],
      signOutTargets: [],
      revocationSeconds: 15,
      bindings: {
        sessions: 'SESSIONS',
        database: 'DB',
        assets: 'ASSETS',
        limits: 'LIMITS',
        metrics: 'METRICS',
      },
      admins: null,
      attempts: 'facts',
      oauth: null,
      brand: {
        name: null,
        logo: null,
        colours: { light: '#1f5f52', dark: '#6fc3ae' },
        support: null,
        languages: ['en', 'it', 'de', 'fr', 'es'],
        words: { choice: null, denied: null, footer: null },
      },
      sites: [
        {
          authority: 'app.example.com',
          url: 'https://app.example.com',
          origin: { kind: 'url', url: 'https://origin.example.net', host: 'origin' },
          originTerms: { path: '', headers: [], timeoutSeconds: null },
          routes: [{ path: '/', policy: { kind: 'signed-in' } }],
          session: { absoluteSeconds: 28_800, idleSeconds: 3600 },
          tokenSeconds: 300,
          headers: 'gatehouse',
          corsOrigins: [],
          preflights: 'answer',
          announceSessionEnd: false,
          oauth: false,
          connections: null,
          choice: 'list',
          signOutClears: 'cache',
          deviceBinding: 'off',
          shown: { name: 'app.example.com', description: null, icon: 'A' },
          denied: { words: null, rule: 'hidden' },
          downloads: 'watch',
          trust: 'one-connection',
        },
      ],
    })
  })

  it('reads every kind of rule, nested', () => {
    const access = {
      anyOf: [
        { group: 'staff', connection: 'okta' },
        { groupId: 'g-1' },
        { groupId: 'g-1', connection: 'okta' },
        {
          allOf: [
            { emailDomain: 'example.com', connection: 'okta' },
            { attribute: 'team', value: 'core', connection: 'okta' },
          ],
        },
        { email: 'Zoe@example.com', connection: 'okta' },
        { connection: 'okta' },
      ],
    }
    const { sites } = configOf({ sites: [{ ...site, routes: [{ path: '/a', access }] }] })
    expect(sites[0]?.routes[0]?.policy).toEqual({
      kind: 'rule',
      rule: {
        kind: 'any',
        of: [
          { kind: 'group', name: 'staff', connection: 'okta' },
          { kind: 'group-id', id: 'g-1', connection: null },
          { kind: 'group-id', id: 'g-1', connection: 'okta' },
          {
            kind: 'all',
            of: [
              { kind: 'email-domain', domain: 'example.com', connection: 'okta' },
              { kind: 'attribute', name: 'team', values: ['core'], connection: 'okta' },
            ],
          },
          { kind: 'email', email: 'zoe@example.com', connection: 'okta' },
          { kind: 'connection', connection: 'okta' },
        ],
      },
    })
  })

  it('reads where people may go on to after sign-out', () => {
    const returnTo = [
      'https://www.example.com',
      'https://www.example.com/bye',
      'http://localhost:1',
    ]
    expect(configOf({ sites: [site], signOut: { returnTo } }).signOutTargets).toEqual([
      { origin: 'https://www.example.com', path: '/' },
      { origin: 'https://www.example.com', path: '/bye' },
      { origin: 'http://localhost:1', path: '/' },
    ])
  })

  it.each([
    'http://www.example.com',
    'https://*.example.com',
    'https://a@www.example.com',
    'https://www.example.com/?a=1',
    'https://www.example.com/#a',
    '/bye',
    'javascript:alert(1)',
  ])('refuses %s as an address to go on to', (address) => {
    expect(faultsOf({ sites: [site], signOut: { returnTo: [address] } })).toEqual([
      'signOut.returnTo[0] must be an https address without a query, a fragment or a user name, such as https://www.example.com or https://www.example.com/bye',
    ])
  })

  it('reports all faults at once, each with its place', () => {
    const faults = faultsOf({
      revocationSeconds: 0,
      sites: [
        { ...site, url: 'http://app.example.com', colour: 'red' },
        {
          url: 'https://b.example.com/path',
          origin: 5,
          routes: [
            { path: 'admin', access: 'nobody' },
            { path: '/x', access: { groups: ['a'] } },
          ],
        },
      ],
    })
    expect(faults).toEqual([
      'revocationSeconds must be a whole number of seconds from 1 to 300',
      'sites[0].url must begin with https:// (plain http is for localhost only)',
      'sites[0].colour is not an option here',
      'sites[1].url must be a URL of scheme and host only, such as https://app.example.com',
      "sites[1].origin must be a URL such as https://origin.example.com, { url } or { service: 'BINDING' }",
      'sites[1].routes[0].path must begin with / and have plain segments: A-Z a-z 0-9 . _ ~ - only, no //, no dot at the end of a segment, no / at the end',
      "sites[1].routes[0].access must be 'public', 'signed-in' or a rule, such as { group: 'staff' }",
      expect.stringMatching(
        /^sites\[1\]\.routes\[1\]\.access must be 'signed-in' or one of \{ group \}.*\(did you mean group\?\)$/,
      ),
    ])
  })

  it('names every option that there is not, with the one that was likely meant', () => {
    const { origin, ...others } = site
    const routes = [
      { path: '/', acces: 'public' },
      { path: '/a', access: { group: 'a', conection: 'okta' } },
    ]
    const faults = faultsOf({
      revokationSeconds: 5,
      sites: [{ ...others, routes, orgin: origin, colour: 'red', toString: 1, SESSION: {} }],
    })
    expect(faults).toEqual([
      'sites[0].origin is missing',
      'sites[0].routes[0].access is missing',
      'sites[0].routes[0].acces is not an option here (did you mean access?)',
      'sites[0].routes[1].access.conection is not an option here (did you mean connection?)',
      'sites[0].orgin is not an option here (did you mean origin?), nor is colour, nor is toString, nor is SESSION (did you mean session?)',
      'revokationSeconds is not an option here (did you mean revocationSeconds?)',
    ])
    const headers = { 'X-User': { value: 'id', encodin: 'raw' } }
    expect(faultsOf({ sites: [{ ...site, headers }] })).toEqual([
      'sites[0].headers.X-User.encodin is not an option here (did you mean encoding?)',
    ])
  })

  it.each([true, null, 7, 'signedin'])(
    'says what the access of a route may be, not %j',
    (access) => {
      expect(faultsOf({ sites: [{ ...site, routes: [{ path: '/', access }] }] })).toEqual([
        "sites[0].routes[0].access must be 'public', 'signed-in' or a rule, such as { group: 'staff' }",
      ])
    },
  )

  it.each([
    [{ groups: 'a', connection: 'okta' }, 'group'],
    [{ connection: 'okta', emailDomains: 'example.com' }, 'emailDomain'],
    [{ public: 'GET', otherwise: { grup: 'a', connection: 'okta' } }, 'group'],
  ])('finds the rule that was meant beside a connection: %j', (access, meant) => {
    expect(faultsOf({ sites: [{ ...site, routes: [{ path: '/', access }] }] })).toEqual([
      expect.stringMatching(
        `^sites\\[0\\]\\.routes\\[0\\]\\.access.* must be 'signed-in' or one of .*\\(did you mean ${meant}\\?\\)$`,
      ),
    ])
  })

  it('reports the faults between options and between sites beside those of another site', () => {
    const faults = faultsOf({
      sites: [
        { ...site, url: 'app.example.com' },
        { ...site, routes: [{ path: '/', access: { group: 'staff' } }] },
        { ...site, origin: 'http://origin.example.net' },
        5,
      ],
    })
    expect(faults).toEqual([
      'sites[0].url must be a URL of scheme and host only, such as https://app.example.com',
      'sites[3] must be an object: { … }',
      expect.stringContaining('sites[1].routes[0].access asks for group staff'),
      'sites[2].url is the host of an earlier site',
      expect.stringContaining('sites[2].origin must begin with https://'),
    ])
    const [fault, ...more] = faultsOf({ revocationSeconds: 0, sites: [site, site] })
    expect(fault).toContain('revocationSeconds must be')
    expect(more).toEqual(['sites[1].url is the host of an earlier site'])
  })

  it.each([
    [null, ' must be an object: { … }'],
    [{ sites: 'x' }, 'sites must be a list of sites'],
    [{ sites: [[]] }, 'sites[0].url is missing'],
  ])('refuses %j and says what is right', (input, fault) => {
    expect(faultsOf(input)[0]).toBe(fault)
  })

  it.each([
    ['/admin*', '/admin'],
    ['*', '/'],
    ['**', '/'],
    ['/a/**/b', '/a'],
    ['/a/*b/c', '/a'],
    ['/a/***', '/a'],
  ])('says what to write instead of the wildcard of %s', (path, instead) => {
    const routes = [{ path, access: 'signed-in' }]
    expect(faultsOf({ sites: [{ ...site, routes }] })).toEqual([
      `sites[0].routes[0].path may have * only as a whole segment, and ** only at the end. A path covers everything below it, so perhaps you mean '${instead}'`,
    ])
  })

  it.each([
    ['/**', '/'],
    ['/admin/**', '/admin'],
    ['/teams/*/settings', '/teams/*/settings'],
    ['/teams/*/**', '/teams/*'],
  ])('reads the wildcards of %s', (path, read) => {
    const routes = [{ path, access: 'signed-in' }]
    expect(configOf({ sites: [{ ...site, routes }] }).sites[0]?.routes[0]?.path).toBe(read)
  })

  it('finds routes that can never be reached', () => {
    const faults = (...routes: (readonly [string, string])[]) =>
      faultsOf({ sites: [{ ...site, routes: routes.map(([path, access]) => ({ path, access })) }] })
    expect(faults(['/a', 'public'], ['/a/**', 'signed-in'])).toEqual([
      'sites[0].routes[1].path is the path of an earlier route',
    ])
    // A server may take what is behind a script for the path.
    expect(faults(['/index.php/admin', 'signed-in'], ['/admin', 'public'])).toEqual([
      expect.stringMatching(/^sites\[0\]\.routes\[0\]\.path can never be reached/),
    ])
    expect(faults(['/index.php/admin', 'public'], ['/admin', 'public'])).toEqual([])
    expect(faults(['/', 'public'], ['/a/*', 'signed-in'], ['/a/b', 'public'])).toEqual([])
  })

  it('says what is missing', () => {
    expect(faultsOf({})).toEqual(['sites is missing'])
    expect(faultsOf({ sites: [{ url: site.url }] })).toEqual([
      'sites[0].origin is missing',
      'sites[0].routes is missing',
    ])
  })

  it.each([
    ['no site', { sites: [] }, 'sites must have a site'],
    [
      'no route',
      { sites: [{ ...site, routes: [] }] },
      'sites[0].routes must have at least one route: a path without a route is refused',
    ],
    ['a host twice', { sites: [site, site] }, 'sites[1].url is the host of an earlier site'],
    [
      'a path twice',
      { sites: [{ ...site, routes: [...site.routes, ...site.routes] }] },
      'sites[0].routes[1].path is the path of an earlier route',
    ],
    [
      'a proxy to itself',
      { sites: [{ ...site, origin: site.url }] },
      expect.stringMatching(/^sites\[0\]\.origin is the site itself, which would call itself/),
    ],
    [
      'two paths that only case tells apart',
      {
        sites: [
          {
            ...site,
            routes: [
              { path: '/admin', access: 'signed-in' },
              { path: '/Admin', access: 'public' },
            ],
          },
        ],
      },
      'sites[0].routes[1].path differs from the path of an earlier route only in case, and many servers ignore case',
    ],
    [
      'a way to choose that there is not',
      { sites: [{ ...site, choice: 'names' }] },
      'sites[0].choice must be list or email',
    ],
    [
      'to clear at sign-out what a sign-out cannot',
      { sites: [{ ...site, signOutClears: 'cookies' }] },
      'sites[0].signOutClears must be cache or storage',
    ],
    [
      'a preflight that is neither answered nor passed',
      { sites: [{ ...site, preflights: 'refuse' }] },
      'sites[0].preflights must be answer or pass',
    ],
    [
      'a word for whether to announce the end',
      { sites: [{ ...site, announceSessionEnd: 'yes' }] },
      'sites[0].announceSessionEnd must be true or false',
    ],
    [
      'a family of hosts whose pages may call a site',
      { sites: [{ ...site, corsOrigins: ['https://*.example.com'] }] },
      'sites[0].corsOrigins[0] is one host, so it has no *',
    ],
    [
      'a family of hosts to sign in at',
      { sites: [site], loginHost: { url: 'https://*.example.com' } },
      'loginHost.url is one host, so it has no *',
    ],
    [
      'pages over plain http that may call a site',
      { sites: [{ ...site, corsOrigins: ['http://wiki.example.com'] }] },
      'sites[0].corsOrigins[0] must begin with https:// (plain http is for localhost only)',
    ],
    [
      'an empty list of rules',
      { sites: [{ ...site, routes: [{ path: '/', access: { anyOf: [] } }] }] },
      'sites[0].routes[0].access.anyOf must not be empty',
    ],
    [
      'a route below our own prefix',
      { sites: [{ ...site, routes: [{ path: '/.gatehouse/x', access: 'public' }] }] },
      'sites[0].routes[0].path must not be below /.gatehouse, which Gatehouse uses on every site',
    ],
    [
      'a route below our own prefix in another case, which no request would come to',
      { sites: [{ ...site, routes: [{ path: '/.Gatehouse', access: 'public' }] }] },
      'sites[0].routes[0].path must not be below /.gatehouse, which Gatehouse uses on every site',
    ],
  ])('refuses %s', (_, input, fault) => {
    // Two sites need a login host, which is not what these are about.
    const told = faultsOf(input).filter((each) => !each.startsWith('loginHost is missing'))
    expect(told).toEqual([fault])
  })

  const wrong = ['//', '/a//b', '/a/', '/a/../b', '/.', '/a%2fb', '/a;b', '/a?b', '/a#b', '/é']
  // `/a%2e` is read without the dot, so it would be at none of these and still reach them.
  it.each([...wrong, '/a.', '/a./b', '/a..'])('refuses the route path %s', (path) => {
    expect(faultsOf({ sites: [{ ...site, routes: [{ path, access: 'public' }] }] })).toEqual([
      expect.stringMatching(/^sites\[0\]\.routes\[0\]\.path must begin with \//),
    ])
  })

  it('takes plain http for localhost', () => {
    expect(faultsOf({ sites: [{ ...site, url: 'http://localhost:8787' }] })).toEqual([])
    expect(faultsOf({ sites: [{ ...site, url: 'http://app.localhost:8787' }] })).toEqual([])
  })
})

describe('an origin', () => {
  const faultsAt = (origin: string, url = site.url) =>
    faultsOf({ sites: [{ ...site, url, origin }] })

  it.each([
    'http://origin.example.net',
    'http://203.0.113.7',
    'http://172.32.0.1',
    'http://100.128.0.1',
    'http://11.0.0.1:3000',
    'http://[2001:db8::1]',
    'http://localhost.example.net',
    'http://10.0.0.1.example.net',
  ])('on the internet is not asked in the clear: %s', (origin) => {
    expect(faultsAt(origin)).toEqual([
      expect.stringMatching(/^sites\[0\]\.origin must begin with https:\/\//),
    ])
  })

  it.each([
    'http://localhost:3000',
    'http://wiki.localhost:3000',
    'http://127.0.0.1:3000',
    'http://127.8.0.1',
    'http://[::1]:3000',
    'http://10.1.2.3',
    'http://172.16.0.1',
    'http://172.31.255.1',
    'http://192.168.1.1:8080',
    'http://100.64.0.1',
    'http://[fd00::1]',
    'http://[fe80::1]',
    'https://203.0.113.7',
    'https://origin.example.net',
  ])('may be here: %s', (origin) => {
    expect(faultsAt(origin)).toEqual([])
  })

  it.each([
    'origin.example.net',
    'ftp://origin.example.net',
    'https://ada@origin.example.net',
    'https://:secret@origin.example.net',
    'https://origin.example.net/wiki',
    'https://origin.example.net/?a',
    'https://origin.example.net/#a',
  ])('is a URL of scheme and host only: %s', (origin) => {
    expect(faultsAt(origin)).toEqual([
      'sites[0].origin must be a URL of scheme and host only, such as https://app.example.com',
    ])
  })

  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com', 'https://app.example.com.'],
    ['https://app.example.com', 'https://APP.example.com:443'],
    ['http://localhost:8787', 'http://127.0.0.1:8787'],
    ['http://app.localhost:8787', 'http://[::1]:8787'],
  ])('is not the site itself: %s, %s', (url, origin) => {
    expect(faultsAt(origin, url)).toEqual([
      expect.stringMatching(/^sites\[0\]\.origin is the site itself, which would call itself/),
    ])
  })

  it('is the site itself on a route, by its own word', () => {
    const fields = { ...site, origin: site.url, originHost: 'public' }
    const { sites } = configOf({ sites: [fields] })
    expect(sites[0]?.origin).toEqual({ kind: 'url', url: site.url, host: 'public' })
  })

  it.each([
    ['https://origin.example.com', null],
    ['https://app-origin.internal.example.com', null],
    ['https://origin.example.net', 'must be in the same zone as the site'],
    ['https://example.com.evil.test', 'must be in the same zone as the site'],
    ['https://origin.example.com:8443', 'must have the scheme and the port of the site'],
    ['http://10.0.0.1', 'must have the scheme and the port of the site'],
  ])('that is to see the public Host is found by a name of the zone: %s', (origin, problem) => {
    const faults = faultsOf({ sites: [{ ...site, origin, originHost: 'public' }] })
    expect(faults).toEqual(
      problem === null ? [] : [expect.stringContaining(`sites[0].origin ${problem}`)],
    )
  })

  it('leads to no circle of sites', () => {
    const to = (url: string, origin: string) => ({ ...site, url, origin })
    const [a, b, c] = ['https://a.example.com', 'https://b.example.com', 'https://c.example.com']
    expect(faultsOf({ loginHost: a, sites: [to(a, b), to(b, `${a}.`)] })).toEqual([
      `sites[0].origin leads back to the site itself: ${a} → ${b} → ${a}`,
      `sites[1].origin leads back to the site itself: ${b} → ${a} → ${b}`,
    ])
    expect(
      faultsOf({ loginHost: a, sites: [to(a, b), to(b, c), to(c, b)] }).map((at) =>
        at.slice(0, 15),
      ),
    ).toEqual(['sites[1].origin', 'sites[2].origin'])
    expect(
      faultsOf({ loginHost: a, sites: [to(a, b), to(b, c), to(c, 'https://origin.example.net')] }),
    ).toEqual([])
    const any = 'https://*.example.com'
    const wiki = 'https://wiki.example.com'
    const at = (sites: readonly unknown[]) =>
      faultsOf({ loginHost: { url: 'https://login.example.net' }, sites }).map((fault) =>
        fault.slice(0, 15),
      )
    expect(at([to(any, wiki)])).toEqual(['sites[0].origin'])
    expect(at([to(any, 'https://wiki.example.com:8443')])).toEqual([])
    expect(at([to(any, 'https://a.wiki.example.com')])).toEqual([])
    expect(at([to('https://docs.example.net', wiki), to(any, 'https://docs.example.net')])).toEqual(
      ['sites[0].origin', 'sites[1].origin'],
    )
    // The site of that very name answers, and its origin is another server.
    expect(at([to(any, wiki), to(wiki, 'https://origin.example.net')])).toEqual([])
  })
})

describe('what an identity provider says', () => {
  const faultsIn = (access: unknown, fields: Readonly<Record<string, unknown>> = {}) =>
    faultsOf({ sites: [{ ...site, routes: [{ path: '/', access }], ...fields }] })
  const okta = { connection: 'okta' }
  const open = [
    [{ group: 'boss' }, 'group boss'],
    [{ email: 'boss@example.com' }, 'email boss@example.com'],
    [{ emailDomain: 'example.com' }, 'an email at example.com'],
    [{ attribute: 'role', value: 'boss' }, 'attribute role = boss'],
    [{ anyOf: [okta, { group: 'boss' }] }, 'group boss'],
    [{ allOf: [{ anyOf: [okta, { groupId: 'g' }] }, { group: 'boss' }] }, 'group boss'],
    [{ anyOf: [{ allOf: [okta, { group: 'a' }] }, { group: 'boss' }] }, 'group boss'],
    [{ hasAttribute: 'role' }, 'attribute role'],
    [{ authnContext: 'mfa' }, 'sign-in by mfa'],
    [{ not: { group: 'guests' } }, 'group guests'],
    [{ allOf: [{ not: okta }, { group: 'boss' }] }, 'group boss'],
    [{ public: 'GET', otherwise: { group: 'boss' } }, 'group boss'],
  ] as const
  const asksFor = (part: string) =>
    `sites[0].routes[0].access asks for ${part}, but does not name a connection, so any identity provider could claim it. Add connection: 'okta' to the rule, or connections: ['okta'] to the site (the id of yours), or trust: 'every-connection' if you trust what each of them says`

  it.each(open)('counts for %j where it is known which one it is', (access, part) => {
    expect(faultsIn(access)).toEqual([asksFor(part)])
    expect(faultsIn(access, { connections: ['okta', 'partner'] })).toEqual([asksFor(part)])
    expect(faultsIn(access, { connections: ['okta'] })).toEqual([])
    expect(faultsIn(access, { connections: ['okta', 'okta'] })).toEqual([])
    expect(faultsIn(access, { trust: 'every-connection' })).toEqual([])
  })

  it.each([
    { group: 'boss', ...okta },
    { email: 'boss@example.com', ...okta },
    { emailDomain: 'example.com', ...okta },
    { attribute: 'role', value: 'boss', ...okta },
    { allOf: [{ anyOf: [{ group: 'boss' }, { email: 'boss@example.com' }] }, okta] },
    { groupId: 'g-1' },
    okta,
    'signed-in',
    'public',
    { country: 'DE' },
    { ip: '192.0.2.1' },
    { signedInWithin: '1h' },
    { allOf: [okta, { authnContext: 'mfa' }, { not: { group: 'guests' } }] },
  ])('may be said by a connection that is named: %j', (access) => {
    expect(faultsIn(access)).toEqual([])
  })

  it.each(['oauth2-proxy', 'authelia', 'authentik'])(
    'are names of one of them, for %s',
    (headers) => {
      const expected = [
        expect.stringMatching(
          /^sites\[0\]\.headers identifies people by names that an identity provider gives them/,
        ),
      ]
      expect(faultsIn('signed-in', { headers })).toEqual(expected)
      expect(faultsIn('signed-in', { headers, connections: ['okta', 'partner'] })).toEqual(expected)
      expect(faultsIn('signed-in', { headers, connections: ['okta'] })).toEqual([])
      expect(faultsIn('signed-in', { headers, trust: 'every-connection' })).toEqual([])
    },
  )

  it.each([
    [{ 'X-WEBAUTH-USER': 'email' }, true],
    [{ 'Remote-User': 'userName' }, true],
    [{ 'X-Groups': 'groups' }, true],
    [{ 'X-Team': { attribute: 'team' } }, true],
    [{ 'X-Name': { value: 'name', encoding: 'raw' } }, true],
    [{ 'X-Id': 'id', 'X-Of': 'connection', 'X-Jwt': 'token' }, false],
    [{}, false],
  ])('are names of one of them, in headers of the site: %j', (headers, isOpen) => {
    expect(faultsIn('signed-in', { headers }).length).toBe(isOpen ? 1 : 0)
    expect(faultsIn('signed-in', { headers, connections: ['okta'] })).toEqual([])
  })

  it('is trusted by a word, not by a yes', () => {
    expect(faultsIn({ group: 'boss' }, { trust: true })).toEqual([
      'sites[0].trust must be one-connection or every-connection',
    ])
  })
})

describe('headers by names of the site', () => {
  const faultsIn = (headers: unknown) => faultsOf({ sites: [{ ...site, headers, ...one }] })
  const one = { connections: ['okta'] }

  it('are read in every form', () => {
    const headers = {
      'X-WEBAUTH-USER': 'email',
      'X-Name': { value: 'name', encoding: 'raw' },
      'X-Team': { attribute: 'team' },
      'X-Dept': { attribute: 'dept', encoding: 'raw' },
    }
    expect(configOf({ sites: [{ ...site, headers, ...one }] }).sites[0]?.headers).toEqual([
      { name: 'X-WEBAUTH-USER', value: 'email', encoding: 'percent' },
      { name: 'X-Name', value: 'name', encoding: 'raw' },
      { name: 'X-Team', value: { attribute: 'team' }, encoding: 'percent' },
      { name: 'X-Dept', value: { attribute: 'dept' }, encoding: 'raw' },
    ])
  })

  it.each([
    [{ 'X-Forwarded-For': 'email' }, /X-Forwarded-For must begin with X- or Remote-/],
    [{ Cookie: 'token' }, /Cookie must begin with X- or Remote-/],
    [{ 'X-User': 'password' }, /X-User must be 'id', 'userName'/],
    [{ 'X-User': { attribute: '' } }, /X-User\.attribute must not be empty/],
    [{ 'X-User': { value: 'email', encoding: 'utf-8' } }, /encoding must be percent or raw/],
    [{ 'X-User': 'email', 'x-user': 'id' }, /headers has a name twice/],
    [
      Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`X-${i}`, 'id'])),
      /headers must have 20 names at most/,
    ],
    ['caddy', /headers must be gatehouse, oauth2-proxy/],
    ['cloudflare-access', /headers cannot be cloudflare-access: .*X-Gatehouse-Jwt-Assertion/],
  ])('are not %j', (headers, fault) => {
    expect(faultsIn(headers)).toEqual([expect.stringMatching(fault)])
  })
})

describe('parseEnv', () => {
  const config = configOf({ sites: [{ ...site, origin: { service: 'INTRANET' } }] })
  const secret = btoa('x'.repeat(32))
  const env = {
    SESSIONS: { get: () => null },
    DB: { prepare: () => null },
    INTRANET: { fetch: () => null },
    GATEHOUSE_SECRET: secret,
  }

  it('takes a complete environment', () => {
    expect(parseEnv(env, config)).toMatchObject({
      ok: true,
      value: { secrets: { current: new TextEncoder().encode('x'.repeat(32)), previous: null } },
    })
  })

  it('names everything that is missing, and shows no secret', () => {
    expect(
      parseEnv({ GATEHOUSE_SECRET: 'c2hvcnQ=', GATEHOUSE_SECRET_PREVIOUS: '?' }, config),
    ).toEqual({
      ok: false,
      error: [
        {
          at: 'SESSIONS',
          problem: 'is not bound: wrangler.toml needs a KV namespace of that name',
        },
        { at: 'DB', problem: 'is not bound: wrangler.toml needs a D1 database of that name' },
        {
          at: 'INTRANET',
          problem: 'is not bound: wrangler.toml needs a service binding of that name',
        },
        {
          at: 'GATEHOUSE_SECRET',
          problem: 'must be 32 random bytes in base64: openssl rand -base64 32',
        },
        {
          at: 'GATEHOUSE_SECRET_PREVIOUS',
          problem: 'must be 32 random bytes in base64: openssl rand -base64 32',
        },
      ],
    })
  })
})

describe('rules', () => {
  const withRule = (access: unknown, rules?: unknown) => ({
    ...(rules === undefined ? {} : { rules }),
    sites: [{ ...site, connections: ['okta'], routes: [{ path: '/', access }] }],
  })
  const policyOf = (access: unknown, rules?: unknown) =>
    configOf(withRule(access, rules)).sites[0]?.routes[0]?.policy
  const ruleOf = (access: unknown, rules?: unknown) => {
    const policy = policyOf(access, rules)
    return policy?.kind === 'rule' ? policy.rule : policy
  }

  it('are read, each kind of them', () => {
    const isPinned = { connection: null }
    expect(ruleOf({ hasAttribute: 'team' })).toEqual({
      kind: 'has-attribute',
      name: 'team',
      ...isPinned,
    })
    expect(ruleOf({ attribute: 'team', value: ['a', 'b'] })).toEqual({
      kind: 'attribute',
      name: 'team',
      values: ['a', 'b'],
      ...isPinned,
    })
    expect(ruleOf({ group: ['a', 'b'] })).toEqual({
      kind: 'any',
      of: [
        { kind: 'group', name: 'a', ...isPinned },
        { kind: 'group', name: 'b', ...isPinned },
      ],
    })
    expect(ruleOf({ country: 'DE' })).toEqual({ kind: 'country', countries: ['DE'] })
    expect(ruleOf({ ip: '128.0.0.0/2' })).toEqual({
      kind: 'ip',
      ranges: [{ text: '128.0.0.0/2', prefix: '410' }],
    })
    expect(ruleOf({ method: ['GET'] })).toEqual({ kind: 'method', methods: ['GET'] })
    expect(ruleOf({ authnContext: 'mfa' })).toEqual({ kind: 'authn-context', classes: ['mfa'] })
    expect(ruleOf({ signedInWithin: '90m' })).toEqual({ kind: 'signed-in-within', seconds: 5400 })
    expect(ruleOf({ days: ['tue', 'mon'], zone: 'UTC' })).toEqual({
      kind: 'hours',
      from: 0,
      to: 1440,
      days: [1, 2],
      zone: 'UTC',
    })
    expect(ruleOf({ hours: '22:30-06:00', zone: 'UTC' })).toMatchObject({ from: 1350, to: 360 })
    expect(ruleOf({ not: 'signed-in' })).toEqual({ kind: 'not', rule: { kind: 'signed-in' } })
    expect(policyOf({ public: 'GET', otherwise: 'signed-in' })).toEqual({
      kind: 'by-method',
      methods: ['GET'],
      otherwise: { kind: 'signed-in' },
    })
  })

  it('have names, and may use each other', () => {
    const rules = { staff: { group: 'staff' }, here: { allOf: [{ rule: 'staff' }] } }
    expect(ruleOf({ rule: 'here' }, rules)).toEqual({
      kind: 'named',
      name: 'here',
      rule: {
        kind: 'all',
        of: [
          {
            kind: 'named',
            name: 'staff',
            rule: { kind: 'group', name: 'staff', connection: null },
          },
        ],
      },
    })
  })

  it.each([
    [{ country: 'de' }, '.country must be a country code of ISO 3166-1 in upper case, such as DE'],
    [{ country: 'UK' }, '.country is not a country code of ISO 3166-1 (did you mean GB?)'],
    [
      { country: ['DE', 'QZ'] },
      '.country[1] must be a country code of ISO 3166-1 in upper case, such as DE',
    ],
    [{ country: [] }, '.country must not be empty'],
    [
      { ip: '10.0.0.1/8' },
      '.ip has bits set beyond its first 8, so it is not the beginning of a range',
    ],
    [{ method: 'get' }, '.method must be a method in upper case, such as GET'],
    [
      { method: ['GET', 'DELTE'] },
      '.method[1] is not a method that a Worker takes (did you mean DELETE?)',
    ],
    [
      { signedInWithin: '1m' },
      '.signedInWithin must be a duration from 5m to 31d, such as 15m, 1h or 7d',
    ],
    [
      { signedInWithin: '1 h' },
      '.signedInWithin must be a duration from 5m to 31d, such as 15m, 1h or 7d',
    ],
    [
      { signedInWithin: '32d' },
      '.signedInWithin must be a duration from 5m to 31d, such as 15m, 1h or 7d',
    ],
    [
      { hours: '9-17', zone: 'UTC' },
      '.hours must be two times of day, such as 09:00-17:30 or 22:00-06:00',
    ],
    [{ hours: '09:00-17:00' }, / must be 'signed-in' or one of .*zone/],
    [
      { zone: 'Europe/Berlim' },
      '.zone is not a time zone of the IANA database (did you mean Europe/Berlin?)',
    ],
    [{ days: 'monday', zone: 'UTC' }, '.days must be one of sun, mon, tue, wed, thu, fri, sat'],
    [{ signedInWithn: '1h' }, /\(did you mean signedInWithin\?\)$/],
    [{ group: 'a', value: 'b' }, '.value is not an option here'],
    [{ attribute: 'a' }, '.value is missing'],
    [{ not: [] }, /^sites\[0\]\.routes\[0\]\.access\.not must be 'signed-in' or one of/],
    [{ public: 'GET' }, '.otherwise is missing'],
    [{ public: 'GET', otherwise: 'public' }, /\.otherwise must be 'signed-in' or one of/],
    [{ rule: 'staf' }, ".rule names no rule of the config's rules (did you mean staff?)"],
    [
      { allOf: ['signed-in', { not: { rule: 'other' } }] },
      ".allOf[1].not.rule names no rule of the config's rules",
    ],
    [
      { anyOf: ['signed-in', { rule: 'toString' }] },
      ".anyOf[1].rule names no rule of the config's rules",
    ],
  ])('with a fault are refused, with what is right: %j', (access, problem) => {
    const [fault, ...others] = faultsOf(withRule(access, { staff: { group: 'staff' } }))
    expect(others).toEqual([])
    expect(fault).toEqual(
      typeof problem === 'string'
        ? `sites[0].routes[0].access${problem}`
        : expect.stringMatching(problem),
    )
  })

  it('that lead to themselves are a fault, and let nobody in', () => {
    const rules = { a: { not: { rule: 'b' } }, b: { anyOf: [{ rule: 'a' }] }, c: { rule: 'other' } }
    expect(faultsOf(withRule({ rule: 'a' }, rules))).toEqual([
      'rules.a.not.rule leads back to itself: a → b → a',
      'rules.b.anyOf[0].rule leads back to itself: b → a → b',
      "rules.c.rule names no rule of the config's rules",
    ])
  })
})

describe('what a person without access is told', () => {
  const deniedOf = (denied: unknown) => configOf({ sites: [{ ...site, denied }] }).sites[0]?.denied

  it('is the words of the operator, and what is missing where the site wants it', () => {
    expect(deniedOf('ask #it-help')).toEqual({ words: 'ask #it-help', rule: 'hidden' })
    expect(deniedOf({ rule: 'shown' })).toEqual({ words: null, rule: 'shown' })
    expect(deniedOf({ words: 'ask', rule: 'shown' })).toEqual({ words: 'ask', rule: 'shown' })
  })

  it.each([
    ['', 'sites[0].denied must be text of at most 300 characters, such as ask #it-help'],
    [
      'x'.repeat(301),
      'sites[0].denied must be text of at most 300 characters, such as ask #it-help',
    ],
    [{ rule: true }, 'sites[0].denied.rule must be hidden or shown'],
    [{ word: 'x' }, 'sites[0].denied.word is not an option here (did you mean words?)'],
  ])('is not %j', (denied, fault) => {
    expect(faultsOf({ sites: [{ ...site, denied }] })).toEqual([fault])
  })
})

describe('a site with an empty list of connections', () => {
  const closed = (access: unknown, ...more: readonly unknown[]) =>
    faultsOf({
      sites: [
        {
          ...site,
          connections: [],
          routes: [access, ...more].map((each, r) => ({
            path: r === 0 ? '/' : `/${r}`,
            access: each,
          })),
        },
      ],
    })
  const fault =
    "sites[0].connections is empty, so nobody can sign in here. Name the connections that may (connections: ['okta']), leave it out if all may, or make every route public"

  it('is a fault where a route wants a sign-in, and none where all are public', () => {
    for (const access of [
      'signed-in',
      { group: 'boss' },
      { public: 'GET', otherwise: 'signed-in' },
    ]) {
      expect(closed(access)).toEqual([fault])
      expect(closed('public', access)).toEqual([fault])
    }
    expect(closed('public', 'public')).toEqual([])
  })

  it('is a fault at the login host where administrators would sign in', () => {
    const loginHost = { url: 'https://login.example.com', connections: [] }
    const sites = [{ ...site, connections: ['okta'] }]
    expect(faultsOf({ loginHost, sites })).toEqual([])
    expect(faultsOf({ loginHost, sites, admins: { owner: { group: 'it' } } })).toEqual([
      'admins needs people who sign in at https://login.example.com, whose connections are an empty list. Name the connections that may sign in there, or leave the list out if all may',
    ])
  })
})

describe('the login host', () => {
  const wiki = { ...site, url: 'https://wiki.example.com' }
  const login = { url: 'https://login.example.com' }
  const elsewhere = { url: 'https://status.example.com' }

  it('is the only site, a site that is named, or a host without a site', () => {
    expect(configOf({ sites: [site] }).loginHost.url).toBe(site.url)
    const named = configOf({ loginHost: wiki.url, sites: [site, wiki] })
    expect(named.loginHost).toBe(named.sites[1])
    const alone = configOf({ loginHost: login, sites: [site, wiki] })
    expect(alone.loginHost).toEqual({
      authority: 'login.example.com',
      url: login.url,
      session: { absoluteSeconds: 28_800, idleSeconds: 3600 },
      connections: null,
      choice: 'list',
      signOutClears: 'cache',
      deviceBinding: 'off',
      corsOrigins: [],
    })
    expect(alone.isLoginElsewhere).toBe(false)
  })

  it('may be another Worker’s, which then knows the sites of this one', () => {
    const here = configOf({ loginHost: { ...login, elsewhere: true }, sites: [site] })
    expect([here.loginHost.url, here.isLoginElsewhere]).toEqual([login.url, true])
    const there = configOf({ loginHost: login, sites: [site], sitesElsewhere: [elsewhere] })
    expect(there.sitesElsewhere.map(({ url }) => url)).toEqual([elsewhere.url])
  })

  it.each([
    ['is not named, with several sites', { sites: [site, wiki] }, 'loginHost is missing'],
    [
      'binds no sessions, though a site does',
      { loginHost: login, sites: [site, { ...wiki, deviceBinding: 'offer' as const }] },
      'loginHost binds no sessions, but https://wiki.example.com does',
    ],
    [
      'binds no sessions, though a site of another Worker does',
      {
        loginHost: login,
        sites: [site],
        sitesElsewhere: [{ ...elsewhere, deviceBinding: 'require' as const }],
      },
      'loginHost binds no sessions, but https://status.example.com does',
    ],
    [
      'is text, and no site',
      { loginHost: login.url, sites: [site] },
      "loginHost is not the url of a site. If nothing stands behind it, write { url: 'https://login.example.com' }",
    ],
    [
      'is a site, and not text',
      { loginHost: { url: site.url }, sites: [site] },
      'loginHost is the url of a site. Write it as text',
    ],
    ['is plain http', { loginHost: 'http://login.example.com', sites: [site] }, 'https://'],
    [
      'has an option that it does not know',
      { loginHost: { ...login, sesion: {} }, sites: [site] },
      'did you mean session?',
    ],
    [
      'is elsewhere, with sites elsewhere',
      { loginHost: { ...login, elsewhere: true }, sites: [site], sitesElsewhere: [elsewhere] },
      'sitesElsewhere belong in the config of the Worker that has the login host',
    ],
    [
      'is also a site elsewhere',
      { loginHost: login, sites: [site], sitesElsewhere: [login] },
      'sitesElsewhere[0].url is the host of another site',
    ],
    [
      'has a site here that is also one elsewhere',
      { loginHost: login, sites: [site], sitesElsewhere: [{ url: site.url }] },
      'sitesElsewhere[0].url is the host of another site',
    ],
  ])('is refused where it %s', (_, input, problem) => {
    expect(faultsOf(input).join('\n')).toContain(problem)
  })
})

describe('maxSessionSeconds', () => {
  const policyOf = (route: object) =>
    configOf({ sites: [{ ...site, connections: ['okta'], routes: [{ path: '/', ...route }] }] })
      .sites[0]?.routes[0]?.policy
  const young = { kind: 'session-within', seconds: 600 }

  it('is a part of the rule', () => {
    expect(policyOf({ access: 'signed-in', maxSessionSeconds: 600 })).toEqual({
      kind: 'rule',
      rule: { kind: 'all', of: [{ kind: 'signed-in' }, young] },
    })
    const access = { public: 'GET', otherwise: { connection: 'okta' } }
    expect(policyOf({ access, maxSessionSeconds: 600 })).toMatchObject({
      otherwise: { rule: { kind: 'all', of: [{ kind: 'connection', connection: 'okta' }, young] } },
    })
  })

  it.each([
    [
      { access: 'public', maxSessionSeconds: 600 },
      /maxSessionSeconds has no meaning on a public route/,
    ],
    [{ access: 'signed-in', maxSessionSeconds: 299 }, /maxSessionSeconds must be a whole number/],
  ])('is not %j', (route, fault) => {
    expect(faultsOf({ sites: [{ ...site, routes: [{ path: '/', ...route }] }] })).toEqual([
      expect.stringMatching(fault),
    ])
  })
})

describe('how the home page shows a site', () => {
  const shownOf = (shown: object) => configOf({ sites: [{ ...site, ...shown }] }).sites[0]?.shown

  it('is by its name, a line about it and an icon, or else by its host', () => {
    const image = 'data:image/png;base64,AA=='
    expect(shownOf({ name: 'Wiki', description: 'What we know', icon: image })).toEqual({
      name: 'Wiki',
      description: 'What we know',
      icon: image,
    })
    expect(shownOf({ name: 'wiki' })).toMatchObject({ name: 'wiki', icon: 'W' })
    expect(shownOf({ icon: '👩🏽‍🔬' })).toMatchObject({ name: 'app.example.com', icon: '👩🏽‍🔬' })
    expect(shownOf({ name: '…' })).toMatchObject({ icon: '•' })
  })

  const ofLine = (most: number) => `must be one line of text, with at most ${most} characters`
  it.each([
    [{ name: '' }, `name ${ofLine(60)}`],
    [{ name: ' ' }, `name ${ofLine(60)}`],
    [{ name: 'x'.repeat(61) }, `name ${ofLine(60)}`],
    [{ name: 'a\nb' }, `name ${ofLine(60)}`],
    [{ name: 'a\u202eb' }, `name ${ofLine(60)}`],
    [{ description: 'x'.repeat(201) }, `description ${ofLine(200)}`],
    [{ icon: 'AB' }, 'icon must be one letter, one emoji, or an image as a data: URL'],
    [{ icon: 'https://x.example/i.png' }, 'icon must be one letter'],
    [{ icon: 'data:text/html,<script>' }, 'icon must be one letter'],
    [{ icon: `data:image/png;base64,${'A'.repeat(8192)}` }, 'icon must be one letter'],
  ])('is not by %j', (shown, fault) => {
    const [told = ''] = faultsOf({ sites: [{ ...site, ...shown }] })
    expect(told).toContain(`sites[0].${fault}`)
  })
})
