/** The messages of Single Logout that we send. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
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
  soapEnvelope,
  soapFault,
  type LogoutRequest,
  type LogoutResponse,
  type LogoutStatus,
  type Received,
  type RequestSigner,
} from '../../src/saml/index.ts'
import { attributeOf, childElements, parseXml, textOf } from '../../src/saml/xml/reader.ts'
import type { XmlElement } from '../../src/saml/xml/reader.ts'
import { idp, now } from './attacks/stage.ts'
import { expected, SLO } from './logout-stage.ts'

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol'
const DS = 'http://www.w3.org/2000/09/xmldsig#'

/** The tests open what we send as if the identity provider had sent it. */
const signer: RequestSigner = {
  algorithm: 'rsa-sha256',
  key: idp.keys.privateKey,
  certificate: idp.certificate,
}
const message = { issueInstant: now, issuer: idp.entityId, destination: SLO }
const nameId = {
  value: 'zoe@example.test',
  format: 'urn:format',
  nameQualifier: 'urn:idp',
  spNameQualifier: expected.sp.entityId,
}
const request: LogoutRequest = {
  ...message,
  id: '_asked',
  notOnOrAfter: new Date(now.getTime() + 300_000),
  nameId,
  sessionIndexes: ['_a', '_b'],
}
const response: LogoutResponse = {
  ...message,
  id: '_answer',
  inResponseTo: '_asked',
  status: 'success',
}

const parsed = (xml: string): XmlElement => {
  const document = parseXml(utf8(xml))
  if (!document.ok) throw new Error(document.error)
  return document.value
}
const attributesOf = (element: XmlElement | undefined) =>
  Object.fromEntries((element?.attributes ?? []).map(({ name, value }) => [name, value]))
const named = (element: XmlElement) => [element.namespace, element.local]

describe('a LogoutRequest of ours', () => {
  it('has what Core §3.7.1 and Profiles §4.4.4.1 want, in the order of the schema', () => {
    const root = parsed(logoutRequest(request))
    expect(named(root)).toEqual([SAMLP, 'LogoutRequest'])
    expect(attributesOf(root)).toEqual({
      ID: '_asked',
      Version: '2.0',
      IssueInstant: '2026-11-24T10:00:00.000Z',
      Destination: SLO,
      NotOnOrAfter: '2026-11-24T10:05:00.000Z',
    })
    const children = childElements(root)
    expect(children.map(named)).toEqual([
      [SAML, 'Issuer'],
      [SAML, 'NameID'],
      [SAMLP, 'SessionIndex'],
      [SAMLP, 'SessionIndex'],
    ])
    expect(children.map(textOf)).toEqual([idp.entityId, 'zoe@example.test', '_a', '_b'])
    expect(attributesOf(children[0])).toEqual({})
    expect(attributesOf(children[1])).toEqual({
      NameQualifier: 'urn:idp',
      SPNameQualifier: expected.sp.entityId,
      Format: 'urn:format',
    })
  })

  it('leaves out what the assertion did not have', () => {
    const bare = { value: 'zoe', format: null, nameQualifier: null, spNameQualifier: null }
    const root = parsed(logoutRequest({ ...request, nameId: bare, sessionIndexes: [] }))
    const children = childElements(root)
    expect(children.map(({ local }) => local)).toEqual(['Issuer', 'NameID'])
    expect(attributesOf(children[1])).toEqual({})
  })

  it('names the person and the session as the assertion did, whatever that was', async () => {
    const text = fc.string({
      unit: fc.constantFrom('&', '<', '>', '"', "'", ']]>', 'ä', '😀', 'a', ' ', '\t', '-->'),
      minLength: 1,
    })
    await fc.assert(
      fc.asyncProperty(text, text, async (before, index) => {
        const value = `${before}.`
        const sent = { ...request, nameId: { ...nameId, value }, sessionIndexes: [`${index}.`] }
        const opened = await openLogoutRequest(
          { binding: 'soap', xml: soapEnvelope(await signedLogoutRequest(sent, signer)) },
          expected,
        )
        expect(opened).toMatchObject({ ok: true, value: { nameId: value } })
        expect(opened.ok && opened.value.sessionIndexes).toEqual([`${index}.`])
      }),
      { numRuns: 50 },
    )
  })
})

describe('a LogoutResponse of ours', () => {
  it.each<[LogoutStatus, readonly string[]]>([
    ['success', ['Success']],
    ['partial', ['Success', 'PartialLogout']],
    ['refused', ['Requester', 'RequestDenied']],
    ['failed', ['Responder']],
  ])('with the status %s has the codes %j (Core §3.2.2.2)', (status, codes) => {
    const root = parsed(logoutResponse({ ...response, status }))
    expect(named(root)).toEqual([SAMLP, 'LogoutResponse'])
    expect(attributesOf(root)).toEqual({
      ID: '_answer',
      Version: '2.0',
      IssueInstant: '2026-11-24T10:00:00.000Z',
      Destination: SLO,
      InResponseTo: '_asked',
    })
    expect(childElements(root).map(named)).toEqual([
      [SAML, 'Issuer'],
      [SAMLP, 'Status'],
    ])
    const found: string[] = []
    for (let at = childElements(root)[1]; at; [at] = childElements(at)) {
      if (at.local === 'StatusCode') found.push(attributeOf(at, 'Value') ?? '')
    }
    expect(found).toEqual(codes.map((code) => `urn:oasis:names:tc:SAML:2.0:status:${code}`))
  })
})

