/** What every operation of an operator is given, and the event that each change leaves in the audit. */
import type { AuditEvent } from '../audit/event.ts'
import { toRow } from '../audit/row.ts'
import { saveEvents } from '../audit/store.ts'
import type { Instant } from '../lib/instant.ts'
import { hidden } from '../lib/plain.ts'
import { StoreUnavailable } from '../lib/store-error.ts'

/** The person who asks for an operation, and how the request came. */
export interface Operator {
  /** As the operator says. It goes into the audit; no permission depends on it. */
  readonly name: string
  readonly face: 'command line' | 'console' | 'api'
}

export interface Context {
  readonly db: D1Database
  readonly operator: Operator
  readonly now: Instant
  /** The change is made, but the audit could not keep its event. */
  readonly onUnaudited: (error: StoreUnavailable) => void
}

type OperatorEvent = Extract<AuditEvent, { kind: 'operator' }>

const MOST_NAME = 100

/** One line of 1 to 100 visible characters; else null. */
export function parseOperatorName(text: string): string | null {
  const name = text.trim()
  return name === '' || name.length > MOST_NAME || name.search(hidden) >= 0 ? null : name
}

/** Each face as the audit has always named it. */
const actors: Readonly<Record<Operator['face'], OperatorEvent['actor']>> = {
  'command line': 'cli',
  console: 'console',
  api: 'api',
}

/** Last step of an operation. The change stands even where the audit fails. */
export async function record(
  { db, operator, now, onUnaudited }: Context,
  done: Omit<OperatorEvent, 'kind' | 'actor' | 'operator'>,
): Promise<void> {
  const { name, face } = operator
  const row = toRow({ kind: 'operator', actor: actors[face], operator: name, ...done }, now, null)
  try {
    await saveEvents(db, row.share, { rows: [row], dropped: 0 }, now)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    onUnaudited(error)
  }
}
