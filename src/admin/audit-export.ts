/** Events as lines of JSON, and as CSV for spreadsheets. */
import type { Facts } from '../audit/event.ts'
import { sentenceOf } from '../audit/sentence.ts'
import { listEvents, type AuditFilter, type Place, type StoredEvent } from '../audit/store.ts'
import { toIso } from '../lib/instant.ts'
import { toPlainJson, toPlainLine } from '../lib/plain.ts'

export const exportFormats = ['jsonl', 'csv'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** An event, wherever it was stored. */
export type ToldEvent = Omit<StoredEvent, 'share' | 'nth'>

/** An event for programs. */
export const eventFacts = (event: ToldEvent) => {
  const { at, kind, connection, user, userName, requestId, facts, dropped } = event
  const sentence = sentenceOf(event)
  return { at: toIso(at), kind, sentence, connection, user, userName, requestId, facts, dropped }
}

export const jsonLine = (event: ToldEvent): string => `${toPlainJson(eventFacts(event))}\n`

/** Facts with a column of their own. */
const told = ['site', 'reason', 'country', 'network'] as const

const columns = [
  'at',
  'kind',
  'sentence',
  'connection',
  'user',
  'userName',
  ...told,
  'requestId',
  'dropped',
  'facts',
]

export const csvHead = `${columns.join(',')}\r\n`

/** RFC 4180, with every cell in quotes. */
export function csvLine(event: ToldEvent): string {
  const { facts, ...known } = eventFacts(event)
  const others = Object.fromEntries(
    Object.entries(facts).filter(([name]) => !told.some((each) => each === name)),
  )
  const cells: Facts = {
    ...Object.fromEntries(told.map((name) => [name, facts[name] ?? null])),
    ...known,
    facts: toPlainJson(others),
  }
  return `${columns.map((name) => csvCell(asText(cells[name] ?? null))).join(',')}\r\n`
}

/** A fact on one line. */
export const asText = (value: Facts[string]): string =>
  typeof value === 'object' && value ? value.join(',') : String(value ?? '')

/**
 * A spreadsheet computes a value that begins like a formula, and anybody can write values into a
 * refused request. An apostrophe makes the value text (CWE-1236).
 */
export function csvCell(text: string): string {
  const shownAs = toPlainLine(text)
  const isFormula = /^\s*[=+\-@|%＝＋－＠]/.test(shownAs) || shownAs.startsWith('\ufffd')
  return `"${isFormula ? "'" : ''}${shownAs.replaceAll('"', '""')}"`
}

const EXPORT_PAGE = 500

/** Pages of events, the oldest first. Only one page is in memory. */
export async function* listPages(
  db: D1Database,
  filter: AuditFilter,
): AsyncGenerator<readonly StoredEvent[]> {
  let after: Place | null = null
  do {
    const page: readonly StoredEvent[] = await listEvents(db, filter, {
      order: 'oldest-first',
      after,
      limit: EXPORT_PAGE,
    })
    yield page
    after = page.length < EXPORT_PAGE ? null : (page.at(-1) ?? null)
  } while (after)
}

export const exportHead = (format: ExportFormat): string => (format === 'csv' ? csvHead : '')

export const exportLine = (format: ExportFormat): ((event: ToldEvent) => string) =>
  format === 'csv' ? csvLine : jsonLine
