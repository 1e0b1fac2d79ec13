/** What a site adds to each request to its origin: a path, headers, a limit of time. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { parseEnv } from '../../src/env.ts'
import { createOriginFetch, lateAfterSeconds } from '../../src/proxy/forward.ts'
import { changeToVisitor } from '../../src/proxy/response-headers.ts'
import { matchRoute } from '../../src/site/match.ts'
import type { OriginTerms } from '../../src/site/site.ts'
import { background } from '../support/background.ts'
import { createGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'
import { siteOf, visitOf } from '../support/site.ts'

const termsOf = (fields: Partial<OriginTerms>): OriginTerms => ({
  path: '',
  headers: [],
  timeoutSeconds: null,
  ...fields,
})
const wiki = { originTerms: termsOf({ path: '/wiki' }) }
const url = (path: string) => `https://app.example.com${path}`

let token = ''
beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
  token = (await signIn()).token
})

describe('a site that is a path of its origin', () => {
  it('asks for its paths below that one', async () => {
    const { ask, sent } = createGate({ site: wiki })
    for (const path of ['/', '/a/b?c=d', '/wiki/x', '/caf%C3%A9', '/a%20b']) {
      await ask(requestWith(token, url(path)))
    }
    expect(sent.map((request) => request.url)).toEqual([
      'https://origin.example.net/wiki/',
      'https://origin.example.net/wiki/a/b?c=d',
      'https://origin.example.net/wiki/wiki/x',
      'https://origin.example.net/wiki/caf%C3%A9',
      'https://origin.example.net/wiki/a%20b',
    ])
  })

  it.each([
    '/%2e%2e/admin',
    '/..%2fadmin',
    '/..%5cadmin',
    '/a/..%2f..%2fadmin',
    '/..;/admin',
    '/%252e%252e/admin',
    '/.%2e;x/admin',
    '//admin',
    '/a//..;/..;/admin',
  ])('does not send on %s, which an origin might read as one above', async (path) => {
    const { ask, sent } = createGate({ site: wiki })
    const response = await ask(requestWith(token, url(path)))
    // The runtime itself resolves `%2e%2e`: then the path is one below.
    if (sent.length > 0) expect(sent[0]?.url).toBe('https://origin.example.net/wiki/admin')
    else expect(response.status).toBe(400)
    expect(matchRoute(siteOf(wiki), path).kind === 'ambiguous' || sent.length > 0).toBe(true)
  })

  it('has the destinations of WebDAV below it too', async () => {
    const { ask, sent } = createGate({ site: wiki })
    const headers = { Destination: url('/b') }
    await ask(requestWith(token, url('/a'), { method: 'MOVE', headers }))
    expect(sent[0]?.headers.get('Destination')).toBe('https://origin.example.net/wiki/b')
  })

  const toVisitor = (headers: Record<string, string>) => {
    const changed = new Headers(headers)
    changeToVisitor(changed, visitOf(siteOf(wiki)), { isProtected: true, isProgram: false })
    return changed
  }

  it.each([
    ['/wiki/login?x=1#y', url('/login?x=1#y')],
    ['https://origin.example.net/wiki', url('/')],
    ['https://origin.example.net/wiki/a', url('/a')],
    ['//origin.example.net/wiki/a', url('/a')],
    ['https://app.example.com/wiki/a', url('/a')],
    ['relative', 'relative'],
    ['?q', '?q'],
    ['/wikipedia', '/wikipedia'],
    ['https://origin.example.net/other', 'https://origin.example.net/other'],
    ['https://elsewhere.example/wiki/a', 'https://elsewhere.example/wiki/a'],
  ])('sends the visitor from %s to %s', (given, shown) => {
    expect(toVisitor({ Location: given }).get('Location')).toBe(shown)
    expect(toVisitor({ Link: `<${given}>; rel=next` }).get('Link')).toBe(`<${shown}>; rel=next`)
  })

  it.each([
    ['a=1; Path=/wiki', 'a=1; Path=/'],
    ['a=1; Path=/wiki/', 'a=1; Path=/'],
    ['a=1; path = /wiki/x ; Secure', 'a=1; path = /x; Secure'],
    ['a=1; Path=/', 'a=1; Path=/'],
    ['a=1; Path=/wikipedia', 'a=1; Path=/wikipedia'],
    ['a=1', 'a=1'],
  ])('gives the cookie %s as %s', (given, shown) => {
    expect(toVisitor({ 'Set-Cookie': given }).getSetCookie()).toEqual([shown])
  })
})

describe('headers of a site', () => {
  const config = {
    sites: [
      {
        url: 'https://app.example.com',
        origin: {
          service: 'APP',
          headers: { 'X-Api-Key': { secret: 'WIKI_KEY' }, 'X-Env': 'test' },
        },
        routes: [{ path: '/', access: 'public' as const }],
      },
    ],
  }
  const bindings = (key: unknown, app: unknown = { fetch: () => undefined }) => ({
    ...env,
    APP: app,
    WIKI_KEY: key,
  })

  it('reach the origin in place of what the client says, the secret with its value', async () => {
    const seen: Headers[] = []
    const APP = {
      fetch: (to: string | Request, how: RequestInit) => {
        seen.push(new Request(to, how).headers)
        return Promise.resolve(new Response('ok'))
      },
    }
    const worker = createGatehouse(config)
    const request = new Request('https://app.example.com/', {
      headers: { 'X-Api-Key': 'mine', 'X-Env': 'mine' },
    })
    const response = await worker.fetch(request, bindings('s3cret', APP), background)
    expect(await response.text()).toBe('ok')
    expect(seen.map((headers) => [headers.get('X-Api-Key'), headers.get('X-Env')])).toEqual([
      ['s3cret', 'test'],
    ])
  })

  it.each([undefined, '', 'a\nb', 7])('stop the Worker where the secret is %j', (key) => {
    const parsed = parseConfig(config)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
    const read = parseEnv(bindings(key), parsed.value)
    expect(read.ok ? [] : read.error).toEqual([
      {
        at: 'WIKI_KEY',
        problem:
          'must be set, in visible ASCII, for the header X-Api-Key: npx wrangler secret put WIKI_KEY',
      },
    ])
  })
})

describe('the limit of time', () => {
  it('is that of the site, for requests without a body', () => {
    const site = siteOf({ originTerms: termsOf({ timeoutSeconds: 7 }) })
    expect(lateAfterSeconds(new Request(url('/')), site)).toBe(7)
    const upload = new Request(url('/'), { method: 'POST', body: 'x' })
    expect(lateAfterSeconds(upload, site)).toBeNull()
  })

  it("is Cloudflare's own over the network where the site has none, and 100 seconds for a Worker", () => {
    const service = siteOf({ origin: { kind: 'service', binding: 'APP' } })
    expect(lateAfterSeconds(new Request(url('/')), siteOf())).toBeNull()
    expect(lateAfterSeconds(new Request(url('/')), service)).toBe(100)
  })

  it('leaves an origin without terms as it is', async () => {
    const fetchOrigin = createOriginFetch({ services: new Map(), originSecrets: new Map() })
    const site = siteOf({ origin: { kind: 'service', binding: 'GONE' } })
    const how = {
      method: 'GET',
      headers: new Headers(),
      redirect: 'manual',
      encodeResponseBody: 'manual',
    } as const
    await expect(fetchOrigin(site, url('/'), how)).rejects.toThrow('no service GONE')
  })
})
