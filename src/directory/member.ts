/** A change of who is in a group, one after the other. */
export type MemberStep =
  | { readonly kind: 'add' | 'remove'; readonly ids: readonly string[] }
  /** These and nobody else. */
  | { readonly kind: 'set'; readonly ids: readonly string[] }
  /** The members that meet a condition, whose values are bound from a number on. */
  | { readonly kind: 'remove-where'; readonly toCondition: (first: number) => MemberCondition }

/** SQL on `m` of scim_members and `x` of scim_users. Made by src/scim/filter-sql.ts alone. */
export interface MemberCondition {
  readonly where: string
  readonly values: readonly (string | number)[]
}

export interface Member {
  readonly id: string
  readonly display: string
}
