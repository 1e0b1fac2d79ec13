/** A contender in a workerd of its own, so that its time of the processor is its own. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

export interface Running {
  readonly pid: number
  readonly url: string
  readonly stop: () => void
}

const root = join(import.meta.dirname, '..')

export interface Bundle {
  /** Of worker.js. */
  readonly folder: string
  readonly flags: string
}

/** @param packages the folder whose node_modules has what the contender imports; null: it is ours. */
export async function bundleWorker(entry: string, packages: string | null): Promise<Bundle> {
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
  // On by default, and what the libraries need; we do without.
  return { folder, flags: packages === null ? '"no_nodejs_compat"' : '' }
}

export const removeBundle = ({ folder }: Bundle): void => rmSync(folder, { recursive: true })

export async function startWorker({ folder, flags }: Bundle): Promise<Running> {
  const port = await freePort()
  const config = join(folder, 'config.capnp')
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-11-17",
    compatibilityFlags = [${flags}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  )
  const binary = execFileSync(
    process.execPath,
    ['-p', "require('workerd').default ?? require('workerd')"],
    { cwd: root, encoding: 'utf8' },
  ).trim()
  const child = spawn(binary, ['serve', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}/`
  await answers(url)
  return {
    pid: child.pid ?? 0,
    url,
    stop: () => void child.kill(),
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const there = await fetch(`${url}?times=0`).catch(() => null)
    if (there?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('workerd does not answer')
}
