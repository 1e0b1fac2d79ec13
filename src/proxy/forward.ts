import { targetOf } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { originUrl, type Site } from '../site/site.ts'
import type { SiteVisit } from '../site/visit.ts'
import { headersToOrigin, type ToSay } from './request-headers.ts'
import type { Watch } from './watch.ts'

/** Sends a request to an origin: over the network, or to a Worker by its service binding. */
export type OriginFetch = (site: Site, to: string | Request, how: HowToAsk) => Promise<Response>

export interface OriginBindings {
  readonly services: ReadonlyMap<string, Fetcher>
  /** By name. */
  readonly originSecrets: ReadonlyMap<string, string>
}

interface HowToAsk {
  readonly method?: string
  readonly headers: Headers
  readonly redirect: 'manual'
  /** The body is passed on as it is, compressed or not, because nothing here reads it. */
  readonly encodeResponseBody: 'manual'
  readonly cf?: Readonly<Record<string, unknown>>
}

export type OriginFailure =
  | { readonly kind: 'failed'; readonly status: 502 | 504; readonly reason: string }
  /** The visitor's session ended, or could not be checked, before the answer could pass. */
  | { readonly kind: 'over' | 'unknown' }

export interface Asking {
  readonly say: ToSay
  readonly fetchOrigin: OriginFetch
  readonly watch: Watch
}

/** For a Worker behind a binding, where Cloudflare has no limit. */
const SERVICE_SECONDS = 100

/**
 * How long to wait for the head of an answer. Null for a request with a body, because an upload may
 * take longer, and where Cloudflare itself gives up on the origin.
 */
export function lateAfterSeconds({ body }: Request, { origin, originTerms }: Site): number | null {
  if (body) return null
  return originTerms.timeoutSeconds ?? (origin.kind === 'service' ? SERVICE_SECONDS : null)
}

export const createOriginFetch =
  ({ services, originSecrets }: OriginBindings): OriginFetch =>
  async ({ origin, originTerms }, to, how) => {
    for (const header of originTerms.headers) {
      const value = 'text' in header ? header.text : originSecrets.get(header.secret)
      if (value === undefined) throw new Error('no secret') // unreachable: parsed at start-up
      how.headers.set(header.name, value)
    }
    if (origin.kind === 'url') return fetch(to, how)
    const service = services.get(origin.binding)
    if (!service) throw new Error(`no service ${origin.binding}`) // unreachable: parsed at start-up
    return service.fetch(to, how)
  }

/** Sends the request on, path and body as they came, and waits for the headers of the answer. */
export async function forward(
  request: Request,
  visit: SiteVisit,
  { say, fetchOrigin, watch }: Asking,
): Promise<Result<Response, OriginFailure>> {
  const { site } = visit
  const address = originUrl(site) + targetOf(visit.url)
  const { method, body } = request
  // Only a copy of the request lets a GET keep its body: some have one, and an empty one counts.
  const to = body ? new Request(address, request) : address
  const how: HowToAsk = {
    // The copy has it, and a GET that is told its method again may have no body.
    ...(body ? {} : { method }),
    headers: headersToOrigin(request, visit, say),
    redirect: 'manual',
    encodeResponseBody: 'manual',
    cf: termsOfEdge(site, request, say.identity !== null),
  }
  const answer = await visit.meter.step('origin', () =>
    watch.unlessEnded(fetchOrigin(site, to, how)).catch((): 'unreachable' => 'unreachable'),
  )
  if (answer === 'over' || answer === 'unknown') return err({ kind: answer })
  const check = watch.answered()
  const state = check ? await check : 'good'
  if (state !== 'good') {
    // The origin need not send what nobody gets. The runtime drops a socket that nobody accepts.
    if (typeof answer === 'object') void answer.body?.cancel().catch(() => undefined)
    return err({ kind: state })
  }
  if (answer === 'unreachable') return failed(502, 'unreachable')
  if (answer === 'late') return failed(504, 'no answer in time')
  // The origin switched to a protocol that nobody asked for. Its answer cannot be passed on.
  if (answer.status === 101 && !answer.webSocket) return failed(502, 'status 101')
  // Cloudflare answers with 520 to 530 for an origin that it could not reach, but 529 is used by
  // origins. Above 599 a status is not valid (RFC 9110 §15), and no Response can be made with it.
  const { status } = answer
  if ((status >= 520 && status <= 530 && status !== 529) || status > 599) {
    const isLate = status === 522 || status === 524
    return failed(isLate ? 504 : 502, `status ${status}`)
  }
  return ok(answer)
}

/**
 * An answer for one visitor is neither stored in Cloudflare's cache nor read from it. These two
 * settings are what `cache: 'no-store'` tells the edge (workerd, Request::serializeCfBlobJson).
 * `no-store` also makes the runtime add Cache-Control and Pragma, and an origin that sees those
 * never answers 304.
 */
const neverCached = { cacheTtl: -1, cacheLevel: 'bypass' }

const termsOfEdge = (
  site: Site,
  request: Request,
  isProtected: boolean,
): Readonly<Record<string, unknown>> => ({
  // A Worker behind the gate gets the facts about the visitor that Cloudflare gave to the gate.
  ...(site.origin.kind === 'service' ? request.cf : {}),
  ...(isProtected ? neverCached : {}),
  ...lookedUpAs(site),
})

/**
 * With `host: 'public'` the site's own URL is fetched. Its DNS record may lead to the server; if
 * the server has another name, that name is looked up instead.
 */
function lookedUpAs({ origin, authority }: Site): Readonly<Record<string, string>> {
  if (origin.kind !== 'url' || origin.host !== 'public') return {}
  const found = new URL(origin.url)
  return found.host === authority ? {} : { resolveOverride: found.hostname }
}

const failed = (status: 502 | 504, reason: string) =>
  err({ kind: 'failed' as const, status, reason })
