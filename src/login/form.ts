/** Reads the forms that identity providers have a browser post. */
import { readText } from '../lib/body.ts'
import { err, type Result } from '../lib/result.ts'
import { readPostedForm, type FormFault, type PostedResponse } from '../saml/incoming/form.ts'
import type { BodyFault } from './error.ts'

const MAX_POST_BYTES = 512 * 1024
/**
 * The binding defines two fields, and an IdP may add some. Parsing thousands would take too long.
 */
const MAX_FIELDS = 10

export async function readForm(
  request: Request,
): Promise<Result<PostedResponse, FormFault | BodyFault>> {
  const body = await readPostedBody(request)
  return body.ok ? readPostedForm(body.value) : body
}

/** The body of a form that an identity provider has the browser post. */
export async function readPostedBody(request: Request): Promise<Result<string, BodyFault>> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return err('not-a-form')
  const body = await readText(request, MAX_POST_BYTES)
  if (!body.ok) return body
  return body.value.split('&', MAX_FIELDS + 1).length > MAX_FIELDS ? err('too-many-fields') : body
}
