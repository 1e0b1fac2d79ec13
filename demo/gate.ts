/** The built Worker on Miniflare, with a KV and a D1 of its own. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stop } from 'esbuild'
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  Response as MiniflareResponse,
} from 'miniflare'
import { unstable_readConfig } from 'wrangler'
import { bundleWorker } from '../cli/bundle.ts'
import type { DemoSettings } from './gatehouse.config.ts'
import { createSealer, type Sealer } from '../src/lib/seal.ts'
import { migrate } from '../tools/stage/migrate.ts'

const root = dirname(import.meta.dirname)

export interface Gate {
  readonly db: D1Database
  readonly openSealer: (purpose: string) => Promise<Sealer>
  stop(): Promise<void>
}

/**
 * @param storeDirectory has the same layout as wrangler's own, so that wrangler's commands can use
 * it.
 */
export async function startGate(
  port: number,
  settings: DemoSettings,
  storeDirectory: string,
  log: (line: string) => void,
): Promise<Gate> {
  const secret = randomBytes(32)
  const wrangler = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const names = (list: readonly { binding: string }[]) =>
    Object.fromEntries(list.map(({ binding }) => [binding, binding]))
  const options = convertV4MiniflareOptions({
    modules: await bundle(settings),
    compatibilityDate: wrangler.compatibility_date ?? '',
    compatibilityFlags: wrangler.compatibility_flags,
    kvNamespaces: names(wrangler.kv_namespaces),
    d1Databases: names(wrangler.d1_databases),
    bindings: { GATEHOUSE_SECRET: secret.toString('base64') },
    serviceBindings: { ASSETS: readAsset },
    // A number, because `localhost` may be an IPv6 address only.
    host: '127.0.0.1',
    port,
    resourcePersistencePath: join(storeDirectory, 'v3'),
    cf: false,
    zone: new URL(settings.siteUrl).host,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: ({ message }) => log(message),
  })
  const miniflare = keepingSignals(() => new Miniflare(options))
  try {
    await miniflare.ready
    const { DB } = await miniflare.getBindings<{ DB: D1Database }>()
    await migrate(DB)
    const current = new Uint8Array(secret)
    return {
      db: DB,
      openSealer: (purpose) => createSealer({ current, previous: null }, purpose),
      stop: () => miniflare.dispose(),
    }
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
}

/** As Cloudflare serves the folder. */
async function readAsset({ url }: { readonly url: string }): Promise<MiniflareResponse> {
  try {
    return new MiniflareResponse(await readFile(join(root, 'assets', new URL(url).pathname)))
  } catch {
    return new MiniflareResponse(null, { status: 404 })
  }
}

async function bundle(settings: DemoSettings) {
  const entry = join(root, 'demo', 'worker.ts')
  const { modules } = await bundleWorker(entry, { DEMO_SETTINGS: settings })
  // Ends esbuild's own process, which would otherwise wait for more to bundle.
  await stop()
  return modules.map(({ name, text }) => ({
    type: 'ESModule' as const,
    path: name,
    contents: text,
  }))
}

/**
 * Creates a Miniflare without its signal handlers: they would end this process before the demo has
 * stopped everything else.
 */
function keepingSignals<T>(create: () => T): T {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const before = signals.map((signal) => process.listeners(signal))
  const created = create()
  for (const [i, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!before[i]?.includes(listener)) process.off(signal, listener)
    }
  }
  return created
}
