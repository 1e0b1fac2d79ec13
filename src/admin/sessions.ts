/** Operations on sessions. */
import { endSessionsOf } from '../directory/sign-in-store.ts'
import type { User } from '../directory/user.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { findUserOf, listSessions, revokeSession } from '../session/standing-store.ts'
import { record, type Context } from './context.ts'
import { findOneUser, type Named, type PersonRefusal } from './people.ts'

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
