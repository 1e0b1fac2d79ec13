/** Pages of users, in the order of connection, user name and id, in D1. */
import { lowerAscii } from '../lib/fold.ts'
import { parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { userColumns, userRow } from './sign-in-store.ts'
import type { User } from './user.ts'

export interface UserPage {
  /** null: users of every connection. */
  readonly connection: string | null
  /** Each is the beginning of a word in the names of a user. Empty: every user. */
  readonly words: readonly string[]
  /** The connection, user name and id of the user before the page; null: the page is the first. */
  readonly after: readonly string[] | null
  readonly limit: number
}

const MOST_WORDS = 5
const MOST_WORD = 200

/** Words of a search: the beginnings of a user name, an address, or words in either or in a display name. */
export const toWords = (search: string): readonly string[] => [
  ...new Set(
    search
      .split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, MOST_WORDS)
      .map((word) => lowerAscii(word.slice(0, MOST_WORD))),
  ),
]

export async function pageUsers(
  db: D1Database,
  { connection, words, after, limit }: UserPage,
): Promise<readonly User[]> {
  const values: (string | number)[] = []
  const bind = (value: string | number) => `?${values.push(value)}`
  const begins = (word: string) => {
    const at = bind(word)
    // No character comes after the last one of Unicode.
    return `word >= ${at} AND word < ${at} || char(1114111)`
  }
  // Few users have the longest word, so each of them is compared with the other words.
  const [rarest, ...others] = words.toSorted((a, b) => b.length - a.length)
  const wanted = [
    ...(rarest === undefined
      ? []
      : [`id IN (SELECT user_id FROM user_words WHERE ${begins(rarest)})`]),
    ...others.map(
      (word) => `EXISTS (SELECT 1 FROM user_words WHERE user_id = users.id AND ${begins(word)})`,
    ),
    ...(connection === null ? [] : [`connection = ${bind(connection)}`]),
    ...(after === null ? [] : [isAfter(after, connection !== null, bind)]),
  ]
  const where = wanted.length > 0 ? `WHERE ${wanted.join(' AND ')}` : ''
  const { results } = await fromStoreSlowly('D1', 'listing users', () =>
    db
      .prepare(
        `SELECT ${userColumns} FROM users ${where}
         ORDER BY connection, user_name, id LIMIT ${bind(limit)}`,
      )
      .bind(...values)
      .all(),
  )
  return parseRows(userRow, results)
}

/** Within a connection the index is entered at the name, and not at the connection's first user. */
function isAfter(
  after: readonly string[],
  isWithin: boolean,
  bind: (value: string) => string,
): string {
  const [columns, values] = isWithin
    ? ['user_name, id', after.slice(1)]
    : ['connection, user_name, id', after]
  return `(${columns}) > (${values.map(bind).join(', ')})`
}
