/** Single logout that an identity provider begins (Profiles §4.4.3.2 to §4.4.3.4). */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { A, at, B, C, LOGIN, Person, reasons, rows } from '../login/person.ts'
import { readRequest, start, type Stage } from '../login/stage.ts'
import { idOf } from '../../tools/signing/logout.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import {
  ANSWERS,
  byPost,
  byRedirect,
  emptyAll,
  fieldsOn,
  formOf,
  isIn,
  messageIn,
  OURS,
  redirectOf,
  refused,
  request,
  soapOf,
  stageWith,
} from './stage.ts'

beforeEach(emptyAll)

const sites = [A, B, C]

/** Signs the person in at all three sites. */
async function signedIn(stage: Stage, nameId?: string) {
  const person = new Person(stage, nameId)
  for (const url of sites) await person.open(`${url}/`)
  expect(await isIn(person, sites)).toEqual([true, true, true])
  return person
}

describe('a LogoutRequest of the identity provider', () => {
  it('by HTTP-Redirect ends the person on every site, and is answered with a signed LogoutResponse', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const asked = request(stage)
    const answer = await zoe.at(LOGIN).go(await redirectOf(stage.idp, asked, 'state & 1'))
    expect(answer.status).toBe(302)
    const to = new URL(answer.headers.get('Location') ?? '')
    expect(to.href.startsWith(`${ANSWERS}&SAMLResponse=`)).toBe(true)
    expect(to.searchParams.get('RelayState')).toBe('state & 1')
    expect([...to.searchParams.keys()]).toEqual([
      'a',
      'SAMLResponse',
      'RelayState',
      'SigAlg',
      'Signature',
    ])
    const xml = await messageIn(to)
    expect(xml).toContain('status:Success"')
    expect(xml).toContain(`InResponseTo="${idOf(asked)}"`)
    expect(xml).toContain(`Destination="${ANSWERS}"`)
    // Other isolates remember a standing for so long.
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
    const [signIn] = await rows('sign_ins')
    expect(signIn).toMatchObject({ ended_why: 'signed-out', ended_at: start.getTime() })
    expect(stage.audit().at(-1)).toMatchObject({
      audit: 'idp-logout',
      connection: 'okta',
      user: signIn?.['user_id'],
      binding: 'redirect',
      signIns: [signIn?.['id']],
    })
  })

  it('leads the person to sign-in at once, however young the session was', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    await stage.send(new Request(await redirectOf(stage.idp, request(stage))))
    const answers = await Promise.all(sites.map((url) => zoe.at(url).go(`${url}/`)))
    // KV has lost the sessions already. That alone would look like sessions that it does not show yet.
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302])
  })

  it('by HTTP-POST is answered by a page that only the identity provider may frame', async () => {
    const stage = await stageWith({ slo: byPost })
    const zoe = await signedIn(stage)
    const fields = await formOf(stage.idp, request(stage), 'state')
    const answer = await zoe.at(LOGIN).submitFromElsewhere(OURS, fields)
    const page = await answer.text()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Security-Policy')).toContain(
      'frame-ancestors https://idp.example.test',
    )
    expect(answer.headers.has('X-Frame-Options')).toBe(false)
    expect(page).toContain(`action="${ANSWERS}"`)
    expect(page).toContain('name="RelayState" value="state"')
    const xml = fieldsOn(page, 'SAMLResponse')
    expect(xml).toContain('<ds:Signature')
    expect(xml).toContain('status:Success"')
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it('by SOAP ends the person without a browser, and is answered at once', async () => {
    const stage = await stageWith({ slo: null })
    const zoe = await signedIn(stage)
    const answer = await stage.send(
      await soapOf(stage.idp, request(stage, { destination: `${OURS}/soap` })),
    )
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/xml; charset=utf-8')
    const xml = await answer.text()
    expect(xml).toMatch(/^<S:Envelope .*<samlp:LogoutResponse .*<ds:Signature .*status:Success"/s)
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it('is answered by the binding that the metadata offers, if not by its own', async () => {
    const stage = await stageWith({ slo: byPost })
    const answer = await stage.send(new Request(await redirectOf(stage.idp, request(stage))))
    expect(fieldsOn(await answer.text(), 'SAMLResponse')).toContain('status:Success"')
  })

  it('ends the person also where nothing says where the answer goes, and a page says so', async () => {
    const stage = await stageWith({ slo: null })
    const zoe = await signedIn(stage)
    const answer = await zoe.at(LOGIN).go(await redirectOf(stage.idp, request(stage)))
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringContaining('Okta has signed you out'),
    ])
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  it('succeeds where there is nothing left to end', async () => {
    const stage = await stageWith()
    const asked = request(stage, { nameId: 'nobody@example.test' })
    const answer = await stage.send(new Request(await redirectOf(stage.idp, asked)))
    const to = new URL(answer.headers.get('Location') ?? '')
    expect(await messageIn(to)).toContain('status:Success"')
    expect(to.searchParams.has('RelayState')).toBe(false)
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'idp-logout', user: null, signIns: [] })
  })
})

