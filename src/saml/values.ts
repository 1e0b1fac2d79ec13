/**
 * Reads values by their XML Schema types. NameID, Issuer and AttributeValue are strings, so their
 * white space is kept.
 */
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseTime } from '../lib/time.ts'
import { brief, type SamlError } from './error.ts'
import { attributeOf, textOf, type XmlElement } from './xml/reader.ts'

/**
 * Collapses white space, as XML Schema does for every type but string (Part 2 §4.3.6). Only these
 * four characters are white space in XML.
 */
export const collapse = (text: string): string =>
  /[ \t\r\n]/.test(text) ? text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '') : text

/** An attribute of type anyURI; null: absent. */
export function uriOf(element: XmlElement, name: string): string | null {
  const value = attributeOf(element, name)
  return value === null ? null : collapse(value)
}

/** The text of an element of type anyURI; null: the element has elements inside. */
export function uriIn(element: XmlElement): string | null {
  const text = textOf(element)
  return text === null ? null : collapse(text)
}

/**
 * anyURI → URI (XML Schema Part 2 §3.2.17): percent-encodes the characters that a URI cannot have,
 * as a browser does.
 */
export const toUri = (url: string): string => (/^[!-~]*$/.test(url) ? url : new URL(url).href)

/** A boolean attribute's value; an absent attribute is false. */
export const isTrue = (value: string | null): boolean =>
  value !== null && ['true', '1'].includes(collapse(value))

/** An attribute of type dateTime; ok(null): absent. */
export function readTime(element: XmlElement, name: string): Result<Instant | null, MalformedTime> {
  const value = attributeOf(element, name)
  if (value === null) return ok(null)
  const time = parseTime(collapse(value))
  return time === null ? err(malformedTime(element, name)) : ok(time)
}

const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/

/** A duration (XML Schema Part 2 §3.2.6), with months of 30 days; null: not one, or below zero. */
export function secondsIn(duration: string): number | null {
  const match = DURATION.exec(collapse(duration))
  if (!match) return null
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  return (((years * 365 + months * 30 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
}

/** The time in an attribute that is required, or was checked before; null: absent or no time. */
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
