/**
 * A D1Database that tries again when the file is locked: `npm run dev` writes to the same file. A
 * statement that was refused as busy did nothing, so trying again is safe.
 */

/** How long to wait between tries, and how often. */
export interface Patience {
  readonly tries: number
  readonly pauseMs: number
}

export const usualPatience: Patience = { tries: 10, pauseMs: 300 }

export const isBusy = (error: unknown): boolean =>
  error instanceof Error && /SQLITE_BUSY|database is locked/.test(error.message)

export function createPatientD1(db: D1Database, patience: Patience): D1Database {
  return new PatientDatabase(db, patience)
}

async function patiently<T>({ tries, pauseMs }: Patience, act: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await act()
    } catch (error) {
      if (!isBusy(error) || tried >= tries) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

class PatientDatabase implements D1Database {
  readonly #db: D1Database
  readonly #patience: Patience
  constructor(db: D1Database, patience: Patience) {
    this.#db = db
    this.#patience = patience
  }

  prepare(sql: string): PatientStatement {
    return new PatientStatement(this.#db.prepare(sql), this.#patience)
  }

  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const own = statements.map((each) => (each instanceof PatientStatement ? each.own : each))
    return patiently(this.#patience, () => this.#db.batch<T>(own))
  }

  exec(sql: string): Promise<D1ExecResult> {
    return this.#db.exec(sql)
  }
  dump(): Promise<ArrayBuffer> {
    return this.#db.dump()
  }
  withSession(): never {
    throw new Error('not offered to commands')
  }
}

class PatientStatement implements D1PreparedStatement {
  readonly own: D1PreparedStatement
  readonly #patience: Patience
  constructor(own: D1PreparedStatement, patience: Patience) {
    this.own = own
    this.#patience = patience
  }

  bind(...values: unknown[]): PatientStatement {
    return new PatientStatement(this.own.bind(...values), this.#patience)
  }
  all<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return patiently(this.#patience, () => this.own.all<T>())
  }
  run<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return patiently(this.#patience, () => this.own.run<T>())
  }
  first<T = unknown>(column: string): Promise<T | null>
  first<T = Record<string, unknown>>(): Promise<T | null>
  first(column?: string): Promise<unknown> {
    return patiently(this.#patience, () =>
      column === undefined ? this.own.first() : this.own.first(column),
    )
  }
  raw(): Promise<never> {
    return Promise.reject(new Error('not offered to commands'))
  }
}
