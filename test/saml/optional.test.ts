/** What an IdP may send and need not, each properly signed. */
import { describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { isSessionOver } from '../../src/saml/incoming/subject.ts'
import { explainSamlError, openResponse, type Subject } from '../../src/saml/index.ts'
import { responseXml, sign, toPosted } from '../../tools/signing/saml-signer.ts'
import {
  afterEndOf,
  beforeStatus,
  expected,
  extensions,
  idp,
  insideEndOf,
  options,
  outcomeOf,
} from './attacks/stage.ts'

const accepted = `accepted as ${options.nameId}`
const base = responseXml(options)
const CLASSES = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

const statement = (classRef: string, attributes = '') =>
  `<saml:AuthnStatement AuthnInstant="2026-11-24T09:00:00Z"${attributes}><saml:AuthnContext>${classRef === '' ? '<saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef>' : `<saml:AuthnContextClassRef>${classRef}</saml:AuthnContextClassRef>`}</saml:AuthnContext></saml:AuthnStatement>`
const withStatements = (xml: string, statements: string) =>
  xml.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, statements)

async function subjectOf(xml: string): Promise<Subject> {
  const signed = await sign(xml, '_assertion', idp)
  const opened = await openResponse(toPosted(signed), expected)
  if (!opened.ok) throw new Error(opened.error.reason)
  return opened.value
}

describe('accepted', () => {
  it.each<readonly [string, (xml: string) => string]>([
    [
      'Advice that refers to other assertions, and holds what we do not know',
      (xml) =>
        afterEndOf(
          xml,
          'Conditions',
          '<saml:Advice><saml:AssertionIDRef>_other</saml:AssertionIDRef><saml:AssertionURIRef>https://idp.test/a</saml:AssertionURIRef><x:y xmlns:x="urn:x" z="1">text</x:y></saml:Advice>',
        ),
    ],
    [
      'Extensions of the Response that we do not know',
      (xml) => beforeStatus(xml, extensions('<x:y xmlns:x="urn:x" ID="_x">text</x:y>')),
    ],
    [
      'what another vocabulary calls an Assertion, in Extensions',
      (xml) => beforeStatus(xml, extensions('<x:Assertion xmlns:x="urn:x" ID="_x"/>')),
    ],
    [
      'OneTimeUse and ProxyRestriction with audiences together',
      (xml) =>
        insideEndOf(
          xml,
          'Conditions',
          '<saml:OneTimeUse/><saml:ProxyRestriction Count="1"><saml:Audience>https://other.test</saml:Audience></saml:ProxyRestriction>',
        ),
    ],
    [
      'an AuthzDecisionStatement',
      (xml) =>
        insideEndOf(
          xml,
          'Assertion',
          '<saml:AuthzDecisionStatement Resource="https://x.test" Decision="Permit"><saml:Action Namespace="urn:x">Read</saml:Action></saml:AuthzDecisionStatement>',
        ),
    ],
    [
      'a Statement of a type that we do not know',
      (xml) =>
        insideEndOf(
          xml,
          'Assertion',
          '<saml:Statement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:Y" xmlns:x="urn:x"/>',
        ),
    ],
    [
      'SubjectLocality, AuthenticatingAuthority and a declaration of the context',
      (xml) =>
        xml
          .replace('<saml:AuthnContext>', '<saml:SubjectLocality Address="192.0.2.1"/>$&')
          .replace(
            '</saml:AuthnContext>',
            '<saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef><saml:AuthenticatingAuthority>https://other.test</saml:AuthenticatingAuthority>$&',
          ),
    ],
    [
      'attributes of an Attribute that we do not know, and a FriendlyName',
      (xml) =>
        xml.replace(
          '<saml:Attribute ',
          '<saml:Attribute FriendlyName="f" NameFormat="urn:x" xmlns:x="urn:x" x:y="z" ',
        ),
    ],
    [
      'Consent on the Response',
      (xml) => xml.replace(' Destination=', ' Consent="urn:x" Destination='),
    ],
  ])('%s', async (_, change) => {
    const xml = change(base)
    expect(xml).not.toBe(base)
    for (const id of ['_assertion', '_response']) {
      expect(await outcomeOf(await sign(xml, id, idp), expected)).toBe(accepted)
    }
  })

  it('several AuthnStatements: the session ends with the first of them to end', async () => {
    const subject = await subjectOf(
      withStatements(
        base,
        statement(`${CLASSES}Password`, ' SessionNotOnOrAfter="2026-11-24T18:00:00Z"') +
          statement(
            `${CLASSES}TimeSyncToken`,
            ' SessionIndex="_2" SessionNotOnOrAfter="2026-11-24T12:00:00Z"',
          ),
      ),
    )
    expect(subject).toMatchObject({
      sessionIndex: '_2',
      authnContext: `${CLASSES}Password`,
      sessionNotOnOrAfter: new Date('2026-11-24T12:00:00Z'),
    })
  })
})

