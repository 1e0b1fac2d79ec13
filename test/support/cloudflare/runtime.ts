/**
 * Runs what was uploaded: workerd with real D1 and KV. Databases come from a pool, because workerd
 * has to know them when it starts.
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_splitSqlQuery } from 'wrangler'
import type { Version } from './account.ts'

const POOL = [1, 2, 3, 4].map((n) => `0000000${n}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`)

export interface Statement {
  readonly sql: string
  readonly params: readonly (string | number | null)[]
}

export interface Runtime {
  /** Ids of databases that nobody has yet. */
  readonly takeDatabase: () => string
  /** Runs all or nothing, as D1's query endpoint does. */
  readonly query: (database: string, statements: readonly Statement[]) => Promise<unknown[]>
  readonly database: (id: string) => Promise<D1Database>
  readonly run: (name: string, version: Version) => Promise<void>
  readonly visit: (name: string, url: string, init: Visit) => Promise<Response>
  readonly stop: () => Promise<void>
}

export interface Visit {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

export const split = (sql: string): readonly Statement[] =>
  unstable_splitSqlQuery(sql).map((each) => ({ sql: each, params: [] }))

export function createRuntime(): Runtime {
  const free = [...POOL]
  const running = new Map<string, Version>()
  let started: Promise<Miniflare> | null = null

  const options = () =>
    convertV4MiniflareOptions({
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: () => undefined,
      cf: false,
      workers: [
        {
          name: 'stores',
          modules: true,
          script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
          compatibilityDate: '2026-11-17',
          d1Databases: Object.fromEntries(POOL.map((id) => [id, id])),
        },
        ...Array.from(running, ([name, { modules, bindings }]) => ({
          name,
          modules: modules.map(({ name: path, text }) => ({
            type: 'ESModule' as const,
            path,
            contents: text,
          })),
          modulesRoot: '/',
          compatibilityDate: '2026-11-17',
          compatibilityFlags: ['no_nodejs_compat'],
          kvNamespaces: idsOf(bindings, 'kv_namespace'),
          d1Databases: idsOf(bindings, 'd1'),
          bindings: Object.fromEntries(
            bindings.flatMap(({ type, name: key, text }) =>
              type === 'secret_text' ? [[key, text ?? '']] : [],
            ),
          ),
          ratelimits: Object.fromEntries(
            bindings.flatMap(({ name: key, namespace_id: id = '', simple }) =>
              simple ? [[key, { namespace_id: id, simple }]] : [],
            ),
          ),
          serviceBindings: { ASSETS: () => new Response(null, { status: 404 }) },
        })),
      ],
    })
  const start = (): Promise<Miniflare> => (started ??= Promise.resolve(new Miniflare(options())))
  const database = async (id: string): Promise<D1Database> =>
    (await (await start()).getBindings<Readonly<Record<string, D1Database>>>('stores'))[id] ??
    Promise.reject(new Error(`no database ${id}`))

  return {
    takeDatabase: () => free.shift() ?? '',
    database,
    query: async (id, statements) => {
      const db = await database(id)
      return db.batch(statements.map(({ sql, params }) => db.prepare(sql).bind(...params)))
    },
    run: async (name, version) => {
      running.set(name, version)
      if (started) await (await started).setOptions(options())
    },
    visit: async (name, url, { method, headers }) => {
      const worker = await (await start()).getWorker(name)
      const answer = await worker.fetch(url, { method, headers, redirect: 'manual' })
      return new Response(await answer.arrayBuffer(), {
        status: answer.status,
        headers: [...answer.headers],
      })
    },
    stop: async () => {
      if (started) await (await started).dispose()
    },
  }
}

const idsOf = (bindings: Version['bindings'], kind: string): Record<string, string> =>
  Object.fromEntries(
    bindings.flatMap(({ type, name, namespace_id: namespace, id }) =>
      type === kind ? [[name, namespace ?? id ?? '']] : [],
    ),
  )
