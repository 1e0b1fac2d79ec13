/** Rules of the profile that only one part of a message breaks, by the detail of the refusal. */
import { describe, expect, it } from 'vitest'
import { openResponse } from '../../src/saml/index.ts'
import { DS, SAML } from '../../src/saml/names.ts'
import { responseXml, sign, toPosted } from '../../tools/signing/saml-signer.ts'
import { expected, idp, options } from './attacks/stage.ts'

const base = responseXml(options)
const errorOf = async (xml: string) => {
  expect(xml).not.toBe(base)
  const opened = await openResponse(toPosted(await sign(xml, '_assertion', idp)), expected)
  return opened.ok ? 'accepted' : opened.error
}

const CONFIRMATION = /<saml:SubjectConfirmation [^]*<\/saml:SubjectConfirmation>/
const DATA = /<saml:SubjectConfirmationData [^>]*\/>/

describe('a signed assertion', () => {
  it('is refused in a Response that answers another request', async () => {
    expect(await errorOf(base.replace(/InResponseTo="[^"]*"/, 'InResponseTo="_never"'))).toEqual({
      reason: 'in-response-to',
      of: 'Response',
      found: 'another',
    })
  })

  it('is refused with a second Subject, though that names nobody', async () => {
    const second = base.replace('</saml:Subject>', '</saml:Subject><saml:Subject/>')
    expect(await errorOf(second)).toEqual({ reason: 'name-id', detail: 'several' })
  })

  it('is refused without any SubjectConfirmation, and says so', async () => {
    expect(await errorOf(base.replace(CONFIRMATION, ''))).toEqual({
      reason: 'subject-confirmation',
      detail: 'none',
    })
  })

  it('is refused with two SubjectConfirmationData in one confirmation', async () => {
    expect(await errorOf(base.replace(DATA, (data) => data + data))).toEqual({
      reason: 'subject-confirmation',
      detail: 'several-data',
    })
  })

  it('is refused when its Conditions end at no time', async () => {
    const changed = base.replace(/(<saml:Conditions [^>]*NotOnOrAfter=")[^"]*/, '$1soon')
    expect(await errorOf(changed)).toEqual({
      reason: 'malformed-time',
      field: 'NotOnOrAfter of Conditions',
      found: 'soon',
    })
  })

  it('is refused when its session ends at no time', async () => {
    const statement = '<saml:AuthnStatement SessionNotOnOrAfter="soon" '
    expect(await errorOf(base.replace('<saml:AuthnStatement ', statement))).toEqual({
      reason: 'malformed-time',
      field: 'SessionNotOnOrAfter of AuthnStatement',
      found: 'soon',
    })
  })
})

describe('a Response', () => {
  it.each([
    ['a Status of another namespace', '<x:Status xmlns:x="urn:x"/>', 'x:Status', 'urn:x'],
    ['Extensions of no namespace', '<Extensions/>', 'Extensions', ''],
    ['an Extensions of the assertion namespace', '<saml:Extensions/>', 'saml:Extensions', SAML],
    [
      'a SignatureValue',
      '<SignatureValue xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
      'SignatureValue',
      DS,
    ],
  ])('is refused with %s', async (_, child, element, namespace) => {
    expect(await errorOf(base.replace('<samlp:Status>', `${child}<samlp:Status>`))).toEqual({
      reason: 'unexpected-element',
      element,
      namespace,
      in: 'the Response',
    })
  })
})

describe('an AttributeValue with an element in it', () => {
  it.each([
    ['a NameID of another namespace', '<x:NameID xmlns:x="urn:x">a</x:NameID>'],
    ['another element of SAML', '<saml:Issuer>a</saml:Issuer>'],
    ['two NameIDs', '<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>'],
    ['a NameID with an element in it', '<saml:NameID>a<b/></saml:NameID>'],
  ])('is no value when that is %s', async (_, inner) => {
    const xml = base.replace(
      /<saml:AttributeStatement>[^]*<\/saml:AttributeStatement>/,
      `<saml:AttributeStatement><saml:Attribute Name="a"><saml:AttributeValue>${inner}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
    )
    const opened = await openResponse(toPosted(await sign(xml, '_assertion', idp)), expected)
    if (!opened.ok) throw new Error(opened.error.reason)
    expect([...opened.value.attributes]).toEqual([['a', []]])
  })
})
