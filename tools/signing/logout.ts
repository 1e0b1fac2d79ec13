/** Messages of Single Logout as an identity provider sends them: every part can be changed. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { escapeXml, sign, signBytes, type SignOptions, type TestIdp } from './saml-signer.ts'

const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
export const STATUS_PREFIX = 'urn:oasis:names:tc:SAML:2.0:status:'

export interface LogoutOptions {
  readonly issuer: string
  readonly destination: string
  readonly now: Date
  readonly id?: string
}

export interface RequestOptions extends LogoutOptions {
  /** The XML of the identifier; absent: a NameID. */
  readonly identifier?: string
  readonly nameId?: string
  readonly sessionIndexes?: readonly string[]
  /** Further attributes of the root. */
  readonly attributes?: string
}

const head = (options: LogoutOptions, attributes: string): string =>
  ` ${NAMESPACES} ID="${options.id ?? '_logout'}" Version="2.0" IssueInstant="${options.now.toISOString()}" Destination="${escapeXml(options.destination)}"${attributes}>` +
  `<saml:Issuer>${escapeXml(options.issuer)}</saml:Issuer>`

export const logoutRequestXml = (options: RequestOptions): string =>
  `<samlp:LogoutRequest${head(options, options.attributes ?? '')}` +
  (options.identifier ??
    `<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${escapeXml(options.nameId ?? 'zoe@example.test')}</saml:NameID>`) +
  (options.sessionIndexes ?? ['_session'])
    .map((index) => `<samlp:SessionIndex>${escapeXml(index)}</samlp:SessionIndex>`)
    .join('') +
  '</samlp:LogoutRequest>'

export interface ResponseOptions extends LogoutOptions {
  readonly inResponseTo: string | null
  /** The last parts of the status codes, outermost first. */
  readonly codes?: readonly string[]
}

export const logoutResponseXml = (options: ResponseOptions): string =>
  `<samlp:LogoutResponse${head(options, options.inResponseTo === null ? '' : ` InResponseTo="${options.inResponseTo}"`)}` +
  `<samlp:Status>${(options.codes ?? ['Success']).reduceRight(
    (inner, code) =>
      `<samlp:StatusCode Value="${STATUS_PREFIX}${code}">${inner}</samlp:StatusCode>`,
    '',
  )}</samlp:Status></samlp:LogoutResponse>`

/** The ID of the message, which is the first one in it. */
export const idOf = (xml: string): string => / ID="([^"]*)"/.exec(xml)?.[1] ?? ''

/** The parameter of a query, or the field of a form, that the message comes as. */
export const parameterOf = (xml: string): 'SAMLRequest' | 'SAMLResponse' =>
  xml.includes(':LogoutResponse ') ? 'SAMLResponse' : 'SAMLRequest'

/** The message with a signature inside, as a form and an envelope have it. */
export const signedInside = (
  idp: TestIdp,
  xml: string,
  options: SignOptions = {},
): Promise<string> => sign(xml, idOf(xml), idp, options)

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

export interface QueryOptions {
  readonly parameter?: 'SAMLRequest' | 'SAMLResponse'
  /** null: none. */
  readonly relayState?: string | null
  readonly sigAlg?: string
  readonly hash?: string
  /** Encodes a value of the query; absent: as most do. */
  readonly encode?: (value: string) => string
}

/** Signed by HTTP-Redirect (Bindings §3.4.4.1). */
export const signedQuery = async (
  idp: TestIdp,
  xml: string,
  options: QueryOptions = {},
): Promise<string> => signedBase64(idp, await deflated(xml), options)

/** The same for a message that is encoded already, in whatever way. */
export async function signedBase64(
  idp: TestIdp,
  base64: string,
  options: QueryOptions = {},
): Promise<string> {
  const encode = options.encode ?? encodeURIComponent
  const { relayState = null, sigAlg = RSA_SHA256 } = options
  const signed = [
    `${options.parameter ?? 'SAMLRequest'}=${encode(base64)}`,
    ...(relayState === null ? [] : [`RelayState=${encode(relayState)}`]),
    `SigAlg=${encode(sigAlg)}`,
  ].join('&')
  const signature = await signBytes(idp, options.hash ?? 'SHA-256', signed)
  return `${signed}&Signature=${encode(signature)}`
}

/** Base64. */
export async function deflated(text: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return encodeBase64(new Uint8Array(await new Response(stream).arrayBuffer()))
}

/** The body of the form that the identity provider makes the browser post. */
export const postedForm = (
  xml: string,
  parameter: 'SAMLRequest' | 'SAMLResponse' = 'SAMLRequest',
  relayState: string | null = null,
): string =>
  new URLSearchParams({
    [parameter]: encodeBase64(utf8(xml)),
    ...(relayState === null ? {} : { RelayState: relayState }),
  }).toString()

export const inSoap = (xml: string, header = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">${header}<soap:Body>${xml}</soap:Body></soap:Envelope>`
