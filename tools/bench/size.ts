/**
 * `npm run bench:size [rounds]`: what each part adds to the uploaded Worker, and the CPU time of a
 * start compared with a Worker that does nothing.
 */
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { root } from '../../cli/project.ts'
import { ask } from '../stage/stage.ts'
import { browserHeaders, startEmpty, startGate, workerOptions } from './gate-server.ts'
import { load, processorTime } from './process.ts'
import { startStores } from './stores.ts'
import { summary } from './summary.ts'

const rounds = Number(process.argv[2] ?? 15)
const src = join(root, 'src')

/** The pages that we show to a browser. The other files of these folders are counted elsewhere. */
const pages = [
  'lib/page.ts',
  'lib/page-style.ts',
  'login/pages.ts',
  'proxy/answers.ts',
  'proxy/ask-to-log-in.ts',
]
const libraries: Readonly<Record<string, readonly string[]>> = {
  hono: ['hono'],
  'fast-xml-parser (its builder)': ['fast-xml-parser'],
  valibot: ['valibot'],
  jose: ['jose'],
}
const folders = readdirSync(src, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

interface Size {
  readonly minified: number
  readonly gzipped: number
}

await measureSizes()
await measureStart()

/**
 * What leaving out a part saves. Code that two parts share is saved by neither, so the sum is less
 * than the whole.
 */
async function measureSizes(): Promise<void> {
  const whole = await sizeWithout(() => false)
  const gate = await sizeWithout(() => false, 'tools/bench/gate-alone.ts')
  const kib = (bytes: number) => (bytes / 1024).toFixed(1)
  const line = (name: string, size: Size) =>
    console.log(
      `${name.padEnd(34)}${kib(size.minified).padStart(10)}${kib(size.gzipped).padStart(10)}`,
    )
  const saved = (rest: Size): Size => ({
    minified: whole.minified - rest.minified,
    gzipped: whole.gzipped - rest.gzipped,
  })
  console.log(`KiB, and what each part adds${' '.repeat(6)}  minified   gzipped`)
  line('the gate alone', gate)
  line('with the console and the API', whole)
  for (const [name, packages] of Object.entries(libraries)) {
    const isOfLibrary = (path: string) =>
      packages.some((each) => path === each || path.startsWith(`${each}/`))
    line(name, saved(await sizeWithout(isOfLibrary)))
  }
  for (const folder of folders) {
    line(`src/${folder}`, saved(await sizeWithout((path) => path.startsWith(`src/${folder}/`))))
  }
  const isPage = (path: string) => pages.some((page) => path === `src/${page}`)
  line('of these, pages', saved(await sizeWithout(isPage)))
}

/** @param isLeftOut gets the name of an imported package, or the path of a file below the root. */
async function sizeWithout(
  isLeftOut: (path: string) => boolean,
  entry = 'worker.ts',
): Promise<Size> {
  const leaveOut: Plugin = {
    name: 'leave-out',
    setup(building) {
      building.onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point') return null
        const file = relative(root, join(resolveDir, path)).split(sep).join('/')
        return isLeftOut(path.startsWith('.') ? file : path) ? { path, external: true } : null
      })
    },
  }
  const { outputFiles } = await build({
    ...workerOptions,
    entryPoints: [join(root, entry)],
    plugins: [leaveOut],
    write: false,
  })
  const [code] = outputFiles
  if (!code) throw new Error('nothing was built')
  return {
    minified: code.contents.length,
    gzipped: gzipSync(code.contents, { level: 9 }).length,
  }
}

async function measureStart(): Promise<void> {
  const stores = await startStores()
  const costs = { empty: [] as number[], gate: [] as number[], console: [] as number[] }
  const nowhere = 'http://127.0.0.1:9'
  const start = {
    empty: startEmpty,
    gate: () => startGate(nowhere, stores),
    console: () => startGate(nowhere, stores, 'console-worker.ts'),
  }
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of ['empty', 'gate', 'console'] as const) {
        const server = await start[name]()
        const { status } = await ask('/', { port: server.port, headers: browserHeaders })
        costs[name].push(processorTime(server.pid) / 1e6)
        server.stop()
        if (status !== (name === 'empty' ? 200 : 302)) throw new Error(`${name} answers ${status}`)
      }
    }
  } finally {
    stores.stop()
  }
  const added = (name: 'gate' | 'console') =>
    costs[name].map((cost, round) => cost - (costs.empty[round] ?? Number.NaN))
  console.log(
    `\nFrom the start of workerd to the first answer, ms of the processor, ${rounds} rounds, ${cpus().length} × ${cpus()[0]?.model}, load ${load()}`,
  )
  console.log(`an empty Worker  ${summary(costs.empty, 1)}`)
  console.log(`the gate         ${summary(costs.gate, 1)}`)
  console.log(`adds             ${summary(added('gate'), 1)}`)
  console.log(`with the console ${summary(costs.console, 1)}`)
  console.log(`adds             ${summary(added('console'), 1)}`)
}
