import { toIso, type Instant } from '../lib/instant.ts'
import { toPlainJson } from '../lib/plain.ts'
import type { Audit } from './event.ts'

/** Writes events as one line of JSON each, for Workers Logs and Logpush. */
export const logAudit =
  (requestId: string, now: Instant): Audit =>
  ({ kind, ...facts }) =>
    console.log(toPlainJson({ audit: kind, at: toIso(now), requestId, ...facts }))
