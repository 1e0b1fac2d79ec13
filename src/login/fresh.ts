/** Whether the identity provider must ask the person to sign in again. */
import type { Connection } from '../connection/connection.ts'
import { ANEW } from '../lib/paths.ts'

/**
 * false: it need not. true: the person asks for it, perhaps to use another account. A list: a policy
 * requires it, by one of these AuthnContextClassRefs (empty: by any), and the answer must show it.
 */
export type Fresh = boolean | readonly string[]

const MOST_CONTEXTS = 10

export function readFresh(given: URLSearchParams): Fresh {
  const contexts = given.get(ANEW)
  return contexts === null
    ? given.get('fresh') === '1'
    : contexts
        .split(' ')
        .filter((context) => /^[\x21-\x7e]{1,300}$/.test(context))
        .slice(0, MOST_CONTEXTS)
}

/** The same as parameters. */
export const freshFields = (fresh: Fresh): Readonly<Record<string, string>> => {
  if (typeof fresh === 'boolean') return fresh ? { fresh: '1' } : {}
  return { [ANEW]: fresh.join(' ') }
}

/** What a policy asks of a sign-in, and of its answer. null: no policy asks. */
export const anewOf = (fresh: Fresh): readonly string[] | null =>
  typeof fresh === 'boolean' ? null : fresh

/** The connection with the settings that a new sign-in needs. */
export function askingAnew(connection: Connection, fresh: Fresh): Connection {
  if (fresh === false) return connection
  const { settings } = connection
  const contexts = anewOf(fresh) ?? []
  const authnContext =
    contexts.length === 0
      ? settings.authnContext
      : ({ comparison: 'exact', classRefs: contexts } as const)
  return { ...connection, settings: { ...settings, forceAuthn: true, authnContext } }
}
