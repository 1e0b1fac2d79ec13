/**
 * An audit event as a row of D1. An attacker may have chosen its words, so its length is bounded.
 */
import { utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import type { Whence } from '../lib/whence.ts'
import type { AuditEvent, Facts } from './event.ts'
import { shareOf, type Share } from './share.ts'

export interface AuditRow {
  readonly share: Share
  readonly at: Instant
  readonly kind: string
  readonly connection: string | null
  readonly user: string | null
  /** null: the event did not happen in a request. */
  readonly requestId: string | null
  readonly facts: Facts
}

const MOST_TEXT = 500
const MOST_ITEMS = 20
/** The facts as JSON, in UTF-8; a path alone may have 16 KB. */
const MOST_FACTS_BYTES = 4000

/** @param whence null: not known, as of what an operator or cron does. */
export const toRow = (
  event: AuditEvent,
  at: Instant,
  requestId: string | null,
  whence: Whence | null = null,
): AuditRow => ({
  share: shareOf(event),
  at,
  kind: event.kind,
  connection: 'connection' in event ? event.connection : null,
  user: userOf(event),
  requestId,
  facts: boundFacts({ ...known(whence), ...factsOf(event) }),
})

function userOf(event: AuditEvent): string | null {
  if (event.kind === 'directory-changed') return event.change.startsWith('user-') ? event.id : null
  return 'user' in event ? event.user : null
}

const known = (whence: Whence | null): Facts =>
  Object.fromEntries(Object.entries(whence ?? {}).filter(([, value]) => value !== null))

/**
 * The facts that have no column. If a refused response brings a fact of the same name as the
 * event's own, the event's own counts.
 */
function factsOf(event: AuditEvent): Facts {
  if (!('facts' in event)) return { ...event }
  const { facts, ...own } = event
  return { ...facts, ...own }
}

export function boundFacts(facts: Facts): Facts {
  const kept: Record<string, Facts[string]> = {}
  let bytes = 0
  for (const [name, value] of Object.entries(facts)) {
    if (['kind', 'connection', 'user'].includes(name)) continue
    const short = shorten(value)
    bytes += utf8(JSON.stringify([name, short])).length
    if (bytes > MOST_FACTS_BYTES) return { ...kept, cut: true }
    kept[name] = short
  }
  return kept
}

function shorten(value: Facts[string]): Facts[string] {
  if (typeof value === 'string') return cut(value)
  return typeof value === 'object' && value ? value.slice(0, MOST_ITEMS).map(cut) : value
}

const cut = (text: string): string =>
  text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…`.toWellFormed() : text.toWellFormed()
