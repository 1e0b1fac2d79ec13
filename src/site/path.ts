/**
 * The paths that an origin might read in a request's path. An origin decodes once, twice or not at
 * all, ignores case, cuts parameters off, resolves dots, and drops what it cannot decode, in
 * whatever order.
 */
import { control, patternOf } from '../lib/pattern.ts'

export type PathReading =
  /**
   * There is nothing to decode, cut or collapse, so the path has one reading, except for its case.
   * In lower case.
   */
  | { readonly kind: 'plain'; readonly path: string }
  | { readonly kind: 'several'; readonly readings: readonly Names[] }
  /**
   * The path is so long, or encoded so often or so badly, that a list of readings would not be
   * complete.
   */
  | { readonly kind: 'anything' }

export type KnownReading = Exclude<PathReading, { readonly kind: 'anything' }>

export interface Names {
  readonly names: readonly Name[]
  /**
   * The texts of all names, for a quick check: nearly every route has a name that is not here, and
   * then no reading needs to be walked.
   */
  readonly texts: ReadonlySet<string>
  /**
   * How many of the first names are in every reading. Disguised dots may remove the names after
   * them.
   */
  readonly certain: number
  readonly hasControls: boolean
}

export interface Name {
  /** Decoded, folded, cut and cleaned until nothing changes any more. */
  readonly text: string
  /** Some readings leave it out. */
  mayBeLost: boolean
  /**
   * Some readings begin after this name: if it is a script, the rest of the path is its PATH_INFO.
   */
  readonly mayBeginBehind: boolean
  /** The number of its segment; or its place in a segment that decodes to several names. */
  readonly place: number | 'first' | 'inner'
}

/** A limit on the work: each segment takes up to eight decodings. */
const MAX_SEGMENTS = 200
const MAX_ODD_LENGTH = 4096

export function readPath(pathname: string): PathReading {
  const path = pathname.toLowerCase()
  if (isPlain(path)) return { kind: 'plain', path }
  const odd = isOdd(pathname)
  if (path.split('/').length - 1 > MAX_SEGMENTS || (odd && path.length > MAX_ODD_LENGTH)) {
    return { kind: 'anything' }
  }
  const readings: Names[] = []
  for (const bytes of odd ? (['fitted', 'dropped'] as const) : (['fitted'] as const)) {
    for (const controls of controlsToDrop) {
      const reading = readNames(pathname, { bytes, controls })
      if (!reading) return { kind: 'anything' }
      readings.push(reading)
      if (controls === null && !reading.hasControls) break
    }
  }
  return { kind: 'several', readings }
}

/** To upper case first, as file systems compare names: then `ı` and `ſ` equal `i` and `s`. */
export const foldPath = (text: string): string => text.toUpperCase().toLowerCase()

/**
 * True for nearly every request's path. A script before the last name gives a path a second
 * reading, so it is not plain.
 */
