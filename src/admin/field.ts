/** The fields of an operation's input: what each face describes, and how the text of a value is read. */
import { err, ok, type Result } from '../lib/result.ts'

export interface Field<T> {
  /** What a value is, for help pages: "groups of that connection only". */
  readonly meaning: string
  /** Stands for a value in help pages: `id`. null: a switch, which takes no value. */
  readonly placeholder: string | null
  readonly isRequired: boolean
  /** The problem goes on from the name of the field: "must be 1 to 1000". null: not given. */
  readonly parse: (given: string | null) => Result<T, string>
}

export type Fields = Readonly<Record<string, Field<unknown>>>

export type InputOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never
}

/** By the name of the field. A switch that is on has an empty text. */
export type Given = ReadonlyMap<string, string>

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
    const read = field.parse(given.get(name) ?? null)
    if (read.ok) input[name] = read.value
    else faults.push({ field: name, problem: read.error })
  }
  // Each name of F has what the field of this name reads.
  return faults.length > 0 ? err(faults) : ok(input as InputOf<F>)
}

export const requiredText = (placeholder: string, meaning: string): Field<string> => ({
  meaning,
  placeholder,
  isRequired: true,
  parse: (given) => (given === null || given === '' ? err('is missing') : ok(given)),
})

export const optionalText = (placeholder: string, meaning: string): Field<string | null> => ({
  meaning,
  placeholder,
  isRequired: false,
  parse: ok,
})

export const onOff = (meaning: string): Field<boolean> => ({
  meaning,
  placeholder: null,
  isRequired: false,
  parse: (given) => ok(given !== null),
})

const MOST_LISTED = 1000

/** How many items of a list are wanted. */
export const limitField = (usual = 100): Field<number> => ({
  meaning: `how many at most (default ${usual}, at most ${MOST_LISTED})`,
  placeholder: 'number',
  isRequired: false,
  parse: (given) => {
    const text = given ?? String(usual)
    return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_LISTED
      ? ok(Number(text))
      : err(`must be 1 to ${MOST_LISTED}; it is "${text}"`)
  },
})

/** How long: `30m` or `1h`. */
export const minutesToDay = (meaning: string): Field<number> => ({
  meaning: `${meaning}: 30m, 1h, up to 24h (default 1h)`,
  placeholder: 'time',
  isRequired: false,
  parse: (given) => {
    const [, digits = '0', unit] = /^([1-9]\d{0,3})(m|h)$/.exec(given ?? '1h') ?? []
    const seconds = Number(digits) * (unit === 'h' ? 3600 : 60)
    return seconds >= 60 && seconds <= 86_400
      ? ok(seconds)
      : err(`must be 1m to 24h, such as 30m or 1h; it is "${given}"`)
  },
})
