import type { Instant } from '../lib/instant.ts'
import type { Meter } from '../lib/meter.ts'
import type { Speaking } from '../lib/speaking.ts'
import type { Whence } from '../lib/whence.ts'
import type { Host } from './host.ts'
import type { Site } from './site.ts'

/** What every step of one request shares: the host, the URL that was asked for, a request id, and
 * the time. */
export interface Visit extends Speaking {
  readonly host: Host
  /** The address that was asked for, parsed once. */
  readonly url: URL
  /** Random, made by us; shown on each of our pages, and written with every event. */
  readonly requestId: string
  /** The one reading of the clock for this request. */
  readonly now: Instant
  readonly meter: Meter
  /** From where the request came, for the audit. */
  readonly whence: () => Whence
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Ends the request at once, and closes everything that it still has open. */
  readonly breakOff: () => void
  /** Settles when the request has been answered, whatever the answer is. */
  readonly answered: Promise<unknown>
}

/** A request for the application behind the host. */
export interface SiteVisit extends Visit {
  readonly site: Site
}
