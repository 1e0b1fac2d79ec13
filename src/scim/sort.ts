/** `sortBy` (RFC 7644 §3.4.2.3) as ORDER BY. */
import { jsonPath, valueSql } from './filter-sql.ts'
import { valueOf, type Named } from './name.ts'
import type { ResourceType } from './schema.ts'

/** Resources without a value come last; in descending order, first. */
export function toOrder(named: Named, type: ResourceType, isDescending: boolean): string {
  const sql = sortSql(named, type)
  const direction = isDescending ? 'DESC' : 'ASC'
  return `(${sql}) IS NULL ${direction}, (${sql}) ${direction}`
}

/** Of several values the primary one counts, else the first. */
function sortSql(named: Named, type: ResourceType): string {
  const { attribute } = named
  const sub = named.sub ?? valueOf(attribute)
  if (!attribute.multiValued) return valueSql({ ...named, sub }, type)
  // Not sortable: the values are in other tables, or the attribute is not a single value. NULL
  // leaves the default order.
  if (!sub || attribute.name === 'groups' || attribute.name === 'members') return 'NULL'
  return `SELECT json_extract(e.value, '$."${sub.name}"')
    FROM json_each(r.search, '${jsonPath(named)}') e
    ORDER BY json_extract(e.value, '$."primary"') IS NOT 1, e.key LIMIT 1`
}
