/** What SCIM writes, and what it reads again. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant } from '../lib/row.ts'

export type Kind = 'User' | 'Group'

/** A row of scim_users or scim_groups, as far as both have it. */
export interface StoredResource {
  readonly id: string
  /** Its place in lists. */
  readonly seq: number
  /** JSON: src/scim/document.ts. */
  readonly doc: string
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface ResourceWrite {
  /** userName, or displayName of a group: unique in its connection as it is folded. */
  readonly name: string
  readonly nameFold: string
  readonly externalId: string | null
  readonly doc: string
  /** JSON: the attributes as they are compared. */
  readonly search: string
}

export interface UserWrite extends ResourceWrite {
  readonly active: boolean
  readonly email: string | null
  readonly displayName: string | null
  /** What groups show of the person. */
  readonly display: string
  readonly displayFold: string
  /** All that an IdP may call the person by, in lower case: who came unprovisioned by one is over. */
  readonly names: readonly string[]
  /** Values with an index. */
  readonly keys: readonly { readonly path: string; readonly value: string }[]
}

/** A write of one version, or none: `version` null is whichever there is. */
export interface Edition {
  readonly connection: string
  readonly id: string
  readonly version: number | null
  /** Unique: what one write does after its first statement, it does only if that was done. */
  readonly writeId: string
  readonly now: Instant
}

const row = v.object({
  id: v.string(),
  seq: v.number(),
  doc: v.string(),
  version: v.number(),
  createdAt: instant,
  updatedAt: instant,
})

export const resourceColumns =
  'r.id, r.seq, r.doc, r.version, r.created_at AS createdAt, r.updated_at AS updatedAt'

export const parseResource = (value: unknown): StoredResource => v.parse(row, value)

export const tableOf = (kind: Kind): 'scim_users' | 'scim_groups' =>
  kind === 'User' ? 'scim_users' : 'scim_groups'
