/** Reads the fields of an operation from the path, the query and the body of a request. */
import type { Fault, Field, Fields, Given, ValueSchema } from '../admin/field.ts'
import type { Operation } from '../admin/operation.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { readJsonText } from '../lib/json-body.ts'
import { didYouMean } from '../lib/nearest.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Problem } from '../lib/problem.ts'
import { invalidInput, MAX_BODY_BYTES, MAX_DEPTH, unreadBody } from './problems.ts'

type Texts = Result<readonly string[], string>

export async function readInput(
  request: Request,
  query: URLSearchParams,
  { fields, http }: Operation,
  named: ReadonlyMap<string, string>,
): Promise<Result<Given, Problem>> {
  const others = Object.fromEntries(Object.entries(fields).filter(([name]) => !named.has(name)))
  const inQuery = http.method === 'GET'
  // A form of a browser could fill a query; only JSON may say what a change is.
  const asked = readNames(query.keys(), inQuery ? others : {}, 'query', (name) =>
    ok(query.getAll(name)),
  )
  const body = inQuery ? ok(new Map<string, unknown>()) : await readMembers(request)
  if (!body.ok) return body
  const sent = readNames(body.value.keys(), others, 'body', (name, { schema }) =>
    textsOfJson(body.value.get(name), schema),
  )
  const faults = [...asked.faults, ...sent.faults]
  if (faults.length > 0) return invalidInput(faults)
  const path = Array.from(named, ([name, value]) => [name, [value]] as const)
  const given = new Map([...path, ...asked.given, ...sent.given])
  const unclean = [...given].filter(([, texts]) => texts.some((text) => text.includes('\0')))
  return unclean.length === 0
    ? ok(given)
    : invalidInput(unclean.map(([field]) => ({ field, problem: 'has the character U+0000' })))
}

function readNames(
  names: Iterable<string>,
  fields: Fields,
  place: 'query' | 'body',
  read: (name: string, field: Field<unknown>) => Texts,
): { readonly given: Given; readonly faults: readonly Fault[] } {
  const given = new Map<string, readonly string[]>()
  const faults: Fault[] = []
  for (const name of new Set(names)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const texts = field ? read(name, field) : err(unknownName(name, fields, place))
    if (!texts.ok) faults.push({ field: shorten(name), problem: texts.error })
    else if (texts.value.length > 0) given.set(name, texts.value)
  }
  return { given, faults }
}

function unknownName(name: string, fields: Fields, place: 'query' | 'body'): string {
  const known = Object.keys(fields)
  const meant = didYouMean(shorten(name), known, (candidate) => `"${candidate}"`)
  return `is not known in the ${place} of this request.${meant} Known: ${known.join(', ') || 'nothing'}`
}

const MOST_NAME = 60
const shorten = (name: string): string => name.slice(0, MOST_NAME).toWellFormed()

async function readMembers(request: Request): Promise<Result<Map<string, unknown>, Problem>> {
  const mediaTypes = ['', 'application/json']
  const text = await readJsonText(request, { maxBytes: MAX_BODY_BYTES, mediaTypes })
  if (!text.ok) return unreadBody(text.error)
  if (text.value === '') return ok(new Map())
  if (!request.headers.has('Content-Type')) return unreadBody('not-json-type')
  const value = parseJson(text.value, MAX_DEPTH)
  if (!value.ok) return unreadBody(value.error)
  return isRecord(value.value)
    ? ok(new Map(Object.entries(value.value)))
    : invalidInput([{ field: null, problem: 'The body must be a JSON object.' }])
}

function textsOfJson(value: unknown, schema: ValueSchema): Texts {
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? ok([value]) : err('must be a string')
    case 'integer':
      return Number.isSafeInteger(value) ? ok([String(value)]) : err('must be an integer')
    case 'boolean':
      return typeof value === 'boolean' ? ok([String(value)]) : err('must be true or false')
    case 'array': {
      if (!isList(value)) return err('must be a list')
      if (value.length === 0) return err('must have an item: leave it out to give none')
      const texts: string[] = []
      for (const item of value) {
        const read = textsOfJson(item, schema.items)
        if (!read.ok) return err(`must be a list, and each item ${read.error}`)
        texts.push(...read.value)
      }
      return ok(texts)
    }
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
