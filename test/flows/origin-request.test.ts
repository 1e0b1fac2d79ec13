/** What an origin sees of a request on its own socket, and what the edge is asked to do with it. */
import type http from 'node:http'
import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOrigin, type Origin } from '../../tools/stage/origin.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { askRaw } from './raw.ts'
import { ask, createStage, REVOCATION_SECONDS, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
let cookie: string
beforeAll(async () => {
  stage = await createStage()
  cookie = (await signIn(stage, '/')).cookie
})
afterAll(() => stage.stop())

/** Lines as they came, without names that the gate sets and those of the connection. */
const linesOf = (rawHeaders: readonly string[]): string[] =>
  rawHeaders
    .flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[i + 1]}`] : []))
    .filter((line) => !/^(host|connection|forwarded|x-forwarded-.*|x-gatehouse-.*):/.test(line))
    .toSorted()

const linesAt = (path: string): Promise<string[]> =>
  new Promise((resolve) => {
    stage.origin.at(path, (request, response) => {
      resolve(linesOf(request.rawHeaders))
      response.end()
    })
  })

const conditional = {
  Accept: 'text/html',
  'Accept-Encoding': 'gzip, br',
  'Accept-Language': 'de-CH',
  'If-None-Match': 'W/"a", "b"',
  'If-Modified-Since': 'Tue, 24 Nov 2026 12:00:00 GMT',
  'User-Agent': 'Mozilla/5.0',
}

describe('the headers of a request', () => {
  it.each([
    ['/protected.css', {}],
    ['/public/file.css', {}],
    ['/protected.css', { 'Cache-Control': 'max-age=0' }],
    ['/protected.css', { 'Cache-Control': 'no-cache', Pragma: 'no-cache' }],
    ['/protected.css', { Range: 'bytes=0-9', 'If-Range': '"b"' }],
  ])('are at the origin what the visitor sent, and no more: %s %o', async (path, more) => {
    const seen = linesAt(path)
    const headers = { ...conditional, ...more }
    await ask(path, { port: stage.ports[0], headers: { ...headers, Cookie: `a=b; ${cookie}` } })
    const sent = { ...headers, Cookie: 'a=b', 'CF-Worker': 'a.example.com' }
    expect(await seen).toEqual(linesOf(Object.entries(sent).flat()))
  })

  it('let an origin with entity tags answer 304, as express does', async () => {
    // RFC 9111 §5.2.1.4: a client that says no-cache wants the whole of it.
    stage.origin.at('/page.js', ({ headers }, response) => {
      const isFresh =
        headers['if-none-match'] === '"v1"' && !/no-cache/.test(headers['cache-control'] ?? '')
      response.setHeader('ETag', '"v1"')
      response.writeHead(isFresh ? 304 : 200).end(isFresh ? undefined : 'x'.repeat(300_000))
    })
    const asking = (headers: Record<string, string>) =>
      ask('/page.js', { port: stage.ports[0], headers: { ...headers, Cookie: cookie } })
    const first = await asking({})
    expect([first.status, first.bytes.length]).toEqual([200, 300_000])
    const again = await asking({ 'If-None-Match': String(first.headers.etag) })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    expect(again.headers['cache-control']).toBe('private, no-cache')
    const reloaded = await asking({ 'If-None-Match': '"v1"', 'Cache-Control': 'no-cache' })
    expect(reloaded.status).toBe(200)
  })
})

describe('a trace (W3C Trace Context)', () => {
  const traceAt = (path: string): Promise<string[]> =>
    new Promise((resolve) => {
      stage.origin.at(path, ({ rawHeaders }, response) => {
        resolve(
          rawHeaders.flatMap((name, i) =>
            /^(traceparent|tracestate|baggage)$/i.test(name)
              ? [`${name.toLowerCase()}: ${rawHeaders[i + 1]}`]
              : [],
          ),
        )
        response.end()
      })
    })

  it.each([
    ['without metrics', 0],
    ['with metrics', 1],
  ] as const)("is on the origin's socket as it was on ours: a Worker %s", async (_, isolate) => {
    const trace = [
      'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'tracestate: rojo=00f067aa0ba902b7,\t congo=t61rcWkgMzE ,,0v@tenant=a=b',
      'baggage: a=%20;p=1 , b = 2',
    ]
    const seen = traceAt('/traced')
    const answer = await askRaw(stage.ports[isolate], '/traced', [...trace, `Cookie: ${cookie}`])
    expect(answer.status).toBe(200)
    expect((await seen).toSorted()).toEqual(trace.toSorted())
  })

  it('keeps several tracestate headers in their order, which is one list (§3.3.1.1)', async () => {
    const seen = traceAt('/traced-twice')
    const lines = ['tracestate: a=1', 'tracestate: b=2', `Cookie: ${cookie}`]
    await askRaw(stage.ports[0], '/traced-twice', lines)
    expect(await seen).toEqual(['tracestate: a=1', 'tracestate: b=2'])
  })
})

describe('headers by names of the site', () => {
  const host = 'app.corp.localhost'
  const forged = { 'x-webauth-user': 'root', X_WEBAUTH_USER: 'root', 'X--Name': 'root' }
  const namedAt = (path: string): Promise<[string, string][]> =>
    new Promise((resolve) => {
      stage.origin.at(path, ({ rawHeaders }, response) => {
        const pairs = rawHeaders.flatMap((name, i): [string, string][] =>
          i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? '']] : [],
        )
        resolve(pairs.filter(([name]) => /webauth|name/.test(name)))
        response.end()
      })
    })

  it('tell who it is, raw in UTF-8, and no client does', async () => {
    const person = await signIn(stage, '/', { displayname: ['Zoë 部長'] }, host)
    const seen = namedAt('/who')
    const headers = { ...forged, Cookie: person.cookie }
    await ask('/who', { port: stage.ports[0], host, headers })
    expect(Object.fromEntries(await seen)).toEqual({
      // Node reads headers as Latin-1.
      'x-name': Buffer.from('Zoë 部長').toString('latin1'),
      'x-webauth-user': 'zoe@example.test',
    })
  })

  it('tell nobody on a public route', async () => {
    const seen = namedAt('/public/who')
    await ask('/public/who', { port: stage.ports[0], host, headers: forged })
    expect(await seen).toEqual([])
  })
})

describe('the edge', () => {
  let edged: Stage
  let origin: Origin
  let session: string
  const asked: { readonly url: string; readonly cf: unknown }[] = []
  let hosts: (string | undefined)[] = []

  beforeAll(async () => {
    origin = await startOrigin()
    edged = await createStage(undefined, REVOCATION_SECONDS, {
      edge: async (request) => {
        asked.push({ url: request.url, cf: request.cf })
        const { host, pathname } = new URL(request.url)
        // As Cloudflare does it: Host is that of the URL, wherever its name is looked up.
        const { port } = new URL(origin.url)
        const answer = await ask(pathname, { port: Number(port), host })
        return new EdgeResponse(answer.text, { status: answer.status })
      },
    })
    origin.at('/', (request: http.IncomingMessage, response) => {
      hosts.push(request.headers.host)
      response.end()
    })
    session = (await signIn(edged, '/')).cookie
    asked.length = 0
    hosts = []
  })
  afterAll(async () => {
    await edged.stop()
    await origin.stop()
  })

  const from = async (host: string, headers: Record<string, string> = {}) => {
    asked.length = 0
    hosts = []
    const { status } = await ask('/', { port: edged.ports[0], host, headers })
    expect(status).toBe(200)
    return { asked: asked[0], host: hosts[0] }
  }

  it('asks the origin under its own host where the site says nothing else', async () => {
    const seen = await from('app.localhost', { Cookie: session })
    expect(seen.host).toBe(new URL(edged.origin.url).host)
    expect(seen.asked?.cf ?? {}).not.toHaveProperty('resolveOverride')
  })

  it('looks up the name of an origin, under the Host of the site', async () => {
    const seen = await from('wiki.named.localhost')
    expect(seen.host).toBe('wiki.named.localhost')
    expect(seen.asked?.url).toBe('http://wiki.named.localhost/')
    expect(seen.asked?.cf).toMatchObject({ resolveOverride: 'origin.named.localhost' })
  })

  it('looks up the site itself, where the Worker stands on a route', async () => {
    const seen = await from('route.localhost')
    expect(seen.host).toBe('route.localhost')
    expect(seen.asked?.url).toBe('http://route.localhost/')
    expect(seen.asked?.cf ?? {}).not.toHaveProperty('resolveOverride')
  })

  it('is told to keep nothing of a protected answer and to look for nothing, as by cache: no-store', async () => {
    const seen = await from('app.localhost', { Cookie: session })
    // What the same runtime says for the standard option.
    const standard = await cfOfNoStore()
    expect(standard).toMatchObject({ cacheTtl: -1, cacheLevel: 'bypass' })
    expect(seen.asked?.cf).toEqual(standard)
  })
})

/** What the runtime tells the edge of a request with the standard option. */
async function cfOfNoStore(): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: `export default { fetch: () => fetch('http://x.test/', { cache: 'no-store' }) }`,
      compatibilityDate: '2026-11-17',
      cf: false,
      outboundService: ({ cf }) => {
        resolve(cf)
        return new EdgeResponse()
      },
    }),
  )
  await miniflare.dispatchFetch('http://x.test/')
  await miniflare.dispose()
  return promise
}
