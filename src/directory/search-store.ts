/** Pages of users, in D1: of all, or of those that a search finds. */
import * as v from 'valibot'
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
  /**
   * The user before the page: connection, user name and id, or of a search the word, nothing, and
   * the id. null: the page is the first.
   */
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

/** A user, and the first of the words that the search found; null: nothing was searched. */
export type FoundUser = User & { readonly word: string | null }

/**
 * By connection, user name and id. What a search finds comes by the word that it found and the id,
 * so that the first letter of many names costs no more than a whole name.
 */
export const pageUsers = (db: D1Database, page: UserPage): Promise<readonly FoundUser[]> => {
  // Few users have the longest word, so each of them is compared with the other words.
  const [rarest, ...others] = page.words.toSorted((a, b) => b.length - a.length)
  return rarest === undefined ? listInOrder(db, page) : findByWords(db, page, rarest, others)
}

async function listInOrder(
  db: D1Database,
  { connection, after, limit }: UserPage,
): Promise<readonly FoundUser[]> {
  const { values, bind } = binding()
  const wanted = [
    ...(connection === null ? [] : [`connection = ${bind(connection)}`]),
    ...(after === null ? [] : [isAfter(after, connection !== null, bind)]),
  ]
  const where = wanted.length > 0 ? `WHERE ${wanted.join(' AND ')}` : ''
  const sql = `SELECT ${userColumns}, NULL AS word FROM users ${where}
    ORDER BY connection, user_name, id LIMIT ${bind(limit)}`
  return read(db, sql, values)
}

function findByWords(
  db: D1Database,
  { connection, after, limit }: UserPage,
  rarest: string,
  others: readonly string[],
): Promise<readonly FoundUser[]> {
  const { values, bind } = binding()
  const [word, , id] = after ?? [rarest, '', '']
  // No character comes after the last one of Unicode.
  const isBefore = (at: string) => `< ${at} || char(1114111)`
  const first = bind(rarest)
  const alsoHas = (other: string) => {
    const at = bind(other)
    return `EXISTS (SELECT 1 FROM user_words o WHERE o.user_id = w.user_id
      AND o.word >= ${at} AND o.word ${isBefore(at)})`
  }
  const wanted = [
    `(w.word, w.user_id) > (${bind(word ?? '')}, ${bind(id ?? '')})`,
    `w.word ${isBefore(first)}`,
    // The plus: the index is entered at the place before, and not at the beginning of the word.
    `+w.word >= ${first}`,
    `NOT EXISTS (SELECT 1 FROM user_words f WHERE f.user_id = w.user_id
      AND f.word >= ${first} AND f.word < w.word)`,
    ...others.map(alsoHas),
    ...(connection === null ? [] : [`connection = ${bind(connection)}`]),
  ]
  const sql = `SELECT ${userColumns}, w.word FROM user_words w CROSS JOIN users ON users.id = w.user_id
    WHERE ${wanted.join(' AND ')} ORDER BY w.word, w.user_id LIMIT ${bind(limit)}`
  return read(db, sql, values)
}

function binding() {
  const values: (string | number)[] = []
  return { values, bind: (value: string | number): string => `?${values.push(value)}` }
}

const foundRow = v.object({ ...userRow.entries, word: v.nullable(v.string()) })

async function read(
  db: D1Database,
  sql: string,
  values: readonly (string | number)[],
): Promise<readonly FoundUser[]> {
  const { results } = await fromStoreSlowly('D1', 'listing users', () =>
    db
      .prepare(sql)
      .bind(...values)
      .all(),
  )
  return parseRows(foundRow, results)
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
