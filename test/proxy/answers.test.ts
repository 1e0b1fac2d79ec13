import { beforeEach, describe, expect, it } from 'vitest'
import { createGate, navigation } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'

const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    {
      path: '/admin',
      policy: { kind: 'rule', rule: { kind: 'email', email: 'root@x.test', connection: null } },
    },
    { path: '/public', policy: { kind: 'public' } },
  ],
  corsOrigins: ['https://friend.example'],
} as const
const url = (path: string) => `https://app.example.com${path}`
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  createGate({ site }).ask(new Request(url(path), { method, headers }))
const script = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('a request in the background by who is not signed in', () => {
  it('is 401 with where to sign in, and never remembered as where to return to', async () => {
    const answer = await ask('/api/secret?q=1', { ...script, Referer: url('/board?tab=2') })
    expect(answer.status).toBe(401)
    const loginUrl = url(`/.gatehouse/login?to=${encodeURIComponent('/board?tab=2')}`)
    expect(await answer.json()).toEqual({
      error: 'login-required',
      message: expect.any(String),
      loginUrl,
      popupUrl: url('/.gatehouse/login?to=%2F.gatehouse%2Fsigned-in'),
      requestId: 'request-1',
    })
    expect(answer.headers.get('WWW-Authenticate')).toBe(`Gatehouse login_url="${loginUrl}"`)
    expect(answer.headers.get('Location')).toBeNull()
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(answer.headers.get('Content-Type')).toMatch(/^application\/json/)
  })

  it.each([
    ['no page', {}],
    ['a page of another site', { Referer: 'https://evil.example/board' }],
    ['a page of a site whose name begins like ours', { Referer: 'https://app.example.com.evil/' }],
    ['a page of ours without TLS', { Referer: 'http://app.example.com/board' }],
    ['nonsense', { Referer: 'board' }],
  ] as const)('returns to the front page when it comes from %s', async (_, headers) => {
    const { loginUrl } = await (
      await ask('/api', { ...script, ...headers })
    ).json<{
      loginUrl: string
    }>()
    expect(loginUrl).toBe(url('/.gatehouse/login?to=%2F'))
  })

  it('comes back to the front page, when it is of a page of a very long address', async () => {
    const Referer = url(`/?${'x'.repeat(3000)}`)
    const { loginUrl } = await (
      await ask('/api', { ...script, Referer })
    ).json<{ loginUrl: string }>()
    expect(loginUrl).toBe(url('/.gatehouse/login?to=%2F'))
  })

  it('has the tab remember the address, when it is for a page of a very long one', async () => {
    const answer = await ask(`/?${'"'.repeat(3000)}`, navigation)
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain("sessionStorage.setItem('gatehouse-to', location.pathname +")
    expect(page).toContain("location.replace('/.gatehouse/login?to=%2F.gatehouse%2Fback')")
    expect(page).toContain('Sign in in a new tab')
    expect(page).not.toContain('%22%22')
  })

  it('cannot break out of the header that says where', async () => {
    const answer = await ask('/api', { ...script, Referer: url('/?a="b"&c=<d>') })
    expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Gatehouse login_url="[^"<>]*"$/)
  })

  it('is read by pages of the site and of its friends, with their cookies', async () => {
    for (const origin of ['https://app.example.com', 'https://friend.example']) {
      const { headers } = await ask('/api', { ...script, Origin: origin })
      expect(headers.get('Access-Control-Allow-Origin')).toBe(origin)
      expect(headers.get('Access-Control-Allow-Credentials')).toBe('true')
      expect(headers.get('Access-Control-Expose-Headers')).toBe('WWW-Authenticate')
      expect(headers.get('Vary')).toMatch(/(^|, )Origin(,|$)/)
    }
  })

  it('is read by nobody else', async () => {
    for (const origin of [
      'https://evil.example',
      'https://friend.example.evil',
      'http://friend.example',
      'https://FRIEND.example',
      'null',
      '*',
    ]) {
      const answer = await ask('/api', { ...script, Origin: origin })
      expect(answer.status).toBe(401)
      expect(
        [...answer.headers.keys()].filter((name) => name.startsWith('access-control')),
      ).toEqual([])
    }
  })

  it('is 401 for a WebSocket too', async () => {
    expect((await ask('/live', { Upgrade: 'websocket' })).status).toBe(401)
  })

  it('is 403 and readable by friends when who is signed in may not', async () => {
    const { token } = await signIn()
    const headers = { ...script, Origin: 'https://friend.example' }
    const answer = await createGate({ site }).ask(requestWith(token, url('/admin'), { headers }))
    expect(answer.status).toBe(403)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('https://friend.example')
  })
})

