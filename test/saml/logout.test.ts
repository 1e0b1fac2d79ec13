/** The messages of Single Logout that the identity provider sends (Core §3.7, Profiles §4.4). */
import { describe, expect, it } from 'vitest'
import { explainSamlError, type SamlError } from '../../src/saml/index.ts'
import { createSpKey, encrypt } from '../../tools/signing/encryptor.ts'
import { inSoap } from '../../tools/signing/logout.ts'
import { idp, now, sp } from './attacks/stage.ts'
import {
  answer,
  ask,
  bindings,
  expected,
  outcome,
  received,
  REQUEST_ID,
  requestXml,
  responseXml,
  SLO,
  type Binding,
} from './logout-stage.ts'

const seconds = (count: number) => new Date(now.getTime() + count * 1000)
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const NAME_ID = '<saml:NameID>zoe@example.test</saml:NameID>'

/** The refusal; it has words for the operator, without a value of the message that is not a name. */
async function refusal(
  xml: string,
  binding: Binding = 'redirect',
  expects: Partial<typeof expected> = {},
): Promise<SamlError> {
  const from = await received(binding, xml)
  const opened = xml.startsWith('<samlp:LogoutResponse')
    ? await answer(from, expects)
    : await ask(from, expects)
  if (opened.ok) throw new Error('it was accepted')
  expect(explainSamlError(opened.error)).toMatch(/^[A-Z].{20,}\.$/)
  return opened.error
}

describe.each(bindings)('a LogoutRequest by %s', (binding) => {
  it('says whose sessions, and which of them, are to be ended', async () => {
    const xml = requestXml({
      identifier: `<saml:NameID NameQualifier="${idp.entityId}" SPNameQualifier="${sp.entityId}" Format="${EMAIL}">zoe@example.test</saml:NameID>`,
      sessionIndexes: ['_a', '_b', '_a'],
      attributes:
        ' NotOnOrAfter="2026-11-24T10:02:00Z" Reason="urn:oasis:names:tc:SAML:2.0:logout:user"',
    })
    expect(await ask(await received(binding, xml, { relayState: 'a b+&=ä' }))).toEqual({
      ok: true,
      value: {
        id: '_logout',
        issuer: idp.entityId,
        nameId: 'zoe@example.test',
        nameIdFormat: EMAIL,
        nameQualifier: idp.entityId,
        spNameQualifier: sp.entityId,
        sessionIndexes: ['_a', '_b'],
        issueInstant: now,
        reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
        notOnOrAfter: new Date('2026-11-24T10:02:00Z'),
        acceptableUntil: new Date('2026-11-24T10:03:00Z'),
        relayState: binding === 'soap' ? null : 'a b+&=ä',
      },
    })
  })

  it('without a SessionIndex is for all sessions of the person', async () => {
    const opened = await ask(
      await received(binding, requestXml({ identifier: NAME_ID, sessionIndexes: [] })),
    )
    expect(opened).toMatchObject({
      ok: true,
      value: {
        nameIdFormat: null,
        nameQualifier: null,
        spNameQualifier: null,
        sessionIndexes: [],
        reason: null,
        notOnOrAfter: null,
        acceptableUntil: seconds(360),
        relayState: null,
      },
    })
  })

  it('may hide its NameID, encrypted for us', async () => {
    const key = await createSpKey()
    const identifier = await encrypt(
      `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Format="${EMAIL}">hidden@example.test</saml:NameID>`,
      key,
      {},
      'EncryptedID',
    )
    const from = await received(binding, requestXml({ identifier }))
    const { decryptionKeys } = key
    const opened = await ask(from, { sp: { ...expected.sp, decryptionKeys } })
    expect(opened).toMatchObject({
      ok: true,
      value: { nameId: 'hidden@example.test', nameIdFormat: EMAIL },
    })
    expect(await outcome(from)).toBe('no-decryption-key')
    const other = await createSpKey()
    expect(
      await outcome(from, { sp: { ...expected.sp, decryptionKeys: other.decryptionKeys } }),
    ).toBe('decryption-failed')
  })

  it('is refused when it is not signed', async () => {
    const xml = requestXml()
    const from = await received(binding, xml)
    const bare =
      from.binding === 'redirect'
        ? ({ binding: 'redirect', query: from.query.replace(/&SigAlg=.*/, '') } as const)
        : from.binding === 'post'
          ? ({ binding: 'post', body: `SAMLRequest=${encodeURIComponent(btoa(xml))}` } as const)
          : ({ binding: 'soap', xml: inSoap(xml) } as const)
    const opened = await ask(bare)
    expect(opened).toEqual({
      ok: false,
      error: { reason: 'logout-unsigned', of: 'LogoutRequest', isQuery: binding === 'redirect' },
    })
  })
})

