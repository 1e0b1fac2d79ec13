/** Whether a document is applied, or waits for an operator. Pure. */
import { acceptsKey, toStored } from '../connection/certificates.ts'
import type { Connection, ConnectionCertificate } from '../connection/connection.ts'
import { urlsOf } from '../connection/slo.ts'
import { fitSlo, sloOfMetadata } from '../connection/slo-choice.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { toBase64Der } from '../saml/certificate.ts'
import type { SignedMetadata } from '../saml/signed-metadata.ts'
import type { Found, MetadataState, WaitReason } from './metadata-store.ts'

/** A certificate that the document no longer has is dropped after a day. */
const LEAVING_SECONDS = 86_400
const MOST_CERTIFICATES = 20

export type FoundFault =
  | { readonly reason: 'too-many-certificates'; readonly found: number }
  /** All keys are too weak. */
  | { readonly reason: 'weak-keys' }
  | { readonly reason: 'sso-url'; readonly url: string }

/** The part of the document that counts here. */
export async function toFound(
  { metadata, signer }: SignedMetadata,
  connection: Connection,
  now: Instant,
): Promise<Result<Found, FoundFault>> {
  const { sso, entityId } = metadata
  const other = connection.ssoBinding === 'redirect' ? 'post' : 'redirect'
  const ssoBinding = sso[connection.ssoBinding] === null ? other : connection.ssoBinding
  const ssoUrl = sso[ssoBinding] ?? ''
  if (ssoUrl !== connection.ssoUrl && !isFit(ssoUrl)) return err({ reason: 'sso-url', url: ssoUrl })
  const count = metadata.certificates.length
  if (count > MOST_CERTIFICATES) return err({ reason: 'too-many-certificates', found: count })
  const until = connection.settings.allowWeakRsaUntil
  const allowsWeakRsa = until !== null && now < until
  const all = await Promise.all(
    metadata.certificates.map(async (each) => ({ key: each.key, stored: await toStored(each) })),
  )
  const certificates = all
    .filter(
      ({ key, stored }) => has(connection.certificates, stored) || acceptsKey(key, allowsWeakRsa),
    )
    .map(({ stored }) => stored)
  if (certificates.length === 0) return err({ reason: 'weak-keys' })
  const slo = fitSlo(metadata.slo)
  return ok({
    entityId,
    ssoUrl,
    ssoBinding,
    slo,
    certificates,
    signer: signer && toBase64Der(signer),
  })
}

/** The browser takes people's names there. */
function isFit(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, hash } = new URL(url)
  return protocol === 'https:' && username === '' && password === '' && hash === ''
}

/** Why a person has to look at it; empty: it is applied. */
export function reasonsToWait(
  connection: Connection,
  { listed, signer, pinned }: MetadataState,
  found: Found,
): readonly WaitReason[] {
  const reasons: WaitReason[] = []
  if (found.entityId !== connection.idpEntityId) reasons.push('entity-id')
  if (!found.certificates.some((each) => has(connection.certificates, each))) {
    reasons.push('no-known-certificate')
  }
  // A pinned certificate was verified already. Before the first document, no signer is known.
  if (pinned === null && listed !== null && signer !== null && found.signer !== signer) {
    const isKnown = connection.certificates.some(({ certificate }) => certificate === found.signer)
    if (found.signer === null) reasons.push('unsigned')
    else if (!isKnown) reasons.push('other-signer')
  }
  if (hostOf(found.ssoUrl) !== hostOf(connection.ssoUrl)) reasons.push('sso-host')
  const known = [connection.ssoUrl, found.ssoUrl, ...urlsOf(connection.slo)].map(hostOf)
  if (urlsOf(found.slo).some((url) => !known.includes(hostOf(url)))) reasons.push('slo-host')
  return reasons
}

export interface Applied {
  readonly connection: Connection
  readonly state: Pick<MetadataState, 'listed' | 'leaving' | 'signer'>
  readonly added: readonly ConnectionCertificate[]
  readonly removed: readonly ConnectionCertificate[]
}

/**
 * New certificates are taken beside the old ones. One that the last document had and this one has
 * not leaves after a day. One that an operator added stays; one that an operator removed, although
 * the last document had it, does not come back.
 *
 * @param isAccepted a person has looked at it: all of it counts, and all that it lacks leaves.
 */
export function apply(
  connection: Connection,
  state: Pick<MetadataState, 'listed' | 'leaving'>,
  found: Found,
  { now, isAccepted }: { readonly now: Instant; readonly isAccepted: boolean },
): Applied {
  const { certificates: old } = connection
  const isOtherIdp = found.entityId !== connection.idpEntityId
  const wasListed = ({ fingerprint }: ConnectionCertificate) =>
    state.listed?.includes(fingerprint) ?? false
  const added = found.certificates.filter(
    (each) => !has(old, each) && (isAccepted || !wasListed(each)),
  )
  const leaving: Record<string, Instant> = {}
  const removed: ConnectionCertificate[] = []
  for (const each of old.filter((certificate) => !has(found.certificates, certificate))) {
    const since = state.leaving[each.fingerprint] ?? null
    if (since === null && !isAccepted && !wasListed(each)) continue
    // A key of the old IdP must not sign for the new one.
    if (isOtherIdp || (since ?? now) <= plusSeconds(now, -LEAVING_SECONDS)) removed.push(each)
    else leaving[each.fingerprint] = since ?? now
  }
  const kept = old.filter((each) => !has(removed, each))
  return {
    connection: {
      ...connection,
      idpEntityId: found.entityId,
      ssoUrl: found.ssoUrl,
      ssoBinding: found.ssoBinding,
      slo: sloOfMetadata(isOtherIdp ? null : connection.slo, found.slo),
      certificates: [...kept, ...added],
    },
    state: {
      listed: found.certificates.map(({ fingerprint }) => fingerprint),
      leaving,
      signer: found.signer,
    },
    added,
    removed,
  }
}

const has = (
  certificates: readonly ConnectionCertificate[],
  { fingerprint }: ConnectionCertificate,
): boolean => certificates.some((each) => each.fingerprint === fingerprint)

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '')
