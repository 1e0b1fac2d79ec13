/** What the API answers, parsed: an answer of the operation, its refusal, or a problem of the request. */
import * as v from 'valibot'
import type { Answer, Refusal } from '../../src/admin/operation.ts'
import { instant } from '../../src/lib/row.ts'
import type { Reply } from './send.ts'

const typed = v.record(v.string(), v.union([v.string(), v.array(v.string())]))
const facts = v.record(v.string(), v.unknown())
const see = v.object({
  operation: v.string(),
  asks: v.nullable(v.string()),
  input: v.exactOptional(typed),
})
const cell = v.union([v.string(), v.number(), v.null(), v.object({ at: v.nullable(instant) })])
const block = v.variant('kind', [
  v.object({ kind: v.literal('sentence'), text: v.string(), see: v.exactOptional(see) }),
  v.object({ kind: v.literal('lines'), lines: v.array(v.string()) }),
  v.object({
    kind: v.literal('values'),
    rows: v.array(v.tuple([v.string(), cell])),
  }),
  v.object({
    kind: v.literal('table'),
    head: v.array(v.string()),
    rows: v.array(v.array(cell)),
  }),
])
const answer: v.GenericSchema<unknown, Answer> = v.object({
  facts,
  view: v.array(block),
  secret: v.nullable(v.string()),
  version: v.nullable(v.string()),
  next: v.nullable(v.string()),
  undo: v.nullable(v.object({ operation: v.string(), input: typed })),
})

const problem = v.object({
  reason: v.string(),
  detail: v.string(),
  /** `urn:uuid:…`, the number of the request. */
  instance: v.exactOptional(v.string(), ''),
  scope: v.exactOptional(v.string(), ''),
  facts: v.exactOptional(facts, {}),
  errors: v.exactOptional(
    v.array(v.object({ field: v.nullable(v.string()), detail: v.string() })),
    [],
  ),
  refusal: v.exactOptional(
    v.object({
      kind: v.picklist(['invalid', 'forbidden', 'not-found', 'conflict', 'stale']),
      view: v.array(block),
      see: v.nullable(see),
      faults: v.exactOptional(
        v.array(v.object({ field: v.nullable(v.string()), problem: v.string() })),
      ),
    }),
  ),
})

export type Problem = v.InferOutput<typeof problem>

/** null: it is none, or one of another version of Gatehouse. */
export function parseAnswer({ text }: Reply): Answer | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), answer), text)
  return parsed.success ? parsed.output : null
}

/** null: it is no problem document of Gatehouse. */
export function parseProblem({ headers, text }: Reply): Problem | null {
  if (!headers.get('Content-Type')?.startsWith('application/problem+json')) return null
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), problem), text)
  return parsed.success ? parsed.output : null
}

/** null: the request was refused before the operation. */
export const refusalOf = ({ reason, detail, facts: told, refusal }: Problem): Refusal | null =>
  refusal ? { ...refusal, reason, message: detail, facts: told } : null
