import { HTTP_POST, SAML, SAMLP } from '../names.ts'
import { envelopedSignature } from './enveloped.ts'
import type { RequestSigner } from './sign.ts'
import { writeXml } from '../xml/writer.ts'

export interface AuthnRequest {
  /** An NCName that nobody can guess. The response repeats it as InResponseTo. */
  readonly id: string
  readonly issueInstant: Date
  /** Our entity ID. */
  readonly issuer: string
  readonly destination: string
  readonly acsUrl: string
  /**
   * The user's NameID, as a hint to the IdP about the user who is about to sign in; null: no hint.
   */
  readonly subject: string | null
  readonly nameIdFormat: string | null
  readonly forceAuthn: boolean
  readonly authnContext: {
    readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better'
    readonly classRefs: readonly string[]
  } | null
}

/**
 * An unsigned AuthnRequest (Core §3.4.1). HTTP-Redirect uses this one: it signs the query instead
 * of the XML.
 */
export const authnRequest = (request: AuthnRequest): string => write(request, null)

/** An AuthnRequest with an enveloped signature (Core §5.4), for HTTP-POST. */
export const signedAuthnRequest = async (
  request: AuthnRequest,
  signer: RequestSigner,
): Promise<string> =>
  write(request, await envelopedSignature(authnRequest(request), request.id, signer))

/** The schema fixes the order of the children. */
const write = (
  request: AuthnRequest,
  signature: Readonly<Record<string, unknown>> | null,
): string =>
  writeXml({
    'samlp:AuthnRequest': {
      '@xmlns:samlp': SAMLP,
      '@xmlns:saml': SAML,
      '@ID': request.id,
      '@Version': '2.0',
      '@IssueInstant': request.issueInstant.toISOString(),
      '@Destination': request.destination,
      ...(request.forceAuthn ? { '@ForceAuthn': 'true' } : {}),
      '@ProtocolBinding': HTTP_POST,
      '@AssertionConsumerServiceURL': request.acsUrl,
      'saml:Issuer': request.issuer,
      ...(signature === null ? {} : { 'ds:Signature': signature }),
      ...(request.subject === null ? {} : { 'saml:Subject': { 'saml:NameID': request.subject } }),
      'samlp:NameIDPolicy': nameIdPolicy(request.nameIdFormat),
      ...(request.authnContext === null
        ? {}
        : {
            'samlp:RequestedAuthnContext': {
              '@Comparison': request.authnContext.comparison,
              'saml:AuthnContextClassRef': request.authnContext.classRefs,
            },
          }),
    },
  })

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'

/**
 * Without AllowCreate an IdP must not make an identifier for a user who signs in for the first time
 * (Core §3.4.1.1). AllowCreate must not be sent with the transient format (errata E14).
 */
const nameIdPolicy = (format: string | null) => ({
  ...(format === null ? {} : { '@Format': format }),
  ...(format === TRANSIENT ? {} : { '@AllowCreate': 'true' }),
})
