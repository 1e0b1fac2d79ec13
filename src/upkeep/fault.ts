/** Why the metadata of a connection could not be read or used. */
import type { MetadataError } from '../saml/metadata/error.ts'
import { explainMetadataError } from '../saml/metadata/error.ts'
import type { FoundFault } from './decide.ts'
import { MOST_REDIRECTS, type FetchFault } from './fetch.ts'

export type RefreshFault =
  | MetadataError
  | FetchFault
  | FoundFault
  | { readonly reason: 'cut-off'; readonly url: string }
  | { readonly reason: 'large-document'; readonly url: string }
  | { readonly reason: 'pinned-unreadable' }

export function explainRefreshFault(fault: RefreshFault): string {
  switch (fault.reason) {
    case 'address':
      return `The address ${fault.url} ${fault.problem}. Give the metadata by another URL, or as a file.`
    case 'redirects':
      return `${fault.url} redirects more than ${MOST_REDIRECTS} times. Give the address that it leads to.`
    case 'status':
      return `${fault.url} answered ${fault.status}, not metadata. Check that the application still exists at the IdP.`
    case 'no-answer':
      return `${fault.url} did not answer within ${fault.seconds} seconds.`
    case 'unreachable':
      return `${fault.url} cannot be reached. Check that the address is right and open to the internet.`
    case 'cut-off':
      return `${fault.url} stopped in the middle, or took too long.`
    case 'large-document':
      return `${fault.url} sends more than 1 MB. Say which entity ID is wanted, or save the part about your IdP as a file.`
    case 'pinned-unreadable':
      return 'The pinned certificate cannot be read. Pin it again.'
    case 'too-many-certificates':
      return `The metadata has ${fault.found} signing certificates, more than 20.`
    case 'weak-keys':
      return 'Every key in the metadata is too weak. The IdP needs an RSA key of at least 2048 bits.'
    case 'sso-url':
      return `The metadata has the SSO URL ${fault.url}, which is not a plain https URL.`
    default:
      return explainMetadataError(fault)
  }
}
