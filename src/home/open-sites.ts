/** The sites that are open to a person, by the judgement of the gate. */
import type { Instant } from '../lib/instant.ts'
import { settle } from '../policy/combine.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { toFacts, type Asks } from '../policy/facts.ts'
import type { LiveSession } from '../session/session.ts'
import { findSite, matchRoute } from '../site/match.ts'
import type { ConfiguredSite, Route, Shown, Site } from '../site/site.ts'

export interface OpenSite extends Shown {
  /** The page to begin with. */
  readonly url: string
}

export interface Asking {
  readonly live: LiveSession
  /** What the person's request shows: a rule may depend on it. */
  readonly asks: Asks
  readonly now: Instant
}

/**
 * A site is open if the person may read one of its protected routes; where all routes are public,
 * if the site takes the person's connection.
 */
export const openSites = (sites: readonly ConfiguredSite[], asking: Asking): readonly OpenSite[] =>
  sites.flatMap(({ url, shown }) => {
    // A `*` stands for more sites than anybody can list.
    const site = findSite(sites, new URL(url))
    const path = site && entryOf(site, asking)
    return path === null ? [] : [{ ...shown, url: url + path }]
  })

/** `anew`: the gate asks the person to sign in again, and then lets them in. */
const opens: ReadonlySet<Decision['kind']> = new Set(['allow', 'anew'])

/** The home page of the site, or else the first page that the person may read; null: none. */
function entryOf(site: Site, { live, asks, now }: Asking): string | null {
  const facts = toFacts({ kind: 'live', live }, site.connections, asks)
  if (facts.who.kind === 'nobody') return null
  const policyOf = ({ policy }: Route) => settle(policy, asks.methods)
  const isOpen = (route: Route) => opens.has(decide(policyOf(route), facts, now).kind)
  const guarded = site.routes.filter((route) => policyOf(route).kind !== 'public')
  const open = guarded.filter(isOpen)
  if (guarded.length > 0 && open.length === 0) return null
  const root = matchRoute(site, '/')
  if (root.kind === 'route' && isOpen(root.route)) return '/'
  return open.find(({ path }) => !path.includes('*'))?.path ?? '/'
}
