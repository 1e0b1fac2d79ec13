import { concatBytes, decodeUtf8, type Bytes } from './bytes.ts'
import { err, ok, type Result } from './result.ts'

export type BodyFault = 'too-large' | 'cut-off'

interface Readable {
  readonly body: AsyncIterable<Uint8Array> | null
}

/** Stops reading after `maxBytes`. `cut-off`: the other side disconnected before the end. */
export async function readBytes(
  { body }: Readable,
  maxBytes: number,
): Promise<Result<Bytes, BodyFault>> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length
      if (size > maxBytes) return err('too-large')
      chunks.push(chunk)
    }
  } catch {
    return err('cut-off')
  }
  return ok(concatBytes(...chunks))
}

/** The body as text, read like `readBytes`. */
export async function readText(
  message: Readable,
  maxBytes: number,
): Promise<Result<string, BodyFault | 'not-utf8'>> {
  const bytes = await readBytes(message, maxBytes)
  return bytes.ok ? decodeUtf8(bytes.value) : bytes
}

/** In lower case, without parameters; empty: the message names none. */
export const mediaTypeOf = ({ headers }: { readonly headers: Headers }): string =>
  headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? ''

/** The largest request body on Cloudflare's free plan. */
const MOST_DISCARDED_BYTES = 100 * 1024 * 1024
const DISCARDED_WITHIN_SECONDS = 100

/**
 * Reads and drops the rest of an unread body before the response is sent. Otherwise the connection
 * is closed while the browser is still sending; the browser then sees a reset and not our response
 * (RFC 9112 §9.6).
 */
export async function discardBody({ body, bodyUsed }: Request): Promise<void> {
  if (!body || bodyUsed || body.locked) return
  const reader = body.getReader()
  const timer = setTimeout(
    () => void reader.cancel().catch(() => undefined),
    DISCARDED_WITHIN_SECONDS * 1000,
  )
  let size = 0
  try {
    while (size <= MOST_DISCARDED_BYTES) {
      const { done, value } = await reader.read()
      if (done) return
      size += value.length
    }
    await reader.cancel()
  } catch {
    // The browser disconnected.
  } finally {
    clearTimeout(timer)
  }
}
