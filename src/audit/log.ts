import { toIso, type Instant } from '../lib/instant.ts'
import { toPlainJson } from '../lib/plain.ts'
import type { Audit } from './event.ts'

/**
 * Writes events as one line of JSON each, for Workers Logs and Logpush. Nobody can take the name of a
 * removed person or group out of these again, so only the audit in D1 has it.
 */
export const logAudit =
  (requestId: string, now: Instant): Audit =>
  (event) => {
    const { kind, ...facts } =
      event.kind === 'directory-changed' ? { ...event, name: undefined, group: undefined } : event
    console.log(toPlainJson({ audit: kind, at: toIso(now), requestId, ...facts }))
  }
