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
    ['disguised dots', '/public/.../admin'],
    ['a NUL', '/public/a%00.html'],
    ['a NUL encoded twice', '/public/a%2500'],
    ['a control character', '/public/a%0d%0ab'],
    ['a broken escape', '/public/%zz'],
    ['a broken escape', '/public/%'],
    ['an escape of IIS', '/public/%u002e%u002e'],
    ['an overlong dot', '/public/%c0%ae%c0%ae/admin'],
    ['an overlong slash', '/public/x%c0%afy'],
    ['bytes that are not UTF-8', '/public/%e9'],
    ['a surrogate', '/public/%ed%a0%80'],
    ['encoding without end', `/public/%${'25'.repeat(9)}61`],
  ])('refuses %s wherever it is: %s', (_, path) => {
    expect(match(path)).toBe('ambiguous')
  })

  it('refuses a case that two routes of different policy share', () => {
    const twins = siteOf({ routes: routesOf({ '/a': { kind: 'public' }, '/A': group('x') }) })
    expect(match('/a', twins)).toBe('ambiguous')
    expect(match('/A/b', twins)).toBe('ambiguous')
  })

  it('judges a hostile path of any length without choking on it', () => {
    for (const unit of ['.', ';', ' ', '%2e', '%3b', '%20', '/', '%2f', '%25', 'a.', '%e2%80%8b']) {
      expect(match(`/x${unit.repeat(400_000 / unit.length)}x`)).toMatch(/^(\/|ambiguous)$/)
    }
  })
})

describe('whatever an origin makes of a path that passed', () => {
  const policies: readonly Policy[] = [{ kind: 'public' }, { kind: 'signed-in' }, group('admins')]
  const name = fc.constantFrom('admin', 'a', 'b', 'Help')
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
    cutQuery: (path) => path.replace(/[?#].*$/, ''),
  }
  const someOrigin = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 6, size: 'max' })

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
      { numRuns: 30_000 },
    )
    expect(passed).toBeGreaterThan(4_000)
  })
})

const decodeLoosely = (path: string): string =>
  path.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)))

/** As an origin that does not mind case finds its handler. */
const policyOf = (of: ReturnType<typeof siteOf>, path: string): string => {
  const below = of.routes
    .filter(({ path: route }) =>
      `${path.toLowerCase()}/`.startsWith(route === '/' ? '/' : `${route.toLowerCase()}/`),
    )
    .toSorted((a, b) => b.path.length - a.path.length)
  return JSON.stringify(below[0]?.policy ?? null)
}
