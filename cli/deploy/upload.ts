/** Runs `wrangler deploy` at the operator's terminal. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { project, wranglerCommand } from '../project.ts'
import { SECRET } from '../secret.ts'
import { adviseOn } from '../refusal.ts'

const events = v.variant('type', [
  v.object({ type: v.literal('deploy'), version_id: v.nullable(v.string()) }),
  v.object({
    type: v.literal('command-failed'),
    code: v.optional(v.unknown()),
    message: v.string(),
  }),
])

/**
 * wrangler asks and reports at the terminal itself; we read the outcome from the file that it writes
 * for programs.
 *
 * @param secret whether the Worker gets a new GATEHOUSE_SECRET, together with its code. So there is no
 * moment at which one is there without the other.
 * @returns the id of the version, or what to do about the failure: empty if we know nothing better
 * than what wrangler has printed.
 */
export async function upload(
  args: readonly string[],
  { secret }: { readonly secret: boolean },
): Promise<Result<string | null, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-deploy-'))
  const forget = () => rmSync(folder, { recursive: true, force: true })
  process.on('exit', forget)
  try {
    const report = join(folder, 'report')
    const more = secret ? ['--secrets-file', await writeSecret(folder)] : []
    const code = await runAtTerminal(['deploy', ...args, ...more], report)
    const said = (await readFile(report, 'utf8').catch(() => ''))
      .split('\n')
      .map((line) => v.safeParse(v.pipe(v.string(), v.parseJson(), events), line))
      .flatMap((parsed) => (parsed.success ? [parsed.output] : []))
    if (code === 0) return ok(said.find((each) => each.type === 'deploy')?.version_id ?? null)
    const failures = said.flatMap((each) =>
      each.type === 'command-failed'
        ? [{ code: typeof each.code === 'number' ? each.code : null, message: each.message }]
        : [],
    )
    return err(adviseOn(null, failures))
  } finally {
    await rm(folder, { recursive: true, force: true })
    process.off('exit', forget)
  }
}

/** In a folder that only this user can open. It is never printed, and gone when wrangler ends. */
async function writeSecret(folder: string): Promise<string> {
  const file = join(folder, 'secrets.json')
  const made = { [SECRET]: randomBytes(32).toString('base64') }
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return file
}

const shortList = pathToFileURL(
  join(import.meta.dirname, `short-list${extname(import.meta.filename)}`),
).href

/** The terminal sends Ctrl-C to both processes. This one ends when wrangler does. */
function runAtTerminal(args: readonly string[], report: string): Promise<number> {
  const child = spawn(process.execPath, ['--import', shortList, wranglerCommand(), ...args], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_LOG: 'log', WRANGLER_OUTPUT_FILE_PATH: report },
  })
  const ignore = () => undefined
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', ignore).on('SIGTERM', pass)
  return new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('exit', (code) => {
      process.off('SIGINT', ignore).off('SIGTERM', pass)
      resolve(code ?? 1)
    })
  })
}
