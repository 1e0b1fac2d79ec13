/**
 * Changes the certificates of a connection. A new certificate is added to the old ones until the
 * IdP uses it; the last one cannot be removed. Pure.
 */
import { err, ok, type Result } from '../lib/result.ts'
import {
  fingerprintOf,
  parseCertificate,
  toBase64Der,
  type Certificate,
  type CertificateFault,
  type CertificateKey,
} from '../saml/certificate.ts'
import type { ConnectionCertificate } from './connection.ts'
import type { InputFault } from './fields.ts'

export interface CertificateText {
  /** The source of the text, for messages. */
  readonly name: string
  /** PEM or base64 DER. */
  readonly text: string
}

export interface CertificateChanges {
  readonly given: readonly CertificateText[]
  readonly fromMetadata: readonly Certificate[]
  readonly replace: boolean
  /** Fingerprints, or their first digits. */
  readonly remove: readonly string[]
  /**
   * The metadata cannot be read, which is reported already: a missing certificate is not reported
   * too.
   */
  readonly isMissingTold: boolean
  /** Whether RSA keys of 1024 to 2047 bits are accepted. */
  readonly allowsWeakRsa: boolean
}

export async function readCertificates(
  old: readonly ConnectionCertificate[],
  changes: CertificateChanges,
): Promise<
  Result<
    {
      readonly stored: readonly ConnectionCertificate[]
      readonly added: readonly ConnectionCertificate[]
    },
    readonly InputFault[]
  >
> {
  const faults: InputFault[] = []
  const given: ConnectionCertificate[] = []
  const take = async (field: string, name: string, certificate: Certificate): Promise<void> => {
    const stored = await toStored(certificate)
    const problem = old.some(({ fingerprint }) => fingerprint === stored.fingerprint)
      ? null
      : judgeKey(certificate.key, changes.allowsWeakRsa)
    if (problem) faults.push({ field, problem: `${name} ${problem}` })
    if (given.every(({ fingerprint }) => fingerprint !== stored.fingerprint)) given.push(stored)
  }
  for (const { name, text } of changes.given) {
    const parsed = parseCertificate(text)
    if (parsed.ok) await take('certificate', name, parsed.value)
    else faults.push({ field: 'certificate', problem: `${name} ${explainFault(parsed.error)}` })
  }
  for (const certificate of changes.fromMetadata) {
    await take('metadata', `has a certificate${named(certificate.subject)} that`, certificate)
  }
  if (changes.replace && changes.given.length + changes.fromMetadata.length === 0) {
    faults.push({ field: 'replace-certificates', problem: 'needs at least one new certificate' })
  }
  const removed = changes.remove.flatMap((text) => {
    const match = matchFingerprint(old, text)
    if (!match.ok) faults.push({ field: 'remove-certificate', problem: match.error })
    return match.ok ? [match.value] : []
  })
  const isGiven = ({ fingerprint }: ConnectionCertificate) =>
    given.some((each) => each.fingerprint === fingerprint)
  const stays = old
    .filter(({ fingerprint }) => !removed.includes(fingerprint))
    .filter((certificate) => !changes.replace || isGiven(certificate))
  const added = given.filter((each) => old.every((o) => o.fingerprint !== each.fingerprint))
  if (stays.length + added.length === 0 && faults.length === 0 && !changes.isMissingTold) {
    faults.push(
      removed.length > 0
        ? { field: 'remove-certificate', problem: 'would remove the last one: add a new one too' }
        : { field: 'certificate', problem: 'is missing: signatures are checked with it' },
    )
  }
  return faults.length > 0 ? err(faults) : ok({ stored: [...stays, ...added], added })
}

/**
 * The key of a stored certificate; null: the certificate cannot be read, which should not happen.
 */
export function keyOf({ certificate }: ConnectionCertificate): CertificateKey | null {
  const parsed = parseCertificate(certificate)
  return parsed.ok ? parsed.value.key : null
}

export const describeKey = (key: CertificateKey): string =>
  key.kind === 'rsa' ? `RSA, ${key.bits} bits` : `ECDSA, ${key.curve}`

function judgeKey(key: CertificateKey, allowsWeakRsa: boolean): string | null {
  if (key.kind !== 'rsa' || key.bits >= 2048) return null
  if (key.bits < 1024) {
    return `has an RSA key of ${key.bits} bits, which can be broken, so it is never accepted. Make a new one of at least 2048 bits at the IdP`
  }
  return allowsWeakRsa
    ? null
    : `has an RSA key of ${key.bits} bits, but should have at least 2048. Make a new one at the IdP, or accept it for a while with allow-weak-rsa-until`
}

/** @param allowsWeakRsa whether RSA keys of 1024 to 2047 bits are accepted. */
export const acceptsKey = (key: CertificateKey, allowsWeakRsa: boolean): boolean =>
  judgeKey(key, allowsWeakRsa) === null

const explainFault = (fault: CertificateFault): string =>
  ({
    'not-base64': 'is not a certificate: neither PEM (-----BEGIN CERTIFICATE-----) nor base64',
    'not-a-certificate': 'is not an X.509 certificate',
    'a-private-key': 'is a private key. Give the certificate; the key stays at the IdP',
    'several-certificates': 'holds several certificates: give each in its own file',
    'unsupported-key': 'has a key that is neither RSA nor ECDSA on P-256, P-384 or P-521',
  })[fault]

export const toStored = async (certificate: Certificate): Promise<ConnectionCertificate> => ({
  fingerprint: await fingerprintOf(certificate),
  certificate: toBase64Der(certificate),
  notBefore: certificate.notBefore,
  notAfter: certificate.notAfter,
})

/**
 * Eight hex digits are enough to tell two certificates apart. Colons, as other programs print them,
 * are ignored.
 */
function matchFingerprint(
  certificates: readonly ConnectionCertificate[],
  text: string,
): Result<string, string> {
  const wanted = text.replaceAll(':', '').toLowerCase()
  if (!/^[0-9a-f]{8,64}$/.test(wanted)) {
    return err('must be a fingerprint (SHA-256, hex), or its first 8 digits or more')
  }
  const [match, ...others] = certificates.filter(({ fingerprint }) =>
    fingerprint.startsWith(wanted),
  )
  if (!match) return err(`${wanted} is not the fingerprint of one of its certificates`)
  return others.length === 0
    ? ok(match.fingerprint)
    : err(`${wanted} matches several fingerprints: give more digits`)
}

const named = (subject: string): string => (subject === '' ? '' : ` (${subject})`)
