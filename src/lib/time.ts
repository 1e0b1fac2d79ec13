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
  // Two digits: the pattern has seen that they are.
  const field = (at: number) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * ZERO
  const [year, month, day] = [field(0) * 100 + field(2), field(5), field(8)]
  const [hour, minute, second] = [field(11), field(14), field(17)]
  const [offsetHours, offsetMinutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 14 || offsetMinutes > 59) return null
  if (day < 1 || day > daysIn(month, year)) return null
  const offset = (offsetHours * 60 + offsetMinutes) * (zone.startsWith('-') ? -1 : 1)
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  // Date.UTC takes the years 0 to 99 for 1900 to 1999. The calendar repeats itself in 400 years.
  const later = Date.UTC(year + 400, month - 1, day, hour, minute - offset, second, milliseconds)
  return toInstant(later - MILLISECONDS_IN_400_YEARS)
}

/** The code of `0`. */
const ZERO = 48
const MILLISECONDS_IN_400_YEARS = 146_097 * 86_400_000

/** 0: there is no such month. */
function daysIn(month: number, year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (daysInMonths[month - 1] ?? 0)
}
const daysInMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** A day is its first moment in UTC. null: neither a day nor a time with a zone. */
export const parseDayOrTime = (text: string): Instant | null =>
  parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
