import * as v from 'valibot'
import { perhaps } from './nearest.ts'

export const text = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'))

/**
 * A schema of an object that may have only these options. valibot reports only the first unknown
 * name, so this message lists all of them.
 */
export const options = <const T extends v.ObjectEntries>(entries: T) =>
  v.strictObject(entries, ({ expected, path }) => {
    if (expected === 'Object') return 'must be an object: { … }'
    if (expected !== 'never') return 'is missing'
    const known = Object.keys(entries)
    const unknown = Object.keys(path?.[0].input ?? {}).filter((name) => !known.includes(name))
    const says = unknown.map((name, i) => {
      const what = i === 0 ? 'is not an option here' : `nor is ${name}`
      return what + perhaps(name, known)
    })
    return says.join(', ')
  })
