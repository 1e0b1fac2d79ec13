/** Reads the metadata of connections again, and applies what may be applied without a person. */
import type { AuditEvent } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import { findEdition, replaceConnection } from '../connection/store.ts'
import { urlsOf } from '../connection/slo.ts'
import { sha256, toHex, utf8 } from '../lib/bytes.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseCertificate } from '../saml/certificate.ts'
import { readSignedMetadata, type SignedMetadata } from '../saml/signed-metadata.ts'
import { createAllowance, type Allowance, type Cost } from '../lib/allowance.ts'
import { apply, reasonsToWait, toFound, type Applied } from './decide.ts'
import { explainRefreshFault, type RefreshFault } from './fault.ts'
import { CutOff, fetchDocument, type Document, type MetadataReach } from './fetch.ts'
import {
  claimDue,
  saveState,
  type Found,
  type MetadataState,
  type StoredFault,
  type Waiting,
} from './metadata-store.ts'
import { tell } from './told.ts'

export interface RefreshDeps extends MetadataReach {
  readonly db: D1Database
  /** How long one document may take. */
  readonly seconds: number
}

export const METADATA_SECONDS = 30

export type Refreshed =
  | { readonly kind: 'same' }
  | ({ readonly kind: 'applied' } & Pick<Applied, 'added' | 'removed'> & {
        /** null: as before. */
        readonly ssoUrl: string | null
        /** Empty: as before. */
        readonly sloUrls: readonly string[]
      })
  | { readonly kind: 'waits'; readonly waiting: Waiting; readonly isNew: boolean }
  | { readonly kind: 'failed'; readonly fault: StoredFault; readonly isNew: boolean }
  /** The connection was changed meanwhile. The next run reads it again. */
  | { readonly kind: 'overtaken' }

/** One document, with its redirects, at most. */
const DOCUMENT: Cost = { fetches: 4, queries: 4 }

