/**
 * `@gatehouse/worker/saml`: the SAML engine for other programs. Files inside this folder import each
 * other directly.
 */
export {
  allowNoNameId,
  allowSha1,
  allowWeakRsa,
  explainResponse,
  openResponse,
} from './incoming/response.ts'
export type { Expect, Finding } from './incoming/response.ts'
export type { Subject } from './incoming/subject.ts'
export { explainSamlError } from './explain.ts'
export type { SamlError } from './error.ts'

export { authnRequest, signedAuthnRequest } from './outgoing/authn-request.ts'
export type { AuthnRequest } from './outgoing/authn-request.ts'
export { postFields, redirectUrl } from './outgoing/binding.ts'
export type { RequestSigner } from './outgoing/sign.ts'

export { parseIdpMetadata } from './metadata/idp.ts'
export type { IdpMetadata } from './metadata/idp.ts'
export { spMetadata } from './metadata/sp.ts'
export type { SpMetadata } from './metadata/sp.ts'
export { explainMetadataError } from './metadata/error.ts'
export type { MetadataError } from './metadata/error.ts'

export { fingerprintOf, parseCertificate, toBase64Der } from './certificate.ts'
export type { Certificate, CertificateFault } from './certificate.ts'
export { selfSigned } from './outgoing/self-signed.ts'
export type { CertificateFields } from './outgoing/self-signed.ts'
