import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createOriginFetch,
  forward,
  lateAfterSeconds,
  type Asking,
  type OriginFetch,
} from '../../src/proxy/forward.ts'
import { startWatch } from '../../src/proxy/watch.ts'
import { matchRoute } from '../../src/site/match.ts'
import type { Origin } from '../../src/site/site.ts'
import { createGate, navigation } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'
import { siteOf, visitOf } from '../support/site.ts'
import { fakeTimers } from './timers.ts'

const url = (path: string) => `https://app.example.com${path}`
let token = ''

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
  token = (await signIn()).token
})

/** On a public route, and with no resource named beside the URL: only the origin may be late. */
const asking = (fetchOrigin: OriginFetch, late: number | null = null): Asking => ({
  say: { identity: null, resources: [] },
  fetchOrigin,
  watch: startWatch({
    look: null,
    leftSeconds: () => 15,
    everySeconds: 15,
    isSending: false,
    lateAfterSeconds: late,
  }),
})

const text = new TextEncoder()
const untext = new TextDecoder()

describe('a request', () => {
  it('goes on with its method, path, query, headers and body', async () => {
    const bodies: string[] = []
    const { ask, sent } = createGate({
      origin: async (request) => {
        bodies.push(await request.text())
        return new Response(null, { status: 204 })
      },
    })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      const headers = { 'Content-Type': 'text/plain', 'X-Own': method }
      await ask(requestWith(token, url('/a?b=c'), { method, headers, body: `it is ${method}` }))
    }
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
    expect(bodies[1]).toBe('it is PUT')
    expect(sent[1]?.headers.get('X-Own')).toBe('PUT')
    expect(sent[1]?.headers.get('Content-Type')).toBe('text/plain')
    expect(sent[1]?.url).toBe('https://origin.example.net/a?b=c')
  })

  it.each([
    ['HEAD', {}],
    ['OPTIONS', {}],
    ['GET', { Range: 'bytes=0-9', 'If-Range': '"v1"' }],
    ['GET', { 'If-None-Match': '"v1"', 'If-Modified-Since': 'Tue, 24 Nov 2026 12:00:00 GMT' }],
    ['PUT', { 'If-Match': '"v1"' }],
    ['GET', { Authorization: 'Bearer of-the-site-itself', 'Accept-Encoding': 'br' }],
  ] as const)('of %s with %o is passed on as it is', async (method, headers) => {
    const { ask, sent } = createGate()
    await ask(requestWith(token, url('/'), { method, headers }))
    expect(sent[0]?.method).toBe(method)
    for (const [name, value] of Object.entries(headers)) {
      expect(sent[0]?.headers.get(name)).toBe(value)
    }
  })

  it('of somebody signed in is kept out of every cache on the way', async () => {
    const { ask, sent } = createGate({
      site: {
        routes: [
          { path: '/', policy: { kind: 'signed-in' } },
          { path: '/p', policy: { kind: 'public' } },
        ],
      },
    })
    // What the edge told us of the visitor is for no server on the network.
    const cf = { country: 'CH', cacheEverything: true }
    await ask(requestWith(token, url('/'), { cf }))
    await ask(new Request(url('/p'), { cf }))
    expect(sent.map((request) => request.cf)).toEqual([{ cacheTtl: -1, cacheLevel: 'bypass' }, {}])
    expect(sent.map(({ cache }) => cache)).toEqual([undefined, undefined])
  })

  it.each([
    ['https://origin.example.com', '?', 'https://origin.example.com'],
    ['https://origin.example.com', 'public', 'https://app.example.com'],
    ['https://app.example.com', 'public', 'https://app.example.com'],
  ] as const)('to %s, where the Host is the %s one, is for %s', async (origin, host, base) => {
    const { ask, sent } = createGate({
      site: { origin: { kind: 'url', url: origin, host: host === 'public' ? host : 'origin' } },
    })
    await ask(requestWith(token, url('/a?b')))
    expect(sent[0]?.url).toBe(`${base}/a?b`)
    const isElsewhere = origin !== base
    expect(sent[0]?.cf).toEqual({
      cacheTtl: -1,
      cacheLevel: 'bypass',
      ...(isElsewhere ? { resolveOverride: new URL(origin).hostname } : {}),
    })
    expect(sent[0]?.headers.get('X-Forwarded-Host')).toBe('app.example.com')
  })

  it('to a Worker behind tells it of the visitor what the edge told us', async () => {
    const { ask, sent } = createGate({ site: { origin: { kind: 'service', binding: 'APP' } } })
    await ask(requestWith(token, url('/'), { cf: { country: 'CH', colo: 'ZRH' } }))
    expect(sent[0]?.cf).toEqual({
      country: 'CH',
      colo: 'ZRH',
      cacheTtl: -1,
      cacheLevel: 'bypass',
    })
  })

  it('goes to a Worker by its binding, under the public address', async () => {
    const asked: string[] = []
    const service = {
      fetch: async (to: RequestInfo | URL) => {
        asked.push(new Request(to).url)
        return new Response('worker')
      },
      connect: () => {
        throw new Error('not asked')
      },
    }
    const origin: Origin = { kind: 'service', binding: 'APP' }
    const site = siteOf({ origin })
    const answer = await forward(
      new Request(url('/a?b')),
      visitOf(site, undefined, url('/a?b')),
      asking(
        createOriginFetch({ services: new Map([['APP', service]]), originSecrets: new Map() }),
      ),
    )
    expect(asked).toEqual(['https://app.example.com/a?b'])
    expect(answer.ok && (await answer.value.text())).toBe('worker')
  })
})

