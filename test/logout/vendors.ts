/**
 * Identity providers as the products are: their metadata, and their messages of single logout. The
 * shapes are second-hand: from the vendors' documentation, from messages that people have published,
 * and otherwise from what is commonly known of the products.
 */
import type { FieldTexts } from '../../src/connection/fields.ts'
import { idOf, parameterOf, signedQuery, STATUS_PREFIX } from '../../tools/signing/logout.ts'
import { signatureFor, toPosted, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { entity, key, role, sso } from '../support/idp-metadata.ts'

const [ASSERTION, PROTOCOL] = [
  'urn:oasis:names:tc:SAML:2.0:assertion',
  'urn:oasis:names:tc:SAML:2.0:protocol',
]
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'

const slo = (binding: string, location: string): string =>
  sso(binding, location).replace('SingleSignOnService', 'SingleLogoutService')

/** What a message says. */
export interface Message {
  readonly id: string
  readonly now: Date
  /** null: it has none. */
  readonly destination: string | null
  readonly issuer: string
}
export interface Asking extends Message {
  readonly nameId: string
  readonly sessionIndex: string
}
export interface Answering extends Message {
  readonly inResponseTo: string
  readonly code: string
}

export interface Product {
  readonly id: string
  readonly displayName: string
  readonly entityId: string
  /** The Issuer of its LogoutResponse. */
  readonly answersAs: string
  readonly metadata: (certificate: string) => string
  /** What the guide gives beside the metadata. */
  readonly fields: Partial<FieldTexts>
  readonly ssoUrl: string
  readonly sloUrl: string
  readonly nameIdFormat: string
  readonly sessionIndex: string
  /** How its own messages come. */
  readonly binding: 'redirect' | 'post'
  readonly request: (asking: Asking) => string
  readonly response: (answering: Answering) => string
  /** The query that it makes. */
  readonly query: (query: string) => string
  readonly encode: (value: string) => string
}

const attribute = (name: string, value: string | null): string =>
  value === null ? '' : ` ${name}="${value}"`
const code = (last: string): string => `${STATUS_PREFIX}${last}`

const asIs = { query: (query: string) => query, encode: encodeURIComponent }
/** Microsoft's products write %2f where others write %2F. */
const lowerCase = (value: string): string =>
  encodeURIComponent(value).replaceAll(/%[0-9A-F]{2}/g, (each) => each.toLowerCase())

const prefixed = (message: string, [samlp, saml]: readonly [string, string]) => ({
  request: ({ id, now, destination, issuer, nameId, sessionIndex }: Asking, format: string) =>
    `<${samlp}:LogoutRequest xmlns:${samlp}="${PROTOCOL}"${attribute('Destination', destination)} ID="${id}" IssueInstant="${now.toISOString()}" Version="2.0"><${saml}:Issuer xmlns:${saml}="${ASSERTION}">${issuer}</${saml}:Issuer>${message}<${saml}:NameID xmlns:${saml}="${ASSERTION}" Format="${format}">${nameId}</${saml}:NameID><${samlp}:SessionIndex>${sessionIndex}</${samlp}:SessionIndex></${samlp}:LogoutRequest>`,
  response: ({ id, now, destination, issuer, inResponseTo, code: last }: Answering) =>
    `<${samlp}:LogoutResponse xmlns:${samlp}="${PROTOCOL}"${attribute('Destination', destination)} ID="${id}" InResponseTo="${inResponseTo}" IssueInstant="${now.toISOString()}" Version="2.0"><${saml}:Issuer xmlns:${saml}="${ASSERTION}">${issuer}</${saml}:Issuer>${message}<${samlp}:Status><${samlp}:StatusCode Value="${code(last)}"/></${samlp}:Status></${samlp}:LogoutResponse>`,
})

/** As Entra ID and AD FS write it: the assertion's namespace is the default one. */
const microsoft = (more: string) => ({
  request: ({ id, now, destination, issuer, nameId, sessionIndex }: Asking, format: string) =>
    `<samlp:LogoutRequest ID="${id}" Version="2.0" IssueInstant="${now.toISOString()}"${attribute('Destination', destination)}${more} NotOnOrAfter="${new Date(now.getTime() + 3_600_000).toISOString()}" xmlns:samlp="${PROTOCOL}"><Issuer xmlns="${ASSERTION}">${issuer}</Issuer><NameID Format="${format}" xmlns="${ASSERTION}">${nameId}</NameID><samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`,
  response: ({ id, now, destination, issuer, inResponseTo, code: last }: Answering) =>
    `<samlp:LogoutResponse ID="${id}" Version="2.0" IssueInstant="${now.toISOString()}"${attribute('Destination', destination)}${more} InResponseTo="${inResponseTo}" xmlns:samlp="${PROTOCOL}"><Issuer xmlns="${ASSERTION}">${issuer}</Issuer><samlp:Status><samlp:StatusCode Value="${code(last)}" /></samlp:Status></samlp:LogoutResponse>`,
})

const TENANT = '82869000-6ad1-48f0-8171-272ed18796e9'
const ENTRA = `https://login.microsoftonline.com/${TENANT}/saml2`
const entraWrites = microsoft('')
export const entra: Product = {
  id: 'entra',
  displayName: 'Microsoft',
  entityId: `https://sts.windows.net/${TENANT}/`,
  answersAs: `https://login.microsoftonline.com/${TENANT}/`,
  // It lists a role of WS-Federation first, and no binding of logout but HTTP-Redirect.
  metadata: (certificate) =>
    entity(
      `<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">${key(certificate)}</md:RoleDescriptor>` +
        role(
          key(certificate) +
            slo('HTTP-Redirect', ENTRA) +
            sso('HTTP-Redirect', ENTRA) +
            sso('HTTP-POST', ENTRA),
        ),
      `https://sts.windows.net/${TENANT}/`,
    ),
  fields: {
    'subject-attribute': 'http://schemas.microsoft.com/identity/claims/objectidentifier',
    join: 'external-id',
  },
  ssoUrl: ENTRA,
  sloUrl: ENTRA,
  nameIdFormat: EMAIL,
  sessionIndex: '_cb6e5904-e455-4299-a530-4594cb173900',
  binding: 'redirect',
  request: (asking) => entraWrites.request(asking, EMAIL),
  response: entraWrites.response,
  // SAMLRequest, Signature, SigAlg: the order of the query is not that of what was signed.
  query: (query) => query.replace(/&(SigAlg=[^&]*)&(Signature=[^&]*)$/, '&$2&$1'),
  encode: lowerCase,
}

const OKTA = 'https://example.okta.com/app/example_wiki_1/exk1fcia6d6EMsf331d8'
const oktaWrites = prefixed('', ['saml2p', 'saml2'])
export const okta: Product = {
  id: 'okta',
  displayName: 'Okta',
  entityId: 'http://www.okta.com/exk1fcia6d6EMsf331d8',
  answersAs: 'http://www.okta.com/exk1fcia6d6EMsf331d8',
  metadata: (certificate) =>
    entity(
      role(
        key(certificate) +
          slo('HTTP-POST', `${OKTA}/slo/saml`) +
          slo('HTTP-Redirect', `${OKTA}/slo/saml`) +
          `<md:NameIDFormat>${EMAIL}</md:NameIDFormat>` +
          sso('HTTP-POST', `${OKTA}/sso/saml`) +
          sso('HTTP-Redirect', `${OKTA}/sso/saml`),
        ' WantAuthnRequestsSigned="false"',
      ),
      'http://www.okta.com/exk1fcia6d6EMsf331d8',
    ),
  fields: {},
  ssoUrl: `${OKTA}/sso/saml`,
  sloUrl: `${OKTA}/slo/saml`,
  nameIdFormat: EMAIL,
  sessionIndex: 'id1637184125381.1463214417',
  binding: 'post',
  request: (asking) => oktaWrites.request(asking, EMAIL),
  response: oktaWrites.response,
  ...asIs,
}

const ONELOGIN = 'https://example.onelogin.com/trust/saml2/http-redirect'
const oneLoginWrites = prefixed('', ['samlp', 'saml'])
export const onelogin: Product = {
  id: 'onelogin',
  displayName: 'OneLogin',
  entityId: 'https://app.onelogin.com/saml/metadata/123456',
  answersAs: 'https://app.onelogin.com/saml/metadata/123456',
  metadata: (certificate) =>
    entity(
      role(
        key(certificate) +
          slo('HTTP-Redirect', `${ONELOGIN}/slo/123456`) +
          `<md:NameIDFormat>${EMAIL}</md:NameIDFormat>` +
          sso('HTTP-Redirect', `${ONELOGIN}/sso/123456`),
      ),
      'https://app.onelogin.com/saml/metadata/123456',
    ),
  fields: {},
  ssoUrl: `${ONELOGIN}/sso/123456`,
  sloUrl: `${ONELOGIN}/slo/123456`,
  nameIdFormat: EMAIL,
  sessionIndex: '_be60b8caf8e9d19b7a3551b244f116c947ff247d',
  binding: 'redirect',
  request: (asking) => oneLoginWrites.request(asking, EMAIL),
  response: oneLoginWrites.response,
  ...asIs,
}

const KEYCLOAK = 'https://keycloak.example.net/realms/staff'
// By HTTP-Redirect it names its key in Extensions.
const keycloakWrites = prefixed(
  '<samlp:Extensions><kckey:KeyInfo xmlns:kckey="urn:keycloak:ext:key:1.0" MessageSigningKeyId="FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE"/></samlp:Extensions>',
  ['samlp', 'saml'],
)
export const keycloak: Product = {
  id: 'keycloak',
  displayName: 'Keycloak',
  entityId: KEYCLOAK,
  answersAs: KEYCLOAK,
  metadata: (certificate) =>
    entity(
      role(
        key(certificate) +
          ['HTTP-POST', 'HTTP-Redirect', 'HTTP-Artifact', 'SOAP']
            .map((binding) => slo(binding, `${KEYCLOAK}/protocol/saml`))
            .join('') +
          `<md:NameIDFormat>${PERSISTENT}</md:NameIDFormat>` +
          ['HTTP-POST', 'HTTP-Redirect', 'SOAP', 'HTTP-Artifact']
            .map((binding) => sso(binding, `${KEYCLOAK}/protocol/saml`))
            .join(''),
        ' WantAuthnRequestsSigned="true"',
      ),
      KEYCLOAK,
    ),
  fields: {},
  ssoUrl: `${KEYCLOAK}/protocol/saml`,
  sloUrl: `${KEYCLOAK}/protocol/saml`,
  nameIdFormat: PERSISTENT,
  sessionIndex: '29bf9c3f-8f0a-4d1c-9d5c-0b4d5f9a5a6e::5b1c9f1e-3a55-4ad1-a1b6-1d9d3a9fca21',
  binding: 'redirect',
  request: (asking) => keycloakWrites.request(asking, PERSISTENT),
  response: keycloakWrites.response,
  ...asIs,
}

const ADFS = 'https://adfs.example.net/adfs/ls/'
const adfsWrites = microsoft(' Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified"')
export const adfs: Product = {
  id: 'adfs',
  displayName: 'AD FS',
  entityId: 'http://adfs.example.net/adfs/services/trust',
  answersAs: 'http://adfs.example.net/adfs/services/trust',
  metadata: (certificate) =>
    entity(
      role(
        key(certificate) +
          slo('HTTP-Redirect', ADFS) +
          slo('HTTP-POST', ADFS) +
          sso('HTTP-Redirect', ADFS) +
          sso('HTTP-POST', ADFS),
      ),
      'http://adfs.example.net/adfs/services/trust',
    ),
  fields: {},
  ssoUrl: ADFS,
  sloUrl: ADFS,
  nameIdFormat: UNSPECIFIED,
  sessionIndex: '_5d3f3a8e-2ba6-4ba2-8bd2-2d1f1b0c8b3e',
  binding: 'redirect',
  request: (asking) => adfsWrites.request(asking, UNSPECIFIED),
  response: adfsWrites.response,
  ...asIs,
  encode: lowerCase,
}

/** The query by which the product sends the message. */
export const queryOf = async (product: Product, idp: TestIdp, xml: string): Promise<string> =>
  product.query(
    await signedQuery(idp, xml, { parameter: parameterOf(xml), encode: product.encode }),
  )

/** The form by which it does. @param idp null: the message is not signed. */
export async function formOf(xml: string, idp: TestIdp | null) {
  const [, end = ''] = /(<\/[^<>]*Issuer>)/.exec(xml) ?? []
  const signature = idp ? await signatureFor(xml, idOf(xml), idp) : ''
  return { [parameterOf(xml)]: toPosted(xml.replace(end, end + signature)) }
}
