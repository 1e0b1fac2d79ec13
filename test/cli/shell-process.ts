/**
 * Runs commands one after another, as test/cli/shell.ts asks. Each command has its own copy of
 * our code, and its own environment, input, output and exit code, as in a process of its own. The
 * commands share wrangler, and the stores that it has opened.
 */
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { buildSync } from 'esbuild'
import { closeStores } from './open-wrangler.ts'
import type { Ran } from './run.ts'
import type { Asked } from './shell.ts'

const root = resolve(import.meta.dirname, '../..')
const urlOf = (...path: readonly string[]): string => pathToFileURL(join(root, ...path)).href
const main = urlOf('cli/main.ts')
const wrangler = urlOf('test/cli/open-wrangler.ts')
const packages = urlOf('node_modules/')
/** The whole command line. To load its hundreds of modules for each command would take most of the time. */
const [bundle] = buildSync({
  absWorkingDir: root,
  entryPoints: ['cli/main.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  packages: 'external',
}).outputFiles
const usual = { ...process.env }
let commands = 0

registerHooks({
  resolve: (specifier, context, next) => {
    if (context.parentURL === wrangler) return next(specifier, context)
    const isImport = context.conditions.includes('import')
    const found = next(specifier === 'wrangler' && isImport ? wrangler : specifier, context)
    const isOwn = found.url.startsWith('file:') && !found.url.startsWith(packages)
    return isOwn && found.url !== wrangler
      ? { ...found, url: `${found.url}?command=${commands}` }
      : found
  },
  load: (url, context, next) =>
    url.split('?')[0] === main
      ? { format: 'module', source: bundle?.contents ?? '', shortCircuit: true }
      : next(url, context),
})

process.on('message', (asked: Asked) => void run(asked).then((ran) => process.send?.(ran)))
// The tests have ended. This process ends by itself when no store is open.
process.on('disconnect', () => void closeStores())

async function run({ args, stdin, env }: Asked): Promise<Ran> {
  commands++
  const [out, err] = [record(process.stdout), record(process.stderr)]
  setEnvironment({ ...usual, ...env })
  process.argv = [process.execPath, main, ...args]
  process.exitCode = 0
  Object.defineProperty(process, 'stdin', { value: Readable.from([stdin]), configurable: true })
  try {
    await import(main)
  } catch (error) {
    // Node prints an error that nobody catches, and ends with code 1.
    return { code: 1, out: out(), err: `${err()}${inspect(error)}\n` }
  }
  return { code: process.exitCode, out: out(), err: err() }
}

/** The text that the stream is given from now on. */
function record(stream: NodeJS.WriteStream): () => string {
  let text = ''
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const taken = typeof encoding === 'function' ? encoding : done
    if (taken) queueMicrotask(() => taken(null))
    return true
  }
  return () => text
}

function setEnvironment(wanted: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, wanted)
}
