/** What the SCIM endpoints need to handle an authenticated request. */
import type { Instant } from '../lib/instant.ts'
import type { ScimError } from './error.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Projection } from './projection.ts'
import type { Work } from './work.ts'

export interface ScimContext {
  readonly db: D1Database
  readonly connection: string
  /** `https://…/.gatehouse/scim/<connection>/v2`. */
  readonly base: string
  readonly now: Instant
  readonly newId: () => string
  /** The work budget; one for all operations of a bulk request. */
  readonly work: Work
  /** Records a change in the audit, with the token that made it. */
  readonly audit: (change: DirectoryChange) => void
  /** Records in the audit that removals are being held. */
  readonly auditHeld: () => void
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** A change of the directory, for the audit. */
export interface DirectoryChange {
  readonly change:
    | 'user-created'
    | 'user-changed'
    | 'user-activated'
    | 'user-deactivated'
    | 'user-removed'
    | 'group-created'
    | 'group-changed'
    | 'group-removed'
  readonly id: string
  /** The name of a user who was removed: nothing else has it any more. */
  readonly name?: string
  /** The same of a group. */
  readonly group?: string
  /** How many member ids were ignored because no user of this connection has them. */
  readonly unknownMembers: number
}

/** The conditions and options of a request for one resource. */
export interface Conditions {
  /** The versions in If-Match; null: any version. */
  readonly ifMatch: readonly number[] | null
  readonly projection: Projection
}

export interface Answer {
  readonly status: number
  /** null: no body. */
  readonly body: unknown
  /**
   * Further parts of the list `Resources`, which must be the last property of `body`. They are sent
   * after the body's own. null: none.
   */
  readonly more: AsyncIterable<readonly object[]> | null
  readonly headers: Readonly<Record<string, string>>
}

export type Answered = Result<Answer, ScimError>

export const answer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answered => ok({ status, body, more: null, headers })

/** RFC 7644 §3.14: the version in If-Match is not the current one. */
export const stale = err<ScimError>({
  status: 412,
  scimType: null,
  detail: 'The resource has changed: its version is not the one in If-Match.',
})

/**
 * How often a write is retried when another write came first. Each time, one of the competitors has
 * succeeded.
 */
export const ATTEMPTS = 40

export const overtaken = err<ScimError>({
  status: 503,
  scimType: null,
  detail: 'Too many other requests are changing this resource. Try again.',
  headers: { 'Retry-After': '1' },
})
