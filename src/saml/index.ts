/**
 * `@gatehouse/worker/saml`: the SAML engine for other programs. Files inside this folder import each
 * other directly.
 */
export { allowNoNameId, explainResponse, openResponse } from './incoming/response.ts'
export { allowSha1, allowWeakRsa, prepareCertificate } from './incoming/trust.ts'
export type { PrepareCertificate, PreparedCertificate } from './incoming/trust.ts'
export type { DecryptionKeys } from './incoming/encryption.ts'
export type { Expect, Finding } from './incoming/response.ts'
export type { Subject } from './incoming/subject.ts'
export { openLogoutRequest, openLogoutResponse } from './incoming/logout.ts'
export type { LogoutAnswer, LogoutAsked, LogoutExpect } from './incoming/logout.ts'
export { readParameter } from './incoming/logout-message.ts'
export type { Received } from './incoming/logout-message.ts'
export { explainSamlError } from './explain.ts'
export type { SamlError } from './error.ts'

export { authnRequest, signedAuthnRequest } from './outgoing/authn-request.ts'
export type { AuthnRequest } from './outgoing/authn-request.ts'
export {
  logoutRequest,
  logoutResponse,
  signedLogoutRequest,
  signedLogoutResponse,
  soapEnvelope,
  soapFault,
} from './outgoing/logout.ts'
export type { LogoutRequest, LogoutResponse, LogoutStatus } from './outgoing/logout.ts'
export {
  postFields,
  postResponseFields,
  redirectResponseUrl,
  redirectUrl,
} from './outgoing/binding.ts'
export type { RequestSigner } from './outgoing/sign.ts'

export { parseIdpMetadata } from './metadata/idp.ts'
export type { IdpMetadata, SloEndpoint, SloEndpoints } from './metadata/idp.ts'
export { spMetadata } from './metadata/sp.ts'
export type { SpMetadata } from './metadata/sp.ts'
export { explainMetadataError } from './metadata/error.ts'
export type { MetadataError } from './metadata/error.ts'

export { fingerprintOf, parseCertificate, toBase64Der } from './certificate.ts'
export type { Certificate, CertificateFault } from './certificate.ts'
export { selfSigned } from './outgoing/self-signed.ts'
export type { CertificateFields } from './outgoing/self-signed.ts'
