import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/policy.ts'
import { findSite, matchRoute } from '../../src/site/match.ts'
import { siteOf } from '../support/site.ts'

const group = (name: string): Policy => ({
  kind: 'rule',
  rule: { kind: 'group', name, connection: null },
})
const routesOf = (paths: Record<string, Policy>) =>
  Object.entries(paths).map(([path, policy]) => ({ path, policy }))

const site = siteOf({
  routes: routesOf({
    '/': { kind: 'signed-in' },
    '/public': { kind: 'public' },
    '/admin': group('admins'),
    '/admin/help': { kind: 'public' },
    '/Reports': group('reports'),
    '/same': { kind: 'signed-in' },
  }),
})

/** As the Worker sees it: after the URL parser. */
const match = (path: string, of = site) => {
  const found = matchRoute(of, new URL(`https://app.example.com${path}`).pathname)
  return found.kind === 'route' ? found.route.path : found.kind
}

describe('findSite', () => {
  const sites = [siteOf(), siteOf({ url: 'http://localhost:8787' })]
  const find = (url: string) => findSite(sites, new URL(url))?.url ?? null

  it('finds a site by its exact host and port', () => {
    expect(find('https://app.example.com/x')).toBe('https://app.example.com')
    expect(find('https://APP.example.com:443/')).toBe('https://app.example.com')
    expect(find('http://localhost:8787/')).toBe('http://localhost:8787')
  })

  it('knows no other host, port or trailing dot', () => {
    expect(find('https://example.com/')).toBeNull()
    expect(find('https://x.app.example.com/')).toBeNull()
    expect(find('https://app.example.com:8443/')).toBeNull()
    expect(find('http://localhost/')).toBeNull()
    expect(find('https://app.example.com./')).toBeNull()
  })
})

