import { concatBytes, decodeUtf8 } from './bytes.ts'
import { err, type Result } from './result.ts'

/** A body as text; what is longer than `maxBytes` is not read to its end. */
export async function readText(
  { body }: Request,
  maxBytes: number,
): Promise<Result<string, 'too-large' | 'not-utf8'>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) return err('too-large')
    chunks.push(chunk)
  }
  return decodeUtf8(concatBytes(...chunks))
}
