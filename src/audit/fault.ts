/** Errors that no step expected, as the operator finds them in the log. */
import type { Instant } from '../lib/instant.ts'
import { toPlainJson } from '../lib/plain.ts'
import { PartUnavailable } from '../lib/part.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Audit } from './event.ts'
import { logAudit } from './log.ts'

/** Work that goes on after the answer. Its failure changes no answer, and is in the log. */
export const noted = (work: Promise<unknown>, requestId: string, now: Instant): Promise<unknown> =>
  work.catch((error: unknown) => note(error, requestId, logAudit(requestId, now)))

/** For the operator. */
export function note(error: unknown, requestId: string, audit: Audit): void {
  if (error instanceof StoreUnavailable) {
    audit({ kind: 'store-unavailable', store: error.store, during: error.during })
  } else {
    const part = error instanceof PartUnavailable ? { part: error.part } : {}
    console.error(toPlainJson({ fault: describe(error), ...part, requestId }))
  }
}

/** The place of a bug in the code, without the error's message: that might quote the input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
  return [error.name, ...frames].join('\n')
}
