/** Rules about the request itself, at the gate. */
import { beforeEach, describe, expect, it } from 'vitest'
import { plusSeconds } from '../../src/lib/instant.ts'
import { parseIp } from '../../src/policy/ip.ts'
import type { Rule } from '../../src/policy/policy.ts'
import type { Denied } from '../../src/site/site.ts'
import { readAsks } from '../../src/policy/asks.ts'
import { createGate, emptyKeys, navigation } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'
import { noon } from '../support/site.ts'

const url = (path: string) => `https://app.example.com${path}`
const admins: Rule = { kind: 'group', name: 'admins', connection: null }
const routes = [
  {
    path: '/news',
    policy: {
      kind: 'by-method',
      methods: ['GET'],
      otherwise: { kind: 'rule', rule: admins },
    },
  },
  {
    path: '/office',
    policy: {
      kind: 'rule',
      rule: { kind: 'ip', ranges: [{ text: '192.0.2.0/24', prefix: '4110000000000000000000010' }] },
    },
  },
  {
    path: '/abroad',
    policy: {
      kind: 'rule',
      rule: { kind: 'not', rule: { kind: 'country', countries: ['DE'] } },
    },
  },
  {
    path: '/reading',
    policy: { kind: 'rule', rule: { kind: 'method', methods: ['GET'] } },
  },
] as const

beforeEach(async () => {
  await emptyStores()
  await emptyKeys()
  await addConnection('okta')
})

