/**
 * The real KV and D1 with a fault in front: each call waits for the fault first, which may throw,
 * take its time, or say that the store knows an old state only.
 */

export interface Call {
  readonly store: 'KV' | 'D1'
  readonly isWrite: boolean
  /** The method of KV, or the statement: of a batch, the first that writes. */
  readonly what: string
}

/** @returns whether the store is to show nothing of what it has. */
export type Fault = (call: Call) => Promise<'nothing' | void>

const readsOnly = (sql: string): boolean => !/\b(INSERT|UPDATE|DELETE)\b/i.test(sql)

let calls = 0
/** Whether a store is at work, so that no time may pass in the tests. */
export const isAtWork = (): boolean => calls > 0

async function work(call: () => unknown): Promise<unknown> {
  calls++
  try {
    return await call()
  } finally {
    calls--
  }
}

export const kvBehind = (real: KVNamespace, fault: Fault): KVNamespace =>
  proxied(real, (name, call) => async (...given) => {
    const isWrite = name === 'put' || name === 'delete'
    const shown = await fault({ store: 'KV', isWrite, what: name })
    return shown === 'nothing' ? null : work(() => call(...given))
  })

export function d1Behind(real: D1Database, fault: Fault): D1Database {
  const known = new WeakMap<object, { readonly statement: object; readonly sql: string }>()
  const ask = (sql: string) => fault({ store: 'D1', isWrite: !readsOnly(sql), what: sql })

  function behind(statement: object, sql: string): object {
    const shown = proxied(statement, (name, call) =>
      name === 'bind'
        ? (...values) => behind(toObject(call(...values)), sql)
        : async (...given) => {
            await ask(sql)
            return work(() => call(...given))
          },
    )
    known.set(shown, { statement, sql })
    return shown
  }

  return proxied(real, (name, call) => {
    if (name === 'prepare') return (sql) => behind(toObject(call(sql)), String(sql))
    return async (given) => {
      if (!Array.isArray(given)) {
        await ask(String(given))
        return work(() => call(given))
      }
      const list = given.map((each) => known.get(toObject(each)))
      const statements = list.map((each) => each?.sql ?? '')
      await ask(statements.find((sql) => !readsOnly(sql)) ?? statements[0] ?? '')
      return work(() => call(list.map((each) => each?.statement)))
    }
  })
}

type Method = (...given: unknown[]) => unknown

function proxied<T extends object>(real: T, wrap: (name: string, call: Method) => Method): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? wrap(String(name), value.bind(target)) : value
    },
  })
}

function toObject(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new Error('D1 gives statements')
  return value
}