describe('in each binding', () => {
  const queryOf = (url: string): Received => ({
    binding: 'redirect',
    query: url.slice(url.indexOf('?')),
  })
  const formOf = (fields: object): Received => ({
    binding: 'post',
    body: new URLSearchParams({ ...fields }).toString(),
  })
  const ways: readonly [string, () => Promise<readonly [Received, Received]>, string | null][] = [
    [
      'redirect',
      async () => [
        queryOf(await redirectUrl(SLO, logoutRequest(request), "a b+'é", signer)),
        queryOf(await redirectResponseUrl(SLO, logoutResponse(response), "a b+'é", signer)),
      ],
      "a b+'é",
    ],
    [
      'redirect, without a RelayState',
      async () => [
        queryOf(await redirectUrl(SLO, logoutRequest(request), null, signer)),
        queryOf(await redirectResponseUrl(SLO, logoutResponse(response), null, signer)),
      ],
      null,
    ],
    [
      'post',
      async () => [
        formOf(postFields(await signedLogoutRequest(request, signer), 'a b+é')),
        formOf(postResponseFields(await signedLogoutResponse(response, signer), 'a b+é')),
      ],
      'a b+é',
    ],
    [
      'post, without a RelayState',
      async () => [
        formOf(postFields(await signedLogoutRequest(request, signer), null)),
        formOf(postResponseFields(await signedLogoutResponse(response, signer), null)),
      ],
      null,
    ],
    [
      'SOAP',
      async () => [
        { binding: 'soap', xml: soapEnvelope(await signedLogoutRequest(request, signer)) },
        { binding: 'soap', xml: soapEnvelope(await signedLogoutResponse(response, signer)) },
      ],
      null,
    ],
  ]

  it.each(ways)('what we send by %s is what our own reader opens', async (_, send, relayState) => {
    const [asking, answering] = await send()
    expect(await openLogoutRequest(asking, expected)).toMatchObject({
      ok: true,
      value: { id: '_asked', nameId: 'zoe@example.test', sessionIndexes: ['_a', '_b'], relayState },
    })
    const expects = { ...expected, inResponseTo: '_asked' }
    expect(await openLogoutResponse(answering, expects)).toMatchObject({
      ok: true,
      value: { id: '_answer', status: 'all', relayState },
    })
  })

  it('a query has only the parameters of its binding, in the order that is signed', async () => {
    const location = 'https://idp.example.test/slo?tenant=%2f'
    const url = await redirectResponseUrl(location, logoutResponse(response), 'r', signer)
    expect(url.startsWith(`${location}&SAMLResponse=`)).toBe(true)
    expect([...new URL(url).searchParams.keys()]).toEqual([
      'tenant',
      'SAMLResponse',
      'RelayState',
      'SigAlg',
      'Signature',
    ])
    const bare = await redirectUrl(SLO, logoutRequest(request), null, null)
    expect([...new URL(bare).searchParams.keys()]).toEqual(['SAMLRequest'])
  })

  it('the signature of a form is after the Issuer, and the rest is as without it', async () => {
    for (const [signed, bare] of [
      [await signedLogoutRequest(request, signer), logoutRequest(request)],
      [await signedLogoutResponse(response, signer), logoutResponse(response)],
    ] as const) {
      expect(childElements(parsed(signed)).slice(0, 2).map(named)).toEqual([
        [SAML, 'Issuer'],
        [DS, 'Signature'],
      ])
      expect(signed.replace(/<ds:Signature .*<\/ds:Signature>/, '')).toBe(bare)
    }
  })
})

describe('SOAP', () => {
  it('has an envelope of SOAP 1.1 with the message in its Body', () => {
    const root = parsed(soapEnvelope(logoutResponse(response)))
    const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
    expect(named(root)).toEqual([SOAP, 'Envelope'])
    expect(childElements(root).map(named)).toEqual([[SOAP, 'Body']])
    expect(childElements(root).flatMap(childElements).map(named)).toEqual([
      [SAMLP, 'LogoutResponse'],
    ])
  })

  it('has a Fault for what is no message, with the words escaped', () => {
    const [body] = childElements(parsed(soapFault('no <message> & so')))
    const [fault] = body ? childElements(body) : []
    expect(fault && named(fault)).toEqual(['http://schemas.xmlsoap.org/soap/envelope/', 'Fault'])
    const parts = fault ? childElements(fault) : []
    expect(parts.map((part) => [part.namespace, part.local, textOf(part)])).toEqual([
      ['', 'faultcode', 'S:Client'],
      ['', 'faultstring', 'no <message> & so'],
    ])
  })
})
