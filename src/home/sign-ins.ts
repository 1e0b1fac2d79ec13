/** A person's sign-ins, in words. */
import { secondsBetween, type Instant } from '../lib/instant.ts'
import type { SignIn } from '../session/sign-in-store.ts'
import { isIdle } from '../session/standing.ts'
import { hostAt, type Host } from '../site/host.ts'

/** Whether one of its sessions has not been idle too long. */
export const goesOn = (
  { hosts, lastSeenAt }: SignIn,
  known: readonly Host[],
  now: Instant,
): boolean =>
  hosts.some((authority) => {
    const found = hostAt(known, authority)
    return !found || !isIdle(found.host.session.idleSeconds, lastSeenAt, now)
  })

/** Such as `Firefox on Linux, Germany`. */
export const placeOf = ({ device, country }: SignIn): string =>
  [device ?? 'Unknown browser', ...(country === null ? [] : [nameOf(country)])].join(', ')

const nameOf = (country: string): string =>
  new Intl.DisplayNames('en', { type: 'region' }).of(country) ?? country

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const

/** Requests are on record to the minute. */
export function agoOf(at: Instant, now: Instant): string {
  const seconds = secondsBetween(at, now)
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [0, null]
  if (unit === null) return 'less than a minute ago'
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

/** Such as `27 Nov 2026, 10:12 GMT+1`. */
export const dateOf = (at: Instant, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: zone,
  }).format(at)
