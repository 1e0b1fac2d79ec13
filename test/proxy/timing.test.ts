/** `Server-Timing` of the gate: for the people of `admins` who ask, and for nobody else. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import type { Rule } from '../../src/policy/policy.ts'
import { before, slowly } from '../support/binding.ts'
import { createGate, emptyKeys, type GateOptions } from '../support/gate.ts'
import { addServiceToken } from '../support/program.ts'
import { addConnection, addUser, emptyStores, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const SITE = 'https://app.example.com'
const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    { path: '/public', policy: { kind: 'public' } },
  ],
} as const
const group = (name: string): Rule => ({ kind: 'group', name, connection: 'okta' })
const onlookers = {
  admins: {
    rules: [
      { role: 'owner' as const, rule: group('owners') },
      { role: 'auditor' as const, rule: group('auditors') },
    ],
    isBesideSite: false,
  },
  connections: null,
}
const timed = (options: GateOptions = {}) => createGate({ site, onlookers, ...options })

const COOKIE = '__Host-gatehouse-timing=1'
const asking = (token: string, headers: Record<string, string> = {}, path = '/') =>
  new Request(SITE + path, {
    headers: { Cookie: `__Host-gatehouse=${token}; ${COOKIE}`, ...headers },
  })
const auditor = () => signIn({ groups: ['auditors'] })

const timesOf = ({ headers }: Response) => headers.get('Server-Timing')

beforeEach(async () => {
  await emptyStores()
  await emptyKeys()
  await addConnection('okta')
})

describe('an auditor who asks', () => {
  it('sees every step that the gate waited for, in milliseconds', async () => {
    const gate = timed({
      origin: () => {
        gate.now = toInstant(gate.now + 40)
        return new Response('slow')
      },
    })
    const { token } = await auditor()
    const answer = await gate.ask(asking(token))
    expect(timesOf(answer)).toBe(
      'gatehouse-kv;dur=0, gatehouse-d1;dur=0, gatehouse-token;dur=0, gatehouse-origin;dur=40, gatehouse-total;dur=40, gatehouse-request;desc="request-1"',
    )
    expect(answer.headers.get('Cache-Control')).toBe('private, no-store')
  })

  it('sees how long KV and D1 took', async () => {
    const wait = async (milliseconds: number) => {
      gate.now = toInstant(gate.now + milliseconds)
    }
    const gate = timed({
      stores: {
        kv: before(stores.kv, (name) => name === 'get' && wait(7)),
        db: slowly(stores.db, 'first', () => wait(20), /sign_ins/),
      },
    })
    const { token } = await auditor()
    expect(timesOf(await gate.ask(asking(token)))).toMatch(
      /^gatehouse-kv;dur=7, gatehouse-d1;dur=20, .* gatehouse-total;dur=27,/,
    )
  })

  it('sees no step that the isolate remembered', async () => {
    const gate = timed()
    const { token } = await auditor()
    await gate.ask(asking(token))
    const warm = timesOf(await gate.ask(asking(token)))
    expect(warm).toMatch(/^gatehouse-token;dur=0, gatehouse-origin;dur=0, gatehouse-total;dur=0/)
  })

  it('sees them on an answer of a WebSocket too', async () => {
    const gate = timed({
      origin: () => {
        const { 0: client, 1: server } = new WebSocketPair()
        server.accept()
        server.close()
        return new Response(null, { status: 101, webSocket: client })
      },
    })
    const { token } = await auditor()
    const answer = await gate.ask(asking(token, { Upgrade: 'websocket', Origin: SITE }))
    expect(answer.status).toBe(101)
    expect(timesOf(answer)).toContain('gatehouse-origin;dur=')
  })

  it('finds the times of the origin after ours', async () => {
    const theirs = 'db;dur=53;desc="a, b", cache;desc="un"'
    const gate = timed({ origin: () => new Response('', { headers: { 'Server-Timing': theirs } }) })
    const { token } = await auditor()
    const shown = timesOf(await gate.ask(asking(token)))
    expect(shown).toMatch(/^gatehouse-kv;dur=0, /)
    expect(shown?.endsWith(`, ${theirs}`)).toBe(true)
  })
})

describe('nobody else', () => {
  const asked = async (
    groups: readonly string[],
    headers: Record<string, string>,
    options: GateOptions = {},
  ) => {
    const { token } = await signIn({ groups })
    return timesOf(await timed(options).ask(asking(token, headers)))
  }

  it('sees times: a person who meets no rule', async () => {
    expect(await asked(['staff'], {})).toBeNull()
  })

  it('sees times: an auditor who does not ask', async () => {
    const { request } = await auditor()
    expect(timesOf(await timed().ask(request))).toBeNull()
  })

  it('sees times: a visitor on a public route, where nobody looks at the session', async () => {
    const { token } = await auditor()
    const answer = await timed().ask(asking(token, {}, '/public'))
    expect([answer.status, timesOf(answer)]).toEqual([200, null])
  })

  it('sees times: a visitor without a session', async () => {
    const headers = { Cookie: COOKIE }
    const answer = await timed().ask(new Request(`${SITE}/`, { headers }))
    expect([answer.status, timesOf(answer)]).toEqual([401, null])
  })

  it('sees times where the config names no admins', async () => {
    expect(
      await asked(['owners'], {}, { onlookers: { admins: null, connections: null } }),
    ).toBeNull()
  })

  it('sees times who comes by a connection that the login host does not take', async () => {
    const rule: Rule = { kind: 'group', name: 'auditors', connection: null }
    const admins = { rules: [{ role: 'auditor' as const, rule }], isBesideSite: false }
    const from = (connections: readonly string[]) =>
      asked(['auditors'], {}, { onlookers: { admins, connections } })
    expect(await from(['entra'])).toBeNull()
    expect(await from(['okta'])).toContain('gatehouse-total')
  })

  it('sees times: a program with a token of an auditor', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const rule: Rule = { kind: 'email', email: user.email ?? '', connection: 'okta' }
    const admins = { rules: [{ role: 'auditor' as const, rule }], isBesideSite: false }
    const gate = timed({ onlookers: { admins, connections: null } })
    const headers = { Authorization: `Bearer ${token}`, Cookie: COOKIE }
    const answer = await gate.ask(new Request(`${SITE}/`, { headers }))
    expect([answer.status, timesOf(answer)]).toEqual([200, null])
    const person = await signIn()
    expect(timesOf(await gate.ask(asking(person.token)))).toContain('gatehouse-total')
  })

  it('sees times when a rule wants a newer sign-in', async () => {
    const rule: Rule = { kind: 'signed-in-within', seconds: 900 }
    const admins = { rules: [{ role: 'owner' as const, rule }], isBesideSite: false }
    const gate = timed({ onlookers: { admins, connections: null } })
    const { token } = await auditor()
    expect(timesOf(await gate.ask(asking(token)))).toContain('gatehouse-total')
    expect(timesOf(await gate.ask(asking(token), plusSeconds(noon, 3600)))).toBeNull()
  })

  it.each(['same-site', 'cross-site'])('sees times: a page that is %s', async (from) => {
    const origin = () =>
      new Response('', {
        headers: { 'Timing-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Server-Timing' },
      })
    expect(await asked(['auditors'], { 'Sec-Fetch-Site': from }, { origin })).toBeNull()
    const inFrame = { 'Sec-Fetch-Site': from, 'Sec-Fetch-Dest': 'iframe' }
    expect(await asked(['auditors'], inFrame, { origin })).toBeNull()
    const own = { 'Sec-Fetch-Site': 'same-origin' }
    expect(await asked(['auditors'], own, { origin })).toContain('gatehouse-total')
    // Chromium says so at a reload, where the person came from the identity provider.
    const reloaded = { 'Sec-Fetch-Site': from, 'Sec-Fetch-Dest': 'document' }
    expect(await asked(['auditors'], reloaded, { origin })).toContain('gatehouse-total')
  })
})

describe('the origin', () => {
  it.each([
    'gatehouse-total;dur=1',
    'db;dur=1, Gatehouse-KV;dur=99999',
    'db;desc="\\", gatehouse-kv;dur=1',
  ])('cannot forge our times: %s', async (forged) => {
    const gate = timed({ origin: () => new Response('', { headers: { 'Server-Timing': forged } }) })
    const { token } = await auditor()
    expect(timesOf(await gate.ask(asking(token)))).toMatch(
      /^(gatehouse-\w+;dur=0, )+gatehouse-request;desc="request-1"$/,
    )
    const stranger = await signIn({ id: 'other' }, { subject: 'other' })
    expect(timesOf(await gate.ask(asking(stranger.token)))).toBeNull()
  })

  it('keeps its own header where nobody asks for ours', async () => {
    const headers = { 'Server-Timing': 'db;dur=53', 'Cache-Control': 'max-age=60' }
    const { request } = await auditor()
    const answer = await timed({ origin: () => new Response('', { headers }) }).ask(request)
    expect(timesOf(answer)).toBe('db;dur=53')
    expect(answer.headers.get('Cache-Control')).toBe('private, max-age=60')
  })

  it('neither gets the cookie nor sets it', async () => {
    const headers = { 'Set-Cookie': `${COOKIE}; Path=/; Secure` }
    const gate = timed({ origin: () => new Response('', { headers }) })
    const { token } = await auditor()
    const answer = await gate.ask(asking(token))
    expect(gate.sent[0]?.headers.has('Cookie')).toBe(false)
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

it('costs a warm page that does not ask no reading of the clock but that of the watch', async () => {
  const { request } = await auditor()
  const clock = vi.fn(() => noon)
  const gate = timed({ origin: () => new Response('x', { headers: { 'Content-Length': '1' } }) })
  Object.defineProperty(gate, 'now', { get: clock, set() {} })
  await gate.ask(request, noon)
  clock.mockClear()
  await gate.ask(request, noon)
  expect(clock).toHaveBeenCalledTimes(1)
})
