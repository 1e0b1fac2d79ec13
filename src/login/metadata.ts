/** Our metadata, which an identity provider is set up by. */
import { signatureOf, type Connection } from '../connection/connection.ts'
import { sloOf, spOf } from '../connection/sp.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import type { OnDemand } from '../lib/part.ts'
import { spMetadata } from '../saml/metadata/sp.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'

export async function showMetadata(
  { host, now }: Visit,
  { id, settings }: Connection,
  { findSpKeys }: { readonly findSpKeys: OnDemand<SpKeys> },
): Promise<Response> {
  const { nameIdFormat, signRequests } = settings
  const spKeys = await findSpKeys()
  const xml = spMetadata({
    ...spOf(host, id),
    slo: sloOf(host, id),
    nameIdFormat,
    signsRequests: signRequests !== null,
    ...(await spKeys.certificates(signatureOf(signRequests), now)),
  })
  const type = { 'Content-Type': 'application/samlmetadata+xml' }
  return new Response(xml, { headers: { ...ownHeaders, ...type } })
}
