/** The values that SCIM writes, and those that it reads back. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant } from '../lib/row.ts'

export type Kind = 'User' | 'Group'

/** A row of scim_users or scim_groups: the columns that both have. */
export interface StoredResource {
  readonly id: string
  /** Its place in lists. */
  readonly seq: number
  /** JSON of the document; see src/scim/document.ts. */
  readonly doc: string
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface ResourceWrite {
  /** userName of a user, displayName of a group. Its fold is unique within the connection. */
  readonly name: string
  readonly nameFold: string
  readonly externalId: string | null
  readonly doc: string
  /** JSON of the attributes as filters compare them. */
  readonly search: string
}

export interface UserWrite extends ResourceWrite {
  readonly active: boolean
  readonly email: string | null
  readonly displayName: string | null
  /** The name that groups show for this member. */
  readonly display: string
  readonly displayFold: string
  /**
   * All names that an IdP may use for the user, in lower case. Sessions of unprovisioned users with
   * one of these names are ended.
   */
  readonly names: readonly string[]
  /** Values that have an index. */
  readonly keys: readonly { readonly path: string; readonly value: string }[]
}

/** A write to one version of a resource. `version` null: any version. */
export interface Edition {
  readonly connection: string
  readonly id: string
  readonly version: number | null
  /**
   * Unique for each write. The later statements of a batch act only if the first one stored this
   * id.
   */
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
