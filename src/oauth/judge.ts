/** Whether a person has a use for a grant: the site would let them in. */
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { readAsks } from '../policy/asks.ts'
import { settle } from '../policy/combine.ts'
import { decide } from '../policy/decide.ts'
import { toFacts } from '../policy/facts.ts'
import type { LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'

export type Stop =
  /** Another sign-in would let the person in: by one of these contexts; empty: by any. */
  | { readonly kind: 'anew'; readonly contexts: readonly string[] }
  /** The site takes other connections than the person's. */
  | { readonly kind: 'other-connection' }
  | { readonly kind: 'closed' }

/** Programs read and change, so a route counts if it is open to the person by one of both. */
const METHODS = ['GET', 'POST']

/** Each request with the token is judged again. This only refuses what would always be refused. */
export function judgeEntry(
  site: Site,
  live: LiveSession,
  request: Request,
  now: Instant,
): Stop | null {
  const { connections, session, routes } = site
  const isOld = now >= plusSeconds(live.session.signedInAt, session.absoluteSeconds)
  const found = routes.flatMap(({ policy }) =>
    METHODS.flatMap((method) => {
      const asks = readAsks(request, [method])
      const facts = toFacts({ kind: 'live', live }, connections, asks)
      const settled = settle(policy, [method])
      return settled.kind === 'public' ? [] : [decide(settled, facts, now)]
    }),
  )
  if (found.some(({ kind }) => kind === 'login')) return { kind: 'other-connection' }
  if (found.some(({ kind }) => kind === 'allow') && !isOld) return null
  const anew = found.find((each) => each.kind === 'anew')
  if (anew) return { kind: 'anew', contexts: anew.anew.contexts ?? [] }
  return found.some(({ kind }) => kind === 'allow')
    ? { kind: 'anew', contexts: [] }
    : { kind: 'closed' }
}
