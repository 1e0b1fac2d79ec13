/** Reads the text of a body that must be JSON. `parseJson` does the rest. */
import { mediaTypeOf, readText, type BodyFault } from './body.ts'
import { err, type Result } from './result.ts'

export type JsonBodyFault = BodyFault | 'not-utf8' | 'not-json-type'

export async function readJsonText(
  request: Request,
  /** Empty in `mediaTypes`: a body without a Content-Type is taken for JSON. */
  { maxBytes, mediaTypes }: { readonly maxBytes: number; readonly mediaTypes: readonly string[] },
): Promise<Result<string, JsonBodyFault>> {
  const { headers } = request
  const encoding = headers.get('Content-Encoding')?.trim().toLowerCase() ?? ''
  const isPlain = encoding === '' || encoding === 'identity'
  if (!isPlain || !mediaTypes.includes(mediaTypeOf(request))) return err('not-json-type')
  if (Number(headers.get('Content-Length') ?? 0) > maxBytes) return err('too-large')
  return readText(request, maxBytes)
}
