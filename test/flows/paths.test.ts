/** What reaches a real origin of the address, the method and the resources that a request names. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Told } from '../../tools/stage/origin.ts'
import { askRaw } from './raw.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { ask, createStage, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
let port = 0
beforeAll(async () => {
  stage = await createStage()
  port = stage.ports[0]
})
afterAll(() => stage.stop())

/** What the origin was told, by an answer as bytes. */
const toldIn = (text: string): Told => JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? '{}')

describe('the address of a request', () => {
  it.each([
    '/public/q?',
    '/public/q??',
    '/public/q?a=b?',
    '/public/q?a=%41&b=c+d&&',
    '/public?',
    '/public/caf%E9.txt',
    '/public/100%',
    '/public/100%_sure?50%25ab',
    '/public/a%0Ab%09c',
    '/public/a%00b',
    '/public/a/b/...',
    '/public/%u00e9',
    '/public/a//b/',
    '/public/index.php/news',
    "/public/~a!$&'()*+,;=:@",
  ])('reaches the origin byte for byte: %s', async (path) => {
    const { status, text } = await askRaw(port, path, [])
    expect([status, toldIn(text).url]).toEqual([200, path])
  })

  it('is the one that was judged, where the origin would read another', async () => {
    for (const [path, judged] of [
      ['/public/a#/engineering', '/public/a'],
      ['/engineering/../public/a', '/public/a'],
      ['/engineering/%2e%2e/public/./a', '/public/a'],
      ['/public/\\..\\a', '/public/a'],
      ['http://evil.example/public/a', '/public/a'],
    ] as const) {
      const { text } = await askRaw(port, path, [])
      expect(toldIn(text).url, path).toBe(judged)
    }
  })

  it('keeps the ? of an empty query on the way to sign-in', async () => {
    const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']
    const { text } = await askRaw(port, '/q?', page)
    expect(text).toContain('/.gatehouse/login?to=%2Fq%3F')
  })

  it.each([
    ['[::1]', 421],
    ['[::1]:8787', 421],
    ['127.0.0.1', 421],
    ['[::1', 400],
    ['app.localhost:99999', 400],
    ['app.localhost:x', 400],
    ['a b', 400],
    ['app.localhost@evil.example', 400],
    ['app.localhost/x', 400],
    ['app.localhost?', 400],
    ['app.localhost#', 400],
    ['app.localhost\\', 400],
    ['%', 400],
    ['', 400],
    ['app.localhost.', 421],
  ])('with the Host header %j is refused with a reason', async (host, expected) => {
    for (const path of ['/', '/.gatehouse/login', '/.gatehouse/scim/okta/v2/Users']) {
      const { status, text } = await askRaw(port, path, ['Accept: text/html'], { host })
      expect([status, /Internal|Exception|internal-error/.test(text)]).toEqual([expected, false])
    }
  })
})

it('a POST that asks for a WebSocket arrives as the POST that it is (RFC 6455 §4.1)', async () => {
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Content-Length: 5',
  ]
  const answer = await ask(
    '/public/post',
    {
      port,
      method: 'POST',
      headers: Object.fromEntries(upgrade.map((line) => line.split(': '))),
    },
    'hello',
  )
  const told: Told = JSON.parse(answer.text)
  expect([told.method, told.bodyLength, told.headers['upgrade']]).toEqual(['POST', 5, undefined])
})

it('every status of an origin reaches the visitor, but for those of Cloudflare', async () => {
  const cloudflares = [520, 521, 522, 523, 524, 525, 526, 527, 528, 530]
  stage.origin.at('/public/status', (request, response) => {
    response.writeHead(Number(request.url?.split('?')[1])).end()
  })
  const shown = async (status: number) => (await ask(`/public/status?${status}`, { port })).status
  for (let status = 200; status < 600; status++) {
    const expected = cloudflares.includes(status) ? [502, 504] : [status]
    expect(expected, String(status)).toContain(await shown(status))
  }
  for (const status of [600, 700, 999]) expect(await shown(status)).toBe(502)
})

describe('a front controller that takes its path from PATH_INFO', () => {
  /** As PHP does: what is behind the first name that ends in .php is the path of the application. */
  const pageOf = (url: string): string => {
    const path = decodeURIComponent(url.split('?')[0] ?? '')
    return /\.php(\/.*)$/i.exec(path)?.[1] ?? path
  }

  it('shows nobody a page of a guarded route by way of the script', async () => {
    const { cookie } = await signIn(stage, '/')
    const paths = [
      '/index.php/engineering/plan',
      '/public/index.php/engineering/plan',
      '/index.php//engineering',
      '/index.php%2fengineering',
      '/INDEX.PHP/Engineering',
    ]
    for (const path of paths) {
      expect(pageOf(path).toLowerCase()).toContain('engineering')
      const { status } = await ask(path, { port, headers: { Cookie: cookie } })
      expect([path, status]).toEqual([path, 400])
    }
    const other = await ask('/index.php/news', { port, headers: { Cookie: cookie } })
    expect(other.status).toBe(200)
  })
})

describe('WebDAV', () => {
  it('moves within the site, to the address that the origin knows', async () => {
    const { cookie } = await signIn(stage, '/')
    const headers = { Cookie: cookie, Destination: 'http://app.localhost/b%20c', Overwrite: 'F' }
    for (const method of ['MOVE', 'COPY']) {
      const answer = await ask('/a', { port, method, headers })
      const told: Told = JSON.parse(answer.text)
      expect([told.method, told.url, told.headers['destination']]).toEqual([
        method,
        '/a',
        `${stage.origin.url}/b%20c`,
      ])
      expect(told.headers['overwrite']).toBe('F')
    }
  })

  it('writes into no guarded place, and from none, without the right to it', async () => {
    const { cookie } = await signIn(stage, '/')
    const engineer = await signIn(stage, '/', { groups: ['engineering'] })
    const copy = async (from: string, to: string, Cookie: string | null) => {
      const headers = { Destination: `http://app.localhost${to}`, ...(Cookie ? { Cookie } : {}) }
      return (await ask(from, { port, method: 'COPY', headers })).status
    }
    expect(await copy('/mine', '/engineering/x', cookie)).toBe(403)
    expect(await copy('/public/x', '/engineering/x', cookie)).toBe(403)
    expect(await copy('/public/x', '/engineering/x', null)).toBe(401)
    expect(await copy('/', '/public/all', cookie)).toBe(403)
    expect(await copy('/mine', '/engineering/x', engineer.cookie)).toBe(200)
    expect(await copy('/public/x', '/public/y', null)).toBe(200)
  })
})
