/** What the gate would answer to a request, by the gate's own code. */
import type { DeployedConfig } from './context.ts'
import type { Instant } from '../lib/instant.ts'
import { decide, type Decision } from '../policy/decide.ts'
import type { SettledPolicy } from '../policy/policy.ts'
import type { Asks, Person } from '../policy/facts.ts'
import { isOwnPath } from '../lib/paths.ts'
import { readReach } from '../proxy/reach.ts'
import { takesConnection } from '../site/host.ts'
import { findSite } from '../site/match.ts'
import type { Route, Site } from '../site/site.ts'

export interface Question {
  readonly method: string
  readonly url: URL
  readonly country: Asks['country']
  readonly ip: Asks['ip']
  readonly now: Instant
}

export type Verdict = Judged | { readonly kind: Unjudged }
type Unjudged = 'no-site' | 'no-route' | 'ambiguous' | 'own-path'

interface Judged {
  readonly kind: 'judged'
  readonly site: Site
  readonly route: Route
  /** Nobody is signed in there. */
  readonly isPublic: boolean
  readonly by: Decision
}

/** @param person null: nobody is signed in. */
export function verdictOf(
  config: DeployedConfig,
  person: Person | null,
  question: Question,
): Verdict {
  const place = findPlace(config, question)
  return typeof place === 'string' ? { kind: place } : answerAt(place, person, question)
}

/** The site and the route that a request reaches, for any sender. */
export interface Place {
  readonly site: Site
  readonly route: Route
  readonly policy: SettledPolicy
  readonly methods: readonly string[]
}

export function findPlace(
  config: DeployedConfig,
  { method, url }: Pick<Question, 'method' | 'url'>,
): Place | Unjudged {
  const site = findSite(config.sites, url)
  if (!site || new URL(site.url).protocol !== url.protocol) return 'no-site'
  if (isOwnPath(url.pathname)) return 'own-path'
  const reach = readReach(new Request(url, { method }), site, url.pathname)
  if (reach.kind === 'judged') return { ...reach, site }
  // The others are about headers, and there are none.
  return reach.kind === 'no-route' ? reach.kind : 'ambiguous'
}

export const answerAt = (place: Place, person: Person | null, from: From): Judged => ({
  kind: 'judged',
  site: place.site,
  route: place.route,
  isPublic: place.policy.kind === 'public',
  by: decideAt(place, person, from),
})

export const decideAt = (
  {
    site,
    policy,
    methods,
  }: Pick<Place, 'policy' | 'methods'> & { readonly site: Pick<Site, 'connections'> },
  person: Person | null,
  { country, ip, now }: From,
): Decision => decide(policy, { who: whoOf(person, site), asks: { methods, country, ip } }, now)

type From = Pick<Question, 'country' | 'ip' | 'now'>

const whoOf = (person: Person | null, site: Pick<Site, 'connections'>) =>
  person === null
    ? ({ kind: 'nobody', reason: 'no-session' } as const)
    : takesConnection(site, person.connection)
      ? ({ kind: 'person', person, live: null } as const)
      : ({ kind: 'nobody', reason: 'other-connection' } as const)

export const isAllowed = (verdict: Verdict): boolean =>
  verdict.kind === 'judged' && verdict.by.kind === 'allow'
