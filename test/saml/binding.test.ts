import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, decodeUtf8, utf8 } from '../../src/lib/bytes.ts'
import { authnRequest, type AuthnRequest } from '../../src/saml/outgoing/authn-request.ts'
import { postFields, redirectUrl } from '../../src/saml/outgoing/binding.ts'
import { readPostedForm } from '../../src/saml/incoming/form.ts'
import { attributeOf, childElements, parseXml, textOf } from '../../src/saml/xml/reader.ts'

const request: AuthnRequest = {
  id: '_1',
  issueInstant: new Date('2026-11-24T12:00:00Z'),
  issuer: 'https://app.example.com/.gatehouse/saml/okta/metadata',
  destination: 'https://idp.example.test/sso?a=1&b=2',
  acsUrl: 'https://app.example.com/.gatehouse/saml/okta/acs',
  subject: null,
  nameIdFormat: null,
  forceAuthn: false,
  authnContext: null,
}

const inflate = async (base64: string): Promise<string> => {
  const bytes = decodeBase64(base64)
  if (!bytes.ok) throw new Error(bytes.error)
  const stream = new Blob([bytes.value])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).text()
}

const parsed = (xml: string) => {
  const document = parseXml(utf8(xml))
  if (!document.ok) throw new Error(document.error)
  return document.value
}

describe('an AuthnRequest', () => {
  it('has what Core §3.4.1 and Profiles §4.1.4.1 want, and lets the IdP make an identifier', () => {
    const root = parsed(authnRequest(request))
    expect([root.namespace, root.local]).toEqual([
      'urn:oasis:names:tc:SAML:2.0:protocol',
      'AuthnRequest',
    ])
    const attributes = Object.fromEntries(
      root.attributes
        .filter(({ namespace }) => namespace === '')
        .map(({ local, value }) => [local, value]),
    )
    expect(attributes).toEqual({
      ID: '_1',
      Version: '2.0',
      IssueInstant: '2026-11-24T12:00:00.000Z',
      Destination: request.destination,
      ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
      AssertionConsumerServiceURL: request.acsUrl,
    })
    const [issuer, ...others] = childElements(root)
    expect([issuer?.local, issuer && textOf(issuer)]).toEqual(['Issuer', request.issuer])
    // Any format, of somebody who comes for the first time too (Core §3.4.1.1).
    expect(others.map(({ namespace, local }) => [namespace, local])).toEqual([
      ['urn:oasis:names:tc:SAML:2.0:protocol', 'NameIDPolicy'],
    ])
    const told = others.flatMap((policy) =>
      policy.attributes.map((each) => [each.name, each.value]),
    )
    expect(told).toEqual([['AllowCreate', 'true']])
  })

  it('names who is about to sign in as its Subject, in the place that the schema gives it', () => {
    const root = parsed(
      authnRequest({ ...request, subject: 'a&b@example.com', nameIdFormat: 'urn:x' }),
    )
    const [, subject, policy] = childElements(root)
    expect([subject?.namespace, subject?.local, policy?.local]).toEqual([
      'urn:oasis:names:tc:SAML:2.0:assertion',
      'Subject',
      'NameIDPolicy',
    ])
    const [nameId, ...others] = subject ? childElements(subject) : []
    expect([nameId?.local, nameId && textOf(nameId), others]).toEqual([
      'NameID',
      'a&b@example.com',
      [],
    ])
  })

  it.each([
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'true'],
    // Core §3.4.1.1 with its errata.
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', null],
  ])('asks for NameIDs of format %s', (nameIdFormat, allowCreate) => {
    const [, policy, ...others] = childElements(parsed(authnRequest({ ...request, nameIdFormat })))
    expect(others).toEqual([])
    expect(policy?.local).toBe('NameIDPolicy')
    expect(policy && attributeOf(policy, 'Format')).toBe(nameIdFormat)
    expect(policy && attributeOf(policy, 'AllowCreate')).toBe(allowCreate)
  })

  it('asks for ForceAuthn and a RequestedAuthnContext where they are wanted', () => {
    const classRefs = ['urn:oasis:names:tc:SAML:2.0:ac:classes:X509', 'urn:x']
    const root = parsed(
      authnRequest({
        ...request,
        forceAuthn: true,
        authnContext: { comparison: 'minimum', classRefs },
      }),
    )
    expect(attributeOf(root, 'ForceAuthn')).toBe('true')
    const [, , context] = childElements(root)
    expect(context?.local).toBe('RequestedAuthnContext')
    expect(context && attributeOf(context, 'Comparison')).toBe('minimum')
    expect(context && childElements(context).map(textOf)).toEqual(classRefs)
  })

  it('keeps every value as it is, whatever the operator wrote', () => {
    const text = fc.string({
      unit: fc.constantFrom('&', '<', '>', '"', "'", ']]>', 'ä', '😀', 'a', '=', '-->'),
      minLength: 1,
    })
    fc.assert(
      fc.property(text, text, (destination, classRef) => {
        const root = parsed(
          authnRequest({
            ...request,
            destination,
            authnContext: { comparison: 'exact', classRefs: [classRef] },
          }),
        )
        expect(attributeOf(root, 'Destination')).toBe(destination)
        const [, , context] = childElements(root)
        const [ref] = context ? childElements(context) : []
        expect(ref && textOf(ref)).toBe(classRef)
      }),
    )
  })
})

