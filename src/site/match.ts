import { OWN_PREFIX } from '../lib/paths.ts'
import { fold, readPath, type PathReading } from './path.ts'
import type { Route, Site } from './site.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  /** An origin might read the path as one that another policy guards, or as one of ours. */
  | { readonly kind: 'ambiguous' }

/** By exact host and port. A trailing dot is another host: it has other cookies. */
export const findSite = (sites: readonly Site[], url: URL): Site | null =>
  sites.find((site) => site.host === url.host) ?? null

/**
 * The most specific route that the path, as it goes to the origin, is at or below. A path that
 * might be something stricter or laxer in the origin's eyes has no route.
 */
export function matchRoute(site: Site, pathname: string): RouteMatch {
  const route = site.routes.reduce<Route | null>(
    (best, candidate) =>
      covers(candidate.path, pathname) && candidate.path.length > (best?.path.length ?? 0)
        ? candidate
        : best,
    null,
  )
  if (!route) return { kind: 'no-route' }
  const reading = readPath(pathname)
  if (!reading || couldBeAt(OWN_PREFIX, reading)) return { kind: 'ambiguous' }
  // No step that an origin takes reaches behind `route.path`, which is plain: only what is as
  // specific or more can be meant instead.
  const isAmbiguous = site.routes.some(
    (other) =>
      other !== route &&
      other.path.length >= route.path.length &&
      couldBeAt(other.path, reading) &&
      !samePolicy(other, route),
  )
  return isAmbiguous ? { kind: 'ambiguous' } : { kind: 'route', route }
}

const covers = (routePath: string, pathname: string): boolean =>
  routePath === '/' ||
  pathname === routePath ||
  (pathname.startsWith(routePath) && pathname[routePath.length] === '/')

const couldBeAt = (routePath: string, reading: PathReading): boolean =>
  reading.mayLoseNames
    ? isSubsequence(fold(routePath).split('/'), reading.path.split('/'))
    : covers(fold(routePath), reading.path)

function isSubsequence(few: readonly string[], many: readonly string[]): boolean {
  let found = 0
  for (const name of many) if (name === few[found]) found++
  return found === few.length
}

/** Policies are plain data, written by one parser in one order. */
const samePolicy = (a: Route, b: Route): boolean =>
  JSON.stringify(a.policy) === JSON.stringify(b.policy)
