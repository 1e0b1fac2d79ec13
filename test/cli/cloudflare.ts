/** As much of Cloudflare's API as `--remote` asks, over a real D1. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'

export const TOKEN = 'a-token-of-the-operator'
export const ACCOUNT = 'account-1'
export const DATABASE = '5f0c1d9e-0000-4000-8000-000000000001'

const NAMESPACE = '0123456789abcdef0123456789abcdef'
const VALUES = `/accounts/${ACCOUNT}/storage/kv/namespaces/${NAMESPACE}/values/`

export interface Api {
  readonly url: string
  /** Method and path of each call. */
  readonly calls: string[]
  /** Each statement that was run. */
  readonly statements: string[]
  /** Of the KV namespace, by key. */
  readonly values: Map<string, string>
  readonly stop: () => Promise<void>
}

const value = v.union([v.string(), v.number(), v.null()])
const query = v.strictObject({ sql: v.string(), params: v.array(value) })
const queries = v.union([query, v.strictObject({ batch: v.array(query) })])

export async function startApi(db: D1Database): Promise<Api> {
  const calls: string[] = []
  const statements: string[] = []
  const values = new Map<string, string>()
  const prepared = ({ sql, params }: v.InferOutput<typeof query>) => db.prepare(sql).bind(...params)

  async function answer(path: string, body: string): Promise<unknown> {
    if (path === `/accounts/${ACCOUNT}/workers/scripts/gatehouse/settings`) {
      return { bindings: [{ type: 'kv_namespace', name: 'SESSIONS', namespace_id: NAMESPACE }] }
    }
    if (path === '/accounts') return [{ id: ACCOUNT, name: 'Acme' }]
    const databases = `/accounts/${ACCOUNT}/d1/database`
    if (path.startsWith(`${databases}?`)) return [{ uuid: DATABASE, name: 'gatehouse' }]
    if (path.startsWith(`${databases}/gatehouse?`)) return { uuid: DATABASE, name: 'gatehouse' }
    if (path !== `${databases}/${DATABASE}/query`) throw new Error(`no route for ${path}`)
    const asked = v.parse(queries, JSON.parse(body))
    statements.push(...('batch' in asked ? asked.batch : [asked]).map(({ sql }) => sql))
    return 'batch' in asked ? db.batch(asked.batch.map(prepared)) : [await prepared(asked).all()]
  }

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      calls.push(`${request.method} ${request.url}`)
      const say = (status: number, document: unknown): void =>
        void response.writeHead(status).end(JSON.stringify(document))
      if (request.headers.authorization !== `Bearer ${TOKEN}`) {
        say(403, { success: false, result: null, errors: [{ message: 'Authentication error' }] })
        return
      }
      const [path, body] = [request.url ?? '', String(Buffer.concat(chunks))]
      if (path.startsWith(VALUES)) {
        const key = decodeURIComponent(path.slice(VALUES.length))
        if (request.method === 'PUT') {
          values.set(key, body)
          say(200, { success: true, result: null })
        } else response.writeHead(values.has(key) ? 200 : 404).end(values.get(key))
        return
      }
      answer(path, body).then(
        (result) => say(200, { success: true, errors: [], result }),
        (error: unknown) =>
          say(400, { success: false, result: null, errors: [{ message: String(error) }] }),
      )
    })
  })
  // Commands that share a process share connections, and on a busy machine much time passes in between.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    statements,
    values,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
