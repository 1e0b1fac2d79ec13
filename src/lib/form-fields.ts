import { readText } from './body.ts'

const MAX_FIELDS_BYTES = 16 * 1024

/** The fields of a small form of ours; no fields if the form is too long. */
export async function readFields(request: Request): Promise<URLSearchParams> {
  const body = await readText(request, MAX_FIELDS_BYTES)
  return new URLSearchParams(body.ok ? body.value : '')
}
