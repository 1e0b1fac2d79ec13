/** The part of D1Database that src uses, on the query endpoint of Cloudflare's REST API. */

type Value = string | number | null
interface Query {
  readonly sql: string
  readonly params: readonly Value[]
}
/** Posts one query, or several as one transaction. Gives the API's `result`. */
export type Post = (body: Query | { readonly batch: readonly Query[] }) => Promise<unknown>

export function createRestD1(post: Post): D1Database {
  return new RestDatabase(post)
}

class RestDatabase implements D1Database {
  readonly #post: Post
  constructor(post: Post) {
    this.#post = post
  }

  prepare(sql: string): RestStatement {
    return new RestStatement(this.#post, { sql, params: [] })
  }

  async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const batch = statements.flatMap((each) => (each instanceof RestStatement ? [each.query] : []))
    return batch.length === 0 ? [] : readResults<T>(await this.#post({ batch }), batch.length)
  }

  exec(): Promise<never> {
    return notOffered()
  }
  dump(): Promise<never> {
    return notOffered()
  }
  withSession(): never {
    throw new Error('not offered over REST')
  }
}

class RestStatement implements D1PreparedStatement {
  readonly query: Query
  readonly #post: Post
  constructor(post: Post, query: Query) {
    this.#post = post
    this.query = query
  }

  bind(...values: unknown[]): RestStatement {
    return new RestStatement(this.#post, { ...this.query, params: values.map(toValue) })
  }

  async all<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    const [result] = readResults<T>(await this.#post(this.query), 1)
    if (!result) throw new Error('unreachable: readResults counts')
    return result
  }

  run<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return this.all<T>()
  }

  first<T = unknown>(column: string): Promise<T | null>
  first<T = Record<string, unknown>>(): Promise<T | null>
  async first(column?: string): Promise<unknown> {
    const { results } = await this.all()
    const [row] = results
    if (!row) return null
    return column === undefined ? row : (row[column] ?? null)
  }

  raw(): Promise<never> {
    return notOffered()
  }
}

const notOffered = (): Promise<never> => Promise.reject(new Error('not offered over REST'))

function toValue(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new TypeError(`D1 takes no ${typeof value}`)
}

function readResults<T>(result: unknown, count: number): D1Result<T>[] {
  if (!isResults<T>(result) || result.length !== count) {
    throw new Error('Cloudflare answered in a shape that is not that of D1')
  }
  return result
}

/** The caller vouches that the rows are T, as with a binding. */
const isResults = <T>(result: unknown): result is D1Result<T>[] =>
  Array.isArray(result) &&
  result.every(
    (each: unknown) =>
      typeof each === 'object' &&
      each !== null &&
      'results' in each &&
      Array.isArray(each.results) &&
      'meta' in each,
  )
