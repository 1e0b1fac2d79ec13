import { targetOf } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { originUrl, type Origin, type Site } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import { changeToOrigin, type ToSay } from './request-headers.ts'

/** How to ask an origin: over the network, or a Worker by its binding. */
export type OriginFetch = (origin: Origin, request: Request, how: HowToAsk) => Promise<Response>

interface HowToAsk {
  readonly redirect: 'manual'
  readonly cf?: Readonly<Record<string, unknown>>
}

export interface OriginFailure {
  readonly status: 502 | 504
  readonly reason: string
}

/** As long as Cloudflare itself waits for an origin. A request with a body may take its time. */
const HEADERS_WITHIN_SECONDS = 100

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
  visit: Visit,
  say: ToSay,
  fetchOrigin: OriginFetch,
): Promise<Result<Response, OriginFailure>> {
  const { site } = visit
  // Copied, for only a copy lets a GET keep a body: some have one, and an empty one counts. Once, for
  // to copy headers is what costs most here.
  const toOrigin = new Request(originUrl(site) + targetOf(visit.url), request)
  changeToOrigin(toOrigin, visit, say)
  const how = howToAsk(site, toOrigin, say.identity !== null)
  const answer = await unlessTooLate(
    fetchOrigin(site.origin, toOrigin, how).catch((): 'unreachable' => 'unreachable'),
    request.body ? null : HEADERS_WITHIN_SECONDS,
  )
  if (answer === 'unreachable') return err({ status: 502, reason: 'unreachable' })
  if (answer === 'too-late') return err({ status: 504, reason: 'no answer in time' })
  // Nobody asked for another protocol, and an answer by it cannot be passed on.
  if (answer.status === 101 && !answer.webSocket) return err({ status: 502, reason: 'status 101' })
  // Cloudflare's own, for an origin that it could not reach. 529 is used by origins. Over 599 there is
  // no status (RFC 9110 §15), and none that an answer can be made with.
  const { status } = answer
  if ((status >= 520 && status <= 530 && status !== 529) || status > 599) {
    const isLate = answer.status === 522 || answer.status === 524
    return err({ status: isLate ? 504 : 502, reason: `status ${answer.status}` })
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
  return { redirect: 'manual', cf }
}

/** Where the server is whose Host is the public one: the site's own DNS record says so, or a name. */
function lookedUpAs({ origin, host }: Site): Readonly<Record<string, string>> {
  if (origin.kind !== 'url' || origin.host !== 'public') return {}
  const found = new URL(origin.url)
  return found.host === host ? {} : { resolveOverride: found.hostname }
}

/** By one promise of its own: a race would be several more for every request. */
function unlessTooLate<T>(answer: Promise<T>, seconds: number | null): Promise<T | 'too-late'> {
  if (seconds === null) return answer
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('too-late'), seconds * 1000)
    void answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