describe('whom a LogoutRequest means', () => {
  const named = (attributes: string, value = 'zoe@example.test') =>
    `<saml:NameID ${attributes}>${value}</saml:NameID>`
  const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
  const ENTITY = `${LOGIN}/.gatehouse/saml/okta/metadata`

  it('is one person and no other, and one session if it names one', async () => {
    const stage = await stageWith()
    const ada = await signedIn(stage, 'ada@example.test')
    const zoe = await signedIn(stage)
    const other = new Person(stage)
    other.answer = async (url) => {
      const asked = await readRequest(url)
      const answer = await stage.respond(asked, { sessionIndex: '_other' })
      return other.follow(await stage.post(other.at(LOGIN), answer, asked.relayState), LOGIN)
    }
    for (const url of sites) await other.open(`${url}/`)
    const asked = request(stage, { sessionIndexes: ['_none', '_other'] })
    await stage.send(new Request(await redirectOf(stage.idp, asked)))
    at(16)
    expect(await isIn(other, sites)).toEqual([false, false, false])
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
    expect(await isIn(ada, sites)).toEqual([true, true, true])
    const all = request(stage, { sessionIndexes: [] })
    await stage.send(new Request(await redirectOf(stage.idp, all)))
    at(32)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
    expect(await isIn(ada, sites)).toEqual([true, true, true])
  })

  it.each<[string, string, boolean, string?]>([
    ['the same format', `Format="${EMAIL}"`, true],
    ['no format', '', true],
    ['an unspecified format', `Format="${EMAIL.replace('emailAddress', 'unspecified')}"`, true],
    ['another format', 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"', false],
    [
      'the qualifier of the identity provider',
      'NameQualifier="https://idp.example.test/saml"',
      true,
    ],
    ['another qualifier', 'NameQualifier="https://other.example"', false],
    ['our own qualifier', `SPNameQualifier="${ENTITY}"`, true],
    ['a name in another case', '', false, 'Zoe@example.test'],
  ])('is judged by %s', async (_, attributes, isMeant, value = 'zoe@example.test') => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const asked = request(stage, { identifier: named(attributes, value) })
    const answer = await stage.send(new Request(await redirectOf(stage.idp, asked)))
    expect(answer.status).toBe(302)
    at(16)
    expect(await isIn(zoe, sites)).toEqual(sites.map(() => !isMeant))
  })

  it('is a session without a SessionIndex too', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    await env.DB.exec('UPDATE sign_ins SET session_index = NULL')
    await stage.send(new Request(await redirectOf(stage.idp, request(stage))))
    at(16)
    expect(await isIn(zoe, sites)).toEqual([false, false, false])
  })

  /** Signs in by an assertion that was made before the LogoutRequest, and arrives after it. */
  async function overtaken(stage: Stage, options: { readonly sessionIndex?: null } = {}) {
    const late = new Person(stage)
    late.staysAtIdp = true
    await late.open(`${A}/`)
    const asks = request(stage, { now: new Date(start.getTime() + 5000) })
    await stage.send(new Request(await redirectOf(stage.idp, asks)))
    at(10)
    const asked = await readRequest(late.seen.at(-1) ?? '')
    const before = await stage.respond(asked, { authnInstant: start, ...options })
    await late.follow(await stage.post(late.at(LOGIN), before, asked.relayState), LOGIN)
    return late
  }

  it('is a session that begins with an assertion of before without a SessionIndex', async () => {
    const stage = await stageWith()
    await overtaken(stage, { sessionIndex: null })
    expect(await rows('sign_ins')).toEqual([])
  })

  it('is a session that begins with an assertion of before, which it has overtaken', async () => {
    const stage = await stageWith()
    const late = await overtaken(stage)
    expect(await isIn(late, [A])).toEqual([false])
    expect(await rows('sign_ins')).toEqual([])
    expect(reasons(stage)).toEqual(['ended-meanwhile'])
    // A sign-in after the request is another session, though it has the same name.
    const again = new Person(stage)
    await again.open(`${A}/`)
    expect(await isIn(again, [A])).toEqual([true])
  })
})

