import { OWN_PREFIX } from '../lib/paths.ts'
import { foldPath, readPath, type KnownReading, type Names } from './path.ts'
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
import { isBareUrl, isOriginAddress } from './address.ts'
import { hostAt } from './host.ts'
import type { ConfiguredSite, Origin, OriginByLabel, Route, Site } from './site.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no-route' }
  /** An origin might read the path as one under another policy, or as one of our own paths. */
  | { readonly kind: 'ambiguous' }

/** The site at the host and port of the URL. */
export const findSite = (sites: readonly ConfiguredSite[], { host }: URL): Site | null =>
  siteAt(sites, host)

export function siteAt(sites: readonly ConfiguredSite[], authority: string): Site | null {
  const found = hostAt(sites, authority)
  if (!found) return null
  const { host: site, label } = found
  if (label === null && hasOneOrigin(site)) return site
  const origin = originAt(site.origin, label)
  return origin && { ...site, origin }
}

const hasOneOrigin = (site: ConfiguredSite): site is Site => site.origin.kind !== 'by-label'

/** null: the config's function knows no site of this label, or what it gives is no origin. */
function originAt(origin: Origin | OriginByLabel, label: string | null): Origin | null {
  if (origin.kind === 'service' || label === null) return origin.kind === 'by-label' ? null : origin
  const { host } = origin
  const url = origin.kind === 'url' ? origin.url.replace('*', label) : origin.url(label)
  if (url === null || url === undefined) return null
  if (typeof url === 'string' && isBareUrl(url) && isOriginAddress(new URL(url))) {
    return { kind: 'url', url: new URL(url).origin, host }
  }
  console.error(JSON.stringify({ fault: 'the origin of a label is no https URL of a host', label }))
  return null
}

/**
 * The most specific route that the path, as it is sent to the origin, is at or below. The result is
 * `ambiguous` if the origin might read the path as one under another policy.
 */
export function matchRoute(site: ConfiguredSite, pathname: string): RouteMatch {
  const [route] = mostSpecific(site, (path) => covers(path, pathname))
  if (!route) return { kind: 'no-route' }
  const reading = readPath(pathname)
  // What could be anything could be one of our own paths.
  if (reading.kind === 'anything' || couldBeAt(OWN_PREFIX, reading)) return { kind: 'ambiguous' }
  if (site.originTerms.path !== '' && mayLeaveRoot(reading)) return { kind: 'ambiguous' }
  const areSame = (others: readonly Route[]) =>
    others.length > 0 && others.every((other) => samePolicy(other, route))
  const isSure = (() => {
    switch (reading.kind) {
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
function mostSpecific(
  { routes }: ConfiguredSite,
  isCovering: (path: string) => boolean,
): readonly Route[] {
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
function staysUnder(route: Route, names: Names, site: ConfiguredSite): boolean {
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

const hasRoot = ({ routes }: ConfiguredSite): boolean => routes.some(({ path }) => path === '/')

/** Whether an origin might read the path as one above the site's root, at what else it serves. */
const mayLeaveRoot = (reading: KnownReading): boolean =>
  reading.kind === 'several' && !reading.readings.every(isDefinite)

/** The routes inside a collection, for a request that acts on everything in it. */
export function routesWithin(site: ConfiguredSite, pathname: string): readonly Route[] {
  const reading = readPath(pathname)
  return site.routes.filter(({ path }) => couldHold(path, reading))
}

/**
 * The path, with a slash at its end, up to which the policy of the path's route reaches: the
 * route's own path, or that of a route above it, if all routes between have the same policy.
 */
export function grantedPath(site: ConfiguredSite, route: Route, pathname: string): string {
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
