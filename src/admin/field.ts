/** The fields of an operation's input: what each face describes, and how the text of a value is read. */
import { err, ok, type Result } from '../lib/result.ts'

export interface Field<T> {
  /** What a value is, for help pages: "groups of that connection only". */
  readonly meaning: string
  /** Stands for a value in help pages: `id`. null: a switch, which takes no value. */
  readonly placeholder: string | null
  readonly isRequired: boolean
  /** Whether it may have several values. */
  readonly isList: boolean
  /** A switch that may be said to be off. Unsaid, the value stays as it is. */
  readonly hasNo?: true
  /** JSON Schema of the value, for programs. */
  readonly schema: ValueSchema
  /** The problem goes on from the name of the field: "must be 1 to 1000". Empty: not given. */
  readonly parse: (given: readonly string[]) => Result<T, string>
}

export type ValueSchema =
  | {
      readonly type: 'string'
      readonly minLength?: number
      readonly maxLength?: number
      readonly pattern?: string
      readonly enum?: readonly string[]
      readonly format?: 'date-time' | 'uri'
      readonly default?: string
    }
  | {
      readonly type: 'integer'
      readonly minimum: number
      readonly maximum: number
      readonly default?: number
    }
  | { readonly type: 'boolean' }
  | { readonly type: 'array'; readonly items: ValueSchema; readonly maxItems: number }

export type Fields = Readonly<Record<string, Field<unknown>>>

export type InputOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never
}

/** By the name of the field. A switch that is on has the text `true` or an empty one; off: `false`. */
export type Given = ReadonlyMap<string, readonly string[]>

/** The same, as it is written in a declaration, or sent. */
export type Typed = Readonly<Record<string, string | readonly string[]>>

export const toGiven = (typed: Typed): Given =>
  new Map(
    Object.entries(typed).map(([name, value]) => [
      name,
      typeof value === 'string' ? [value] : value,
    ]),
  )

export interface Fault {
  /** null: the fields are right one by one, but not together. */
  readonly field: string | null
  readonly problem: string
}

export function readFields<F extends Fields>(
  fields: F,
  given: Given,
): Result<InputOf<F>, readonly Fault[]> {
  const input: Record<string, unknown> = {}
  const faults: Fault[] = []
  for (const [name, field] of Object.entries(fields)) {
    const read = field.parse(given.get(name) ?? [])
    if (read.ok) input[name] = read.value
    else faults.push({ field: name, problem: read.error })
  }
  // Each name of F has what the field of this name reads.
  return faults.length > 0 ? err(faults) : ok(input as InputOf<F>)
}

/** A field that has one value at most. @param parse null: not given. */
export const oneValue = <T>(
  described: Omit<Field<T>, 'isList' | 'parse'>,
  parse: (given: string | null) => Result<T, string>,
): Field<T> => ({
  ...described,
  isList: false,
  parse: ([first = null, ...others]) =>
    others.length > 0 ? err('is given twice: give it once') : parse(first),
})

const MOST_CHARACTERS = 1000

const judgeLength = (text: string, most: number): string | null =>
  text.length > most ? `has ${text.length} characters, more than ${most}` : null

/** @param most how many characters it may have. */
export const requiredText = (
  placeholder: string,
  meaning: string,
  most = MOST_CHARACTERS,
): Field<string> =>
  oneValue(
    {
      meaning,
      placeholder,
      isRequired: true,
      schema: { type: 'string', minLength: 1, maxLength: most },
    },
    (given) => {
      if (given === null || given === '') return err('is missing')
      const problem = judgeLength(given, most)
      return problem === null ? ok(given) : err(problem)
    },
  )

/** @param most how many characters it may have. */
export const optionalText = (
  placeholder: string,
  meaning: string,
  most = MOST_CHARACTERS,
): Field<string | null> =>
  oneValue(
    { meaning, placeholder, isRequired: false, schema: { type: 'string', maxLength: most } },
    (given) => {
      const problem = judgeLength(given ?? '', most)
      return problem === null ? ok(given) : err(problem)
    },
  )

/** Any number of values up to `most`. */
export const texts = (
  placeholder: string,
  meaning: string,
  { most, each = MOST_CHARACTERS }: { readonly most: number; readonly each?: number },
): Field<readonly string[]> => ({
  meaning,
  placeholder,
  isRequired: false,
  isList: true,
  schema: { type: 'array', items: { type: 'string', maxLength: each }, maxItems: most },
  parse: (given) => {
    if (given.length > most) return err(`is given ${given.length} times, more than ${most}`)
    const problem = given.map((text) => judgeLength(text, each)).find((found) => found !== null)
    return problem === undefined ? ok(given) : err(problem)
  },
})

export const onOff = (meaning: string): Field<boolean> =>
  oneValue(
    { meaning, placeholder: null, isRequired: false, schema: { type: 'boolean' } },
    (given) => readSwitch(given ?? 'false'),
  )

/** null: it stays as it is. */
export const onOffOrKept = (meaning: string): Field<boolean | null> =>
  oneValue(
    { meaning, placeholder: null, isRequired: false, hasNo: true, schema: { type: 'boolean' } },
    (given) => (given === null ? ok(null) : readSwitch(given)),
  )

function readSwitch(text: string): Result<boolean, string> {
  if (text === '' || text === 'true') return ok(true)
  return text === 'false' ? ok(false) : err(`must be true or false; it is "${text}"`)
}

/** Without it, an operation that destroys says what it would destroy, and does nothing. */
export const confirmField = onOff('do it: this cannot be undone')

const MOST_LISTED = 1000

/** How many items of a list are wanted. */
export const limitField = (usual = 100): Field<number> =>
  oneValue(
    {
      meaning: `how many at most (default ${usual}, at most ${MOST_LISTED})`,
      placeholder: 'number',
      isRequired: false,
      schema: { type: 'integer', minimum: 1, maximum: MOST_LISTED, default: usual },
    },
    (given) => {
      const text = given ?? String(usual)
      return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_LISTED
        ? ok(Number(text))
        : err(`must be 1 to ${MOST_LISTED}; it is "${text}"`)
    },
  )

/** How long: `30m` or `1h`. */
export const minutesToDay = (meaning: string): Field<number> =>
  oneValue(
    {
      meaning: `${meaning}: 30m, 1h, up to 24h (default 1h)`,
      placeholder: 'time',
      isRequired: false,
      schema: { type: 'string', pattern: '^[1-9][0-9]{0,3}(m|h)$', default: '1h' },
    },
    (given) => {
      const [, digits = '0', unit] = /^([1-9]\d{0,3})(m|h)$/.exec(given ?? '1h') ?? []
      const seconds = Number(digits) * (unit === 'h' ? 3600 : 60)
      return seconds >= 60 && seconds <= 86_400
        ? ok(seconds)
        : err(`must be 1m to 24h, such as 30m or 1h; it is "${given}"`)
    },
  )
