/** The built Worker with the console and the API, on a port of this machine, for programs and commands. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_readConfig } from 'wrangler'
import { root } from '../../cli/project.ts'
import { buildWorker } from './build.ts'
import { migrate } from './migrate.ts'
import { freePort } from './process.ts'

export interface AdminStage {
  /** Of the login host. */
  readonly url: string
  /** The store of the Worker. */
  readonly db: D1Database
  /** Another store, which the Worker does not have. */
  readonly other: D1Database
  /** GATEHOUSE_SECRET of the Worker. */
  readonly secret: string
  readonly logged: readonly string[]
  readonly stop: () => Promise<void>
}

export async function startAdminWorker(): Promise<AdminStage> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const script = await buildWorker('admin-worker', { LOGIN_HOST: url })
  const secret = randomBytes(32).toString('base64')
  const logged: string[] = []
  const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({
    config: join(root, 'wrangler.toml'),
  })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      port,
      modules: true,
      script,
      compatibilityDate: date ?? '',
      compatibilityFlags: flags,
      kvNamespaces: ['SESSIONS'],
      d1Databases: ['DB', 'OTHER'],
      bindings: { GATEHOUSE_SECRET: secret },
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => void logged.push(message),
    }),
  )
  await miniflare.ready
  const { DB, OTHER } = await miniflare.getBindings<Readonly<Record<'DB' | 'OTHER', D1Database>>>()
  await migrate(DB)
  await migrate(OTHER)
  return { url, db: DB, other: OTHER, secret, logged, stop: () => miniflare.dispose() }
}
