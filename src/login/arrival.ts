/** At a host that is not the login host: takes over the sign-in that the login host passes on. */
import type { NotBegun } from '../directory/not-begun-store.ts'
import { BACK_PATH } from '../lib/paths.ts'
import { openSession } from '../session/open.ts'
import { findOtherPerson } from '../session/token-store.ts'
import type { Visit } from '../site/visit.ts'
import { arrive, arriveWith, type ArriveDeps } from './arrive.ts'
import { sessionsBeside, type PendingLogin } from './pending.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { HOME } from './return-to.ts'
import { seeOther } from './see-other.ts'
import { askToSwitch, showSwitch } from './switch.ts'
import { toSessionHere } from './terms.ts'
import { acceptTransfer } from './transfer.ts'
import { takeTransfer } from './transfer-store.ts'

export interface Arrival {
  readonly code: string
  /** The handle of the login. */
  readonly login: string
}

/** @param logins those whose cookies the browser sent, newest first. */
export async function answerArrival(
  visit: Visit,
  { code, login: handle }: Arrival,
  logins: readonly PendingLogin[],
  deps: ArriveDeps,
): Promise<Response> {
  const { host, now } = visit
  const { stores, newId } = deps
  const login = logins.find((each) => each.handle === handle) ?? null
  if (login?.outcome?.kind === 'done') return arrive(visit, login.returnTo)
  if (login?.outcome) return showSwitch(visit, login, logins, deps)
  const found = await takeTransfer(stores.db, code)
  // A reload, or the Back button, after the browser has forgotten the login. It may be signed in.
  if (!found && !login) return seeOther(`${BACK_PATH}?lost=`)
  const taken = acceptTransfer(found, login, visit)
  if (!taken.ok) {
    const returnTo = login?.returnTo ?? HOME
    const refusal = nobody({ reason: taken.error })
    const connection = found?.session.connection ?? null
    return refuseLogin(visit, { connection, refusal, returnTo }, deps)
  }
  const { transfer, asked } = taken.value
  const session = toSessionHere(newId(), transfer, visit)
  const { userId, connection, expiresAt } = session
  const name = session.email ?? session.userName
  const refuse = (reason: NotBegun | 'session-over') => {
    const named = { subject: session.nameId, person: name, user: userId }
    const refusal = { error: { reason }, named, seen: null }
    return refuseLogin(visit, { connection, refusal, returnTo: asked.returnTo }, deps)
  }
  if (expiresAt <= now) return refuse('session-over')
  const beside = asked.isForeign ? sessionsBeside(asked, logins) : []
  const terms = { hashes: beside, site: host.authority, userId }
  const other = beside.length === 0 ? null : await findOtherPerson(stores.db, terms, now)
  const replaces = other === null ? asked.replaces : []
  const opened = await openSession(stores, { session, newSignIn: null, replaces }, visit)
  if (!opened.ok) return refuse(opened.error)
  const token = opened.value
  const who = { site: host.authority, connection, user: userId, session: session.id }
  deps.audit(visit)({ kind: 'arrival', ...who })
  if (other === null) {
    return arriveWith(visit, { login: asked, token, expiresAt, ended: replaces }, logins, deps)
  }
  return askToSwitch(visit, { login: asked, offer: { token, expiresAt, name }, logins }, deps)
}
