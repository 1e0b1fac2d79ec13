/** Reads the JSON body of a request. */
import { utf8 } from '../lib/bytes.ts'
import { parseJson, type JsonFault } from '../lib/json.ts'
import { readJsonText } from '../lib/json-body.ts'
import type { Result } from '../lib/result.ts'
import { refuse, refuseWith, type ScimError } from './error.ts'

const MAX_DEPTH = 20
/** An absent Content-Type is accepted as JSON. */
const mediaTypes = ['', 'application/scim+json', 'application/json']

export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Result<unknown, ScimError>> {
  const text = await readJsonText(request, { maxBytes, mediaTypes })
  if (!text.ok) return text.error === 'too-large' ? tooLarge(maxBytes) : unread[text.error]
  return parseText(text.value)
}

/** Parses JSON that is already in memory, with the same limits as a body that was sent. */
export const parseBody = (text: string, maxBytes: number): Result<unknown, ScimError> =>
  utf8(text).length > maxBytes ? tooLarge(maxBytes) : parseText(text)

function parseText(text: string): Result<unknown, ScimError> {
  const value = parseJson(text, MAX_DEPTH)
  return value.ok ? value : refuse('invalidSyntax', explanations[value.error])
}

const unread = {
  'not-json-type': refuseWith(415, 'The body must be uncompressed application/scim+json.'),
  'not-utf8': refuse('invalidSyntax', 'The body is not UTF-8.'),
  'cut-off': refuse('invalidSyntax', 'The client disconnected before it had sent the whole body.'),
}

const explanations: Readonly<Record<JsonFault, string>> = {
  'not-json': 'The body is not JSON.',
  'too-deep': `The body is nested more than ${MAX_DEPTH} levels deep.`,
  'duplicate-name': 'An object in the body has the same name twice.',
  'not-unicode': 'A string in the body is not valid Unicode text.',
}

const tooLarge = (maxBytes: number) => refuseWith(413, `The body is larger than ${maxBytes} bytes.`)
