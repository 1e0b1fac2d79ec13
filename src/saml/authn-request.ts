import { SAML, SAMLP } from './names.ts'
import { writeXml } from './writer.ts'

export interface AuthnRequest {
  /** An NCName, unguessable; the answer's InResponseTo. */
  readonly id: string
  readonly issueInstant: Date
  /** Our entity ID. */
  readonly issuer: string
  readonly destination: string
  readonly acsUrl: string
  readonly nameIdFormat: string | null
  readonly forceAuthn: boolean
  readonly authnContext: {
    readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better'
    readonly classRefs: readonly string[]
  } | null
}

const HTTP_POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'

/** An AuthnRequest (Core §3.4.1), children in the order of the schema. Unsigned. */
export const authnRequest = (request: AuthnRequest): string =>
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
      ...(request.nameIdFormat === null
        ? {}
        : { 'samlp:NameIDPolicy': { '@Format': request.nameIdFormat, '@AllowCreate': 'true' } }),
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
