/** Reads a SAMLResponse in any form in which an operator finds it. Pure. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'

/** @returns base64, as it was posted. The SAML engine decides whether it is a response. */
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

/** Base64 has no percent sign. A plus sign is part of it, and no blank. */
function unescape(text: string): Result<string, string> {
  if (!text.includes('%')) return ok(text)
  try {
    return ok(decodeURIComponent(text))
  } catch {
    return err('It is cut in the middle of an escape (%): copy the whole value.')
  }
}
