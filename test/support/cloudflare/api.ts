/**
 * A stand-in of Cloudflare's API, v4: as much as `npm run deploy` and the wrangler that it starts
 * ask. Requests and answers have the shape that wrangler 4 sends and reads. D1 and the uploaded
 * Worker are real, in workerd. It is not Cloudflare: what it was not taught, Cloudflare may do.
 */
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { liveVersion, type Account, type Binding, type Worker, type Zone } from './account.ts'
import { createRuntime, split, type Runtime } from './runtime.ts'

export const TOKEN = 'a-token-of-the-operator'
export const ACCOUNT = 'account0000000000000000000000001'

/** What goes wrong with the next call that matches, instead of an answer or after the work. */
export interface Fault {
  readonly on: RegExp
  readonly how:
    | { readonly status: number; readonly code: number; readonly message: string }
    /** The connection is cut: before anything is done, when it is done, or within the answer. */
    | 'cut-before'
    | 'cut-after'
    | 'cut-within'
  /** How many matching calls go well before; absent: none. */
  readonly skip?: number
  /** How often; absent: once. */
  readonly times?: number
}

export interface Cloudflare {
  readonly url: string
  readonly account: Account
  readonly runtime: Runtime
  /** Method and path of each call. */
  readonly calls: string[]
  /** Calls that the stand-in does not know. */
  readonly unknown: string[]
  readonly fail: (fault: Fault) => void
  /** Nothing goes wrong any more. */
  readonly heal: () => void
  readonly stop: () => Promise<void>
}

interface Call {
  readonly parts: readonly string[]
  readonly query: URLSearchParams
  /** Of JSON. */
  readonly body: unknown
  readonly form: () => Promise<FormData>
  /** As it came. */
  readonly text: string
}

/** An error as Cloudflare answers it. */
class Refusal extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
/** A body that is no envelope. */
class Plain {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Handle = (call: Call) => unknown
type Route = readonly [method: string, path: RegExp, handle: Handle]

const value = v.union([v.string(), v.number(), v.null()])
const query = v.object({ sql: v.string(), params: v.optional(v.array(value), []) })
const queries = v.union([v.object({ batch: v.array(query) }), query])
const metadata = v.object({
  main_module: v.string(),
  bindings: v.array(
    v.looseObject({
      type: v.string(),
      name: v.string(),
      text: v.optional(v.string()),
      namespace_id: v.optional(v.string()),
      id: v.optional(v.string()),
      simple: v.optional(v.object({ limit: v.number(), period: v.picklist([10, 60]) })),
    }),
  ),
  keep_bindings: v.optional(v.array(v.string()), []),
})

export async function startCloudflare(zones: readonly Zone[]): Promise<Cloudflare> {
  const account: Account = { namespaces: [], databases: [], workers: new Map(), zones }
  const runtime = createRuntime()
  const calls: string[] = []
  const unknown: string[] = []
  const faults: { fault: Fault; skip: number; left: number }[] = []
  const routes = routesOf(account, runtime)

  /** What goes wrong with this call; null: nothing. */
  function takeFault(name: string): Fault['how'] | null {
    const planned = faults.find(({ fault, left }) => left > 0 && fault.on.test(name))
    if (!planned) return null
    if (planned.skip > 0) {
      planned.skip--
      return null
    }
    planned.left--
    return planned.fault.how
  }

  async function handle(method: string, url: URL, call: Omit<Call, 'parts' | 'query'>) {
    for (const [verb, path, run] of routes) {
      const match = path.exec(url.pathname)
      if (verb !== method || !match) continue
      const parts = match.slice(1).map(decodeURIComponent)
      return run({ ...call, parts, query: url.searchParams })
    }
    unknown.push(`${method} ${url.pathname}`)
    throw new Refusal(404, 7003, `Could not route to ${url.pathname}`)
  }

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://api.test')
      const name = `${request.method} ${url.pathname}`
      calls.push(name)
      const say = (status: number, document: object) =>
        void response
          .writeHead(status, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ errors: [], messages: [], ...document }))
      const refuse = (status: number, code: number, message: string) =>
        say(status, { success: false, result: null, errors: [{ code, message }] })
      const how = takeFault(name)
      if (how === 'cut-before') {
        response.destroy()
        return
      }
      if (how !== null && typeof how === 'object') {
        refuse(how.status, how.code, how.message)
        return
      }
      const isLogin = request.headers.authorization === `Bearer ${TOKEN}`
      const isUpload =
        request.headers.authorization?.startsWith('Bearer ') === true &&
        url.pathname.endsWith('/assets/upload')
      if (!isLogin && !isUpload) {
        refuse(403, 10000, 'Authentication error')
        return
      }
      const bytes = Buffer.concat(chunks)
      const type = request.headers['content-type'] ?? ''
      const text = String(bytes)
      handle(request.method ?? '', url, {
        text,
        body: type.includes('json') && text !== '' ? JSON.parse(text) : null,
        form: () => new Response(bytes, { headers: { 'Content-Type': type } }).formData(),
      }).then(
        (result: unknown) => {
          if (how === 'cut-after') response.destroy()
          else if (how === 'cut-within') {
            response.writeHead(200, { 'Content-Length': 99 }).write('{', () => response.destroy())
          } else if (result instanceof Plain) response.writeHead(200).end(result.text)
          else say(200, { success: true, result, ...pageOf(result) })
        },
        (error: unknown) => {
          if (error instanceof Refusal) refuse(error.status, error.code, error.message)
          else refuse(400, 7500, error instanceof Error ? error.message : String(error))
        },
      )
    })
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    account,
    runtime,
    calls,
    unknown,
    fail: (fault) => void faults.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 }),
    heal: () => void faults.splice(0),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await runtime.stop()
    },
  }
}

