/** Why metadata was refused, with facts for the operator. */
import type { CertificateFault } from '../certificate.ts'
import { quote, type SamlError } from '../error.ts'
import { explainSamlError, explainXmlFault } from '../explain.ts'
import type { MalformedTime } from '../values.ts'
import { METADATA } from '../names.ts'
import type { XmlFault } from '../xml/reader.ts'

export type MetadataError =
  /** The signature is missing though one is wanted, or it does not hold. */
  | { readonly reason: 'signature'; readonly fault: SamlError }
  | { readonly reason: 'malformed-xml'; readonly fault: XmlFault }
  /** Also where it is only as canonical text that it is so large. */
  | { readonly reason: 'large-aggregate' }
  | { readonly reason: 'not-metadata'; readonly found: string; readonly namespace: string }
  | { readonly reason: 'no-idp' | 'no-entity-id' }
  | { readonly reason: 'several-entities'; readonly entityIds: readonly string[] }
  | {
      readonly reason: 'entity-not-found'
      readonly wanted: string
      readonly entityIds: readonly string[]
    }
  | {
      readonly reason: 'entity-repeated' | 'not-an-idp' | 'several-roles'
      readonly entityId: string
    }
  | {
      readonly reason: 'not-saml-2'
      readonly entityId: string
      /** The protocols that it does support. */
      readonly protocols: readonly string[]
    }
  | MalformedTime
  | { readonly reason: 'expired'; readonly validUntil: string; readonly now: string }
  | {
      readonly reason: 'no-certificate'
      readonly entityId: string
      /** One for each certificate that cannot be read. */
      readonly faults: readonly CertificateFault[]
    }
  | {
      readonly reason: 'artifact-only'
      readonly entityId: string
    }
  | {
      readonly reason: 'no-sso-endpoint'
      readonly entityId: string
      readonly offered: readonly { readonly binding: string; readonly location: string }[]
    }

/** What is wrong, and what to do next where we know. */
export function explainMetadataError(error: MetadataError): string {
  switch (error.reason) {
    case 'signature':
      return explainSignature(error.fault)
    case 'malformed-xml':
      return `Gatehouse cannot read this as XML: ${explainFault(error.fault)}. Check that it is the metadata itself and not a web page about it.`
    case 'large-aggregate':
      return 'The aggregate is larger than 100 MB, or becomes far larger than it is when it is written as its signature asks. Take the metadata of your one IdP: by the MDQ service of the federation, or as a file.'
    case 'not-metadata':
      return error.namespace === METADATA
        ? `The root element is ${error.found}; it must be EntityDescriptor or EntitiesDescriptor.`
        : `This is not SAML metadata. The root element is ${error.found} in the namespace ${quote(error.namespace)}; it must be EntityDescriptor or EntitiesDescriptor in ${quote(METADATA)}.`
    case 'no-idp':
      return 'The metadata describes no identity provider.'
    case 'no-entity-id':
      return 'The EntityDescriptor has no entityID.'
    case 'several-entities':
      return `The metadata describes several identity providers. Choose one of these entity IDs:\n${list(error.entityIds)}`
    case 'entity-not-found':
      return error.entityIds.length > 0
        ? `The metadata does not describe ${quote(error.wanted)}. It describes:\n${list(error.entityIds.map(quote))}`
        : `The metadata describes neither ${quote(error.wanted)} nor any other identity provider.`
    case 'entity-repeated':
      return `The metadata describes "${error.entityId}" more than once.`
    case 'not-an-idp':
      return `"${error.entityId}" is not an identity provider: it has no IDPSSODescriptor. Check that this is not the metadata of a service provider.`
    case 'not-saml-2':
      return `"${error.entityId}" does not support SAML 2.0, only ${error.protocols.map(quote).join(', ')} (protocolSupportEnumeration): turn SAML 2.0 on at the IdP.`
    case 'several-roles':
      return `"${error.entityId}" has more than one IDPSSODescriptor for SAML 2.0. Enter its values by hand instead of using metadata.`
    case 'malformed-time':
      return explainSamlError(error)
    case 'expired':
      return `The metadata expired at ${error.validUntil}, and it is ${error.now} now. Download it again.`
    case 'no-certificate':
      return error.faults.length > 0
        ? `Gatehouse cannot read any signing certificate of "${error.entityId}" (${error.faults.join(', ')}).`
        : `"${error.entityId}" has no signing certificate, so no signature can be verified.`
    case 'artifact-only':
      return `"${error.entityId}" accepts requests only by HTTP-Artifact, which Gatehouse does not support. Turn on HTTP-Redirect or HTTP-POST at the IdP.`
    case 'no-sso-endpoint':
      return `"${error.entityId}" has no SingleSignOnService with the binding HTTP-Redirect or HTTP-POST at an http(s) URL${error.offered
        .map(
          ({ binding, location }, i) =>
            `${i === 0 ? ', only ' : ', '}${quote(binding)} at ${quote(location)}`,
        )
        .join('')}.`
  }
}

function explainSignature(fault: SamlError): string {
  switch (fault.reason) {
    case 'unsigned':
      return 'The metadata is not signed, and only metadata signed with the pinned certificate is accepted.'
    case 'no-certificate':
      return 'The metadata is signed, but holds no certificate of the signer. Pin the certificate that its publisher names.'
    case 'signature-mismatch':
      return 'The metadata is not signed with a key that is known here. If its publisher has a new key, pin the new certificate.'
    case 'digest-mismatch':
      return 'The metadata was changed after it was signed.'
    default:
      return `The signature of the metadata was not accepted. ${explainSamlError(fault)}`
  }
}

const explainFault = (fault: XmlFault): string =>
  fault === 'too-large'
    ? 'it is larger than 1 MB. Save the one EntityDescriptor of your IdP as a file'
    : explainXmlFault(fault)

/** A federation's metadata has thousands of entities. */
const SHOWN = 20

function list(entityIds: readonly string[]): string {
  const shown = entityIds.slice(0, SHOWN).map((id) => `  ${id}`)
  const more = entityIds.length - shown.length
  return [...shown, ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n')
}