describe('a LogoutRequest that is refused', () => {
  it('is one that was used before: nobody is signed out by a copy', async () => {
    const stage = await stageWith()
    await signedIn(stage)
    const url = await redirectOf(stage.idp, request(stage, { sessionIndexes: [] }))
    await stage.send(new Request(url))
    at(16)
    const again = await signedIn(stage)
    const answers = await Promise.all([1, 2, 3].map(() => stage.send(new Request(url))))
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
    at(40)
    expect(await isIn(again, sites)).toEqual([true, true, true])
    expect(refused(stage)).toEqual(['logout-replayed', 'logout-replayed', 'logout-replayed'])
  })

  it('is accepted once of many at the same time', async () => {
    const stage = await stageWith()
    const url = await redirectOf(stage.idp, request(stage))
    const answers = await Promise.all(Array.from({ length: 5 }, () => stage.send(new Request(url))))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      302, 400, 400, 400, 400,
    ])
  })

  it.each<[string, string, (stage: Stage) => Promise<Request>]>([
    [
      'a signature by another key',
      'signature-mismatch',
      async (stage) => {
        const other = await createTestIdp()
        return new Request(await redirectOf(other, request(stage)))
      },
    ],
    [
      'no signature',
      'logout-unsigned',
      async (stage) => {
        const url = await redirectOf(stage.idp, request(stage))
        return new Request(url.replace(/&SigAlg=.*/, ''))
      },
    ],
    [
      'a RelayState that was changed',
      'signature-mismatch',
      async (stage) =>
        new Request((await redirectOf(stage.idp, request(stage), 'a')).replace('=a&', '=b&')),
    ],
    [
      'a query that was encoded anew',
      'signature-mismatch',
      async (stage) =>
        new Request((await redirectOf(stage.idp, request(stage), 'a/b')).replace('a%2Fb', 'a/b')),
    ],
    [
      'another destination',
      'logout-destination',
      async (stage) => {
        const asked = request(stage, { destination: OURS.replace('okta', 'other') })
        return new Request(await redirectOf(stage.idp, asked))
      },
    ],
    [
      'an old time',
      'logout-time',
      async (stage) => {
        const asked = request(stage, { now: new Date(start.getTime() - 361_000) })
        return new Request(await redirectOf(stage.idp, asked))
      },
    ],
    [
      'another issuer',
      'issuer',
      async (stage) =>
        new Request(
          await redirectOf(stage.idp, request(stage, { issuer: 'https://evil.example' })),
        ),
    ],
    [
      'a connection that does not exist',
      'unknown-connection',
      async (stage) =>
        new Request((await redirectOf(stage.idp, request(stage))).replace('/okta/', '/none/')),
    ],
    [
      'a site that is not the login host',
      'not-login-host',
      async (stage) => new Request((await redirectOf(stage.idp, request(stage))).replace(LOGIN, A)),
    ],
  ])('has %s', async (_, reason, make) => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const answer = await stage.send(await make(stage))
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('You may still be signed in here.')
    expect(refused(stage)).toEqual([reason])
    at(16)
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
    expect(await rows('logout_requests')).toEqual([])
  })

  it('by SOAP gets a fault that says no reason', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const answer = await stage.send(await soapOf(await createTestIdp(), request(stage)))
    const xml = await answer.text()
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      500,
      'text/xml; charset=utf-8',
    ])
    expect(xml).toContain('faultcode')
    expect(xml).not.toContain('signature')
    expect(refused(stage)).toEqual(['signature-mismatch'])
    at(16)
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
  })

  it('is one of another connection, with its own key: it ends nobody of this one', async () => {
    const stage = await stageWith()
    const zoe = await signedIn(stage)
    const evil = await createTestIdp()
    const asked = request(stage, { issuer: evil.entityId })
    const answer = await stage.send(new Request(await redirectOf(evil, asked)))
    expect(answer.status).toBe(403)
    at(16)
    expect(await isIn(zoe, sites)).toEqual([true, true, true])
  })

  it.each([
    ['no message', ''],
    ['two messages', 'SAMLRequest=a&SAMLResponse=b'],
    ['a message twice', 'SAMLRequest=a&SAMLRequest=b'],
  ])('is %s', async (_, query) => {
    const stage = await stageWith()
    const answer = await stage.send(new Request(`${OURS}?${query}`))
    expect(answer.status).toBe(403)
    expect(refused(stage)).toEqual(['malformed-binding'])
  })

  it('is too large, by POST and by SOAP', async () => {
    const stage = await stageWith({ slo: byRedirect })
    for (const path of ['', '/soap']) {
      const answer = await stage.send(
        new Request(OURS + path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: `SAMLRequest=${'A'.repeat(600_000)}`,
        }),
      )
      expect(answer.status).toBe(path === '' ? 403 : 500)
    }
    expect(refused(stage)).toEqual(['too-large', 'too-large'])
  })
})
