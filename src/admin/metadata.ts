/** What operators do about metadata that keeps itself current. */
import { acceptsKey } from '../connection/certificates.ts'
import type { Connection } from '../connection/connection.ts'
import { judgeMessageUrl } from '../connection/fields.ts'
import { findEdition, replaceConnection } from '../connection/store.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fingerprintOf, parseCertificate, toBase64Der } from '../saml/certificate.ts'
import { apply, reasonsToWait } from '../upkeep/decide.ts'
import { findState, saveState, type MetadataState } from '../upkeep/metadata-store.ts'
import { METADATA_SECONDS, refresh, type Refreshed } from '../upkeep/refresh.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'
import { record, type Context } from './context.ts'

export type MetadataRefusal =
  | UnknownConnection
  | { readonly reason: 'no-metadata-url'; readonly id: string }
  /** This face asks no URLs. */
  | { readonly reason: 'not-here' }
  | { readonly reason: 'nothing-waits'; readonly id: string }
  /** Another document waits than the one that was shown. */
  | { readonly reason: 'other-document'; readonly id: string; readonly digest: string }
  | { readonly reason: 'sso-url'; readonly problem: string }
  | { readonly reason: 'not-a-certificate' | 'weak-key' | 'not-pinned' }
  /** It was written after it was read, so nothing was changed. */
  | { readonly reason: 'connection-changed'; readonly id: string }

export interface KnownMetadata {
  readonly connection: Connection
  readonly state: MetadataState
  /** Fingerprints. */
  readonly pinned: string | null
  readonly signedBy: string | null
  readonly waitingSignedBy: string | null
}

export async function showMetadata(
  { db }: Pick<Context, 'db'>,
  id: string,
): Promise<Result<KnownMetadata, MetadataRefusal>> {
  const known = await findKnownConnection(db, id)
  if (!known.ok) return known
  const state = await findState(db, known.value.id)
  if (!state) return err({ reason: 'no-metadata-url', id })
  return ok({
    connection: known.value,
    state,
    pinned: await fingerprintIn(state.pinned),
    signedBy: await fingerprintIn(state.signer),
    waitingSignedBy: await fingerprintIn(state.waiting?.found.signer ?? null),
  })
}

/** @param der base64 DER; null: there is no certificate. */
async function fingerprintIn(der: string | null): Promise<string | null> {
  const certificate = der === null ? null : parseCertificate(der)
  return certificate?.ok ? fingerprintOf(certificate.value) : null
}

export interface RefreshedNow {
  readonly refreshed: Exclude<Refreshed, { kind: 'overtaken' }>
  readonly known: KnownMetadata
}

/** As cron does, now. */
export async function refreshNow(
  context: Context,
  id: string,
): Promise<Result<RefreshedNow, MetadataRefusal>> {
  const { db, now, metadataReach } = context
  if (!metadataReach) return err({ reason: 'not-here' })
  const before = await showMetadata(context, id)
  if (!before.ok) return before
  // The operator may have a reason to doubt the last answer, so no ETag is sent.
  const state = { ...before.value.state, etag: null }
  const deps = { db, ...metadataReach, seconds: METADATA_SECONDS }
  const refreshed = await refresh(deps, state, now)
  if (refreshed.kind === 'overtaken') return err({ reason: 'connection-changed', id })
  await record(context, {
    command: 'connection refresh',
    connection: id,
    user: null,
    facts: { found: refreshed.kind, ...factsOf(refreshed) },
  })
  const known = await showMetadata(context, id)
  return known.ok ? ok({ refreshed, known: known.value }) : known
}

function factsOf(refreshed: RefreshedNow['refreshed']) {
  switch (refreshed.kind) {
    case 'same':
      return {}
    case 'applied':
      return {
        added: refreshed.added.map(({ fingerprint }) => fingerprint),
        removed: refreshed.removed.map(({ fingerprint }) => fingerprint),
        ssoUrl: refreshed.ssoUrl,
      }
    case 'waits':
      return { digest: refreshed.waiting.digest, why: refreshed.waiting.why }
    case 'failed':
      return { reason: refreshed.fault.reason }
  }
}