describe('matchRoute', () => {
  it('takes the most specific route, on segment boundaries', () => {
    expect(match('/')).toBe('/')
    expect(match('/news')).toBe('/')
    expect(match('/public')).toBe('/public')
    expect(match('/public/')).toBe('/public')
    expect(match('/public/logo.svg')).toBe('/public')
    expect(match('/publicity')).toBe('/')
    expect(match('/admin/users/7')).toBe('/admin')
    expect(match('/admin/help/me')).toBe('/admin/help')
    expect(match('/Reports/2026')).toBe('/Reports')
  })

  it('has no route for what nothing covers', () => {
    const narrow = siteOf({ routes: routesOf({ '/app': { kind: 'signed-in' } }) })
    expect(match('/', narrow)).toBe('no-route')
    expect(match('/application', narrow)).toBe('no-route')
    expect(match('/APP', narrow)).toBe('no-route')
    expect(match('/app/x', narrow)).toBe('/app')
  })

  it('lets pass what every origin reads alike, however odd', () => {
    expect(match('/files/annual%20report%20(final).pdf')).toBe('/')
    expect(match('/wiki/caf%C3%A9')).toBe('/')
    expect(match('/wiki/ümlaut')).toBe('/')
    expect(match('/save-50%25-today')).toBe('/')
    expect(match('/img/https%3A%2F%2Fcdn.example%2Fa.png%3Fw%3D2')).toBe('/')
    expect(match('/a//b')).toBe('/')
    expect(match('/shop;jsessionid=7F/cart')).toBe('/')
    expect(match('/SAME/x')).toBe('/')
    expect(match('/public/a;v=1/b')).toBe('/public')
    expect(match('/x/../public/y')).toBe('/public')
    expect(match('/x/%2e%2e/public/y')).toBe('/public')
    expect(match('/a.b/.well-known/c.d')).toBe('/')
  })

  it.each([
    ['another case', '/ADMIN/users'],
    ['another case', '/reports'],
    ['a double slash', '//admin'],
    ['a host before the path', '//evil.example/admin'],
    ['a host before the path, encoded', '/%2fevil.example/admin'],
    ['a double slash inside', '/admin//help'],
    ['an encoded letter', '/%61dmin'],
    ['an encoded slash', '/%2fadmin'],
    ['an encoded slash inside', '/admin%2fhelp'],
    ['a slash encoded twice', '/%252fadmin'],
    ['a letter encoded thrice', '/%25252561dmin'],
    ['an encoded backslash', '/%5cadmin'],
    ['a parameter', '/admin;x/users'],
    ['a parameter that hides a slash', '/x;%2fy/admin'],
    ['a slash that goes with its parameter', '/x;a%2fb/admin'],
    ['a slash that goes with its parameter, twice encoded', '/x%253ba%252fb/admin'],
    ['an encoded question mark', '/admin%3fx'],
    ['an encoded hash', '/admin%23x'],
    ['a trailing dot', '/admin./users'],
    ['a trailing encoded dot', '/admin%2e'],
    ['a trailing space', '/admin%20/users'],
    ['a leading space', '/%20admin'],
    ['a full-width letter', '/%EF%BD%81dmin'],
    ['a full-width slash', '/public%EF%BC%8F..%EF%BC%8Fadmin'],
    ['a full-width percent sign', '/%EF%BC%8561dmin'],
    ['a dotless i', '/adm%C4%B1n'],
    ['an invisible character', '/ad%E2%80%8Bmin'],
    ['our own prefix', '/%2egatehouse/login'],
    ['our own prefix', '//.gatehouse/login'],
    ['our own prefix', '/.GATEHOUSE/login'],
    ['our own prefix', '/x%2f..;/.gatehouse/login'],
  ])('refuses %s that reads as another policy: %s', (_, path) => {
    expect(match(path)).toBe('ambiguous')
  })

  it.each([
    ['disguised dots', '/public/..;/admin'],
    ['disguised dots', '/public/..;x=1/admin'],
    ['disguised dots', '/public/%252e%252e/admin'],
    ['disguised dots', '/public/..%2fadmin'],
    ['disguised dots', '/public/..%5cadmin'],
    ['disguised dots', '/public/..%20/admin'],
    ['disguised dots', '/public/%E2%80%A5/admin'],
    ['disguised dots', '/public/.%E2%80%8B./admin'],
    ['disguised dots', '/public/.%ff./admin'],
    ['disguised dots', '/public/%u002e%u002e/admin'],
    ['disguised dots that lead to the route above', '/public/..%2fx'],
    // nginx: `location /static { alias /srv/public/; }` makes /srv/public/../admin of these.
    ['a folder in the place of a text', '/static../admin'],
    ['a folder in the place of a text', '/static%2e%2e/admin'],
    ['a folder in the place of a text', '/static..%2fadmin'],
    ['a folder in the place of a text', '/static..//admin/help'],
    ['three dots', '/public/.../admin'],
    ['three dots before a host', '/.../evil.example/admin'],
    ['three dots that climb over two names', '/public/x/...'],
    ['dots that climb over all of two', '/public/x/..%2f..%2fy'],
    ['a name that ends at a NUL', '/admin%00.html'],
    ['a name that ends at a NUL, encoded twice', '/admin%2500/x'],
    ['a control character that is dropped', '/ad%0Amin'],
    ['a tab at the end', '/admin%09/users'],
    ['a second request in the first', '/public/x%20HTTP/1.1%0d%0a%0d%0aGET%20/y'],
    ['a second request in the first', '/public/%0aGET%20/admin'],
    ['a byte that is no UTF-8 and is dropped', '/ad%ffmin'],
    ['a byte that is no UTF-8 and loses its accent', '/%e1dmin'],
    ['a byte of Windows that loses its accent', '/report%9a'],
    ['a letter that loses its accent', '/%C3%A1dmin'],
    ['an escape of IIS', '/%u0061dmin'],
    ['a percent sign that is dropped', '/ad%min'],
    ['a percent sign that is dropped', '/admin%'],
    ['a stream of NTFS', '/admin::$INDEX_ALLOCATION/x'],
    ['a stream of NTFS', '/admin:$i30:$INDEX_ALLOCATION/x'],
    ['PATH_INFO', '/index.php/admin/users'],
    ['PATH_INFO', '/.php/admin'],
    ['PATH_INFO', '/app.servlet/admin'],
    ['PATH_INFO of a script with the longest extension', `/x.a${'b'.repeat(15)}/admin`],
    ['PATH_INFO', '/INDEX.PHP/admin'],
    ['PATH_INFO', '/app.fcgi//admin'],
    ['PATH_INFO', '/public/index.php/admin'],
    ['PATH_INFO', '/x/y/web.aspx%2fadmin'],
    ['PATH_INFO', '/index.php;x/admin'],
    ['PATH_INFO', '/index.php//evil.example/admin'],
    ['PATH_INFO of a name that the server completes', '/index/admin'],
    ['PATH_INFO of a script without an extension', '/cgi-bin/app/admin'],
    ['PATH_INFO of our own prefix', '/index.php/.gatehouse/login'],
    ['PATH_INFO below a script that stays where it is', '/admin/index.php/help'],
  ])('refuses %s: %s', (_, path) => {
    expect(match(path)).toBe('ambiguous')
  })

  it.each([
    ['an overlong dot', '/public/%c0%ae%c0%ae/admin'],
    ['an overlong slash', '/public/x%c0%afy'],
    ['an overlong slash in two layers', '/public/x%C0%25AFy'],
    ['an overlong slash of three bytes', '/public/x%e0%80%afy'],
    ['encoding without end', `/public/%6${'%3'.repeat(9)}1`],
    ['encoding in five layers', '/public/%6%3%3%3%31'],
    ['bytes without end', `/public/${'%e9'.repeat(1400)}`],
    ['4,097 characters with a byte that is no UTF-8', `/public/%e9${'x'.repeat(4086)}`],
    ['4,097 characters with a control character', `/public/%0a${'x'.repeat(4086)}`],
    ['4,097 characters with an escape in two layers', `/public/%2561${'x'.repeat(4084)}`],
    ['more than 200 segments with a script', `/public/a.php${'/a'.repeat(199)}`],
    ['more than 200 segments with an empty one', `/public/${'/a'.repeat(199)}`],
    ['names without end', `/public${'/a%20b'.repeat(200)}`],
    ['names between encoded separators', `/public/a${'%2fb'.repeat(199)}`],
  ])('refuses %s wherever it is, for it may be anything: %s', (_, path) => {
    expect(match(path)).toBe('ambiguous')
  })

  it.each([
    ['/files/caf%E9.txt', '/'],
    ['/public/caf%E9.txt', '/public'],
    ['/public/%e9', '/public'],
    ['/wiki/%D6%D0%CE%C4', '/'],
    ['/wiki/100%', '/'],
    ['/public/100%_sure', '/public'],
    ['/public/%zz', '/public'],
    ['/public/50%25ab', '/public'],
    ['/wiki/a%0Ab', '/'],
    ['/public/a%0d%0ab%20c', '/public'],
    ['/public/a%09b', '/public'],
    ['/public/a%00.html', '/public'],
    ['/public/%ed%a0%80', '/public'],
    ['/public/%u00e9', '/public'],
    ['/...', '/'],
    ['/wiki/...', '/'],
    ['/public/a/b/...', '/public'],
    ['/public/wait...', '/public'],
    ['/public/wait.../edit', '/public'],
    ['/public/wait..', '/public'],
    ['/public/a/..%2fb', '/public'],
    [`/public/%${'25'.repeat(9)}61`, '/public'],
    [`/public/${'%e4%b8%ad'.repeat(1000)}`, '/public'],
    [`/public/${'%e9'.repeat(1300)}`, '/public'],
    ['/public/%6%3%3%31', '/public'],
    [`/public/%e9${'x'.repeat(4085)}`, '/public'],
    [`/public/%0a${'x'.repeat(4085)}`, '/public'],
    [`/public/%2561${'x'.repeat(4083)}`, '/public'],
    [`/public/%c3%a9${'x'.repeat(9000)}`, '/public'],
    [`/public${'/a%20b'.repeat(199)}`, '/public'],
    [`/x.a${'b'.repeat(16)}/admin`, '/'],
    [`/public/a${'%2fb'.repeat(198)}`, '/public'],
    [`/public${'/a'.repeat(2000)}`, '/public'],
    ['/wiki/Special:Users', '/'],
    ['/index.php', '/'],
    ['/index.php/news/admin', '/'],
    ['/public/index.php/news', '/public'],
    ['/public/v1.0/admin', '/public'],
    ['/.well-known/admin', '/'],
    ['/admin/index.php', '/admin'],
    ['/admin/index.php/users', '/admin'],
    ['/same/index.php/users', '/same'],
  ])('lets pass what may be read in several ways, all under one policy: %s', (path, route) => {
    expect(match(path)).toBe(route)
  })

  it('knows a script that has a route of its own, and still guards what it may lead to', () => {
    const scripts = siteOf({
      routes: routesOf({
        '/': { kind: 'signed-in' },
        '/hook.php': { kind: 'public' },
        '/api/hook.php': { kind: 'public' },
        '/admin': group('admins'),
        '/index.php/admin': group('admins'),
      }),
    })
    expect(match('/hook.php/github', scripts)).toBe('/hook.php')
    expect(match('/api/hook.php/github', scripts)).toBe('/api/hook.php')
    expect(match('/hook.php/admin', scripts)).toBe('ambiguous')
    expect(match('/api/hook.php/admin/x', scripts)).toBe('ambiguous')
    expect(match('/index.php/admin/x', scripts)).toBe('/index.php/admin')
    expect(match('/index.php/news', scripts)).toBe('/')
  })

  it('refuses what may lead out of all routes', () => {
    const narrow = siteOf({ routes: routesOf({ '/app': { kind: 'public' } }) })
    expect(match('/app/..%2fsecret', narrow)).toBe('ambiguous')
    expect(match('/app/x/..%2fy', narrow)).toBe('/app')
    expect(match('/app/%e9', narrow)).toBe('/app')
    expect(match('/app/index.php/secret', narrow)).toBe('/app')
  })

  it('refuses a case that two routes of different policy share', () => {
    const twins = siteOf({ routes: routesOf({ '/a': { kind: 'public' }, '/A': group('x') }) })
    expect(match('/a', twins)).toBe('ambiguous')
    expect(match('/A/b', twins)).toBe('ambiguous')
  })

  const hostile =
    '. ; %20 %2e %3b / %2f %25 a. %e2%80%8b %e9 %0a%20 %00 % %u0061 %c3%a1 x.php/ ..%2f/ /a%3bb%2f : :$'.split(
      ' ',
    )

  it('judges a hostile path of any length without choking on it', () => {
    for (const unit of hostile) {
      expect(match(`/x${unit.repeat(100_000 / unit.length)}x`)).toMatch(/^(\/|ambiguous)$/)
    }
  })
})

