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
    expect(configOf({ sites: [site] })).toEqual({
      revocationSeconds: 15,
      sites: [
        {
          host: 'app.example.com',
          url: 'https://app.example.com',
          origin: { kind: 'url', url: 'https://origin.example.net' },
          routes: [{ path: '/', policy: { kind: 'signed-in' } }],
          session: { absoluteSeconds: 28_800, idleSeconds: 3600 },
          tokenSeconds: 300,
          headers: 'gatehouse',
          corsOrigins: [],
          connections: null,
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
        { allOf: [{ emailDomain: 'example.com' }, { attribute: 'team', value: 'core' }] },
        { email: 'Zoe@example.com' },
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
              { kind: 'email-domain', domain: 'example.com' },
              { kind: 'attribute', name: 'team', value: 'core' },
            ],
          },
          { kind: 'email', email: 'zoe@example.com' },
          { kind: 'connection', connection: 'okta' },
        ],
      },
    })
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
      'sites[1].origin must be a URL such as https://origin.example.com, or { service: "BINDING" }',
      'sites[1].routes[0].path must begin with / and have plain segments: no //, no dots alone, no % or ;, no / at the end',
      'sites[1].routes[0].access must be "public", "signed-in" or a rule',
      expect.stringContaining('sites[1].routes[1].access must be one of { group }'),
    ])
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
      'sites[0].routes must have a route: what no route covers is denied',
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
      'sites[0].origin is the site itself: the proxy would call itself',
    ],
    [
      'an empty list of rules',
      { sites: [{ ...site, routes: [{ path: '/', access: { anyOf: [] } }] }] },
      'sites[0].routes[0].access.anyOf must not be empty',
    ],
    [
      'a route below our own prefix',
      { sites: [{ ...site, routes: [{ path: '/.gatehouse/x', access: 'public' }] }] },
      'sites[0].routes[0].path must not be below /.gatehouse, which is ours on every site',
    ],
  ])('refuses %s', (_, input, fault) => {
    expect(faultsOf(input)).toEqual([fault])
  })

  it.each(['//', '/a//b', '/a/', '/a/../b', '/.', '/a%2fb', '/a;b', '/a?b', '/a#b', '/é'])(
    'refuses the route path %s',
    (path) => {
      expect(faultsOf({ sites: [{ ...site, routes: [{ path, access: 'public' }] }] })).toEqual([
        expect.stringMatching(/^sites\[0\]\.routes\[0\]\.path must begin with \//),
      ])
    },
  )

  it('takes plain http for localhost', () => {
    expect(faultsOf({ sites: [{ ...site, url: 'http://localhost:8787' }] })).toEqual([])
    expect(faultsOf({ sites: [{ ...site, url: 'http://app.localhost:8787' }] })).toEqual([])
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
