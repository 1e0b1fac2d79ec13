/** Faults of sites that are well-formed one by one. */
import type * as v from 'valibot'
import { unpinnedParts } from '../policy/pin.ts'
import { isPrivate, serverOf } from './address.ts'
import { matchRoute } from './match.ts'
import { foldPath } from './path.ts'
import { exampleOf } from './pattern.ts'
import type { ConfiguredSite } from './site.ts'

/** Where in the config the fault is, and what is wrong there or would be right. */
export interface ConfigFault {
  readonly at: string
  readonly problem: string
}

/** What a schema finds wrong. */
export const toFault = (issue: v.BaseIssue<unknown>): ConfigFault => ({
  at: (issue.path ?? []).reduce<string>((at, { key }) => {
    if (typeof key === 'number') return `${at}[${key}]`
    return at === '' ? String(key) : `${at}.${String(key)}`
  }, ''),
  problem: issue.message,
})

/**
 * @param listed the sites of the config, in its order; null: a site that is not well-formed, so it
 * is not checked here.
 */
export function findFaults(listed: readonly (ConfiguredSite | null)[]): readonly ConfigFault[] {
  const sites = listed.filter((site) => site !== null)
  const earlier = new Set<string>()
  return listed.flatMap((site, s) => {
    if (!site) return []
    const faults = [
      ...(earlier.has(site.authority)
        ? [{ at: 'url', problem: 'is the host of an earlier site' }]
        : []),
      ...routeFaults(site),
      ...closedFaults(site),
      ...trustFaults(site),
      ...originFaults(site, sites),
    ]
    earlier.add(site.authority)
    return faults.map(({ at, problem }) => ({ at: `sites[${s}].${at}`, problem }))
  })
}

/**
 * Two paths that differ only in case are a fault: the gate would refuse every request to either as
 * ambiguous.
 */
function routeFaults(site: ConfiguredSite): readonly ConfigFault[] {
  const paths = site.routes.map(({ path }) => path)
  const twice = repeated(paths.map(foldPath))
  return [
    ...twice.map((r) => ({
      at: `routes[${r}].path`,
      problem:
        paths.indexOf(paths[r] ?? '') < r
          ? 'is the path of an earlier route'
          : 'differs from the path of an earlier route only in case, and many servers ignore case',
    })),
    ...(twice.length > 0 ? [] : unreachable(site)),
  ]
}

/** A route is never reached if its own path reads as one under another policy. */
const unreachable = (site: ConfiguredSite): readonly ConfigFault[] =>
  site.routes.flatMap(({ path }, r) => {
    const found = matchRoute(site, exampleOf(path))
    return found.kind === 'ambiguous'
      ? [
          {
            at: `routes[${r}].path`,
            problem:
              'can never be reached: servers may read it as the path of another route, which has another policy. Give both the same access, or leave one out',
          },
        ]
      : []
  })

/** An empty list is easily taken for "no limit". */
function closedFaults({ connections, routes }: ConfiguredSite): readonly ConfigFault[] {
  if (connections?.length !== 0 || routes.every(({ policy }) => policy.kind === 'public')) return []
  const problem = `is empty, so nobody can sign in here. Name the connections that may (connections: ['okta']), leave it out if all may, or make every route public`
  return [{ at: 'connections', problem }]
}

/**
 * An identity provider can say anything about its own people, for instance that one of them has the
 * boss's email address or group. So a rule must say which identity provider it is about.
 */
function trustFaults(site: ConfiguredSite): readonly ConfigFault[] {
  const { routes, headers, connections, trust } = site
  if (trust === 'every-connection' || connections?.length === 0) return []
  if (new Set(connections).size === 1) return []
  const rules = routes.flatMap(({ policy }, r) => {
    const [part] = unpinnedParts(policy)
    if (part === undefined) return []
    return {
      at: `routes[${r}].access`,
      problem: `asks for ${part}, but does not name a connection, so any identity provider could claim it. Add connection: 'okta' to the rule, or connections: ['okta'] to the site (the id of yours), or trust: 'every-connection' if you trust what each of them says`,
    }
  })
  if (!goesByName(headers)) return rules
  const problem = `identifies people by names that an identity provider gives them, and two of them may give the same name. Add connections: ['okta'] to the site (the id of yours), or trust: 'every-connection' if you trust what each of them says`
  return [...rules, { at: 'headers', problem }]
}

