/** What a message says of who is in a group, apart from all else that it says. */
import type { MemberStep } from '../directory/group.ts'
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { findAttribute, sameName } from './attribute.ts'
import { refuse, type ScimError } from './error.ts'
import type { Filter } from './filter.ts'
import { findName } from './name.ts'
import type { Operation } from './operation.ts'
import { parsePath } from './path.ts'
import { groupType } from './schema.ts'

/** Bulk loads come in several requests; the text of one is bounded anyway. */
const MAX_MEMBERS = 100_000

export interface GroupPatch {
  /** What is not about members. */
  readonly operations: readonly Operation[]
  /** In few statements, however many operations there were. */
  readonly steps: readonly MemberStep[]
}

/** The `members` of a POST or PUT. null: not said. */
export function readMembers(body: unknown): Result<readonly string[] | null, ScimError> {
  if (!isRecord(body)) return ok(null)
  const given = Object.entries(body).filter(([key]) => isMembers(key))
  if (given.length > 1) return refuse('invalidSyntax', 'members is given twice.')
  const [entry] = given
  return entry ? bounded(readIds(entry[1])) : ok(null)
}

export function splitMembers(operations: readonly Operation[]): Result<GroupPatch, ScimError> {
  const others: Operation[] = []
  const change = createChange()
  for (const operation of operations) {
    const split =
      operation.path === null ? splitFields(operation, change) : splitPath(operation, change)
    if (!split.ok) return split
    if (split.value) others.push(split.value)
  }
  const steps = change.steps()
  return steps.reduce((sum, { ids }) => sum + ids.length, 0) > MAX_MEMBERS
    ? tooMany
    : ok({ operations: others, steps })
}

/** The operation without members; null: nothing of it is left. */
function splitFields(operation: Operation, change: Change): Result<Operation | null, ScimError> {
  const { kind, value } = operation
  if (!isRecord(value) || kind === 'remove') return ok(operation)
  const entries = Object.entries(value)
  const rest = entries.filter(([key]) => !isMembers(key))
  for (const [key, each] of entries) {
    if (!isMembers(key)) continue
    const ids = readIds(each)
    if (!ids.ok) return ids
    if (kind === 'add') change.add(ids.value)
    else change.set(ids.value)
  }
  return ok(rest.length === 0 ? null : { ...operation, value: Object.fromEntries(rest) })
}

function splitPath(operation: Operation, change: Change): Result<Operation | null, ScimError> {
  const { kind, path, value } = operation
  const target = parsePath(groupType, path ?? '')
  if (!target.ok || target.value.kind === 'extension') return ok(operation)
  const { named, filter } = target.value
  if (named.attribute.name !== 'members') return ok(operation)
  if (filter || (named.sub && named.sub.name !== 'value')) {
    const chosen = filter && !named.sub ? toIds(filter) : null
    if (kind !== 'remove') return refuse('mutability', 'A member is added or removed, not changed.')
    if (!chosen) return refuse('invalidPath', 'Members are removed by their value.')
    change.remove(chosen)
    return ok(null)
  }
  if (kind === 'remove' && (value === undefined || value === null)) {
    change.set([])
    return ok(null)
  }
  const ids = readIds(value)
  if (!ids.ok) return ids
  if (kind === 'add') change.add(ids.value)
  else if (kind === 'remove') change.remove(ids.value)
  else change.set(ids.value)
  return ok(null)
}

interface Change {
  readonly add: (ids: readonly string[]) => void
  readonly remove: (ids: readonly string[]) => void
  readonly set: (ids: readonly string[]) => void
  readonly steps: () => readonly MemberStep[]
}

/** One operation after the other, told as two steps at most: remove, then add; or set. */
function createChange(): Change {
  let base: Set<string> | null = null
  const added = new Set<string>()
  const removed = new Set<string>()
  return {
    add(ids) {
      for (const id of ids) {
        if (base) base.add(id)
        else {
          removed.delete(id)
          added.add(id)
        }
      }
    },
    remove(ids) {
      for (const id of ids) {
        if (base) base.delete(id)
        else {
          added.delete(id)
          removed.add(id)
        }
      }
    },
    set(ids) {
      base = new Set(ids)
    },
    steps() {
      if (base) return [{ kind: 'set', ids: [...base] }]
      const steps: MemberStep[] = []
      if (removed.size > 0) steps.push({ kind: 'remove', ids: [...removed] })
      if (added.size > 0) steps.push({ kind: 'add', ids: [...added] })
      return steps
    },
  }
}

/** A list, one object, or a bare id. */
function readIds(value: unknown): Result<readonly string[], ScimError> {
  const ids = new Set<string>()
  for (const each of Array.isArray(value) ? value : [value]) {
    if (each === null || each === undefined) continue
    const id = isRecord(each) ? valueOf(each) : each
    if (id === null) continue
    if (typeof id !== 'string') return refuse('invalidValue', 'A member has a value, its id.')
    // Ours are of 36; what is longer is nobody's, and need not travel further.
    if (id.length <= 64) ids.add(id)
  }
  return ok([...ids])
}

/** undefined: it has none. */
const valueOf = (member: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(member).find(([key]) => sameName(key, 'value'))?.[1]

/** `value eq "a"`, or several of it; null for anything else. */
function toIds(filter: Filter): readonly string[] | null {
  if (filter.kind === 'or') {
    const parts = filter.of.map(toIds)
    return parts.every((part) => part !== null) ? parts.flat() : null
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return null
  const isId = filter.named.sub === findAttribute(filter.named.attribute.sub, 'value')
  return isId && typeof filter.value === 'string' ? [filter.value] : null
}

function isMembers(key: string): boolean {
  const found = findName(groupType, key)
  return found?.kind === 'attribute' && !found.named.sub && found.named.attribute.name === 'members'
}

const tooMany = refuse('tooMany', `More than ${MAX_MEMBERS} members in one request.`)

const bounded = (ids: Result<readonly string[], ScimError>) =>
  ids.ok && ids.value.length > MAX_MEMBERS ? tooMany : ids
