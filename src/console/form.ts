/** A form that the console posted, as the fields of an operation. */
import type { Given } from '../admin/field.ts'
import { readBytes } from '../lib/body.ts'
import { err, ok, type Result } from '../lib/result.ts'

/** Room for the metadata of an identity provider. */
const MOST_BYTES = 1024 * 1024
const MOST_FIELDS = 200

export type FormFault = 'too-large' | 'not-a-form'

/** Every value that is not empty, in the order of the form. The text of a file counts as a value. */
export async function readForm(request: Request): Promise<Result<Given, FormFault>> {
  const type = request.headers.get('Content-Type') ?? ''
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type)) {
    return err('not-a-form')
  }
  const bytes = await readBytes(request, MOST_BYTES)
  if (!bytes.ok) return err(bytes.error === 'too-large' ? 'too-large' : 'not-a-form')
  const given = new Map<string, string[]>()
  try {
    const headers = { 'Content-Type': type }
    const form = await new Response(bytes.value, { headers }).formData()
    if ([...form.keys()].length > MOST_FIELDS) return err('too-large')
    for (const [name, entry] of form) {
      const value = typeof entry === 'string' ? entry : await entry.text()
      if (value !== '') given.set(name, [...(given.get(name) ?? []), value])
    }
  } catch {
    return err('not-a-form')
  }
  return ok(given)
}
