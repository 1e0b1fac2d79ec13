import { html } from 'hono/html'
import type { Audit } from './audit/event.ts'
import { ownHeaders, renderPage } from './lib/page.ts'
import { isScimPath } from './lib/paths.ts'
import { StoreUnavailable } from './lib/store-error.ts'
import { errorResponse } from './scim/error.ts'

const RETRY_AFTER_SECONDS = 5

/** The last resort: what no step expected. The gate stays shut, and the visitor gets an id to quote. */
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
  console.error(JSON.stringify({ fault: describe(error), requestId }))
  return answer(request, requestId, {
    status: 500,
    title: 'Something went wrong here',
    code: 'internal-error',
    sentence:
      'The fault is ours, and it has been written down. Nothing of your request was passed on.',
  })
}

/** 503: who cannot look whether you may enter does not let you in. */
export const unavailable = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 503,
    title: 'Back in a moment',
    code: 'temporarily-unavailable',
    sentence:
      'We cannot check your access just now, so the door stays shut. Please try again shortly.',
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
  })

/** 421: a host that no site of the config has. */
export const notOurs = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 421,
    title: 'No such site here',
    code: 'unknown-host',
    sentence: 'This address is not one that Gatehouse was set up for.',
  })

/** 404 below our own prefix. */
export const notFound = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 404,
    title: 'Nothing here',
    code: 'not-found',
    sentence: 'There is no page of that name. The address may be mistyped.',
  })

/** 403, and no way on: a token that came in the clear is not asked for again. */
export const onlyHttps = (request: Request, requestId: string): Promise<Response> =>
  answer(request, requestId, {
    status: 403,
    title: 'Only over https',
    code: 'not-https',
    sentence:
      'This is served over https only. A token that was sent in the clear is to be replaced.',
  })

interface Answer {
  readonly status: number
  readonly title: string
  readonly code: string
  readonly sentence: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A page for who reads pages, SCIM for who speaks it, JSON for everything else. */
async function answer(request: Request, requestId: string, said: Answer): Promise<Response> {
  const headers = said.headers ?? {}
  if (isScimPath(new URL(request.url).pathname)) {
    const { status, sentence } = said
    return errorResponse(request, { status, scimType: null, detail: sentence, headers })
  }
  if (request.headers.get('Accept')?.includes('text/html')) {
    const { status, title, sentence } = said
    return renderPage({ status, title, body: html`<p>${sentence}</p>`, requestId, headers })
  }
  return Response.json(
    { error: said.code, message: said.sentence, requestId },
    { status: said.status, headers: { ...ownHeaders, ...headers } },
  )
}

/** Where a bug is, without its message: that might quote what it choked on. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
  return [error.name, ...frames].join('\n')
}
