/** One change of a group's members. Steps are applied in order. */
export type MemberStep =
  | { readonly kind: 'add' | 'remove'; readonly ids: readonly string[] }
  /** Exactly these members. */
  | { readonly kind: 'set'; readonly ids: readonly string[] }
  /** Removes the members that meet a condition. `first` is the number of its first parameter. */
  | { readonly kind: 'remove-where'; readonly toCondition: (first: number) => MemberCondition }

/** SQL over `m` (scim_members) and `x` (scim_users). Only src/scim/filter-sql.ts makes it. */
export interface MemberCondition {
  readonly where: string
  readonly values: readonly (string | number)[]
}

export interface Member {
  readonly id: string
  readonly display: string
}
