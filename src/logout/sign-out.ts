import { HOME_PATH, LOGOUT_AT_IDP_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import type { ArriveDeps } from '../login/arrive.ts'
import { forgetSession } from '../login/forget-session.ts'
import { forgetLogin, readPending } from '../login/pending.ts'
import { toUrl, type ReturnTo } from '../login/return-to.ts'
import { seeOther } from '../login/see-other.ts'
import { endSessions } from '../session/open.ts'
import {
  clearedPlantedCookie,
  clearedSessionCookie,
  readAllSessionTokens,
} from '../session/cookie.ts'
import { clearedBoundCookie } from '../session/bound-cookie.ts'
import { endSignIns } from '../session/sign-in-store.ts'
import { findHolder, hereOnly, signedOut } from '../session/token-store.ts'
import { hashTokens } from '../session/token.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import type { LogoutDeps } from './deps.ts'
import { toLoginHostPage } from './idp-pages.ts'
import { sealTicket, type Ticket } from './kept.ts'
import type { Onward } from './onward.ts'
import { signedOutPage } from './pages.ts'

export interface SignOut {
  readonly returnTo: ReturnTo
  /** Where to go on to; null: our own page is the last. */
  readonly onward: Onward | null
  /** Whether the sign-in goes on at other hosts. */
  readonly isHereOnly: boolean
  /** Whether the person wants to sign out at the identity provider too. */
  readonly isAtIdp: boolean
}

/**
 * Ends every session whose token the browser sent: first in D1, then in KV, in this isolate and in
 * the browser. Unless the person wants to leave this host only, their sign-ins end too, and so their
 * sessions at all hosts. A session that waits for the answer to "Switch accounts?" ends too, or else
 * the next person at this browser could take it.
 */
export async function signOut(
  { headers }: Request,
  visit: Visit,
  { returnTo, onward, isHereOnly, isAtIdp }: SignOut,
  deps: LogoutDeps,
): Promise<Response> {
  const { host, now } = visit
  const logins = await readPending(headers, deps.sealer, visit)
  const waiting = logins.flatMap(({ outcome }) => (outcome?.kind === 'asked' ? outcome.token : []))
  const hashes = await hashTokens([...new Set([...readAllSessionTokens(headers), ...waiting])])
  const scope = isHereOnly ? hereOnly : signedOut
  const ended = await endSessions(deps.stores, { hashes, scope, now })
  const audit = deps.audit(visit)
  for (const { userId: user, id, hash } of ended) {
    forgetSession(hash, visit, deps)
    audit({ kind: 'logout', site: host.authority, user, session: id })
  }
  // Without a session that counts, this host does not know which sign-in the browser has.
  const isAll = isLoginHost(host, deps.hosts) || ended.some((each) => each.wasSignedIn)
  const signOutUrl = isAll || isHereOnly ? null : deps.hosts.login.url + LOGOUT_PATH
  const signIn = ended.find((each) => each.wasSignedIn)?.signIn ?? null
  const page =
    isAtIdp && signIn !== null
      ? await leadToIdp(visit, { signIn, onward, back: toUrl(host.url, returnTo) }, deps)
      : await signedOutPage(visit, { returnTo, isHereOnly, signOutUrl, onward })
  page.headers.append('Set-Cookie', clearedSessionCookie())
  page.headers.append('Set-Cookie', clearedBoundCookie())
  // The Back button and new tabs must not show pages from the cache. Not every browser heeds
  // `Vary: Cookie` for that.
  const clears = host.signOutClears === 'storage' ? '"cache", "storage"' : '"cache"'
  page.headers.set('Clear-Site-Data', clears)
  page.headers.append('Set-Cookie', clearedPlantedCookie())
  // Finished logins are forgotten, or else a person who signs in and out three times within a
  // minute would look like a browser that keeps no session. A login without an outcome belongs to
  // another tab, and goes on.
  for (const login of logins.filter(({ outcome }) => outcome !== null)) {
    page.headers.append('Set-Cookie', forgetLogin(login))
  }
  return page
}

/**
 * Leads the browser to the login host, whose request asks the identity provider. The sessions have
 * ended in D1 by now, and this answer asks no store and loads no module. So it clears the cookies
 * even if the identity provider cannot be asked. If the request there fails, a reload within a minute
 * asks: the ticket is that long young.
 */
async function leadToIdp(
  visit: Visit,
  ticket: Ticket,
  { hosts, logoutSealer }: LogoutDeps,
): Promise<Response> {
  const { url } = hosts.login
  const sealed = await sealTicket(ticket, url, logoutSealer, visit.now)
  const next = `${url}${LOGOUT_AT_IDP_PATH}?ticket=${sealed}`
  return isLoginHost(visit.host, hosts) ? seeOther(next) : toLoginHostPage(visit, next)
}

/**
 * Ends sign-ins of the person who is signed in here: one of them, or all (`only` is null). D1 says who
 * that is: KV may miss a session, and a home page may have been open for longer than the idle limit.
 *
 * @returns null: the sign-in of this browser is among them, so it must be signed out too.
 */
export async function endOthers(
  { headers }: Request,
  visit: Visit,
  only: string | null,
  deps: ArriveDeps,
): Promise<Response | null> {
  const { host, now } = visit
  const { db } = deps.stores
  const hashes = await hashTokens(readAllSessionTokens(headers))
  const holder = await findHolder(db, { hashes, site: host.authority }, now)
  // Nobody knows whose sign-ins are meant, so the home page asks the person to sign in.
  if (!holder) return seeOther(HOME_PATH)
  const { userId, session, signIns: own } = holder
  if (only !== null && own.includes(only)) return null
  const ended = await endSignIns(db, { userId, only, now })
  const signIns = ended.filter((id) => !own.includes(id))
  if (signIns.length > 0) {
    const who = { site: host.authority, user: userId, session }
    deps.audit(visit)({ kind: 'sign-ins-ended', ...who, signIns })
  }
  return only === null ? null : seeOther(HOME_PATH)
}
