/** One event of the audit: its sentence, and its facts for people who want them. */
import type { Child, FC } from 'hono/jsx'
import { asText } from '../../admin/audit-export.ts'
import type { KindGroup } from '../../admin/event-kinds.ts'
import type { StoredEvent } from '../../audit/store.ts'
import { personPath, To, troublePath } from '../parts.tsx'
import { Badge, Values, type Tone } from '../ui.tsx'

const groups: Readonly<Record<KindGroup, readonly [word: string, tone: Tone]>> = {
  'sign-ins': ['Sign-in', 'good'],
  changes: ['Change', 'plain'],
  refusals: ['Refusal', 'warning'],
  failures: ['Failure', 'bad'],
}

export const KindBadge: FC<{ readonly group: KindGroup | null }> = ({ group }) => {
  const [word, tone] = group === null ? (['Other', 'plain'] as const) : groups[group]
  return <Badge tone={tone}>{word}</Badge>
}

/** Bytes of HTML, so that a page of events stays small whatever they say. */
const SENTENCE_BYTES = 480
const FACTS_BYTES = 640

interface EventProps {
  readonly event: StoredEvent
  readonly sentence: string
}

export const EventShown: FC<EventProps> = ({ event, sentence }) => {
  const { kind, connection, user, requestId, dropped, facts } = event
  const rows: (readonly [string, Child])[] = [['Kind', <code>{kind}</code>]]
  if (connection !== null) {
    rows.push(['Connection', <To path={`/connections/${connection}`}>{connection}</To>])
  }
  if (user !== null) rows.push(['Person', <To path={personPath(user)}>{user}</To>])
  if (requestId !== null) {
    const path = `/sign-ins?request=${encodeURIComponent(requestId)}`
    const isSignIn = kind === 'login' || kind === 'login-refused'
    rows.push(['Request number', isSignIn ? <To path={path}>{requestId}</To> : requestId])
  }
  const { reason } = facts
  if (kind === 'login-refused' && typeof reason === 'string') {
    rows.push(['What to do', <To path={troublePath(reason)}>{reason}</To>])
  }
  return (
    <>
      <bdi>{clipHtml(sentence, SENTENCE_BYTES)}</bdi>
      {dropped > 0 ? (
        <p class="soft">
          {dropped.toLocaleString('en')} events before this one were left out: too many came at
          once.
        </p>
      ) : null}
      <details>
        <summary>Details</summary>
        <Values rows={[...rows, ...factRows(facts)]} />
      </details>
    </>
  )
}

function factRows(facts: StoredEvent['facts']): readonly (readonly [string, Child])[] {
  const rows: (readonly [string, Child])[] = []
  let left = FACTS_BYTES
  for (const [name, value] of Object.entries(facts)) {
    const text = clipHtml(asText(value), left)
    left -= costOf(name) + costOf(text) + 40
    if (left < 0) return [...rows, ['More', 'in the export']]
    rows.push([
      clipHtml(name, 80),
      text === '' ? <span class="soft">none</span> : <bdi>{text}</bdi>,
    ])
  }
  return rows
}

/** As much of the text as fits into so many bytes once it is escaped. */
function clipHtml(text: string, most: number): string {
  let cost = 0
  let kept = ''
  for (const character of text) {
    cost += costOf(character)
    if (cost > most) return `${kept}…`
    kept += character
  }
  return kept
}

const costOf = (text: string): number =>
  text.replaceAll(/[&<>"']/g, '&quot;').replaceAll(/[^ -~]/gu, '****').length
