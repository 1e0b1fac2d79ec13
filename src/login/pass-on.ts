/** At the login host: passes a sign-in on to another host, without asking the identity provider. */
import { plusSeconds } from '../lib/instant.ts'
import { ARRIVE_PATH } from '../lib/paths.ts'
import { lacksDevice } from '../session/bound-cookie.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import type { LiveSession } from '../session/session.ts'
import { isIdle } from '../session/standing.ts'
import { newSessionToken } from '../session/token.ts'
import { takesConnection } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { goOnPage, postPage } from './pages.ts'
import { IN_TAB } from './return-to.ts'
import { seeOther } from './see-other.ts'
import { pathTo, type Target } from './target.ts'
import { hasLeft, saveTransfer } from './transfer-store.ts'

const TRANSFER_SECONDS = 60

export interface PassOn {
  readonly target: Target
  /** The connection that the person chose; null: none. */
  readonly connection: string | null
  /** Whether the person posted a form of ours: a redirect to another host may then be blocked. */
  readonly isForm: boolean
  /** Whether the person confirmed that they go on as the person who is signed in. */
  readonly isConfirmed: boolean
}

export interface PassOnDeps {
  readonly stores: SessionStores
  readonly readSession: SessionReader
}

/** null: this browser has no sign-in that may be passed on, so the person must sign in. */
export async function passOn(
  request: Request,
  visit: Visit,
  { target, connection, isForm, isConfirmed }: PassOn,
  { stores: { db }, readSession }: PassOnDeps,
): Promise<Response | null> {
  // Asking for a page of sign-in is no activity: it must not prolong a sign-in that has been idle.
  const reading = await readSession.again(request, visit)
  if (reading.kind !== 'live' || !mayPass(reading.live, target, visit)) return null
  const { session } = reading.live
  const { signIn } = session
  if (signIn === null || (connection !== null && connection !== session.connection)) return null
  const { host, login, by } = target
  if (!isConfirmed && (await hasLeft(db, signIn, host.authority))) {
    const person = session.email ?? session.userName
    return goOnPage(visit, { person, site: host.authority, returnTo: pathTo(target) })
  }
  const code = newSessionToken()
  const expiresAt = plusSeconds(visit.now, TRANSFER_SECONDS)
  const transfer = { signIn, host: host.authority, login, session, expiresAt }
  if (!(await saveTransfer(db, code, transfer))) return null
  const url = host.url + ARRIVE_PATH
  return isForm || by === 'form'
    ? postPage(visit, url, { code, login }, IN_TAB)
    : seeOther(`${url}?code=${code}&login=${login}`)
}

/**
 * Whether the sign-in is one that the target takes: its connection, its age, its last activity. A
 * target that requires a bound session takes it from a bound one: a stolen cookie of the login host
 * would get a session there that it could bind to another device.
 */
function mayPass(live: LiveSession, { host }: Target, { now }: Visit): boolean {
  const { session, lastSeenAt } = live
  const { absoluteSeconds, idleSeconds } = host.session
  return (
    takesConnection(host, session.connection) &&
    now < plusSeconds(session.signedInAt, absoluteSeconds) &&
    !isIdle(idleSeconds, lastSeenAt, now) &&
    !lacksDevice(host, live, now)
  )
}
