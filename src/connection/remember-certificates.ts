import { createLru } from '../lib/lru.ts'
import { prepareCertificate, type PrepareCertificate } from '../saml/incoming/trust.ts'

/** A certificate and its key take some 10 KB. */
const MOST_KEPT = 100

/**
 * Prepares the certificates of identity providers, and keeps them for this isolate. They are kept by
 * their text, and each message is judged by the texts that its connection has by then: a certificate
 * that is new, changed or removed counts at once.
 */
export function rememberCertificates(): PrepareCertificate {
  const kept = createLru<string, ReturnType<PrepareCertificate>>(MOST_KEPT)
  return (text) => {
    const known = kept.find(text)
    if (known) return known
    const prepared = prepareCertificate(text)
    if (prepared.ok) kept.save(text, prepared)
    return prepared
  }
}