export interface Accepted {
  readonly before: Connection
  readonly connection: Connection
  /** Fingerprints of certificates that are dropped in a day. */
  readonly leaving: readonly string[]
}

/** @param digest of the document that was shown: at least its first eight digits. */
export async function acceptMetadata(
  context: Context,
  id: string,
  digest: string,
): Promise<Result<Accepted, MetadataRefusal>> {
  const { db, now } = context
  const known = await showMetadata(context, id)
  if (!known.ok) return known
  const { state } = known.value
  if (!state.waiting) return err({ reason: 'nothing-waits', id })
  if (digest.length < 8 || !state.waiting.digest.startsWith(digest)) {
    return err({ reason: 'other-document', id, digest: state.waiting.digest })
  }
  const edition = await findEdition(db, id)
  if (!edition) return err({ reason: 'connection-changed', id })
  const { connection: before, version } = edition
  const { found } = state.waiting
  const problem = judgeMessageUrl(found.ssoUrl)
  if (problem !== null) return err({ reason: 'sso-url', problem })
  // What the operator was shown is about the connection as it was then.
  if (reasonsToWait(before, state, found).some((why) => !state.waiting?.why.includes(why))) {
    return err({ reason: 'connection-changed', id })
  }
  const applied = apply(before, state, found, { now, isAccepted: true })
  const { connection } = applied
  if (!(await replaceConnection(db, connection, { version, now }))) {
    return err({ reason: 'connection-changed', id })
  }
  const next = { ...state, ...applied.state, goodAt: now, nextAt: now, etag: null, waiting: null }
  // If cron has written the state meanwhile, the connection is as accepted all the same.
  await saveState(db, next)
  const fingerprints = (of: Connection) => of.certificates.map(({ fingerprint }) => fingerprint)
  await record(context, {
    command: 'connection accept-metadata',
    connection: id,
    user: null,
    facts: {
      digest: state.waiting.digest,
      why: state.waiting.why,
      idpEntityId: connection.idpEntityId,
      ssoUrl: connection.ssoUrl,
      certificates: fingerprints(connection),
    },
  })
  return ok({ before, connection, leaving: Object.keys(applied.state.leaving) })
}

export interface Pinned {
  readonly id: string
  /** Fingerprint; null: none is pinned any more. */
  readonly pinned: string | null
  /** Base64 DER of the one before; null: there was none. */
  readonly before: string | null
}

/** From now on, only documents that this certificate signed count. */
export async function pinMetadata(
  context: Context,
  id: string,
  text: string,
): Promise<Result<Pinned, MetadataRefusal>> {
  const certificate = parseCertificate(text)
  if (!certificate.ok) return err({ reason: 'not-a-certificate' })
  if (!acceptsKey(certificate.value.key, false)) return err({ reason: 'weak-key' })
  const known = await showMetadata(context, id)
  return known.ok ? savePin(context, known.value, toBase64Der(certificate.value)) : known
}

export async function unpinMetadata(
  context: Context,
  id: string,
): Promise<Result<Pinned, MetadataRefusal>> {
  const known = await showMetadata(context, id)
  if (!known.ok) return known
  return known.value.state.pinned === null
    ? err({ reason: 'not-pinned' })
    : savePin(context, known.value, null)
}

/** The next run of cron reads the document again, and judges it anew. */
async function savePin(
  context: Context,
  { connection: { id }, state }: KnownMetadata,
  pinned: string | null,
): Promise<Result<Pinned, MetadataRefusal>> {
  const { db, now } = context
  const next = { ...state, pinned, waiting: null, fault: null, etag: null, nextAt: now }
  if (!(await saveState(db, next))) return err({ reason: 'connection-changed', id })
  const fingerprint = await fingerprintIn(pinned)
  await record(context, {
    command: pinned === null ? 'connection unpin-metadata' : 'connection pin-metadata',
    connection: id,
    user: null,
    facts: { certificate: fingerprint },
  })
  return ok({ id, pinned: fingerprint, before: state.pinned })
}
