/** Clients that nobody registered by hand: by a document, or by themselves. */
import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { A, at, LOGIN, rows } from '../login/person.ts'
import {
  begin,
  configOf,
  createStage,
  discover,
  emptyAll,
  lastSeen,
  LOCAL,
  personOf,
  postTo,
  press,
  through,
  type Terms,
} from './stage.ts'

beforeEach(emptyAll)
afterEach(() => void vi.unstubAllGlobals())

const ID = 'https://app.example.org/client.json'
const GOES_TO = 'https://app.example.org/cb'
const document = (more: object = {}) => ({
  client_id: ID,
  client_name: 'Agent',
  redirect_uris: [GOES_TO],
  ...more,
})
const json = { 'Content-Type': 'application/json' }

/** What the web answers to the Worker; returns the addresses that it asked. */
function web(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(url)
    return answer(url, init)
  })
  return asked
}

const open = async (terms: Terms, fields: Readonly<Record<string, string>> = {}) => {
  const stage = await createStage(configOf(terms))
  const zoe = personOf(stage)
  const client = { client_id: ID }
  const begun = await begin(stage, client, { redirect_uri: GOES_TO, ...fields })
  const response = await zoe.open(begun.url.href)
  return { stage, zoe, client, begun, status: response.status, page: await response.text() }
}

