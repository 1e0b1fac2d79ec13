/** A SAMLResponse in any of the shapes that an operator finds it in; pure. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'

/** @returns base64, as it was posted; whether it is a response is for the SAML core to say. */
export function readPasted(pasted: string): Result<string, string> {
  const text = pasted.trim().replace(/^(["'])([\s\S]*)\1$/, '$2')
  if (text === '') return err('There is nothing in it.')
  if (text.startsWith('<')) return ok(encodeBase64(utf8(text)))
  if (/(^|[?&])SAMLResponse=/.test(text)) return fromForm(text)
  return unescape(text)
}

function fromForm(text: string): Result<string, string> {
  const fields = text.split(/[?&]/).filter((field) => field.startsWith('SAMLResponse='))
  const [field] = fields
  if (field === undefined || fields.length > 1) {
    return err('There is more than one SAMLResponse in it: paste one login.')
  }
  return unescape(field.slice('SAMLResponse='.length))
}

/** Base64 has no percent sign, and a plus sign in it is one. */
function unescape(text: string): Result<string, string> {
  if (!text.includes('%')) return ok(text)
  try {
    return ok(decodeURIComponent(text))
  } catch {
    return err('It is cut in the middle of an escape (%): copy the whole value.')
  }
}
