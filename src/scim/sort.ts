/** `sortBy` (RFC 7644 §3.4.2.3) → ORDER BY. */
import { jsonPath, valueSql } from './filter-sql.ts'
import { valueOf, type Named } from './name.ts'
import type { ResourceType } from './schema.ts'

/** Who has no value comes last, and first when the order is descending. */
export function toOrder(named: Named, type: ResourceType, isDescending: boolean): string {
  const sql = sortSql(named, type)
  const direction = isDescending ? 'DESC' : 'ASC'
  return `(${sql}) IS NULL ${direction}, (${sql}) ${direction}`
}

/** Of several values the primary one, else the first. */
function sortSql(named: Named, type: ResourceType): string {
  const { attribute } = named
  const sub = named.sub ?? valueOf(attribute)
  if (!attribute.multiValued) return valueSql({ ...named, sub }, type)
  // Kept in rows of their own, or not one value: no order but the usual one.
  if (!sub || attribute.name === 'groups' || attribute.name === 'members') return 'NULL'
  return `SELECT json_extract(e.value, '$."${sub.name}"')
    FROM json_each(r.search, '${jsonPath(named)}') e
    ORDER BY json_extract(e.value, '$."primary"') IS NOT 1, e.key LIMIT 1`
}
