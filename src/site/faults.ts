/** What is wrong with sites that are each well-formed. */
import { unpinnedParts } from '../policy/pin.ts'
import { isPrivate, serverOf } from './address.ts'
import { foldPath } from './path.ts'
import type { Site } from './site.ts'

/** Where in the config, and what is right there. */
export interface ConfigFault {
  readonly at: string
  readonly problem: string
}

/** @param listed as the config lists them; null: not well-formed, so nothing more is known of it. */
export function findFaults(listed: readonly (Site | null)[]): readonly ConfigFault[] {
  const sites = listed.filter((site) => site !== null)
  const earlier = new Set<string>()
  return listed.flatMap((site, s) => {
    if (!site) return []
    const faults = [
      ...(earlier.has(site.authority)
        ? [{ at: 'url', problem: 'is the host of an earlier site' }]
        : []),
      ...routeFaults(site),
      ...trustFaults(site),
      ...originFaults(site, sites),
    ]
    earlier.add(site.authority)
    return faults.map(({ at, problem }) => ({ at: `sites[${s}].${at}`, problem }))
  })
}

/** Requests to either of two paths that only case tells apart would be refused as ambiguous. */
function routeFaults({ routes }: Site): readonly ConfigFault[] {
  const paths = routes.map(({ path }) => path)
  return repeated(paths.map(foldPath)).map((r) => ({
    at: `routes[${r}].path`,
    problem:
      paths.indexOf(paths[r] ?? '') < r
        ? 'is the path of an earlier route'
        : 'differs from the path of an earlier route by case only, and many servers see no case',
  }))
}

/**
 * Each identity provider of a site can say anything about its own people, and its people are nobody
 * else's: what one of them calls a boss must not be what another's rule is for.
 */
function trustFaults(site: Site): readonly ConfigFault[] {
  const { routes, headers, connections, trust } = site
  if (trust === 'every-connection' || new Set(connections).size === 1) return []
  const rules = routes.flatMap(({ policy }, r) => {
    const [part] = unpinnedParts(policy)
    if (part === undefined) return []
    return {
      at: `routes[${r}].access`,
      problem: `asks for ${part}, and does not say of which connection: any identity provider could claim it. Add connection: 'okta' to the rule, or connections: ['okta'] to the site (the id of yours), or trust: 'every-connection' if each may say so`,
    }
  })
  if (!goesByName(headers)) return rules
  const problem = `goes by what an identity provider calls its people, and two of them may say the same. Add connections: ['okta'] to the site (the id of yours), or trust: 'every-connection' if each may say so`
  return [...rules, { at: 'headers', problem }]
}

/**
 * Whether software that reads the headers tells people apart by what each connection has of its own.
 * Ours goes by the id, which is nobody else's.
 */
const goesByName = (headers: Site['headers']): boolean =>
  typeof headers === 'string'
    ? headers !== 'gatehouse'
    : headers.some(({ value }) => value !== 'id' && value !== 'connection' && value !== 'token')

function originFaults(site: Site, sites: readonly Site[]): readonly ConfigFault[] {
  if (site.origin.kind !== 'url') return []
  const url = new URL(site.origin.url)
  const problem =
    url.protocol === 'http:' && !isPrivate(url)
      ? 'must begin with https://: what people see and who they are would cross the internet in the clear (http is for localhost and private addresses)'
      : site.origin.host === 'public'
        ? publicHostProblem(new URL(site.url), url)
        : loopProblem(site, sites)
  return problem === null ? [] : [{ at: 'origin', problem }]
}

/** Only a name of the site's own zone can be looked up in the place of the site's. */
function publicHostProblem(site: URL, origin: URL): string | null {
  if (site.protocol !== origin.protocol || site.port !== origin.port) {
    return "must have the scheme and the port of the site: with originHost: 'public' the site's URL is fetched, and only the name is looked up here"
  }
  return zoneOf(site) === zoneOf(origin)
    ? null
    : "must be in the same zone as the site: with originHost: 'public' Cloudflare looks no other name up. A CNAME record of the zone may lead elsewhere"
}

/** The least that two names of one zone have in common. */
const zoneOf = ({ hostname }: URL): string =>
  hostname.replace(/\.$/, '').split('.').slice(-2).join('.')

function loopProblem(site: Site, sites: readonly Site[]): string | null {
  const [next, ...more] = loopFrom(site, sites)
  if (!next) return null
  if (more.length === 0) {
    return "is the site itself, which would call itself. If the Worker stands on a route (not a custom domain) and the DNS record of the site leads to its server, say originHost: 'public'"
  }
  const way = [next, ...more].map(({ url }) => url).join(' → ')
  return `leads back to the site itself: ${site.url} → ${way}`
}

/** The sites that a request passes until it is back at the first; empty where it comes out. */
function loopFrom(site: Site, sites: readonly Site[]): readonly Site[] {
  const passed: Site[] = []
  let at: Site | undefined = site
  while (at && passed.length <= sites.length) {
    const next: string | null = originServerOf(at)
    at = sites.find(({ url }) => serverOf(new URL(url)) === next)
    if (at) passed.push(at)
    if (at === site) return passed
  }
  return []
}

/** With the public Host a request stays in the zone, where no Worker on a route sees it again. */
const originServerOf = ({ origin }: Site): string | null =>
  origin.kind === 'url' && origin.host === 'origin' ? serverOf(new URL(origin.url)) : null

/** Indexes of the values that stand earlier in the list as well. */
const repeated = (values: readonly string[]): readonly number[] =>
  values.flatMap((value, i) => (values.indexOf(value) < i ? [i] : []))
