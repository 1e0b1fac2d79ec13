/**
 * Starts the built Worker once, in wrangler's own runtime on this machine. So a config that is another
 * one in the Worker is refused before anything is changed, and not only when Cloudflare starts it.
 */
import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { unstable_readConfig } from 'wrangler'
import { driftIn } from '../config-read.ts'
import { wranglerFile } from '../project.ts'

const runtime = v.object({ default: v.string() })
const settings = v.object({
  compatibility_date: v.string(),
  compatibility_flags: v.array(v.string()),
})

/**
 * Whatever else keeps the Worker from starting here is no fault: it has no bindings here, and a machine
 * may have no runtime. Cloudflare refuses a Worker that does not start there.
 *
 * @param main the first module. The others are beside it.
 * @returns what is wrong with the config in the file; null: nothing that is known.
 */
export async function findDrift(main: string, file: string): Promise<string | null> {
  const program = findRuntime()
  return program === null ? null : driftIn(await startOnce(program, main), file)
}

/** null: wrangler was installed without it. */
function findRuntime(): string | null {
  try {
    const ofWrangler = createRequire(createRequire(import.meta.url).resolve('wrangler'))
    return v.parse(runtime, ofWrangler('workerd')).default
  } catch {
    return null
  }
}

/** @returns what the runtime prints. */
async function startOnce(program: string, main: string): Promise<string> {
  const folder = dirname(main)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const { compatibility_date: date, compatibility_flags: flags } = v.parse(
    settings,
    unstable_readConfig({ config: wranglerFile }),
  )
  const test = `import ${quoted(`./${basename(main)}`)}; export default { test() {} }`
  const modules = [
    `(name = "start.js", esModule = ${quoted(test)})`,
    ...names.map(
      (name) =>
        `(name = ${quoted(name)}, esModule = embed ${quoted(`${basename(folder)}/${name}`)})`,
    ),
  ]
  const setUp = join(folder, '..', 'start.capnp')
  await writeFile(
    setUp,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = ${quoted(date)},
  compatibilityFlags = [${flags.map(quoted).join(', ')}],
))]);
`,
  )
  return new Promise((resolve) => {
    execFile(program, ['test', setUp], { timeout: START_SECONDS * 1000 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

const START_SECONDS = 30

const quoted = (text: string): string => JSON.stringify(text)
