/**
 * `Server-Timing` (W3C) for the people of `admins`: for what, and how long, Gatehouse waited, and the
 * request number. Nobody else sees times, because they tell what an isolate remembers.
 */
import type { KnownHeaders } from '../lib/known-headers.ts'
import { steps, type Measured } from '../lib/meter.ts'
import { readAsks } from '../policy/asks.ts'
import { decide } from '../policy/decide.ts'
import { toFacts } from '../policy/facts.ts'
import type { LiveSession } from '../session/session.ts'
import type { Admins } from '../site/admins-config.ts'
import type { SiteVisit } from '../site/visit.ts'

/** The people who may see times: as at the console, those who meet a rule of `admins`. */
export interface Onlookers {
  readonly admins: Admins | null
  /** The connections of the login host: the rules are for their people. null: for everybody's. */
  readonly connections: readonly string[] | null
}

/**
 * A person sets the cookie in the browser's developer tools, which cannot add a header to a request
 * for a page. No origin can set it.
 */
export const asksForTimes = ({ headers }: Request): boolean =>
  headers.get('Cookie')?.includes('__Host-gatehouse-timing=') === true

/**
 * The origin's own times stay, after ours, so that they cannot change the reading of ours. Times of
 * the origin that look like ours are removed.
 *
 * @param live null on a public route. A program with a token of a person of `admins` sees no times.
 */
export function showTimes(
  headers: KnownHeaders,
  request: Request,
  visit: SiteVisit,
  { live, onlookers }: { readonly live: LiveSession | null; readonly onlookers: Onlookers },
): void {
  const measured = visit.meter.read()
  if (!measured || !asksForTimes(request)) return
  const theirs = headers.get('Server-Timing')
  if (theirs !== null && /gatehouse/i.test(theirs)) headers.delete('Server-Timing')
  if (!live || live.via || !isOwnPage(request)) return
  if (!maySee(live, request, visit, onlookers)) return
  const ours = `${describe(measured)}, gatehouse-request;desc="${visit.requestId}"`
  const kept = headers.get('Server-Timing')
  headers.set('Server-Timing', kept === null ? ours : `${ours}, ${kept}`)
  // Times of another day must not come out of a browser's cache.
  headers.set('Cache-Control', 'private, no-store')
}

/**
 * A page of another origin never gets times, whatever the origin allows it to read. It cannot read
 * those of a page that a window shows. A reload of that page says `cross-site` too, if the person came
 * from another site.
 */
const isOwnPage = ({ headers }: Request): boolean =>
  headers.get('Sec-Fetch-Dest') === 'document' ||
  /^(none|same-origin)$/.test(headers.get('Sec-Fetch-Site') ?? 'none')

function maySee(
  live: LiveSession,
  request: Request,
  { now }: SiteVisit,
  { admins, connections }: Onlookers,
): boolean {
  const facts = toFacts({ kind: 'live', live }, connections, readAsks(request, [request.method]))
  const rules = admins?.rules ?? []
  return rules.some(({ rule }) => decide({ kind: 'rule', rule }, facts, now).kind === 'allow')
}

/** A step that was not taken is left out. */
const describe = ({ milliseconds, times }: Measured): string =>
  [...steps.filter((step) => times[step] > 0), 'total' as const]
    .map((name) => `gatehouse-${name};dur=${milliseconds[name]}`)
    .join(', ')