/**
 * Whether software that reads the headers identifies people by names that two connections may both
 * give. The `gatehouse` dialect identifies them by our id, which is unique.
 */
const goesByName = (headers: ConfiguredSite['headers']): boolean =>
  typeof headers === 'string'
    ? headers !== 'gatehouse'
    : headers.some(({ value }) => value !== 'id' && value !== 'connection' && value !== 'token')

function originFaults(
  site: ConfiguredSite,
  sites: readonly ConfiguredSite[],
): readonly ConfigFault[] {
  const { origin } = site
  const goesByLabel =
    origin.kind === 'by-label' || (origin.kind === 'url' && origin.url.includes('*'))
  if (goesByLabel && !site.url.includes('*')) {
    const problem =
      'is chosen by the label of the site, so the url of the site needs a *: https://*.example.com'
    return [{ at: 'origin', problem }]
  }
  if (origin.kind !== 'url') return []
  const url = new URL(origin.url)
  const problem =
    url.protocol === 'http:' && !isPrivate(url)
      ? 'must begin with https://: otherwise pages and identities would cross the internet unencrypted (http is for localhost and private addresses)'
      : origin.host === 'public'
        ? publicHostProblem(new URL(site.url), url)
        : loopProblem(site, sites)
  return problem === null ? [] : [{ at: 'origin', problem }]
}

/** Cloudflare looks up another name in place of the site's only if it is in the same zone. */
function publicHostProblem(site: URL, origin: URL): string | null {
  if (site.protocol !== origin.protocol || site.port !== origin.port) {
    return "must have the scheme and the port of the site: with originHost: 'public' the site's URL is fetched, and only the host name of the origin is used, to find the server"
  }
  return zoneOf(site) === zoneOf(origin)
    ? null
    : "must be in the same zone as the site: with originHost: 'public' Cloudflare looks up no other name. A CNAME record of the zone may lead elsewhere"
}

/**
 * The last two labels. Names of one zone have at least these in common. So have a.co.uk and b.co.uk,
 * which are of two zones: this fault is not found. Cloudflare then ignores the name of the origin,
 * and asks the server of the site's own DNS record.
 */
const zoneOf = ({ hostname }: URL): string =>
  hostname.replace(/\.$/, '').split('.').slice(-2).join('.')

function loopProblem(site: ConfiguredSite, sites: readonly ConfiguredSite[]): string | null {
  const [next, ...more] = loopFrom(site, sites)
  if (!next) return null
  if (more.length === 0) {
    return "is the site itself, which would call itself. If the Worker stands on a route (not a custom domain) and the DNS record of the site leads to its server, say originHost: 'public'"
  }
  const way = [next, ...more].map(({ url }) => url).join(' → ')
  return `leads back to the site itself: ${site.url} → ${way}`
}

/**
 * The sites that a request passes until it is back at the first; empty if it reaches another
 * server.
 */
function loopFrom(
  site: ConfiguredSite,
  sites: readonly ConfiguredSite[],
): readonly ConfiguredSite[] {
  const passed: ConfiguredSite[] = []
  let at: ConfiguredSite | undefined = site
  while (at && passed.length <= sites.length) {
    at = siteAtServer(originServerOf(at), sites)
    if (at) passed.push(at)
    if (at === site) return passed
  }
  return []
}

/** By its own name, or else by a `*` in place of its first label, as `hostAt` finds hosts. */
function siteAtServer(
  server: string,
  sites: readonly ConfiguredSite[],
): ConfiguredSite | undefined {
  const at = (name: string) => sites.find(({ url }) => serverOf(new URL(url)) === name)
  return at(server) ?? at(server.replace(/^[^.]+/, '*'))
}

/**
 * The server that the requests of a site go to; empty: one that leads to no site. With the public
 * Host a request stays in the zone, and no Worker on a route sees it again.
 */
const originServerOf = ({ origin }: ConfiguredSite): string =>
  origin.kind === 'url' && origin.host === 'origin' ? serverOf(new URL(origin.url)) : ''

/** Indexes of the values that also stand earlier in the list. */
const repeated = (values: readonly string[]): readonly number[] =>
  values.flatMap((value, i) => (values.indexOf(value) < i ? [i] : []))
