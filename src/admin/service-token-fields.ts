/** The fields of `service-token …`. */
import type { Instant } from '../lib/instant.ts'
import { ruleMethodProblem } from '../lib/methods.ts'
import { isOwnPath } from '../lib/paths.ts'
import { hasHidden } from '../lib/plain.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseDayOrTime } from '../lib/time.ts'
import { SERVICE_NAME } from '../policy/rule-config.ts'
import { isPathText, PLAIN_SEGMENTS, withoutStars } from '../site/config-values.ts'
import { oneValue, requiredText, texts, type Field } from './field.ts'
import { MOST_DAYS } from './service-tokens.ts'

export const tokenField = requiredText('token', 'the name of the token, or its id')

export const nameField: Field<string> = oneValue(
  {
    meaning: 'the name by which rules and the audit know it, such as ci',
    placeholder: 'name',
    isRequired: true,
    schema: { type: 'string', pattern: SERVICE_NAME.source, maxLength: 64 },
  },
  (given) => {
    if (given === null || given === '') return err('is missing')
    return SERVICE_NAME.test(given)
      ? ok(given)
      : err(`must be 1 to 64 of a-z, 0-9 and inner . _ -; it is "${given}"`)
  },
)

export const descriptionField: Field<string | null> = oneValue(
  {
    meaning: 'what has the token, and where',
    placeholder: 'text',
    isRequired: false,
    schema: { type: 'string', maxLength: 200 },
  },
  (given) => {
    const text = given?.trim() ?? ''
    if (text.length > 200 || hasHidden(text)) {
      return err('must be one line of at most 200 visible characters')
    }
    return ok(text === '' ? null : text)
  },
)

export const expiresField: Field<Instant> = oneValue(
  {
    meaning: `the day from which the token is refused, at most ${MOST_DAYS} days from now`,
    placeholder: 'date',
    isRequired: true,
    schema: { type: 'string', minLength: 1, maxLength: 40 },
  },
  (given) => {
    if (given === null || given === '') return err('is missing')
    const end = parseDayOrTime(given)
    return end === null
      ? err(`must be a day such as 2027-06-30, or a time in UTC; it is "${given}"`)
      : ok(end)
  },
)

const units = { m: 60, h: 3600, d: 86_400 } as const
const MOST_OVERLAP = 30 * units.d

export const overlapField: Field<number> = oneValue(
  {
    meaning:
      'how long the old secret counts beside the new one: 0, 30m, 12h, up to 30d (default 1d)',
    placeholder: 'time',
    isRequired: false,
    schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,3}(m|h|d))$', default: '1d' },
  },
  (given) => {
    if (given === '0') return ok(0)
    const [, digits = '0', unit] = /^([1-9]\d{0,3})([mhd])$/.exec(given ?? '1d') ?? []
    const seconds = unit === 'm' || unit === 'h' || unit === 'd' ? Number(digits) * units[unit] : 0
    return seconds > 0 && seconds <= MOST_OVERLAP
      ? ok(seconds)
      : err(`must be 0, or 1m to 30d, such as 12h; it is "${given}"`)
  },
)

const MOST_LISTED = 50

/** A list of values that are read one by one. null: none is given. */
function listField(
  meaning: string,
  placeholder: string,
  parse: (text: string) => Result<string, string>,
): Field<readonly string[] | null> {
  const list = texts(placeholder, meaning, { most: MOST_LISTED })
  return {
    ...list,
    parse: (given) => {
      const values = list.parse(given.filter((text) => text !== ''))
      if (!values.ok) return values
      const read: string[] = []
      for (const text of values.value) {
        const one = parse(text.trim())
        if (!one.ok) return one
        read.push(one.value)
      }
      return ok(read.length === 0 ? null : [...new Set(read)])
    },
  }
}

const HOST = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/

const sitesList = listField(
  'the host of a site that the token opens, such as wiki.example.com',
  'host',
  (text) => {
    const host = text.toLowerCase().replace(/^https?:\/\/|\/$/g, '')
    return HOST.test(host)
      ? ok(host)
      : err(`must be the host of a site, such as wiki.example.com; it is "${text}"`)
  },
)

export const sitesField: Field<readonly string[]> = {
  ...sitesList,
  isRequired: true,
  parse: (given) => {
    const read = sitesList.parse(given)
    if (!read.ok) return read
    return read.value ? ok(read.value) : err('is missing')
  },
}

export const pathsField = listField(
  'a path that the token opens, with everything below it (default: all paths)',
  'path',
  (text) => {
    const path = withoutStars(text)
    return isPathText(path) && !isOwnPath(path.toLowerCase())
      ? ok(path)
      : err(`${PLAIN_SEGMENTS}, and must not be below /.gatehouse; it is "${text}"`)
  },
)

export const methodsField = listField(
  'a method that the token may use, such as GET (default: all methods)',
  'method',
  (text) => {
    const method = text.toUpperCase()
    const problem = ruleMethodProblem(method)
    return problem === null ? ok(method) : err(`${problem}; it is "${text}"`)
  },
)
