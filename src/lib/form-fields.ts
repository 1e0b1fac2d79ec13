import { mediaTypeOf, readText, type BodyFault } from './body.ts'
import { err, type Result } from './result.ts'

export type FormBodyFault = BodyFault | 'not-utf8' | 'not-a-form' | 'too-many-fields'

/** The body of a form that another program made. Parsing thousands of fields would take too long. */
export async function readFormText(
  request: Request,
  { maxBytes, maxFields }: { readonly maxBytes: number; readonly maxFields: number },
): Promise<Result<string, FormBodyFault>> {
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') return err('not-a-form')
  const body = await readText(request, maxBytes)
  if (!body.ok) return body
  return body.value.split('&', maxFields + 1).length > maxFields ? err('too-many-fields') : body
}

const MAX_FIELDS_BYTES = 16 * 1024

/** The fields of a small form of ours; no fields if the form is too long. */
export async function readFields(request: Request): Promise<URLSearchParams> {
  const body = await readText(request, MAX_FIELDS_BYTES)
  return new URLSearchParams(body.ok ? body.value : '')
}
