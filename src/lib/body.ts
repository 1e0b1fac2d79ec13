import { concatBytes, decodeUtf8 } from './bytes.ts'
import { err, type Result } from './result.ts'

/**
 * A body as text; what is longer than `maxBytes` is not read to its end. `cut-off`: the client went
 * away in the middle of it.
 */
export async function readText(
  { body }: Request,
  maxBytes: number,
): Promise<Result<string, 'too-large' | 'not-utf8' | 'cut-off'>> {
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
  return decodeUtf8(concatBytes(...chunks))
}

/** Cloudflare takes no larger body on its free plan. */
const MOST_DISCARDED_BYTES = 100 * 1024 * 1024
const DISCARDED_WITHIN_SECONDS = 100

/**
 * Reads what is left of a body that nobody has read, before the answer: a connection that is closed
 * while a browser still sends is reset, and the browser never shows the answer (RFC 9112 §9.6).
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
    // The browser has gone.
  } finally {
    clearTimeout(timer)
  }
}
