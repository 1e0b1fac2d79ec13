/** Operations on sessions. */
import * as v from 'valibot'
import { err, ok, type Result } from '../lib/result.ts'
import { revokeSession } from '../session/revoke-store.ts'
import { findUserOf, listSessions } from '../session/standing-store.ts'
import { record, type Context } from './context.ts'
import { requiredText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { findOneUser } from './people.ts'
import {
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
import { sentence } from './view.ts'

export interface UnknownSession {
  readonly reason: 'unknown-session'
  readonly id: string
}

export async function endSession(
  context: Context,
  id: string,
): Promise<Result<string, UnknownSession>> {
  const { db, now } = context
  if (!(await revokeSession(db, id, now))) return err({ reason: 'unknown-session', id })
  await record(context, {
    command: 'session revoke',
    connection: null,
    user: await findUserOf(db, id),
    facts: { session: id },
  })
  return ok(id)
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
  summary: 'end one session, and the sign-in that it belongs to',
  details: 'The person is out at every site where this sign-in let them in, and may sign in again.',
  examples: [{ says: 'by its id in session list', input: { id: '5f0cbe7a' } }],
  subject: 'id',
  fields: { id: requiredText('session', 'the id of the session') },
  changes: true,
  scope: 'people',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/sessions/{id}/revoke' },
  result: v.object({ revoked: v.string(), withinSeconds: v.nullable(v.number()) }),
  judge: null,
  run: (context, { id }) => endSession(context, id),
  show: (id, { bound }) => ({
    facts: { revoked: id, withinSeconds: bound.seconds },
    view: [sentence(`The session is revoked: refused everywhere ${bound.words}.`)],
  }),
  explain: ({ reason, id }) =>
    refusal('not-found', reason, `There is no open session "${id}".`, {
      operation: 'session list',
      asks: 'user',
    }),
})
