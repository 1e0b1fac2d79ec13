import type { Instant } from '../lib/instant.ts'
import type { Host } from './host.ts'
import type { Site } from './site.ts'

/** One request, as far as every step of it agrees: where, when, and how to name it in a log. */
export interface Visit {
  readonly host: Host
  /** The address that was asked for, parsed once. */
  readonly url: URL
  /** Ours, random; shown on every page of ours and written with every event. */
  readonly requestId: string
  /** The one reading of the clock for this request. */
  readonly now: Instant
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Ends the request at once, and drops all that is still open of it. */
  readonly breakOff: () => void
  /** Settles when the request has its answer, whatever it is. */
  readonly answered: Promise<unknown>
}

/** A request for what stands behind the host. */
export interface SiteVisit extends Visit {
  readonly site: Site
}
