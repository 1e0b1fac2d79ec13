/** The removal guard: how many users a directory may remove. */
import * as v from 'valibot'
import { allowRemovals, closeGuard } from '../directory/guard-store.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from './connections.ts'
import { record, type Context } from './context.ts'
import { minutesToDay } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { time } from './shape.ts'
import { directoryField } from './token-operations.ts'
import { sentence } from './view.ts'

export type GuardRefusal =
  | UnknownConnection
  /** Removals are let through for a minute to a day. */
  | { readonly reason: 'time-out-of-range' }
  /** The directory has sent nobody, so there is nobody to remove. */
  | { readonly reason: 'nobody-sent'; readonly connection: string }

export interface OpenGuard {
  readonly connection: string
  readonly until: Instant
}

/** For so many seconds the removal guard of the connection holds nothing back. */
export async function openGuard(
  context: Context,
  { connection, seconds }: { readonly connection: string; readonly seconds: number },
): Promise<Result<OpenGuard, GuardRefusal>> {
  if (seconds < 60 || seconds > 86_400) return err({ reason: 'time-out-of-range' })
  const known = await findKnownConnection(context.db, connection)
  if (!known.ok) return known
  const { id } = known.value
  const until = plusSeconds(context.now, seconds)
  if (!(await allowRemovals(context.db, id, until))) {
    return err({ reason: 'nobody-sent', connection: id })
  }
  await record(context, {
    command: 'scim allow-removals',
    connection: id,
    user: null,
    facts: { allowedUntil: toIso(until) },
  })
  return ok({ connection: id, until })
}

export const allowRemovalsFor = defineOperation({
  name: 'scim allow-removals',
  summary: 'let the directory remove people whom the removal guard holds',
  details:
    'A connection has a removal guard if one is set. The identity provider tries again by itself.',
  examples: [{ says: 'the layoff is meant', input: { connection: 'okta', for: '1h' } }],
  subject: 'connection',
  fields: { connection: directoryField, for: minutesToDay('how long') },
  changes: true,
  scope: 'connections',
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{connection}/allow-removals' },
  result: v.object({ connection: v.string(), allowedUntil: time }),
  judge: null,
  run: (context, input) => openGuard(context, { connection: input.connection, seconds: input.for }),
  show: ({ connection, until }) => ({
    facts: { connection, allowedUntil: toIso(until) },
    view: [
      sentence(`The directory of "${connection}" may remove as many people as it likes.`),
      { kind: 'values', rows: [['until', { at: until }]] },
    ],
  }),
  undo: ({ connection }) => ({ operation: 'scim hold-removals', input: { connection } }),
  explain: explainGuard,
})

/** The guard holds removals again, as its share says. @returns whether it had let them through. */
async function holdRemovals(
  context: Context,
  connection: string,
): Promise<
  Result<{ readonly connection: string; readonly isChanged: boolean }, UnknownConnection>
> {
  const { db, now } = context
  const known = await findKnownConnection(db, connection)
  if (!known.ok) return known
  const { id } = known.value
  const isChanged = await closeGuard(db, id, now)
  if (isChanged) {
    await record(context, {
      command: 'scim hold-removals',
      connection: id,
      user: null,
      facts: {},
    })
  }
  return ok({ connection: id, isChanged })
}

export const holdRemovalsAgain = defineOperation({
  name: 'scim hold-removals',
  summary: 'end the time in which the directory may remove any number of people',
  details: 'The removal guard of the connection holds back again what is beyond its share.',
  examples: [{ says: 'it was a mistake', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: directoryField },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/connections/{connection}/hold-removals' },
  result: v.object({ connection: v.string(), changed: v.boolean() }),
  judge: null,
  run: (context, input) => holdRemovals(context, input.connection),
  show: ({ connection, isChanged }) => ({
    facts: { connection, changed: isChanged },
    view: [
      sentence(
        isChanged
          ? `The removal guard of "${connection}" holds removals back again.`
          : `Removals of "${connection}" were not let through. Nothing changed.`,
      ),
    ],
  }),
  explain: explainUnknownConnection,
})

function explainGuard(refused: GuardRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'time-out-of-range':
      return refusal('invalid', reason, 'Removals are let through for a minute to a day.')
    case 'nobody-sent':
      return refusal(
        'conflict',
        reason,
        `The directory of "${refused.connection}" has sent nobody yet.`,
      )
  }
}
