/**
 * Messages of Single Logout between Gatehouse and two libraries that share no line with it: node-saml
 * and samlp, each as the identity provider. What they send is opened here, and what is written here
 * they accept.
 */
import { SAML, type Profile } from '@node-saml/node-saml'
import samlp from 'samlp'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../src/lib/bytes.ts'
import {
  logoutRequest,
  logoutResponse,
  openLogoutRequest,
  openLogoutResponse,
  postFields,
  postResponseFields,
  redirectResponseUrl,
  redirectUrl,
  signedLogoutRequest,
  signedLogoutResponse,
  type LogoutExpect,
  type LogoutRequest,
  type LogoutResponse,
  type Received,
  type RequestSigner,
} from '../src/saml/index.ts'
import { toPem } from '../tools/signing/certificate.ts'
import { createTestIdp, type TestIdp } from '../tools/signing/saml-signer.ts'

const IDP = 'https://idp.example.test/metadata'
const IDP_SLO = 'https://idp.example.test/slo?tenant=a%20b'
const SP = 'https://app.example.com/.gatehouse/saml/okta/metadata'
const SLO = 'https://app.example.com/.gatehouse/saml/okta/slo'
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'

let idp: TestIdp
let sp: TestIdp
let signer: RequestSigner
let idpPem: string
let idpKey: string
let spPem: string

