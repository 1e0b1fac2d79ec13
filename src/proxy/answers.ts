import { html } from 'hono/html'
import { ownHeaders, renderPage, type Html } from '../lib/page.ts'
import { LOGIN_PATH, LOGOUT_PATH, MAX_RETURN_LENGTH } from '../lib/paths.ts'
import type { LiveSession } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import { isPreflight, kindOf } from './request-kind.ts'

/** To the page for signing in, or 401 for who could do nothing with it. */
export function askToLogIn(request: Request, visit: Visit): Response {
  const { site, requestId } = visit
  if (isPreflight(request)) return answerPreflight(request, visit)
  const kind = kindOf(request)
  if (kind === 'page') {
    const { pathname, search } = visit.url
    return redirect(302, loginPath(pathname + search))
  }
  // What was sent is lost; the page it was sent from is not.
  if (kind === 'form') return redirect(303, loginPath(referringPage(request, visit)))

  const loginUrl = site.url + loginPath(referringPage(request, visit))
  return Response.json(
    {
      error: 'login-required',
      message: 'Sign in at loginUrl, in a window of its own, and ask again.',
      loginUrl,
      requestId,
    },
    {
      status: 401,
      headers: {
        ...ownHeaders,
        'WWW-Authenticate': `Gatehouse login_url="${loginUrl}"`,
        ...corsHeaders(request, visit),
        Vary,
      },
    },
  )
}

/** Signed in, and still not let in: says as whom, and what would help. */
export function denied(
  request: Request,
  visit: Visit,
  { session }: LiveSession,
): Promise<Response> {
  const name = session.email ?? session.userName
  return refuse(request, visit, {
    status: 403,
    error: 'access-denied',
    title: 'Not open to you',
    message: `You are signed in as ${name}, and this page is for others.`,
    body: html`<p>
        You are signed in as <strong>${name}</strong>, and this page is for others. If you should
        have access, ask whoever runs this site, and give them the request number below.
      </p>
      <form method="post" action="${LOGOUT_PATH}">
        <button>Sign out, to use another account</button>
      </form>`,
    formAction: "'self'",
  })
}

/** An address that two programs read differently: it would be guarded as one and served as another. */
export const ambiguous = (request: Request, visit: Visit): Promise<Response> =>
  refuse(request, visit, {
    status: 400,
    error: 'ambiguous-path',
    title: 'This address can be read in two ways',
    message: 'The path may mean something else to the site behind than to its gate.',
  })

/** RFC 9110 §9.3.8: an origin that answers it shows what it was sent, the person's token too. */
export const noTrace = (request: Request, visit: Visit): Promise<Response> =>
  refuse(request, visit, {
    status: 405,
    error: 'method-not-allowed',
    title: 'TRACE is not passed on',
    message: 'A request of the method TRACE goes no further than the gate.',
  })

export const noRoute = (request: Request, visit: Visit): Promise<Response> =>
  refuse(request, visit, {
    status: 404,
    error: 'no-route',
    title: 'Nothing here',
    message: 'No page of this site is open to anyone at this address.',
  })

export const originFailed = (
  request: Request,
  visit: Visit,
  status: 502 | 504,
): Promise<Response> =>
  refuse(request, visit, {
    status,
    error: 'origin-failed',
    title: 'The site does not answer',
    message:
      status === 504
        ? 'You may come in, but the site behind this gate took too long.'
        : 'You may come in, but the site behind this gate cannot be reached.',
  })

interface Refusal {
  readonly status: number
  readonly error: string
  readonly title: string
  readonly message: string
  readonly body?: Html
  readonly formAction?: string
}

async function refuse(request: Request, visit: Visit, refusal: Refusal): Promise<Response> {
  const { status, error, title, message, body, formAction } = refusal
  const { requestId } = visit
  if (kindOf(request) !== 'background') {
    return renderPage({
      status,
      title,
      body: body ?? html`<p>${message}</p>`,
      requestId,
      headers: { Vary },
      ...(formAction === undefined ? {} : { formAction }),
    })
  }
  const headers = { ...ownHeaders, ...corsHeaders(request, visit), Vary }
  return Response.json({ error, message, requestId }, { status, headers })
}

const redirect = (status: number, path: string): Response =>
  new Response(null, { status, headers: { ...ownHeaders, Location: path, Vary } })

/** All that an answer to one address may depend on. */
const Vary = 'Cookie, Origin, Accept, X-Requested-With, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose'

/** What is too long to come back to is not sent along: encoded, no server would take the address. */
const loginPath = (to: string): string =>
  `${LOGIN_PATH}?to=${encodeURIComponent(to.length > MAX_RETURN_LENGTH ? '/' : to)}`

/** A background request is never where to return to; the page that made it may be. */
function referringPage(request: Request, { site }: Visit): string {
  const referer = request.headers.get('Referer')
  if (referer === null || !URL.canParse(referer)) return '/'
  const { origin, pathname, search } = new URL(referer)
  return origin === site.url ? pathname + search : '/'
}

/**
 * A preflight never carries a cookie, so it would be refused for ever. For origins that the site
 * names, we say yes in the origin's stead: the request itself still needs a session. What a
 * protected origin answers to OPTIONS stays behind the gate.
 */
function answerPreflight(request: Request, visit: Visit): Response {
  const cors = corsHeaders(request, visit)
  const { headers } = request
  const allowed = {
    ...cors,
    'Access-Control-Allow-Methods': headers.get('Access-Control-Request-Method') ?? '',
    'Access-Control-Allow-Headers': headers.get('Access-Control-Request-Headers') ?? '',
    'Access-Control-Max-Age': '600',
  }
  const isAllowed = 'Access-Control-Allow-Origin' in cors
  return new Response(null, {
    status: isAllowed ? 204 : 403,
    headers: {
      ...ownHeaders,
      ...(isAllowed ? allowed : {}),
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  })
}

function corsHeaders(request: Request, { site }: Visit): Record<string, string> {
  const origin = request.headers.get('Origin')
  if (origin === null || (origin !== site.url && !site.corsOrigins.includes(origin))) return {}
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
  }
}
