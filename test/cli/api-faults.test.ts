/** Whatever stands between a command and the API is told in plain words, and the token goes to nobody else. */
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readApiChoice } from '../../cli/api/choice.ts'
import { createApi } from '../../cli/api/client.ts'
import { toApiRequest } from '../../cli/api/request.ts'
import type { Patience } from '../../cli/api/send.ts'
import { refused } from '../../cli/command.ts'
import { findFreePort } from '../../cli/free-port.ts'
import { toAdminToken } from '../../src/admin/admin-token.ts'
import { connectionUpdate } from '../../src/admin/connection-changes.ts'
import { toGiven } from '../../src/admin/field.ts'
import type { Operation } from '../../src/admin/operation.ts'
import { tokenCreate } from '../../src/admin/token-create.ts'
import { userDisable, userList, userShow } from '../../src/admin/user-operations.ts'
import { parseConfig } from '../../src/config.ts'
import { createSelfSigned } from './self-signed.ts'

const token = toAdminToken(new Uint8Array(32).fill(5))

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}
type Reply = (response: http.ServerResponse, heard: Heard) => void

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** @param replies to the requests, in order; the last one to all further requests. */
async function serve(...replies: readonly Reply[]) {
  const heard: Heard[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body }
      heard.push(one)
      replies[Math.min(heard.length, replies.length) - 1]?.(response, one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

const patience: Patience = { attemptMs: 500, totalMs: 4000, waitSeconds: [1, 2] }

async function ask(loginHost: string, operation: Operation, typed = {}, patient = patience) {
  const paused: number[] = []
  const api = createApi(
    { loginHost, token },
    {
      patience: patient,
      pause: async (seconds) => {
        paused.push(seconds)
        return true
      },
      newId: () => `key-${paused.length}`,
    },
  )
  const told = await api.ask({ operation, given: toGiven(typed), ifVersion: null })
  const message = told.ok ? '' : told.error.message
  expect(message).not.toContain(token.slice(20, 40))
  return { told, message, paused, facts: told.ok ? {} : told.error.facts }
}

const answer = (facts = {}) => ({
  facts,
  view: [{ kind: 'sentence', text: 'It is done.' }],
  secret: null,
  version: null,
  next: null,
  undo: null,
})
const json =
  (status: number, body: unknown, headers: http.OutgoingHttpHeaders = {}): Reply =>
  (response) =>
    response
      .writeHead(status, {
        'Content-Type': 'application/vnd.gatehouse.answer+json',
        ...headers,
      })
      .end(JSON.stringify(body))
const done = json(200, answer())
const problem = (
  status: number,
  reason: string,
  more: object = {},
  headers: http.OutgoingHttpHeaders = {},
) =>
  json(
    status,
    { reason, detail: `It is ${reason}.`, instance: 'urn:uuid:3d9a2195', ...more },
    { 'Content-Type': 'application/problem+json', ...headers },
  )
const text =
  (
    status: number,
    body: string,
    type = 'text/html',
    headers: http.OutgoingHttpHeaders = {},
  ): Reply =>
  (response) =>
    response.writeHead(status, { 'Content-Type': type, ...headers }).end(body)
const breakOff: Reply = (response) => response.destroy()
const never: Reply = () => undefined

describe('a request', () => {
  it('has the token in its header and nowhere else, and asks for words', async () => {
    const { url, heard } = await serve(done)
    const { told } = await ask(url, userList, { connection: 'a b&c', limit: '5' })
    expect(told).toMatchObject({ ok: true, value: { ok: true, value: answer() } })
    expect(heard).toMatchObject([
      {
        method: 'GET',
        url: '/.gatehouse/api/v1/users?connection=a+b%26c&limit=5',
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/vnd.gatehouse.answer+json',
        },
        body: '',
      },
    ])
    expect(heard[0]?.headers).not.toHaveProperty('idempotency-key')
  })

  it('encodes what is in the path once, and gives each field its type', () => {
    const typed = {
      id: 'a/b?c#d%é',
      'display-name': '5',
      domain: ['a.com', 'b.com'],
      enabled: 'false',
      'replace-certificates': '',
      'clock-skew': '60',
    }
    const request = toApiRequest(connectionUpdate, toGiven(typed))
    expect(request).toMatchObject({
      ok: true,
      value: { method: 'PATCH', path: '/.gatehouse/api/v1/connections/a%2Fb%3Fc%23d%25%C3%A9' },
    })
    expect(JSON.parse((request.ok && request.value.body) || '')).toEqual({
      'display-name': '5',
      domain: ['a.com', 'b.com'],
      enabled: false,
      'replace-certificates': true,
      'clock-skew': '60',
    })
  })

  it.each(['.', '..'])('is not sent for %j, which no path can have', async (user) => {
    const { url, heard } = await serve(done)
    const { told, message } = await ask(url, userShow, { user })
    expect(told).toMatchObject({ ok: false, error: { kind: 'usage' } })
    expect(message).toContain(`<user> cannot be "${user}" at the API`)
    expect(heard).toEqual([])
  })
})

describe('what is no answer of the API', () => {
  it.each([
    ['a Worker without the API', problem(404, 'not-found'), 'has no API'],
    ['another host of it', problem(421, 'unknown-host'), 'has no API'],
    ['a page', text(404, '<h1>Not found</h1>'), 'It answered 404, text/html.'],
    ['a page that is no error', text(200, '<h1>Welcome</h1>'), 'It answered 200, text/html.'],
    ['JSON of another program', text(200, '{}', 'application/json'), 'has no API'],
    [
      'a wrong token',
      problem(401, 'no-valid-token'),
      'does not take the token in GATEHOUSE_API_TOKEN',
    ],
    [
      'a scope too small',
      problem(403, 'scope-missing', { scope: 'people' }),
      'lacks the scope "people"',
    ],
    ['a path of another version', problem(404, 'no-such-path'), 'does not know "user list"'],
    [
      'a method of another version',
      problem(405, 'method-not-allowed'),
      'does not know "user list"',
    ],
    ['a firewall', text(403, 'no'), 'Let requests below /.gatehouse/api through.'],
    [
      'too many wrong tokens',
      problem(429, 'too-many-failures', {}, { 'Retry-After': '41' }),
      'It is too-many-failures. Try again in 41 seconds.',
    ],
    ['a fault of the Worker', problem(500, 'internal-error'), 'by the number 3d9a2195'],
    [
      'a Worker that Cloudflare stopped',
      text(500, 'error code: 1101'),
      'answered 500 (error code: 1101)',
    ],
    [
      'a form of a newer version',
      json(200, { ...answer(), view: [{ kind: 'picture' }] }),
      'it may have a newer version',
    ],
    ['an answer that is cut off', json(200, 'x'), 'it may have a newer version'],
  ] as const)('%s: says so', async (what, reply, says) => {
    const { url, heard } = await serve(reply)
    const { told, message, paused } = await ask(url, userList)
    expect(told).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(message).toContain(says)
    if (!message.includes('Try again') && !message.includes('token')) expect(message).toContain(url)
    expect(paused).toEqual([])
    // Fetch itself sends a request again after 421, by another connection.
    if (what !== 'another host of it') expect(heard).toHaveLength(1)
  })

  it('names the fields that the API there does not take', async () => {
    const errors = [
      { field: 'limit', detail: 'is not known in the query of this request' },
      { field: null, detail: 'Both are needed.' },
    ]
    const { url } = await serve(problem(400, 'invalid-input', { errors }))
    const { told, message } = await ask(url, userList)
    expect(told).toMatchObject({ ok: false, error: { kind: 'usage' } })
    expect(message).toContain(
      '--limit is not known in the query of this request.\nBoth are needed.',
    )
    expect(message).toContain('may have another version')
  })

  it('has the reason of the problem, and its facts, for programs', async () => {
    const { url } = await serve(problem(409, 'idempotent-answer-lost', { facts: { a: 1 } }))
    expect((await ask(url, userList)).facts).toEqual({ reason: 'idempotent-answer-lost', a: 1 })
  })

  it('shows a terminal no control character of a stranger', async () => {
    const { url } = await serve(problem(418, 'teapot', { detail: 'a\u001b[31mb' }))
    expect((await ask(url, userList)).message).toBe('a\ufffd[31mb')
  })
})

it('is given up where the answer has no end', async () => {
  const { url } = await serve((response) => {
    response.writeHead(200, { 'Content-Type': 'application/vnd.gatehouse.answer+json' })
    const piece = 'x'.repeat(1_000_000)
    const pour = () => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', pour)
    pour()
  })
  const patient = { ...patience, attemptMs: 20_000, totalMs: 20_000 }
  expect((await ask(url, userList, {}, patient)).message).toContain('more than 16 MB')
})

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])(
    '%i is not followed, and its target is named',
    async (status) => {
      const elsewhere = await serve(done)
      const { url, heard } = await serve(
        text(status, '', 'text/html', { Location: `${elsewhere.url}/sign-in?x=1` }),
      )
      const { message } = await ask(url, userDisable, { user: 'ada' })
      expect(message).toContain(
        `sends requests on to ${elsewhere.url}. The token did not go there.`,
      )
      expect(message).toContain(`--login-host ${elsewhere.url}`)
      expect([heard.length, elsewhere.heard]).toEqual([1, []])
    },
  )

  it('to a path of the same host, or to nowhere, is none either', async () => {
    for (const Location of ['/elsewhere', 'https://', '']) {
      const { url } = await serve(text(302, '', 'text/html', { Location }))
      expect((await ask(url, userList)).message).toContain('sends requests on elsewhere')
    }
  })
})

