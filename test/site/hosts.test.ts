import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { hostAt } from '../../src/site/host.ts'
import { hostsOf } from '../../src/site/hosts.ts'
import { findSite } from '../../src/site/match.ts'
import { siteOf } from '../support/site.ts'

const FAMILY = 'https://*.preview.example.com'
const routes = [{ path: '/', access: 'signed-in' }]
const sitesOf = (...sites: readonly unknown[]) => {
  const parsed = parseConfig({ loginHost: { url: 'https://login.example.com' }, sites })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value.sites
}
const faultsOf = (...sites: readonly unknown[]) => {
  const parsed = parseConfig({ loginHost: { url: 'https://login.example.com' }, sites })
  return parsed.ok ? [] : parsed.error.map(({ at, problem }) => `${at} ${problem}`)
}
const at = (sites: ReturnType<typeof sitesOf>, url: string) => findSite(sites, new URL(url))

afterEach(() => vi.restoreAllMocks())

describe('a site with a * in place of its first label', () => {
  const sites = sitesOf(
    { url: FAMILY, origin: 'https://*.pages.example.net', routes },
    { url: 'https://main.preview.example.com', origin: 'https://main.example.net', routes },
  )

  it('stands for each name of one label, with an origin of the same label', () => {
    expect(at(sites, 'https://pr-7.preview.example.com/x')).toMatchObject({
      authority: 'pr-7.preview.example.com',
      url: 'https://pr-7.preview.example.com',
      origin: { kind: 'url', url: 'https://pr-7.pages.example.net', host: 'origin' },
    })
  })

  it('gives way to a site that is named', () => {
    const found = at(sites, 'https://main.preview.example.com')
    expect(found?.origin).toMatchObject({ url: 'https://main.example.net' })
  })

  it.each([
    'https://preview.example.com',
    'https://a.b.preview.example.com',
    'https://*.preview.example.com',
    'https://-a.preview.example.com',
    'https://a-.preview.example.com',
    'https://a_b.preview.example.com',
    `https://${'a'.repeat(64)}.preview.example.com`,
    'https://a.preview.example.com.',
    'https://a.preview.example.com:8443',
    'https://a.preview.example.com.evil.example',
    'https://apreview.example.com',
  ])('does not stand for %s', (url) => {
    expect(at(sites, url)).toBeNull()
  })

  it('has the origin that a function gives for the label', () => {
    const origin = (label: string) =>
      label === 'gone' ? null : `https://${label}.internal.example.net`
    const some = sitesOf({ url: FAMILY, origin, routes })
    expect(at(some, 'https://a.preview.example.com')?.origin).toEqual({
      kind: 'url',
      url: 'https://a.internal.example.net',
      host: 'origin',
    })
    expect(at(some, 'https://gone.preview.example.com')).toBeNull()
  })

  it.each([
    ['http over the internet', 'http://a.example.net'],
    ['a path', 'https://a.example.net/x'],
    ['a user', 'https://u:p@a.example.net'],
    ['no URL', 'a.example.net'],
    ['no text', 7],
  ])('is not there when the function gives %s, and the log says so', (_, given) => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const some = sitesOf({ url: FAMILY, origin: () => given, routes })
    expect(at(some, 'https://a.preview.example.com')).toBeNull()
    expect(error.mock.calls).toEqual([
      ['{"fault":"the origin of a label is no https URL of a host","label":"a"}'],
    ])
  })

  it('may have one service for all', () => {
    const some = sitesOf({ url: FAMILY, origin: { service: 'APP' }, routes })
    expect(at(some, 'https://a.preview.example.com')?.origin).toEqual({
      kind: 'service',
      binding: 'APP',
    })
  })

  it('is found by the login host too, as a host of its own', () => {
    const hosts = hostsOf(siteOf({ url: 'https://a.preview.example.com' }), sites, [])
    expect(hosts.find('b.preview.example.com')?.url).toBe('https://b.preview.example.com')
    expect(hosts.find('a.preview.example.com')).toBeNull()
    expect(hosts.find('*.preview.example.com')).toBeNull()
    expect(hostAt(sites, 'b.preview.example.com')?.label).toBe('b')
  })

  it('gets no sign-in from the login host where the function says that there is none', () => {
    const origin = (label: string) => (label === 'gone' ? null : 'https://o.example.net')
    const some = sitesOf({ url: FAMILY, origin, routes })
    const hosts = hostsOf(siteOf({ url: 'https://login.example.com' }), some, [])
    expect(hosts.find('b.preview.example.com')?.url).toBe('https://b.preview.example.com')
    expect(hosts.find('gone.preview.example.com')).toBeNull()
  })

  it.each([
    ['https://*.com', '* only in place of its first label'],
    ['https://*', '* only in place of its first label'],
    ['https://a.*.example.com', '* only in place of its first label'],
    ['https://*.*.example.com', '* only in place of its first label'],
    ['https://x*.example.com', '* only in place of its first label'],
  ])('cannot be %s', (url, problem) => {
    expect(faultsOf({ url, origin: 'https://o.example.net', routes }).join()).toContain(problem)
  })

  it('is one of the config only once, and is no login host', () => {
    const site = { url: FAMILY, origin: 'https://o.example.net', routes }
    expect(faultsOf(site, site)).toContain('sites[1].url is the host of an earlier site')
    const parsed = parseConfig({ sites: [site] })
    expect(parsed.ok ? [] : parsed.error.map((fault) => fault.at)).toEqual(['loginHost'])
    // It is not proposed either.
    expect(JSON.stringify(parsed)).not.toContain('*')
    const named = parseConfig({ loginHost: FAMILY, sites: [site] })
    expect(named.ok ? [] : named.error.map((fault) => fault.problem)).toEqual([
      'is one host, so it has no *',
    ])
  })

  it('is the only kind of site whose origin goes by a label', () => {
    const site = { url: 'https://a.example.com', routes }
    const origins = ['https://*.example.net', { url: 'https://*.example.net' }, () => null]
    for (const origin of origins) {
      expect(faultsOf({ ...site, origin })).toEqual([
        'sites[0].origin is chosen by the label of the site, so the url of the site needs a *: https://*.example.com',
      ])
    }
  })
})

