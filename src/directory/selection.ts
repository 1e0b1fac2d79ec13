/** Selects rows `r` of scim_users or scim_groups. Only src/scim/filter-sql.ts makes it. */
export interface Selection {
  /** An SQL condition; 0 or 1. */
  readonly where: string
  /**
   * A query of ids, by an index, that includes every row that meets `where`; null: there is no such
   * index.
   */
  readonly driver: string | null
  /** Bound to the parameters from `first` on; see toSelection. */
  readonly values: readonly (string | number)[]
}