// Core §2.7.2: at the instant of SessionNotOnOrAfter the session must be considered ended.
describe('the session of the IdP', () => {
  const end = ' SessionNotOnOrAfter="2026-11-24T12:00:00Z"'
  it.each([
    ['goes on before its end', end, '2026-11-24T11:59:59.999Z', false],
    ['is over at its end', end, '2026-11-24T12:00:00Z', true],
    ['is over after it', end, '2026-11-25T00:00:00Z', true],
    ['goes on, where no end is stated', '', '2036-11-24T12:00:00Z', false],
  ])('%s', async (_, attributes, at, isOver) => {
    const subject = await subjectOf(
      withStatements(base, statement(`${CLASSES}Password`, attributes)),
    )
    expect(isSessionOver(subject, toInstant(Date.parse(at)))).toBe(isOver)
  })
})

describe('a condition that we do not know', () => {
  it.each([
    '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:Y" xmlns:x="urn:x"/>',
    '<x:Condition xmlns:x="urn:x"/>',
    '<OneTimeUse xmlns="urn:x"/>',
  ])('makes the assertion refused: %s', async (condition) => {
    const xml = await sign(insideEndOf(base, 'Conditions', condition), '_assertion', idp)
    expect(await outcomeOf(xml, expected)).toBe('conditions')
  })
})

describe('the AuthnContext asked for', () => {
  const asked = [`${CLASSES}TimeSyncToken`, `${CLASSES}X509`]
  const outcome = async (xml: string) =>
    openResponse(toPosted(await sign(xml, '_assertion', idp)), {
      ...expected,
      authnContexts: asked,
    })

  it.each([
    ['one of those asked for', statement(asked[1] ?? '')],
    ['in white space', statement(`\n  ${asked[1]}\n`)],
    ['of one statement of several', statement(`${CLASSES}Password`) + statement(asked[0] ?? '')],
  ])('is there: %s', async (_, statements) => {
    expect(await outcome(withStatements(base, statements))).toMatchObject({ ok: true })
  })

  it.each([
    ['another', statement(`${CLASSES}Password`), [`${CLASSES}Password`]],
    ['part of one', statement(`${CLASSES}X50`), [`${CLASSES}X50`]],
    ['longer than one', statement(`${asked[1]}9`), [`${asked[1]}9`]],
    ['none', statement(''), []],
    ['one that holds an element', statement(`${asked[1]}<x/>`), []],
  ])('is not there, and refused for that: %s', async (_, statements, found) => {
    const opened = await outcome(withStatements(base, statements))
    expect(opened).toEqual({ ok: false, error: { reason: 'authn-context', found, asked } })
    if (!opened.ok) expect(explainSamlError(opened.error)).toContain(asked[0])
  })

  it('does not matter where none is asked for', async () => {
    const xml = await sign(withStatements(base, statement('')), '_assertion', idp)
    expect(await outcomeOf(xml, expected)).toBe(accepted)
  })
})

describe('signing in anew, where that was asked', () => {
  const askedAt = new Date('2026-11-24T09:30:00Z')
  const outcome = async (xml: string, authnNotBefore: Date | null, clockSkewSeconds: number) =>
    openResponse(toPosted(await sign(xml, '_assertion', idp)), {
      ...expected,
      authnNotBefore,
      clockSkewSeconds,
    })
  const at = (instant: string) => base.replace(/AuthnInstant="[^"]*"/, `AuthnInstant="${instant}"`)

  it.each([
    ['after the request', at('2026-11-24T09:30:01Z'), 0],
    ['just before, by a clock within the skew', at('2026-11-24T09:29:00Z'), 60],
    [
      'once more after it, says one statement of two',
      withStatements(base, statement('a') + statement('b').replace('T09:00', 'T09:31')),
      0,
    ],
  ])('is done: %s', async (_, xml, skew) => {
    expect(await outcome(xml, askedAt, skew)).toMatchObject({ ok: true })
  })

  it('is not done by who signed in before, and refused for that', async () => {
    const opened = await outcome(at('2026-11-24T09:28:59Z'), askedAt, 60)
    expect(opened).toEqual({
      ok: false,
      error: {
        reason: 'authn-too-old',
        authnInstant: '2026-11-24T09:28:59.000Z',
        asked: '2026-11-24T09:30:00.000Z',
      },
    })
    if (!opened.ok) expect(explainSamlError(opened.error)).toContain('ForceAuthn')
  })

  it('does not matter where it was not asked', async () => {
    expect(await outcome(at('2020-01-01T00:00:00Z'), null, 60)).toMatchObject({ ok: true })
  })
})

describe('a NameID with qualifiers', () => {
  const withNameId = (attributes: string) =>
    base.replace(/<saml:NameID [^>]*>/, `<saml:NameID ${attributes}>`)

  it('is given with the one that says whose name it is', async () => {
    const xml = withNameId(
      `Format="${PERSISTENT}" NameQualifier="https://other.test" SPNameQualifier="${expected.sp.entityId}" SPProvidedID="7"`,
    )
    expect(await subjectOf(xml)).toMatchObject({
      nameId: options.nameId,
      nameIdFormat: PERSISTENT,
      nameQualifier: 'https://other.test',
    })
  })

  it('without it says nothing', async () => {
    expect(await subjectOf(base)).toMatchObject({ nameQualifier: null })
  })
})
