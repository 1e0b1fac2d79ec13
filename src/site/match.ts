import { OWN_PREFIX } from '../lib/paths.ts'
import { couldBeAt, couldHold, covers, foldPath, mayClimbOver, readPath } from './path.ts'
import type { Route, Site } from './site.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  /** An origin might read the path as one under another policy, or as one of our own paths. */
  | { readonly kind: 'ambiguous' }

/**
 * Finds the site by exact host and port. A host with a trailing dot is another host, with other
 * cookies.
 */
export const findSite = (sites: readonly Site[], url: URL): Site | null =>
  sites.find((site) => site.authority === url.host) ?? null

/**
 * The most specific route that the path, as it is sent to the origin, is at or below. The result is
 * `ambiguous` if the origin might read the path as one under another policy.
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
  // The path begins with the plain names of `route.path`. A reading without one of these names may
  // be at a route further up, or at no route.
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

/** The routes inside a collection, for a request that acts on everything in it. */
export function routesWithin(site: Site, pathname: string): readonly Route[] {
  const reading = readPath(pathname)
  return site.routes.filter(({ path }) => couldHold(path, reading))
}

/**
 * The path, with a slash at its end, up to which the route's policy reaches: the route's own path,
 * or that of a route above it, if all routes between have the same policy.
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

/**
 * Comparing JSON is enough: policies are plain data, and one parser writes their fields in one
 * order.
 */
const samePolicy = (a: Route, b: Route): boolean =>
  JSON.stringify(a.policy) === JSON.stringify(b.policy)
