/** Warnings about a connection, to be shown before sign-ins fail. Pure. */
import type { Guard } from '../directory/guard-store.ts'
import { toIso, toMinute, type Instant } from '../lib/instant.ts'
import type { IdpMetadata } from '../saml/metadata/idp.ts'
import { keyOf } from './certificates.ts'
import type { Connection, ConnectionCertificate } from './connection.ts'
import { nameIdFormats } from './fields.ts'

export interface Warning {
  readonly kind:
    | 'sha1-allowed'
    | 'sha1-ended'
    | 'weak-rsa-allowed'
    | 'weak-key-refused'
    | 'certificate-expiring'
    | 'certificate-expired'
    | 'certificate-not-yet-valid'
    | 'transient-subject'
    | 'unreadable-certificate'
    | 'requests-wanted-signed'
    | 'metadata-ends'
    | 'format-not-offered'
    | 'removals-held'
    | 'removals-let-through'
    | 'directory-unused'
  readonly text: string
}

const DAY = 86_400_000
const SOON_DAYS = 30
/** A directory whose removals are held back tries again more often than this. */
const GUARD_WINDOW = 3_600_000

/** Warnings about the stored connection, the most urgent first. */
export function warningsOf(connection: Connection, now: Instant): readonly Warning[] {
  return [
    ...weakKeys(connection, now),
    ...sha1(connection.settings.allowSha1Until, now),
    ...connection.certificates.flatMap((certificate) => dates(certificate, now)),
    ...(isTransient(connection)
      ? [
          {
            kind: 'transient-subject' as const,
            text: 'The NameID asked for is transient, another at each sign-in, so nobody is recognised: ask for another format, or say by which attribute people are known.',
          },
        ]
      : []),
  ]
}

/** Warnings about the connection's directory. @param guard null: the directory has sent nobody. */
export function warningsOfDirectory(
  { provisioning }: Connection,
  guard: Guard | null,
  now: Instant,
): readonly Warning[] {
  const warnings: Warning[] = []
  if (guard && guard.heldAt !== null && now < guard.heldAt + GUARD_WINDOW) {
    warnings.push({
      kind: 'removals-held',
      text: `The directory would remove more people than the removal guard lets through: ${guard.held === 1 ? '1 person is' : `${guard.held.toLocaleString('en')} people are`} held, since ${toMinute(guard.heldAt)}. If they are really gone, allow removals for a time.`,
    })
  }
  if (guard && guard.allowedUntil !== null && now < guard.allowedUntil) {
    warnings.push({
      kind: 'removals-let-through',
      text: `The removal guard lets all removals through until ${toMinute(guard.allowedUntil)}.`,
    })
  }
  if (guard && guard.active > 0 && provisioning === 'jit') {
    warnings.push({
      kind: 'directory-unused',
      text: 'The directory has sent people, and sign-ins do not ask it.',
    })
  }
  return warnings
}

/** Warnings about the metadata that a connection was just made from. */
export function warningsOfMetadata(
  metadata: IdpMetadata,
  { settings }: Connection,
  now: Instant,
): readonly Warning[] {
  const { nameIdFormat } = settings
  const warnings: Warning[] = metadata.unreadableCertificates.map((fault) => ({
    kind: 'unreadable-certificate',
    text: `A certificate in the metadata cannot be read (${fault}) and was left out.`,
  }))
  if (metadata.wantsSignedRequests && settings.signRequests === null) {
    warnings.push({
      kind: 'requests-wanted-signed',
      text: 'The IdP wants requests signed (WantAuthnRequestsSigned), and this connection does not sign them: it may refuse every sign-in. Sign them: sign-requests rsa-sha256.',
    })
  }
  if (metadata.validUntil !== null && metadata.validUntil < now + SOON_DAYS * DAY) {
    warnings.push({
      kind: 'metadata-ends',
      text: `The metadata is good until ${day(metadata.validUntil)}; what was read from it stays, so look for a new certificate by then.`,
    })
  }
  if (
    nameIdFormat !== null &&
    nameIdFormat !== nameIdFormats['unspecified'] &&
    metadata.nameIdFormats.length > 0 &&
    !metadata.nameIdFormats.includes(nameIdFormat)
  ) {
    warnings.push({
      kind: 'format-not-offered',
      text: `The metadata does not offer the Name ID format asked for, only: ${metadata.nameIdFormats.join(', ')}.`,
    })
  }
  return warnings
}

function weakKeys({ certificates, settings }: Connection, now: Instant): readonly Warning[] {
  const until = settings.allowWeakRsaUntil
  const isAllowed = until !== null && now < until
  return certificates.flatMap((certificate): readonly Warning[] => {
    const key = keyOf(certificate)
    if (key?.kind !== 'rsa' || key.bits >= 2048) return []
    const named = `Certificate ${short(certificate)} has an RSA key of ${key.bits} bits`
    return isAllowed
      ? [
          {
            kind: 'weak-rsa-allowed',
            text: `${named}, accepted until ${day(until)}: 2048 are wanted. The IdP needs a new one by then.`,
          },
        ]
      : [
          {
            kind: 'weak-key-refused',
            text: `${named}, and the exception for it ${until === null ? 'is gone' : `ended ${day(until)}`}: every sign-in that it signs is refused.`,
          },
        ]
  })
}

function sha1(until: Instant | null, now: Instant): readonly Warning[] {
  if (until === null) return []
  return now < until
    ? [
        {
          kind: 'sha1-allowed',
          text: `SHA-1 signatures are accepted until ${day(until)}. They can be forged: choose SHA-256 at the IdP.`,
        },
      ]
    : [
        {
          kind: 'sha1-ended',
          text: `The exception for SHA-1 ended ${day(until)}: a signature by SHA-1 is refused.`,
        },
      ]
}

/** Only a warning: many IdPs sign for years with an expired certificate. */
function dates(certificate: ConnectionCertificate, now: Instant): readonly Warning[] {
  const { notBefore, notAfter } = certificate
  const named = `Certificate ${short(certificate)}`
  if (notAfter <= now) {
    return [
      {
        kind: 'certificate-expired',
        text: `${named} expired ${day(notAfter)}. Its signatures still count: has the IdP a new one?`,
      },
    ]
  }
  if (now < notBefore) {
    return [{ kind: 'certificate-not-yet-valid', text: `${named} begins only ${day(notBefore)}.` }]
  }
  const days = Math.ceil((notAfter - now) / DAY)
  return days > SOON_DAYS
    ? []
    : [
        {
          kind: 'certificate-expiring',
          text: `${named} expires ${day(notAfter)}, in ${days} day${days === 1 ? '' : 's'}: add its successor beside it.`,
        },
      ]
}

const isTransient = ({ settings }: Connection): boolean =>
  settings.nameIdFormat === nameIdFormats['transient'] && settings.subject.from === 'name-id'

const day = (at: Instant): string => toIso(at).slice(0, 10)

/** The part of the fingerprint that `remove-certificate` needs. */
const short = ({ fingerprint }: ConnectionCertificate): string => fingerprint.slice(0, 16)