describe('whatever an origin makes of a path that passed', () => {
  const policies: readonly Policy[] = [{ kind: 'public' }, { kind: 'signed-in' }, group('admins')]
  const name = fc.constantFrom('admin', 'a', 'b', 'Help', '*')
  const routePath = fc.array(name, { maxLength: 3 }).map((names) => `/${names.join('/')}`)
  const someSite = fc
    .uniqueArray(fc.tuple(routePath, fc.constantFrom(...policies)), {
      minLength: 1,
      maxLength: 5,
      selector: ([path]) => path.toLowerCase(),
    })
    .map((routes) => siteOf({ routes: routes.map(([path, policy]) => ({ path, policy })) }))
  const separator = fc.constantFrom('/', '/', '/', '/', '//', '%2f', '%2f', '%252f', '%5c')
  const dressed = fc.constantFrom(
    ...'admin admin a b x x .. .. ..; ..%20 %252e. HELP %2561 a. b%20'.split(' '),
    ...'... index.php %e1 ad%ffmin ad%00min admin%00x a%0a %c3%a1 %u0061dmin b%09 b% 50%25ab'.split(
      ' ',
    ),
    ...'ad%0dmin a%25 %E9 a%2500 %e9dmin .%ff. x.cgi'.split(' '),
  )
  const ending = fc.constantFrom('', '', '', '', '', '', ';x=1', '%3b', '%3fx')
  const somePath = fc
    .array(fc.tuple(separator, dressed, ending), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.flat().join('')}`.replace(/^\/\//, '/'))

  /** What real programs do to a path, one at a time. None of it is the code under test. */
  const steps: Readonly<Record<string, (path: string) => string>> = {
    decode: (path) => decodeLoosely(path),
    decodeUnlessSeparator: (path) =>
      path.replace(/%(?!2f|5c|3b)[0-9a-f]{2}/gi, (escape) => decodeLoosely(escape)),
    backslash: (path) => path.replaceAll('\\', '/'),
    collapse: (path) => path.replace(/\/+/g, '/'),
    stripParameters: (path) => path.replace(/;[^/]*/g, ''),
    stripSessionId: (path) => path.replace(/;x=1[^/]*/, ''),
    resolve: (path) => new URL(`https://x.test${path.replace(/^\/*/, '/')}`).pathname,
    resolveAsReference: (path) =>
      URL.canParse(path, 'https://x.test') ? new URL(path, 'https://x.test').pathname : path,
    stripDots: (path) =>
      path.replace(/[. ]+(?=\/|$)/g, (dots) => (dots === '.' || dots === '..' ? dots : '')),
    lower: (path) => path.toLowerCase(),
    cutQuery: (path) => path.replace(/[?#].*$/s, ''),
    // C reads text to its NUL; a request line ends at its line break.
    cutAtNul: (path) => path.replace(/\0.*$/s, ''),
    cutLine: (path) => path.replace(/[\r\n].*$/s, ''),
    dropControls: (path) => path.replace(/\p{Cc}/gu, ''),
    // URL Standard: tabs and line breaks are removed wherever they are.
    dropLineBreaks: (path) => path.replace(/[\t\r\n]/g, ''),
    // `errors='ignore'` of Python, `//IGNORE` of iconv.
    decodeAndDrop: (path) =>
      path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
        new TextDecoder()
          .decode(Uint8Array.from(escapes.slice(1).split('%'), (hex) => parseInt(hex, 16)))
          .replaceAll('\ufffd', ''),
      ),
    decodeOfIis: (path) =>
      path.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    // Collations of databases, best fit of Windows.
    withoutAccents: (path) => path.normalize('NFD').replace(/[\u0300-\u036f]/g, ''),
    trim: (path) => path.replace(/\s+(?=\/|$)/g, ''),
    // Windows 95, and servers that were written for it.
    threeDots: (path) => path.replace(/\/\.\.\.(?=\/|$)/g, '/../..'),
  }
  const someOrigin = fc.array(fc.constantFrom(...Object.keys(steps)), {
    maxLength: 14,
    size: 'max',
  })

  it('has the policy that it passed by', () => {
    let passed = 0
    fc.assert(
      fc.property(someSite, somePath, someOrigin, (of, path, origin) => {
        const { pathname } = new URL(`https://app.example.com${path}`)
        const found = matchRoute(of, pathname)
        if (found.kind !== 'route') return
        passed++
        const read = origin.reduce((text, step) => steps[step]?.(text) ?? text, pathname)
        expect(policyOf(of, read), read).toBe(JSON.stringify(found.route.policy))
      }),
      { numRuns: 10_000 },
    )
    expect(passed).toBeGreaterThan(1_500)
  })

  // RFC 3875 §4.1.5: what is behind the script is a path of its own; the script's own URL path may
  // be kept as its base, in whole or in part.
  it('has it by PATH_INFO too, or that of a route above the one it passed by', () => {
    let passed = 0
    const base = fc.constantFrom('', '/a', '/a/b', '/public', '/%2561')
    const script = fc.constantFrom('/index.php', '/x.cgi', '/Web.ASPX', '/index', '/cgi-bin/app')
    fc.assert(
      fc.property(someSite, base, script, somePath, someOrigin, (of, dir, at, path, origin) => {
        const { pathname } = new URL(`https://app.example.com${dir}${at}${path}`)
        const found = matchRoute(of, pathname)
        if (found.kind !== 'route' || !pathname.startsWith(`${dir}${at}/`)) return
        passed++
        const info = pathname.slice(dir.length + at.length)
        for (const kept of ['', dir]) {
          const read = origin.reduce((text, step) => steps[step]?.(text) ?? text, kept + info)
          const route = routeOf(of, read)
          const isAbove = route === undefined || `${found.route.path}/`.startsWith(route.path)
          const policy = JSON.stringify(route?.policy ?? null)
          if (!isAbove) expect(policy, read).toBe(JSON.stringify(found.route.policy))
        }
      }),
      { numRuns: 10_000 },
    )
    expect(passed).toBeGreaterThan(1_500)
  })

  it('is what it was by: on a site of one policy nothing is refused for it', () => {
    fc.assert(
      fc.property(fc.array(routePath, { maxLength: 4 }), somePath, (paths, path) => {
        const routes = ['/', ...paths].map((at) => ({
          path: at,
          policy: { kind: 'public' } as const,
        }))
        const { pathname } = new URL(`https://app.example.com${path}`)
        expect(matchRoute(siteOf({ routes }), pathname).kind).toBe('route')
      }),
      { numRuns: 10_000 },
    )
  })
})

