/** Schemas of values in gatehouse.config.ts. */
import * as v from 'valibot'
import { isBareUrl, isLoopback } from './address.ts'

export const seconds = (least: number, most: number) => {
  const problem = `must be a whole number of seconds from ${least} to ${most}`
  return v.pipe(
    v.number(problem),
    v.integer(problem),
    v.minValue(least, problem),
    v.maxValue(most, problem),
  )
}
/** `/**` at the end of a path says what every path means: it covers everything below it. */
export const withoutStars = (path: string): string => path.replace(/\/\*\*$/, '') || '/'
/** What `isPathText` asks for. */
export const PLAIN_SEGMENTS =
  'must begin with / and have plain segments: A-Z a-z 0-9 . _ ~ - only, no //, no dot at the end of a segment, no / at the end'
export const isPathText = (path: string): boolean =>
  // Some servers drop a dot at the end of a name, so the gate's readings of a path do too.
  /^(\/|(\/(\*|[A-Za-z0-9._~-]*[A-Za-z0-9_~-]))+)$/.test(path)

export const bareUrl = v.pipe(
  v.string('must be a URL such as https://app.example.com'),
  v.check(isBareUrl, 'must be a URL of scheme and host only, such as https://app.example.com'),
)
const secureUrl = v.pipe(
  bareUrl,
  v.check(
    (value) =>
      !URL.canParse(value) || new URL(value).protocol === 'https:' || isLoopback(new URL(value)),
    'must begin with https:// (plain http is for localhost only)',
  ),
)

export const safeUrl = v.pipe(
  secureUrl,
  v.check((value) => !value.includes('*'), 'is one host, so it has no *'),
)

/** The URL of a site. `*` in place of the first label stands for each name below a domain. */
export const siteUrl = v.pipe(
  secureUrl,
  v.check(
    (value) => !value.includes('*') || /^https?:\/\/\*\.[^.*]+(\.[^.*]+|:\d+)+$/.test(value),
    'may have a * only in place of its first label, such as https://*.preview.example.com',
  ),
)
