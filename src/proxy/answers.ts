import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { homeLink, renderPage } from '../lib/page.ts'
import { english } from '../lib/words/speech.ts'
import type { Texts } from '../lib/words/texts.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'
import { kindOf, Vary } from './request-kind.ts'

/** Addresses are in logs, in histories and in Referer headers. */
export const tokenInQuery = (request: Request, visit: SiteVisit): Response =>
  tellProgram(request, visit, {
    status: 400,
    error: 'token-in-address',
    message:
      'A token must not be in an address, where logs keep it. Revoke this one, and send the next in the Authorization header.',
  })

/** Only a script names the person of its request. */
export const otherPerson = (request: Request, visit: SiteVisit): Response =>
  tellProgram(request, visit, {
    status: 403,
    error: 'other-person',
    message:
      'Another account was signed in when this page was opened, so nothing was sent. Reload the page.',
  })

/**
 * The gate and the origin may read the address differently, so the gate could check the rule of one
 * page while the origin serves another.
 */
export const ambiguous = (request: Request, visit: SiteVisit): Promise<Response> =>
  showRefusal(request, visit, { status: 400, error: 'ambiguous-path', text: 'ambiguous-path' })

/** RFC 4918 §9.8.5: a copy to another server is answered with 502. */
export const foreign = (request: Request, visit: SiteVisit, header: string): Response =>
  tellProgram(request, visit, {
    status: 502,
    error: 'other-site',
    message: `The ${header} header names another site. Copy and move within this site.`,
  })

export const unreadable = (request: Request, visit: SiteVisit, header: string): Response =>
  tellProgram(request, visit, {
    status: 400,
    error: 'unreadable-header',
    message: `The ${header} header does not follow RFC 4918. Give an address or a path of this site.`,
  })

/**
 * RFC 9110 §9.3.8: an origin answers TRACE with the request that it got, so the visitor would see
 * the token. Browsers send no TRACE (Fetch §4.6).
 */
export const noTrace = (request: Request, visit: SiteVisit): Response =>
  tellProgram(request, visit, {
    status: 405,
    error: 'method-not-allowed',
    message: 'This site does not accept TRACE requests. Use another method.',
  })

/**
 * Otherwise a page of another site could act with its visitor's session, and read what the site
 * answers.
 */
export const foreignPage = (request: Request, visit: SiteVisit): Response =>
  tellProgram(request, visit, {
    status: 403,
    error: 'foreign-origin',
    message:
      'Pages of this origin may not open WebSockets here. If you run this site and trust them, add their origin to corsOrigins in gatehouse.config.ts.',
  })

export const noRoute = (request: Request, visit: SiteVisit): Promise<Response> =>
  showRefusal(request, visit, { status: 404, error: 'no-route', text: 'not-found' })

export const loops = (request: Request, visit: SiteVisit): Promise<Response> =>
  showRefusal(request, visit, { status: 508, error: 'loop', text: 'loop' })

export const originFailed = (
  request: Request,
  visit: SiteVisit,
  status: 502 | 504,
): Promise<Response> =>
  showRefusal(request, visit, {
    status,
    error: 'origin-failed',
    text: status === 504 ? 'origin-slow' : 'origin-failed',
  })

interface Told {
  readonly status: number
  readonly error: string
  /** In English. */
  readonly message: string
}

/** JSON, for what no person asks for in a browser's window. git shows people plain text only. */
export function tellProgram(
  request: Request,
  { host, requestId }: SiteVisit,
  { status, error, message }: Told,
): Response {
  const headers = { ...ownHeaders, ...corsHeaders(request, host), Vary }
  if (request.headers.get('User-Agent')?.startsWith('git/')) {
    const text = `${message} (${error}, request ${requestId})\n`
    return new Response(text, { status, headers: { ...headers, 'Content-Type': 'text/plain' } })
  }
  return Response.json({ error, message, requestId }, { status, headers })
}

interface ShownRefusal {
  readonly status: number
  /** For programs. */
  readonly error: string
  /** The title and the sentence of the page. */
  readonly text: keyof Texts['refusals']
  /** For programs, in English; absent: the sentence of the page. */
  readonly message?: string
  readonly body?: Html
  readonly formAction?: string
  readonly script?: string
}

export async function showRefusal(
  request: Request,
  visit: SiteVisit,
  { status, error, text, message, body, ...page }: ShownRefusal,
): Promise<Response> {
  if (kindOf(request) === 'background') {
    const said = message ?? english.texts.refusals[text][1]
    return tellProgram(request, visit, { status, error, message: said })
  }
  await visit.learn()
  const [title, sentence] = visit.words().texts.refusals[text]
  return renderPage(visit, {
    status,
    title,
    body:
      body ??
      html`<p>${sentence}</p>
        ${status === 404 || status === 400 ? homeLink(visit) : ''}`,
    headers: { Vary },
    ...page,
  })
}
