/** Runs a contender in a workerd of its own, so that its CPU time can be measured. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { MAIN } from '../../cli/bundle.ts'
import { freePort, whenListening } from '../stage/process.ts'

export interface Running {
  readonly pid: number
  readonly url: string
  readonly stop: () => void
}

const root = join(import.meta.dirname, '..', '..')

export interface Bundle {
  /** The folder of worker.js, and of the modules that it loads. */
  readonly folder: string
  readonly flags: readonly string[]
}

/**
 * @param packages the folder whose node_modules has the contender's packages; null: the contender
 * is Gatehouse.
 */
export async function bundleContender(entry: string, packages: string | null): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const outfile = join(folder, 'worker.js')
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.mjs')],
    outfile,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    alias: { contender: join(import.meta.dirname, 'contenders', entry) },
    ...(packages === null
      ? {
          platform: 'neutral',
          mainFields: ['module', 'main'],
          nodePaths: [join(root, 'node_modules')],
        }
      : {
          platform: 'node',
          nodePaths: [join(packages, 'node_modules')],
          banner: {
            js: "import { createRequire } from 'node:module'; const require = createRequire('/');",
          },
        }),
  })
  // Node compatibility is on by default. The libraries need it; Gatehouse does not.
  return { folder, flags: packages === null ? ['no_nodejs_compat'] : [] }
}

export const removeBundle = ({ folder }: Bundle): void => rmSync(folder, { recursive: true })

export const startWorker = (bundle: Bundle): Promise<Running> =>
  serve({ ...bundle, bindings: [], services: [] })

export interface Serving extends Bundle {
  /** Cap'n Proto text for workerd's configuration. */
  readonly bindings: readonly string[]
  readonly services: readonly string[]
}

/** Runs `workerd serve`, without a simulator around it. */
export async function serve(serving: Serving): Promise<Running> {
  const { folder, flags, bindings, services } = serving
  const port = await freePort()
  const config = join(folder, 'config.capnp')
  const others = readdirSync(folder).filter((name) => name.endsWith('.js') && name !== MAIN)
  const modules = [MAIN, ...others].map((name) => `(name = "${name}", esModule = embed "${name}")`)
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.join(', ')}],
    compatibilityDate = "2026-11-17",
    compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(', ')}],
    bindings = [${bindings.join(', ')}],
  )), ${services.join(', ')}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  )
  // Cloudflare reads no text of a config when an isolate starts, so that is done before.
  const binary = workerd()
  const read = join(folder, 'config.bin')
  const maxBuffer = 16 * 1024 * 1024 // bytes; it holds the modules
  writeFileSync(read, execFileSync(binary, ['compile', '--config-only', config], { maxBuffer }))
  const child = spawn(binary, ['serve', '--binary', read], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}/`
  // It asks nothing: the first request is the one that is measured.
  await whenListening(port, [])
  return {
    pid: child.pid ?? 0,
    url,
    stop: () => void child.kill(),
  }
}

/** @returns the path of the workerd binary. */
export const workerd = (): string =>
  execFileSync(process.execPath, ['-p', "require('workerd').default ?? require('workerd')"], {
    cwd: root,
    encoding: 'utf8',
  }).trim()
