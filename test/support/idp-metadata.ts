/** Parts of an IdP's metadata, which a test can combine as it likes. */
import { METADATA } from '../../src/saml/names.ts'
import { selfSigned } from '../../tools/signing/certificate.ts'
import { escapeXml } from '../../tools/signing/saml-signer.ts'

export const ENTITY = 'https://idp.example.com/saml'
export const key = (der: string, use: string | null = 'signing'): string =>
  `<md:KeyDescriptor${use === null ? '' : ` use="${use}"`}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
export const sso = (binding: string, location: string): string =>
  `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"/>`
export const redirect = sso('HTTP-Redirect', 'https://idp.example.com/sso')
export const role = (inner: string, attributes = ''): string =>
  `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>${inner}</md:IDPSSODescriptor>`
const XMLNS = `xmlns:md="${METADATA}"`
export const entity = (inner: string, id = ENTITY, attributes = ''): string =>
  `<md:EntityDescriptor ${XMLNS} entityID="${escapeXml(id)}"${attributes}>${inner}</md:EntityDescriptor>`
export const entities = (inner: string, attributes = ''): string =>
  `<md:EntitiesDescriptor ${XMLNS}${attributes}>${inner}</md:EntitiesDescriptor>`

/** Base64 DER. */
export async function newCertificate(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  return selfSigned(keys as CryptoKeyPair)
}
