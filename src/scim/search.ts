/** Lists: a page of users, of groups, or of both. */
import { FIRST_VALUE, findPage, saveMark, type PageQuery } from '../directory/page-store.ts'
import { countRelations } from '../directory/member-store.ts'
import type { Kind, StoredResource } from '../directory/resource.ts'
import { ok, type Result } from '../lib/result.ts'
import { answer, type Answered, type ScimContext } from './context.ts'
import { readCursor, toCursor, type Cursor } from './cursor.ts'
import { refuse, type ScimError } from './error.ts'
import { parseFilter } from './filter.ts'
import { toSelection } from './filter-sql.ts'
import { showGroups } from './groups.ts'
import { findName } from './name.ts'
import { toProjection, type Shown } from './projection.ts'
import type { ListQuery } from './query.ts'
import { groupType, userType, type ResourceType } from './schema.ts'
import { toOrder } from './sort.ts'
import { showUsers } from './users.ts'

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export async function searchOne(
  context: ScimContext,
  type: ResourceType,
  query: ListQuery,
): Promise<Answered> {
  const selected = select(type, query, context.base)
  if (!selected.ok) return selected
  const cursor = await readCursor(type.name, query)
  if (!cursor.ok) return cursor
  const offset = toOffset(query, cursor.value)
  const { db, connection, waitUntil } = context
  const found = await findPage(db, type.name, connection, {
    ...selected.value,
    after: cursor.value?.kind === 'after' ? cursor.value.at : null,
    offset,
    limit: query.count,
  })
  if (found.mark) waitUntil(saveMark(db, type.name, connection, found.mark))
  const { resources } = found
  const last = resources.at(-1)
  const isMore = last !== undefined && resources.length === query.count
  const next =
    cursor.value && isMore
      ? await toCursor(type.name, query, nextOf(query, offset, resources.length, last))
      : null
  return tellPage(context, query, {
    total: found.total,
    next,
    parts: [{ type, resources }],
  })
}

/**
 * Users first, then groups. If only one type has an attribute that the filter names, only that type
 * is searched.
 */
export async function searchBoth(context: ScimContext, query: ListQuery): Promise<Answered> {
  if (query.cursor !== null)
    return refuse('invalidCursor', 'A cursor can only be used for one type of resource.')
  const users = select(userType, query, context.base)
  const groups = select(groupType, query, context.base)
  if (!users.ok && !groups.ok) return users
  const { db, connection } = context
  const page = (kind: Kind, chosen: Chosen, offset: number, limit: number) =>
    findPage(db, kind, connection, { ...chosen, after: null, offset, limit })
  const offset = query.startIndex - 1
  const people = users.ok ? await page('User', users.value, offset, query.count) : nothing
  const from = Math.max(0, offset - people.total)
  const left = query.count - people.resources.length
  const others = groups.ok ? await page('Group', groups.value, from, left) : nothing
  return tellPage(context, query, {
    total: people.total + others.total,
    next: null,
    parts: [
      { type: userType, resources: people.resources },
      { type: groupType, resources: others.resources },
    ],
  })
}

interface Part {
  readonly type: ResourceType
  readonly resources: readonly StoredResource[]
}

interface Page {
  readonly total: number
  /** The cursor of the next page; null: no cursor was asked for, or this is the last page. */
  readonly next: string | null
  readonly parts: readonly Part[]
}

/**
 * Returns exactly as many resources as were asked for: a client that adds `count` to `startIndex`
 * would skip those that a shorter page leaves out. With members and groups a page can exceed the
 * memory of an isolate, so it is read and sent in parts.
 */
async function tellPage(context: ScimContext, query: ListQuery, page: Page): Promise<Answered> {
  const resources = page.parts.flatMap((part) => part.resources)
  const more = showInTurn(context, query, page.parts)
  const { value: first = [] } = await more.next()
  const list = toList(page, query, resources.length, first)
  if (first.length === resources.length) return answer(200, list)
  if (await hasMoreRelations(context, page.parts, MAX_RELATIONS)) return tooMany
  return ok({ status: 200, body: list, more, headers: {} })
}

/**
 * The most members of groups plus groups of users on one page. A page with a single resource is not
 * limited.
 */
const MAX_RELATIONS = 1_000_000

const tooMany = refuse(
  'tooMany',
  `The page has more than ${MAX_RELATIONS} members. Ask for fewer groups by count, or leave members out by excludedAttributes.`,
)

async function hasMoreRelations(
  { db }: ScimContext,
  parts: readonly Part[],
  limit: number,
): Promise<boolean> {
  let left = limit
  for (const { type, resources } of parts) {
    const ids = resources.map(({ id }) => id)
    left -= await countRelations(db, type.name, ids, left + 1)
    if (left < 0) return true
  }
  return false
}

async function* showInTurn(
  context: ScimContext,
  query: ListQuery,
  parts: readonly Part[],
): AsyncGenerator<readonly Shown[], undefined> {
  for (const { type, resources } of parts) {
    for (let at = 0; at < resources.length;) {
      const shown = await showSome(context, type, resources.slice(at), query)
      at += shown.length
      yield shown
    }
  }
}

const nothing = { total: 0, resources: [] }

type Chosen = Pick<PageQuery, 'selection' | 'order'>

function select(type: ResourceType, query: ListQuery, base: string): Result<Chosen, ScimError> {
  const filter = query.filter === null ? null : parseFilter(query.filter, type)
  if (filter && !filter.ok) return refuse('invalidFilter', `The filter: ${filter.error}.`)
  const sortBy = query.sortBy === null ? null : findName(type, query.sortBy)
  if (query.sortBy !== null && sortBy?.kind !== 'attribute') {
    return refuse('invalidValue', 'sortBy does not name an attribute of the schema.')
  }
  const selection = filter ? toSelection(filter.value, type, base, FIRST_VALUE) : null
  const order =
    sortBy?.kind === 'attribute' ? toOrder(sortBy.named, type, query.isDescending) : null
  return ok({ selection, order })
}

function toOffset(query: ListQuery, cursor: Cursor | null): number {
  if (!cursor) return query.startIndex - 1
  return cursor.kind === 'offset' ? cursor.at : 0
}

/**
 * With the default order, continue after the last resource, so that none is skipped when others are
 * removed. With another order only an offset works.
 */
const nextOf = (
  { sortBy }: ListQuery,
  offset: number,
  shown: number,
  last: StoredResource,
): Cursor =>
  sortBy === null ? { kind: 'after', at: last.seq } : { kind: 'offset', at: offset + shown }

/** Returns at least the first resource, and as many more as fit into one answer of D1. */
function showSome(
  context: ScimContext,
  type: ResourceType,
  resources: readonly StoredResource[],
  { attributes, excludedAttributes }: ListQuery,
): Promise<readonly Shown[]> {
  const projection = toProjection(type, attributes, excludedAttributes)
  return type.name === 'User'
    ? showUsers(context, resources, projection)
    : showGroups(context, resources, projection)
}

const toList = (
  { total, next }: Page,
  { cursor, startIndex }: ListQuery,
  itemsPerPage: number,
  resources: readonly Shown[],
) => ({
  schemas: [LIST_SCHEMA],
  totalResults: total,
  ...(cursor === null ? { startIndex } : {}),
  itemsPerPage,
  ...(next === null ? {} : { nextCursor: next }),
  Resources: resources,
})
