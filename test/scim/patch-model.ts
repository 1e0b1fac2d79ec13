/**
 * PATCH on plain JSON, in memory: what RFC 7644 §3.5.2 says of each operation, for a few attributes,
 * written without the service's schema, parser or engine.
 */
import fc from 'fast-check'
import { ENTERPRISE, type Json } from './stage.ts'

export interface Step {
  readonly op: 'add' | 'replace' | 'remove'
  readonly on: 'title' | 'active' | 'name' | 'emails' | 'department' | 'manager'
  readonly part: string | null
  /** `type eq "work"`. */
  readonly where: readonly [string, Json] | null
  readonly value: Json
}

const none = fc.constant(null)
const words = ['a', 'b', 'A', 'work', 'home', '']
const word = fc.constantFrom(...words)
const filled = fc.constantFrom('a', 'b', 'A', 'work', 'home')
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const compact = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))

const element = fc
  .record({ value: filled, type: optional(filled), primary: optional(fc.boolean()) })
  .map(compact)
/** Null clears a part; one that is not in the schema is passed over. */
const namePart = optional(fc.oneof(word, none))
const name = fc
  .record({ givenName: namePart, familyName: namePart, shoe: optional(word) })
  .map(compact)

const step = (fields: { [K in keyof Step]: fc.Arbitrary<Step[K]> }): fc.Arbitrary<Step> =>
  fc.record(fields)
const anyOp = fc.constantFrom('add' as const, 'replace' as const, 'remove' as const)

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  step({ op: anyOp, on: fc.constant('title'), part: none, where: none, value: word }),
  step({ op: anyOp, on: fc.constant('department'), part: none, where: none, value: word }),
  step({ op: anyOp, on: fc.constant('active'), part: none, where: none, value: fc.boolean() }),
  step({ op: anyOp, on: fc.constant('name'), part: none, where: none, value: name }),
  step({
    op: anyOp,
    on: fc.constant('name'),
    part: fc.constantFrom('givenName', 'familyName'),
    where: none,
    value: word,
  }),
  step({
    op: anyOp,
    on: fc.constant('manager'),
    part: fc.constantFrom(null, 'value'),
    where: none,
    value: word,
  }),
  step({
    op: anyOp,
    on: fc.constant('emails'),
    part: none,
    where: none,
    value: fc.array(element, { maxLength: 3 }),
  }),
  step({
    op: anyOp,
    on: fc.constant('emails'),
    part: none,
    where: fc.tuple(fc.constantFrom('type', 'value'), filled),
    value: element,
  }),
  step({
    op: anyOp,
    on: fc.constant('emails'),
    part: fc.constantFrom('value', 'type'),
    where: fc.option(fc.tuple(fc.constantFrom('type', 'value'), filled)),
    value: filled,
  }),
  step({
    op: anyOp,
    on: fc.constant('emails'),
    part: fc.constant('primary'),
    where: fc.tuple(fc.constantFrom('type', 'value'), filled),
    value: fc.boolean(),
  }),
)

/** As an operation, in one of the ways that it may be worded. */
export function say(each: Step, variant: number): Json {
  const core = variant % 3 === 1 ? 'urn:ietf:params:scim:schemas:core:2.0:User:' : ''
  const prefix = each.on === 'department' || each.on === 'manager' ? `${ENTERPRISE}:` : core
  const filter = each.where ? `[${each.where[0]} eq ${JSON.stringify(each.where[1])}]` : ''
  const path = `${prefix}${each.on}${filter}${each.part === null ? '' : `.${each.part}`}`
  const op = variant % 2 === 0 ? each.op : each.op.toUpperCase()
  if (each.op === 'remove') return { op, path }
  const isText = typeof each.value === 'boolean' && variant % 5 === 0
  const value = isText ? (each.value ? 'True' : 'FALSE') : each.value
  return variant % 4 === 3 ? { op, value: { [path]: value } } : { op, path, value }
}

/** Changes the user in place. */
export function play(user: Json, each: Step): void {
  if (each.on === 'emails') return playEmails(user, each)
  const isExtended = each.on === 'department' || each.on === 'manager'
  const holder = isExtended ? (user[ENTERPRISE] ??= {}) : user
  if (each.on === 'manager') {
    if (each.op === 'remove' || each.value === '') delete holder.manager
    else holder.manager = { value: each.value }
  } else if (each.on === 'name') {
    playName(holder, each)
  } else if (each.op === 'remove') delete holder[each.on]
  else holder[each.on] = each.value
  if (isExtended && Object.keys(holder).length === 0) delete user[ENTERPRISE]
}

function playName(user: Json, { op: kind, part, value }: Step): void {
  if (kind === 'remove') {
    if (part === null) delete user.name
    else if (user.name) delete user.name[part]
  } else user.name = { ...user.name, ...(part === null ? value : { [part]: value }) }
  // RFC 7643 §2.5: null is as good as not there.
  for (const key of ['givenName', 'familyName'])
    if (user.name?.[key] === null) delete user.name[key]
  if (user.name) delete user.name.shoe
  if (user.name && Object.keys(user.name).length === 0) delete user.name
}

function playEmails(user: Json, { op: kind, part, where, value }: Step): void {
  const emails: Json[] = user.emails ?? []
  const same = (a: Json, b: Json) =>
    typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b
  const chosen = emails.filter((email) => where === null || same(email[where[0]], where[1]))
  if (kind === 'remove') {
    if (part === null) user.emails = emails.filter((email) => !chosen.includes(email))
    else for (const email of chosen) delete email[part]
  } else if (part === null && where === null) {
    user.emails = kind === 'replace' ? onePrimary(value) : addAll(emails, value)
  } else {
    const wanted = part === null ? value : { [part]: value }
    const touched: Json[] = []
    for (const email of chosen) touched.push(Object.assign(email, wanted))
    if (chosen.length === 0) {
      touched.push({ ...(where ? { [where[0]]: where[1] } : {}), ...wanted })
      emails.push(touched[0])
    }
    takePrimary(emails, touched)
    user.emails = emails
  }
  user.emails = (user.emails ?? []).filter((email: Json) => Object.keys(email).length > 0)
  if (user.emails.length === 0) delete user.emails
}

function addAll(emails: Json[], added: readonly Json[]): Json[] {
  const key = ({ value, type }: Json) => JSON.stringify([value, type])
  for (const each of onePrimary(added)) {
    const known = emails.find((email) => key(email) === key(each))
    const target = known ? Object.assign(known, each) : structuredClone(each)
    if (!known) emails.push(target)
    takePrimary(emails, [target])
  }
  return emails
}

/** The first of those touched that is primary is the only one. */
function takePrimary(emails: readonly Json[], touched: readonly Json[]): void {
  const first = emails.find((email) => touched.includes(email) && email.primary === true)
  if (!first) return
  for (const email of emails) if (email !== first && email.primary === true) email.primary = false
}

/** In one list the first that says so is primary, and the same element twice is one. */
function onePrimary(list: readonly Json[]): Json[] {
  const copy = structuredClone(list) as Json[]
  const first = copy.find((each) => each.primary === true)
  for (const each of copy) if (each !== first && each.primary === true) each.primary = false
  const order = (each: Json) => JSON.stringify([each.value, each.type, each.primary])
  return copy.filter((each, i) => copy.findIndex((other) => order(other) === order(each)) === i)
}
