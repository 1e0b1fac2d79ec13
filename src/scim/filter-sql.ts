/**
 * A filter → SQL over a row `r` of scim_users or scim_groups. Values are bound, never written; what
 * is written comes from the schema. Every term is 0 or 1, never NULL, so that `not` means not.
 */
import type { Attribute } from './attribute.ts'
import { fold } from '../lib/fold.ts'
import { toDriver } from './filter-driver.ts'
import type { Comparison, Filter, Operator } from './filter.ts'
import type { Named } from './name.ts'
import type { ResourceType } from './schema.ts'
import { createValues, type Values } from './values.ts'
import type { MemberCondition } from '../directory/member.ts'
import type { Selection } from '../directory/selection.ts'

/**
 * @param base of the service: addresses begin with it.
 * @param first the number of the first parameter that is free.
 */
export function toSelection(
  filter: Filter,
  type: ResourceType,
  base: string,
  first: number,
): Selection {
  const values = createValues(first)
  return {
    where: toSql(filter, { type, base, values }),
    driver: toDriver(filter, type, values),
    values: values.list,
  }
}

/** What stands in brackets behind `members`, of the members of one group. */
export function toMemberCondition(filter: Filter, base: string, first: number): MemberCondition {
  const values = createValues(first)
  return { where: elementSql(filter, memberAt(base, values), values), values: values.list }
}

interface Writing {
  readonly type: ResourceType
  readonly base: string
  readonly values: Values
}

function toSql(filter: Filter, writing: Writing): string {
  const { values } = writing
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.of.map((part) => toSql(part, writing)).join(` ${filter.kind} `)})`
    case 'not':
      return `(not ${toSql(filter.of, writing)})`
    case 'present':
      return inEach(filter.named, writing, (at) => present(filter.named, at))
    case 'compare':
      return inEach(filter.named, writing, (at) => compare(filter, at(filter.named), values))
    case 'element':
      return inEach(filter.named, writing, (at) => elementSql(filter.of, at, values))
  }
}

/** The SQL of an attribute's value where the condition stands. */
type At = (named: Named) => string

/** The condition on the resource; or that one element of a multi-valued attribute meets it. */
function inEach(named: Named, writing: Writing, condition: (at: At) => string): string {
  const { type, base, values } = writing
  const { attribute } = named
  if (!attribute.multiValued) return condition((each) => valueSql(each, type))
  if (attribute.name === 'groups') {
    const address = () => `${values.bind(`${base}/Groups/`)} || m.group_id`
    const at: At = ({ sub }) =>
      relationSql(sub, { id: 'm.group_id', name: 'x.name_fold', type: "'direct'", address })
    return `exists (select 1 from scim_members m cross join scim_groups x on x.id = m.group_id
      where m.user_id = r.id and ${condition(at)})`
  }
  if (attribute.name === 'members') {
    return `exists (select 1 from scim_members m cross join scim_users x on x.id = m.user_id
      where m.group_id = r.id and ${condition(memberAt(base, values))})`
  }
  const at: At = ({ sub }) => (sub ? `json_extract(e.value, '${pathOf(sub)}')` : 'e.value')
  return `exists (select 1 from json_each(r.search, '${jsonPath(named)}') e
    where ${condition(at)})`
}

/** What stands in brackets: names are of the element, so there is nothing below to search. */
function elementSql(filter: Filter, at: At, values: Values): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.of.map((part) => elementSql(part, at, values)).join(` ${filter.kind} `)})`
    case 'not':
      return `(not ${elementSql(filter.of, at, values)})`
    case 'present':
      return present(filter.named, at)
    case 'compare':
      return compare(filter, at(filter.named), values)
    case 'element':
      return '0' // unreachable: the parser lets no brackets stand in brackets
  }
}

/** Not there, and empty, are the same (RFC 7644 §3.4.2.2, `pr`). */
function present(named: Named, at: At): string {
  const { attribute, sub } = named
  if (sub || attribute.sub.length === 0) return presentValue(sub ?? attribute, at(named))
  const parts = attribute.sub.map((each) => presentValue(each, at({ ...named, sub: each })))
  return `(${parts.join(' or ')})`
}