const pkcs8 = async ({ keys }: TestIdp): Promise<string> => {
  const bytes = (await crypto.subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer
  return toPem('PRIVATE KEY', encodeBase64(new Uint8Array(bytes)))
}

beforeAll(async () => {
  ;[idp, sp] = await Promise.all([createTestIdp({ entityId: IDP }), createTestIdp()])
  ;[idpPem, spPem] = [toPem('CERTIFICATE', idp.certificate), toPem('CERTIFICATE', sp.certificate)]
  idpKey = await pkcs8(idp)
  signer = { algorithm: 'rsa-sha256', key: sp.keys.privateKey, certificate: sp.certificate }
})

const expected = (): LogoutExpect => ({
  idp: { entityId: IDP, certificates: [idp.certificate] },
  sp: { entityId: SP, sloUrl: SLO },
  now: new Date(),
})

const asked = (): LogoutRequest => ({
  id: '_ours',
  issueInstant: new Date(),
  notOnOrAfter: new Date(Date.now() + 60_000),
  issuer: SP,
  destination: IDP_SLO,
  nameId: {
    value: 'ada & <b>@example.test',
    format: EMAIL,
    nameQualifier: null,
    spNameQualifier: null,
  },
  sessionIndexes: ['_session'],
})

const answered = (status: LogoutResponse['status']): LogoutResponse => ({
  id: '_answer',
  issueInstant: new Date(),
  issuer: SP,
  destination: IDP_SLO,
  inResponseTo: '_theirs',
  status,
})

const queryOf = (url: string): string => url.slice(url.indexOf('?') + 1)
const signedPart = (url: string): string => url.slice(url.indexOf('SAML'))
const redirected = (url: string): Received => ({ binding: 'redirect', query: queryOf(url) })

describe('node-saml', () => {
  const theirs = (fields: object = {}): SAML =>
    new SAML({
      issuer: IDP,
      idpIssuer: SP,
      callbackUrl: 'https://idp.example.test/acs',
      entryPoint: SLO,
      logoutUrl: SLO,
      privateKey: idpKey,
      idpCert: spPem,
      signatureAlgorithm: 'sha256',
      ...fields,
    })
  const person: Profile = {
    issuer: IDP,
    nameID: 'ada@example.test',
    nameIDFormat: EMAIL,
    sessionIndex: '_session',
  }

  it.each(['sha256', 'sha512'])('sends a LogoutRequest that is opened, with %s', async (hash) => {
    const url = await theirs({ signatureAlgorithm: hash }).getLogoutUrlAsync(person, 'state-1', {})
    expect(await openLogoutRequest(redirected(url), expected())).toMatchObject({
      ok: true,
      value: {
        issuer: IDP,
        nameId: 'ada@example.test',
        nameIdFormat: EMAIL,
        sessionIndexes: ['_session'],
        relayState: 'state-1',
      },
    })
  })

  it('sends what is refused when one octet of its query is another', async () => {
    const query = queryOf(await theirs().getLogoutUrlAsync(person, 'state-1', {}))
    const changes = [
      query.replace('RelayState=state-1', 'RelayState=state-2'),
      query.replace('&RelayState=state-1', ''),
      query.replace('RelayState=state-1', 'RelayState=%73tate-1'),
      query.replace('SigAlg=http%3A', 'SigAlg=http%3a'),
    ]
    for (const changed of changes) {
      expect(changed).not.toBe(query)
      const opened = await openLogoutRequest({ binding: 'redirect', query: changed }, expected())
      expect(opened).toEqual({ ok: false, error: { reason: 'signature-mismatch' } })
    }
  })

  it.each([
    [true, 'all'],
    [false, 'failed'],
  ])('answers our request: %s', async (isSuccess, status) => {
    const url = await theirs().getLogoutResponseUrlAsync(
      { ...person, ID: '_ours' },
      'state-2',
      {},
      isSuccess,
    )
    const expects = { ...expected(), inResponseTo: '_ours' }
    expect(await openLogoutResponse(redirected(url), expects)).toMatchObject({
      ok: true,
      value: { issuer: IDP, inResponseTo: '_ours', status, relayState: 'state-2' },
    })
  })

  it.each([null, "it's (a) *test*!"])('takes our request by redirect, with %s', async (state) => {
    const query = signedPart(await redirectUrl(IDP_SLO, logoutRequest(asked()), state, signer))
    const fields = Object.fromEntries(new URLSearchParams(query))
    const { profile, loggedOut } = await theirs().validateRedirectAsync(fields, query)
    expect(loggedOut).toBe(true)
    expect(profile).toMatchObject({
      ID: '_ours',
      issuer: SP,
      nameID: 'ada & <b>@example.test',
      nameIDFormat: EMAIL,
      sessionIndex: '_session',
    })
    const forged = query.replace('SAMLRequest=', 'SAMLRequest=%20')
    await expect(theirs().validateRedirectAsync(fields, forged)).rejects.toThrow('query signature')
  })

  it('takes our request by form', async () => {
    const { SAMLRequest } = postFields(await signedLogoutRequest(asked(), signer), null)
    const { profile } = await theirs().validatePostRequestAsync({ SAMLRequest })
    expect(profile).toMatchObject({ ID: '_ours', nameID: 'ada & <b>@example.test' })
    const xml = atob(SAMLRequest).replace('ada &amp;', 'eve &amp;')
    await expect(theirs().validatePostRequestAsync({ SAMLRequest: btoa(xml) })).rejects.toThrow(
      'Invalid signature',
    )
  })

  it('takes our answer by redirect and by form, and knows a failure', async () => {
    const never = { validateInResponseTo: 'never' }
    const byQuery = async (status: LogoutResponse['status']) => {
      const xml = logoutResponse(answered(status))
      const query = signedPart(await redirectResponseUrl(IDP_SLO, xml, 'state', signer))
      const fields = Object.fromEntries(new URLSearchParams(query))
      return theirs(never).validateRedirectAsync(fields, query)
    }
    expect(await byQuery('success')).toEqual({ profile: null, loggedOut: true })
    expect(await byQuery('partial')).toEqual({ profile: null, loggedOut: true })
    await expect(byQuery('failed')).rejects.toThrow('Responder')
    await expect(byQuery('refused')).rejects.toThrow('Requester')
    const posted = postResponseFields(await signedLogoutResponse(answered('success'), signer), null)
    expect(await theirs(never).validatePostResponseAsync(posted)).toEqual({
      profile: null,
      loggedOut: true,
    })
  })
})

describe('samlp', () => {
  const HTTP_REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
  const HTTP_POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'

  interface Sent {
    readonly location: string | null
    readonly body: string | null
  }

  /** The answer of samlp at its address of logout, for a browser with this session. */
  const ask = (
    fields: { readonly query?: object; readonly body?: object },
    options: object = {},
  ): Promise<Sent> =>
    new Promise((resolve, reject) => {
      const participants = [
        {
          serviceProviderId: SP,
          sessionIndex: '_session',
          nameId: 'ada & <b>@example.test',
          nameIdFormat: EMAIL,
          serviceProviderLogoutURL: SLO,
          cert: spPem,
        },
      ]
      const sessionParticipants = {
        hasElements: () => participants.length > 0,
        getFirst: (done: Done) => done(null, participants[0]),
        get: (_: string, __: unknown, ___: string, done: Done) => done(null, participants[0]),
        remove: (_: string, __: unknown, ___: string, done: Done) =>
          done(null, participants.shift()),
      }
      samlp.logout({
        issuer: IDP,
        cert: idpPem,
        key: idpKey,
        deflate: true,
        protocolBinding: HTTP_REDIRECT,
        signatureAlgorithm: 'rsa-sha256',
        digestAlgorithm: 'sha256',
        sessionParticipants,
        ...options,
      })(
        { query: {}, body: {}, session: {}, ...fields },
        {
          redirect: (location) => resolve({ location, body: null }),
          set: () => undefined,
          send: (body) => resolve({ location: null, body: String(body) }),
        },
        reject,
      )
    })
  type Done = (error: null, found?: object) => void

  /** The form in the page, as the browser posts it. */
  const posted = (page: string): Received => {
    const unescaped = (text: string) =>
      text.replaceAll(/&#x([0-9a-f]+);/gi, (_, hex: string) =>
        String.fromCodePoint(parseInt(hex, 16)),
      )
    const body = new URLSearchParams(
      Array.from(
        page.matchAll(/name="([^"]*)"\s+value="([^"]*)"/g),
        ([, name = '', value = '']) => [name, unescaped(value)],
      ),
    )
    return { binding: 'post', body: body.toString() }
  }

  it.each([HTTP_REDIRECT, HTTP_POST])('sends a LogoutRequest that is opened, by %s', async (by) => {
    const { location, body } = await ask({}, { protocolBinding: by })
    const from = location === null ? posted(body ?? '') : redirected(location)
    expect(from.binding).toBe(by === HTTP_POST ? 'post' : 'redirect')
    expect(await openLogoutRequest(from, expected())).toMatchObject({
      ok: true,
      value: { issuer: IDP, nameId: 'ada & <b>@example.test', sessionIndexes: ['_session'] },
    })
  })

  it.each([HTTP_REDIRECT, HTTP_POST])('takes our request, and answers it, by %s', async (by) => {
    const query = signedPart(await redirectUrl(IDP_SLO, logoutRequest(asked()), 'state', signer))
    const form = postFields(await signedLogoutRequest(asked(), signer), 'state')
    const fields =
      by === HTTP_POST ? { body: form } : { query: Object.fromEntries(new URLSearchParams(query)) }
    const { location, body } = await ask(fields, { protocolBinding: by })
    const from = location === null ? posted(body ?? '') : redirected(location)
    const expects = { ...expected(), inResponseTo: '_ours' }
    expect(await openLogoutResponse(from, expects)).toMatchObject({
      ok: true,
      value: { issuer: IDP, inResponseTo: '_ours', status: 'all', relayState: 'state' },
    })
  })

  it('refuses our request when it was changed', async () => {
    const query = signedPart(await redirectUrl(IDP_SLO, logoutRequest(asked()), 'state', signer))
    const fields = Object.fromEntries(new URLSearchParams(query))
    await expect(ask({ query: { ...fields, RelayState: 'other' } })).rejects.toThrow('Signature')
  })

  it('says a partial logout, which is told as one', async () => {
    const query = signedPart(await redirectUrl(IDP_SLO, logoutRequest(asked()), null, signer))
    const fields = { query: Object.fromEntries(new URLSearchParams(query)) }
    const { location } = await ask(fields, {
      clearIdPSession: (done: (error: Error) => void) => done(new Error('not all')),
    })
    const expects = { ...expected(), inResponseTo: '_ours' }
    expect(await openLogoutResponse(redirected(location ?? ''), expects)).toMatchObject({
      ok: true,
      value: { status: 'partial', relayState: null },
    })
  })
})