const decodeLoosely = (path: string): string =>
  path.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)))

/** As an origin that does not mind case finds its handler. */
const routeOf = (of: ReturnType<typeof siteOf>, path: string) => {
  const paths = of.routes.map((route) => route.path)
  const found = plainModel(
    paths.map((each) => each.toLowerCase()),
    path.toLowerCase(),
  )
  return of.routes.find((route) => route.path.toLowerCase() === found)
}

const policyOf = (of: ReturnType<typeof siteOf>, path: string): string =>
  JSON.stringify(routeOf(of, path)?.policy ?? null)

describe('a route with *', () => {
  const teams = siteOf({
    routes: routesOf({
      '/': { kind: 'signed-in' },
      '/teams': { kind: 'public' },
      '/teams/*': group('team'),
      '/teams/*/settings': group('owners'),
      '/teams/core': group('core'),
      '/*/secret': group('keepers'),
    }),
  })

  it.each([
    ['/teams', '/teams'],
    ['/teams/', '/teams'],
    ['/teams/a', '/teams/*'],
    ['/teams/a/', '/teams/*'],
    ['/teams/a/b/c', '/teams/*'],
    ['/teams/a/settings', '/teams/*/settings'],
    ['/teams/a/settings/x', '/teams/*/settings'],
    // The first segment that differs decides: a name comes before *.
    ['/teams/core/settings', '/teams/core'],
    ['/teams/secret', '/teams/*'],
    ['/a/secret', '/*/secret'],
    ['/a/secrets', '/'],
    ['/a/b/secret', '/'],
    // Everyday names that are encoded, or may be scripts.
    ['/teams/a%20b/settings', '/teams/*/settings'],
    ['/teams/caf%C3%A9', '/teams/*'],
    ['/teams/core/a%20b', '/teams/core'],
    ['/teams/a/report%20(final).pdf', '/teams/*'],
    ['/teams/*/settings', '/teams/*/settings'],
  ])('%s is at %s', (path, route) => {
    expect(match(path, teams)).toBe(route)
  })

  it.each([
    '/teams/a%2fsettings',
    '/teams//settings',
    '/teams/a//settings',
    '/teams/CORE/x',
    '/teams/%63ore',
    '/teams/a/%73ettings',
    '/teams/core;x/settings',
    '/teams/a/..;/settings',
    '/teams/a/x%2f..%2fsettings',
    '/TEAMS/a',
    '/index.php/teams/a/settings',
    '/a/secret%2f..',
    '/a/index.php/b/secret',
  ])('refuses %s that reads as another policy', (path) => {
    expect(match(path, teams)).toBe('ambiguous')
  })

  it('is at every path that a plain model says, and at no other', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const pattern = fc
      .array(fc.oneof(name, fc.constant('*')), { maxLength: 3 })
      .map((names) => `/${names.join('/')}`)
    fc.assert(
      fc.property(
        fc.uniqueArray(pattern, { minLength: 1, maxLength: 6 }),
        fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`),
        (patterns, path) => {
          const some = siteOf({
            routes: patterns.map((each, i) => ({ path: each, policy: group(String(i)) })),
          })
          expect(match(path, some)).toBe(plainModel(patterns, path))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** As docs/policies.md says: segment by segment from the left, those that have a name go on. */
function plainModel(patterns: readonly string[], path: string): string {
  const split = (text: string) => text.split('/').filter((segment) => segment !== '')
  const wanted = split(path)
  let left = patterns.filter((pattern) => {
    // Dots are no name.
    const text = pattern.replaceAll('*', String.raw`(?!\.\.?(?:/|$))[^/]+`).replace(/\/$/, '')
    const regExp = new RegExp(`^${text}(/.*)?$`, 's')
    return regExp.test(path)
  })
  if (left.length === 0) return 'no-route'
  for (let i = 0; left.length > 1; i++) {
    const longer = left.filter((pattern) => split(pattern).length > i)
    const named = longer.filter((pattern) => split(pattern)[i] === wanted[i])
    left = named.length > 0 ? named : longer
  }
  return left[0] ?? 'no-route'
}