describe('what a site adds to requests', () => {
  const of = (origin: unknown) =>
    sitesOf({ url: 'https://a.example.com', origin, routes })[0]?.originTerms

  it('is a path, headers and a limit of time', () => {
    const headers = { 'X-Api-Key': { secret: 'WIKI_KEY' }, 'X-Env': 'production' }
    expect(
      of({ url: 'https://o.example.net', path: '/wiki', headers, timeoutSeconds: 20 }),
    ).toEqual({
      path: '/wiki',
      headers: [
        { name: 'X-Api-Key', secret: 'WIKI_KEY' },
        { name: 'X-Env', text: 'production' },
      ],
      timeoutSeconds: 20,
    })
    expect(of({ service: 'APP', headers: { Authorization: { secret: 'KEY' } } })).toEqual({
      path: '',
      headers: [{ name: 'Authorization', secret: 'KEY' }],
      timeoutSeconds: null,
    })
  })

  const url = 'https://o.example.net'
  const wrong =
    'Host|Cookie|X-Forwarded-For|x-gatehouse-user|Remote-User|Sec-Fetch-Mode|Content-Length|Connection|CF-Connecting-IP|X-Real-IP|a b|X-Ä|'
  it.each(wrong.split('|'))('is not the header %j', (name) => {
    expect(
      faultsOf({ url: 'https://a.example.com', origin: { url, headers: { [name]: 'x' } }, routes }),
    ).toEqual([expect.stringContaining('is not a header that you can add')])
  })

  it.each([
    [{ url, headers: { 'X-A': 'a\nb' } }, 'must be visible ASCII characters'],
    [{ url, headers: { 'X-A': { secret: 'a-b' } } }, 'must be the name of a secret'],
    [{ url, path: '/' }, 'must begin with / and have plain segments'],
    [{ url, path: '/a/' }, 'must begin with / and have plain segments'],
    [{ url, path: '/a/../b' }, 'must begin with / and have plain segments'],
    [{ url, path: '/%61' }, 'must begin with / and have plain segments'],
    [{ url, timeoutSeconds: 101 }, 'from 1 to 100'],
    [{ url, time: 5 }, 'is not an option here'],
    [{ service: 'APP', path: '/x' }, 'is not an option here'],
    [7, 'must be a URL such as'],
  ])('is not %j', (origin, problem) => {
    const faults = faultsOf({ url: 'https://a.example.com', origin, routes })
    expect(faults.join()).toContain(problem)
  })
})