describe('a path that is public by method', () => {
  const { ask, sent } = createGate({ site: { routes } })

  it.each(['GET', 'HEAD'])('is open to anybody with %s', async (method) => {
    expect((await ask(new Request(url('/news'), { method }))).status).toBe(200)
    expect(sent.at(-1)?.headers.has('X-Gatehouse-Jwt-Assertion')).toBe(false)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'needs the rule with %s',
    async (method) => {
      const before = sent.length
      expect((await ask(new Request(url('/news'), { method }))).status).toBe(401)
      const { token } = await signIn({ groups: ['staff'] })
      expect((await ask(requestWith(token, url('/news'), { method }))).status).toBe(403)
      expect(sent.length).toBe(before)
      const admin = await signIn({ groups: ['admins'] })
      expect((await ask(requestWith(admin.token, url('/news'), { method }))).status).toBe(200)
    },
  )

  it('needs the rule for a WebSocket, which sends as well', async () => {
    const headers = { Upgrade: 'websocket' }
    expect((await ask(new Request(url('/news'), { headers }))).status).toBe(401)
  })

  it('needs the rule where the origin may read another method', async () => {
    for (const method of ['POST', 'GET']) {
      const headers = { 'X-HTTP-Method-Override': method === 'POST' ? 'GET' : 'DELETE' }
      const { status } = await ask(new Request(url('/news'), { method, headers }))
      expect(status).toBe(method === 'POST' ? 401 : 200)
      // A GET goes on without the header.
      if (method === 'GET') expect(sent.at(-1)?.headers.has('X-HTTP-Method-Override')).toBe(false)
    }
  })
})

describe('a rule about the request', () => {
  it('goes by the address that Cloudflare writes', async () => {
    const { ask, events } = createGate({ site: { routes } })
    const { token } = await signIn()
    const from = async (address: string | null) => {
      const headers = {
        ...navigation,
        ...(address === null ? {} : { 'CF-Connecting-IP': address }),
      }
      return (await ask(requestWith(token, url('/office'), { headers }))).status
    }
    expect(await from('192.0.2.7')).toBe(200)
    expect(await from('192.0.3.7')).toBe(403)
    expect(await from(null)).toBe(403)
    expect(await from('192.0.2.7, 192.0.3.7')).toBe(403)
    expect(events.map((event) => event.kind === 'access-denied' && event.reason)).toEqual([
      'needs an address in 192.0.2.0/24',
      'needs an address in 192.0.2.0/24 (not known: ip)',
      'needs an address in 192.0.2.0/24 (not known: ip)',
    ])
  })

  it('goes by the country that Cloudflare knows, and lets nobody in where it knows none', async () => {
    const { ask } = createGate({ site: { routes } })
    const { token } = await signIn()
    const from = async (country?: string) => {
      const request = requestWith(token, url('/abroad'), { headers: navigation })
      const known = new Request(request, { cf: country === undefined ? {} : { country } })
      return (await ask(known)).status
    }
    expect(await from('FR')).toBe(200)
    for (const country of ['DE', 'XX', 'T1', undefined]) expect(await from(country)).toBe(403)
  })

  it('about methods holds for every method that the origin may read', async () => {
    const { ask } = createGate({ site: { routes } })
    const { token } = await signIn()
    const by = async (init: RequestInit) =>
      (await ask(requestWith(token, url('/reading'), init))).status
    expect(await by({})).toBe(200)
    expect(await by({ method: 'HEAD' })).toBe(200)
    expect(await by({ method: 'POST' })).toBe(403)
    expect(await by({ method: 'POST', headers: { 'X-HTTP-Method': 'GET' } })).toBe(403)
  })
})

describe('what a request shows', () => {
  const readIp = (address: string) =>
    readAsks(new Request(url('/'), { headers: { 'CF-Connecting-IP': address } }), ['GET']).ip

  it('is its address', () => {
    expect(readIp('192.0.2.7')).toBe(parseIp('192.0.2.7'))
    expect(readIp('2001:db8::7')).toBe(parseIp('2001:db8::7'))
  })

  it('is no address that Pseudo IPv4 made up', () => {
    for (const address of ['240.0.0.1', '255.1.2.3']) expect(readIp(address)).toBeNull()
    expect(readIp('239.255.255.255')).not.toBeNull()
  })
})

describe('the page for a person without access', () => {
  const wall: Rule = { kind: 'all', of: [{ kind: 'signed-in' }, admins] }
  const route = { path: '/', policy: { kind: 'rule', rule: wall } } as const
  const deniedBy = async (denied: Denied, headers: Record<string, string> = navigation) => {
    const { ask } = createGate({ site: { routes: [route], denied } })
    const { token } = await signIn({ groups: ['staff'] })
    return ask(requestWith(token, url('/secret'), { headers }))
  }

  it('says who they are, and not what is missing unless the site wants it', async () => {
    const answer = await deniedBy({ words: null, rule: 'hidden' })
    const page = await answer.text()
    expect(answer.status).toBe(403)
    expect(page).toContain('You are signed in as <strong>ada@example.com</strong>')
    expect(page).toContain('ask your administrator')
    expect(page).toContain('Use another account')
    expect(page).not.toContain('admins')
  })

  it('says which part of the rule is not met where the site wants it', async () => {
    const page = await (await deniedBy({ words: null, rule: 'shown' })).text()
    expect(page).toContain('This page needs group admins.')
  })

  it("has the operator's words, as text", async () => {
    const page = await (await deniedBy({ words: 'Ask <#it-help>', rule: 'hidden' })).text()
    expect(page).toContain('Ask &lt;#it-help&gt;')
    expect(page).not.toContain('ask your administrator')
  })

  it('is JSON for a script, with the same words', async () => {
    const answer = await deniedBy({ words: 'Ask #it-help', rule: 'shown' }, {})
    expect(await answer.json()).toMatchObject({
      error: 'access-denied',
      message:
        'You are signed in as ada@example.com. This account has no access to this address. It needs group admins. Ask #it-help',
    })
  })
})

describe('what is open while the answer of a rule changes', () => {
  const until = async (rule: Rule, seconds: number) => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const route = { path: '/', policy: { kind: 'rule', rule } } as const
    const world = createGate({ site: { routes: [route] }, origin: () => promise })
    const { token } = await signIn({ authnInstant: noon })
    const answered = world.ask(requestWith(token, url('/'), {}))
    await expect.poll(() => world.sent.length).toBe(1)
    world.now = plusSeconds(noon, seconds)
    resolve(new Response('of the origin'))
    return { answer: await answered, events: world.events }
  }

  it('is refused when its hours are over', async () => {
    const days = [0, 1, 2, 3, 4, 5, 6]
    const hours: Rule = { kind: 'hours', from: 11 * 60, to: 13 * 60, days, zone: 'UTC' }
    const { answer, events } = await until(hours, 3600)
    expect(answer.status).toBe(403)
    expect(events).toMatchObject([
      { kind: 'session-ended', reason: expect.stringContaining('needs the time 11:00-13:00 UTC') },
    ])
  })

  it('needs another sign-in when this one has become too old', async () => {
    const { answer } = await until({ kind: 'signed-in-within', seconds: 600 }, 600)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ loginUrl: expect.stringContaining('anew=') })
  })
})
