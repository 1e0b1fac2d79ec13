import { createLru, type Lru } from '../lib/lru.ts'
import type { PrepareCertificate } from '../saml/index.ts'

/** Certificates of identity providers that this isolate has prepared, by their text. */
export type KnownCertificates = Lru<string, ReturnType<PrepareCertificate>>

/** A certificate and its key take some 10 KB. */
const MOST_KEPT = 100

export const knownCertificates = (): KnownCertificates => createLru(MOST_KEPT)
