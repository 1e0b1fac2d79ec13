import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { homeLink, ownHeaders, renderPage, type Html } from '../lib/page.ts'
import {
  BACK_PATH,
  LOGIN_PATH,
  LOGOUT_PATH,
  MAX_RETURN_LENGTH,
  SIGNED_IN_PATH,
  targetOf,
} from '../lib/paths.ts'
import { rememberInTab } from '../lib/tab-memory.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { answerPreflight, corsHeaders } from './cors.ts'
import { isPreflight, kindOf } from './request-kind.ts'

/**
 * A page request is sent to sign-in. A script gets 401, because it has no use for a sign-in page.
 */
export function askToLogIn(request: Request, visit: SiteVisit): Response | Promise<Response> {
  const { site, requestId } = visit
  if (isPreflight(request)) return answerPreflight(request, visit)
  const kind = kindOf(request)
  if (kind === 'page') {
    const to = returnPath(request, visit)
    return to === BACK_PATH ? rememberAddress(visit) : redirect(302, loginPath(to))
  }
  const loginUrl = site.url + loginPath(referringPage(request, visit))
  const headers = { 'WWW-Authenticate': `Gatehouse login_url="${loginUrl}"`, Vary }
  if (kind === 'form') return formNotSent(request, requestId, headers)
  return Response.json(
    {
      error: 'login-required',
      message:
        'Sign in first: post a form to loginUrl, or to popupUrl in a new window. Then send this request again.',
      loginUrl,
      popupUrl: site.url + loginPath(SIGNED_IN_PATH),
      requestId,
    },
    { status: 401, headers: { ...ownHeaders, ...headers, ...corsHeaders(request, visit) } },
  )
}

/**
 * A script remembers the address in the tab. It is too long to be sent to sign-in as a parameter:
 * no server would accept an address that long.
 */
const rememberAddress = ({ site, requestId }: SiteVisit): Promise<Response> =>
  renderPage({
    status: 401,
    title: 'Signing you in',
    body: html`<p>The address of this page is too long to keep for you without JavaScript.</p>
      ${stepsByTab('Come back to this tab and reload it.')}`,
    requestId,
    formAction: "'self'",
    script: `${rememberHere}
location.replace('${loginPath(BACK_PATH)}')`,
    headers: { 'WWW-Authenticate': `Gatehouse login_url="${site.url}${LOGIN_PATH}"`, Vary },
  })

const rememberHere = rememberInTab('location.pathname + location.search + location.hash')

/**
 * Steps to sign in in a new tab, while this tab stays as it is.
 *
 * @param then the step after sign-in.
 */
const stepsByTab = (then: string): Html =>
  html`<ol>
    <li>
      ${loginForm({
        label: 'Sign in in a new tab',
        connection: null,
        to: SIGNED_IN_PATH,
        isFresh: false,
        isPrimary: true,
        isNewTab: true,
      })}
    </li>
    <li>${then}</li>
  </ol>`

/**
 * The browser still has what the person typed, and sends it again when this page is reloaded. That
 * is not offered for a form of another site: the browser never sends the session cookie with it
 * (SameSite), and the other site may have filled it in.
 */
function formNotSent(
  request: Request,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const isForeign = request.headers.get('Sec-Fetch-Site') === 'cross-site'
  return renderPage({
    status: 401,
    title: isForeign ? 'This form was not sent' : 'Sign in to send this form',
    body: isForeign
      ? html`<p>It came from another site, and this site accepts forms only from its own pages.</p>
          ${homeLink}`
      : html`<p>
            You are not signed in, so the form was not sent yet. What you typed is not lost: keep
            this tab open, and don't go back.
          </p>
          ${stepsByTab(
            'Come back to this tab and reload it. If your browser asks, choose to send the form again.',
          )}`,
    requestId,
    formAction: "'self'",
    headers,
  })
}

/**
 * The visitor is signed in but has no access. The page names the account, and says what to do next.
 */
