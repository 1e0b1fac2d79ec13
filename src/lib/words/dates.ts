/** Times as a visitor reads them. English as in Europe: the day stands before the month. */
import type { Instant } from '../instant.ts'
import type { Language } from './language.ts'

/** The time zone of the visitor's address, as Cloudflare says it. */
export function zoneOf({ cf }: Request): string {
  const zone = cf?.['timezone']
  try {
    return new Intl.DateTimeFormat('en', { timeZone: String(zone) }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

const day = { day: 'numeric', month: 'short', year: 'numeric' } as const
const placeOf = (language: Language): string => (language === 'en' ? 'en-GB' : language)

/** Such as `27 Nov 2026, 10:12 GMT+1`. */
export const dateOf = (at: Instant, zone: string, language: Language): string =>
  new Intl.DateTimeFormat(placeOf(language), {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: zone,
  }).format(at)

/** Such as `27 Nov 2026`. */
export const dayOf = (at: Instant, language: Language): string =>
  new Intl.DateTimeFormat(placeOf(language), { ...day, timeZone: 'UTC' }).format(at)
