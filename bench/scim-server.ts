/**
 * The Worker with one connection and a token for its directory, on this machine:
 * `node bench/scim-server.ts [port]` prints the base URL and the token, for any SCIM client.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_readConfig, unstable_splitSqlQuery } from 'wrangler'
import { root } from '../cli/wrangler.ts'
import { saveToken } from '../src/directory/token-store.ts'
import { toInstant } from '../src/lib/instant.ts'
import { scimPath } from '../src/lib/paths.ts'
import { hashScimToken, SCIM_TOKEN_BYTES, toScimToken } from '../src/scim/token.ts'

export interface ScimServer {
  readonly base: string
  readonly token: string
  readonly db: D1Database
  readonly stop: () => Promise<void>
}

export async function startScim(port: number): Promise<ScimServer> {
  const site = `http://localhost:${port}`
  const { compatibility_date } = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: await bundle(site),
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
  const token = await addDirectory(db)
  return { base: site + scimPath('bench'), token, db, stop: () => miniflare.dispose() }
}

async function bundle(site: string): Promise<string> {
  const config = {
    sites: [
      { url: site, origin: 'http://127.0.0.1:9', routes: [{ path: '/', access: 'signed-in' }] },
    ],
  }
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createGatehouse } from './src/app.ts'
        export default createGatehouse(${JSON.stringify(config)})`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
  })
  return outputFiles[0]?.text ?? ''
}

async function migrate(db: D1Database): Promise<void> {
  const directory = join(root, 'migrations')
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).toSorted()
  for (const file of files) {
    const statements = unstable_splitSqlQuery(await readFile(join(directory, file), 'utf8'))
    await db.batch(statements.map((statement) => db.prepare(statement)))
  }
}

async function addDirectory(db: D1Database): Promise<string> {
  const now = toInstant(Date.now())
  await db
    .prepare(
      `INSERT INTO connections (id, display_name, idp_entity_id, sso_url, sso_binding, provisioning,
         settings, created_at, updated_at)
       VALUES ('bench', 'Bench', 'urn:bench', 'https://idp.example.test/sso', 'redirect', 'scim',
         '{}', ?1, ?1)`,
    )
    .bind(now)
    .run()
  const token = toScimToken(crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)))
  const stored = {
    id: 'bench',
    connection: 'bench',
    label: 'bench',
    createdAt: now,
    expiresAt: null,
  }
  await saveToken(db, stored, await hashScimToken(token))
  return token
}

if (import.meta.main) {
  const port = Number(process.argv[2] ?? 8799)
  const server = await startScim(port)
  console.log(`${server.base} ${server.token}`)
  process.on('SIGINT', () => void server.stop().then(() => process.exit(0)))
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))
}