describe('a client that describes itself in a document', () => {
  it('is shown by its host, as one that nobody has checked, and gets tokens', async () => {
    const asked = web(() => Response.json(document()))
    const { stage, zoe, client, begun, page } = await open({ documents: ['app.example.org'] })
    expect(page).toContain('It comes from app.example.org. Your administrator has not checked it.')
    expect(asked).toEqual([ID])
    await press(zoe, page, 'allow')
    const back = lastSeen(zoe)
    const params = oauth.validateAuthResponse(begun.server, client, back, begun.state)
    const response = await oauth.authorizationCodeGrantRequest(
      begun.server,
      client,
      oauth.None(),
      params,
      GOES_TO,
      begun.verifier,
      through(stage),
    )
    await oauth.processAuthorizationCodeResponse(begun.server, client, response)
    expect(await rows('oauth_grants')).toMatchObject([
      { client: ID, client_kind: 'document', client_name: 'Agent' },
    ])
    // It is remembered for five minutes.
    await zoe.open(begun.url.href)
    expect(asked).toHaveLength(1)
    at(301)
    await zoe.open(begun.url.href)
    expect(asked).toHaveLength(2)
  })

  it('is not fetched for somebody who is not signed in', async () => {
    const asked = web(() => Response.json(document()))
    const stage = await createStage(configOf({ documents: 'open' }))
    const zoe = personOf(stage)
    zoe.staysAtIdp = true
    const { url } = await begin(stage, { client_id: ID }, { prompt: 'none' })
    await zoe.open(url.href)
    url.searchParams.delete('prompt')
    await zoe.open(url.href)
    await postTo(stage, 'token', { client_id: ID, grant_type: 'refresh_token' })
    expect(asked).toEqual([])
  })

  it.each([
    ['of a host that is not listed', 'https://other.example.org/client.json'],
    ['by http', 'http://app.example.org/client.json'],
    ['at a port', 'https://app.example.org:8443/client.json'],
    ['at an address', 'https://127.0.0.1/client.json'],
    ['at an IPv6 address', 'https://[::1]/client.json'],
    ['at a decimal address', 'https://2130706433/client.json'],
    ['at a private name', 'https://db.internal/client.json'],
    ['at localhost', 'https://localhost/client.json'],
    ['with a user name', 'https://x@app.example.org/client.json'],
    ['with a fragment', `${ID}#x`],
    ['at a root', 'https://app.example.org/'],
    ['with dots in its path', 'https://app.example.org/x/../client.json'],
    ['in capital letters', 'https://APP.example.org/client.json'],
    ['at the cloud’s metadata', 'https://169.254.169.254/client.json'],
    ['at our own login host', `${LOGIN}/client.json`],
    ['at a site of ours', `${A}/client.json`],
    ['that is long', `${ID}?${'x'.repeat(300)}`],
  ])('is never asked for %s', async (_, id) => {
    const asked = web(() => Response.json(document({ client_id: id })))
    const isUnlisted = id.startsWith('https://other.')
    const documents = isUnlisted ? ['app.example.org'] : 'open'
    const { status, page } = await open({ documents }, { client_id: id })
    expect([status, asked]).toEqual([400, []])
    expect(page).toContain('This program is not known here')
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['a redirect', () => Response.redirect('https://app.example.org/other.json')],
    ['another status', () => new Response('{}', { status: 404, headers: json })],
    ['another type', () => new Response(JSON.stringify(document()))],
    ['a large document', () => Response.json(document({ x: 'x'.repeat(11_000) }))],
    ['no JSON', () => new Response('{', { headers: json })],
    ['a deep document', () => Response.json(document({ x: [[[[[[[1]]]]]]] }))],
    [
      'a name twice',
      () => new Response(`{"client_id":"x","client_id":"${ID}"}`, { headers: json }),
    ],
    ['another client_id', () => Response.json(document({ client_id: `${ID}x` }))],
    ['no name', () => Response.json(document({ client_name: undefined }))],
    ['a name in two lines', () => Response.json(document({ client_name: 'a\nb' }))],
    ['a name that hides', () => Response.json(document({ client_name: 'a\u202eb' }))],
    ['a long name', () => Response.json(document({ client_name: 'x'.repeat(81) }))],
    ['no addresses', () => Response.json(document({ redirect_uris: [] }))],
    ['many addresses', () => Response.json(document({ redirect_uris: Array(11).fill(GOES_TO) }))],
    ['one wrong address', () => Response.json(document({ redirect_uris: [GOES_TO, 'x:y'] }))],
    ['a secret', () => Response.json(document({ token_endpoint_auth_method: 'private_key_jwt' }))],
    ['no answer', () => Promise.reject(new Error('unreachable'))],
  ])('is not taken with %s, and not asked again for a minute', async (_, answer) => {
    const asked = web(answer)
    const { zoe, begun, status, page } = await open({ documents: 'open' })
    expect([status, asked]).toEqual([400, [ID]])
    expect(page).toContain('This program is not known here')
    await zoe.open(begun.url.href)
    expect(asked).toHaveLength(1)
    at(61)
    await zoe.open(begun.url.href)
    expect(asked).toHaveLength(2)
  })

  it('cannot take the name of another: the person sees the host, and no redirect on errors', async () => {
    web(() => Response.json(document({ client_name: 'Your bank' })))
    const { page } = await open({ documents: 'open' })
    expect(page).toContain('It comes from app.example.org.')
    await emptyAll()
    const { zoe, page: fault } = await open({ documents: 'open' }, { response_type: 'token' })
    expect(lastSeen(zoe).host).toBe('login.example.com')
    expect(fault).toContain('Go back to the program')
  })

  it('is believed no further than loopback where its answer goes there', async () => {
    web(() => Response.json(document({ redirect_uris: ['http://localhost/cb'] })))
    const redirect = 'http://localhost:3456/cb'
    const { page } = await open({ documents: 'open' }, { redirect_uri: redirect })
    expect(page).toContain('Any program on this computer can use this name.')
  })
})

