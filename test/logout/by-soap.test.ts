/** Sign-out at an identity provider that takes LogoutRequests by SOAP alone (Bindings §3.2, Profiles §4.4). */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { idOf, inSoap, signedInside } from '../../tools/signing/logout.ts'
import { createTestIdp, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { A, at, B, C, LOGIN, rows } from '../login/person.ts'
import { onwardOf, stepsOf, type Stage } from '../login/stage.ts'
import { failsAt } from '../support/binding.ts'
import { byRedirect, emptyAll, isIn, Leaver, OURS, response, SLO, stageWith } from './stage.ts'

const SOAP = 'https://idp.example.org/slo/soap?a=1'
const LOGOUT = '/.gatehouse/logout'
const DONE = `${LOGIN}${LOGOUT}/done`
const bySoap = (location = SOAP) => ({ redirect: null, post: null, soap: { location } })

interface Exchange {
  readonly url: string
  readonly init: RequestInit
  readonly body: string
  /** The ID of our LogoutRequest. */
  readonly id: string
  /** Why the sign-ins had ended by then. */
  readonly ended: readonly unknown[]
}
type Answer = (asked: Exchange) => Response | Promise<Response>

const asked: Exchange[] = []
let answer: Answer = () => new Response()
beforeEach(async () => {
  await emptyAll()
  asked.length = 0
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const body = await new Response(init.body).text()
    const id = idOf(body)
    const ended = (await rows('sign_ins')).map(({ ended_why: why }) => why)
    const exchange = { url, init, body, id, ended }
    asked.push(exchange)
    return answer(exchange)
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

async function signedIn(stage: Stage) {
  const person = new Leaver(stage)
  for (const url of [A, B, C]) await person.open(`${url}/`)
  return person
}

const envelope = async (idp: TestIdp, xml: string): Promise<string> =>
  inSoap(await signedInside(idp, xml))
const xmlOf = (body: BodyInit, status = 200) =>
  new Response(body, { status, headers: { 'Content-Type': 'text/xml' } })

/** Signs out at the site and the identity provider, and returns the page that says what has ended. */
async function signOut(person: Leaver, from = A): Promise<string> {
  await person.post(from + LOGOUT, { scope: 'idp' })
  return (await person.at(LOGIN).go(DONE)).text()
}

const told = (stage: Stage) =>
  stage.audit().filter(({ audit }) => /^(logout-refused|idp-logout-answered)$/.test(String(audit)))
const silent = 'Okta has not answered. You may still be signed in there.'
const unverified = 'The answer of Okta could not be verified.'

const good = (stage: Stage, id: string, codes = ['Success']): string =>
  response(stage, { inResponseTo: id, destination: `${OURS}/soap`, codes })

describe('the page that asks', () => {
  it('offers an identity provider that takes requests by SOAP alone', async () => {
    const zoe = await signedIn(await stageWith({ slo: bySoap() }))
    const page = await (await zoe.at(A).go(A + LOGOUT)).text()
    expect(stepsOf(page).map(({ label }) => label.trim())).toContain(
      'Sign out of all sites and at Okta',
    )
  })
})

describe('sign-out by SOAP', () => {
  it('ends all sites first, then posts a signed LogoutRequest in an envelope, without a redirect', async () => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = async ({ id }) => xmlOf(await envelope(stage.idp, good(stage, id)))
    const page = await signOut(zoe)
    expect(page).toContain('You are signed out at Okta too.')
    expect(page).toContain(`href="${A}/"`)
    expect(asked).toMatchObject([
      { url: SOAP, init: { method: 'POST', redirect: 'manual' }, ended: ['signed-out'] },
    ])
    const [{ init, body } = { init: {}, body: '' }] = asked
    const headers = new Headers(init.headers)
    expect(headers.get('Content-Type')).toBe('text/xml; charset=utf-8')
    expect(headers.get('SOAPAction')).toBe('"http://www.oasis-open.org/committees/security"')
    expect(headers.get('Cache-Control')).toBe('no-cache, no-store')
    expect(body).toMatch(
      /^<S:Envelope xmlns:S="http:\/\/schemas\.xmlsoap\.org\/soap\/envelope\/"><S:Body><samlp:LogoutRequest .*<ds:Signature.*<\/samlp:LogoutRequest><\/S:Body><\/S:Envelope>$/s,
    )
    expect(body).toContain('Destination="https://idp.example.org/slo/soap?a=1"')
    expect(body).toContain('emailAddress">zoe@example.test</saml:NameID>')
    expect(body).toContain('<samlp:SessionIndex>_session</samlp:SessionIndex>')
    expect(told(stage)).toMatchObject([
      { audit: 'idp-logout-answered', connection: 'okta', status: 'all' },
    ])
    at(16)
    expect(await isIn(zoe, [A, B, C])).toEqual([false, false, false])
  })

  it('is by the browser where the identity provider offers that, too', async () => {
    const stage = await stageWith({ slo: { ...byRedirect, soap: { location: SOAP } } })
    const zoe = await signedIn(stage)
    await zoe.post(A + LOGOUT, { scope: 'idp' })
    expect(zoe.carried.map(({ href }) => href.startsWith(`${SLO}?SAMLRequest=`))).toEqual([true])
    expect(asked).toEqual([])
  })

  it('asks the identity provider once, and signs once, however often the ticket of a site is sent', async () => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = async ({ id }) => xmlOf(await envelope(stage.idp, good(stage, id)))
    const page = await (await zoe.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const signs = vi.spyOn(crypto.subtle, 'sign')
    const sent = [1, 2, 3].map(() => stage.send(new Request(onwardOf(page))))
    const statuses = (await Promise.all(sent)).map(({ status }) => status)
    expect(statuses).toEqual([303, 303, 303])
    expect(asked).toHaveLength(1)
    // Ours for the request, and the identity provider's for its answer.
    expect(signs).toHaveBeenCalledTimes(2)
  })

  it('asks on a reload, where D1 did not give the key that signs the request', async () => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = async ({ id }) => xmlOf(await envelope(stage.idp, good(stage, id)))
    const page = await (await zoe.at(A).submit(A + LOGOUT, { scope: 'idp' })).text()
    const failing = stage.browser({ DB: failsAt(env.DB, /sp_keys/) })
    expect((await failing.go(onwardOf(page))).status).toBe(503)
    expect(asked).toEqual([])
    zoe.at(LOGIN).cookies.clear()
    await zoe.open(onwardOf(page))
    expect(asked).toHaveLength(1)
    const done = await (await zoe.at(LOGIN).go(DONE)).text()
    expect(done).toContain('You are signed out at Okta too.')
  })

  it.each([
    [['Success'], 'all', 'You are signed out at Okta too.'],
    [['Success', 'PartialLogout'], 'partial', 'but not of every application'],
    [['Responder'], 'failed', 'Okta did not sign you out.'],
    [['Requester', 'RequestDenied'], 'failed', 'Okta did not sign you out.'],
  ])('with the status %j, and no Destination, is: %s', async (codes, status, words) => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = async ({ id }) => {
      const xml = response(stage, { inResponseTo: id, codes })
      return xmlOf(await envelope(stage.idp, xml.replace(/ Destination="[^"]*"/, '')))
    }
    expect(await signOut(zoe, LOGIN)).toContain(words)
    expect(told(stage)).toMatchObject([{ audit: 'idp-logout-answered', status }])
  })

  it.each<[string, string, (stage: Stage, id: string) => Promise<string>]>([
    [
      'another key signed',
      'signature-mismatch',
      async (stage, id) => envelope(await createTestIdp(), good(stage, id)),
    ],
    ['nobody signed', 'logout-unsigned', async (stage, id) => inSoap(good(stage, id))],
    [
      'answers another request',
      'in-response-to',
      async (stage) => envelope(stage.idp, good(stage, '_another')),
    ],
    [
      'is for another address',
      'logout-destination',
      async (stage, id) => envelope(stage.idp, good(stage, id).replace(OURS, `${A}/slo`)),
    ],
    [
      'is changed',
      'digest-mismatch',
      async (stage, id) =>
        (await envelope(stage.idp, good(stage, id, ['Responder']))).replace(
          'status:Responder',
          'status:Success',
        ),
    ],
    ['is a page', 'malformed-xml', async () => '<!DOCTYPE html><title>Sign in</title>'],
    ['is a Fault', 'not-a-logout-message', async () => inSoap('<soap:Fault/>')],
    ['is empty', 'malformed-xml', async () => ''],
  ])('believes no answer that %s', async (_, reason, make) => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = async ({ id }) => xmlOf(await make(stage, id))
    expect(await signOut(zoe)).toContain(unverified)
    expect(told(stage)).toMatchObject([{ audit: 'logout-refused', connection: 'okta', reason }])
    at(16)
    expect(await isIn(zoe, [A, B, C])).toEqual([false, false, false])
  })

  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4096)) })
  it.each<[string, Answer, string]>([
    [
      'redirects',
      () =>
        new Response(null, { status: 307, headers: { Location: 'https://other.example.org/' } }),
      'answered 307, not 200.',
    ],
    ['is at fault', () => xmlOf(inSoap('<soap:Fault/>'), 500), 'answered 500, not 200.'],
    ['sends without an end', () => xmlOf(endless()), 'sends more than 64 KiB.'],
    ['sends 64 KiB and a byte', () => xmlOf(' '.repeat(65_537)), 'sends more than 64 KiB.'],
    ['sends no UTF-8', () => xmlOf(new Uint8Array([0xff])), 'sends what is not UTF-8.'],
    ['is not there', () => Promise.reject(new Error('refused')), 'cannot be reached.'],
  ])('says that there is no answer where the identity provider %s', async (_, make, words) => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    answer = make
    expect(await signOut(zoe)).toContain(silent)
    expect(asked.map(({ url }) => url)).toEqual([SOAP])
    expect(told(stage)).toMatchObject([
      {
        audit: 'logout-refused',
        reason: 'logout-unanswered',
        facts: { url: SOAP, explained: expect.stringContaining(words) },
      },
    ])
    at(16)
    expect(await isIn(zoe, [A, B, C])).toEqual([false, false, false])
  })

  it.each<[string, (signal: AbortSignal) => Promise<Response>]>([
    [
      'does not begin to answer',
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    ],
    [
      'does not end its answer',
      async () => xmlOf(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)) })),
    ],
  ])('waits for ten seconds where the identity provider %s', async (_, make) => {
    const stage = await stageWith({ slo: bySoap() })
    const zoe = await signedIn(stage)
    const time = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
    answer = ({ init }) => {
      setTimeout(() => time.abort(), 20)
      return make(init.signal ?? time.signal)
    }
    expect(await signOut(zoe)).toContain(silent)
    expect(timeout.mock.calls).toEqual([[10_000]])
    expect(asked[0]?.init.signal).toBe(time.signal)
    expect(told(stage)).toMatchObject([{ reason: 'logout-unanswered' }])
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
  })

  it.each([
    'http://idp.example.org/slo',
    'https://10.0.0.1/slo',
    'https://[::1]/slo',
    'https://localhost/slo',
    'https://idp.internal/slo',
    'https://user:word@idp.example.org/slo',
    `${A}/slo`,
    `${LOGIN}:8443/.gatehouse/saml/okta/slo/soap`,
  ])('asks nobody at %s', async (location) => {
    const stage = await stageWith({ slo: bySoap(location) })
    const zoe = await signedIn(stage)
    expect(await signOut(zoe)).toContain(silent)
    expect(asked).toEqual([])
    expect(told(stage)).toMatchObject([{ reason: 'logout-unanswered', facts: { url: location } }])
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
  })
})
