/** Proxies in front of the real KV and D1. They count the calls, or fail instead of the binding. */

export interface Watched<T> {
  readonly binding: T
  /** Names of the methods that were called, in order. */
  readonly calls: string[]
}

export function watched<T extends object>(real: T): Watched<T> {
  const calls: string[] = []
  const binding = before(real, (name) => void calls.push(name))
  return { binding, calls }
}

export interface Breakable<T> {
  readonly binding: T
  isBroken: boolean
}

/**
 * Works until `isBroken` is set. After that the given method throws, or every method if none is
 * given.
 */
export function breakable<T extends object>(real: T, method: string | null = null): Breakable<T> {
  const fault = { isBroken: false }
  const binding = before(real, (name) => {
    if (fault.isBroken && (method === null || method === name)) throw new Error('storage is down')
  })
  return Object.assign(fault, { binding })
}

/** A D1 whose calls are counted: a query, or a batch of them. */
export function countedD1(real: D1Database): {
  readonly binding: D1Database
  readonly calls: () => number
} {
  let calls = 0
  const count =
    (call: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) => {
      calls++
      return call(...args)
    }
  const statement = (of: D1PreparedStatement): D1PreparedStatement => {
    const bound = proxied(
      of,
      'bind',
      (bind) =>
        (...values: unknown[]) =>
          statement(bind(...values)),
    )
    return ['first', 'run', 'all'].reduce((each, method) => proxied(each, method, count), bound)
  }
  const prepared = proxied(real, 'prepare', (prepare) => (sql: string) => statement(prepare(sql)))
  return { binding: proxied(prepared, 'batch', count), calls: () => calls }
}

/** A D1 that fails at the statements that match. */
export const failsAt = (real: D1Database, statement: RegExp): D1Database =>
  proxied(real, 'prepare', (prepare) => (sql: string) => {
    if (statement.test(sql)) throw new Error('storage is down')
    return prepare(sql)
  })

/**
 * A KV that finds nothing while `isMissing` is set, as in a place that a write has not reached yet.
 */
export function missing(real: KVNamespace): {
  readonly binding: KVNamespace
  isMissing: boolean
} {
  const fault = { isMissing: false }
  const binding = proxied(
    real,
    'get',
    (get) =>
      (...key: unknown[]) =>
        fault.isMissing ? Promise.resolve(null) : get(...key),
  )
  return Object.assign(fault, { binding })
}

/** A D1 that calls `meanwhile` between a query and its answer. @param which the queries; else all. */
export const slowly = (
  real: D1Database,
  method: 'first' | 'run' | 'all',
  meanwhile: () => Promise<unknown>,
  which = /^/,
): D1Database =>
  proxied(
    real,
    'prepare',
    (prepare) => (sql: string) =>
      which.test(sql) ? slowStatement(prepare(sql), method, meanwhile) : prepare(sql),
  )

function slowStatement(
  statement: D1PreparedStatement,
  method: string,
  meanwhile: () => Promise<unknown>,
): D1PreparedStatement {
  const bound = proxied(
    statement,
    'bind',
    (bind) =>
      (...values: unknown[]) =>
        slowStatement(bind(...values), method, meanwhile),
  )
  return proxied(bound, method, (call) => async () => {
    const answer: unknown = await Promise.resolve(call())
    await meanwhile()
    return answer
  })
}

/** A D1 on which somebody else does something right before each batch. */
export const interrupted = (real: D1Database, first: () => Promise<unknown>): D1Database =>
  proxied(real, 'batch', (batch) => async (statements: D1PreparedStatement[]) => {
    await first()
    return batch(statements)
  })

/** A D1 that carries out a query or a batch, and then fails to answer. */
export const failsToAnswer = (
  real: D1Database,
  method: 'first' | 'run' | 'all' | 'batch',
): D1Database => {
  const lost = () => Promise.reject(new Error('the answer is lost'))
  if (method !== 'batch') return slowly(real, method, lost)
  return proxied(real, 'batch', (batch) => async (statements: D1PreparedStatement[]) => {
    await Promise.resolve(batch(statements))
    return lost()
  })
}

/** A binding that never answers a call of the given method. */
export const silent = <T extends object>(real: T, method: string): T =>
  proxied(real, method, (call) => (...values: unknown[]) => {
    call(...values)
    return new Promise(() => {})
  })

type Method = (...args: never[]) => unknown

function proxied<T extends object>(
  real: T,
  method: string,
  wrap: (call: (...args: unknown[]) => never) => Method,
): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const call = value.bind(target)
      return name === method ? wrap(call) : call
    },
  })
}

/** Calls a method with the binding itself as `this`: a proxy as `this` would make it throw. */
export function before<T extends object>(real: T, hook: (name: string) => unknown): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        hook(String(name))
        return Reflect.apply(value, target, args)
      }
    },
  })
}