describe('a program that registers itself', () => {
  const register = async (stage: Awaited<ReturnType<typeof createStage>>, body: unknown) => {
    const response = await stage.send(
      new Request(`${LOGIN}/.gatehouse/oauth/register`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify(body),
      }),
    )
    const answer: unknown = await response.json()
    return { status: response.status, answer: answer as Readonly<Record<string, unknown>> }
  }

  it('gets a client_id that is all that is known of it, and is asked for each time', async () => {
    const stage = await createStage(configOf({ registration: 'loopback' }))
    const server = await discover(stage)
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        server,
        { client_name: 'Inspector', redirect_uris: [LOCAL] },
        through(stage),
      ),
    )
    expect(client).toMatchObject({ client_name: 'Inspector', token_endpoint_auth_method: 'none' })
    expect(await rows('oauth_clients')).toEqual([])
    const zoe = personOf(stage)
    for (let time = 0; time < 2; time++) {
      const begun = await begin(stage, client, { redirect_uri: LOCAL })
      const page = await (await zoe.open(begun.url.href)).text()
      expect(page).toContain('Any program on this computer can use this name.')
      await press(zoe, page, 'allow')
      const { searchParams } = lastSeen(zoe)
      const { status } = await postTo(stage, 'token', {
        grant_type: 'authorization_code',
        client_id: client.client_id,
        code: searchParams.get('code') ?? '',
        redirect_uri: LOCAL,
        code_verifier: begun.verifier,
      })
      expect(status).toBe(200)
    }
  })

  it.each([
    ['an address elsewhere', { redirect_uris: ['https://client.example.org/cb'] }],
    ['one address elsewhere', { redirect_uris: [LOCAL, 'https://client.example.org/cb'] }],
    ['a look-alike', { redirect_uris: ['http://127.0.0.1.example.org/cb'] }],
    ['a user name', { redirect_uris: ['http://127.0.0.1:80@evil.example.org/'] }],
    ['too many', { redirect_uris: Array(4).fill(LOCAL) }],
    ['none', { client_name: 'x' }],
    ['a long name', { redirect_uris: [LOCAL], client_name: 'x'.repeat(81) }],
    ['a name that hides', { redirect_uris: [LOCAL], client_name: 'x\u0000' }],
    ['a large body', { redirect_uris: [LOCAL], x: 'x'.repeat(5000) }],
    ['a list', [LOCAL]],
  ])('is refused with %s', async (_, body) => {
    const stage = await createStage(configOf({ registration: 'loopback' }))
    const { status, answer } = await register(stage, body)
    expect(status).toBe(400)
    expect(String(answer['error'])).toMatch(/^invalid_(redirect_uri|client_metadata)$/)
  })

  it('cannot get more by a client_id of its own making, and is out when registration is off', async () => {
    const stage = await createStage(configOf({ registration: 'loopback' }))
    const { answer } = await register(stage, { redirect_uris: [LOCAL] })
    const id = String(answer['client_id'])
    const zoe = personOf(stage)
    const made = (said: unknown) => `gh_lc_${encodeBase64Url(utf8(JSON.stringify(said)))}`
    const ask = async (client_id: string, redirect_uri = LOCAL) => {
      const { url } = await begin(stage, { client_id }, { redirect_uri })
      return (await zoe.open(url.href)).status
    }
    const evil = 'https://evil.example.org/cb'
    for (const wrong of [
      made(['x', [evil]]),
      made(['x', [LOCAL, evil]]),
      made(['x\u202ey', [LOCAL]]),
      made(['x'.repeat(81), [LOCAL]]),
      made([1, [LOCAL]]),
      made({}),
      `${id}!`,
      'gh_lc_',
    ]) {
      expect([wrong, await ask(wrong), await ask(wrong, evil)]).toEqual([wrong, 400, 400])
    }
    expect(await ask(id)).toBe(200)
    await emptyAll()
    const off = await createStage(configOf())
    const bob = personOf(off, 'bob@example.test')
    const { url } = await begin(off, { client_id: id }, { redirect_uri: LOCAL })
    expect((await bob.open(url.href)).status).toBe(400)
    expect((await postTo(off, 'token', { client_id: id })).body['error']).toBe('invalid_client')
  })
})

describe('pages of other origins', () => {
  it('may call what needs no cookie, and nothing else', async () => {
    const stage = await createStage(configOf({ registration: 'loopback', device: 'on' }))
    const ask = async (path: string) => {
      const answer = await stage.send(
        new Request(LOGIN + path, {
          method: 'OPTIONS',
          headers: {
            Origin: 'https://inspector.example',
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'content-type',
          },
        }),
      )
      return [
        answer.status,
        answer.headers.get('Access-Control-Allow-Origin'),
        answer.headers.get('Access-Control-Allow-Credentials'),
      ]
    }
    for (const path of ['token', 'revoke', 'register']) {
      expect(await ask(`/.gatehouse/oauth/${path}`)).toEqual([204, '*', null])
    }
    expect(await ask('/.well-known/oauth-authorization-server')).toEqual([204, '*', null])
    for (const path of ['authorize', 'device', 'device-authorization', 'grants']) {
      expect((await ask(`/.gatehouse/oauth/${path}`))[1]).toBeNull()
    }
    const answer = await postTo(stage, 'token', { client_id: 'nobody' })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
  })
})
