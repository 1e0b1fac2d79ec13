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

export interface Member {
  readonly id: string
  readonly display: string
}