const isPlain = (path: string): boolean =>
  /^[\w~!$&'()*+,=:@./-]*$/.test(path) &&
  !/\.(?:\/|$|[a-z]\w{0,15}\/)/.test(path) &&
  !['//', '/index/', 'cgi', ':$'].some((sign) => path.includes(sign))

/**
 * Whether a name is a script, by its ending or by the folder before it: `/index.php/users`,
 * `/index/users`, `/cgi-bin/app/users`.
 */
const isScript = (name: string, before: string | undefined): boolean =>
  /(?:^|[^.])\.[a-z]\w{0,15}$|^index$/.test(name) ||
  (before !== undefined && /^[fs]?cgi(?:-\w+)?$/.test(before))

/**
 * A name ends at parameters, at what a decoder takes for a query, at a stream of NTFS, and at a
 * control character.
 */
const nameEnd = new RegExp(String.raw`[;?#]|::?\$|${control.source}`)
/**
 * A program that decodes before it splits the URL, or that ends text at a NUL, does not see what
 * follows.
 */
const pathEnd = new RegExp(`[?#]|${control.source}`)

const nameless = { mayBeLost: true, mayBeginBehind: false, place: 'inner' } as const

function readNames(pathname: string, decoding: Decoding): Names | null {
  const names: Name[] = []
  /** Indexes of the names that are in every reading. */
  const kept: number[] = []
  let certain = Infinity
  /** Index of the name after which some readings begin. */
  let begins = -1
  let isCut = false
  let hasControls = false
  let isHost = false
  let isRequest = false
  let last: string | undefined
  const segments = pathname.split('/').slice(1)
  for (const [order, segment] of segments.entries()) {
    const decoded = decodeFully(segment, decoding)
    if (decoded === null) return null
    hasControls ||= control.test(decoded)
    let isParameter = false
    const parts = decoded.split(/[/\\]/)
    for (const [at, part] of parts.entries()) {
      const raw = part.split(nameEnd, 1)[0] ?? ''
      const text = foldPath(withoutEdges(raw))
      if (isRequest) certain = 0
      isRequest ||= beginsRequest(part)
      // The URL parser has resolved plain dot segments, so dots that are still here were disguised.
      const isDots = raw.includes('.') && text === ''
      if (isDots) {
        // Two dots remove one name. Some programs take three dots for two levels.
        for (let levels = raw.replace(/\s/g, '').length; levels > 1; levels--) {
          const climbed = kept.pop()
          const name = climbed === undefined ? undefined : names[climbed]
          if (climbed === undefined || !name) break
          name.mayBeLost = true
          certain = Math.min(certain, climbed)
        }
      }
      if (text === '' && !isRequest) {
        // Programs that resolve `//host/path` as a reference read a host and a path.
        isHost ||= (kept.at(-1) ?? -1) <= begins
        // A program that decodes less sees a name here. No route has it, but `*` is any name.
        if (segment !== '') names.push({ ...nameless, text: segment })
      } else {
        // Where nginx replaces the text `/static` by `folder/` (`alias`), `/static../` is `folder/../`.
        const isClimbing =
          raw.endsWith('..') && (order < segments.length - 1 || at < parts.length - 1)
        if (isClimbing) certain = Math.min(certain, names.length)
        const mayBeLost = isCut || isParameter || isHost || isClimbing || text === ''
        // An encoded slash after a parameter (`a;b%2Fc`): programs disagree about what is left.
        const isTorn = at < parts.length - 1 && nameEnd.test(part)
        const mayBeginBehind = isRequest || isTorn || isScript(text, last)
        if (mayBeginBehind) begins = names.length
        if (!mayBeLost) kept.push(names.length)
        const place = parts.length === 1 ? order : at === 0 ? 'first' : 'inner'
        names.push({ text, mayBeLost, mayBeginBehind, place })
        last = text
        isHost = false
      }
      // Separators may be encoded, so there can be more names than segments.
      if (names.length > MAX_SEGMENTS) return null
      isParameter ||= nameEnd.test(part)
      isCut ||= pathEnd.test(part)
    }
  }
  return { names, texts: new Set(names.map(({ text }) => text)), certain, hasControls }
}

/**
 * Whether a part holds a line break and a blank. An origin that passes the decoded path on would
 * send two requests.
 */
function beginsRequest(part: string): boolean {
  const lineBreak = part.search(/[\r\n]/)
  return lineBreak >= 0 && /[ \t]/.test(part.slice(lineBreak))
}

/** Windows drops dots and spaces at the end of a name. */
function withoutEdges(name: string): string {
  const trimmed = name.trim()
  let end = trimmed.length
  while (end > 0 && /[\s.]/.test(trimmed.charAt(end - 1))) end--
  return trimmed.slice(0, end)
}

/**
 * How a program treats bytes that are not UTF-8, a `%` that begins no escape, and control
 * characters.
 */
interface Decoding {
  readonly bytes: 'fitted' | 'dropped'
  /** The control characters that it drops. Text may end at the others. */
  readonly controls: RegExp | null
}
/**
 * Programs drop no control characters, or all, or those that the URL Standard drops, or all but
 * line ends.
 */
const controlsToDrop = [
  null,
  new RegExp(control, 'g'),
  /[\t\r\n]/g,
  new RegExp(String.raw`(?![\r\n])${control.source}`, 'g'),
]

/** Whether the path has escapes other than plain UTF-8 in one layer, or has control characters. */
function isOdd(pathname: string): boolean {
  try {
    const decoded = decodeURIComponent(pathname)
    return control.test(decoded) || /[%\ufe6a\uff05]/.test(decoded)
  } catch {
    return true
  }
}

const ignored = patternOf(String.raw`[\p{M}\p{Default_Ignorable_Code_Point}]`, 'gu')

const ROUNDS = 5
const lenient = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const western = new TextDecoder('windows-1252')
/**
 * Overlong UTF-8: a decoder that does not check reads a separator or a dot. Valid UTF-8 never
 * contains it.
 */
const overlong = /%c[01]%[89ab]|%e0%[89]|%f0%8/i

/** @returns null if the segment could be anything. */
function decodeFully(segment: string, decoding: Decoding): string | null {
  if (!segment.includes('%')) return segment
  let text = segment
  for (let round = 0; round < ROUNDS; round++) {
    const next = decodeOnce(text, decoding)
    // After the first layer a percent sign that begins no escape may be a literal one.
    if (next === text) return decoding.bytes === 'dropped' ? text.replaceAll('%', '') : text
    if (next === null) return null
    text = next
  }
  return null
}

function decodeOnce(text: string, { bytes, controls }: Decoding): string | null {
  // A percent sign that was encoded several times.
  const layered = text.replace(/%(?:25)+(?=[0-9a-f]{2})/gi, '%')
  if (overlong.test(layered)) return null
  const decoded = layered
    .replace(/%u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
      const run = Uint8Array.from(escapes.slice(1).split('%'), (hex) => parseInt(hex, 16))
      const characters = lenient.decode(run)
      if (!characters.includes('\ufffd')) return characters
      return bytes === 'fitted' ? western.decode(run) : characters.replaceAll('\ufffd', '')
    })
    // NFKD and the removal below undo full-width and other compatible forms, accents that databases
    // ignore, and characters that some file systems ignore.
    .normalize('NFKD')
    .replace(ignored(), '')
  return controls ? decoded.replace(controls, '') : decoded
}