describe('a host that is not reached', () => {
  it('is named with what Node says', async () => {
    const url = `http://127.0.0.1:${await findFreePort(0)}`
    const { message, paused } = await ask(url, userDisable, { user: 'ada' })
    expect(message).toContain(`${url} cannot be reached (ECONNREFUSED).`)
    expect(message).toContain('Nothing was sent. Without GATEHOUSE_API_TOKEN, --remote goes to')
    expect(paused).toEqual([])
    const unknown = await ask('https://login.gatehouse.invalid', userList)
    expect(unknown.message).toMatch(
      /^https:\/\/login\.gatehouse\.invalid cannot be reached \(E\w+\)/,
    )
  })

  describe('by TLS', () => {
    let server: https.Server
    const heard: string[] = []
    beforeAll(async () => {
      server = https.createServer(await createSelfSigned(), (request, response) => {
        heard.push(request.url ?? '')
        response.end()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    })
    afterAll(() => server.close())

    it('gets no request where its certificate is signed by nobody', async () => {
      const { port } = server.address() as AddressInfo
      const { message } = await ask(`https://127.0.0.1:${port}`, userList)
      expect(message).toContain(
        'has a certificate that no authority known to this machine has signed',
      )
      expect(message).toContain('NODE_EXTRA_CA_CERTS=ca.pem Nothing was sent.')
      expect(heard).toEqual([])
    })

    it('gets none where it does not speak TLS', async () => {
      const { url, heard: plainly } = await serve(done)
      const { message } = await ask(url.replace('http', 'https'), userList)
      expect(message).toMatch(/answers, but not in TLS|cannot be reached/)
      expect(plainly).toEqual([])
    })
  })
})

describe('an answer that is lost', () => {
  const create = { connection: 'acme', label: 'Okta' }

  it.each([
    ['the connection breaks off', breakOff],
    ['nothing comes', never],
    [
      'what comes is not HTTP',
      (response: http.ServerResponse) => response.socket?.end('nonsense\r\n\r\n'),
    ],
    ['Cloudflare says that the Worker gave none', text(502, 'Bad gateway')],
    [
      'half of it comes',
      (response: http.ServerResponse) => {
        response.writeHead(201, { 'Content-Length': 1000 }).write('{"facts"')
        setTimeout(() => response.destroy(), 50)
      },
    ],
  ] as const)('is asked for again with the same key, when %s', async (_, reply) => {
    const { url, heard } = await serve(reply, json(201, answer({ again: true })))
    const { told, paused } = await ask(url, tokenCreate, create)
    expect(told).toMatchObject({ value: { value: { facts: { again: true } } } })
    expect(paused).toEqual([1])
    expect(heard.map(({ headers }) => headers['idempotency-key'])).toEqual(['"key-0"', '"key-0"'])
    expect(heard[1]).toMatchObject({ method: 'POST', body: heard[0]?.body })
  })

  it('is waited for while the first request is under way', async () => {
    const underWay = problem(409, 'idempotency-key-under-way', {}, { 'Retry-After': '2' })
    const { url } = await serve(breakOff, underWay, done)
    const { told, paused } = await ask(url, tokenCreate, create)
    expect([told.ok, paused]).toEqual([true, [1, 2]])
  })

  it('is given up in the end: whether the change was made is not known', async () => {
    const { url, heard } = await serve(breakOff)
    const { message, paused } = await ask(url, tokenCreate, create)
    expect(message).toContain('Nobody knows whether the change was made')
    expect([heard.length, paused]).toEqual([3, [1, 2]])
    const reading = await serve(breakOff)
    expect((await ask(reading.url, userList)).message).not.toContain('Nobody knows')
  })

  it('is not asked for again when the change had no key', async () => {
    const tooMany = problem(429, 'too-many-idempotency-keys', {}, { 'Retry-After': '3600' })
    const { url, heard } = await serve(tooMany, breakOff)
    const { message } = await ask(url, tokenCreate, create)
    expect(message).toContain('Nobody knows whether the change was made')
    expect(heard.map(({ headers }) => headers['idempotency-key'])).toEqual(['"key-0"', undefined])
    const fine = await serve(tooMany, done)
    expect((await ask(fine.url, tokenCreate, create)).told.ok).toBe(true)
  })
})

describe('503', () => {
  it('is tried again when the answer says, if that is soon', async () => {
    const down = problem(503, 'temporarily-unavailable', {}, { 'Retry-After': '5' })
    const { url } = await serve(down, done)
    const { told, paused } = await ask(url, userDisable, { user: 'ada' })
    expect([told.ok, paused]).toEqual([true, [5]])
  })

  it('is told with the time, if that is late or never comes', async () => {
    const late = await serve(problem(503, 'temporarily-unavailable', {}, { 'Retry-After': '300' }))
    const { message, paused } = await ask(late.url, userList)
    expect(message).toContain('It is temporarily-unavailable. Try again in 300 seconds.')
    expect(paused).toEqual([])
    const down = await serve(problem(503, 'temporarily-unavailable', {}, { 'Retry-After': '5' }))
    const asked = await ask(down.url, userList)
    expect([asked.paused, down.heard.length]).toEqual([[5, 5], 3])
  })
})

describe('the way of --remote', () => {
  const config = parseConfig({
    sites: [
      {
        url: 'https://login.example.com',
        origin: 'https://origin.example.net',
        routes: [{ path: '/', access: 'signed-in' }],
      },
    ],
  })
  const settings = config.ok ? config : refused('the config has a fault')
  const faulty = refused('There is no config.')
  const choose = (
    switches: readonly string[],
    texts: Readonly<Record<string, string>>,
    { secret = token, known = settings }: { secret?: string; known?: typeof settings } = {},
  ) =>
    readApiChoice(
      {
        positionals: [],
        switches: new Set(switches),
        texts: new Map(Object.entries(texts).map(([name, value]) => [name, [value]])),
      },
      { GATEHOUSE_API_TOKEN: secret },
      known,
    )
  const host = { 'login-host': 'https://other.example.com/.gatehouse/api/v1' }

  it('is the API of the login host where there is a token, and else D1', () => {
    const chosen = { ok: true, value: { loginHost: 'https://login.example.com', token } }
    expect(choose(['remote'], {})).toEqual(chosen)
    expect(choose(['remote'], {}, { secret: ` ${token}\n` })).toEqual(chosen)
    expect(choose(['remote'], {}, { secret: '' })).toEqual({ ok: true, value: null })
    expect(choose(['local'], {})).toEqual({ ok: true, value: null })
    expect(choose([], {})).toEqual({ ok: true, value: null })
    expect(choose(['local', 'remote'], {})).toEqual({ ok: true, value: null })
  })

  it('is that of --login-host, whatever the config is', () => {
    const chosen = { ok: true, value: { loginHost: 'https://other.example.com', token } }
    expect(choose(['remote'], host)).toEqual(chosen)
    expect(choose(['remote'], host, { known: faulty })).toEqual(chosen)
    expect(choose(['remote'], { 'login-host': 'http://localhost:8787' })).toMatchObject({
      value: { loginHost: 'http://localhost:8787' },
    })
  })

  it.each([
    [
      ['remote'],
      { 'login-host': 'http://login.example.com' },
      {},
      'plain http is for localhost only',
    ],
    [
      ['remote'],
      { 'login-host': 'login.example.com' },
      {},
      'must be an address that begins with https://',
    ],
    [['remote'], { 'login-host': 'https://me:secret@login.example.com' }, {}, 'must be an address'],
    [['remote'], host, { secret: '' }, 'as GATEHOUSE_API_TOKEN'],
    [['local'], host, {}, 'give it with --remote'],
    [['remote'], { 'persist-to': 'x' }, {}, '--persist-to goes with --local only.'],
    [
      ['remote'],
      {},
      { secret: token.slice(0, -1) },
      'has no token of the API, or not the whole of one',
    ],
    [['remote'], {}, { secret: 'sk_live_0123456789abcdef' }, 'Nothing was sent.'],
    [
      ['remote'],
      {},
      { known: faulty },
      'There is no config.\nThe login host is not known without it.',
    ],
  ])('%j %j: says what is wrong', (switches, texts, options, says) => {
    const chosen = choose(switches, texts, options)
    const message = chosen.ok ? '' : chosen.error.message
    expect(message).toContain(says)
    for (const secret of [token.slice(16, 40), 'sk_live_0123'])
      expect(message).not.toContain(secret)
  })
})
