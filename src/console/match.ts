/** Which page of the console a path is. */
import { CONSOLE_PATH } from '../lib/paths.ts'
import type { ConsolePage } from './page.ts'

export interface Matched {
  readonly page: ConsolePage
  readonly params: Readonly<Record<string, string>>
}

/** The first page whose path has the same segments; `:name` takes any one. */
export function matchPage(pages: readonly ConsolePage[], pathname: string): Matched | null {
  const given = segmentsOf(pathname.slice(CONSOLE_PATH.length))
  for (const page of pages) {
    const wanted = segmentsOf(page.path)
    const params = wanted.length === given.length ? matchSegments(wanted, given) : null
    if (params) return { page, params }
  }
  return null
}

const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '')

function matchSegments(
  wanted: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {}
  for (const [i, name] of wanted.entries()) {
    const text = given[i] ?? ''
    if (!name.startsWith(':')) {
      if (name !== text) return null
      continue
    }
    try {
      params[name.slice(1)] = decodeURIComponent(text)
    } catch {
      return null
    }
  }
  return params
}
