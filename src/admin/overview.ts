/** `overview`: is all well? */
import * as v from 'valibot'
import { everyEvent, listEvents, type StoredEvent } from '../audit/store.ts'
import type { Connection } from '../connection/connection.ts'
import { listConnections } from '../connection/store.ts'
import { plusSeconds, toInstant, toIso, type Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import { allWarnings } from './connections.ts'
import { listGuards } from '../directory/guard-store.ts'
import type { Context } from './context.ts'
import { listDrift, saysOf, type DriftCount } from './directory-drift.ts'
import { defineOperation } from './operation.ts'
import {
  countDays,
  countPresent,
  listFailing,
  listQuiet,
  listTokenEnds,
  listWaiting,
  type DayCount,
  type Present,
} from './overview-store.ts'
import { dayOf, time } from './shape.ts'
import { count, sentence, tableOf } from './view.ts'

const DAY_SECONDS = 86_400
const SHOWN_DAYS = 14
const SOON_DAYS = 30
/** Most directories look at least once a day whether something has changed. */
const QUIET_DAYS = 7
const LAST_REFUSALS = 8
/** A person who tries again at once makes two. */
const FAILING_FROM = 3

export interface Overview {
  readonly present: Present
  /** Every day of the last two weeks, oldest first. */
  readonly days: readonly DayCount[]
  readonly concerns: readonly Concern[]
  /** Directories that know less than people reach today. */
  readonly drift: readonly DriftCount[]
  readonly refusals: readonly Refused[]
  readonly connections: number
}

/** Something that a person should look at. */
export interface Concern {
  /** `bad`: somebody cannot sign in now. `soon`: nobody notices yet. */
  readonly urgency: 'bad' | 'soon'
  /** What it concerns. null: no connection. */
  readonly connection: string | null
  readonly text: string
}

export interface Refused {
  readonly at: Instant
  readonly requestId: string | null
  readonly connection: string | null
  /** The person, as a verified assertion names them; null: not known. */
  readonly person: string | null
  readonly text: string
}

export async function findOverview(context: Context): Promise<Overview> {
  const { db, now } = context
  const today = toInstant(now - (now % (DAY_SECONDS * 1000)))
  const since = plusSeconds(today, -(SHOWN_DAYS - 1) * DAY_SECONDS)
  const connections = await listConnections(db)
  const counted = await countDays(db, since)
  const events = await listEvents(
    db,
    { ...everyEvent, kinds: ['login-refused'] },
    { order: 'newest-first', after: null, limit: LAST_REFUSALS },
  )
  return {
    present: await countPresent(db, now),
    days: Array.from({ length: SHOWN_DAYS }, (_, i) => {
      const day = plusSeconds(since, i * DAY_SECONDS)
      return counted.find((each) => each.day === day) ?? { day, signIns: 0, refusals: 0 }
    }),
    concerns: await findConcerns(db, connections, now),
    drift: await listDrift(context, connections),
    refusals: events.map(toRefused),
    connections: connections.length,
  }
}

async function findConcerns(
  db: D1Database,
  connections: readonly Connection[],
  now: Instant,
): Promise<readonly Concern[]> {
  const found: Concern[] = []
  const guards = await listGuards(db, now)
  for (const connection of connections.filter(({ enabled }) => enabled)) {
    const guard = guards.get(connection.id) ?? null
    for (const { kind, text } of allWarnings(connection, guard, now)) {
      found.push({ urgency: urgent.has(kind) ? 'bad' : 'soon', connection: connection.id, text })
    }
  }
  for (const connection of await listWaiting(db)) {
    const text = 'New metadata wait for a person: look at them, and accept them if they are right.'
    found.push({ urgency: 'soon', connection, text })
  }
  const failing = await listFailing(db, {
    since: plusSeconds(now, -DAY_SECONDS),
    least: FAILING_FROM,
  })
  for (const { connection, refused } of failing) {
    const text = `${refused} sign-ins were refused within a day, and none was accepted after them. Look at the last of them.`
    found.push({ urgency: 'bad', connection, text })
  }
  const tokens = await listTokenEnds(db, {
    since: plusSeconds(now, -SOON_DAYS * DAY_SECONDS),
    until: plusSeconds(now, SOON_DAYS * DAY_SECONDS),
  })
  for (const { kind, label, connection, expiresAt } of tokens) {
    const whose = kind === 'scim' ? `directory token "${label}"` : `API token "${label}"`
    const isOver = expiresAt <= now
    const day = dayOf(expiresAt)
    const text = isOver ? `The ${whose} ended on ${day}.` : `The ${whose} ends on ${day}.`
    found.push({ urgency: isOver ? 'bad' : 'soon', connection, text })
  }
  const quiet = await listQuiet(db, { since: plusSeconds(now, -QUIET_DAYS * DAY_SECONDS), now })
  for (const { connection, lastUsedAt } of quiet) {
    const text =
      lastUsedAt === null
        ? 'The directory has a token and has never used it.'
        : `The directory has sent nothing since ${dayOf(lastUsedAt)}. People who left may still get in.`
    found.push({ urgency: 'soon', connection, text })
  }
  return found.toSorted((a, b) => Number(b.urgency === 'bad') - Number(a.urgency === 'bad'))
}

const urgent: ReadonlySet<string> = new Set([
  'certificate-expired',
  'weak-key-refused',
  'removals-held',
])

function toRefused({ at, requestId, connection, facts }: StoredEvent): Refused {
  const said = facts['explained'] ?? facts['reason']
  const { person } = facts
  return {
    at,
    requestId,
    connection,
    person: typeof person === 'string' ? person : null,
    text: typeof said === 'string' ? said : 'The reason is not on record.',
  }
}

export const overview = defineOperation({
  name: 'overview',
  summary: 'is all well: sign-ins and refusals, what ends soon, the last refusals',
  details: null,
  examples: [{ says: 'in the morning', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/overview' },
  result: v.object({
    signedIn: v.object({ people: v.number(), signIns: v.number() }),
    days: v.array(v.object({ day: time, signIns: v.number(), refusals: v.number() })),
    concerns: v.array(
      v.object({
        urgency: v.picklist(['bad', 'soon']),
        connection: v.nullable(v.string()),
        text: v.string(),
      }),
    ),
    drift: v.array(
      v.object({
        connection: v.string(),
        wouldLoseAccess: v.number(),
        isWhole: v.boolean(),
        wouldLosePages: v.number(),
        missingGroups: v.number(),
      }),
    ),
    refusals: v.array(
      v.object({
        at: time,
        request: v.nullable(v.string()),
        connection: v.nullable(v.string()),
        person: v.nullable(v.string()),
        text: v.string(),
      }),
    ),
  }),
  judge: null,
  run: async (context): Promise<Result<Overview, never>> => ok(await findOverview(context)),
  show: ({ present, days, concerns, drift, refusals }) => ({
    facts: {
      signedIn: present,
      days: days.map((each) => ({ ...each, day: toIso(each.day) })),
      concerns,
      drift: drift.map((each) => ({
        connection: each.connection,
        wouldLoseAccess: each.provisioning === 'scim' ? 0 : each.unsent,
        isWhole: each.isWhole,
        wouldLosePages: each.lessOpen.length,
        missingGroups: each.missing.length,
      })),
      refusals: refusals.map(({ at, requestId, ...refused }) => ({
        at: toIso(at),
        request: requestId,
        ...refused,
      })),
    },
    view: [
      sentence(
        `${count(present.people, 'person is', 'people are')} signed in, with ${count(present.signIns, 'sign-in')}.`,
      ),
      ...(concerns.length === 0
        ? [sentence('Nothing needs attention.')]
        : [
            tableOf(concerns, {
              urgency: ({ urgency }) => urgency,
              connection: ({ connection }) => connection,
              'what it is': ({ text }) => text,
            }),
          ]),
      ...drift.map((each) =>
        sentence(`${each.connection}: ${saysOf(each).join(' ')}`, {
          operation: 'scim drift',
          asks: null,
          input: { connection: each.connection },
        }),
      ),
      tableOf(days, {
        day: ({ day }) => dayOf(day),
        'sign-ins': ({ signIns }) => signIns,
        refusals: (each) => each.refusals,
      }),
      ...(refusals.length === 0
        ? []
        : [
            tableOf(refusals, {
              refused: ({ at }) => ({ at }),
              request: ({ requestId }) => requestId,
              connection: ({ connection }) => connection,
              why: ({ text }) => text,
            }),
          ]),
    ],
  }),
  undo: null,
  explain: (refused: never) => refused,
})
