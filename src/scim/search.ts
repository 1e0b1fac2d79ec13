/** Lists: a page of people, of groups, or of both. */
import { FIRST_VALUE, findPage, saveMark, type PageQuery } from '../directory/list-store.ts'
import type { Kind, StoredResource } from '../directory/record.ts'
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
  const shown = await showAll(context, type, found.resources, query)
  const last = found.resources[shown.length - 1]
  const isMore =
    last !== undefined && (shown.length < found.resources.length || shown.length === query.count)
  const next =
    cursor.value && isMore
      ? await toCursor(type.name, query, nextOf(query, offset, shown.length, last))
      : null
  return answer(200, toList(found.total, query, shown, next))
}

/** People first, then groups. A name that only one of the types has is met by none of the other. */
export async function searchBoth(context: ScimContext, query: ListQuery): Promise<Answered> {
  if (query.cursor !== null) return refuse('invalidCursor', 'Cursors are for one type of resource.')
  const users = select(userType, query, context.base)
  const groups = select(groupType, query, context.base)
  if (!users.ok && !groups.ok) return users
  const { db, connection } = context
  const page = (kind: Kind, chosen: Chosen, offset: number, limit: number) =>
    findPage(db, kind, connection, { ...chosen, after: null, offset, limit })
  const offset = query.startIndex - 1
  const people = users.ok ? await page('User', users.value, offset, query.count) : nothing
  const from = Math.max(0, offset - people.total)
  const first = await showAll(context, userType, people.resources, query)
  // Where not all people are shown, the next page begins among them.
  const left = first.length < people.resources.length ? 0 : query.count - first.length
  const others = groups.ok ? await page('Group', groups.value, from, left) : nothing
  const shown = [...first, ...(await showAll(context, groupType, others.resources, query))]
  return answer(200, toList(people.total + others.total, query, shown, null))
}

const nothing = { total: 0, resources: [] }

type Chosen = Pick<PageQuery, 'selection' | 'order'>

function select(type: ResourceType, query: ListQuery, base: string): Result<Chosen, ScimError> {
  const filter = query.filter === null ? null : parseFilter(query.filter, type)
  if (filter && !filter.ok) return refuse('invalidFilter', `The filter: ${filter.error}.`)
  const sortBy = query.sortBy === null ? null : findName(type, query.sortBy)
  if (query.sortBy !== null && sortBy?.kind !== 'attribute') {
    return refuse('invalidValue', 'sortBy names no attribute of the schema.')
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

/** By place where the order is ours, so that nothing is passed over; else by number. */
const nextOf = (
  { sortBy }: ListQuery,
  offset: number,
  shown: number,
  last: StoredResource,
): Cursor =>
  sortBy === null ? { kind: 'after', at: last.seq } : { kind: 'offset', at: offset + shown }

function showAll(
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
  totalResults: number,
  { cursor, startIndex }: ListQuery,
  resources: readonly Shown[],
  nextCursor: string | null,
) => ({
  schemas: [LIST_SCHEMA],
  totalResults,
  ...(cursor === null ? { startIndex } : {}),
  itemsPerPage: resources.length,
  ...(nextCursor === null ? {} : { nextCursor }),
  Resources: resources,
})
