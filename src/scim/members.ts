/** Separates changes of a group's members from the other changes in a message. */
import type { MemberCondition, MemberStep } from '../directory/member.ts'
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { sameName } from './attribute.ts'
import { refuse, type ScimError } from './error.ts'
import { meets } from './evaluate.ts'
import type { Filter } from './filter.ts'
import { toMemberCondition } from './filter-sql.ts'
import { findName } from './name.ts'
import type { Operation } from './operation.ts'
import type { Target } from './path.ts'
import { groupType } from './schema.ts'

/** Large groups arrive in several requests, and the body is limited too. */
const MAX_MEMBERS = 100_000
/** Each step is at least one statement, and a step with a filter may read every member. */
const MAX_STEPS = 20

export interface GroupPatch {
  /** The operations that do not concern members. */
  readonly operations: readonly Operation[]
  /** All changes of members, merged into a few steps. */
  readonly steps: readonly MemberStep[]
}

/** The `members` of a POST or PUT; null: absent. */
export function readMembers(body: unknown): Result<readonly string[] | null, ScimError> {
  if (!isRecord(body)) return ok(null)
  const given = Object.entries(body).filter(([key]) => isMembers(key))
  if (given.length > 1) return refuse('invalidSyntax', 'members is given twice.')
  const [entry] = given
  return entry ? bounded(readIds(entry[1])) : ok(null)
}

/** @param base the service's base URL; the addresses of members begin with it. */
export function splitMembers(
  operations: readonly Operation[],
  base: string,
): Result<GroupPatch, ScimError> {
  const others: Operation[] = []
  const change = createChange()
  for (const operation of operations) {
    const split =
      operation.target === null
        ? splitFields(operation, change)
        : splitTarget(operation, operation.target, change, base)
    if (!split.ok) return split
    if (split.value) others.push(split.value)
  }
  const steps = change.steps()
  const named = steps.reduce((sum, step) => sum + ('ids' in step ? step.ids.length : 0), 0)
  if (steps.length > MAX_STEPS)
    return refuse('tooMany', 'There are too many filters on members in one request.')
  return named > MAX_MEMBERS ? tooMany : ok({ operations: others, steps })
}

/** The operation without `members`; null: nothing else is in it. */
function splitFields(operation: Operation, change: Change): Result<Operation | null, ScimError> {
  const { kind, value } = operation
  if (!isRecord(value)) return ok(operation)
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

function splitTarget(
  operation: Operation,
  target: Target,
  change: Change,
  base: string,
): Result<Operation | null, ScimError> {
  const { kind, value } = operation
  if (target.kind === 'extension') return ok(operation)
  const { named, filter } = target
  if (named.attribute.name !== 'members') return ok(operation)
  if (filter || (named.sub && named.sub.name !== 'value')) {
    if (kind !== 'remove' || !filter || named.sub) {
      return refuse('mutability', 'A member can be added or removed, but not changed.')
    }
    const ids = toIds(filter)
    if (ids) change.remove(ids)
    else change.removeWhere((first) => toMemberCondition(filter, base, first))
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
  readonly removeWhere: (toCondition: (first: number) => MemberCondition) => void
  readonly steps: () => readonly MemberStep[]
}

/**
 * Merges operations into as few steps as possible while keeping their effect. Between two filters
 * there is either one full list, or at most one removal and one addition.
 */
function createChange(): Change {
  const done: MemberStep[] = []
  let base: Set<string> | null = null
  const added = new Set<string>()
  const removed = new Set<string>()
  const settle = () => {
    if (base) done.push({ kind: 'set', ids: [...base] })
    else {
      if (removed.size > 0) done.push({ kind: 'remove', ids: [...removed] })
      if (added.size > 0) done.push({ kind: 'add', ids: [...added] })
    }
    base = null
    added.clear()
    removed.clear()
  }
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
      // The new list replaces the result of all earlier steps.
      done.length = 0
      added.clear()
      removed.clear()
      base = new Set(ids)
    },
    removeWhere(toCondition) {
      settle()
      done.push({ kind: 'remove-where', toCondition })
    },
    steps() {
      settle()
      return done
    },
  }
}

/** Accepts a list, one object, or a bare id. */
function readIds(value: unknown): Result<readonly string[], ScimError> {
  const ids = new Set<string>()
  for (const each of Array.isArray(value) ? value : [value]) {
    if (each === null || each === undefined) continue
    const id = isRecord(each) ? valueOf(each) : each
    if (id === null) continue
    if (typeof id !== 'string') return refuse('invalidValue', 'A member must have a value: its id.')
    // Our ids have 36 characters. A longer id belongs to no user, so it is dropped here.
    if (id.length <= 64) ids.add(id)
  }
  return ok([...ids])
}

/** undefined: the member has no `value`. */
const valueOf = (member: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(member).find(([key]) => sameName(key, 'value'))?.[1]

/**
 * The ids that the filter selects; null: it does not only compare ids, so the members must be read.
 */
function toIds(filter: Filter): readonly string[] | null {
  const ids = toCandidates(filter)
  if (!ids || compares(filter, (name) => name === 'display' || name === '$ref')) return null
  return ids.filter((value) => meets(filter, { value, type: 'User' }))
}

/** A superset of the ids that can meet the filter; null: the filter does not name ids. */
function toCandidates(filter: Filter): readonly string[] | null {
  switch (filter.kind) {
    case 'and':
      return filter.of.map(toCandidates).find((ids) => ids !== null) ?? null
    case 'or': {
      const parts = filter.of.map(toCandidates)
      return parts.every((part) => part !== null) ? parts.flat() : null
    }
    case 'compare': {
      const { operator, named, value } = filter
      const isId = operator === 'eq' && named.sub?.name === 'value' && typeof value === 'string'
      return isId ? [value] : null
    }
    case 'not':
    case 'present':
    case 'element':
      return null
  }
}

function compares(filter: Filter, isMeant: (name: string | undefined) => boolean): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some((part) => compares(part, isMeant))
    case 'not':
    case 'element':
      return compares(filter.of, isMeant)
    case 'present':
    case 'compare':
      return isMeant(filter.named.sub?.name)
  }
}

function isMembers(key: string): boolean {
  const found = findName(groupType, key)
  return found?.kind === 'attribute' && !found.named.sub && found.named.attribute.name === 'members'
}

const tooMany = refuse('tooMany', `There are more than ${MAX_MEMBERS} members in one request.`)

const bounded = (ids: Result<readonly string[], ScimError>) =>
  ids.ok && ids.value.length > MAX_MEMBERS ? tooMany : ids
