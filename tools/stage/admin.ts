/** The built Worker with the console and the API, on a port of this machine, for programs and commands. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_readConfig } from 'wrangler'
import { root } from '../../cli/project.ts'
import { buildWorker, type StageModule } from './build.ts'
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
  /** A new isolate, which remembers nothing, on the same stores. Take `db` and `other` again after it. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** @param missing what a deploy left out. */
export async function startAdminWorker(
  missing: (module: StageModule) => boolean = () => false,
): Promise<AdminStage> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const built = await buildWorker('admin-worker', { LOGIN_HOST: url })
  const modules = built.filter((module) => !missing(module))
  const secret = randomBytes(32).toString('base64')
  const logged: string[] = []
  const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({
    config: join(root, 'wrangler.toml'),
  })
  const options = convertV4MiniflareOptions({
    port,
    modules,
    compatibilityDate: date ?? '',
    compatibilityFlags: flags,
    kvNamespaces: ['SESSIONS'],
    d1Databases: ['DB', 'OTHER'],
    bindings: { GATEHOUSE_SECRET: secret },
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: ({ message }) => void logged.push(message),
  })
  const miniflare = new Miniflare(options)
  await miniflare.ready
  const bind = () => miniflare.getBindings<Readonly<Record<'DB' | 'OTHER', D1Database>>>()
  let bound = await bind()
  await migrate(bound.DB)
  await migrate(bound.OTHER)
  return {
    url,
    secret,
    logged,
    get db() {
      return bound.DB
    },
    get other() {
      return bound.OTHER
    },
    restart: async () => {
      await miniflare.setOptions(options)
      bound = await bind()
    },
    stop: () => miniflare.dispose(),
  }
}