describe.each(bindings)('a LogoutResponse by %s', (binding) => {
  it.each([
    [['Success'], 'all'],
    [['Success', 'PartialLogout'], 'partial'],
    [['Responder', 'PartialLogout'], 'partial'],
    [['Requester', 'PartialLogout'], 'failed'],
    [['Responder'], 'failed'],
    [['Requester', 'RequestDenied'], 'failed'],
    [['PartialLogout'], 'partial'],
    [['Requester', 'Success'], 'failed'],
    [['Responder', 'Success'], 'failed'],
    [['Responder', 'AuthnFailed', 'PartialLogout'], 'failed'],
  ])('with the status %j means: %s', async (codes, status) => {
    const from = await received(binding, responseXml({ codes }), { relayState: 'r' })
    expect(await answer(from)).toEqual({
      ok: true,
      value: {
        id: '_logout',
        issuer: idp.entityId,
        inResponseTo: REQUEST_ID,
        status,
        codes: codes.map((code) => `urn:oasis:names:tc:SAML:2.0:status:${code}`),
        message: null,
        relayState: binding === 'soap' ? null : 'r',
      },
    })
  })
})

describe('a message of logout is refused', () => {
  const otherTime = (attribute: string, value: string) => (xml: string) =>
    xml.replace(new RegExp(` ${attribute}="[^"]*"`), ` ${attribute}="${value}"`)

  it.each([
    [
      'of another version',
      (xml: string) => xml.replace('Version="2.0"', 'Version="1.1"'),
      'version',
    ],
    ['without a version', (xml: string) => xml.replace(' Version="2.0"', ''), 'version'],
    [
      'without an Issuer',
      (xml: string) => xml.replace(/<saml:Issuer>.*<\/saml:Issuer>/, ''),
      'issuer',
    ],
    ['of another Issuer', (xml: string) => xml.replace(idp.entityId, `${idp.entityId}/`), 'issuer'],
    [
      'with two Issuers',
      (xml: string) => xml.replace(/<saml:Issuer>.*<\/saml:Issuer>/, '$&$&'),
      'issuer',
    ],
    [
      'without a Destination',
      (xml: string) => xml.replace(/ Destination="[^"]*"/, ''),
      'logout-destination',
    ],
    ['for another Destination', (xml: string) => xml.replace(SLO, `${SLO}/`), 'logout-destination'],
    ['without an ID', (xml: string) => xml.replace(' ID="_logout"', ''), 'invalid-id'],
    ['with an empty ID', (xml: string) => xml.replace('"_logout"', '""'), 'invalid-id'],
    [
      'without an IssueInstant',
      (xml: string) => xml.replace(/ IssueInstant="[^"]*"/, ''),
      'malformed-time',
    ],
    ['with no time as IssueInstant', otherTime('IssueInstant', 'now'), 'malformed-time'],
    ['that is a minute too old', otherTime('IssueInstant', '2026-11-24T09:54:00Z'), 'logout-time'],
    ['that is from the future', otherTime('IssueInstant', '2026-11-24T10:01:01Z'), 'logout-time'],
    [
      'with an element that SAML does not have there',
      (xml: string) => xml.replace('</saml:Issuer>', '</saml:Issuer><saml:Assertion/>'),
      'unexpected-element',
    ],
    [
      'with an ID twice',
      (xml: string) =>
        xml.replace(
          '</saml:Issuer>',
          '</saml:Issuer><samlp:Extensions><a ID="_logout"/></samlp:Extensions>',
        ),
      'duplicate-id',
    ],
  ])('%s', async (_, change, reason) => {
    for (const xml of [requestXml(), responseXml()]) {
      const changed = change(xml)
      expect(changed).not.toBe(xml)
      expect(await refusal(changed)).toMatchObject({ reason })
    }
  })

  it('by SOAP with a Destination that is not ours; an answer, and no request, may have none', async () => {
    const by = async (xml: string) => received('soap', xml)
    const without = (xml: string) => xml.replace(/ Destination="[^"]*"/, '')
    const other = (xml: string) => xml.replace(SLO, `${SLO}/`)
    const destination = { ok: false, error: { reason: 'logout-destination' } }
    expect(await answer(await by(without(responseXml())))).toMatchObject({ ok: true })
    expect(await answer(await by(other(responseXml())))).toMatchObject(destination)
    expect(await ask(await by(without(requestXml())))).toMatchObject(destination)
    for (const binding of ['redirect', 'post'] as const) {
      const carried = await received(binding, without(responseXml()))
      expect(await answer(carried)).toMatchObject(destination)
    }
  })

  it('when the clock of the caller is no time', async () => {
    const from = await received('redirect', requestXml())
    expect(await outcome(from, { now: new Date(Number.NaN) })).toBe('malformed-time')
    expect(await outcome(from, { clockSkewSeconds: Number.NaN })).toBe('logout-time')
  })

  it('unless its age is within five minutes and the clock skew', async () => {
    const from = await received('redirect', requestXml())
    expect(await outcome(from, { now: seconds(359.999) })).toBe('accepted')
    expect(await outcome(from, { now: seconds(360) })).toBe('logout-time')
    expect(await outcome(from, { now: seconds(-60) })).toBe('accepted')
    expect(await outcome(from, { now: seconds(-60.001) })).toBe('logout-time')
    expect(await outcome(from, { now: seconds(301), clockSkewSeconds: 0 })).toBe('logout-time')
    expect(await outcome(from, { now: seconds(299), clockSkewSeconds: 0 })).toBe('accepted')
  })
})

