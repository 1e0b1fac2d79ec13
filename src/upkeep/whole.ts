/** Reads a metadata document for an operator who makes or changes a connection. */
import { concatBytes } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { readAggregate } from '../saml/aggregate.ts'
import { explainRefreshFault, type RefreshFault } from './fault.ts'
import { CutOff, fetchDocument, type MetadataReach } from './fetch.ts'
import { METADATA_SECONDS } from './refresh.ts'

const MOST_BYTES = 1_000_000

/** @param entityId the IdP that is kept of a larger document; null: a larger one is refused. */
export async function readWhole(
  url: string,
  entityId: string | null,
  reach: MetadataReach,
): Promise<Result<Uint8Array, RefreshFault>> {
  const document = await fetchDocument(url, { ...reach, etag: null, seconds: METADATA_SECONDS })
  if (!document.ok) return document
  // unreachable: no ETag was sent
  if (document.value.kind === 'same') return err({ reason: 'status', url, status: 304 })
  try {
    return await collect(document.value.pieces, url, entityId)
  } catch (error) {
    if (error instanceof CutOff) return err({ reason: 'cut-off', url })
    throw error
  }
}

/** As the console and the API read it. The error is a sentence. */
export async function readPublic(
  url: string,
  entityId: string | null,
  reach: MetadataReach,
): Promise<Result<Uint8Array, string>> {
  const read = await readWhole(url, entityId, reach)
  return read.ok ? read : err(explainRefreshFault(read.error))
}

async function collect(
  pieces: AsyncIterable<Uint8Array>,
  url: string,
  entityId: string | null,
): Promise<Result<Uint8Array, RefreshFault>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const iterator = pieces[Symbol.asyncIterator]()
  for (;;) {
    const next = await iterator.next()
    if (next.done === true) return ok(concatBytes(...chunks))
    chunks.push(next.value)
    size += next.value.length
    if (size <= MOST_BYTES) continue
    if (entityId !== null) return readLarge(chunks, iterator, entityId)
    await iterator.return?.()
    return err({ reason: 'large-document', url })
  }
}

/** A federation's metadata: the one IdP in it. */
async function readLarge(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  entityId: string,
): Promise<Result<Uint8Array, RefreshFault>> {
  async function* all() {
    yield* begun
    for (;;) {
      const next = await rest.next()
      if (next.done === true) return
      yield next.value
    }
  }
  const read = await readAggregate(all(), entityId)
  if (!read.ok) return read
  if (read.value.kind === 'whole') return err({ reason: 'malformed-xml', fault: 'too-large' })
  const { bytes, found, entityIds } = read.value
  return found.length > 0
    ? ok(bytes)
    : err({ reason: 'entity-not-found', wanted: entityId, entityIds })
}
