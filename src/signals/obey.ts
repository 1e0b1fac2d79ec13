/** From the events of a verified token to the ended sign-ins, and the events for the audit. */
import type { AuditEvent, Facts } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import { hashText, sameBytes, utf8 } from '../lib/bytes.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { shortNameOf } from './effects.ts'
import { obey, type Target } from './obey-store.ts'
import { findPeopleNamed, findSignInsOfSession, MOST_PEOPLE } from './people-store.ts'
import type { EventToken, SecurityEvent } from './set.ts'
import type { Stream } from './stream.ts'
import type { Identifier, Subject } from './subject.ts'

/** A token may come again for so long: a transmitter may send for days what was not acknowledged. */
const KEPT_SECONDS = 30 * 86_400
/** The known members of a subject. Other members do not narrow an event. */
const UNDERSTOOD = ['user', 'session', 'tenant']

export interface ObeyDeps {
  readonly db: D1Database
  readonly newId: () => string
}

export type Done = readonly AuditEvent[]

interface Place {
  readonly stream: Stream
  readonly connection: Connection
  readonly now: Instant
}

/** The error: the state of a verification is not the one that was asked for. */
export async function obeyToken(
  { jti, events }: EventToken,
  { stream, connection, now }: Place,
  { db, newId }: ObeyDeps,
): Promise<Result<Done, 'invalid-state'>> {
  const states = events.filter(({ effect }) => effect?.kind === 'verify').map(({ state }) => state)
  for (const state of states) {
    if (state !== null && !(await isExpected(state, stream))) return err('invalid-state')
  }
  const steps: readonly Step[] = await Promise.all(
    events.map((event) => decide(db, event, { stream, connection, now })),
  )
  const aims = steps.filter((step) => step.target !== null)
  const users = await obey(db, {
    scope: stream.id,
    jti: await hashText(jti),
    stream: stream.id,
    writeId: newId(),
    until: plusSeconds(now, KEPT_SECONDS),
    targets: aims.flatMap(({ target }) => target ?? []),
    noted: { isVerified: states.length > 0, status: statusOf(events) },
    now,
  })
  if (users === null) return ok([])
  const about = { connection: stream.connection, stream: stream.id }
  return ok(
    steps.flatMap((step) => {
      const ended = step.target === null ? [] : (users[aims.indexOf(step)] ?? [])
      return tellOf(step, ended).map((told) => ({ kind: 'signal' as const, ...about, ...told }))
    }),
  )
}

async function isExpected(state: string, { expected }: Stream): Promise<boolean> {
  return expected !== null && sameBytes(utf8(await hashText(state)), utf8(expected))
}

const statuses = ['enabled', 'paused', 'disabled']
const statusOf = (events: readonly SecurityEvent[]): string | null =>
  events.flatMap(({ effect, status }) =>
    effect?.kind === 'status' && status !== null && statuses.includes(status) ? [status] : [],
  )[0] ?? null

interface Step {
  readonly event: SecurityEvent
  readonly people: readonly string[]
  readonly target: Target | null
  /** Why nothing is ended although the event says so; null: it is, or the event does not say so. */
  readonly why: string | null
}

async function decide(
  db: D1Database,
  event: SecurityEvent,
  { stream, connection, now }: Place,
): Promise<Step> {
  const { effect, subject } = event
  const nothing = (why: string | null, people: readonly string[] = []): Step => ({
    event,
    people,
    target: null,
    why,
  })
  if (effect === null) return nothing('unknown-event')
  if (effect.kind === 'verify' || effect.kind === 'status') return nothing(null)
  if (!subject.ok) return nothing(`subject-${subject.error.reason}`)
  const { person, session, members } = subject.value
  const own = person.filter((each) => isOwnIssuer(each, [stream.issuer, ...issuersOf(connection)]))
  const people = await findPeopleNamed(db, stream.connection, own)
  if (effect.kind === 'tell') return nothing(null, people)
  // Shared Signals §3.5: an event with a member that it calls critical must be discarded.
  const critical = stream.remote?.critical ?? []
  if (members.some((name) => critical.includes(name) && !UNDERSTOOD.includes(name))) {
    return nothing('critical-member', people)
  }
  if (people.length > MOST_PEOPLE) return nothing('too-many-people')
  if (effect.reach === 'session' && session !== null) {
    const named = { connection: stream.connection, session, people, before: event.before }
    const found = await findSignInsOfSession(db, named, now)
    // Many people may have the same SessionIndex (Core §2.7.2). If the event names a person who is
    // not known here, the session could belong to any of them.
    const isPlain =
      people.length > 0 ||
      person.every((each) => isSessionItself(each, session)) ||
      new Set(found.map(({ user }) => user)).size === 1
    if (found.length > 0 && isPlain) {
      const signIns = found.map(({ id }) => id)
      return { event, people, target: { kind: 'sign-ins', signIns }, why: null }
    }
  }
  return people.length === 0
    ? nothing('nobody')
    : { event, people, target: { kind: 'people', people, before: event.before }, why: null }
}

/** CAEP §3.1: an opaque subject may be the session, and not a person. */
const isSessionItself = (identifier: Identifier, session: string): boolean =>
  identifier.kind === 'subject' && identifier.iss === null && identifier.sub === session

/** The names that an identity provider has for itself. */
export const issuersOf = ({ idpEntityId, ssoUrl }: Connection): readonly string[] => [
  idpEntityId,
  ...(URL.canParse(ssoUrl) ? [new URL(ssoUrl).origin] : []),
]

/** Whether an identifier is in the names of one of these issuers. A slash at the end does not count. */
export const isOwnIssuer = (identifier: Identifier, issuers: readonly string[]): boolean =>
  identifier.kind === 'email' ||
  identifier.iss === null ||
  issuers.some((issuer) => bare(issuer) === bare(identifier.iss ?? ''))

const bare = (issuer: string): string => issuer.replace(/\/$/, '')

interface Told {
  readonly user: string | null
  readonly event: string
  readonly signIns: number
  readonly facts: Facts
}

/** One event for each person; one without a person where the event names nobody here. */
function tellOf({ event, people, why }: Step, ended: readonly string[]): readonly Told[] {
  const { type, subject, before } = event
  const person = subject.ok ? nameOf(subject.value) : null
  const facts = {
    ...(why === null ? {} : { why }),
    ...(person === null ? {} : { person }),
    happenedBefore: toIso(before),
  }
  const about = [...new Set([...people.slice(0, 20), ...ended])]
  const users = about.length === 0 || why === 'too-many-people' ? [null] : about
  return users.map((user) => ({
    user,
    event: shortNameOf(type),
    signIns: ended.filter((each) => each === user).length,
    facts,
  }))
}

/** As the issuer names the person. */
export function nameOf({ person: [first], session }: Subject): string | null {
  if (!first) return session
  return first.kind === 'email' ? first.email : first.sub
}
