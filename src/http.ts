import { html } from 'hono/html'
import type { Audit } from './audit/event.ts'
import { homeLink, ownHeaders, renderPage } from './lib/page.ts'
import { isApiPath, isScimPath } from './lib/paths.ts'
import { toPlainJson } from './lib/plain.ts'
import { problemResponse } from './lib/problem.ts'
import { StoreUnavailable } from './lib/store-error.ts'
import { errorResponse } from './scim/error.ts'

const RETRY_AFTER_SECONDS = 5

/**
 * Answers an error that no step expected. Access is refused, and the visitor gets a request number
 * to quote.
 */
export function lastResort(
  error: unknown,
  request: Request,
  requestId: string,
  audit: Audit,
): Promise<Response> {
  if (error instanceof StoreUnavailable) {
    audit({ kind: 'store-unavailable', store: error.store, during: error.during })
    return unavailable(request, requestId)
  }
  console.error(toPlainJson({ fault: describe(error), requestId }))
  return answer(request, requestId, {
    status: 500,
    title: 'Something went wrong',
    code: 'internal-error',
    sentence: 'This is our fault, not yours. Try again, or contact your administrator.',
  })
}

/** 503: nobody gets access that cannot be checked. */
export const unavailable = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 503,
    title: 'Temporarily unavailable',
    code: 'temporarily-unavailable',
    sentence: 'Your access cannot be checked right now. Try again in a few seconds.',
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
  })

/** 421: no site of the config has this host. */
export const notOurs = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 421,
    title: 'Site not found',
    code: 'unknown-host',
    sentence: 'There is no site at this address. Check the address, or contact your administrator.',
  })

/** 400: the Host header and the request target do not make a URL. */
export const notAnAddress = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 400,
    title: "This address can't be opened",
    code: 'bad-address',
    sentence: 'The address or the Host header is not valid. Check the address.',
  })

/** 404 for a path below our own prefix. */
export const notFound = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 404,
    title: 'Page not found',
    code: 'not-found',
    sentence: 'There is no page at this address. Check the spelling.',
  })

/**
 * 403, not a redirect: the client's token came unencrypted, and a redirect would invite the client
 * to go on using it.
 */
export const onlyHttps = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 403,
    title: 'Use https',
    code: 'not-https',
    sentence:
      'This address works over https only. Replace the token: it was sent unencrypted, so others may have read it.',
  })

interface Answer {
  readonly status: number
  readonly title: string
  readonly code: string
  readonly sentence: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A page for browsers, an error in the format of SCIM or of the API, JSON for everything else. */
async function answer(request: Request, requestId: string, said: Answer): Promise<Response> {
  const headers = said.headers ?? {}
  const pathname = URL.canParse(request.url) ? new URL(request.url).pathname : ''
  if (isScimPath(pathname)) {
    const { status, sentence } = said
    return errorResponse(request, { status, scimType: null, detail: sentence, headers })
  }
  if (isApiPath(pathname)) {
    const { status, title, code, sentence } = said
    return problemResponse({ status, reason: code, title, detail: sentence, headers }, requestId)
  }
  if (request.headers.get('Accept')?.includes('text/html')) {
    const { status, title, sentence } = said
    return renderPage({
      status,
      title,
      body: html`<p>${sentence}</p>
        ${status === 404 ? homeLink : ''}`,
      requestId,
      headers,
    })
  }
  return Response.json(
    { error: said.code, message: said.sentence, requestId },
    { status: said.status, headers: { ...ownHeaders, ...headers } },
  )
}

/** The place of a bug in the code, without the error's message: that might quote the input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
  return [error.name, ...frames].join('\n')
}