/** Lists are answered whole, as their first page. */
const pageOf = (result: unknown): object =>
  Array.isArray(result)
    ? { result_info: { page: 1, per_page: 100, count: result.length, total_count: result.length } }
    : {}

function routesOf(account: Account, runtime: Runtime): readonly Route[] {
  const { namespaces, databases, workers, zones } = account
  const own = `/accounts/${ACCOUNT}`
  const at = (path: string) => new RegExp(`^${own}${path}$`)

  const worker = (name = ''): Worker => {
    const found = workers.get(name)
    if (found) return found
    throw new Refusal(404, 10007, 'This Worker does not exist on your account.')
  }
  const bindingsOf = (name: string) => {
    const found = worker(name)
    return (liveVersion(found) ?? found.versions.at(-1))?.bindings ?? []
  }
  const database = (idOrName = '') => {
    const found = databases.find(({ uuid, name }) => uuid === idOrName || name === idOrName)
    if (found) return found
    throw new Refusal(404, 7404, `The database ${idOrName} could not be found`)
  }
  const namespace = (id = '') => {
    const found = namespaces.find((each) => each.id === id)
    if (found) return found
    throw new Refusal(404, 10013, 'namespace not found')
  }
  const shown = ({ uuid, name }: { uuid: string; name: string }) => ({
    uuid,
    name,
    version: 'production',
  })

  /** A new version: modules and bindings as they were sent. Inherited bindings are those of before. */
  async function takeUpload(name: string, call: Call) {
    const form = await call.form()
    const sent = v.parse(
      v.pipe(v.string(), v.parseJson(), metadata),
      await textOf(form.get('metadata')),
    )
    const before = workers.has(name) ? bindingsOf(name) : []
    const inherited = sent.bindings.map((each): Binding => {
      if (each.type !== 'inherit') return each
      const found = before.find((other) => other.name === each.name)
      if (found) return found
      throw new Refusal(
        400,
        10057,
        `inherit binding '${each.name}' is invalid: it has no previous binding`,
      )
    })
    for (const { type, namespace_id: kv, id } of inherited) {
      if (type === 'kv_namespace') namespace(kv)
      if (type === 'd1') database(id)
    }
    const kept = before.filter(
      ({ type, name: key }) =>
        sent.keep_bindings.includes(type) && inherited.every((each) => each.name !== key),
    )
    const parts = [...form].filter(([key]) => key !== 'metadata')
    const modules = await Promise.all(
      parts.map(async ([key, part]) => ({
        name: key,
        type: part instanceof Blob ? part.type : '',
        text: await textOf(part),
      })),
    )
    const code = modules.filter(({ type }) => type.includes('javascript'))
    const first = code.toSorted((a) => (a.name === sent.main_module ? -1 : 1))
    const version = { id: randomUUID(), bindings: [...inherited, ...kept], modules: first }
    const known = workers.get(name) ?? {
      name,
      versions: [],
      live: null,
      routes: [],
      domains: [],
      crons: [],
    }
    workers.set(name, known)
    known.versions.push(version)
    return { known, version }
  }

  async function putLive(known: Worker, id: string): Promise<void> {
    const version = known.versions.find((each) => each.id === id)
    if (!version) throw new Refusal(404, 10215, 'no such version')
    known.live = id
    await runtime.run(known.name, version)
  }

  return [
    ['GET', /^\/accounts$/, () => [{ id: ACCOUNT, name: 'Acme' }]],
    ['GET', /^\/memberships$/, () => [{ id: 'm', account: { id: ACCOUNT, name: 'Acme' } }]],
    ['GET', /^\/user$/, () => ({ id: 'u', email: 'ops@example.com' })],
    [
      'GET',
      /^\/zones$/,
      ({ query: asked }) =>
        zones
          .filter(({ name }) => name === asked.get('name'))
          .map(({ id, name }) => ({ id, name })),
    ],
    [
      'GET',
      /^\/zones\/([^/]+)\/workers\/routes$/,
      () =>
        [...workers.values()].flatMap(({ name, routes }) =>
          routes.map(({ pattern }) => ({ id: pattern, pattern, script: name })),
        ),
    ],

    ['GET', at('/storage/kv/namespaces'), () => namespaces.map(({ id, title }) => ({ id, title }))],
    [
      'POST',
      at('/storage/kv/namespaces'),
      ({ body }) => {
        const { title } = v.parse(v.object({ title: v.string() }), body)
        if (namespaces.some((each) => each.title === title)) {
          throw new Refusal(400, 10014, 'a namespace with this account ID and title already exists')
        }
        const made = { id: randomUUID().replaceAll('-', ''), title, values: new Map() }
        namespaces.push(made)
        return { id: made.id, title }
      },
    ],
    [
      'GET',
      at('/storage/kv/namespaces/([^/]+)/values/(.+)'),
      ({ parts: [id, key = ''] }) => {
        const text = namespace(id).values.get(key)
        if (text === undefined) throw new Refusal(404, 10009, 'get: key not found')
        return new Plain(text)
      },
    ],
    [
      'PUT',
      at('/storage/kv/namespaces/([^/]+)/values/(.+)'),
      ({ parts: [id, key = ''], text }) => {
        namespace(id).values.set(key, text)
        return null
      },
    ],

    [
      'GET',
      at('/d1/database'),
      ({ query: asked }) =>
        databases.filter(({ name }) => name.includes(asked.get('name') ?? '')).map(shown),
    ],
    [
      'POST',
      at('/d1/database'),
      ({ body }) => {
        const { name } = v.parse(v.object({ name: v.string() }), body)
        if (databases.some((each) => each.name === name)) {
          throw new Refusal(400, 7502, `database with name '${name}' already exists`)
        }
        const made = { uuid: runtime.takeDatabase(), name }
        databases.push(made)
        return shown(made)
      },
    ],
    ['GET', at('/d1/database/([^/]+)'), ({ parts: [id] }) => shown(database(id))],
    [
      'POST',
      at('/d1/database/([^/]+)/query'),
      ({ parts: [id], body }) => {
        const asked = v.parse(queries, body)
        const statements =
          'batch' in asked ? asked.batch : asked.params.length > 0 ? [asked] : split(asked.sql)
        return runtime.query(database(id).uuid, statements)
      },
    ],

    [
      'GET',
      at('/workers/services/([^/]+)'),
      ({ parts: [name] }) => ({
        default_environment: {
          script: { tag: `tag-${worker(name).name}`, tags: [], last_deployed_from: 'wrangler' },
        },
      }),
    ],
    [
      'GET',
      at('/workers/scripts/([^/]+)/settings'),
      ({ parts: [name = ''] }) => ({
        bindings: bindingsOf(name).map((each) => ({ ...each, text: undefined })),
      }),
    ],
    [
      'GET',
      at('/workers/scripts/([^/]+)/secrets'),
      ({ parts: [name = ''] }) =>
        bindingsOf(name).flatMap((each) =>
          each.type === 'secret_text' ? [{ name: each.name, type: each.type }] : [],
        ),
    ],
    [
      'GET',
      at('/workers/scripts/([^/]+)/deployments'),
      ({ parts: [name] }) => {
        const { live } = worker(name)
        const versions = [{ version_id: live, percentage: 100 }]
        return {
          deployments:
            live === null
              ? []
              : [
                  {
                    id: 'd',
                    source: 'wrangler',
                    strategy: 'percentage',
                    author_email: '',
                    created_on: '',
                    versions,
                  },
                ],
        }
      },
    ],
    [
      'POST',
      at('/workers/scripts/([^/]+)/deployments'),
      async ({ parts: [name], body }) => {
        const { versions } = v.parse(
          v.object({ versions: v.array(v.object({ version_id: v.string() })) }),
          body,
        )
        await putLive(worker(name), versions[0]?.version_id ?? '')
        return { id: 'd' }
      },
    ],
    [
      'POST',
      at('/workers/scripts/([^/]+)/assets-upload-session'),
      () => ({ jwt: 'assets', buckets: [] }),
    ],
    [
      'PUT',
      at('/workers/scripts/([^/]+)'),
      async (call) => {
        const { known, version } = await takeUpload(call.parts[0] ?? '', call)
        await putLive(known, version.id)
        return {
          id: known.name,
          etag: 'e',
          deployment_id: version.id.replaceAll('-', ''),
          startup_time_ms: 5,
        }
      },
    ],
    [
      'POST',
      at('/workers/scripts/([^/]+)/versions'),
      async (call) => {
        worker(call.parts[0])
        const { version } = await takeUpload(call.parts[0] ?? '', call)
        return {
          id: version.id,
          startup_time_ms: 5,
          resources: { script: { etag: 'e' } },
          metadata: {},
        }
      },
    ],
    ['PATCH', at('/workers/scripts/([^/]+)/script-settings'), () => ({})],
    [
      'GET',
      at('/workers/workers/([^/]+)'),
      ({ parts: [name] }) => ({
        id: worker(name).name,
        name,
        subdomain: { enabled: false, previews_enabled: false },
      }),
    ],
    ['GET', at('/workers/subdomain'), () => ({ subdomain: 'acme' })],
    [
      'GET',
      at('/workers/scripts/([^/]+)/subdomain'),
      () => ({ enabled: false, previews_enabled: false }),
    ],
    [
      'POST',
      at('/workers/scripts/([^/]+)/subdomain'),
      () => ({ enabled: false, previews_enabled: false }),
    ],
    [
      'PUT',
      at('/workers/scripts/([^/]+)/schedules'),
      ({ parts: [name], body }) => {
        worker(name).crons = v
          .parse(v.array(v.object({ cron: v.string() })), body)
          .map(({ cron }) => cron)
        return { schedules: [] }
      },
    ],
    [
      'PUT',
      at('/workers/scripts/([^/]+)/routes'),
      ({ parts: [name], body }) => {
        const asked = v.parse(v.array(v.looseObject({ pattern: v.string() })), body)
        const taken = [...workers.values()].some(
          (other) =>
            other.name !== name &&
            other.routes.some(({ pattern }) => asked.some((each) => each.pattern === pattern)),
        )
        if (taken) throw new Refusal(409, 10020, 'workers.api.error.duplicate_route')
        worker(name).routes = asked
        return asked
      },
    ],
    [
      'POST',
      at('/workers/scripts/([^/]+)/domains/changeset'),
      ({ parts: [name], body }) => {
        const asked = v.parse(v.array(v.looseObject({ hostname: v.string() })), body)
        const others = [...workers.values()].flatMap((other) =>
          other.domains.map(({ hostname }) => ({ hostname, service: other.name })),
        )
        return {
          added: [],
          removed: [],
          updated: others
            .filter(
              ({ hostname, service }) =>
                service !== name && asked.some((each) => each.hostname === hostname),
            )
            .map(({ hostname }) => ({ id: hostname, hostname, modified: true })),
          conflicting: asked.filter(({ hostname }) =>
            zones.some(({ records }) => records.includes(hostname)),
          ),
        }
      },
    ],
    [
      'GET',
      at('/workers/domains/records/([^/]+)'),
      ({ parts: [id = ''] }) => ({
        id,
        hostname: id,
        service: [...workers.values()].find(({ domains }) =>
          domains.some(({ hostname }) => hostname === id),
        )?.name,
      }),
    ],
    [
      'PUT',
      at('/workers/scripts/([^/]+)/domains/records'),
      ({ parts: [name], body }) => {
        const { origins } = v.parse(
          v.object({ origins: v.array(v.looseObject({ hostname: v.string() })) }),
          body,
        )
        const homeless = origins.find(
          ({ hostname }) => !zones.some((zone) => hostname.endsWith(zone.name)),
        )
        if (homeless) {
          throw new Refusal(400, 10082, `Could not find zone for ${homeless.hostname}`)
        }
        worker(name).domains = origins
        return null
      },
    ],
  ]
}

const textOf = (part: ReturnType<FormData['get']>): Promise<string> | string =>
  part instanceof Blob ? part.text() : (part ?? '')