export function denied(
  request: Request,
  visit: SiteVisit,
  { session }: LiveSession,
): Promise<Response> {
  const name = session.email ?? session.userName
  const to = returnPath(request, visit)
  return refuse(request, visit, {
    status: 403,
    error: 'access-denied',
    title: "You don't have access to this page",
    message: `You are signed in as ${name}, who has no access to this address.`,
    body: html`<p>You are signed in as <strong>${name}</strong></p>
      <p>If you need access, ask your administrator, and give them the request number below.</p>
      <div class="actions">
        ${loginForm({
          label: 'Use another account',
          connection: null,
          to,
          isFresh: true,
          isPrimary: true,
        })}
        <form method="post" action="${LOGOUT_PATH}">
          <input type="hidden" name="to" value="${to}" />
          <button class="second">Sign out</button>
        </form>
      </div>`,
    formAction: "'self'",
    ...(to === BACK_PATH ? { script: rememberHere } : {}),
  })
}

/**
 * The gate and the origin may read the address differently, so the gate could check the rule of one
 * page while the origin serves another.
 */
export const ambiguous = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 400,
    error: 'ambiguous-path',
    title: "This address can't be opened",
    message: 'The address can be read in more than one way. Check the spelling.',
  })

/** RFC 4918 §9.8.5: a copy to another server is answered with 502. */
export const foreign = (request: Request, visit: SiteVisit, header: string): Promise<Response> =>
  refuse(request, visit, {
    status: 502,
    error: 'other-site',
    title: "This can't be copied to another site",
    message: `The ${header} header names another site. Copy and move within this site.`,
  })

export const unreadable = (request: Request, visit: SiteVisit, header: string): Promise<Response> =>
  refuse(request, visit, {
    status: 400,
    error: 'unreadable-header',
    title: "This request can't be read",
    message: `The ${header} header does not follow RFC 4918. Give an address or a path of this site.`,
  })

/**
 * RFC 9110 §9.3.8: an origin answers TRACE with the request that it got, so the visitor would see
 * the token.
 */
export const noTrace = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 405,
    error: 'method-not-allowed',
    title: 'TRACE is not allowed',
    message: 'This site does not accept TRACE requests. Use another method.',
  })

/**
 * Otherwise a page of another site could act with its visitor's session, and read what the site
 * answers.
 */
export const foreignPage = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 403,
    error: 'foreign-origin',
    title: 'WebSocket not allowed',
    message:
      'Pages of this origin may not open WebSockets here. If you run this site and trust them, add their origin to corsOrigins in gatehouse.config.ts.',
  })

export const noRoute = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 404,
    error: 'no-route',
    title: 'Page not found',
    message: 'There is no page at this address. Check the spelling.',
  })

export const loops = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 508,
    error: 'loop',
    title: 'This site leads back to itself',
    message:
      'The address behind this site is the site itself, so the request would never end. Contact your administrator. If you run this site, check its origin in gatehouse.config.ts.',
  })

export const originFailed = (
  request: Request,
  visit: SiteVisit,
  status: 502 | 504,
): Promise<Response> =>
  refuse(request, visit, {
    status,
    error: 'origin-failed',
    title: "This site isn't responding",
    message:
      status === 504
        ? 'The site took too long to answer. Try again in a moment.'
        : 'The site cannot be reached right now. Try again in a moment.',
  })

interface Refusal {
  readonly status: number
  readonly error: string
  readonly title: string
  readonly message: string
  readonly body?: Html
  readonly formAction?: string
  readonly script?: string
}

async function refuse(request: Request, visit: SiteVisit, refusal: Refusal): Promise<Response> {
  const { status, error, title, message, body, formAction, script } = refusal
  const { requestId } = visit
  if (kindOf(request) !== 'background') {
    return renderPage({
      status,
      title,
      body:
        body ??
        html`<p>${message}</p>
          ${status === 404 || status === 400 ? homeLink : ''}`,
      requestId,
      headers: { Vary },
      ...(formAction === undefined ? {} : { formAction }),
      ...(script === undefined ? {} : { script }),
    })
  }
  const headers = { ...ownHeaders, ...corsHeaders(request, visit), Vary }
  return Response.json({ error, message, requestId }, { status, headers })
}

const redirect = (status: number, path: string): Response =>
  new Response(null, { status, headers: { ...ownHeaders, Location: path, Vary } })

/** All request headers that an answer to one address may depend on. */
const Vary = 'Cookie, Origin, Accept, X-Requested-With, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose'

const loginPath = (to: string): string => `${LOGIN_PATH}?to=${encodeURIComponent(to)}`

/**
 * Where to go after sign-in: the page that was asked for, or the page that a form was on. If the
 * address is too long to send along, the tab remembers it (`rememberHere`).
 */
function returnPath(request: Request, visit: SiteVisit): string {
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
