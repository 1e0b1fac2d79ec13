/** A project on this machine, an account at the stand-in of Cloudflare, and the real command between them. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gatehouse, type Ran } from '../../cli/run.ts'
import type { Zone } from './account.ts'
import { ACCOUNT, startCloudflare, TOKEN, type Cloudflare } from './api.ts'
import { startInternet, type Internet } from './internet.ts'

const root = resolve(import.meta.dirname, '../../..')
export const HOST = 'app.example.com'
export const SITE = `https://${HOST}`
export const zone: Zone = { id: 'zone-1', name: 'example.com', records: [] }

export interface DeployStage {
  readonly cloudflare: Cloudflare
  readonly internet: Internet
  /** Calls of the last command. */
  readonly calls: () => readonly string[]
  readonly deploy: (
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ran>
  readonly write: (file: string, text: string) => Promise<void>
  readonly has: (file: string) => Promise<boolean>
  readonly stop: () => Promise<void>
}

/** @param access of the site's paths, as the config has it. */
export const configOf = (
  access = "'signed-in'",
  origin = 'https://origin.example.net',
  url = SITE,
): string =>
  `export default { sites: [{ url: '${url}', origin: '${origin}', routes: [{ path: '/', access: ${access} }] }] }\n`

/** wrangler.toml of this repository, with a route, and with what follows its top. */
export async function tomlOf(route: string, more = ''): Promise<string> {
  const own = await readFile(join(root, 'wrangler.toml'), 'utf8')
  return `routes = [${route}]\n${own}\n${more}`
}
export const customDomain = `{ pattern = "${HOST}", custom_domain = true }`

export async function createDeployStage(zones: readonly Zone[] = [zone]): Promise<DeployStage> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-deploy-stage-'))
  const cloudflare = await startCloudflare(zones)
  const internet = await startInternet(cloudflare, { host: '*.example.com', folder })
  for (const name of ['worker.ts', 'migrations', 'assets']) {
    await symlink(join(root, name), join(folder, name))
  }
  const write = (file: string, text: string) => writeFile(join(folder, file), text)
  await write('wrangler.toml', await tomlOf(customDomain))
  await write('gatehouse.config.ts', configOf())
  let from = 0
  return {
    cloudflare,
    internet,
    calls: () => cloudflare.calls.slice(from),
    deploy: (args = [], env = {}) => {
      from = cloudflare.calls.length
      const config = args.includes('--config') ? [] : ['--config', 'gatehouse.config.ts']
      return gatehouse(['deploy', ...config, ...args], {
        cwd: folder,
        env: {
          ...internet.env,
          CLOUDFLARE_API_BASE_URL: cloudflare.url,
          CLOUDFLARE_API_TOKEN: TOKEN,
          CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
          ...env,
        },
      })
    },
    write,
    has: (file) =>
      readFile(join(folder, file)).then(
        () => true,
        () => false,
      ),
    stop: async () => {
      await internet.stop()
      await cloudflare.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