describe('an answer', () => {
  it.each([
    [206, { 'Content-Range': 'bytes 0-3/9', 'Accept-Ranges': 'bytes' }, 'part'],
    [304, { ETag: '"v1"' }, null],
    [204, {}, null],
    [404, { 'Content-Type': 'text/plain' }, 'not here, says the origin'],
    [500, { 'X-Own': '1' }, 'broken, says the origin'],
    [503, { 'Retry-After': '7' }, 'busy, says the origin'],
    [401, { 'WWW-Authenticate': 'Basic realm="origin"' }, 'the origin wants more'],
  ] as const)('of status %i is passed on as it is', async (status, headers, body) => {
    const { ask } = createGate({ origin: () => new Response(body, { status, headers }) })
    const answer = await ask(requestWith(token))
    expect(answer.status).toBe(status)
    for (const [name, value] of Object.entries(headers)) {
      expect(answer.headers.get(name)).toBe(value)
    }
    expect(await answer.text()).toBe(body ?? '')
  })

  it('that redirects is not followed', async () => {
    const headers = { Location: 'https://origin.example.net/next' }
    const { ask, sent } = createGate({ origin: () => new Response(null, { status: 302, headers }) })
    const answer = await ask(requestWith(token))
    expect(sent[0]?.redirect).toBe('manual')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('Location')).toBe(url('/next'))
  })

  it('is private to the visitor, and sets no cookie of ours', async () => {
    const headers = new Headers({ 'Cache-Control': 'public, max-age=9' })
    headers.append('Set-Cookie', '__Host-gatehouse=evil; Path=/; Secure')
    headers.append('Set-Cookie', 'theirs=1')
    const { ask } = createGate({ origin: () => new Response('', { headers }) })
    const answer = await ask(requestWith(token))
    expect(answer.headers.get('Cache-Control')).toBe('private, max-age=9')
    expect(answer.headers.get('Vary')).toBe('Cookie')
    expect(answer.headers.getSetCookie()).toEqual(['theirs=1'])
  })
})

describe('streams', () => {
  it('down are not held back: the first chunk arrives before the last is made', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const { ask } = createGate({ origin: () => new Response(readable) })
    const answer = await ask(requestWith(token))
    const reader = answer.body?.getReader()
    const first = reader?.read()
    await writer.write(text.encode('first'))
    expect(untext.decode((await first)?.value)).toBe('first')
    const second = reader?.read()
    await writer.write(text.encode('second'))
    expect(untext.decode((await second)?.value)).toBe('second')
    const end = reader?.read()
    await writer.close()
    expect((await end)?.done).toBe(true)
  })

  it('up are not held back: the origin has the first chunk before the last is sent', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    let tell: (text: string) => void = () => undefined
    const firstSeen = new Promise<string>((resolve) => (tell = resolve))
    const { ask } = createGate({
      origin: async (request) => {
        const reader = request.body?.getReader()
        tell(untext.decode((await reader?.read())?.value))
        let rest = ''
        for (;;) {
          const chunk = await reader?.read()
          if (!chunk || chunk.done) return new Response(rest)
          rest += untext.decode(chunk.value)
        }
      },
    })
    const answer = ask(requestWith(token, url('/'), { method: 'POST', body: readable }))
    await writer.write(text.encode('first'))
    expect(await firstSeen).toBe('first')
    await writer.write(text.encode('second'))
    await writer.close()
    expect(await (await answer).text()).toBe('second')
  })

  it('down end for the origin when the visitor goes away', async () => {
    let isCancelled = false
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(text.encode('more')),
      cancel: () => void (isCancelled = true),
    })
    const { ask } = createGate({ origin: () => new Response(endless) })
    const answer = await ask(requestWith(token))
    await answer.body?.cancel()
    await expect.poll(() => isCancelled).toBe(true)
  })
})

