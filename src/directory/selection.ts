/** Which rows of scim_users or scim_groups, named `r`. Made by src/scim/filter-sql.ts alone. */
export interface Selection {
  /** A condition, 0 or 1. */
  readonly where: string
  /** A query of the ids among which all that meet `where` are, by an index; null: none is known. */
  readonly driver: string | null
  /** Bound from the number on that the maker was given. */
  readonly values: readonly (string | number)[]
}
