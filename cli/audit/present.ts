/** How an event looks on a terminal, as JSON and in a spreadsheet. */
import type { Facts } from '../../src/audit/event.ts'
import type { StoredEvent } from '../../src/audit/store.ts'
import { toIso } from '../../src/lib/instant.ts'
import { toPlainJson } from '../../src/lib/plain.ts'
import { plain } from '../text.ts'
import { withAdvice } from './advice.ts'

export const eventJson = (event: StoredEvent) => {
  const { at, kind, connection, user, requestId, facts, dropped } = withAdvice(event)
  return { at: toIso(at), kind, connection, user, requestId, facts, dropped }
}

export const jsonLine = (event: StoredEvent): string => `${toPlainJson(eventJson(event))}\n`

/** `time kind name=value …`; a value with blanks or hidden characters is in quotes. */
export function eventLine(event: StoredEvent): string {
  const { at, kind, facts, connection, user, requestId, dropped } = withAdvice(event)
  const named = { connection, user, ...facts, request: requestId, dropped: dropped || null }
  const pairs = Object.entries(named).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${shown(value)}`],
  )
  return `${toIso(at)}  ${kind.padEnd(17)}  ${pairs.join(' ')}\n`
}

function shown(value: Facts[string]): string {
  const text = asText(value)
  return /^[^\s"=]+$/.test(text) && plain(text) === text ? text : toPlainJson(text)
}

const asText = (value: Facts[string]): string =>
  typeof value === 'object' && value ? value.join(',') : String(value ?? '')

const columns = [
  'at',
  'kind',
  'connection',
  'user',
  'site',
  'reason',
  'requestId',
  'dropped',
  'facts',
]

export const csvHead = `${columns.join(',')}\r\n`

/** RFC 4180, with every cell in quotes. */
export function csvLine(event: StoredEvent): string {
  const { facts, ...known } = eventJson(event)
  const { site = null, reason = null, ...others } = facts
  const cells: Facts = {
    ...known,
    site,
    reason,
    facts: toPlainJson(others),
  }
  return `${columns.map((name) => csvCell(asText(cells[name] ?? null))).join(',')}\r\n`
}

/**
 * A spreadsheet computes a value that begins like a formula, and anybody can write values into a
 * refused request. An apostrophe makes the value text (CWE-1236).
 */
export function csvCell(text: string): string {
  const shownAs = plain(text)
  const isFormula = /^\s*[=+\-@|%＝＋－＠]/.test(shownAs) || shownAs.startsWith('\ufffd')
  return `"${isFormula ? "'" : ''}${shownAs.replaceAll('"', '""')}"`
}