describe('the bindings', () => {
  it('HTTP-Redirect carries the request deflated, and RelayState as it is', async () => {
    const xml = authnRequest(request)
    const url = new URL(await redirectUrl('https://idp.example.test/sso', xml, 'a b&c=d', null))
    expect([...url.searchParams.keys()]).toEqual(['SAMLRequest', 'RelayState'])
    expect(await inflate(url.searchParams.get('SAMLRequest') ?? '')).toBe(xml)
    expect(url.searchParams.get('RelayState')).toBe('a b&c=d')
  })

  it.each([
    ['https://idp.example.test/sso?x=%20', 'https://idp.example.test/sso?x=%20&SAMLRequest='],
    ['https://idp.example.test/sso#top', 'https://idp.example.test/sso?SAMLRequest='],
    ['https://idp.example.test', 'https://idp.example.test/?SAMLRequest='],
  ])('HTTP-Redirect adds to %s', async (ssoUrl, begins) => {
    expect((await redirectUrl(ssoUrl, '<a/>', 'r', null)).startsWith(begins)).toBe(true)
  })

  it('HTTP-POST carries the request in plain base64', () => {
    const fields = postFields('<ä/>', 'r')
    const bytes = decodeBase64(fields.SAMLRequest)
    expect(bytes.ok && decodeUtf8(bytes.value)).toEqual({ ok: true, value: '<ä/>' })
    expect(fields.RelayState).toBe('r')
  })
})

describe('a posted form', () => {
  it.each([
    ['SAMLResponse=a%2Bb%3D&RelayState=c%20d', { samlResponse: 'a+b=', relayState: 'c d' }],
    ['RelayState=&SAMLResponse=a', { samlResponse: 'a', relayState: null }],
    ['SAMLResponse=a&other=1', { samlResponse: 'a', relayState: null }],
  ])('%s is read', (body, value) => {
    expect(readPostedForm(body)).toEqual({ ok: true, value })
  })

  it.each([
    ['', 'no-response'],
    ['SAMLResponse=', 'no-response'],
    ['samlresponse=a', 'no-response'],
    ['SAMLResponse=a&SAMLResponse=b', 'field-twice'],
    ['SAMLResponse=a&SAMLResponse=a', 'field-twice'],
    ['SAMLResponse=a&SAML%52esponse=b', 'field-twice'],
    ['SAMLResponse=a&RelayState=1&RelayState=2', 'field-twice'],
    ['SAMLRequest=a', 'not-a-response'],
    ['SAMLRequest=a&SAMLResponse=b', 'not-a-response'],
  ])('%s is refused: %s', (body, error) => {
    expect(readPostedForm(body)).toEqual({ ok: false, error })
  })
})