describe('a LogoutRequest is refused', () => {
  it('from its NotOnOrAfter on', async () => {
    const attributes = ' NotOnOrAfter="2026-11-24T10:00:10Z"'
    const from = await received('redirect', requestXml({ attributes }))
    expect(await outcome(from, { now: seconds(69.999) })).toBe('accepted')
    expect(await ask(from, { now: seconds(70) })).toMatchObject({
      ok: false,
      error: { reason: 'logout-time', detail: 'over', found: '2026-11-24T10:00:10.000Z' },
    })
    const other = await received('redirect', requestXml({ attributes: ' NotOnOrAfter="soon"' }))
    expect(await outcome(other)).toBe('malformed-time')
  })

  it.each([
    ['', 'missing'],
    [NAME_ID + NAME_ID, 'several'],
    [`${NAME_ID}<saml:EncryptedID/>`, 'several'],
    [`<saml:BaseID/>${NAME_ID}`, 'several'],
    ['<saml:BaseID/>', 'base-id'],
    ['<saml:NameID/>', 'empty'],
    ['<saml:NameID> \n</saml:NameID>', 'empty'],
    ['<saml:NameID>zoe<b/>@example.test</saml:NameID>', 'not-text'],
    [`${NAME_ID}<samlp:SessionIndex/>`, 'session-index'],
    [`${NAME_ID}<samlp:SessionIndex> </samlp:SessionIndex>`, 'session-index'],
    [`${NAME_ID}<samlp:SessionIndex><a/></samlp:SessionIndex>`, 'session-index'],
  ])('that names its subject by %j', async (identifier, detail) => {
    expect(await refusal(requestXml({ identifier }))).toEqual({ reason: 'logout-subject', detail })
  })

  it('whose NameID was made for another service provider', async () => {
    const named = (qualifier: string) =>
      requestXml({
        identifier: `<saml:NameID SPNameQualifier="${qualifier}">zoe</saml:NameID>`,
      })
    expect(await refusal(named('https://other.test'))).toMatchObject({
      reason: 'name-id',
      detail: 'other-sp',
    })
    const from = await received('redirect', named('urn:affiliation'))
    const affiliated = { sp: { ...expected.sp, nameQualifier: 'urn:affiliation' } }
    expect(await outcome(from, affiliated)).toBe('accepted')
  })

  it('whose EncryptedID is not one', async () => {
    const { decryptionKeys } = await createSpKey()
    const xml = requestXml({ identifier: '<saml:EncryptedID/>' })
    const expects = { sp: { ...expected.sp, decryptionKeys } }
    expect(await refusal(xml, 'post', expects)).toMatchObject({ reason: 'malformed-encryption' })
  })
})

describe('a LogoutResponse is refused', () => {
  it.each([
    [null, 'none'],
    ['_other', 'another'],
    ['', 'another'],
  ])('that answers %s', async (inResponseTo, found) => {
    expect(await refusal(responseXml({ inResponseTo }))).toEqual({
      reason: 'in-response-to',
      of: 'LogoutResponse',
      found,
    })
  })

  it.each([
    ['no Status', ''],
    ['two', '<samlp:Status><samlp:StatusCode Value="a"/></samlp:Status>'.repeat(2)],
    ['no StatusCode', '<samlp:Status/>'],
  ])('that has %s', async (_, status) => {
    const xml = responseXml().replace(/<samlp:Status>.*<\/samlp:Status>/, status)
    expect(await refusal(xml)).toEqual({ reason: 'status', codes: [], message: null })
  })
})

describe('the Issuer of Entra ID', () => {
  it('may be another one in messages of logout, and only one that is named', async () => {
    const issuer = 'https://login.microsoftonline.com/t/'
    const idpOf = (logoutIssuers: readonly string[]) => ({
      idp: { ...expected.idp, logoutIssuers },
    })
    const from = await received('redirect', responseXml({ issuer }))
    expect(await answer(from, idpOf([issuer]))).toMatchObject({ ok: true, value: { issuer } })
    for (const others of [[], ['https://login.microsoftonline.com/t'], [`${issuer}v2.0`]]) {
      expect(await answer(from, idpOf(others))).toEqual({
        ok: false,
        error: {
          reason: 'issuer',
          of: 'LogoutResponse',
          detail: 'another',
          found: [issuer],
          expected: idp.entityId,
        },
      })
    }
    const usual = await received('redirect', responseXml())
    expect(await answer(usual, idpOf([issuer]))).toMatchObject({ ok: true })
  })
})
