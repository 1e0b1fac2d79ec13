import { OWN_PREFIX } from '../lib/paths.ts'
import { couldBeAt, couldHold, covers, foldPath, mayClimbOver, readPath } from './path.ts'
import type { Route, Site } from './site.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  /** An origin might read the path as one that another policy guards, or as one of ours. */
  | { readonly kind: 'ambiguous' }

/** By exact host and port. A trailing dot is another host: it has other cookies. */
export const findSite = (sites: readonly Site[], url: URL): Site | null =>
  sites.find((site) => site.authority === url.host) ?? null

/**
 * The most specific route that the path, as it goes to the origin, is at or below. A path that might
 * be something under another policy in the origin's eyes has no route.
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
  if (couldBeAt(OWN_PREFIX, reading)) return { kind: 'ambiguous' }
  // The path begins with the plain names of `route.path`. A reading without one of them may be at a
  // route above, or at none.
  const mayLeave = mayClimbOver(route.path, reading)
  const isAmbiguous =
    (mayLeave && !site.routes.some(({ path }) => path === '/')) ||
    site.routes.some(
      (other) =>
        other !== route &&
        (isAbove(other, route) ? mayLeave : couldBeAt(other.path, reading)) &&
        !samePolicy(other, route),
    )
  return isAmbiguous ? { kind: 'ambiguous' } : { kind: 'route', route }
}

/** The routes within a collection, for a request that acts on all that is in it. */
export function routesWithin(site: Site, pathname: string): readonly Route[] {
  const reading = readPath(pathname)
  return site.routes.filter(({ path }) => couldHold(path, reading))
}

/**
 * The path, with a slash at its end, that the policy of a route grants: the route's own, or that of
 * a route above it, as long as all between have the same policy.
 */
export function grantedPath(site: Site, route: Route): string {
  const above = site.routes
    .filter((other) => other !== route && covers(other.path, route.path))
    .toSorted((a, b) => b.path.length - a.path.length)
  const end = above.findIndex((other) => !samePolicy(other, route))
  const { path } = (end === -1 ? above : above.slice(0, end)).at(-1) ?? route
  return path === '/' ? path : `${path}/`
}

const isAbove = (upper: Route, lower: Route): boolean =>
  upper.path.length < lower.path.length && covers(foldPath(upper.path), foldPath(lower.path))

/** Policies are plain data, written by one parser in one order. */
const samePolicy = (a: Route, b: Route): boolean =>
  JSON.stringify(a.policy) === JSON.stringify(b.policy)
