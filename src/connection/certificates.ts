/**
 * The certificates of a connection. New ones stand beside the old ones until the IdP has changed
 * over; the last one stays. Pure.
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
  /** Where it is from, for messages. */
  readonly name: string
  /** PEM or base64 DER. */
  readonly text: string
}

export interface CertificateChanges {
  readonly given: readonly CertificateText[]
  readonly fromMetadata: readonly Certificate[]
  readonly replace: boolean
  /** Fingerprints, or how they begin. */
  readonly remove: readonly string[]
  /** That there is none is the fault of metadata that cannot be read. */
  readonly isMissingTold: boolean
  /** RSA keys of 1024 to 2047 bits. */
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
    faults.push({ field: 'replace-certificates', problem: 'needs others to put in their place' })
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
        ? { field: 'remove-certificate', problem: 'would take the last one: add its successor too' }
        : { field: 'certificate', problem: 'is missing: without one no signature can count' },
    )
  }
  return faults.length > 0 ? err(faults) : ok({ stored: [...stays, ...added], added })
}

/** The facts of a stored certificate; null when it cannot be read, which no stored one should be. */
export function keyOf({ certificate }: ConnectionCertificate): CertificateKey | null {
  const parsed = parseCertificate(certificate)
  return parsed.ok ? parsed.value.key : null
}

export const describeKey = (key: CertificateKey): string =>
  key.kind === 'rsa' ? `RSA, ${key.bits} bits` : `ECDSA, ${key.curve}`

function judgeKey(key: CertificateKey, allowsWeakRsa: boolean): string | null {
  if (key.kind !== 'rsa' || key.bits >= 2048) return null
  if (key.bits < 1024) {
    return `has an RSA key of ${key.bits} bits, which can be broken: never accepted. The IdP needs a new one of 2048 bits or more`
  }
  return allowsWeakRsa
    ? null
    : `has an RSA key of ${key.bits} bits, and 2048 are wanted. Make a new one at the IdP, or accept it for a while with allow-weak-rsa-until`
}

const explainFault = (fault: CertificateFault): string =>
  ({
    'not-base64': 'is not a certificate: neither PEM (-----BEGIN CERTIFICATE-----) nor base64',
    'not-a-certificate': 'is not an X.509 certificate',
    'a-private-key': 'is a private key. Give the certificate; the key stays at the IdP',
    'several-certificates': 'holds several certificates: give each as a file of its own',
    'unsupported-key': 'has a key that is neither RSA nor ECDSA on P-256, P-384 or P-521',
  })[fault]

const toStored = async (certificate: Certificate): Promise<ConnectionCertificate> => ({
  fingerprint: await fingerprintOf(certificate),
  certificate: toBase64Der(certificate),
  notBefore: certificate.notBefore,
  notAfter: certificate.notAfter,
})

/** Eight hex digits tell two certificates apart; colons, as other programs print them, are fine. */
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
    : err(`${wanted} begins several fingerprints: give more of it`)
}

const named = (subject: string): string => (subject === '' ? '' : ` (${subject})`)
