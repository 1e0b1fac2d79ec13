import { html } from 'hono/html'
import type { Audit } from './audit/event.ts'
import { note } from './audit/fault.ts'
import type { Html } from './lib/html.ts'
import { LIMIT_SECONDS } from './lib/limits.ts'
import { loginForm } from './lib/login-form.ts'
import { homeLink, ownHeaders, renderPage, type Reader } from './lib/page.ts'
import { BACK_PATH, isApiPath, isScimPath } from './lib/paths.ts'
import { PartUnavailable } from './lib/part.ts'
import { problemResponse } from './lib/problem.ts'
import { StoreUnavailable } from './lib/store-error.ts'
import { english } from './lib/words/speech.ts'
import type { Texts } from './lib/words/texts.ts'
import { errorResponse } from './scim/error.ts'

const RETRY_AFTER_SECONDS = 5

/**
 * Answers an error that no step expected. Access is refused, and the visitor gets a request number
 * to quote.
 */
export function lastResort(
  error: unknown,
  request: Request,
  reader: Reader,
  audit: Audit,
): Promise<Response> {
  note(error, reader.requestId, audit)
  return error instanceof StoreUnavailable || error instanceof PartUnavailable
    ? unavailable(request, reader)
    : answer(request, reader, { status: 500, code: 'internal-error' })
}

/** 503: nobody gets access that cannot be checked. */
export async function unavailable(request: Request, reader: Reader): Promise<Response> {
  await reader.learn()
  return answer(request, reader, {
    status: 503,
    code: 'temporarily-unavailable',
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
    next: retryLink(request, reader),
  })
}

/** 429: this client has sent too many requests. */
export async function tooMany(request: Request, reader: Reader): Promise<Response> {
  await reader.learn()
  const { searchParams } = new URL(request.url)
  const again = {
    label: reader.words().texts.tryAgain,
    connection: searchParams.get('connection'),
    to: searchParams.get('to') ?? BACK_PATH,
    isFresh: false,
    isPrimary: true,
  }
  return answer(request, reader, {
    status: 429,
    code: 'too-many-requests',
    headers: { 'Retry-After': String(LIMIT_SECONDS) },
    next: loginForm(again),
  })
}

/** 421: no site of the config has this host. */
export const notOurs = (request: Request, reader: Reader): Promise<Response> =>
  answer(request, reader, { status: 421, code: 'unknown-host' })

/** 400: the Host header and the request target do not make a URL. */
export const notAnAddress = (request: Request, reader: Reader): Promise<Response> =>
  answer(request, reader, { status: 400, code: 'bad-address' })

/** 404 for a path below our own prefix. */
export const notFound = (request: Request, reader: Reader): Promise<Response> =>
  answer(request, reader, { status: 404, code: 'not-found', next: homeLink(reader) })

/**
 * 403, not a redirect: the client's token came unencrypted, and a redirect would invite the client
 * to go on using it.
 */
export const onlyHttps = (request: Request, { requestId }: Reader): Response =>
  toProgram(request, requestId, {
    status: 403,
    code: 'not-https',
    title: 'Use https',
    message:
      'This address works over https only. Replace the token: it was sent unencrypted, so others may have read it.',
    headers: {},
  })

interface Told {
  readonly status: number
  readonly code: string
  /** In English, as the message is. */
  readonly title: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
}

/** An error in the format of SCIM or of the API, JSON for everything else. */
function toProgram(
  request: Request,
  requestId: string,
  { status, code, title, message, headers }: Told,
): Response {
  const pathname = pathOf(request)
  if (isScimPath(pathname)) {
    return errorResponse(request, { status, scimType: null, detail: message, headers })
  }
  if (isApiPath(pathname)) {
    return problemResponse({ status, reason: code, title, detail: message, headers }, requestId)
  }
  return Response.json(
    { error: code, message, requestId },
    { status, headers: { ...ownHeaders, ...headers } },
  )
}

interface Answer {
  readonly status: number
  readonly code: keyof Texts['refusals']
  readonly headers?: Readonly<Record<string, string>>
  /** What a person can do next, on the page. */
  readonly next?: Html
}

/** A page for browsers. */
async function answer(
  request: Request,
  reader: Reader,
  { status, code, headers = {}, next }: Answer,
): Promise<Response> {
  const { requestId } = reader
  const path = pathOf(request)
  const isPage = request.headers.get('Accept')?.includes('text/html')
  if (!isPage || isScimPath(path) || isApiPath(path)) {
    const [title, message] = english.texts.refusals[code]
    return toProgram(request, requestId, { status, code, title, message, headers })
  }
  await reader.learn()
  const [title, sentence] = reader.words().texts.refusals[code]
  return renderPage(reader, {
    status,
    title,
    body: html`<p>${sentence}</p>
      ${next ?? ''}`,
    formAction: "'self'",
    headers,
  })
}

/**
 * The link asks for the same address with GET. What a form has sent is not in it, so a page that
 * answers a form has none, except where the identity provider's form came: there a GET begins anew.
 */
const retryLink = (request: Request, { words }: Reader): Html =>
  request.method === 'POST' && !pathOf(request).endsWith('/acs')
    ? html``
    : html`<p><a class="button" href="">${words().texts.tryAgain}</a></p>`

const pathOf = ({ url }: Request): string => (URL.canParse(url) ? new URL(url).pathname : '')
