/** Finds the operation that a method and a path name. */
import type { Http, Operation } from '../admin/operation.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Problem } from '../lib/problem.ts'
import { methodNotAllowed, noSuchPath } from './problems.ts'

export interface Route {
  readonly operation: Operation
  readonly segments: readonly string[]
}

export interface Found {
  /** null: OPTIONS asks for what `allow` says. */
  readonly operation: Operation | null
  /** Values of the fields that the path names. */
  readonly named: ReadonlyMap<string, string>
  readonly allow: string
}

export const toRoutes = (operations: readonly Operation[]): readonly Route[] =>
  operations.map((operation) => ({ operation, segments: segmentsOf(operation.http.path) }))

/** @param path below the prefix, as it was sent. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): Result<Found, Problem> {
  const segments = segmentsOf(path)
  const matching = routes.flatMap((route) => {
    const named = match(route.segments, segments)
    return named ? [{ ...route, named }] : []
  })
  // `/users/me` comes before `/users/{user}`.
  const fewest = Math.min(...matching.map(({ named }) => named.size))
  const here = matching.filter(({ named }) => named.size === fewest)
  const [first] = here
  if (!first) return noSuchPath
  const allow = allowed(here.map(({ operation }) => operation.http))
  if (method === 'OPTIONS') return ok({ operation: null, named: first.named, allow })
  const asked = method === 'HEAD' ? 'GET' : method
  const found = here.find(({ operation }) => operation.http.method === asked)
  return found
    ? ok({ operation: found.operation, named: found.named, allow })
    : methodNotAllowed(allow)
}

const segmentsOf = (path: string): readonly string[] => path.split('/').slice(1)

function match(
  route: readonly string[],
  segments: readonly string[],
): ReadonlyMap<string, string> | null {
  if (route.length !== segments.length) return null
  const named = new Map<string, string>()
  for (const [at, part] of route.entries()) {
    const segment = segments[at] ?? ''
    const name = nameIn(part)
    if (name === null) {
      if (part !== segment) return null
      continue
    }
    const value = decode(segment)
    if (!value.ok || value.value === '') return null
    named.set(name, value.value)
  }
  return named
}

/** The field that a segment of a declared path names; null: it is a word. */
const nameIn = (part: string): string | null => /^\{(.+)\}$/.exec(part)?.[1] ?? null

/** Decodes once: `%2F` is a slash within a value, and never divides the path. */
function decode(segment: string): Result<string, 'malformed'> {
  try {
    return ok(decodeURIComponent(segment))
  } catch {
    return err('malformed')
  }
}

function allowed(declared: readonly Http[]): string {
  const methods = declared.map(({ method }) => method)
  return [...(methods.includes('GET') ? ['HEAD'] : []), ...methods, 'OPTIONS'].toSorted().join(', ')
}
