/** Which signatures count: the certificates of the connection, and its exceptions. */
import { err, ok, type Result } from '../../lib/result.ts'
import { parseCertificate, type Certificate } from '../certificate.ts'
import type { SamlError } from '../error.ts'
import type { Trust } from './signature.ts'

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

export function readTrust(
  texts: readonly string[],
  exceptions: Exceptions,
): Result<Trust, SamlError> {
  const certificates: Certificate[] = []
  for (const text of texts) {
    const certificate = parseCertificate(text)
    if (!certificate.ok) return err({ reason: 'invalid-certificate', fault: certificate.error })
    certificates.push(certificate.value)
  }
  return ok({
    certificates,
    sha1: exceptions[allowSha1] === true,
    weakRsa: exceptions[allowWeakRsa] === true,
  })
}
