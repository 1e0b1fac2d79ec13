import { OWN_PREFIX } from '../lib/paths.ts'
import { foldPath, readPath, type Names } from './path.ts'
import {
  beginsWith,
  couldBeAt,
  couldHold,
  couldReach,
  covers,
  isDefinite,
  isPrefix,
  mayClimbOver,
  namesOf,
  specificity,
} from './pattern.ts'
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
  const [route] = mostSpecific(site, (path) => covers(path, pathname))
  if (!route) return { kind: 'no-route' }
  const reading = readPath(pathname)
  if (couldBeAt(OWN_PREFIX, reading)) return { kind: 'ambiguous' }
  const areSame = (others: readonly Route[]) =>
    others.length > 0 && others.every((other) => samePolicy(other, route))
  const isSure = (() => {
    switch (reading.kind) {
      case 'anything':
        return areSame(site.routes) && hasRoot(site)
      case 'plain':
        return areSame(mostSpecific(site, (path) => covers(foldPath(path), reading.path)))
      case 'several':
        return reading.readings.every((names) =>
          isDefinite(names)
            ? areSame(mostSpecific(site, (path) => beginsWith(names, path)))
            : staysUnder(route, names, site),
        )
    }
  })()
  return isSure ? { kind: 'route', route } : { kind: 'ambiguous' }
}

/**
 * Of the routes that cover a path, the one that counts. There are several only if the case of
 * letters does not count, and they differ in nothing else.
 */
function mostSpecific({ routes }: Site, isCovering: (path: string) => boolean): readonly Route[] {
  const covering = routes.filter(({ path }) => isCovering(path))
  if (covering.length < 2) return covering
  const ranks = covering.map(({ path }) => specificity(path))
  const highest = ranks.reduce((a, b) => (b > a ? b : a))
  return covering.filter((_, i) => ranks[i] === highest)
}

/**
 * Whether all readings that the names may have are under the policy of the route. The path begins
 * with the plain names of `route.path`. A reading without one of these names may be at a route
 * further up, or at no route.
 */
function staysUnder(route: Route, names: Names, site: Site): boolean {
  const mayLeave = mayClimbOver(route.path, names)
  return (
    (!mayLeave || hasRoot(site)) &&
    site.routes.every(
      (other) =>
        samePolicy(other, route) ||
        !(isAbove(other, route) ? mayLeave : couldReach(other.path, names)),
    )
  )
}

const hasRoot = ({ routes }: Site): boolean => routes.some(({ path }) => path === '/')

/** The routes inside a collection, for a request that acts on everything in it. */
export function routesWithin(site: Site, pathname: string): readonly Route[] {
  const reading = readPath(pathname)
  return site.routes.filter(({ path }) => couldHold(path, reading))
}

/**
 * The path, with a slash at its end, up to which the policy of the path's route reaches: the
 * route's own path, or that of a route above it, if all routes between have the same policy.
 */
export function grantedPath(site: Site, route: Route, pathname: string): string {
  const above = site.routes
    .filter((other) => isAbove(other, route))
    .toSorted((a, b) => b.path.length - a.path.length)
  const end = above.findIndex((other) => !samePolicy(other, route))
  const { path } = (end === -1 ? above : above.slice(0, end)).at(-1) ?? route
  // Where the route has a `*`, the path has a name.
  const names = pathname.split('/').slice(1, 1 + namesOf(path).length)
  return names.length === 0 ? '/' : `/${names.join('/')}/`
}

const isAbove = (upper: Route, lower: Route): boolean =>
  upper.path.length < lower.path.length && isPrefix(foldPath(upper.path), foldPath(lower.path))

/**
 * Comparing JSON is enough: policies are plain data, and one parser writes their fields in one
 * order.
 */
const samePolicy = (a: Route, b: Route): boolean =>
  a === b || JSON.stringify(a.policy) === JSON.stringify(b.policy)
