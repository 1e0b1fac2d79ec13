/** The paths of routes beside the paths that an origin might read. `*` in a route is one name. */
import { foldPath, type KnownReading, type Name, type Names, type PathReading } from './path.ts'

const ANY = '*'

/** With a name in the place of each `*`, of a route or of a site. */
export const exampleOf = (pattern: string): string => pattern.replaceAll('*', 'some-name')

export const namesOf = (path: string): readonly string[] =>
  path.split('/').filter((name) => name !== '')

const hasAny = (routePath: string): boolean => routePath.includes(ANY)
const fits = (wanted: string | undefined, name: string | undefined): boolean =>
  wanted === name || (wanted === ANY && name !== undefined && name !== '')

/** Whether a path is at or below a route's. */
export function covers(routePath: string, pathname: string): boolean {
  if (!hasAny(routePath)) return isPrefix(routePath, pathname)
  const segments = pathname.split('/').slice(1)
  return namesOf(routePath).every((wanted, i) => fits(wanted, segments[i]))
}

/** Whether the text of one path begins with the text of another, by whole segments. */
export const isPrefix = (upper: string, lower: string): boolean =>
  upper === '/' ||
  lower === upper ||
  (lower.startsWith(upper) && (lower[upper.length] === '/' || upper.endsWith('/')))

/**
 * Orders the routes that cover the same path, as text: at the first segment where two differ, a
 * name comes after `*`, and the longer route after the one that has ended.
 */
export function specificity(routePath: string): string {
  const known = ranks.get(routePath)
  if (known !== undefined) return known
  const rank = namesOf(routePath)
    .map((name) => (name === ANY ? '0' : '1'))
    .join('')
  ranks.set(routePath, rank)
  return rank
}

/** Of the routes of the config, which never change. */
const ranks = new Map<string, string>()

/**
 * Whether the names have one reading: each is a segment of the path, none may be lost, and no
 * reading begins after one.
 */
export const isDefinite = ({ names }: Names): boolean =>
  names.every(
    ({ mayBeLost, mayBeginBehind, place }, i) => !mayBeLost && !mayBeginBehind && place === i,
  )

/** Whether the names begin with those of the route. */
export const beginsWith = ({ names }: Names, routePath: string): boolean =>
  namesOf(foldPath(routePath)).every((wanted, i) => fits(wanted, names[i]?.text))

/**
 * Whether a reading lacks one of the route's names, although the path as sent begins with all of
 * them.
 */
export function mayClimbOver(routePath: string, names: Names): boolean {
  const { length } = namesOf(routePath)
  if (names.certain < length) return true
  // A `*` may stand for a segment that servers read as several names, or as none.
  const areSegments = names.names
    .slice(0, length)
    .every(({ place, mayBeLost }, i) => place === i && !mayBeLost)
  return hasAny(routePath) && !(areSegments && beginsWith(names, routePath))
}

/** Whether an origin might read the path as the route's path, or a path below it. */
export const couldBeAt = (routePath: string, reading: KnownReading): boolean =>
  reading.kind === 'several'
    ? reading.readings.some((names) => couldReach(routePath, names))
    : covers(foldPath(routePath), reading.path)

export function couldReach(routePath: string, { names, texts }: Names): boolean {
  const wanted = namesOf(foldPath(routePath))
  return wanted.every((name) => name === ANY || texts.has(name)) && follow(wanted, names) === 'at'
}

/** Whether an origin might read the path as a collection that contains a path of the route. */
export function couldHold(routePath: string, reading: PathReading): boolean {
  const route = foldPath(routePath)
  const wanted = namesOf(route)
  switch (reading.kind) {
    case 'anything':
      return true
    case 'plain': {
      if (!hasAny(route)) return isPrefix(reading.path, route)
      return namesOf(reading.path).every((name, i) => fits(wanted[i], name))
    }
    case 'several':
      return reading.readings.some(({ names }) => follow(wanted, names) === 'above')
  }
}

/**
 * Walks all readings at once. `found` has the numbers of wanted names that a reading may have
 * matched so far.
 */
function follow(wanted: readonly string[], names: readonly Name[]): 'at' | 'above' | null {
  if (wanted.length === 0) return 'at'
  const ever = new Set([0])
  let found = ever
  let mayBegin = false
  for (const { text, mayBeLost, mayBeginBehind, place } of names) {
    const before = mayBegin ? ever : found
    const next = new Set(mayBeLost ? before : [])
    for (const count of before) {
      if (fits(wanted[count], text)) next.add(count + 1)
      // A program that decodes less sees one name, which `*` matches as a whole.
      if (place === 'inner' && wanted[count - 1] === ANY) next.add(count)
    }
    if (next.has(wanted.length)) return 'at'
    found = next
    for (const count of found) ever.add(count)
    mayBegin = mayBeginBehind
  }
  return found.size > 0 ? 'above' : null
}
