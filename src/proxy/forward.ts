import { targetOf } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { originUrl, type Origin, type Site } from '../site/site.ts'
import type { SiteVisit } from '../site/visit.ts'
import { changeToOrigin, type ToSay } from './request-headers.ts'
import type { Ending, Watch } from './watch.ts'

/** How to ask an origin: over the network, or a Worker by its binding. */
export type OriginFetch = (origin: Origin, request: Request, how: HowToAsk) => Promise<Response>

interface HowToAsk {
  readonly redirect: 'manual'
  /** A body stays as it is, compressed or not: nobody here reads it. */
  readonly encodeResponseBody: 'manual'
  readonly cf?: Readonly<Record<string, unknown>>
}

export type OriginFailure =
  | { readonly kind: 'failed'; readonly status: 502 | 504; readonly reason: string }
  /** The visitor's standing ended before the origin answered. */
  | { readonly kind: 'over' | 'unknown' }

export interface Asking {
  readonly say: ToSay
  readonly fetchOrigin: OriginFetch
  readonly watch: Watch
}

/** As long as Cloudflare itself waits for an origin. A request with a body may take its time. */
export const lateAfterSeconds = ({ body }: Request): number | null => (body ? null : 100)

export const createOriginFetch =
  (services: ReadonlyMap<string, Fetcher>): OriginFetch =>
  async (origin, request, how) => {
    if (origin.kind === 'url') return fetch(request, how)
    const service = services.get(origin.binding)
    if (!service) throw new Error(`no service ${origin.binding}`) // unreachable: parsed at start-up
    return service.fetch(request, how)
  }

/** Sends the request on, path and body as they came, and waits for the headers of the answer. */
export async function forward(
  request: Request,
  visit: SiteVisit,
  { say, fetchOrigin, watch }: Asking,
): Promise<Result<Response, OriginFailure>> {
  const { site } = visit
  // Copied, for only a copy lets a GET keep a body: some have one, and an empty one counts. Once, for
  // to copy headers is what costs most here.
  const toOrigin = new Request(originUrl(site) + targetOf(visit.url), request)
  changeToOrigin(toOrigin, visit, say)
  const how = howToAsk(site, toOrigin, say.identity !== null)
  const answer = await unlessEnded(
    fetchOrigin(site.origin, toOrigin, how).catch((): 'unreachable' => 'unreachable'),
    watch,
  )
  watch.answered()
  if (answer === 'unreachable') return failed(502, 'unreachable')
  if (answer === 'late') return failed(504, 'no answer in time')
  if (answer === 'over' || answer === 'unknown') return err({ kind: answer })
  // Nobody asked for another protocol, and an answer by it cannot be passed on.
  if (answer.status === 101 && !answer.webSocket) return failed(502, 'status 101')
  // Cloudflare's own, for an origin that it could not reach. 529 is used by origins. Over 599 there is
  // no status (RFC 9110 §15), and none that an answer can be made with.
  const { status } = answer
  if ((status >= 520 && status <= 530 && status !== 529) || status > 599) {
    const isLate = status === 522 || status === 524
    return failed(isLate ? 504 : 502, `status ${status}`)
  }
  return ok(answer)
}

/**
 * What is for one visitor is neither put into Cloudflare's cache nor taken from there. These two are
 * what `cache: 'no-store'` tells the edge (workerd, Request::serializeCfBlobJson); by that name the
 * runtime also adds Cache-Control and Pragma, and an origin that sees them never answers 304.
 */
const neverCached = { cacheTtl: -1, cacheLevel: 'bypass' }

function howToAsk(site: Site, request: Request, isProtected: boolean): HowToAsk {
  const cf = {
    // A Worker behind reads of the visitor what we were told.
    ...(site.origin.kind === 'service' ? request.cf : {}),
    ...(isProtected ? neverCached : {}),
    ...lookedUpAs(site),
  }
  return { redirect: 'manual', encodeResponseBody: 'manual', cf }
}

/** Where the server is whose Host is the public one: the site's own DNS record says so, or a name. */
function lookedUpAs({ origin, authority }: Site): Readonly<Record<string, string>> {
  if (origin.kind !== 'url' || origin.host !== 'public') return {}
  const found = new URL(origin.url)
  return found.host === authority ? {} : { resolveOverride: found.hostname }
}

const failed = (status: 502 | 504, reason: string) =>
  err({ kind: 'failed' as const, status, reason })

/** By one promise of its own: a race would be several more for every request. */
const unlessEnded = <T>(answer: Promise<T>, watch: Watch): Promise<T | Ending> =>
  new Promise((resolve, reject) => {
    watch.onEnd(resolve)
    void answer.then(resolve, reject)
  })
