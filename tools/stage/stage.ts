/**
 * The Worker as wrangler builds it for a deploy, running twice over one KV and one D1, like two
 * isolates at Cloudflare. Tests talk to it over real sockets, and it has a real origin.
 */
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { join } from 'node:path'
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type Request as EdgeRequest,
  type Response as EdgeResponse,
} from 'miniflare'
import { unstable_readConfig } from 'wrangler'
import { root } from '../../cli/project.ts'
import { buildWorker, esModule, type StageModule } from './build.ts'
import { saveConnection } from './connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../signing/connection.ts'
import { createTestIdp, type TestIdp } from '../signing/saml-signer.ts'
import { startOrigin, type Origin } from './origin.ts'
import { migrate } from './migrate.ts'

export const REVOCATION_SECONDS = 2

export interface Stage {
  readonly origin: Origin
  readonly idp: TestIdp
  readonly db: D1Database
  /** The ports of the two isolates. */
  readonly ports: readonly [number, number]
  /** Of V8; null: it is not open. */
  readonly inspector: URL | null
  /** The log lines of the Worker. */
  readonly logged: readonly string[]
  /** The modules of the Worker, as a deploy uploads them. */
  readonly built: readonly StageModule[]
  readonly stop: () => Promise<void>
}

/** Stands in for Cloudflare's network: every external request of the Worker comes here. */
export type Edge = (request: EdgeRequest) => Promise<EdgeResponse>

export interface Around {
  readonly edge?: Edge
  /** A module that imports the Worker as `./worker.js`, and runs in its place. */
  readonly module?: string
  /** What a deploy left out: the names of these modules. */
  readonly missing?: RegExp
  /** Opens V8's inspector. */
  readonly isInspected?: boolean
  /** By name: the URLs of servers to put the Worker of `origins.ts` in front of. */
  readonly origins?: Readonly<Record<string, string>>
}

export async function createStage(
  bindings: Readonly<Record<string, string>> = secret(),
  revocationSeconds = REVOCATION_SECONDS,
  around: Around = {},
): Promise<Stage> {
  const origin = await startOrigin()
  const { origins, missing } = around
  const all = await buildWorker(origins ? 'origins' : 'worker', {
    ...(origins ? { ORIGINS: JSON.stringify(origins) } : { ORIGIN_URL: origin.url }),
    REVOCATION_SECONDS: revocationSeconds,
  })
  const built = all.filter(({ path }) => !missing?.test(path))
  const logged: string[] = []
  const wrangler = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const isolate = (name: string) => ({
    name,
    modules: [
      ...(around.module === undefined ? [] : [esModule('around.mjs', around.module)]),
      ...built,
    ],
    compatibilityDate: wrangler.compatibility_date ?? '',
    compatibilityFlags: wrangler.compatibility_flags,
    kvNamespaces: { SESSIONS: 'shared-kv' },
    d1Databases: { DB: 'shared-d1' },
    // Metrics are optional: the second isolate writes them, the first has no dataset.
    ...(name === 'b' ? { analyticsEngineDatasets: { METRICS: { dataset: 'gatehouse' } } } : {}),
    ratelimits: { LIMITS: { namespace_id: '1', simple: { limit: 2000, period: 60 as const } } },
    serviceBindings: { BOUND: 'bound' },
    bindings,
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    ...(around.edge ? { outboundService: around.edge } : {}),
  })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        isolate('a'),
        isolate('b'),
        {
          name: 'bound',
          modules: true,
          script: BOUND,
          compatibilityDate: wrangler.compatibility_date ?? '',
        },
      ],
      cf: false,
      ...(around.isInspected ? { inspectorPort: 0 } : {}),
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => void logged.push(message),
    }),
  )
  const stop = async (): Promise<void> => {
    await miniflare.dispose()
    await origin.stop()
  }
  try {
    await miniflare.ready
    const { DB: db } = await miniflare.getBindings<{ DB: D1Database }>('a')
    await migrate(db)
    const idp = await createTestIdp()
    await saveConnection(db, connectionOf(idp), toInstant(Date.now()))
    const port = async (name: string) => Number((await miniflare.unsafeGetDirectURL(name)).port)
    const ports = [await port('a'), await port('b')] as const
    const inspector = around.isInspected ? await miniflare.getInspectorURL() : null
    return { origin, idp, db, ports, inspector, logged, built, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const secret = () => ({ GATEHOUSE_SECRET: randomBytes(32).toString('base64') })

/**
 * An origin that is bound as a service. It returns the request that it received, or streams forever
 * at `/endless`.
 */
const BOUND = `export default {
  fetch: (request) => request.url.endsWith('/endless')
    ? new Response(new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('first'))
          await scheduler.wait(600_000)
        },
      }))
    : Response.json({ url: request.url, headers: Object.fromEntries(request.headers) }),
}`

export interface Asking {
  readonly port: number
  readonly host?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A request over a socket of its own. The body is not decoded, and redirects are not followed. The
 * caller may keep writing.
 */
export const open = (path: string, { port, host = 'app.localhost', method, headers }: Asking) =>
  http.request({
    host: '127.0.0.1',
    port,
    path,
    method: method ?? 'GET',
    headers: { Host: host, ...headers },
    agent: false,
  })

export const answerTo = (request: http.ClientRequest): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on('response', resolve).on('error', reject)
  })

export async function ask(path: string, asking: Asking, body?: string) {
  const request = open(path, asking)
  request.end(body)
  const answer = await answerTo(request)
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  return { status: answer.statusCode ?? 0, headers: answer.headers, bytes, text: String(bytes) }
}
