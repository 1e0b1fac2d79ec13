/**
 * Filters as a tree, written down as a client would, and judged on the JSON of a resource straight
 * from the definitions of RFC 7644 §3.4.2.2. Shares nothing with the service but JSON.
 */
import fc from 'fast-check'
import { ENTERPRISE, type Json } from './stage.ts'

export type Term =
  | { readonly is: 'and' | 'or'; readonly of: readonly Term[] }
  | { readonly is: 'not'; readonly of: Term }
  | { readonly is: 'element'; readonly path: string; readonly of: Term }
  | { readonly is: 'pr'; readonly path: string }
  | { readonly is: 'compare'; readonly path: string; readonly op: string; readonly value: Json }

type Type = 'text' | 'exact' | 'boolean' | 'time'

/** Path → what it is compared as, and whether there may be several. */
export const userPaths: Readonly<Record<string, readonly [Type, 'one' | 'several']>> = {
  id: ['exact', 'one'],
  externalId: ['exact', 'one'],
  userName: ['text', 'one'],
  displayName: ['text', 'one'],
  title: ['text', 'one'],
  profileUrl: ['exact', 'one'],
  active: ['boolean', 'one'],
  'name.givenName': ['text', 'one'],
  'name.familyName': ['text', 'one'],
  emails: ['text', 'several'],
  'emails.value': ['text', 'several'],
  'emails.type': ['text', 'several'],
  'emails.primary': ['boolean', 'several'],
  'addresses.locality': ['text', 'several'],
  'photos.value': ['exact', 'several'],
  'groups.display': ['text', 'several'],
  'groups.value': ['text', 'several'],
  'meta.lastModified': ['time', 'one'],
  'meta.created': ['time', 'one'],
  'meta.resourceType': ['exact', 'one'],
  schemas: ['exact', 'several'],
  [`${ENTERPRISE}:department`]: ['text', 'one'],
  [`${ENTERPRISE}:employeeNumber`]: ['text', 'one'],
  [`${ENTERPRISE}:manager`]: ['text', 'one'],
  [`${ENTERPRISE}:manager.value`]: ['text', 'one'],
}

export const groupPaths: typeof userPaths = {
  id: ['exact', 'one'],
  displayName: ['text', 'one'],
  externalId: ['exact', 'one'],
  'members.value': ['text', 'several'],
  members: ['text', 'several'],
  'members.display': ['text', 'several'],
  'members.type': ['text', 'several'],
}

const elementPaths: typeof userPaths = {
  value: ['text', 'one'],
  type: ['text', 'one'],
  primary: ['boolean', 'one'],
  display: ['text', 'one'],
}

export const words = [
  'a',
  'A',
  'ab',
  'Ab',
  'b',
  'aab',
  'é',
  'É',
  'ß',
  'SS',
  '\u212a',
  'k',
  'İ',
  'i',
  'I',
  'ς',
  'Σ',
  'ΑΣ',
  'ασ',
  '😀',
  'ﬀ',
  '%',
  '_',
  "'",
  '"',
  '\\',
  ') or 1=1 --',
  ' ',
  'work',
  'home',
] as const

const operators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const

/** @param known values that are there, so that something matches. */
export function anyTerm(paths: typeof userPaths, known: readonly string[]): fc.Arbitrary<Term> {
  const text = fc.constantFrom(...words, ...known, '')
  const compare = (of: typeof userPaths): fc.Arbitrary<Term> =>
    fc.constantFrom(...Object.keys(of)).chain((path) => {
      const [type] = of[path] ?? ['text']
      if (type === 'boolean') {
        return fc.record({
          is: fc.constant('compare' as const),
          path: fc.constant(path),
          op: fc.constantFrom('eq', 'ne'),
          value: fc.constantFrom<Json>(true, false, 'True', 'FALSE'),
        })
      }
      const isTime = type === 'time'
      return fc.record({
        is: fc.constant('compare' as const),
        path: fc.constant(path),
        op: fc.constantFrom(
          ...(isTime ? operators.filter((op) => !/co|sw|ew/.test(op)) : operators),
        ),
        value: isTime
          ? fc.constantFrom<Json>(...times)
          : fc.oneof({ weight: 20, arbitrary: text }, { weight: 1, arbitrary: fc.constant(null) }),
      })
    })
  const usable = (term: Term): boolean =>
    term.is !== 'compare' || term.value !== null || term.op === 'eq' || term.op === 'ne'
  const present = (of: typeof userPaths): fc.Arbitrary<Term> =>
    fc.record({ is: fc.constant('pr' as const), path: fc.constantFrom(...Object.keys(of)) })
  const leaf = (of: typeof userPaths) =>
    fc.oneof(
      { weight: 5, arbitrary: compare(of).filter(usable) },
      { weight: 1, arbitrary: present(of) },
    )
  const tree = (of: typeof userPaths, more: readonly fc.Arbitrary<Term>[]) =>
    fc.letrec<{ term: Term }>((tie) => ({
      term: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        leaf(of),
        ...more,
        fc.record({
          is: fc.constantFrom('and' as const, 'or' as const),
          of: fc.array(tie('term'), { minLength: 2, maxLength: 3 }),
        }),
        fc.record({ is: fc.constant('not' as const), of: tie('term') }),
      ),
    })).term
  const element = fc.record({
    is: fc.constant('element' as const),
    path: fc.constant('emails'),
    of: tree(elementPaths, []),
  })
  return 'emails' in paths ? tree(paths, [element]) : tree(paths, [])
}

