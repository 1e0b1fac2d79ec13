/**
 * Chooses the index that finds the candidates of a filter. Without statistics SQLite prefers to
 * scan a whole connection over using a subquery, so the statement begins with this query and uses
 * CROSS JOIN.
 */
import { fold } from '../lib/fold.ts'
import { isKey, keyPath } from './keys.ts'
import type { Comparison, Filter } from './filter.ts'
import type { ResourceType } from './schema.ts'
import type { Values } from './values.ts'

/**
 * A query of the ids of all possible matches; null: every resource of the connection may match.
 * `?1` is the connection. It binds only values that the condition binds too, because D1 refuses
 * unused values if this query is not chosen.
 */
export function toDriver(filter: Filter, type: ResourceType, values: Values): string | null {
  switch (filter.kind) {
    case 'and': {
      const drivers = filter.of.flatMap((part) => toDriver(part, type, values) ?? [])
      return drivers.find((driver) => !driver.includes(RANGE)) ?? drivers[0] ?? null
    }
    case 'or': {
      const drivers = filter.of.map((part) => toDriver(part, type, values))
      return drivers.every((driver) => driver !== null) ? unite(drivers) : null
    }
    case 'element':
      return toDriver(filter.of, type, values)
    case 'compare':
      return comparisonDriver(filter, type, values)
    case 'not':
    case 'present':
      return null
  }
}

/** D1 limits the number of queries in one UNION, so larger ones become a union of unions. */
const MOST_UNITED = 5

function unite(queries: readonly string[]): string {
  if (queries.length <= 1) return queries.join('')
  const parts: string[] = []
  for (let at = 0; at < queries.length; at += MOST_UNITED) {
    parts.push(`select id from (${queries.slice(at, at + MOST_UNITED).join(' union ')})`)
  }
  return unite(parts)
}

/** Marks a query that may give many rows, so that another one is preferred. */
const RANGE = '/* range */'

function comparisonDriver(
  comparison: Comparison,
  type: ResourceType,
  values: Values,
): string | null {
  const { operator, named, value } = comparison
  const { attribute, sub } = named
  const table = type.name === 'User' ? 'scim_users' : 'scim_groups'
  const name = sub ? `${attribute.name}.${sub.name}` : attribute.name
  if (typeof value === 'number') {
    return name === 'meta.lastModified' && (operator === 'ge' || operator === 'gt')
      ? `select id from ${table} where connection = ?1 and updated_at >= ${values.bind(value)} ${RANGE}`
      : null
  }
  if (typeof value === 'boolean' || named.extension !== null) {
    return operator === 'eq' && isKey(named) ? keyDriver(comparison, values) : null
  }
  const bind = () => values.bind((sub ?? attribute).caseExact ? value : fold(value))
  const isName = attribute.name === (type.name === 'User' ? 'userName' : 'displayName')
  if (operator === 'sw' && isName && value !== '') {
    const from = bind()
    // char(1114111) is U+10FFFF, the last code point and not a character: no name contains two of
    // them.
    return `select id from ${table} where connection = ?1 and name_fold >= ${from}
      and name_fold < ${from} || char(1114111, 1114111) ${RANGE}`
  }
  if (operator !== 'eq') return null
  if (isName) return `select id from ${table} where connection = ?1 and name_fold = ${bind()}`
  switch (name) {
    case 'id':
      return `select id from ${table} where id = ${bind()}`
    case 'externalId':
      return `select id from ${table} where connection = ?1 and external_id = ${bind()}`
    case 'members.value':
      return `select group_id as id from scim_members where user_id = ${bind()}`
    case 'groups.value':
      return `select user_id as id from scim_members where group_id = ${bind()} ${RANGE}`
    default:
      return type.name === 'User' && isKey(named) ? keyDriver(comparison, values) : null
  }
}

function keyDriver({ named, value }: Comparison, values: Values): string {
  return `select user_id as id from scim_keys where connection = ?1
    and path = '${keyPath(named)}' and value = ${values.bind(fold(String(value)))}`
}
