/** Answers to a visitor who is not signed in, where a redirect is no help. */
import { html } from 'hono/html'
import { keepForm, type FormDeps } from '../form/keep.ts'
import type { Again } from '../form/kept.ts'
import { loginForm } from '../lib/login-form.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { renderPage } from '../lib/page.ts'
import { BACK_PATH, LOGIN_PATH, SIGNED_IN_PATH } from '../lib/paths.ts'
import { rememberHere } from '../lib/tab-memory.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'
import { challenge } from './challenge.ts'
import { againOf, loginPath, referringPage, type Asking } from './login-path.ts'
import { kindOf, Vary } from './request-kind.ts'

/**
 * A script gets 401, because it has no use for a sign-in page. A form is kept by the browser. The
 * address of a page is remembered, if it is too long for a redirect.
 */
export async function refuseUntilLogin(
  request: Request,
  visit: SiteVisit,
  asking: Asking,
  forms: FormDeps,
): Promise<Response> {
  const { site, requestId } = visit
  const { reading, sent } = asking
  const again = againOf(asking)
  const kind = kindOf(request)
  if (kind === 'page') return rememberAddress(visit, again)
  const from = referringPage(request, visit)
  const loginUrl = site.url + loginPath(from, again)
  const said = challenge(request, visit, `Gatehouse login_url="${loginUrl}"`)
  const headers = { 'WWW-Authenticate': said, Vary }
  if (kind === 'form') {
    const session = reading.kind === 'live' ? reading.live.session : null
    const ended = reading.kind === 'ended' ? reading.session : session
    const userId = ended?.userId ?? null
    return keepForm(request, visit, { sent, userId, from, again, headers }, forms)
  }
  return Response.json(
    {
      error: 'login-required',
      message:
        'Sign in first: post a form to loginUrl, or to popupUrl in a new window. Then send this request again.',
      loginUrl,
      popupUrl: site.url + loginPath(SIGNED_IN_PATH, again),
      requestId,
    },
    { status: 401, headers: { ...ownHeaders, ...headers, ...corsHeaders(request, visit.host) } },
  )
}

/**
 * A script remembers the address in the tab. It is too long to be sent to sign-in as a parameter:
 * no server would accept an address that long.
 */
async function rememberAddress(visit: SiteVisit, again: Again | null): Promise<Response> {
  const { site } = visit
  await visit.learn()
  const { texts } = visit.words()
  return renderPage(visit, {
    status: 401,
    title: texts.signingIn,
    body: html`<p>${texts.addressTooLong}</p>
      <ol>
        <li>
          ${loginForm({
            label: texts.signInNewTab,
            connection: again?.connection ?? null,
            to: SIGNED_IN_PATH,
            isFresh: false,
            anew: again?.contexts ?? null,
            isPrimary: true,
            isNewTab: true,
          })}
        </li>
        <li>${texts.reloadTab}</li>
      </ol>`,
    formAction: "'self'",
    script: `${rememberHere}
location.replace('${loginPath(BACK_PATH, again)}')`,
    headers: { 'WWW-Authenticate': `Gatehouse login_url="${site.url}${LOGIN_PATH}"`, Vary },
  })
}
