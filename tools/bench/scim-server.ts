/**
 * Runs the Worker on this machine for any SCIM client: `node tools/bench/scim-server.ts [port]`
 * prints the base URL of an empty directory and its token. Every start has a new directory.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_readConfig } from 'wrangler'
import { bundleWorker } from '../../cli/bundle.ts'
import { root } from '../../cli/project.ts'
import { workerdOf } from './process.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { scimPath } from '../../src/lib/paths.ts'
import { hashScimToken, SCIM_TOKEN_BYTES, toScimToken } from '../../src/scim/token.ts'
import { migrate } from '../stage/migrate.ts'

export interface ScimServer {
  readonly baseOf: (connection: string) => string
  readonly db: D1Database
  /** The process id of workerd. */
  readonly pid: number
  readonly stop: () => Promise<void>
}

export async function startScim(port: number): Promise<ScimServer> {
  const site = `http://localhost:${port}`
  const entry = join(root, 'tools', 'bench', 'scim-worker.ts')
  const { modules } = await bundleWorker(entry, { SITE_URL: site })
  const { compatibility_date } = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: modules.map(({ name, text }) => ({
        type: 'ESModule' as const,
        path: name,
        contents: text,
      })),
      compatibilityDate: compatibility_date ?? '',
      compatibilityFlags: ['no_nodejs_compat'],
      kvNamespaces: ['SESSIONS'],
      d1Databases: ['DB'],
      bindings: { GATEHOUSE_SECRET: randomBytes(32).toString('base64') },
      host: '127.0.0.1',
      port,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: () => undefined,
    }),
  )
  await miniflare.ready
  const { DB: db } = await miniflare.getBindings<{ DB: D1Database }>()
  await migrate(db)
  return {
    baseOf: (connection) => site + scimPath(connection),
    db,
    pid: workerdOf(process.pid),
    stop: () => miniflare.dispose(),
  }
}

/** @returns the token of the new directory. */
export async function addDirectory(db: D1Database, connection: string): Promise<string> {
  const now = toInstant(Date.now())
  await db
    .prepare(
      `INSERT INTO connections (id, display_name, idp_entity_id, sso_url, sso_binding, provisioning,
         settings, created_at, updated_at)
       VALUES (?1, ?1, 'urn:bench', 'https://idp.example.test/sso', 'redirect', 'scim', '{}', ?2, ?2)`,
    )
    .bind(connection, now)
    .run()
  const token = toScimToken(crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)))
  const stored = { id: connection, connection, label: 'bench', createdAt: now, expiresAt: null }
  await insertToken(db, stored, await hashScimToken(token)).run()
  return token
}

if (import.meta.main) {
  const server = await startScim(Number(process.argv[2] ?? 8799))
  const token = await addDirectory(server.db, 'bench')
  console.log(`${server.baseOf('bench')} ${token}`)
  const stop = () => void server.stop().then(() => process.exit(0))
  process.on('SIGINT', stop).on('SIGTERM', stop)
}
