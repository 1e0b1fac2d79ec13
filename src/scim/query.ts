/** Reads the parameters of a list: the query of a GET, or the body of a POST to `.search`. */
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { sameName } from './attribute.ts'
import { isOtherMessage } from './document.ts'
import { refuse, type ScimError } from './error.ts'

export interface ListQuery {
  readonly filter: string | null
  readonly sortBy: string | null
  readonly isDescending: boolean
  /** Counts from 1. */
  readonly startIndex: number
  readonly count: number
  /** RFC 9865. '': the first page; null: the client pages by index. */
  readonly cursor: string | null
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

export const DEFAULT_COUNT = 100
export const MAX_COUNT = 200
const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

const names = [
  'filter',
  'sortBy',
  'sortOrder',
  'startIndex',
  'count',
  'cursor',
  'attributes',
  'excludedAttributes',
] as const
type Name = (typeof names)[number]
type Given = ReadonlyMap<Name, string>

/** Names are case-insensitive; unknown ones are ignored. */
export function parseQuery(params: URLSearchParams): Result<ListQuery, ScimError> {
  const given = new Map<Name, string>()
  for (const [key, value] of params) {
    const name = names.find((each) => sameName(each, key))
    if (!name) continue
    if (given.has(name)) return refuse('invalidValue', `${name} is given twice.`)
    if (!value.isWellFormed() || value.includes('\0'))
      return refuse('invalidValue', `${name} is not text.`)
    given.set(name, value)
  }
  return toQuery(given)
}

export function parseSearch(body: unknown): Result<ListQuery, ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', 'A search must be a JSON object.')
  const schemas = body['schemas']
  const isSearch = Array.isArray(schemas) && schemas.includes(SEARCH_SCHEMA)
  if (!isSearch && isOtherMessage(body)) {
    return refuse('invalidSyntax', 'The schemas belong to another kind of message.')
  }
  const given = new Map<Name, string>()
  for (const [key, value] of Object.entries(body)) {
    const name = names.find((each) => sameName(each, key))
    if (!name || value === null) continue
    if (given.has(name)) return refuse('invalidSyntax', `${name} is given twice.`)
    const text = toText(name, value)
    if (text === null) return refuse('invalidValue', `${name} has the wrong type.`)
    given.set(name, text)
  }
  return toQuery(given)
}

function toText(name: Name, value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number') {
    return name === 'startIndex' || name === 'count' ? String(clamp(value)) : null
  }
  const isList = name === 'attributes' || name === 'excludedAttributes'
  if (!isList || !Array.isArray(value)) return null
  return value.every((each) => typeof each === 'string') ? value.join(',') : null
}

function toQuery(given: Given): Result<ListQuery, ScimError> {
  const startIndex = toInteger(given.get('startIndex') ?? '1')
  const count = toInteger(given.get('count') ?? String(DEFAULT_COUNT))
  if (startIndex === null) return refuse('invalidValue', 'startIndex must be a whole number.')
  if (count === null) {
    const type = given.has('cursor') ? 'invalidCount' : 'invalidValue'
    return refuse(type, 'count must be a whole number.')
  }
  const order = (given.get('sortOrder') ?? 'ascending').toLowerCase()
  if (order !== 'ascending' && order !== 'descending') {
    return refuse('invalidValue', 'sortOrder must be ascending or descending.')
  }
  return ok({
    filter: given.get('filter') ?? null,
    sortBy: given.get('sortBy') ?? null,
    isDescending: order === 'descending',
    startIndex: Math.max(1, startIndex),
    count: Math.min(MAX_COUNT, Math.max(0, count)),
    cursor: given.get('cursor') ?? null,
    attributes: toNames(given.get('attributes')),
    excludedAttributes: toNames(given.get('excludedAttributes')),
  })
}

/** Accepts any number of digits and clamps the result: no list is that long. */
const toInteger = (text: string): number | null =>
  /^\s*[+-]?\d+\s*$/.test(text) ? clamp(Number(text)) : null

const MAX_INDEX = 1_000_000_000
const clamp = (number: number): number => Math.max(-MAX_INDEX, Math.min(MAX_INDEX, number))

const toNames = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
