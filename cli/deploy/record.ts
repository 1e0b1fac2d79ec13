/** What the last deploy that came to its end has put in force, so that the next one can tell whether anything is new. */
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Failure } from '../command.ts'
import { project } from '../project.ts'
import { openRemoteValue } from '../remote-kv.ts'
import { runWrangler } from '../wrangler.ts'

const KEY = 'deploy:done'

const schema = v.object({ digest: v.string(), version: v.string() })
export type Done = v.InferOutput<typeof schema>

/** null: no deploy has come to its end, or this version cannot read what it kept. */
export async function findDone(namespace: string): Promise<Done | null> {
  const value = await openRemoteValue(process.env, namespace, KEY)
  const text = value.ok ? await value.value.read() : value
  if (!text.ok || text.value === null) return null
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text.value)
  return parsed.success ? parsed.output : null
}

export async function keepDone(done: Done, namespace: string): Promise<Result<null, Failure>> {
  const value = await openRemoteValue(process.env, namespace, KEY)
  return value.ok ? value.value.write(JSON.stringify(done)) : value
}

/**
 * Builds the Worker as wrangler would deploy it, and takes the SHA-256 of all that a deploy sends:
 * the code, the console's files, wrangler's file, and the options.
 */
export async function digestOf(
  args: readonly string[],
  { file, assets }: { readonly file: string; readonly assets: string | null },
): Promise<Result<string, string>> {
  const built = await mkdtemp(join(tmpdir(), 'gatehouse-built-'))
  try {
    const run = await runWrangler(['deploy', ...args, '--dry-run', '--outdir', built])
    if (!run.ok) return run
    const hash = createHash('sha256')
    // Another clone is another folder, and the same deploy.
    hash.update(JSON.stringify(args.map((arg) => arg.replace(project, ''))))
    hash.update(await readFile(file))
    // The map and the note on it have paths and the time in them.
    await addFolder(hash, built, (name) => !/\.map$|^README\.md$/.test(name))
    if (assets !== null) await addFolder(hash, assets, () => true)
    return ok(hash.digest('hex'))
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

async function addFolder(
  hash: ReturnType<typeof createHash>,
  folder: string,
  takes: (name: string) => boolean,
): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && takes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.toSorted()) {
    const bytes = await readFile(file)
    // With the length before the bytes, no two folders make the same text.
    hash.update(`${file.slice(folder.length)}\n${bytes.length}\n`).update(bytes)
  }
}
