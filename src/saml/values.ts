/** Values as their XML Schema types have them. NameID, Issuer and AttributeValue are strings: as they stand. */
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseTime } from '../lib/time.ts'
import { brief, type SamlError } from './error.ts'
import { attributeOf, textOf, type XmlElement } from './xml/reader.ts'

/** What is compared of every type but string (XML Schema Part 2 §4.3.6). No other white space is XML's. */
export const collapse = (text: string): string =>
  text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '')

/** An attribute of type anyURI; null: absent. */
export function uriOf(element: XmlElement, name: string): string | null {
  const value = attributeOf(element, name)
  return value === null ? null : collapse(value)
}

/** An element of type anyURI; null: it holds elements. */
export function uriIn(element: XmlElement): string | null {
  const text = textOf(element)
  return text === null ? null : collapse(text)
}

/** The URI of an anyURI (§3.2.17): what no URI may have is percent-encoded, as a browser does it. */
export const toUri = (url: string): string => (/^[!-~]*$/.test(url) ? url : new URL(url).href)

/** An attribute of type boolean; absent is false. */
export const isTrue = (value: string | null): boolean =>
  value !== null && ['true', '1'].includes(collapse(value))

/** An attribute of type dateTime; null: absent. */
export function readTime(element: XmlElement, name: string): Result<Instant | null, MalformedTime> {
  const value = attributeOf(element, name)
  if (value === null) return ok(null)
  const time = parseTime(collapse(value))
  return time === null ? err(malformedTime(element, name)) : ok(time)
}

/** The same where it is required, or known to be a time. */
export const timeOf = (element: XmlElement, name: string): Instant | null =>
  parseTime(collapse(attributeOf(element, name) ?? ''))

export type MalformedTime = Extract<SamlError, { reason: 'malformed-time' }>

export function malformedTime(element: XmlElement, name: string): MalformedTime {
  const found = attributeOf(element, name)
  return {
    reason: 'malformed-time',
    field: `${name} of ${element.local}`,
    found: found && brief(found),
  }
}
