import { createMeter, type Measured } from '../lib/meter.ts'
import type { SiteVisit } from '../site/visit.ts'
import { gate, type GateDeps } from './gate.ts'
import { asksForTimes } from './timing.ts'

export interface MeasuredDeps extends GateDeps {
  /** Takes the times of every request; null: nobody wants them. */
  readonly record: ((site: string, measured: Measured, status: number | null) => void) | null
}

/** The gate. It is measured if all requests are recorded, or if the visitor asks for times. */
export async function measuredGate(
  request: Request,
  visit: SiteVisit,
  deps: MeasuredDeps,
): Promise<Response> {
  const { record } = deps
  if (!record && !asksForTimes(request)) return gate(request, visit, deps)
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
