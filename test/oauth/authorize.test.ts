/** What may be asked of a person, by whom, and where the answer goes. */
import { env } from 'cloudflare:workers'
import * as oauth from 'oauth4webapi'
import { beforeEach, describe, expect, it } from 'vitest'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import { A, at, B, C, LOGIN, rows } from '../login/person.ts'
import { stepsOf } from '../login/stage.ts'
import {
  addClient,
  allow,
  BACK,
  begin,
  configOf,
  connect,
  createStage,
  emptyAll,
  lastSeen,
  LOCAL,
  personOf,
  press,
  redeem,
  type Listed,
  type Terms,
} from './stage.ts'

beforeEach(emptyAll)

const ready = async (client: Listed = {}, terms: Terms = {}) => {
  const stage = await createStage(configOf(terms))
  const zoe = personOf(stage)
  const known = await addClient(client)
  const ask = async (fields: Readonly<Record<string, string | null>> = {}) => {
    const begun = await begin(stage, known, fields)
    const response = await zoe.open(begun.url.href)
    return { begun, response, page: await response.text(), at: lastSeen(zoe) }
  }
  return { stage, zoe, client: known, ask }
}

const isAtClient = (url: URL) => url.host === 'client.example.org'
const errorOf = ({ searchParams }: URL) => searchParams.get('error')

