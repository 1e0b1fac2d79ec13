/** A Worker that reads one identity provider out of the metadata that it is sent. */
import { toInstant } from '../../src/lib/instant.ts'
import { parseCertificate, toBase64Der } from '../../src/saml/certificate.ts'
import { readSignedMetadata } from '../../src/saml/signed-metadata.ts'

export default {
  async fetch({ body, headers }: Request): Promise<Response> {
    const pinned = parseCertificate(headers.get('X-Pinned') ?? '')
    if (!body || !pinned.ok) return new Response(null, { status: 400 })
    const read = await readSignedMetadata(
      body,
      { entityId: headers.get('X-Entity-Id'), now: toInstant(Date.now()) },
      { pinned: pinned.value, known: [] },
    )
    return Response.json(
      read.ok
        ? { found: read.value.metadata.certificates.map(toBase64Der) }
        : { refused: read.error },
    )
  },
}
