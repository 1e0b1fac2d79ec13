/**
 * Metrics, as data points of Workers Analytics Engine: numbers and names from the config and the code.
 * No point has a person, an address, a path or a request number.
 */
import type { Audit, AuditEvent } from '../audit/event.ts'
import type { Instant } from '../lib/instant.ts'
import type { Measured } from '../lib/meter.ts'
import { toPlainJson } from '../lib/plain.ts'
import { blank, blobs, doubles, type Point } from './columns.ts'

export interface Metrics {
  /** An event of the audit, also one that the audit in D1 has no room for. */
  readonly event: (event: AuditEvent) => void
  /** A request for a site; `status` of the answer, or null if there is none. */
  readonly request: (site: string, measured: Measured, status: number | null) => void
  readonly cron: (kind: 'done' | 'failed', milliseconds: number) => void
}

export function createMetrics(dataset: AnalyticsEngineDataset): Metrics {
  let hasFailed = false

  /** Does not wait for anything. A point that cannot be written fails no request. */
  function write(said: Partial<Point>): void {
    const point = { ...blank, ...said }
    try {
      dataset.writeDataPoint({
        indexes: [indexOf(point)],
        blobs: blobs.map((name) => point[name]),
        doubles: doubles.map((name) => point[name]),
      })
    } catch {
      // Once per isolate: a line for each request would cost more than the points.
      if (!hasFailed) console.error(toPlainJson({ fault: 'metrics cannot be written' }))
      hasFailed = true
    }
  }

  return {
    event(event) {
      const site = 'site' in event ? event.site : ''
      const connection = 'connection' in event ? (event.connection ?? '') : ''
      write({ type: 'event', site, kind: event.kind, reason: reasonOf(event), connection })
    },
    request(site, { milliseconds, times, isPassed }, status) {
      const kind = isPassed ? 'passed' : kindOf(status)
      const { total, origin } = milliseconds
      const more = { gate: total - origin, kvReads: times.kv, d1Reads: times.d1 }
      write({ type: 'request', site, kind, status: classOf(status), ...milliseconds, ...more })
    },
    cron: (kind, total) => write({ type: 'cron', kind, total }),
  }
}

/**
 * At a high rate Analytics Engine keeps a sample of the points with the same index, so a flood of
 * requests, or of refusals, must not have the index of sign-ins. 96 bytes at most.
 */
const indexOf = ({ type, kind, site }: Point): string =>
  `${type === 'request' ? type : kind} ${site}`.slice(0, 96)

/** What the gate's own answer was. A browser is sent to sign in, a program gets 401. */
function kindOf(status: number | null): string {
  if (status === null || status >= 500) return 'failed'
  if (status < 400 || status === 401) return 'sign-in'
  return status === 403 ? 'denied' : 'refused'
}

const classOf = (status: number | null): string =>
  status === null ? '5xx' : `${Math.floor(status / 100)}xx`

/** A rule may name a person, and SCIM tells a directory what it sent: neither is told here. */
function reasonOf(event: AuditEvent): string {
  if (event.kind === 'store-unavailable') return event.store
  if (event.kind === 'scim-refused') return `status ${event.status}`
  if (!('reason' in event)) return ''
  // What follows is the name of a program.
  const [reason = ''] = event.reason.split(', asked by ')
  return reason.startsWith('needs ') ? 'policy' : reason
}

/** @param metrics null: not bound. */
export const withMetrics = <Visit>(
  trail: (visit: Visit) => Audit,
  metrics: Metrics | null,
): ((visit: Visit) => Audit) =>
  metrics
    ? (visit) => {
        const audit = trail(visit)
        return (event) => {
          audit(event)
          metrics.event(event)
        }
      }
    : trail

/** Cron's work, with a point for each run. */
export const measuredCron =
  (metrics: Metrics | null, clock: () => Instant, work: (now: Instant) => Promise<void>) =>
  async (now: Instant): Promise<void> => {
    let kind: 'done' | 'failed' = 'failed'
    try {
      await work(now)
      kind = 'done'
    } finally {
      metrics?.cron(kind, clock() - now)
    }
  }