/** As many as fit into the run. @throws the first error, after every connection had its turn. */
export async function refreshDue(
  deps: RefreshDeps,
  now: Instant,
  allowance: Allowance = createAllowance(),
): Promise<void> {
  const errors: unknown[] = []
  const claimed = await claimDue(deps.db, allowance.fits(DOCUMENT), now)
  allowance.spend(DOCUMENT, claimed.length)
  for (const state of claimed) {
    try {
      const refreshed = await refresh(deps, state, now)
      await tell(deps.db, eventsOf(state.connection, refreshed), now)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

export async function refresh(
  deps: RefreshDeps,
  state: MetadataState,
  now: Instant,
): Promise<Refreshed> {
  const { db } = deps
  const edition = await findEdition(db, state.connection)
  if (!edition) return { kind: 'overtaken' }
  const { connection } = edition
  const read = await readDocument(deps, connection, state, now)
  if (!read.ok) return fail(db, state, read.error, now)
  if (read.value.kind === 'same') {
    const next = { ...state, readAt: now, goodAt: now, nextAt: plusSeconds(now, SOONEST_SECONDS) }
    return (await saveState(db, next)) ? { kind: 'same' } : { kind: 'overtaken' }
  }
  const { signed, etag } = read.value
  const found = await toFound(signed, connection, now)
  if (!found.ok) return fail(db, state, found.error, now)
  const { validUntil, cacheSeconds } = signed.metadata
  const base = {
    ...state,
    readAt: now,
    fault: null,
    nextAt: plusSeconds(now, secondsToNext(cacheSeconds)),
  }
  const why = reasonsToWait(connection, state, found.value)
  if (why.length > 0) {
    const digest = await digestOf(found.value)
    const isNew = state.waiting?.digest !== digest
    const since = isNew ? now : (state.waiting?.since ?? now)
    const waiting = { digest, since, why: [...why], found: found.value }
    const saved = await saveState(db, { ...base, etag: null, waiting })
    return saved ? { kind: 'waits', waiting, isNew } : { kind: 'overtaken' }
  }
  const applied = apply(connection, state, found.value, { now, isAccepted: false })
  const isChanged = JSON.stringify(applied.connection) !== JSON.stringify(connection)
  const { version } = edition
  if (isChanged && !(await replaceConnection(db, applied.connection, { version, now }))) {
    return { kind: 'overtaken' }
  }
  const next = { ...base, ...applied.state, etag, goodAt: now, validUntil, waiting: null }
  const saved = await saveState(db, next)
  if (!isChanged) return saved ? { kind: 'same' } : { kind: 'overtaken' }
  const { added, removed } = applied
  const { ssoUrl, slo } = applied.connection
  const isSloSame = JSON.stringify(slo) === JSON.stringify(connection.slo)
  return {
    kind: 'applied',
    added,
    removed,
    ssoUrl: ssoUrl === connection.ssoUrl ? null : ssoUrl,
    sloUrls: isSloSame ? [] : [...new Set(urlsOf(slo))],
  }
}

/** The event for the audit: only changes. */
export function eventsOf(connection: string, refreshed: Refreshed): readonly AuditEvent[] {
  const fingerprints = (certificates: Applied['added']) =>
    certificates.map(({ fingerprint }) => fingerprint)
  switch (refreshed.kind) {
    case 'same':
    case 'overtaken':
      return []
    case 'applied': {
      const { ssoUrl, sloUrls } = refreshed
      const [added, removed] = [fingerprints(refreshed.added), fingerprints(refreshed.removed)]
      return [{ kind: 'metadata-changed', connection, added, removed, ssoUrl, sloUrls }]
    }
    case 'waits': {
      const { digest, why } = refreshed.waiting
      return refreshed.isNew ? [{ kind: 'metadata-waits', connection, why, digest }] : []
    }
    case 'failed': {
      const { reason, text } = refreshed.fault
      return refreshed.isNew
        ? [{ kind: 'metadata-failed', connection, reason, explained: text }]
        : []
    }
  }
}

type Read =
  | { readonly kind: 'same' }
  | { readonly kind: 'read'; readonly signed: SignedMetadata; readonly etag: string | null }

async function readDocument(
  deps: RefreshDeps,
  connection: Connection,
  state: MetadataState,
  now: Instant,
): Promise<Result<Read, RefreshFault>> {
  const etag = needsAll(state, now) ? null : state.etag
  const document = await fetchDocument(state.url, { ...deps, etag })
  if (!document.ok) return document
  return document.value.kind === 'same'
    ? ok({ kind: 'same' })
    : readPieces(document.value, connection, state, now)
}

/** Certificates that leave, a person who waits and a time that is over need the document itself. */
const needsAll = (
  { listed, leaving, waiting, fault, validUntil }: MetadataState,
  now: Instant,
): boolean =>
  listed === null ||
  waiting !== null ||
  fault !== null ||
  Object.keys(leaving).length > 0 ||
  (validUntil !== null && validUntil <= now)

async function readPieces(
  { pieces, etag }: Extract<Document, { kind: 'read' }>,
  { idpEntityId: entityId, certificates }: Connection,
  { url, pinned, signer }: MetadataState,
  now: Instant,
): Promise<Result<Read, RefreshFault>> {
  const known = [...(signer === null ? [] : [signer]), ...certificates.map((c) => c.certificate)]
  const parsed = known.map(parseCertificate).flatMap((each) => (each.ok ? [each.value] : []))
  const pin = pinned === null ? null : parseCertificate(pinned)
  if (pin && !pin.ok) return err({ reason: 'pinned-unreadable' })
  try {
    const trust = { pinned: pin?.value ?? null, known: parsed }
    const signed = await readSignedMetadata(pieces, { entityId, now }, trust)
    return signed.ok ? ok({ kind: 'read', signed: signed.value, etag }) : signed
  } catch (error) {
    if (error instanceof CutOff) return err({ reason: 'cut-off', url })
    throw error
  }
}

async function fail(
  db: D1Database,
  state: MetadataState,
  fault: RefreshFault,
  now: Instant,
): Promise<Refreshed> {
  const isNew = state.fault?.reason !== fault.reason
  const stored = {
    reason: fault.reason,
    text: explainRefreshFault(fault).slice(0, 2000),
    since: isNew ? now : (state.fault?.since ?? now),
  }
  const nextAt = plusSeconds(now, SOONEST_SECONDS)
  const saved = await saveState(db, { ...state, readAt: now, nextAt, fault: stored })
  return saved ? { kind: 'failed', fault: stored, isNew } : { kind: 'overtaken' }
}

/** Cron runs every hour, and not to the second. */
const SOONEST_SECONDS = 3300
const LATEST_SECONDS = 86_100

/** A document may be used for its cacheDuration (Metadata §2.3.1): read it again by then. */
const secondsToNext = (cacheSeconds: number | null): number =>
  Math.min(Math.max(cacheSeconds ?? 0, SOONEST_SECONDS), LATEST_SECONDS)

/** Of what counts of a document. The document itself may be written anew for each request. */
async function digestOf({ entityId, ssoUrl, ssoBinding, slo, ...found }: Found): Promise<string> {
  const certificates = found.certificates.map(({ certificate }) => certificate).toSorted()
  const counts = [entityId, ssoUrl, ssoBinding, found.signer, certificates, ...urlsOf(slo)]
  return toHex(await sha256(utf8(JSON.stringify(counts))))
}
