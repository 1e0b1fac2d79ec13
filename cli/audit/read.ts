/** Events of the audit, page by page, by the operations that list and export them. */
import * as v from 'valibot'
import { auditExport, auditList, eventShape } from '../../src/admin/audit.ts'
import type { ToldEvent } from '../../src/admin/audit-export.ts'
import type { Given } from '../../src/admin/field.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Failure, World } from '../command.ts'
import { perform } from '../perform.ts'

export interface EventPage {
  readonly events: readonly ToldEvent[]
  /** null: it is the last page. */
  readonly next: string | null
}

const toEvent = ({ at, ...event }: v.InferOutput<typeof eventShape>): ToldEvent => ({
  ...event,
  at: toInstant(Date.parse(at)),
})

const listed = v.object({ events: v.array(eventShape) })

/** The newest come first. @param cursor null: the first page. */
export async function readNewest(
  world: World,
  given: Given,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<Result<EventPage, Failure>> {
  const asked = new Map([...given, ['limit', [String(limit)]], ...place(cursor)])
  const done = await perform(auditList, asked, world)
  if (!done.ok) return done
  const { facts, next } = done.value.answer
  return ok({ events: v.parse(listed, facts).events.map(toEvent), next })
}

const exported = v.object({ text: v.string() })
const line = v.pipe(v.string(), v.parseJson(), eventShape)

/** The oldest come first. @param cursor null: the first page. */
export async function readOldest(
  world: World,
  given: Given,
  cursor: string | null,
): Promise<Result<EventPage, Failure>> {
  const done = await perform(auditExport, new Map([...given, ...place(cursor)]), world)
  if (!done.ok) return done
  const { facts, next } = done.value.answer
  const lines = v.parse(exported, facts).text.split('\n').filter(Boolean)
  return ok({ events: lines.map((each) => toEvent(v.parse(line, each))), next })
}

const place = (cursor: string | null) => (cursor === null ? [] : [['cursor', [cursor]] as const])
