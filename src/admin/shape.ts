/** Shapes that the answers of several operations have. */
import * as v from 'valibot'
import { toIso, type Instant } from '../lib/instant.ts'

/** `2026-01-02T03:04:05.006Z` */
export const time = v.pipe(v.string(), v.isoTimestamp())

/** `2026-01-02` */
export const dayOf = (at: Instant): string => toIso(at).slice(0, 10)

export const isoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))
