/** Whether a request is within what a program's token may be used for. */
import { areAmong } from '../policy/explain.ts'
import type { Policy } from '../policy/policy.ts'
import type { ProgramScope } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { readReach } from './reach.ts'

export type ScopePart = 'site' | 'path' | 'method'

const inside: Policy = { kind: 'public' }
const outside: Policy = { kind: 'signed-in' }

/**
 * @param methods in upper case: every method that the origin may read in the request.
 * @returns the part that the request is outside of; null: it is within.
 */
export function judgeScope(
  request: Request,
  { site, url }: SiteVisit,
  methods: readonly string[],
  scope: ProgramScope,
): ScopePart | null {
  if (!scope.sites.some((each) => isSiteOf(each, site.authority))) return 'site'
  if (scope.methods && areAmong(methods, scope.methods) !== true) return 'method'
  if (!scope.paths) return null
  // As routes: all that the request reaches must be inside, by every reading of its path.
  const routes = [
    ...(scope.paths.includes('/') ? [] : [{ path: '/', policy: outside }]),
    ...scope.paths.map((path) => ({ path, policy: inside })),
  ]
  const reach = readReach(request, { ...site, routes }, url.pathname)
  return reach.kind === 'judged' && reach.policy.kind === 'public' ? null : 'path'
}

/** `*` is one label. */
const isSiteOf = (scoped: string, authority: string): boolean =>
  scoped === authority ||
  (scoped.startsWith('*.') && authority.slice(authority.indexOf('.')) === scoped.slice(1))
