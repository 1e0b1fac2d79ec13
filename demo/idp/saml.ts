/** SAML by Auth0's library, so that our own code does not test itself. */
import { isLoopback } from '../../src/site/address.ts'
import { nameOf, type Person } from '../people.ts'
import type { IdpKey } from './key.ts'
import { samlp } from './samlp.ts'

export const SSO_PATH = '/sso'
export const SLO_PATH = '/slo'
export const METADATA_PATH = '/metadata'

/** The applications that may ask, by entity ID, and the ACS URL of each. */
export type Applications = ReadonlyMap<string, string>

export interface AuthnRequest {
  readonly id: string
  readonly issuer: string
  /** The URL that the answer is posted to. */
  readonly acsUrl: string
  readonly forceAuthn: boolean
}

/**
 * Null for anything that is not a request, and for an application that this provider does not know.
 */
export function readAuthnRequest(
  samlRequest: string,
  applications: Applications,
): Promise<AuthnRequest | null> {
  return new Promise((resolve) => {
    samlp.parseRequest({ query: { SAMLRequest: samlRequest } }, (error, parsed) => {
      const { id, issuer, assertionConsumerServiceURL: acsUrl, forceAuthn } = parsed ?? {}
      if (error || !id || issuer === undefined || acsUrl === undefined) return resolve(null)
      const isKnown = applications.get(issuer) === acsUrl || isGateHere(issuer, acsUrl)
      resolve(isKnown ? { id, issuer, acsUrl, forceAuthn: forceAuthn === 'true' } : null)
    })
  })
}

/**
 * Whether the request comes from `npm run dev` on this machine. Others are refused, because nobody
 * here has a password.
 */
function isGateHere(issuer: string, acsUrl: string): boolean {
  if (!URL.canParse(issuer) || !isLoopback(new URL(issuer))) return false
  const [, base] =
    /^(https?:\/\/[^/?#]+\/\.gatehouse\/saml\/[a-z0-9-]+)\/metadata$/.exec(issuer) ?? []
  return base !== undefined && acsUrl === `${base}/acs`
}

export interface Answer {
  readonly entityId: string
  readonly acsUrl: string
  /** The ID of the request; null: the response is unsolicited. */
  readonly inResponseTo: string | null
  readonly sessionIndex: string
}

/** The person that an answer is about. */
export type Subject = Person & { readonly groups: readonly string[] }

/**
 * Response and assertion are both signed.
 *
 * @returns base64, as it is posted.
 */
export function signedResponse(
  issuer: string,
  { key, cert }: IdpKey,
  person: Subject,
  { entityId, acsUrl, inResponseTo, sessionIndex }: Answer,
): Promise<string> {
  return new Promise((resolve, reject) => {
    samlp.getSamlResponse(
      {
        issuer,
        key,
        cert,
        audience: entityId,
        destination: acsUrl,
        recipient: acsUrl,
        ...(inResponseTo === null ? {} : { inResponseTo }),
        sessionIndex,
        lifetimeInSeconds: 300,
        signatureAlgorithm: 'rsa-sha256',
        digestAlgorithm: 'sha256',
        signAssertion: true,
        signResponse: true,
        authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified',
        profileMapper: toProfile,
      },
      person,
      (error, xml) => {
        if (error) reject(new Error('samlp made no response', { cause: error }))
        else resolve(Buffer.from(xml).toString('base64'))
      },
    )
  })
}

const toProfile = (person: Subject) => ({
  getClaims: () => ({
    username: person.userName,
    email: person.email,
    displayName: nameOf(person),
    firstName: person.givenName,
    lastName: person.familyName,
    groups: [...person.groups],
  }),
  getNameIdentifier: () => ({
    nameIdentifier: person.id,
    nameIdentifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  }),
})

export function idpMetadata(idpUrl: string, { cert }: IdpKey): string {
  let metadata = ''
  const handler = samlp.metadata({
    issuer: idpUrl + METADATA_PATH,
    cert,
    redirectEndpointPath: SSO_PATH,
    postEndpointPath: SSO_PATH,
    logoutEndpointPaths: { redirect: SLO_PATH },
    profileMapper: { prototype: { metadata: [] } },
  })
  handler(
    { headers: { host: new URL(idpUrl).host }, protocol: 'http' },
    { set: () => undefined, send: (body) => (metadata = body) },
  )
  return metadata
}
