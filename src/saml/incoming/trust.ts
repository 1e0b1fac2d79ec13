/** Which signatures count: the certificates of the connection, and its exceptions. */
import { err, ok, type Result } from '../../lib/result.ts'
import type { Hash } from '../algorithms.ts'
import { parseCertificate, type Certificate, type CertificateFault } from '../certificate.ts'
import type { SamlError } from '../error.ts'

/**
 * Accepts SHA-1 in signatures and digests. An attacker can forge these in principle, so use it only
 * for an IdP that offers nothing better.
 */
export const allowSha1: unique symbol = Symbol('allowSha1')
/** Accepts RSA keys of 1024 to 2047 bits. Smaller keys are always refused. */
export const allowWeakRsa: unique symbol = Symbol('allowWeakRsa')

export interface Exceptions {
  readonly [allowSha1]?: true
  readonly [allowWeakRsa]?: true
}

/** A certificate that is parsed, and whose key is imported when it is first needed. */
export interface PreparedCertificate {
  readonly certificate: Certificate
  /** WebCrypto binds a key to a hash at import. null: it does not take the key. */
  readonly keyFor: (hash: Hash) => Promise<CryptoKey | null>
}

/** @param text PEM or base64 DER. */
export type PrepareCertificate = (text: string) => Result<PreparedCertificate, CertificateFault>

/**
 * A caller that keeps the result, by the text, saves parsing and importing for the next message. The
 * engine itself keeps nothing.
 */
export const prepareCertificate: PrepareCertificate = (text) => {
  const certificate = parseCertificate(text)
  return certificate.ok ? ok(prepare(certificate.value)) : certificate
}

export function prepare(certificate: Certificate): PreparedCertificate {
  // No promise is kept: the Workers runtime ties a promise to the request that made it.
  const imported = new Map<Hash, CryptoKey>()
  return {
    certificate,
    async keyFor(hash) {
      const known = imported.get(hash)
      if (known) return known
      const key = await importKey(certificate, hash)
      if (key) imported.set(hash, key)
      return key
    },
  }
}

async function importKey({ key, spki }: Certificate, hash: Hash): Promise<CryptoKey | null> {
  const algorithm =
    key.kind === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash }
      : { name: 'ECDSA', namedCurve: key.curve }
  return crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']).catch(() => null)
}

export interface Trust {
  readonly certificates: readonly PreparedCertificate[]
  readonly sha1: boolean
  readonly weakRsa: boolean
}

/** The certificates of an identity provider. */
export interface IdpCertificates {
  /** PEM or base64 DER. */
  readonly certificates: readonly string[]
  /** Like `prepareCertificate`, which is the default, but may remember what it has prepared. */
  readonly prepareCertificate?: PrepareCertificate
}

export function readTrust(
  { certificates: texts, prepareCertificate: read = prepareCertificate }: IdpCertificates,
  exceptions: Exceptions,
): Result<Trust, SamlError> {
  const certificates: PreparedCertificate[] = []
  for (const text of texts) {
    const certificate = read(text)
    if (!certificate.ok) return err({ reason: 'invalid-certificate', fault: certificate.error })
    certificates.push(certificate.value)
  }
  return ok({
    certificates,
    sha1: exceptions[allowSha1] === true,
    weakRsa: exceptions[allowWeakRsa] === true,
  })
}
