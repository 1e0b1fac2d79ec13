/**
 * Reads metadata piece by piece, and keeps only the IdP that is wanted: a federation's metadata has
 * thousands. What a signature covers is hashed while it is read.
 */
import { concatBytes, decodeUtf8, utf8, type Bytes } from '../lib/bytes.ts'
import { startHashing, type Hashing } from '../lib/hashing.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { SamlError } from './error.ts'
import { openSignature, type SignatureParts } from './incoming/signature.ts'
import type { MetadataError } from './metadata/error.ts'
import { isEntity, isMetadata } from './metadata/idp.ts'
import { DS, METADATA } from './names.ts'
import { uriOf } from './values.ts'
import { createCanonicalWriter, type CanonicalWriter } from './xml/c14n.ts'
import { childrenNamed, limits, parseXml, readInPieces, Refused } from './xml/reader.ts'
import type { OpenElement, Watch, XmlElement, XmlNode } from './xml/reader.ts'

/** Larger than any federation's metadata today. */
const MOST_METADATA_BYTES = 100_000_000
/**
 * Canonical, a document may be longer than it was: each child declares the prefixes anew that it uses.
 * So what is written is bounded too: in all, because it is hashed, and from one hash to the next,
 * because until then it is in memory.
 */
const MOST_CANONICAL_BYTES = 2 * MOST_METADATA_BYTES
const MOST_UNHASHED_BYTES = 4 * limits.bytes

export type Pruned =
  /** An EntityDescriptor, or something else that is small: the whole of it. */
  | { readonly kind: 'whole'; readonly root: XmlElement }
  | {
      readonly kind: 'pruned'
      /** The canonical bytes of the EntitiesDescriptor, without the other entities. */
      readonly bytes: Bytes
      /** The wanted entities as they were written. One should have been found. */
      readonly found: readonly XmlElement[]
      /** Entity IDs of all IdPs. */
      readonly entityIds: readonly string[]
      /** The signature over the whole, not verified yet; null: the EntitiesDescriptor has none. */
      readonly signed: { readonly parts: SignatureParts; readonly digest: Bytes } | null
    }

const MOST_IDS = 20_000
const MOST_ID_CHARACTERS = 200

/** @param wanted null: any IdP; the first two are kept. Never throws, unless `pieces` does. */
export async function readAggregate(
  pieces: AsyncIterable<Uint8Array>,
  wanted: string | null,
): Promise<Result<Pruned, MetadataError>> {
  const pass = createPass(wanted)
  const reading = readInPieces(pass.watch)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const read = async (text: string): Promise<MetadataError | null> => {
    const fault = reading.write(text)
    if (fault !== null) return pass.fault() ?? { reason: 'malformed-xml', fault }
    await pass.hash()
    return pass.fault()
  }
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > MOST_METADATA_BYTES) return err({ reason: 'large-aggregate' })
    for (let at = 0; at < piece.length; at += PIECE) {
      const text = decodePart(decoder, piece.subarray(at, at + PIECE), true)
      if (text === null) return err({ reason: 'malformed-xml', fault: 'not-utf8' })
      const fault = await read(text)
      if (fault) return err(fault)
    }
  }
  if (decodePart(decoder, new Uint8Array(0), false) === null) {
    return err({ reason: 'malformed-xml', fault: 'not-utf8' })
  }
  const root = reading.end()
  if (!root.ok) return err(pass.fault() ?? { reason: 'malformed-xml', fault: root.error })
  await pass.hash()
  const fault = pass.fault()
  return fault ? err(fault) : pass.end(root.value)
}

/** Bytes that are parsed before what they held is hashed and dropped. */
const PIECE = 65_536

