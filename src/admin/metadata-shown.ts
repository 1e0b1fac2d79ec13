/** The state of a connection's metadata, for programs and for people. */
import * as v from 'valibot'
import { urlsOf } from '../connection/slo.ts'
import { toIso, toMinute } from '../lib/instant.ts'
import type { WaitReason } from '../upkeep/metadata-store.ts'
import type { KnownMetadata, RefreshedNow } from './metadata.ts'
import { isoOrNull, time } from './shape.ts'
import { count, sentence, tableOf, type Block } from './view.ts'

const certificateShape = v.object({ fingerprint: v.string(), notBefore: time, notAfter: time })
export const fingerprint = v.nullable(v.string())

export const metadataShape = v.object({
  connection: v.string(),
  url: v.string(),
  readAt: v.nullable(time),
  goodAt: v.nullable(time),
  nextAt: time,
  validUntil: v.nullable(time),
  signedBy: fingerprint,
  pinned: fingerprint,
  leaving: v.array(v.object({ fingerprint: v.string(), since: time })),
  fault: v.nullable(v.object({ reason: v.string(), text: v.string(), since: time })),
  waiting: v.nullable(
    v.object({
      digest: v.string(),
      since: time,
      why: v.array(v.object({ reason: v.string(), text: v.string() })),
      entityId: v.string(),
      ssoUrl: v.string(),
      sloUrls: v.array(v.string()),
      signedBy: fingerprint,
      certificates: v.array(certificateShape),
    }),
  ),
})

export function factsOf({ connection, state, pinned, signedBy, waitingSignedBy }: KnownMetadata) {
  const { url, waiting, fault, leaving } = state
  return {
    connection: connection.id,
    url,
    readAt: isoOrNull(state.readAt),
    goodAt: isoOrNull(state.goodAt),
    nextAt: toIso(state.nextAt),
    validUntil: isoOrNull(state.validUntil),
    signedBy,
    pinned,
    leaving: Object.entries(leaving).map(([each, since]) => ({
      fingerprint: each,
      since: toIso(since),
    })),
    fault: fault && { ...fault, since: toIso(fault.since) },
    waiting: waiting && {
      digest: waiting.digest,
      since: toIso(waiting.since),
      why: waiting.why.map((reason) => ({ reason, text: whyText(reason, connection.idpEntityId) })),
      entityId: waiting.found.entityId,
      ssoUrl: waiting.found.ssoUrl,
      sloUrls: [...urlsOf(waiting.found.slo)],
      signedBy: waitingSignedBy,
      certificates: waiting.found.certificates.map((each) => ({
        fingerprint: each.fingerprint,
        notBefore: toIso(each.notBefore),
        notAfter: toIso(each.notAfter),
      })),
    },
  }
}

export function viewOf(known: KnownMetadata): readonly Block[] {
  const { connection, state, pinned, signedBy, waitingSignedBy } = known
  const { waiting, fault, leaving } = state
  return [
    {
      kind: 'values',
      rows: [
        ['address', state.url],
        ['read', { at: state.readAt }],
        ['in force since', { at: state.goodAt }],
        ['read again', state.nextAt > 0 ? { at: state.nextAt } : 'soon'],
        ['valid until', state.validUntil === null ? 'it does not say' : { at: state.validUntil }],
        ['signed by', signedBy ?? 'nobody'],
        ['must be signed by', pinned ?? 'nobody: it may be unsigned'],
      ],
    },
    ...Object.entries(leaving).map(([each, since]) =>
      sentence(
        `Certificate ${each.slice(0, 16)} is gone from the metadata since ${toMinute(since)}, and counts for a day.`,
      ),
    ),
    ...(fault
      ? [sentence(`The last try failed, as since ${toMinute(fault.since)}. ${fault.text}`)]
      : []),
    ...(waiting
      ? [
          sentence(
            `A document waits for you since ${toMinute(waiting.since)}. Ask the IdP's administrators whether they changed this, and accept it by its digest.`,
          ),
          ...waiting.why.map((reason) => sentence(whyText(reason, connection.idpEntityId))),
          {
            kind: 'values' as const,
            rows: [
              ['digest', waiting.digest] as const,
              ['entity ID', waiting.found.entityId] as const,
              ['SSO URL', waiting.found.ssoUrl] as const,
              ['single logout', urlsOf(waiting.found.slo).join(', ') || 'none'] as const,
              ['signed by', waitingSignedBy ?? 'nobody'] as const,
            ],
          },
          tableOf(waiting.found.certificates, {
            certificate: (each) => each.fingerprint,
            begins: ({ notBefore }) => ({ at: notBefore }),
            ends: ({ notAfter }) => ({ at: notAfter }),
          }),
        ]
      : []),
  ]
}

function whyText(reason: WaitReason, idpEntityId: string): string {
  switch (reason) {
    case 'entity-id':
      return `It is the metadata of another identity provider than ${idpEntityId}.`
    case 'no-known-certificate':
      return 'It has none of the certificates that count now.'
    case 'unsigned':
      return 'It is not signed, and the document before it was.'
    case 'other-signer':
      return 'It is signed by another key than the document before it.'
    case 'sso-host':
      return 'It sends people to another host to sign in.'
    case 'slo-host':
      return 'It sends messages of single logout to another host than before, and not to the host where people sign in.'
  }
}

export function summaryOf(refreshed: RefreshedNow['refreshed']): string {
  switch (refreshed.kind) {
    case 'same':
      return 'The metadata was read. Nothing has changed.'
    case 'applied': {
      const { added, removed, ssoUrl } = refreshed
      const moved = ssoUrl === null ? '' : ` People sign in at ${ssoUrl} from now on.`
      return `The metadata was read: ${count(added.length, 'certificate')} added, ${removed.length} dropped.${moved}`
    }
    case 'waits':
      return 'The metadata was read, and has changed in a way that you have to accept.'
    case 'failed':
      return 'The metadata could not be used. What was read before stays in force.'
  }
}