describe('a form sent by who is not signed in', () => {
  it.each(['same-origin', 'same-site', 'none'])(
    'says that it was not sent, and how to sign in and send it after all: %s',
    async (from) => {
      const answer = await ask('/save', { ...navigation, 'Sec-Fetch-Site': from }, 'POST')
      expect(answer.status).toBe(401)
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Gatehouse /)
      expect(answer.headers.get('Location')).toBeNull()
      const page = await answer.text()
      expect(page).toContain('the form was not sent')
      expect(page).toMatch(/action="\/\.gatehouse\/login"\s+target="_blank" rel="noopener"/)
      expect(page).toContain('name="to" value="/.gatehouse/signed-in"')
    },
  )

  it('is not to be sent again when another site made it', async () => {
    const from = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
    const answer = await ask('/save', { ...navigation, ...from }, 'POST')
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain('It came from another site')
    expect(page).not.toContain('/.gatehouse/login')
  })
})

describe('a preflight without a session', () => {
  const preflight = (origin: string, path = '/api') =>
    ask(
      path,
      {
        Origin: origin,
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'content-type,x-own',
      },
      'OPTIONS',
    )

  it('is answered for friends of the site, by the gate', async () => {
    const answer = await preflight('https://friend.example')
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://friend.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'content-type,x-own',
      vary: expect.stringContaining('Origin'),
    })
  })

  it('is refused to everybody else, without a word of what is allowed', async () => {
    const answer = await preflight('https://evil.example')
    expect(answer.status).toBe(403)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    )
  })

  it('never reaches the origin on a protected route, and does on a public one', async () => {
    const { ask: send, sent } = createGate({ site })
    const headers = { Origin: 'https://friend.example', 'Access-Control-Request-Method': 'PUT' }
    await send(new Request(url('/api'), { method: 'OPTIONS', headers }))
    expect(sent).toEqual([])
    await send(new Request(url('/public'), { method: 'OPTIONS', headers }))
    expect(sent.map(({ method }) => method)).toEqual(['OPTIONS'])
  })

  it('reaches the origin where the site says so, with nothing but the preflight itself', async () => {
    const { token } = await signIn()
    const origin = () =>
      new Response(null, { status: 204, headers: { 'Access-Control-Allow-Methods': 'PUT' } })
    const { ask: send, sent } = createGate({ site: { ...site, preflights: 'pass' }, origin })
    const headers = {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'content-type',
      'X-HTTP-Method-Override': 'DELETE',
      Authorization: 'Basic YTpi',
      Cookie: 'own=1',
      'CF-Connecting-IP': '192.0.2.1',
      'X-Gatehouse-Jwt-Assertion': 'forged',
    }
    const askWith = (more = {}) =>
      send(
        new Request(url('/admin?q=1'), {
          method: 'OPTIONS',
          headers: { ...headers, ...more },
          body: 'x',
        }),
      )
    const answer = await askWith()
    expect(answer.status).toBe(204)
    expect(answer.headers.get('Access-Control-Allow-Methods')).toBe('PUT')
    // The gate adds nothing of its own: the site behind says who may read.
    expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false)
    const [passed] = sent
    expect([passed?.method, passed?.url]).toEqual([
      'OPTIONS',
      'https://origin.example.net/admin?q=1',
    ])
    expect(await passed?.text()).toBe('')
    const names = [...(passed?.headers.keys() ?? [])]
    expect(names.filter((name) => !/^(x-)?forwarded|^x-real-ip$/.test(name)).toSorted()).toEqual([
      'access-control-request-headers',
      'access-control-request-method',
      'cf-connecting-ip',
      'origin',
      'x-gatehouse-passed',
      'x-gatehouse-request',
    ])
    // A program's OPTIONS with a session that has ended is not signed in either.
    await askWith({ Cookie: `__Host-gatehouse=${token}x` })
    expect(sent[1]?.headers.has('X-Gatehouse-Jwt-Assertion')).toBe(false)
  })

  it('that passes still goes round in no circle', async () => {
    const headers = {
      Origin: 'https://friend.example',
      'Access-Control-Request-Method': 'PUT',
      'X-Gatehouse-Passed': 'other.example.com',
    }
    const { ask: send, sent } = createGate({ site: { ...site, preflights: 'pass' } })
    await send(new Request(url('/api'), { method: 'OPTIONS', headers }))
    expect(sent[0]?.headers.get('X-Gatehouse-Passed')).toBe('other.example.com, app.example.com')
  })

  it('is all that passes: an OPTIONS that is no preflight needs a session', async () => {
    const { ask: send, sent } = createGate({ site: { ...site, preflights: 'pass' } })
    const headers = { Origin: 'https://friend.example' }
    expect((await send(new Request(url('/api'), { method: 'OPTIONS', headers }))).status).toBe(401)
    expect(sent).toEqual([])
  })

  it('lets nothing through by itself: the request after it needs a session as any', async () => {
    const answer = await ask('/api', { ...script, Origin: 'https://friend.example' }, 'PUT')
    expect(answer.status).toBe(401)
  })
})

describe('every answer of ours', () => {
  it('varies by all that it depends on, and is stored by nobody', async () => {
    for (const headers of [navigation, script]) {
      const answer = await ask('/', headers)
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      for (const name of ['Cookie', 'Origin', 'Accept', 'Sec-Fetch-Mode', 'Sec-Fetch-Dest']) {
        expect(answer.headers.get('Vary')?.split(', ')).toContain(name)
      }
    }
  })
})