function decodePart(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string | null {
  try {
    return decoder.decode(bytes, { stream })
  } catch {
    return null
  }
}

interface Pass {
  readonly watch: Watch
  readonly fault: () => MetadataError | null
  /** Hashes what was read since the last call. */
  readonly hash: () => Promise<void>
  readonly end: (root: XmlElement) => Promise<Result<Pruned, MetadataError>>
}

function createPass(wanted: string | null): Pass {
  /** The EntitiesDescriptors around the element that is being read, the root first. */
  const around: OpenElement[] = []
  const found: XmlElement[] = []
  const entityIds: string[] = []
  const kept: Bytes[] = []
  let keptBytes = 0
  let canonicalBytes = 0
  let unhashedBytes = 0
  let fault: MetadataError | null = null
  let writer: CanonicalWriter | null = null
  let parts: SignatureParts | null = null
  let hashing: Hashing | null = null
  let unhashed: Bytes[] = []

  const refuse = (signatureFault: SamlError): void => {
    fault ??= { reason: 'signature', fault: signatureFault }
  }

  /** @throws Refused, so that nothing more is read, where it is too much. */
  function emit(from: CanonicalWriter, isKept: boolean): void {
    const bytes = utf8(from.take())
    canonicalBytes += bytes.length
    unhashedBytes += bytes.length
    if (canonicalBytes > MOST_CANONICAL_BYTES || unhashedBytes > MOST_UNHASHED_BYTES) {
      fault ??= { reason: 'large-aggregate' }
      throw new Refused('too-large')
    }
    if (hashing) unhashed.push(bytes)
    if (!isKept) return
    kept.push(bytes)
    keptBytes += bytes.length
    if (keptBytes > limits.bytes) throw new Refused('too-large')
  }

  /** The signature says how the root is written, so it must come first (Metadata §2.3.1). */
  function begin(root: OpenElement): CanonicalWriter {
    const first = root.children.find((child) => child.kind === 'element')
    const signature = first && isSignature(first) ? first : null
    if (signature) {
      const opened = openSignature(signature, root, { sha1: false })
      if (opened.ok) parts = opened.value
      else refuse(opened.error)
    }
    if (parts) hashing = startHashing(parts.reference.hash)
    const inclusivePrefixes = parts?.reference.c14n.inclusivePrefixes ?? []
    const begun = createCanonicalWriter({ withComments: false, inclusivePrefixes, omit: signature })
    begun.open(root)
    emit(begun, true)
    if (root.children.filter(isSignature).length > (signature ? 1 : 0)) {
      refuse({ reason: 'several-signatures' })
    }
    return begun
  }

  /** Deals with the finished children of an EntitiesDescriptor, and drops them. */
  function flush(parent: OpenElement): CanonicalWriter {
    const isFirst = writer === null
    const to = (writer ??= begin(around[0] ?? parent))
    for (const child of parent.children) {
      const isKept = keeps(child)
      if (!isFirst && parent === around[0] && isSignature(child)) {
        refuse({ reason: 'malformed-signature', detail: 'Signature is not the first child' })
      }
      if (!hashing && !isKept) continue
      to.child(child)
      emit(to, isKept)
    }
    parent.children.length = 0
    return to
  }

  function keeps(child: XmlNode): boolean {
    if (child.kind !== 'element' || !isEntity(child)) return false
    const id = uriOf(child, 'entityID') ?? ''
    const isIdp = childrenNamed(child, METADATA, 'IDPSSODescriptor').length > 0
    if (isIdp && entityIds.length < MOST_IDS) entityIds.push(detached(id))
    const isWanted = (wanted === null ? isIdp : id === wanted) && found.length < 2
    if (isWanted) found.push(child)
    return isWanted
  }

  return {
    watch: {
      opened(element) {
        const parent = around.at(-1) ?? null
        if (!isMetadata(element, 'EntitiesDescriptor') || element.parent !== parent) return
        if (parent) {
          parent.children.pop()
          flush(parent).open(element)
          if (writer) emit(writer, true)
        }
        around.push(element)
      },
      closed(element) {
        if (element === around.at(-1)) {
          const to = flush(element)
          around.pop()
          to.close()
          emit(to, true)
          return true
        }
        const parent = around.at(-1)
        if (!parent || element.parent !== parent) return false
        flush(parent)
        return true
      },
    },
    fault: () => fault,
    async hash() {
      const pieces = unhashed
      unhashed = []
      unhashedBytes = 0
      if (pieces.length > 0) await hashing?.write(concatBytes(...pieces))
    },
    async end(root) {
      if (!isMetadata(root, 'EntitiesDescriptor')) return ok({ kind: 'whole', root })
      const signed = parts && hashing ? { parts, digest: await hashing.end() } : null
      return ok({ kind: 'pruned', bytes: concatBytes(...kept), found, entityIds, signed })
    },
  }
}

const isSignature = (node: XmlNode): boolean =>
  node.kind === 'element' && node.namespace === DS && node.local === 'Signature'

/** A copy. A part of a text keeps the whole text in memory. */
function detached(text: string): string {
  const copy = decodeUtf8(utf8(text.slice(0, MOST_ID_CHARACTERS)))
  return copy.ok ? copy.value : ''
}

/** The document element of what was kept. */
export function readKept(bytes: Bytes): Result<XmlElement, MetadataError> {
  const root = parseXml(bytes)
  return root.ok ? root : err({ reason: 'malformed-xml', fault: root.error })
}
