import { prepareCertificate, type PrepareCertificate } from '../saml/incoming/trust.ts'
import type { KnownCertificates } from './known-certificates.ts'

/**
 * Prepares the certificates of identity providers, and keeps them for this isolate. They are kept by
 * their text, and each message is judged by the texts that its connection has by then: a certificate
 * that is new, changed or removed counts at once.
 */
export function rememberCertificates(kept: KnownCertificates): PrepareCertificate {
  return (text) => {
    const known = kept.find(text)
    if (known) return known
    const prepared = prepareCertificate(text)
    if (prepared.ok) kept.save(text, prepared)
    return prepared
  }
}
