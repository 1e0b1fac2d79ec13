/**
 * The Worker as wrangler builds it for production, in workerd with real KV and D1, in front of a site
 * that remembers what it was told; and the operator's command on the same store.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import type { GatehouseConfig } from '../../src/config.ts'
import { root } from '../../cli/project.ts'
import { runWrangler } from '../../cli/wrangler.ts'
import { openShell, type Shell } from '../cli/shell.ts'
import { keepCookiesSecret, keepSecret, said } from '../../tools/stage/evidence.ts'
import { createBrowser, type Browser, type Page } from './browser.ts'
import { migrate } from '../../tools/stage/migrate.ts'
import { freePort } from '../../tools/stage/process.ts'

/** How soon who is out is refused, in seconds: small, so that a test need not wait long. */
export const REVOCATION_SECONDS = 2

/** A request that reached the site. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

export interface Gate {
  readonly url: string
  /** Where people sign in, and where the console is. Without one, it is the site's own host. */
  readonly loginUrl: string
  /** Every site, `url` first. */
  readonly sites: readonly string[]
  readonly received: readonly Received[]
  /** The lines of its log so far, parsed. A line may come a little after the answer. */
  readonly audit: () => readonly Readonly<Record<string, unknown>>[]
  readonly browser: () => Browser
  /** `npx gatehouse …` on the gate's store; what it said as JSON. */
  readonly command: (args: readonly string[]) => Promise<unknown>
  /** The same, where the secret of the Worker is known. */
  readonly commandKnowing: (args: readonly string[]) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** What the site says, and a mark on it, so that it is told from pages of ours. */
export const BEHIND = 'the page behind'
const MARK = 'x-from-behind'

type SiteConfig = GatehouseConfig['sites'][number]
/** What a test says of its site; the gate chooses the address. */
export interface Guarded {
  readonly site: Omit<SiteConfig, 'url'>
  /** The port of this machine behind the service binding `APP`; null: the site has none. */
  readonly boundPort: number | null
}

/**
 * @param guarded gives the site behind, once the public address is known; without it, the site is
 *   one that remembers what it was told.
 * @param admins who may use the console. With them, the Worker has one, at a host without a site.
 * @param others names of further sites. With them, people sign in at a host without a site.
 * @param oauth with it, programs may ask people for access, and the site has a name that Node resolves.
 */
