import { createMeter, type Measured } from '../lib/meter.ts'
import type { SiteVisit } from '../site/visit.ts'
import { gate, type GateDeps } from './gate.ts'
import { asksForTimes } from './timing.ts'

export interface MeasuredDeps extends GateDeps {
  /** Takes the times of every request; null: nobody wants them. */
  readonly record: ((site: string, measured: Measured, status: number | null) => void) | null
}

/** The gate. It is measured if all requests are recorded, or if the visitor asks for times. */
export function measuredGate(
  request: Request,
  visit: SiteVisit,
  deps: MeasuredDeps,
): Promise<Response> {
  const isMeasured = deps.record !== null || asksForTimes(request)
  return (isMeasured ? measure : gate)(request, visit, deps)
}

async function measure(request: Request, visit: SiteVisit, deps: MeasuredDeps): Promise<Response> {
  const { record } = deps
  const meter = createMeter(deps.clock)
  let status: number | null = null
  try {
    const shown = await gate(request, { ...visit, meter }, deps)
    status = shown.status
    return shown
  } finally {
    record?.(visit.site.authority, meter.read(), status)
  }
}