const presentValue = ({ type }: Attribute, sql: string): string =>
  type === 'boolean' || type === 'dateTime' ? `(${sql} is not null)` : `coalesce(${sql} <> '', 0)`

function compare({ operator, named, value }: Comparison, sql: string, values: Values): string {
  const { caseExact } = named.sub ?? named.attribute
  if (typeof value === 'boolean') return equality(operator, sql, value ? '1' : '0')
  if (typeof value === 'number') return ordered(operator, sql, values.bind(value))
  const text = caseExact ? value : fold(value)
  const isPart = operator === 'co' || operator === 'sw' || operator === 'ew'
  // In every text there is nothing; and what is bound must be used.
  if (isPart && text === '') return `(${sql} is not null)`
  const bound = values.bind(text)
  switch (operator) {
    case 'co':
      return `coalesce(instr(${sql}, ${bound}) > 0, 0)`
    case 'sw':
      return `coalesce(substr(${sql}, 1, length(${bound})) = ${bound}, 0)`
    case 'ew':
      return `coalesce(substr(${sql}, -length(${bound})) = ${bound}, 0)`
    default:
      return ordered(operator, sql, bound)
  }
}

/** `is` rather than `=`: who has no title does not have the title "x", and `ne` finds them. */
const equality = (operator: Operator, sql: string, bound: string): string =>
  operator === 'ne' ? `(${sql} is not ${bound})` : `(${sql} is ${bound})`

/** In the order of code points, which is that of UTF-8. */
function ordered(operator: Operator, sql: string, bound: string): string {
  const signs: Partial<Record<Operator, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' }
  const sign = signs[operator]
  return sign ? `coalesce(${sql} ${sign} ${bound}, 0)` : equality(operator, sql, bound)
}

/** Single-valued attributes, as they are compared. */
export function valueSql(named: Named, type: ResourceType): string {
  const { extension, attribute, sub } = named
  if (!extension) {
    switch (attribute.name) {
      case 'id':
        return 'r.id'
      case 'externalId':
        return 'r.external_id'
      case nameOf(type):
        return 'r.name_fold'
      case 'meta':
        return metaSql(sub, type)
      default:
    }
  }
  return `json_extract(r.search, '${jsonPath(named)}')`
}

/** The attribute that is unique: userName of people, displayName of groups. */
export const nameOf = (type: ResourceType): string =>
  type.name === 'User' ? 'userName' : 'displayName'

function metaSql(sub: Attribute | null, type: ResourceType): string {
  switch (sub?.name) {
    case 'created':
      return 'r.created_at'
    case 'lastModified':
      return 'r.updated_at'
    case 'version':
      return `'W/"' || r.version || '"'`
    case 'resourceType':
      return `'${type.name}'`
    default:
      return 'null'
  }
}

const memberAt = (base: string, values: Values): At => {
  const address = () => `${values.bind(`${base}/Users/`)} || m.user_id`
  return ({ sub }) =>
    relationSql(sub, { id: 'm.user_id', name: 'x.display_fold', type: "'user'", address })
}

interface Relation {
  readonly id: string
  readonly name: string
  readonly type: string
  /** Bound where it is compared only: what is bound must be used. */
  readonly address: () => string
}

function relationSql(sub: Attribute | null, { id, name, type, address }: Relation): string {
  switch (sub?.name) {
    case 'value':
      return id
    case 'display':
      return name
    case 'type':
      return type
    case '$ref':
      return `(${address()})`
    default:
      return 'null'
  }
}

export const jsonPath = ({ extension, attribute, sub }: Named): string =>
  ['$', quote(extension ? 'extension' : 'own'), quote(attribute.name)].join('.') +
  (sub && !attribute.multiValued ? `.${quote(sub.name)}` : '')

const pathOf = (sub: Attribute): string => `$.${quote(sub.name)}`
const quote = (name: string): string => `"${name}"`
