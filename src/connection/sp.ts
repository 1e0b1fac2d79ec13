/** Our side of a connection: what its IdP knows us by, and where it finds us. */
import { acsPath, metadataPath, sloPath, sloSoapPath } from '../lib/paths.ts'
import type { Expect } from '../saml/index.ts'
import type { SsoBinding } from './connection.ts'

/** Our entity ID and ACS URL for a connection's IdP, at a host. */
export const spOf = (
  { url }: { readonly url: string },
  connection: string,
): Pick<Expect['sp'], 'entityId' | 'acsUrl'> => ({
  entityId: url + metadataPath(connection),
  acsUrl: url + acsPath(connection),
})

/** Where we take messages of single logout from a connection's IdP, at a host. */
export const sloOf = ({ url }: { readonly url: string }, connection: string) => ({
  url: url + sloPath(connection),
  soapUrl: url + sloSoapPath(connection),
})

/**
 * How the browser carries a message to an address of the identity provider. A form that our page posts
 * to our own host counts as ours there, such as the one that signs its visitor out. So a message that
 * goes to our own host is never posted.
 */
export const bindingTo = (
  destination: string,
  binding: SsoBinding,
  { url }: { readonly url: string },
): SsoBinding => (new URL(destination).origin === url ? 'redirect' : binding)