describe('a request that is refused', () => {
  it.each([
    ['PKCE absent', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['PKCE by its default, plain', { code_challenge_method: null }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no response_type', { response_type: null }, 'invalid_request'],
    ['a site without OAuth', { resource: `${C}/` }, 'invalid_target'],
    ['a site of somebody else', { resource: 'https://evil.example.org/' }, 'invalid_target'],
    ['a look-alike of a site', { resource: `${A}.evil.example.org/` }, 'invalid_target'],
    ['a site by http', { resource: 'http://a.example.com/' }, 'invalid_target'],
    ['a site with a user name', { resource: 'https://x@a.example.com/' }, 'invalid_target'],
    ['a resource with a fragment', { resource: `${A}/#x` }, 'invalid_target'],
    ['no resource where there are two', { resource: null }, 'invalid_target'],
    ['a prompt that is unknown', { prompt: 'create' }, 'invalid_request'],
    ['prompt=none with another', { prompt: 'none consent' }, 'invalid_request'],
    ['a state with a line break', { state: 'a\nb' }, 'invalid_request'],
  ])('for %s is answered to a registered client, with iss and state', async (_, fields, error) => {
    const { ask } = await ready()
    const { at: back, begun } = await ask(fields)
    expect([isAtClient(back), errorOf(back)]).toEqual([true, error])
    expect(back.searchParams.get('iss')).toBe(LOGIN)
    expect(back.searchParams.get('state')).toBe(begun.url.searchParams.get('state'))
    expect(await rows('oauth_grants')).toEqual([])
  })

  it.each(['response_type', 'state', 'code_challenge', 'code_challenge_method', 'scope', 'prompt'])(
    'for a second %s is answered, too',
    async (name) => {
      const { stage, zoe, client } = await ready()
      const { url } = await begin(stage, client, { scope: 'access', prompt: 'consent' })
      await zoe.open(`${LOGIN}/`)
      url.searchParams.append(name, 'another')
      await zoe.open(url.href)
      expect(errorOf(lastSeen(zoe))).toBe('invalid_request')
    },
  )

  it.each([
    ['a second client_id', 'client_id', 'reports'],
    ['a second redirect_uri', 'redirect_uri', 'https://evil.example.org/'],
  ])('for %s is answered nowhere', async (_, name, value) => {
    const { stage, zoe, client } = await ready()
    const { url } = await begin(stage, client)
    await zoe.open(`${LOGIN}/`)
    url.searchParams.append(name, value)
    expect((await zoe.open(url.href)).status).toBe(400)
    expect(lastSeen(zoe).origin).toBe(LOGIN)
  })

  it.each([
    ['another host', 'https://evil.example.org/cb'],
    ['a path below', `${BACK}/below`],
    ['a slash more', `${BACK}/`],
    ['a query more', `${BACK}?x=1`],
    ['a fragment', `${BACK}#x`],
    ['http', 'http://client.example.org/cb'],
    ['a port', 'https://client.example.org:8443/cb'],
    ['the default port', 'https://client.example.org:443/cb'],
    ['capital letters', 'https://CLIENT.example.org/cb'],
    ['a host in front', 'https://client.example.org.evil.example.org/cb'],
    ['a user name', 'https://client.example.org@evil.example.org/cb'],
    ['a backslash', 'https://evil.example.org\\@client.example.org/cb'],
    ['dots', 'https://client.example.org/x/../cb'],
    ['an encoded slash', 'https://client.example.org/%63b'],
    ['a scheme of its own', 'client:/cb'],
    ['javascript', 'javascript:alert(1)'],
    ['data', 'data:text/html,x'],
    ['a tab in it', 'https://client.example.org/\tcb'],
  ])('for an address with %s is answered nowhere', async (_, redirect) => {
    const { zoe, ask } = await ready()
    const { response, page } = await ask({ redirect_uri: redirect })
    expect([response.status, lastSeen(zoe).origin]).toEqual([400, LOGIN])
    expect(page).toContain('an address that is not registered for it')
    expect(page).not.toContain('evil')
    expect(await rows('oauth_grants')).toEqual([])
  })

  it.each([
    ['is unknown', 'nobody'],
    ['is missing', null],
    ['would be a document, which is off', 'https://client.example.org/client.json'],
    ['would have registered itself, which is off', 'gh_lc_AAAA'],
    ['is hostile', `"><script>alert(1)</script>`],
    ['is long', 'x'.repeat(1000)],
  ])('for a client that %s is answered nowhere', async (_, id) => {
    const { zoe, ask } = await ready()
    const { response, page } = await ask({ client_id: id })
    expect([response.status, lastSeen(zoe).origin]).toEqual([400, LOGIN])
    expect(page).not.toContain('<script>alert')
  })

  it('for being too long is answered nowhere', async () => {
    const { ask } = await ready()
    expect((await ask({ state: 'x'.repeat(2000) })).response.status).toBe(400)
  })

  it('is not looked into for somebody who is not signed in', async () => {
    const { stage, zoe, client } = await ready()
    zoe.staysAtIdp = true
    const { url } = await begin(stage, client, { redirect_uri: 'https://evil.example.org/' })
    await zoe.open(url.href)
    expect(lastSeen(zoe).host).toBe('idp.example.test')
  })

  it('in a frame, an image or a script is answered nowhere', async () => {
    const { stage, zoe, client } = await ready()
    const { url } = await begin(stage, client)
    await zoe.open(`${LOGIN}/`)
    const cookie = [...zoe.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`)
    for (const [mode, dest] of [
      ['navigate', 'iframe'],
      ['no-cors', 'image'],
      ['cors', 'empty'],
    ] as const) {
      const headers = {
        Cookie: cookie.join('; '),
        'Sec-Fetch-Mode': mode,
        'Sec-Fetch-Dest': dest,
      }
      const answer = await stage.send(new Request(url, { headers, redirect: 'manual' }))
      expect([mode, dest, answer.status]).toEqual([mode, dest, 400])
    }
  })
})

describe('scopes', () => {
  it.each([
    [null, true],
    ['access', true],
    ['access offline_access', true],
    ['openid access', true],
    ['openid', false],
    ['admin', false],
    ['Access', false],
    ['access  twice', false],
    [' access', false],
    ['access "', false],
    ['accéss', false],
  ])('%j: granted is %s, and never more than access', async (scope, isGranted) => {
    const { stage, zoe, client, ask } = await ready()
    const { begun, at: back, page } = await ask({ scope })
    if (!isGranted) return expect(errorOf(back)).toBe('invalid_scope')
    await press(zoe, page, 'allow')
    const { answer } = await redeem(stage, client, begun, lastSeen(zoe))
    expect(answer.scope).toBe('access')
  })
})

describe('the page that asks', () => {
  it('says who asks, for what, in whose name, how long, and where the answer goes', async () => {
    const { ask } = await ready({ name: 'Reports <b>&' })
    const { page, response } = await ask()
    for (const text of [
      '<strong>Reports &lt;b&gt;&amp;</strong>',
      'Your administrator has registered this program.',
      'https://a.example.com',
      'Everything that you may do there',
      'Until 22 Feb 2027 at most',
      'zoe@example.test',
      'You will go on to client.example.org.',
    ]) {
      expect(page).toContain(text)
    }
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).not.toContain('script-src')
    expect(response.headers.get('X-Frame-Options')).toBe('DENY')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  it('counts only where a page of the login host sent it', async () => {
    const { stage, zoe, ask } = await ready()
    const { page } = await ask()
    const step = stepsOf(page).find(({ fields }) => fields['choice'] === 'allow')
    const url = LOGIN + (step?.action ?? '')
    // With the cookie, as a browser without SameSite would send it.
    const cookie = [...zoe.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`)
    for (const origin of ['https://evil.example.org', A, 'null', null]) {
      const headers = new Headers({ Cookie: cookie.join('; ') })
      if (origin !== null) headers.set('Origin', origin)
      const body = new URLSearchParams(step?.fields)
      const answer = await stage.send(new Request(url, { method: 'POST', headers, body }))
      expect([origin, answer.status]).toEqual([origin, 400])
    }
    expect(await rows('oauth_grants')).toEqual([])
  })

  it('counts only for the person whom it named', async () => {
    const { stage, ask } = await ready()
    const { page } = await ask()
    const bob = personOf(stage, 'bob@example.test')
    await bob.open(`${LOGIN}/`)
    const answer = await press(bob, page, 'allow')
    expect(await answer.text()).toContain('bob@example.test')
    expect(await rows('oauth_grants')).toEqual([])
  })

  it('is judged again when it is sent: what it says may be forged', async () => {
    const { zoe, ask } = await ready()
    const { page } = await ask()
    const step = stepsOf(page).find(({ fields }) => fields['choice'] === 'allow')
    const forged = { ...step?.fields, redirect_uri: 'https://evil.example.org/' }
    expect((await zoe.post(LOGIN + (step?.action ?? ''), forged)).status).toBe(400)
    expect(await rows('oauth_grants')).toEqual([])
  })

  it('is not shown to somebody whom the site would refuse', async () => {
    const group = { group: 'staff', connection: 'okta' }
    const routes = [
      { path: '/', access: group },
      { path: '/public', access: 'public' as const },
    ]
    const stage = await createStage(configOf({}, { [A]: { routes } }))
    const client = await addClient()
    const { url } = await begin(stage, client)
    const zoe = personOf(stage)
    const refused = await zoe.open(url.href)
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('access to a.example.com')
    const [user] = await findUsers(env.DB, zoe.nameId)
    expect(stage.audit().at(-1)).toMatchObject({
      audit: 'grant-refused',
      connection: 'okta',
      user: user?.id,
      reason: 'access_denied',
    })
    const bob = personOf(stage, 'bob@example.test', ['staff'])
    expect((await bob.open(url.href)).status).toBe(200)
  })

  it('comes after the sign-in that a policy asks for', async () => {
    const access = { signedInWithin: '5m' }
    const stage = await createStage(configOf({}, { [A]: { routes: [{ path: '/', access }] } }))
    const client = await addClient()
    const zoe = personOf(stage)
    await zoe.open(`${LOGIN}/`)
    at(3600)
    const begun = await begin(stage, client)
    const back = await allow(zoe, begun)
    expect(zoe.timesAtIdp).toBe(2)
    await redeem(stage, client, begun, back)
  })

  it('comes after a new sign-in with prompt=login, and without one with prompt=none', async () => {
    const { zoe, ask, stage, client } = await ready()
    const silent = await ask({ prompt: 'none' })
    expect([isAtClient(silent.at), errorOf(silent.at)]).toEqual([true, 'login_required'])
    expect(zoe.timesAtIdp).toBe(0)
    await zoe.open(`${LOGIN}/`)
    expect(errorOf((await ask({ prompt: 'none' })).at)).toBe('consent_required')
    const { page, begun } = await ask({ prompt: 'login' })
    expect(zoe.timesAtIdp).toBe(2)
    await press(zoe, page, 'allow')
    await redeem(stage, client, begun, lastSeen(zoe))
  })

  it('is asked again each time for a program on the own computer, whose port may be another', async () => {
    const { zoe, ask } = await ready({ redirects: ['http://127.0.0.1/cb'] })
    for (const port of [7777, 7777]) {
      const { page } = await ask({ redirect_uri: `http://127.0.0.1:${port}/cb` })
      expect(page).toContain('You will go on to a program on this computer.')
      await press(zoe, page, 'allow')
      expect(lastSeen(zoe).href).toMatch(/^http:\/\/127\.0\.0\.1:7777\/cb\?code=/)
    }
    for (const other of [
      'http://localhost:7777/cb',
      'http://[::1]:7777/cb',
      'http://127.0.0.2/cb',
    ]) {
      expect((await ask({ redirect_uri: other })).response.status).toBe(400)
    }
    expect((await ask({ redirect_uri: LOCAL.replace('/cb', '/other') })).response.status).toBe(400)
  })
})

describe('the answer', () => {
  it('has iss, so that a client of several servers is not mixed up', async () => {
    const { zoe, ask, client } = await ready()
    const { page, begun } = await ask()
    await press(zoe, page, 'allow')
    const back = lastSeen(zoe)
    const other = { ...begun.server, issuer: 'https://evil.example.org' }
    expect(() => oauth.validateAuthResponse(other, client, back, begun.state)).toThrow('"iss"')
    oauth.validateAuthResponse(begun.server, client, back, begun.state)
  })

  it('keeps a query that the registered address has', async () => {
    const { zoe, ask } = await ready({ redirects: [`${BACK}?tenant=1`] })
    const { page } = await ask({ redirect_uri: null })
    await press(zoe, page, 'allow')
    const { searchParams } = lastSeen(zoe)
    expect([searchParams.get('tenant'), searchParams.has('code')]).toEqual(['1', true])
  })

  it('sends no address of ours along', async () => {
    const { zoe, ask } = await ready()
    const { page } = await ask()
    const answer = await press(zoe, page, 'allow')
    expect(answer.status).toBe(200)
    const { stage, client } = await (async () => {
      await emptyAll()
      return ready()
    })()
    const bob = personOf(stage)
    await connect(stage, bob, client)
    const { url } = await begin(stage, client)
    const redirect = await bob.at(LOGIN).go(url.href)
    expect(redirect.status).toBe(302)
    expect(redirect.headers.get('Referrer-Policy')).toBe('no-referrer')
  })

  it('is for one site: another one is asked for anew', async () => {
    const { stage, zoe, client } = await ready()
    await connect(stage, zoe, client)
    await connect(stage, zoe, client, { resource: `${B}/some/path` })
    expect((await rows('oauth_grants')).map((row) => row['site'])).toEqual([
      'a.example.com',
      'b.example.com',
    ])
  })
})
