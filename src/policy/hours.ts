import type { Instant } from '../lib/instant.ts'
import type { Hours } from './policy.ts'

const MINUTES_OF_A_DAY = 24 * 60
export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** By the clock on the wall in that zone, summer time included. */
export function isWithin({ from, to, days, zone }: Hours, now: Instant): boolean {
  const { day, minute } = wallClock(zone, now)
  const isOvernight = to <= from
  const began = days.includes(day) && minute >= from && (isOvernight || minute < to)
  // The night that began yesterday.
  return began || (isOvernight && days.includes((day + 6) % 7) && minute < to)
}

function wallClock(zone: string, now: Instant): { readonly day: number; readonly minute: number } {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  )
  const weekday = parts.get('weekday')?.toLowerCase()
  return {
    day: dayNames.findIndex((name) => name === weekday),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  }
}

/** Making one takes far longer than using it. There are as many as the config has zones. */
const clocks = new Map<string, Intl.DateTimeFormat>()

/** @throws RangeError if there is no such zone. */
export function clockOf(zone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
  clocks.set(zone, clock)
  return clock
}

/** Such as `09:00-17:30`. `24:00` is the end of a day. */
export function parseHours(text: string): { readonly from: number; readonly to: number } | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/.exec(text)
  if (!found) return null
  const [, h, m, toH, toM] = found
  const from = Number(h) * 60 + Number(m)
  const to = toH === undefined ? MINUTES_OF_A_DAY : Number(toH) * 60 + Number(toM)
  return from === to ? null : { from, to }
}
