/**
 * An identity provider for tests. Builds responses as text, so that a test can put anything
 * anywhere, and signs any element of them. Runs in workerd and in Node.
 */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/xml/c14n.ts'
import { attributeOf, parseXml, type XmlElement } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import { selfSigned } from './certificate.ts'

export interface TestIdp {
  readonly entityId: string
  readonly keys: CryptoKeyPair
  /** Base64 DER. */
  readonly certificate: string
}

export type KeyChoice =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: string; readonly bits?: number }
  | { readonly name: 'ECDSA'; readonly namedCurve: 'P-256' | 'P-384' | 'P-521' }

export async function createTestIdp(
  options: { entityId?: string; key?: KeyChoice } = {},
): Promise<TestIdp> {
  const key = options.key ?? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const algorithm =
    key.name === 'ECDSA'
      ? key
      : {
          name: key.name,
          hash: key.hash,
          modulusLength: key.bits ?? 2048,
          publicExponent: Uint8Array.of(1, 0, 1),
        }
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  return {
    entityId: options.entityId ?? 'https://idp.example.test/saml',
    keys,
    certificate: await selfSigned(keys),
  }
}

export interface ResponseOptions {
  readonly spEntityId: string
  readonly acsUrl: string
  readonly inResponseTo: string | null
  readonly issuer: string
  readonly now: Date
  readonly responseId?: string
  readonly assertionId?: string
  /** null: no NameID. */
  readonly nameId?: string | null
  readonly nameIdFormat?: string
  readonly attributes?: Readonly<Record<string, readonly string[]>>
  /** null: the assertion has none. */
  readonly sessionIndex?: string | null
  /** Absent: `now`. */
  readonly authnInstant?: Date
  /** An AuthnContextClassRef. */
  readonly authnContext?: string
  readonly sessionNotOnOrAfter?: Date
}

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const time = (now: Date, plusSeconds: number): string =>
  new Date(now.getTime() + plusSeconds * 1000).toISOString()

/** An unsigned response. Tests may change the text before or after they sign it. */
export function responseXml(options: ResponseOptions): string {
  const asked = options.inResponseTo ? ` InResponseTo="${options.inResponseTo}"` : ''
  return (
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"' +
    ` ID="${options.responseId ?? '_response'}" Version="2.0" IssueInstant="${time(options.now, 0)}" Destination="${options.acsUrl}"${asked}>` +
    `<saml:Issuer>${escapeXml(options.issuer)}</saml:Issuer>` +
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>' +
    `${assertionXml(options)}</samlp:Response>`
  )
}

const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'

