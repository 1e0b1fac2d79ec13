/** An operation as a request of the API. src/api/input.ts reads what is written here. */
import type { Given, ValueSchema } from '../../src/admin/field.ts'
import type { Operation } from '../../src/admin/operation.ts'
import { API_PREFIX } from '../../src/lib/paths.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { usage, type Failure } from '../command.ts'
import { typedName } from '../hint.ts'

export interface ApiRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** JSON; null: the request has no body. */
  readonly body: string | null
}

export function toApiRequest(
  { http, fields, subject }: Pick<Operation, 'http' | 'fields' | 'subject'>,
  given: Given,
): Result<ApiRequest, Failure> {
  const inPath = new Set(Array.from(http.path.matchAll(/\{([\w-]+)\}/g), ([, name = '']) => name))
  const textIn = (name: string): string => given.get(name)?.[0] ?? ''
  // A URL cannot have such a segment, however it is encoded (RFC 3986 §5.2.4).
  const dots = [...inPath].find((name) => ['.', '..'].includes(textIn(name)))
  if (dots !== undefined) {
    const field = typedName(dots, subject)
    return usage(`${field} cannot be "${textIn(dots)}" at the API. Use the id instead.`)
  }
  const path =
    API_PREFIX +
    http.path.replace(/\{([\w-]+)\}/g, (_, name: string) =>
      encodeURIComponent(textIn(name).toWellFormed()),
    )
  const others = [...given].filter(
    ([name, texts]) => Object.hasOwn(fields, name) && !inPath.has(name) && texts.length > 0,
  )
  if (http.method === 'GET') {
    const query = new URLSearchParams(
      others.flatMap(([name, texts]) => texts.map((text) => [name, text])),
    )
    return ok({
      method: http.method,
      path: query.size === 0 ? path : `${path}?${query}`,
      body: null,
    })
  }
  const members = others.map(([name, texts]): readonly [string, unknown] => {
    const schema = fields[name]?.schema
    return [name, schema ? toValue(texts, schema) : texts[0]]
  })
  return ok({ method: http.method, path, body: JSON.stringify(Object.fromEntries(members)) })
}

/** The texts are those of one field, and the operation has accepted them. */
function toValue([first = '', ...others]: readonly string[], schema: ValueSchema): unknown {
  switch (schema.type) {
    case 'string':
      return first
    case 'integer':
      return Number(first)
    case 'boolean':
      return first === '' || first === 'true'
    case 'array':
      return [first, ...others].map((text) => toValue([text], schema.items))
  }
}