describe('an origin that does not answer', () => {
  afterEach(() => void vi.useRealTimers())

  it('is 502, with a request number, and audited', async () => {
    const { ask, events } = createGate({
      origin: () => Promise.reject(new Error('secret address')),
    })
    const answer = await ask(requestWith(token, url('/'), { headers: navigation }))
    expect(answer.status).toBe(502)
    const page = await answer.text()
    expect(page).toContain('request-1')
    expect(page).not.toContain('secret address')
    expect(events).toEqual([
      {
        kind: 'origin-failed',
        site: 'app.example.com',
        origin: 'https://origin.example.net',
        reason: 'unreachable',
      },
    ])
    expect(await (await ask(requestWith(token))).json()).toMatchObject({ error: 'origin-failed' })
  })

  it.each([
    [521, 502],
    [522, 504],
    [523, 502],
    [524, 504],
    [525, 502],
    [526, 502],
    [530, 502],
  ])('by what Cloudflare says, %i, is %i', async (status, shown) => {
    const { ask } = createGate({ origin: () => new Response('cloudflare page', { status }) })
    const answer = await ask(requestWith(token))
    expect(answer.status).toBe(shown)
    expect(await answer.text()).not.toContain('cloudflare page')
  })

  it('though its own 5xx are its own', async () => {
    for (const status of [502, 504, 519, 529, 531, 555, 599]) {
      const { ask } = createGate({ origin: () => new Response('its own', { status }) })
      expect(await (await ask(requestWith(token))).text()).toBe('its own')
    }
  })

  it('within timeoutSeconds is 504, and before that is waited for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const never = () => new Promise<Response>(() => {})
    let answer: { readonly ok: boolean } | null = null
    const asked = forward(new Request(url('/')), visitOf(siteOf()), asking(never, 20))
    void asked.then((result) => (answer = result))
    await vi.advanceTimersByTimeAsync(19_999)
    expect(answer).toBeNull()
    await vi.advanceTimersByTimeAsync(1)
    expect(await asked).toEqual({
      ok: false,
      error: { kind: 'failed', status: 504, reason: 'no answer in time' },
    })
  })

  it('is waited for as long as it takes while a body is sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let respond: (response: Response) => void = () => undefined
    const late = () => new Promise<Response>((resolve) => (respond = resolve))
    const request = new Request(url('/'), { method: 'POST', body: 'long' })
    const asked = forward(
      request,
      visitOf(siteOf()),
      asking(late, lateAfterSeconds(request, siteOf())),
    )
    await vi.advanceTimersByTimeAsync(1_000_000)
    respond(new Response('at last'))
    expect((await asked).ok).toBe(true)
  })

  it('leaves no timer behind when it has answered', async () => {
    const timers = fakeTimers()
    const quick = async () => new Response('quick')
    const terms = asking(quick, 100)
    await forward(new Request(url('/')), visitOf(siteOf()), terms)
    expect(timers()).toBe(0)
  })
})

describe('the path that is judged', () => {
  const awkward = fc.stringMatching(
    /^(\/|\/\/|\\|%2f|%2e|%5c|%25|%00|%|\.|\.\.|;|\?|#|@|:|&|=|\+| |[a-zA-Z0-9]|é|\u{1f600}|"|<|>|\^|`|\{|\||\}|\[|\]|~|\t|\n){0,12}$/u,
  )

  it('is byte for byte what the origin is asked for', async () => {
    const routes = [
      { path: '/', policy: { kind: 'public' } },
      { path: '/admin', policy: { kind: 'signed-in' } },
    ] as const
    const { ask, sent } = createGate({ site: { routes } })
    const site = siteOf({ routes })
    await fc.assert(
      fc.asyncProperty(awkward, async (path) => {
        const request = new Request(`https://app.example.com/${path}`)
        const judged = new URL(request.url)
        sent.length = 0
        await ask(request)
        const match = matchRoute(site, judged.pathname)
        if (match.kind !== 'route' || match.route.path !== '/') {
          expect(sent).toEqual([])
          return
        }
        const reached = new URL(sent[0]?.url ?? '')
        const [asked = ''] = request.url.slice('https://app.example.com'.length).split('#')
        expect(sent[0]?.url).toBe(`https://origin.example.net${asked}`)
        expect(reached.pathname).toBe(judged.pathname)
        expect(reached.host).toBe('origin.example.net')
      }),
      { numRuns: 2000 },
    )
  })

  it('stays at the origin though it begins like another host', async () => {
    const { ask, sent } = createGate({
      site: { routes: [{ path: '/', policy: { kind: 'public' } }] },
    })
    for (const path of ['//evil.example/x', '/@evil.example/', '/\\evil.example', '/:80/']) {
      await ask(new Request(`https://app.example.com${path}`))
    }
    expect(sent.length).toBeGreaterThan(0)
    for (const request of sent) expect(new URL(request.url).host).toBe('origin.example.net')
  })
})
