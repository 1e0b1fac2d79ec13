import { html } from 'hono/html'
import { homeLink, ownHeaders, renderPage, type Html } from '../lib/page.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'
import { Vary } from './ask-to-log-in.ts'
import { kindOf } from './request-kind.ts'

export const otherPerson = (request: Request, visit: SiteVisit): Promise<Response> =>
  refuse(request, visit, {
    status: 403,
    error: 'other-person',
    title: 'Somebody else is signed in',
    message:
      'Another account was signed in when this page was opened, so nothing was sent. Reload the page.',
  })

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

export async function refuse(
  request: Request,
  visit: SiteVisit,
  refusal: Refusal,
): Promise<Response> {
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
  const headers = { ...ownHeaders, ...corsHeaders(request, visit.host), Vary }
  return Response.json({ error, message, requestId }, { status, headers })
}
