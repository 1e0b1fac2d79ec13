/** Schemas of values in gatehouse.config.ts. */
import * as v from 'valibot'
import { isLoopback } from './address.ts'

export const text = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'))
export const seconds = (least: number, most: number) => {
  const problem = `must be a whole number of seconds from ${least} to ${most}`
  return v.pipe(
    v.number(problem),
    v.integer(problem),
    v.minValue(least, problem),
    v.maxValue(most, problem),
  )
}
const isBareUrl = (url: URL): boolean =>
  (url.protocol === 'https:' || url.protocol === 'http:') &&
  url.pathname === '/' &&
  !url.search &&
  !url.hash &&
  !url.username &&
  !url.password

export const bareUrl = v.pipe(
  v.string('must be a URL such as https://app.example.com'),
  v.check(
    (value) => URL.canParse(value) && isBareUrl(new URL(value)),
    'must be a URL of scheme and host only, such as https://app.example.com',
  ),
)
export const safeUrl = v.pipe(
  bareUrl,
  v.check(
    (value) =>
      !URL.canParse(value) || new URL(value).protocol === 'https:' || isLoopback(new URL(value)),
    'must begin with https:// (plain http is for localhost only)',
  ),
)
