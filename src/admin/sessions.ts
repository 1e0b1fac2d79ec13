/** Operations on sessions. */
import * as v from 'valibot'
import { endSessionsOf } from '../directory/sign-in-store.ts'
import type { User } from '../directory/user.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { findUserOf, listSessions, revokeSession } from '../session/standing-store.ts'
import { record, type Context } from './context.ts'
import { optionalText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { findOneUser, type Named, type PersonRefusal } from './people.ts'
import {
  anyUserField,
  connectionField,
  explainPerson,
  sessionFacts,
  sessionShape,
  sessionsTable,
  toNamed,
  userFacts,
  userField,
  userShape,
} from './people-shown.ts'
import { count, sentence } from './view.ts'

export interface UnknownSession {
  readonly reason: 'unknown-session'
  readonly id: string
}

export async function endSession(
  context: Context,
  id: string,
): Promise<Result<null, UnknownSession>> {
  const { db, now } = context
  if (!(await revokeSession(db, id, now))) return err({ reason: 'unknown-session', id })
  await record(context, {
    command: 'session revoke',
    connection: null,
    user: await findUserOf(db, id),
    facts: { session: id },
  })
  return ok(null)
}

type EndRefusal = UnknownSession | PersonRefusal

export interface EndedSessions {
  readonly user: User
  /** Ids of the sessions that were open. */
  readonly ended: readonly string[]
}

/** Every session of the user, and each that is being opened now. The user may sign in again. */
export async function endSessionsOfUser(
  context: Context,
  named: Named,
): Promise<Result<EndedSessions, PersonRefusal>> {
  const { db, now } = context
  const found = await findOneUser(db, named)
  if (!found.ok) return found
  const user = found.value
  const ended = (await listSessions(db, user.id, now)).map(({ id }) => id)
  if (!(await endSessionsOf(db, user.id, now))) {
    return err({ reason: 'user-gone', userName: user.userName })
  }
  await record(context, {
    command: 'session revoke',
    connection: user.connection,
    user: user.id,
    facts: { sessions: ended },
  })
  return ok({ user, ended })
}

export const sessionList = defineOperation({
  name: 'session list',
  summary: 'the open sessions of a user, with the groups that the IdP asserted',
  details: null,
  examples: [{ says: 'where Ada is signed in', input: { user: 'ada@acme.com' } }],
  subject: 'user',
  fields: { user: userField, connection: connectionField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/users/{user}/sessions' },
  result: v.object({ user: userShape, sessions: v.array(sessionShape) }),
  judge: null,
  run: async ({ db, now }, input) => {
    const user = await findOneUser(db, toNamed(input))
    if (!user.ok) return user
    return ok({ user: user.value, sessions: await listSessions(db, user.value.id, now) })
  },
  show: ({ user, sessions }) => ({
    facts: { user: userFacts(user), sessions: sessions.map(sessionFacts) },
    view: [
      sessions.length > 0
        ? sessionsTable(sessions)
        : sentence(`${user.userName} has no open session.`),
    ],
  }),
  explain: explainPerson,
})

export const sessionRevoke = defineOperation({
  name: 'session revoke',
  summary: 'end every session of a user, or one session',
  details: 'The user may sign in again. To keep the user out, disable the user.',
  examples: [
    { says: 'out everywhere', input: { user: 'ada@acme.com' } },
    { says: 'one session, by its id in session list', input: { id: '5f0cbe7a' } },
  ],
  subject: 'user',
  fields: {
    user: anyUserField,
    id: optionalText('session', 'the id of one session, instead of a user'),
    connection: connectionField,
  },
  changes: true,
  scope: 'people',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/sessions/revoke' },
  result: v.object({
    user: v.optional(userShape),
    revoked: v.array(v.string()),
    withinSeconds: v.nullable(v.number()),
  }),
  judge: ({ user, id }) => {
    if (user !== null && id !== null) return 'Give a user or the id of a session, not both.'
    return user === null && id === null
      ? 'Whose sessions? Give a user, or the id of one session.'
      : null
  },
  run: endGiven,
  show: ({ user, ended }, { bound }) => ({
    facts: {
      ...(user ? { user: userFacts(user) } : {}),
      revoked: ended,
      withinSeconds: bound.seconds,
    },
    view: [sentence(endedWords(user, ended.length, bound.words))],
  }),
  explain: (refused) =>
    refused.reason === 'unknown-session'
      ? refusal('not-found', refused.reason, `There is no open session "${refused.id}".`, {
          operation: 'session list',
          asks: 'user',
        })
      : explainPerson(refused),
})

interface ToEnd {
  readonly user: string | null
  readonly id: string | null
  readonly connection: string | null
}

async function endGiven(
  context: Context,
  { user, id, connection }: ToEnd,
): Promise<Result<{ readonly user: User | null; readonly ended: readonly string[] }, EndRefusal>> {
  if (user !== null) return endSessionsOfUser(context, { text: user, connection })
  const ended = await endSession(context, id ?? '')
  return ended.ok ? ok({ user: null, ended: [id ?? ''] }) : ended
}

function endedWords(user: User | null, sessions: number, soon: string): string {
  if (!user) return `The session is revoked: refused everywhere ${soon}.`
  const { userName } = user
  return sessions === 0
    ? `${userName} had no open session. One that is being opened now is refused ${soon}.`
    : `${count(sessions, 'session')} of ${userName} revoked: refused everywhere ${soon}. ${userName} may sign in again.`
}
