/** A group of the directory, as a decision wants it: both are names that a policy may use. */
export interface Group {
  readonly id: string
  readonly displayName: string
}

/** A change of who is in a group, one after the other. */
export type MemberStep =
  | { readonly kind: 'add' | 'remove'; readonly ids: readonly string[] }
  /** These and nobody else. */
  | { readonly kind: 'set'; readonly ids: readonly string[] }
  /** The members that meet a condition, on `m` of scim_members and `x` of scim_users. */
  | { readonly kind: 'remove-where'; readonly condition: MemberCondition }

/** SQL that src/scim/filter-sql.ts makes; its values are bound from this number on. */
export interface MemberCondition {
  readonly where: string
  readonly values: readonly (string | number)[]
}

export const FIRST_MEMBER_VALUE = 3

export interface Member {
  readonly id: string
  readonly display: string
}
