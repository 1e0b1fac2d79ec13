import { toInstant, type Instant } from './instant.ts'

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/

/**
 * Parses xs:dateTime (Core §1.3.3, RFC 7643 §2.3.5) with a time zone and any number of fractional
 * digits. SAML requires UTC; other offsets are accepted and converted. null: not a valid time (no
 * zone, hour 24, a day that does not exist).
 */
export function parseTime(text: string): Instant | null {
  const match = DATE_TIME.exec(text)
  if (!match) return null
  const [, fraction = '', zone = 'Z'] = match
  const field = (at: number) => Number(text.slice(at, at + 2))
  const [year, month, day] = [Number(text.slice(0, 4)), field(5), field(8)]
  const [hour, minute, second] = [field(11), field(14), field(17)]
  const [offsetHours, offsetMinutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 14 || offsetMinutes > 59) return null
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return null
  at.setUTCHours(hour, minute, second, Number(fraction.padEnd(3, '0').slice(0, 3)))
  const offset = (offsetHours * 60 + offsetMinutes) * (zone.startsWith('-') ? -1 : 1)
  return toInstant(at.getTime() - offset * 60_000)
}

/** A day is its first moment in UTC. null: neither a day nor a time with a zone. */
export const parseDayOrTime = (text: string): Instant | null =>
  parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
