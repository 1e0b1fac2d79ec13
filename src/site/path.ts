import { decodeUtf8 } from '../lib/bytes.ts'

/** Everything that an origin might take a path for, as far as routes can tell. */
export interface PathReading {
  /**
   * Decoded, folded, cut and cleaned until nothing is left to do: whatever single steps an origin
   * takes, and in whatever order, the route paths that its reading is below are prefixes of this.
   */
  readonly path: string
  /** A reading may also leave names of `path` out: parameters are cut before or after decoding. */
  readonly mayLoseNames: boolean
}

const DECODING_ROUNDS = 5
/** Where parameters begin; `?` and `#` for who decodes first and takes the URL apart then. */
const parameters = /[;?#]/

/** @returns null for what no two programs read alike, and what nobody needs. */
export function readPath(pathname: string): PathReading | null {
  if (isPlain(pathname)) return { path: pathname.toLowerCase(), mayLoseNames: false }
  const names: string[] = []
  let mayLoseNames = false
  for (const segment of pathname.split('/').slice(1)) {
    const decoded = decodeFully(segment)
    if (decoded === null) return null
    const parts = decoded.split(/[/\\]/)
    mayLoseNames ||= parts.slice(0, -1).some((part) => parameters.test(part))
    for (const part of parts) {
      const name = part.split(parameters, 1)[0] ?? ''
      // The URL parser has resolved the dot segments; one that is still here was disguised.
      if (name.includes('.') && /^[\s.]+$/.test(name)) return null
      names.push(fold(withoutEdges(name)))
    }
  }
  // `//host/path` is a host and a path to programs that resolve it as a reference.
  mayLoseNames ||= names[0] === ''
  return { path: `/${names.filter((name) => name !== '').join('/')}`, mayLoseNames }
}

/** Upper case first: file systems compare so, and then `ı` and `ſ` are `i` and `s`. */
export const fold = (text: string): string => text.toUpperCase().toLowerCase()

/** Nearly every request: nothing to decode, cut or collapse, so one reading but for its case. */
const isPlain = (pathname: string): boolean =>
  /^[\w~!$&'()*+,=:@./-]*$/.test(pathname) && !/\/\/|\.(?:\/|$)/.test(pathname)

/** Windows drops dots and spaces at the end of a name. */
function withoutEdges(name: string): string {
  const trimmed = name.trim()
  let end = trimmed.length
  while (end > 0 && /[\s.]/.test(trimmed.charAt(end - 1))) end--
  return trimmed.slice(0, end)
}

function decodeFully(segment: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(segment)) return null
  let text = segment
  for (let round = 0; round < DECODING_ROUNDS; round++) {
    const decoded = decodeOnce(text)
    if (decoded === null) return null
    // Full-width and other compatible forms, and characters that some file systems do not see.
    const next = decoded.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[\u0000-\u001f\u007f-\u009f]/.test(next)) return null
    if (next === text) return text
    text = next
  }
  return null
}

/** A percent sign that begins no escape stays: beneath the first layer it may be a plain one. */
function decodeOnce(text: string): string | null {
  let isUtf8 = true
  const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split('%'), (hex) => parseInt(hex, 16))
    const characters = decodeUtf8(bytes)
    if (characters.ok) return characters.value
    isUtf8 = false
    return ''
  })
  return isUtf8 ? decoded : null
}
