/** The command line on two stores with the same content: one by the API of a running Worker, one by D1. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashAdminToken, toAdminToken } from '../../src/admin/admin-token.ts'
import { insertAdminToken } from '../../src/admin/admin-token-store.ts'
import type { Scope } from '../../src/admin/context.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { startAdminWorker, type AdminStage } from '../../tools/stage/admin.ts'
import { adminConfig } from '../../tools/stage/admin-config.ts'
import { startApi as startCloudflare, TOKEN as CLOUDFLARE_TOKEN } from './cloudflare.ts'
import { now } from './people.ts'
import type { Ran } from './run.ts'
import { openShell } from './shell.ts'

export interface ApiStage {
  readonly worker: AdminStage
  readonly directory: string
  /** Its own config is the Worker's. */
  readonly config: string
  readonly token: string
  readonly makeToken: (scopes: readonly Scope[], ttlSeconds?: number) => Promise<string>
  /** The command by the API. */
  readonly byApi: (
    args: readonly string[],
    options?: { readonly token?: string; readonly stdin?: string },
  ) => Promise<Ran>
  /** The command by D1, on the other store. */
  readonly byD1: (args: readonly string[], stdin?: string) => Promise<Ran>
  /** What each way asks of Cloudflare. */
  readonly cloudflareCalls: readonly string[]
  readonly seed: (sow: (db: D1Database) => Promise<void>) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function createApiStage(): Promise<ApiStage> {
  const worker = await startAdminWorker()
  const cloudflare = await startCloudflare(worker.other)
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-api-'))
  const config = join(directory, 'gatehouse.config.ts')
  await writeFile(config, `export default ${JSON.stringify(adminConfig(worker.url))}`)
  const shell = openShell()
  let made = 0
  const makeToken = async (scopes: readonly Scope[], ttlSeconds = 3600): Promise<string> => {
    const secret = toAdminToken(crypto.getRandomValues(new Uint8Array(32)))
    const createdAt = plusSeconds(now(), -7200)
    const times = { createdAt, expiresAt: plusSeconds(now(), ttlSeconds) }
    const id = `token-${++made}`
    await insertAdminToken(
      worker.db,
      { id, label: 'terminal', scopes, madeBy: 'Grace', maker: null, ...times },
      await hashAdminToken(secret),
    )
    return secret
  }
  const token = await makeToken(['all'])
  const run = (args: readonly string[], env: Readonly<Record<string, string>>, stdin = '') =>
    shell.run([...args, '--remote', '--config', config], {
      stdin,
      env: {
        CLOUDFLARE_API_BASE_URL: cloudflare.url,
        CLOUDFLARE_API_TOKEN: CLOUDFLARE_TOKEN,
        CLOUDFLARE_ACCOUNT_ID: '',
        GATEHOUSE_SECRET: '',
        GATEHOUSE_API_TOKEN: '',
        ...env,
      },
    })
  return {
    worker,
    directory,
    config,
    token,
    makeToken,
    byApi: (args, options = {}) =>
      run(args, { GATEHOUSE_API_TOKEN: options.token ?? token }, options.stdin),
    byD1: (args, stdin) => run(args, { GATEHOUSE_SECRET: worker.secret }, stdin),
    cloudflareCalls: cloudflare.calls,
    seed: async (sow) => {
      await sow(worker.db)
      await sow(worker.other)
    },
    stop: async () => {
      await shell.end()
      await cloudflare.stop()
      await worker.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