export const times = [
  '2026-11-24T12:00:00Z',
  '2026-11-24T12:00:01.5Z',
  '2026-11-24T14:00:02+02:00',
  '2026-11-24T12:00:03.0000000Z',
  '0001-01-01T00:00:00Z',
]

/** As text; names and operators in any case. */
export function write(term: Term, swap: (text: string) => string): string {
  switch (term.is) {
    case 'and':
    case 'or':
      return `(${term.of.map((each) => write(each, swap)).join(` ${swap(term.is)} `)})`
    case 'not':
      return `${swap('not')} (${write(term.of, swap)})`
    case 'element':
      return `${swap(term.path)}[${write(term.of, swap)}]`
    case 'pr':
      return `${swap(term.path)} ${swap('pr')}`
    case 'compare':
      return `${swap(term.path)} ${swap(term.op)} ${JSON.stringify(term.value)}`
  }
}

export function judge(term: Term, resource: Json, paths: typeof userPaths): boolean {
  switch (term.is) {
    case 'and':
      return term.of.every((each) => judge(each, resource, paths))
    case 'or':
      return term.of.some((each) => judge(each, resource, paths))
    case 'not':
      return !judge(term.of, resource, paths)
    case 'element':
      return (resource[term.path] ?? []).some((each: Json) => judge(term.of, each, elementPaths))
    case 'pr':
      return partsAt(term.path, resource, paths).some(
        (value) => value !== undefined && value !== '',
      )
    case 'compare':
      return judgeCompare(term, resource, paths)
  }
}

function judgeCompare(
  { path, op, value }: Extract<Term, { is: 'compare' }>,
  resource: Json,
  paths: typeof userPaths,
): boolean {
  const [type, count] = paths[path] ?? ['text', 'one']
  const values = valuesAt(path, resource, paths)
  if (value === null) {
    const isThere = values.some((each) => each !== undefined && each !== '')
    return (op === 'ne') === isThere
  }
  // One that is absent is not equal; of several, each that is there is judged.
  const judged = count === 'one' && values.length === 0 ? [undefined] : values
  return judged.some((each) => matches(type, op, each, value))
}

function matches(type: Type, op: string, actual: Json, wanted: Json): boolean {
  if (type === 'boolean') {
    const want = String(wanted).toLowerCase() === 'true'
    return (op === 'eq') === (actual === want)
  }
  if (actual === undefined) return op === 'ne'
  if (type === 'time') return ordered(op, Date.parse(actual) - Date.parse(wanted))
  const fold = (text: string) => Array.from(text, (point) => point.toLowerCase()).join('')
  const [a, b] = type === 'exact' ? [actual, wanted] : [fold(actual), fold(wanted)]
  if (op === 'co') return a.includes(b)
  if (op === 'sw') return a.startsWith(b)
  if (op === 'ew') return a.endsWith(b)
  return ordered(op, compareBytes(a, b))
}

function ordered(op: string, difference: number): boolean {
  const outcomes: Readonly<Record<string, boolean>> = {
    eq: difference === 0,
    ne: difference !== 0,
    gt: difference > 0,
    ge: difference >= 0,
    lt: difference < 0,
    le: difference <= 0,
  }
  return outcomes[op] ?? false
}

function compareBytes(a: string, b: string): number {
  const [as, bs] = [new TextEncoder().encode(a), new TextEncoder().encode(b)]
  for (let i = 0; i < Math.min(as.length, bs.length); i++) {
    const difference = (as[i] ?? 0) - (bs[i] ?? 0)
    if (difference !== 0) return difference
  }
  return as.length - bs.length
}

/** What may be there of it: of a complex attribute any of its parts. */
function partsAt(path: string, resource: Json, paths: typeof userPaths): readonly Json[] {
  const name = path.split(':').at(-1) ?? ''
  const holder = path.startsWith(ENTERPRISE) ? (resource[ENTERPRISE] ?? {}) : resource
  const whole = [holder[name]].flat().filter((each) => typeof each === 'object')
  return whole.length > 0 ? whole.flatMap(Object.values) : valuesAt(path, resource, paths)
}

/** Of `emails.type`, one for each element, absent or not; `emails` is `emails.value`. */
function valuesAt(path: string, resource: Json, paths: typeof userPaths): readonly Json[] {
  const [, count] = paths[path] ?? ['text', 'one']
  const [urn, rest] = path.startsWith(ENTERPRISE)
    ? [ENTERPRISE, path.slice(ENTERPRISE.length + 1)]
    : [null, path]
  const from = urn === null ? resource : (resource[urn] ?? {})
  const [name = '', sub = null] = rest.split('.')
  const value = from[name]
  if (value === undefined) return []
  if (count === 'several') {
    return value.map((each: Json) => (typeof each === 'string' ? each : each[sub ?? 'value']))
  }
  const one = typeof value === 'object' ? value[sub ?? 'value'] : value
  return one === undefined ? [] : [one]
}
