/** The end of a sign-in: the browser gets its session, and goes to the page that was asked for. */
import type { Challenges } from '../binding/challenge.ts'
import { offerBinding } from '../binding/offer.ts'
import type { Instant } from '../lib/instant.ts'
import { clearedPlantedCookie, sessionCookie } from '../session/cookie.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import { hashToken, type SessionToken, type TokenHash } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import { forgetSession } from './forget-session.ts'
import { toIdpPage } from './pages.ts'
import { keepLogin, withOutcome, type PendingLogin } from './pending.ts'
import { rememberedCookie } from './remembered.ts'
import { IN_TAB, isLedOn, SIGNED_IN, toUrl, type ReturnTo } from './return-to.ts'
import { seeOther } from './see-other.ts'
import type { StartDeps } from './start.ts'
import type { RefuseDeps } from './told.ts'
import { signedInPage } from './window-pages.ts'

export interface ArriveDeps extends StartDeps, RefuseDeps {
  readonly stores: SessionStores
  readonly readSession: SessionReader
  readonly challenges: Challenges
}

export interface Given {
  readonly login: PendingLogin
  readonly token: SessionToken
  readonly expiresAt: Instant
  /** Sessions that have been ended in D1, because the new session replaces them. */
  readonly ended: readonly TokenHash[]
}

/** @param logins those whose cookies the browser sent, newest first. */
export async function arriveWith(
  visit: Visit,
  { login, token, expiresAt, ended }: Given,
  logins: readonly PendingLogin[],
  deps: ArriveDeps,
): Promise<Response> {
  for (const hash of ended) forgetSession(hash, visit, deps)
  const response = await arrive(visit, login.returnTo)
  response.headers.append('Set-Cookie', clearedPlantedCookie())
  response.headers.append('Set-Cookie', sessionCookie(token, expiresAt, visit.now))
  const session = await hashToken(token)
  await offerBinding(response, visit, session, deps.challenges)
  const done = { kind: 'done', at: visit.now, session } as const
  const cookies = await keepLogin(withOutcome(login, done), logins, deps.sealer, visit)
  for (const cookie of [...cookies, rememberedCookie(login.connection)]) {
    response.headers.append('Set-Cookie', cookie)
  }
  return response
}

/**
 * A sign-in in a separate window ends with a page, not with a redirect: a service worker of the
 * site could answer the redirect. A page also leads on to another host: browsers apply the
 * `form-action` of the IdP's page to the redirects after its form, and that page may allow our login
 * host only.
 */
export async function arrive(visit: Visit, returnTo: ReturnTo): Promise<Response> {
  if (returnTo === SIGNED_IN) return signedInPage(visit)
  const url = toUrl(visit.host.url, returnTo)
  return isLedOn(returnTo) ? toIdpPage(visit, url, IN_TAB) : seeOther(url)
}
