/**
 * What an origin might take a path for. An origin decodes once, twice or not at all, folds case, cuts
 * parameters, resolves dots, drops what it cannot decode, and does so in an order of its own.
 */
export type PathReading =
  /** Nothing to decode, cut or collapse: one reading but for its case. In lower case. */
  | { readonly kind: 'plain'; readonly path: string }
  | { readonly kind: 'several'; readonly readings: readonly Names[] }
  /** So long, or encoded so often or so wrongly, that no list of readings would be whole. */
  | { readonly kind: 'anything' }

interface Names {
  readonly names: readonly Name[]
  /** Of all names: nearly every route has one that is not here, which spares the walk. */
  readonly texts: ReadonlySet<string>
  /** So many of the first names are in every reading; dots in disguise may climb over the next. */
  readonly certain: number
  readonly hasControls: boolean
}

interface Name {
  /** Decoded, folded, cut and cleaned until nothing is left to do. */
  readonly text: string
  /** Some readings leave it out. */
  mayBeLost: boolean
  /** Some readings begin behind this name: of a script, what follows is the PATH_INFO. */
  readonly mayBeginBehind: boolean
}

/** Each segment takes up to eight decodings. */
const MAX_SEGMENTS = 200
const MAX_ODD_LENGTH = 4096

export function readPath(pathname: string): PathReading {
  const path = pathname.toLowerCase()
  if (isPlain(path)) return { kind: 'plain', path }
  const odd = isOdd(pathname)
  if (path.split('/').length > MAX_SEGMENTS || (odd && path.length > MAX_ODD_LENGTH)) {
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

/** Whether a reading is the route's path, or below it. */
export const couldBeAt = (routePath: string, reading: PathReading): boolean =>
  couldMeet(routePath, reading, 'at')

/** Whether a reading is a collection that the route's path is in. */
export const couldHold = (routePath: string, reading: PathReading): boolean =>
  couldMeet(routePath, reading, 'above')

/** Whether a reading leaves out a name of the route's path, with which this path begins. */
export const mayClimbOver = (routePath: string, reading: PathReading): boolean =>
  reading.kind === 'anything' ||
  (reading.kind === 'several' &&
    reading.readings.some(({ certain }) => certain < namesOf(routePath).length))

/** Upper case first: file systems compare so, and then `ı` and `ſ` are `i` and `s`. */
export const foldPath = (text: string): string => text.toUpperCase().toLowerCase()

const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '')

/** Nearly every request. A script before the last name makes the path one with two readings. */
const isPlain = (path: string): boolean =>
  /^[\w~!$&'()*+,=:@./-]*$/.test(path) &&
  !/\.(?:\/|$|[a-z]\w{0,5}\/)/.test(path) &&
  !['//', '/index/', 'cgi', ':$'].some((sign) => path.includes(sign))

/** By what it ends in, or where it is: `/index.php/users`, `/index/users`, `/cgi-bin/app/users`. */
const isScript = (name: string, before: string | undefined): boolean =>
  /[^.]\.[a-z]\w{0,5}$|^index$/.test(name) ||
  (before !== undefined && /^[fs]?cgi(?:-\w+)?$/.test(before))

/** Whether a path is at or below a route's. */
export const covers = (routePath: string, pathname: string): boolean =>
  routePath === '/' ||
  pathname === routePath ||
  (pathname.startsWith(routePath) &&
    (pathname[routePath.length] === '/' || routePath.endsWith('/')))

function couldMeet(routePath: string, reading: PathReading, where: 'at' | 'above'): boolean {
  const route = foldPath(routePath)
  switch (reading.kind) {
    case 'anything':
      return true
    case 'plain':
      return where === 'at' ? covers(route, reading.path) : covers(reading.path, route)
    case 'several': {
      const wanted = namesOf(route)
      return reading.readings.some(
        ({ names, texts }) =>
          (where === 'above' || wanted.every((name) => texts.has(name))) &&
          follow(wanted, names) === where,
      )
    }
  }
}

/** Walks all readings at once: `found` has how many of the wanted names each may have found so far. */
function follow(wanted: readonly string[], names: readonly Name[]): 'at' | 'above' | null {
  if (wanted.length === 0) return 'at'
  const ever = new Set([0])
  let found = ever
  let mayBegin = false
  for (const { text, mayBeLost, mayBeginBehind } of names) {
    const before = mayBegin ? ever : found
    const next = new Set(mayBeLost ? before : [])
    for (const count of before) if (wanted[count] === text) next.add(count + 1)
    if (next.has(wanted.length)) return 'at'
    found = next
    for (const count of found) ever.add(count)
    mayBegin = mayBeginBehind
  }
  return found.size > 0 ? 'above' : null
}

/** Where a name ends: at parameters, at what a decoder takes for a query, at a stream of NTFS. */
const nameEnd = /[;?#\p{Cc}]|::?\$/u
/** Who decodes before taking the URL apart, or ends text at a NUL, sees nothing of what follows. */
const pathEnd = /[?#\p{Cc}]/u

function readNames(pathname: string, decoding: Decoding): Names | null {
  const names: Name[] = []
  /** Indexes of the names that every reading has. */
  const kept: number[] = []
  let certain = Infinity
  /** Behind this name some readings begin. */
  let begins = -1
  let isCut = false
  let hasControls = false
  let isHost = false
  let isRequest = false
  for (const segment of pathname.split('/').slice(1)) {
    const decoded = decodeFully(segment, decoding)
    if (decoded === null) return null
    hasControls ||= /\p{Cc}/u.test(decoded)
    let isParameter = false
    const parts = decoded.split(/[/\\]/)
    for (const [at, part] of parts.entries()) {
      const raw = part.split(nameEnd, 1)[0] ?? ''
      const text = foldPath(withoutEdges(raw))
      if (isRequest) certain = 0
      isRequest ||= beginsRequest(part)
      // The URL parser has resolved the dot segments; one that is still here was disguised.
      const isDots = raw.includes('.') && text === ''
      if (isDots) {
        // Two dots climb over one name. Some programs take three for two of that.
        for (let levels = raw.replace(/\s/g, '').length; levels > 1; levels--) {
          const climbed = kept.pop()
          const name = climbed === undefined ? undefined : names[climbed]
          if (climbed === undefined || !name) break
          name.mayBeLost = true
          certain = Math.min(certain, climbed)
        }
      }
      if (text === '' && !isRequest) {
        // `//host/path` is a host and a path to programs that resolve it as a reference.
        isHost ||= (kept.at(-1) ?? -1) <= begins
      } else {
        const mayBeLost = isCut || isParameter || isHost || text === ''
        // A separator behind a parameter: no two programs agree on what is left.
        const isTorn = at < parts.length - 1 && nameEnd.test(part)
        const mayBeginBehind = isRequest || isTorn || isScript(text, names.at(-1)?.text)
        if (mayBeginBehind) begins = names.length
        if (!mayBeLost) kept.push(names.length)
        names.push({ text, mayBeLost, mayBeginBehind })
        // Separators may be encoded, so there can be more names than segments.
        if (names.length > MAX_SEGMENTS) return null
        isHost = false
      }
      isParameter ||= nameEnd.test(part)
      isCut ||= pathEnd.test(part)
    }
  }
  return { names, texts: new Set(names.map(({ text }) => text)), certain, hasControls }
}

/** A line break and a method: an origin that passes the decoded path on makes two requests of it. */
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

/** What a program does with bytes that are no UTF-8 and a `%` of no escape, and with controls. */
interface Decoding {
  readonly bytes: 'fitted' | 'dropped'
  /** Those that it drops. Text may end at the others. */
  readonly controls: RegExp | null
}
/** None, all, those that the URL Standard drops, and all but the ends of lines. */
const controlsToDrop = [null, /\p{Cc}/gu, /[\t\r\n]/g, /(?![\r\n])\p{Cc}/gu]

/** Whether its escapes are more than UTF-8 in one layer, without controls. */
function isOdd(pathname: string): boolean {
  try {
    return /[\p{Cc}%\ufe6a\uff05]/u.test(decodeURIComponent(pathname))
  } catch {
    return true
  }
}

const ROUNDS = 5
const lenient = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const western = new TextDecoder('windows-1252')
/** A separator or a dot to decoders that do not check. UTF-8 never has them, and no text does. */
const overlong = /%c[01]%[89ab]|%e0%[89]|%f0%8/i

/** @returns null for what could be anything. */
function decodeFully(segment: string, decoding: Decoding): string | null {
  if (!segment.includes('%')) return segment
  let text = segment
  for (let round = 0; round < ROUNDS; round++) {
    const next = decodeOnce(text, decoding)
    // Beneath the first layer a percent sign that begins no escape may be a plain one.
    if (next === text) return decoding.bytes === 'dropped' ? text.replaceAll('%', '') : text
    if (next === null) return null
    text = next
  }
  return null
}

function decodeOnce(text: string, { bytes, controls }: Decoding): string | null {
  // A percent sign that was encoded again and again.
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
    // Full-width and other compatible forms, accents that databases do not compare, and characters
    // that some file systems do not see.
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
  return controls ? decoded.replace(controls, '') : decoded
}
