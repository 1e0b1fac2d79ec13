/**
 * Translates a filter into SQL over a row `r` of scim_users or scim_groups. Values are always
 * bound; only names from the schema are written into the SQL. Every term is 0 or 1, never NULL, so
 * that `not` works.
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
 * @param base the service's base URL; addresses ($ref) begin with it.
 * @param first the number of the first free parameter.
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

/** The condition of a filter in brackets after `members`, on one member of a group. */
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

/** The SQL of an attribute's value at the place of the condition. */
type At = (named: Named) => string

/**
 * A condition on the resource itself; for a multi-valued attribute: at least one element meets it.
 */
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

/**
 * The condition of a filter in brackets, on one element. Its names are sub-attributes of the
 * element.
 */
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
      return '0' // unreachable: the parser refuses nested brackets
  }
}

/** `pr` is false for an absent value and for an empty one (RFC 7644 §3.4.2.2). */
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
  // Every text contains the empty text. Returned before binding: D1 refuses bound values that the
  // SQL does not use.
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

/**
 * `is` instead of `=`: a user without a title must match `title ne "x"`, and NULL <> 'x' is NULL.
 */
const equality = (operator: Operator, sql: string, bound: string): string =>
  operator === 'ne' ? `(${sql} is not ${bound})` : `(${sql} is ${bound})`

/** SQLite compares UTF-8, which is the order of code points. */
function ordered(operator: Operator, sql: string, bound: string): string {
  const signs: Partial<Record<Operator, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' }
  const sign = signs[operator]
  return sign ? `coalesce(${sql} ${sign} ${bound}, 0)` : equality(operator, sql, bound)
}

/** The SQL of a single-valued attribute, folded where case does not count. */
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

/** The attribute that must be unique: userName of users, displayName of groups. */
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
  /** A function, so that the value is bound only if it is used: D1 refuses unused ones. */
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
