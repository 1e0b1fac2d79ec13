/** The real D1, with every statement recorded. */

export interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

export interface Recording {
  readonly binding: D1Database
  /** The statements that were run, in order. */
  readonly statements: readonly Statement[]
  /** Rows read, as D1 bills them. */
  readonly rows: () => number
  /** Rows written, index rows included. */
  readonly written: () => number
  readonly forget: () => void
}

export function recording(db: D1Database): Recording {
  const statements: Statement[] = []
  let rows = 0
  let written = 0
  const of = new WeakMap<object, Statement & { readonly real: D1PreparedStatement }>()

  const count = (statement: Statement, result: D1Result): D1Result => {
    statements.push(statement)
    rows += result.meta.rows_read
    written += result.meta.rows_written
    return result
  }

  function watch(
    real: D1PreparedStatement,
    sql: string,
    values: readonly unknown[],
  ): D1PreparedStatement {
    const statement = { sql, values }
    const watched = new Proxy(real, {
      get: (_, name) => {
        if (name === 'bind') return (...bound: unknown[]) => watch(real.bind(...bound), sql, bound)
        if (name === 'run' || name === 'all') {
          return async () => count(statement, await real.all())
        }
        if (name !== 'first') throw new Error(`${String(name)} is not written down`)
        return async (column?: string) => {
          const row = count(statement, await real.all()).results[0] ?? null
          return column === undefined || row === null ? row : Object(row)[column]
        }
      },
    })
    of.set(watched, { ...statement, real })
    return watched
  }

  const binding = new Proxy(db, {
    get: (_, name) => {
      if (name === 'prepare') return (sql: string) => watch(db.prepare(sql), sql, [])
      if (name !== 'batch') throw new Error(`${String(name)} is not written down`)
      return async (list: D1PreparedStatement[]) => {
        const known = list.flatMap((each) => of.get(each) ?? [])
        const results = await db.batch(known.map(({ real }) => real))
        return known.map((statement, i) => {
          const result = results[i]
          if (!result) throw new Error('a statement has no result')
          return count(statement, result)
        })
      }
    },
  })
  const forget = () => {
    statements.length = 0
    rows = written = 0
  }
  return { binding, statements, rows: () => rows, written: () => written, forget }
}
