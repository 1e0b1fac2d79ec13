/**
 * Asks the person before a login that another site may have begun replaces another person's
 * session. Otherwise an attacker could sign the person in to the attacker's own account, and read
 * what the person writes there. Until the person answers, the browser does not get the new session:
 * its token is sealed in the login's cookie.
 */
import { html } from 'hono/html'
import { renderPage, type Reader } from '../lib/page.ts'
import { SWITCH_PATH } from '../lib/paths.ts'
import { err } from '../lib/result.ts'
import { say, sayHtml } from '../lib/words/speech.ts'
import { readAllSessionTokens } from '../session/cookie.ts'
import { endSessions, replaceSessions } from '../session/open.ts'
import { hashToken, hashTokens } from '../session/token.ts'
import { findByToken, findOtherPerson, hereOnly, signedOut } from '../session/token-store.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { arrive, arriveWith, type ArriveDeps } from './arrive.ts'
import { forgetSession } from './forget-session.ts'
import {
  forgetLogin,
  keepLogin,
  readPending,
  sessionsBeside,
  withOutcome,
  type Outcome,
  type PendingLogin,
} from './pending.ts'
import { refuseLogin } from './refuse.ts'
import { HOME, toUrl } from './return-to.ts'
import { seeOther } from './see-other.ts'

type Asked = Extract<Outcome, { readonly kind: 'asked' }>

interface SwitchOffer {
  readonly login: PendingLogin
  readonly offer: Pick<Asked, 'token' | 'expiresAt' | 'name'>
  readonly logins: readonly PendingLogin[]
}

export async function askToSwitch(
  visit: Visit,
  { login, offer, logins }: SwitchOffer,
  deps: ArriveDeps,
): Promise<Response> {
  const asked = withOutcome(login, {
    kind: 'asked',
    at: visit.now,
    ...offer,
    name: offer.name.slice(0, MOST_OF_A_NAME),
  })
  const response = await showSwitch(visit, asked, logins, deps)
  const cookies = await keepLogin(asked, logins, deps.sealer, visit)
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  return response
}

/** In characters, because the name is kept in a cookie. */
const MOST_OF_A_NAME = 200

/** @param login one with the outcome `asked`. */
export async function showSwitch(
  visit: Visit,
  login: PendingLogin,
  logins: readonly PendingLogin[],
  { stores }: Pick<ArriveDeps, 'stores'>,
): Promise<Response> {
  const { host, now } = visit
  const beside = sessionsBeside(login, logins)
  const terms = { hashes: beside, site: host.authority, userId: '' }
  const present = await findOtherPerson(stores.db, terms, now)
  const coming = login.outcome?.kind === 'asked' ? login.outcome.name : ''
  return switchPage(visit, { present, coming, login: login.handle })
}

interface SwitchPage {
  /** The person who is signed in; null: nobody any more. */
  readonly present: string | null
  /** The person of the new sign-in. */
  readonly coming: string
  /** The handle of the login. */
  readonly login: string
}

export function switchPage(
  reader: Reader,
  { present, coming, login }: SwitchPage,
): Promise<Response> {
  const words = reader.words()
  const { texts } = words
  const change = say(words, 'switchTo', { person: coming })
  const bold = (person: string) => ({ person: html`<strong>${person}</strong>` })
  return renderPage(reader, {
    status: 200,
    title: texts.switchTitle,
    body: html`${present === null ? '' : html`<p>${sayHtml(words, 'youAre', bold(present))}</p>`}
      <p>${sayHtml(words, 'switchAsk', bold(coming))}</p>
      <form method="post" action="${SWITCH_PATH}" class="actions">
        <input type="hidden" name="login" value="${login}" />
        <button name="choice" value="keep">${texts.keepAccount}</button>
        <button name="choice" value="change" class="second">${change}</button>
      </form>`,
    formAction: "'self'",
  })
}

/** @param form of the page above; the caller checks that a page of this site posted it. */
export async function decideSwitch(
  { headers }: Request,
  form: URLSearchParams,
  visit: Visit,
  deps: ArriveDeps,
): Promise<Response> {
  const { host, now } = visit
  const logins = await readPending(headers, deps.sealer, visit)
  const login = logins.find(({ handle }) => handle === form.get('login'))
  if (login?.outcome?.kind !== 'asked') return seeOther(toUrl(host.url, HOME))
  const { token, expiresAt } = login.outcome
  if (form.get('choice') !== 'change') {
    const hash = await hashToken(token)
    // The sign-in began only for this offer, unless the login host passed it on.
    const scope = isLoginHost(host, deps.hosts) ? signedOut : hereOnly
    const ended = await endSessions(deps.stores, { hashes: [hash], scope, now })
    forgetSession(hash, visit, deps)
    const audit = deps.audit(visit)
    for (const { userId: user, id: session } of ended) {
      audit({ kind: 'logout', site: host.authority, user, session })
    }
    const response = await arrive(visit, login.returnTo)
    response.headers.append('Set-Cookie', forgetLogin(login))
    return response
  }
  const coming = await hashToken(token)
  const by = await findByToken(deps.stores.db, coming)
  const present = await hashTokens(readAllSessionTokens(headers))
  const beside = new Set([...present, ...sessionsBeside(login, logins)])
  const ended = [...beside].filter((hash) => hash !== coming)
  const replaced = by?.isEnabled
    ? await replaceSessions(deps.stores, { hashes: ended, by, now })
    : err('ended-meanwhile' as const)
  if (!replaced.ok) {
    forgetSession(coming, visit, deps)
    const named = { subject: null, person: login.outcome.name, user: by?.userId ?? null }
    const refusal = { error: { reason: replaced.error }, named, seen: null }
    const { returnTo } = login
    const refused = { connection: by?.connection ?? null, refusal, returnTo }
    const response = await refuseLogin(visit, refused, deps)
    response.headers.append('Set-Cookie', forgetLogin(login))
    return response
  }
  return arriveWith(visit, { login, token, expiresAt, ended }, logins, deps)
}
