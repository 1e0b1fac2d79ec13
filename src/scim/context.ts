/** What a request to the service is done with, once it is known whose it is. */
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
  /** One for all that stands in a bulk request. */
  readonly work: Work
  /** Names the token that asked. */
  readonly audit: (change: DirectoryChange) => void
  /** Tells the operator that removals are held. */
  readonly auditHeld: () => void
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** For the log: what was done to whom. */
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
  /** Ids that are of nobody here, passed over. */
  readonly unknownMembers: number
}

/** What a client may ask of one resource, besides what to do with it. */
export interface Conditions {
  /** Versions of If-Match; null: any. */
  readonly ifMatch: readonly number[] | null
  readonly projection: Projection
}

export interface Answer {
  readonly status: number
  /** null: none. */
  readonly body: unknown
  /** More resources, behind those of a list, whose `Resources` is its last name. null: no more. */
  readonly more: AsyncIterable<readonly object[]> | null
  readonly headers: Readonly<Record<string, string>>
}

export type Answered = Result<Answer, ScimError>

export const answer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answered => ok({ status, body, more: null, headers })

/** RFC 7644 §3.14: another version is there than the client knows. */
export const stale = err<ScimError>({
  status: 412,
  scimType: null,
  detail: 'The resource is of another version by now.',
})

/** How often a write is tried again that others overtook; each time one of them got through. */
export const ATTEMPTS = 40

export const overtaken = err<ScimError>({
  status: 503,
  scimType: null,
  detail: 'Too many others are changing this resource.',
  headers: { 'Retry-After': '1' },
})