export async function openGate(
  guarded?: (url: string) => Promise<Guarded>,
  admins?: GatehouseConfig['admins'],
  others: readonly string[] = [],
  oauth?: GatehouseConfig['oauth'],
): Promise<Gate> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-live-'))
  const received: Received[] = []
  const site = createServer(({ method = '', url = '', headers }, response) => {
    received.push({ method, url, headers })
    keepSecret(
      String(headers['x-gatehouse-jwt-assertion'] ?? '')
        .split('.')
        .at(-1),
    )
    response.writeHead(200, { 'Content-Type': 'text/plain', [MARK]: 'yes' }).end(BEHIND)
  })
  const sitePort = await freePort()
  site.listen(sitePort, '127.0.0.1')
  await once(site, 'listening')

  const port = await freePort()
  const url = `http://${oauth ? '' : 'app.'}localhost:${port}`
  // A number, because Node, which sends SCIM, resolves no name below .localhost.
  const isAlone = admins === undefined && others.length === 0 && !oauth
  const loginUrl = isAlone ? url : `http://127.0.0.1:${port}`
  const sites = [url, ...others.map((name) => `http://${name}.localhost:${port}`)]
  const own: Guarded = {
    site: {
      origin: `http://127.0.0.1:${sitePort}`,
      routes: [{ path: '/', access: 'signed-in' }],
    },
    boundPort: null,
  }
  const { site: behind, boundPort } = (await guarded?.(url)) ?? own
  const config: GatehouseConfig = {
    revocationSeconds: REVOCATION_SECONDS,
    sites: sites.map((each) => ({ url: each, ...behind })),
    ...(admins === undefined ? {} : { admins }),
    ...(oauth ? { oauth } : {}),
    ...(isAlone ? {} : { loginHost: { url: loginUrl } }),
  }
  const configFile = join(directory, 'gatehouse.config.ts')
  await writeFile(configFile, `export default ${JSON.stringify(config)}\n`)
  const store = join(directory, 'state')
  const worker = await build(directory, admins !== undefined)
  const secret = randomBytes(32).toString('base64')
  keepSecret(secret)
  const from = said.length
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml'))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      log: new NoOpLog(),
      handleStructuredLogs: ({ message }) => void said.push(message),
      telemetry: { enabled: false },
      // What wrangler dev adds to its --persist-to.
      resourcePersistencePath: join(store, 'v3'),
      ...workerOptions,
      name: 'gatehouse',
      modules: [{ type: 'ESModule', path: worker }],
      modulesRoot: dirname(worker),
      bindings: { GATEHOUSE_SECRET: secret },
      ...(boundPort === null
        ? {}
        : {
            serviceBindings: { APP: { external: { address: `127.0.0.1:${boundPort}`, http: {} } } },
          }),
    }),
  )
  await miniflare.ready
  const { DB: db } = await miniflare.getBindings<{ DB: D1Database }>()
  await migrate(db)

  const shell = openShell()
  const onStore = ['--local', '--persist-to', store, '--config', configFile]
  const witness = (page: Page, cookies: readonly string[]) => {
    if (new URL(page.url).origin !== url) return
    keepCookiesSecret(cookies)
    if (page.headers[MARK] !== undefined) return
    const { 'set-cookie': _, ...headers } = page.headers
    said.push(JSON.stringify(headers), page.text)
  }
  return {
    url,
    loginUrl,
    sites,
    received,
    audit: () =>
      said
        .slice(from)
        .filter((line) => line.startsWith('{"audit"'))
        .map((line) => JSON.parse(line)),
    browser: () => createBrowser(witness),
    command: (args) => runCommand(shell, [...args, ...onStore]),
    commandKnowing: (args) =>
      runCommand(shell, [...args, ...onStore], { GATEHOUSE_SECRET: secret }),
    async close() {
      await shell.end()
      await miniflare.dispose()
      site.close()
      await rm(directory, { recursive: true })
    },
  }
}

const ATTEMPTS = 5

/**
 * Beside a Worker that is running, as its operator does. Here both have the same SQLite file open,
 * and workerd gives up where the other is writing just then; at Cloudflare, D1 is one for both.
 */
async function runCommand(
  shell: Shell,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  attempt = 1,
): Promise<unknown> {
  const { code, out, err } = await shell.run([...args, '--json'], { env })
  said.push(out, err)
  if (code === 0) return JSON.parse(out)
  const isBusy = err.includes('being written to') || err.includes('SQLITE_BUSY')
  if (attempt < ATTEMPTS && isBusy) return runCommand(shell, args, env, attempt + 1)
  throw new Error(`gatehouse ${args.join(' ')}: ${code}\n${err}${out}`)
}

/** By the project's own wrangler.toml; only the config is another. */
async function build(directory: string, hasConsole: boolean): Promise<string> {
  const entry = join(directory, 'worker.ts')
  const source = (file: string) => JSON.stringify(join(root, 'src', file))
  await writeFile(
    entry,
    `import config from './gatehouse.config.ts'
     import { createGatehouse } from ${source('app.ts')}
     ${hasConsole ? `import { admin } from ${source('admin-entry.ts')}` : ''}
     export default createGatehouse(config${hasConsole ? ', { admin }' : ''})\n`,
  )
  const built = join(directory, 'built')
  const how = ['--config', join(root, 'wrangler.toml'), '--dry-run', '--minify']
  await wrangler(['deploy', entry, ...how, '--outdir', built])
  return join(built, 'worker.js')
}

async function wrangler(args: readonly string[]): Promise<void> {
  const ran = await runWrangler(args)
  if (!ran.ok) throw new Error(`wrangler ${args.join(' ')}: ${ran.error}`)
}
