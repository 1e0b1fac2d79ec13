/** Reads a metadata URL. Redirects are followed by hand, because each address must be judged. */
import { isAtOneOf, parsePublicUrl } from '../lib/public-url.ts'
import { err, ok, type Result } from '../lib/result.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type FetchFault =
  /** Also of an address that a redirect leads to. The problem goes on from "The address". */
  | { readonly reason: 'address'; readonly url: string; readonly problem: string }
  | { readonly reason: 'redirects'; readonly url: string }
  | { readonly reason: 'status'; readonly url: string; readonly status: number }
  | { readonly reason: 'no-answer'; readonly url: string; readonly seconds: number }
  | { readonly reason: 'unreachable'; readonly url: string; readonly cause: unknown }

export type Document =
  /** The server says that it is the document of the ETag. */
  | { readonly kind: 'same' }
  | {
      readonly kind: 'read'
      readonly etag: string | null
      /** Reading it throws CutOff where the answer breaks off or takes too long. */
      readonly pieces: AsyncIterable<Uint8Array>
    }

export interface Asking {
  readonly fetch: Fetch
  /** null: the document is wanted in any case. */
  readonly etag: string | null
  /** For the whole of it, redirects and body included. */
  readonly seconds: number
  /** What is wrong with an address that `first` led to; null: it may be asked. */
  readonly judgeAddress: (url: string, first: string) => string | null
}

/** How a face may ask metadata URLs. */
export type MetadataReach = Pick<Asking, 'fetch' | 'judgeAddress'>

/** The body ended before its end, or was not here in time. */
export class CutOff extends Error {
  override readonly name = 'CutOff'
}

export const MOST_REDIRECTS = 3
const MOST_ETAG = 256

/** The Worker asks public addresses only. */
export function judgePublic(url: string): string | null {
  const parsed = parsePublicUrl(url)
  return parsed.ok ? null : parsed.error
}

/** As the Worker asks: public addresses only, and none that it guards itself. */
export const publicReach = (guarded: readonly string[]): MetadataReach => ({
  fetch: (url, init) => fetch(url, init),
  judgeAddress: (url) =>
    judgePublic(url) ??
    (isAtOneOf(new URL(url), guarded) ? 'must not be at a host that Gatehouse guards' : null),
})

export async function fetchDocument(
  from: string,
  { fetch, etag, seconds, judgeAddress }: Asking,
): Promise<Result<Document, FetchFault>> {
  const signal = AbortSignal.timeout(seconds * 1000)
  const headers = {
    Accept: 'application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.5',
    ...(etag === null ? {} : { 'If-None-Match': etag }),
  }
  let url = from
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const problem = judgeAddress(url, from)
    if (problem !== null) return err({ reason: 'address', url, problem })
    const asked = fetch(url, { headers, redirect: 'manual', signal })
    const response = await asked.catch((cause: unknown) => ({ cause }))
    if (!(response instanceof Response)) {
      return err(
        signal.aborted
          ? { reason: 'no-answer', url, seconds }
          : { reason: 'unreachable', url, cause: response.cause },
      )
    }
    const { status, body } = response
    if (status === 200) {
      const newEtag = response.headers.get('ETag') ?? ''
      const isUsable = newEtag !== '' && newEtag.length <= MOST_ETAG
      return ok({ kind: 'read', etag: isUsable ? newEtag : null, pieces: piecesOf(body, signal) })
    }
    await body?.cancel()
    if (status === 304 && etag !== null) return ok({ kind: 'same' })
    const location = response.headers.get('Location')
    if (status < 300 || status >= 400 || location === null) {
      return err({ reason: 'status', url, status })
    }
    if (!URL.canParse(location, url)) {
      return err({ reason: 'address', url: location.slice(0, 200), problem: 'must be a URL' })
    }
    url = new URL(location, url).href
  }
  return err({ reason: 'redirects', url: from })
}

/** The reader is cancelled when the time is over, and when nobody wants the rest. */
export async function* piecesOf(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (!body) return
  const reader = body.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', stop)
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new CutOff()
      })
      if (signal.aborted) throw new CutOff()
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await reader.cancel().catch(() => undefined)
  }
}
