/** `audit …`, as every face offers it. */
import * as v from 'valibot'
import { sentenceOf } from '../audit/sentence.ts'
import {
  auditShares,
  facts,
  listEvents,
  type AuditFilter,
  type Place,
  type StoredEvent,
} from '../audit/store.ts'
import { toInstant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { eventFacts, exportFormats, exportHead, exportLine } from './audit-export.ts'
import { filterFields, findFilter } from './audit-filter.ts'
import type { Context } from './context.ts'
import { limitField, oneValue, type InputOf } from './field.ts'
import { defineOperation } from './operation.ts'
import { cursorField, readPage, type Page } from './page.ts'
import type { PersonRefusal } from './people.ts'
import { explainPerson } from './people-shown.ts'
import { time } from './shape.ts'
import { sentence, tableOf } from './view.ts'

export const eventShape = v.object({
  at: time,
  kind: v.string(),
  /** The event in plain English. */
  sentence: v.string(),
  connection: v.nullable(v.string()),
  user: v.nullable(v.string()),
  userName: v.nullable(v.string()),
  requestId: v.nullable(v.string()),
  facts,
  dropped: v.number(),
})

/** A place in the list stays what it is while new events come. */
const placeOf = ({ at, share, nth }: Place): readonly string[] => [String(at), share, String(nth)]

/** null: the cursor is of another list. */
function readPlace([at, share, nth]: readonly string[]): Place | null {
  const known = auditShares.find((each) => each === share)
  const isNumber = (text: string | undefined) => /^\d{1,15}$/.test(text ?? '')
  return known && isNumber(at) && isNumber(nth)
    ? { at: toInstant(Number(at)), share: known, nth: Number(nth) }
    : null
}

type AuditRefusal = PersonRefusal

export const auditFields = { ...filterFields, limit: limitField(50), cursor: cursorField(3) }

export async function readEvents(
  { db, now }: Context,
  { limit, cursor, ...given }: InputOf<typeof auditFields>,
  order: 'newest-first' | 'oldest-first',
): Promise<Result<Page<StoredEvent>, AuditRefusal>> {
  const filter: Result<AuditFilter, AuditRefusal> = await findFilter(db, given, now)
  if (!filter.ok) return filter
  const after = cursor && readPlace(cursor)
  return ok(
    await readPage(limit, placeOf, (most) =>
      listEvents(db, filter.value, { order, after, limit: most }),
    ),
  )
}

const judgeCursor = ({ cursor }: { readonly cursor: readonly string[] | null }): string | null =>
  cursor !== null && readPlace(cursor) === null
    ? 'The cursor is not one of this list: take the one that a page gave.'
    : null

export const auditList = defineOperation({
  name: 'audit list',
  summary: 'what happened, in plain English, the newest first',
  details: 'docs/operating.md lists the kinds.',
  examples: [
    { says: 'what was changed today', input: { kind: 'changes', since: '24h' } },
    { says: 'why a person cannot sign in', input: { kind: 'refusals', text: 'ada@acme.com' } },
  ],
  subject: null,
  fields: auditFields,
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/audit' },
  result: v.object({ events: v.array(eventShape) }),
  judge: judgeCursor,
  run: (context, input) => readEvents(context, input, 'newest-first'),
  show: ({ items, next }) => ({
    facts: { events: items.map(eventFacts) },
    view: [
      items.length > 0
        ? tableOf(items, {
            at: ({ at }) => ({ at }),
            event: sentenceOf,
            request: ({ requestId }) => requestId,
          })
        : sentence('There is no such event.'),
    ],
    next,
  }),
  explain: explainPerson,
})

export const formatField = oneValue<(typeof exportFormats)[number]>(
  {
    meaning: `${exportFormats.join(' or ')} (default jsonl)`,
    placeholder: 'format',
    isRequired: false,
    schema: { type: 'string', enum: exportFormats, default: 'jsonl' },
  },
  (given) => {
    const format = exportFormats.find((each) => each === (given ?? 'jsonl'))
    return format ? ok(format) : err(`must be ${exportFormats.join(' or ')}; it is "${given}"`)
  },
)

export const auditExport = defineOperation({
  name: 'audit export',
  summary: 'events as lines of JSON or as CSV, the oldest first, page by page',
  details:
    'The texts of all pages together are the export. In CSV, a value that a spreadsheet would compute as a formula gets an apostrophe in front.',
  examples: [{ says: 'the last week', input: { since: '7d', format: 'csv' } }],
  subject: null,
  fields: { ...auditFields, limit: limitField(500), format: formatField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/audit/export' },
  result: v.object({ text: v.string() }),
  judge: judgeCursor,
  run: async (context, { format, ...input }) => {
    const page = await readEvents(context, input, 'oldest-first')
    if (!page.ok) return page
    const head = input.cursor === null ? exportHead(format) : ''
    const { items, next } = page.value
    return ok({ text: head + items.map(exportLine(format)).join(''), next })
  },
  show: ({ text, next }) => ({ facts: { text }, view: [sentence(text)], next }),
  explain: explainPerson,
})
