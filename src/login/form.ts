/** Reads the forms that identity providers have a browser post. */
import { readFormText, type FormBodyFault } from '../lib/form-fields.ts'
import type { Result } from '../lib/result.ts'
import { readPostedForm, type FormFault, type PostedResponse } from '../saml/incoming/form.ts'

const MAX_POST_BYTES = 512 * 1024
/** The binding defines two fields, and an IdP may add some. */
const MAX_FIELDS = 10

export async function readForm(
  request: Request,
): Promise<Result<PostedResponse, FormFault | FormBodyFault>> {
  const body = await readPostedBody(request)
  return body.ok ? readPostedForm(body.value) : body
}

/** The body of a form that an identity provider has the browser post. */
export const readPostedBody = (request: Request): Promise<Result<string, FormBodyFault>> =>
  readFormText(request, { maxBytes: MAX_POST_BYTES, maxFields: MAX_FIELDS })