export function assertionXml(options: ResponseOptions): string {
  const asked = options.inResponseTo ? ` InResponseTo="${options.inResponseTo}"` : ''
  const format = options.nameIdFormat ?? 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
  const subjectName = options.nameId === undefined ? 'zoe@example.test' : options.nameId
  const sessionIndex =
    options.sessionIndex === null ? '' : ` SessionIndex="${options.sessionIndex ?? '_session'}"`
  const sessionEnd = options.sessionNotOnOrAfter
    ? ` SessionNotOnOrAfter="${options.sessionNotOnOrAfter.toISOString()}"`
    : ''
  const attributes = Object.entries(options.attributes ?? {}).map(
    ([name, values]) =>
      `<saml:Attribute Name="${escapeXml(name)}">${values
        .map((value) => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`)
        .join('')}</saml:Attribute>`,
  )
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${options.assertionId ?? '_assertion'}" Version="2.0" IssueInstant="${time(options.now, 0)}">` +
    `<saml:Issuer>${escapeXml(options.issuer)}</saml:Issuer>` +
    `<saml:Subject>${subjectName === null ? '' : `<saml:NameID Format="${format}">${escapeXml(subjectName)}</saml:NameID>`}` +
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
    `<saml:SubjectConfirmationData NotOnOrAfter="${time(options.now, 300)}" Recipient="${options.acsUrl}"${asked}/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${time(options.now, -60)}" NotOnOrAfter="${time(options.now, 300)}">` +
    `<saml:AudienceRestriction><saml:Audience>${escapeXml(options.spEntityId)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${time(options.authnInstant ?? options.now, 0)}"${sessionIndex}${sessionEnd}><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${escapeXml(options.authnContext ?? PASSWORD)}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `${attributes.length > 0 ? `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>` : ''}</saml:Assertion>`
  )
}

export interface SignOptions {
  readonly signatureMethod?: string
  readonly digestMethod?: string
  /** The hash that matches signatureMethod and digestMethod. */
  readonly hash?: string
  readonly referenceUri?: string
  readonly transforms?: string
  readonly c14nMethod?: string
  readonly keyInfo?: string
  /** Changes SignedInfo before it is signed. */
  readonly editSignedInfo?: (signedInfo: string) => string
  /**
   * Changes the canonical text before it is hashed, so that the digest is that of other content.
   */
  readonly editHashed?: (canonical: string) => string
  /** Replaces the key: makes the SignatureValue of the canonical SignedInfo. */
  readonly signValue?: (signedInfo: string) => Promise<string>
}

export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
const DS = 'http://www.w3.org/2000/09/xmldsig#'

export const transform = (algorithm: string, inner = ''): string =>
  `<ds:Transform Algorithm="${algorithm}">${inner}</ds:Transform>`

/** The ds:Signature for the element with this ID, in its present form. */
export async function signatureFor(
  xml: string,
  id: string,
  idp: TestIdp,
  options: SignOptions = {},
): Promise<string> {
  const element = elementById(xml, id)
  const hash = options.hash ?? 'SHA-256'
  const canonical = canonicalize(element, {
    withComments: false,
    inclusivePrefixes: [],
    omit: null,
  })
  const hashed = utf8(options.editHashed?.(canonical) ?? canonical)
  const digest = encodeBase64(new Uint8Array(await crypto.subtle.digest(hash, hashed)))
  const isRsa = idp.keys.privateKey.algorithm.name !== 'ECDSA'
  const bits = hash.replace('SHA-', '')
  const method =
    options.signatureMethod ??
    `http://www.w3.org/2001/04/xmldsig-more#${isRsa ? 'rsa' : 'ecdsa'}-sha${bits}`
  const digestMethod = options.digestMethod ?? digestUris[hash] ?? ''
  const transforms = options.transforms ?? transform(ENVELOPED) + transform(EXC_C14N)
  const written =
    `<ds:SignedInfo xmlns:ds="${DS}"><ds:CanonicalizationMethod Algorithm="${options.c14nMethod ?? EXC_C14N}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod>` +
    `<ds:Reference URI="${options.referenceUri ?? `#${id}`}"><ds:Transforms>${transforms}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digestMethod}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  const signedInfo = options.editSignedInfo?.(written) ?? written
  const value = options.signValue
    ? await options.signValue(canonicalText(signedInfo))
    : await signBytes(idp, hash, canonicalText(signedInfo))
  return (
    `<ds:Signature xmlns:ds="${DS}">${signedInfo.replace(` xmlns:ds="${DS}"`, '')}` +
    `<ds:SignatureValue>${value}</ds:SignatureValue>${options.keyInfo ?? ''}</ds:Signature>`
  )
}

const digestUris: Readonly<Record<string, string>> = {
  'SHA-1': 'http://www.w3.org/2000/09/xmldsig#sha1',
  'SHA-256': 'http://www.w3.org/2001/04/xmlenc#sha256',
  'SHA-384': 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  'SHA-512': 'http://www.w3.org/2001/04/xmlenc#sha512',
}

/** Signs the element with this ID and inserts the signature after its Issuer. */
export async function sign(
  xml: string,
  id: string,
  idp: TestIdp,
  options: SignOptions = {},
): Promise<string> {
  const signature = await signatureFor(xml, id, idp, options)
  const at = xml.indexOf('</saml:Issuer>', xml.indexOf(`ID="${id}"`)) + '</saml:Issuer>'.length
  return xml.slice(0, at) + signature + xml.slice(at)
}

export type Signed = 'response' | 'assertion' | 'both'

/** A complete signed response as base64, ready to post. */
export async function signedResponse(
  idp: TestIdp,
  options: Omit<ResponseOptions, 'issuer'> & { readonly issuer?: string },
  signed: Signed = 'assertion',
): Promise<string> {
  const all = { ...options, issuer: options.issuer ?? idp.entityId }
  let xml = responseXml(all)
  if (signed !== 'response') xml = await sign(xml, all.assertionId ?? '_assertion', idp)
  if (signed !== 'assertion') xml = await sign(xml, all.responseId ?? '_response', idp)
  return toPosted(xml)
}

export const toPosted = (xml: string): string => encodeBase64(utf8(xml))

export async function signBytes(idp: TestIdp, hash: string, text: string): Promise<string> {
  const { privateKey } = idp.keys
  const isRsa = privateKey.algorithm.name !== 'ECDSA'
  const parameters = isRsa ? { name: privateKey.algorithm.name } : { name: 'ECDSA', hash }
  return encodeBase64(new Uint8Array(await crypto.subtle.sign(parameters, privateKey, utf8(text))))
}

export function elementById(xml: string, id: string): XmlElement {
  const found = [...descendants(parsed(xml))].find((element) => attributeOf(element, 'ID') === id)
  if (!found) throw new Error(`no element has the ID ${id}`)
  return found
}

const canonicalText = (xml: string): string =>
  canonicalize(parsed(xml), { withComments: false, inclusivePrefixes: [], omit: null })

function parsed(xml: string): XmlElement {
  const document = parseXml(utf8(xml))
  if (!document.ok) throw new Error(`test XML is ${document.error}`)
  return document.value
}
