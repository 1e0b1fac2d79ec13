/** An event as it is kept. What it says may be an attacker's words, so its length is bounded. */
import type { Instant } from '../lib/instant.ts'
import type { AuditEvent, Facts } from './event.ts'
import { shareOf, type Share } from './share.ts'

export interface AuditRow {
  readonly share: Share
  readonly at: Instant
  readonly kind: string
  readonly connection: string | null
  readonly user: string | null
  /** null: not of a request. */
  readonly requestId: string | null
  readonly facts: Facts
}

const MOST_TEXT = 500
const MOST_ITEMS = 20
/** Of the facts as JSON; a path alone may have 16 KB. */
const MOST_FACTS = 4000

export const toRow = (event: AuditEvent, at: Instant, requestId: string | null): AuditRow => ({
  share: shareOf(event),
  at,
  kind: event.kind,
  connection: 'connection' in event ? event.connection : null,
  user: userOf(event),
  requestId,
  facts: bound(factsOf(event)),
})

function userOf(event: AuditEvent): string | null {
  if (event.kind === 'directory-changed') return event.change.startsWith('user-') ? event.id : null
  return 'user' in event ? event.user : null
}

/** All but what has a column. Its own words count, not those of a response that was refused. */
function factsOf(event: AuditEvent): Facts {
  if (!('facts' in event)) return { ...event }
  const { facts, ...own } = event
  return { ...facts, ...own }
}

function bound(facts: Facts): Facts {
  const kept: Record<string, Facts[string]> = {}
  let length = 0
  for (const [name, value] of Object.entries(facts)) {
    if (['kind', 'connection', 'user'].includes(name)) continue
    const short = shorten(value)
    length += JSON.stringify([name, short]).length
    if (length > MOST_FACTS) return { ...kept, cut: true }
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
