/** Answers to a visitor who is not signed in: a page or a script asks, or a form was posted. */
import { html } from 'hono/html'
import { keepForm, type FormDeps, type SentForm } from '../form/keep.ts'
import type { Again } from '../form/kept.ts'
import { ANEW, loginForm } from '../lib/login-form.ts'
import { ownHeaders, renderPage } from '../lib/page.ts'
import { BACK_PATH, LOGIN_PATH, MAX_RETURN_LENGTH, SIGNED_IN_PATH, targetOf } from '../lib/paths.ts'
import { rememberInTab } from '../lib/tab-memory.ts'
import type { Anew } from '../policy/anew.ts'
import type { SessionReading } from '../session/session.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'
import { challenge } from './challenge.ts'
import { answerPreflight } from './cors.ts'
import { isPreflight, kindOf } from './request-kind.ts'

export interface Asking {
  readonly reading: SessionReading
  readonly sent: SentForm | null
  /** What a policy asks of a new sign-in; null: nobody is signed in. */
  readonly anew: Anew | null
}

/**
 * A page request is sent to sign-in. A script gets 401, because it has no use for a sign-in page. A
 * form is kept by the browser.
 */
export async function askToLogIn(
  request: Request,
  visit: SiteVisit,
  { reading, sent, anew }: Asking,
  forms: FormDeps,
): Promise<Response> {
  const { site, requestId } = visit
  if (isPreflight(request)) return answerPreflight(request, visit)
  const live = reading.kind === 'live' ? reading.live.session : null
  const again: Again | null =
    anew && live ? { contexts: anew.contexts ?? [], connection: live.connection } : null
  const kind = kindOf(request)
  if (kind === 'page') {
    const to = returnPath(request, visit)
    return to === BACK_PATH ? rememberAddress(visit, again) : redirect(302, loginPath(to, again))
  }
  const from = referringPage(request, visit)
  const loginUrl = site.url + loginPath(from, again)
  const said = challenge(request, visit, `Gatehouse login_url="${loginUrl}"`)
  const headers = { 'WWW-Authenticate': said, Vary }
  if (kind === 'form') {
    const ended = reading.kind === 'ended' ? reading.session : live
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

export const rememberHere = rememberInTab('location.pathname + location.search + location.hash')

const redirect = (status: number, path: string): Response =>
  new Response(null, { status, headers: { ...ownHeaders, Location: path, Vary } })

/** All request headers that an answer to one address may depend on. */
export const Vary =
  'Cookie, Authorization, Origin, Accept, X-Requested-With, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose'

function loginPath(to: string, again: Again | null): string {
  const query = new URLSearchParams(
    again ? { connection: again.connection, [ANEW]: again.contexts.join(' ') } : {},
  )
  return `${LOGIN_PATH}?to=${encodeURIComponent(to)}${again ? '&' : ''}${query.toString()}`
}

/**
 * Where to go after sign-in: the page that was asked for, or the page that a form was on. If the
 * address is too long to send along, the tab remembers it (`rememberHere`).
 */
export function returnPath(request: Request, visit: SiteVisit): string {
  if (kindOf(request) !== 'page') return referringPage(request, visit)
  const to = targetOf(visit.url)
  return to.length > MAX_RETURN_LENGTH ? BACK_PATH : to
}

/**
 * Sign-in never returns to a background request's address, but to the page that made the request.
 */
function referringPage(request: Request, { site }: SiteVisit): string {
  const referer = request.headers.get('Referer')
  if (referer === null || !URL.canParse(referer)) return '/'
  const { origin, pathname, search } = new URL(referer)
  const to = pathname + search
  return origin === site.url && to.length <= MAX_RETURN_LENGTH ? to : '/'
}
