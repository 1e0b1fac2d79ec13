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
