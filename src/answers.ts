/** Our answers where no site is asked: as a page, or in the format of the program that asked. */
import { html } from 'hono/html'
import type { Html } from './lib/html.ts'
import { LIMIT_SECONDS } from './lib/limits.ts'
import { loginForm } from './lib/login-form.ts'
import { ownHeaders, retrySoon } from './lib/own-headers.ts'
import { homeLink, renderPage, type Reader } from './lib/page.ts'
import { BACK_PATH, isApiPath, isScimPath } from './lib/paths.ts'
import { problemResponse } from './lib/problem.ts'
import { english } from './lib/words/speech.ts'
import { errorResponse } from './scim/error.ts'

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** What a person can do next, on the page. */
  readonly next?: (request: Request, reader: Reader) => Html
}

const answers = {
  'internal-error': { status: 500 },
  /** Nobody gets access that cannot be checked. */
  'temporarily-unavailable': {
    status: 503,
    headers: retrySoon,
    // The link asks for the same address with GET. What a form has sent is not in it, so a page that
    // answers a form has none, except where the identity provider's form came: there a GET begins
    // anew.
    next: (request, { words }) =>
      request.method === 'POST' && !pathOf(request).endsWith('/acs')
        ? html``
        : html`<p><a class="button" href="">${words().texts.tryAgain}</a></p>`,
  },
  /** This client has sent too many requests. */
  'too-many-requests': {
    status: 429,
    headers: { 'Retry-After': String(LIMIT_SECONDS) },
    next: (request, { words }) => {
      const { searchParams } = new URL(request.url)
      return loginForm({
        label: words().texts.tryAgain,
        connection: searchParams.get('connection'),
        to: searchParams.get('to') ?? BACK_PATH,
        isFresh: false,
        isPrimary: true,
      })
    },
  },
  /** No site of the config has this host. */
  'unknown-host': { status: 421 },
  /** The Host header and the request target do not make a URL. */
  'bad-address': { status: 400 },
  /** A path below our own prefix. */
  'not-found': { status: 404, next: (_, reader) => homeLink(reader) },
} as const satisfies Readonly<Record<string, Answer>>

/** As programs see it. */
export type Code = keyof typeof answers | 'not-https'

export function answerWith(code: Code, request: Request, reader: Reader): Promise<Response> {
  if (code === 'not-https') return Promise.resolve(onlyHttps(request, reader))
  return answer(request, reader, code)
}

/**
 * 403, not a redirect: the client's token came unencrypted, and a redirect would invite the client
 * to go on using it.
 */
const onlyHttps = (request: Request, { requestId }: Reader): Response =>
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
  readonly code: Code
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

/** A page for browsers. */
async function answer(
  request: Request,
  reader: Reader,
  code: keyof typeof answers,
): Promise<Response> {
  const { status, headers = {}, next }: Answer = answers[code]
  const path = pathOf(request)
  const isPage = request.headers.get('Accept')?.includes('text/html')
  if (!isPage || isScimPath(path) || isApiPath(path)) {
    const [title, message] = english.texts.refusals[code]
    return toProgram(request, reader.requestId, { status, code, title, message, headers })
  }
  await reader.learn()
  const [title, sentence] = reader.words().texts.refusals[code]
  return renderPage(reader, {
    status,
    title,
    body: html`<p>${sentence}</p>
      ${next?.(request, reader) ?? ''}`,
    formAction: "'self'",
    headers,
  })
}

const pathOf = ({ url }: Request): string => (URL.canParse(url) ? new URL(url).pathname : '')
