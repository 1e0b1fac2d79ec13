/** An IdP's metadata whose signature is verified (Metadata §3), whatever its size. */
import { toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { readAggregate, readKept, type Pruned } from './aggregate.ts'
import { parseCertificate, toBase64Der, type Certificate } from './certificate.ts'
import type { SamlError } from './error.ts'
import { verifyHashed, verifySignature, type Verified } from './incoming/signature.ts'
import { prepare, type Trust } from './incoming/trust.ts'
import type { MetadataError } from './metadata/error.ts'
import { readIdpMetadata, type IdpMetadata } from './metadata/idp.ts'
import { DS } from './names.ts'
import { childrenNamed, textOf, type XmlElement } from './xml/reader.ts'

export interface MetadataTrust {
  /** The document must be signed with this one; null: it may be unsigned, or signed by any key. */
  readonly pinned: Certificate | null
  /** Tried before the certificate that the signature itself names. */
  readonly known: readonly Certificate[]
}

export interface SignedMetadata {
  readonly metadata: IdpMetadata
  /** null: the document is not signed. */
  readonly signer: Certificate | null
}

/**
 * @param options.entityId the IdP to take from an EntitiesDescriptor. Of an EntityDescriptor, the
 * caller compares the entity ID: that the IdP has another one is worth more than that it is missing.
 *
 * A `signer` that is neither pinned nor known proves only that the holder of its key made the
 * document: the caller must compare it with the signer of the last document.
 */
export async function readSignedMetadata(
  pieces: AsyncIterable<Uint8Array>,
  given: { readonly entityId: string | null; readonly now: Instant },
  trust: MetadataTrust,
): Promise<Result<SignedMetadata, MetadataError>> {
  const read = await readAggregate(pieces, given.entityId)
  if (!read.ok) return read
  const options = read.value.kind === 'whole' ? { ...given, entityId: null } : given
  const missing = judgeFound(read.value, options.entityId)
  if (missing) return err(missing)
  const whole = read.value.kind === 'whole' ? ok(read.value.root) : readKept(read.value.bytes)
  if (!whole.ok) return whole
  const signature = signatureIn(read.value)
  if (!signature) {
    if (trust.pinned) return err({ reason: 'signature', fault: { reason: 'unsigned' } })
    const metadata = readIdp(whole.value, options)
    return metadata.ok ? ok({ metadata: metadata.value, signer: null }) : metadata
  }
  const verified = await verifyBy(signature, candidates(signature.element, trust))
  if (!verified.ok) return err({ reason: 'signature', fault: verified.error })
  // From here on, only what was signed is read.
  const metadata = readIdp(verified.value.element, options)
  if (!metadata.ok) return metadata
  const late = judgeSurroundings(whole.value, metadata.value, options)
  return late ? err(late) : ok({ metadata: metadata.value, signer: verified.value.signer })
}

const readIdp = (
  root: XmlElement,
  { entityId, now }: { readonly entityId: string | null; readonly now: Instant },
): Result<IdpMetadata, MetadataError> => readIdpMetadata(root, { entityId, now: new Date(now) })

function judgeFound(read: Pruned, wanted: string | null): MetadataError | null {
  if (read.kind === 'whole') return null
  const { entityIds, found } = read
  if (wanted === null) {
    return entityIds.length > 1 ? { reason: 'several-entities', entityIds } : null
  }
  return found.length === 0 ? { reason: 'entity-not-found', wanted, entityIds } : null
}

interface SignatureFound {
  /** The ds:Signature. */
  readonly element: XmlElement
  readonly verify: (trust: Trust) => Promise<Result<Verified, SamlError>>
}

/** That of the document; where it has none, that of the entity itself. */
function signatureIn(read: Pruned): SignatureFound | null {
  if (read.kind === 'pruned' && read.signed) {
    const { signed, bytes } = read
    const signature = signed.parts.signedInfo.parent
    return signature
      ? {
          element: signature,
          verify: (trust) =>
            verifyHashed(signed.parts, { digest: signed.digest, signed: bytes }, trust),
        }
      : null
  }
  const [element, ...others] = read.kind === 'whole' ? [read.root] : read.found
  const [signature] = element && others.length === 0 ? childrenNamed(element, DS, 'Signature') : []
  return element && signature
    ? { element: signature, verify: (trust) => verifySignature(element, trust) }
    : null
}

function candidates(signature: XmlElement, { pinned, known }: MetadataTrust): Certificate[] {
  if (pinned) return [pinned]
  const named = childrenNamed(signature, DS, 'KeyInfo')
    .flatMap((info) => childrenNamed(info, DS, 'X509Data'))
    .flatMap((data) => childrenNamed(data, DS, 'X509Certificate'))
    .slice(0, 1)
    .map((certificate) => parseCertificate(textOf(certificate) ?? ''))
    .flatMap((each) => (each.ok ? [each.value] : []))
  const all = [...known, ...named].map((each) => [toBase64Der(each), each] as const)
  return [...new Map(all).values()]
}

/** One at a time, to learn which certificate it is. */
async function verifyBy(
  { verify }: SignatureFound,
  certificates: readonly Certificate[],
): Promise<Result<{ readonly element: Verified; readonly signer: Certificate }, SamlError>> {
  let fault: SamlError = { reason: 'no-certificate' }
  for (const signer of certificates) {
    const trust = { certificates: [prepare(signer)], sha1: false, weakRsa: false }
    const verified = await verify(trust)
    if (verified.ok) return ok({ element: verified.value, signer })
    fault = verified.error
    if (fault.reason !== 'signature-mismatch' && fault.reason !== 'weak-key') break
  }
  return err(fault)
}

/**
 * Elements around a signed entity can only shorten its life: a validUntil there is obeyed although
 * nobody signed it.
 */
function judgeSurroundings(
  whole: XmlElement,
  { entityId }: IdpMetadata,
  { now }: { readonly now: Instant },
): MetadataError | null {
  const read = readIdp(whole, { entityId, now })
  return !read.ok && read.error.reason === 'expired'
    ? { reason: 'expired', validUntil: read.error.validUntil, now: toIso(now) }
    : null
}
