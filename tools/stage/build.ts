/** A Worker of this folder, as wrangler builds it for a deploy. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWrangler } from '../../cli/wrangler.ts'

/** @param defines the values that the file declares, by name. */
export async function buildWorker(
  name: string,
  defines: Readonly<Record<string, string | number>>,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-stage-'))
  const built = await runWrangler([
    'deploy',
    `tools/stage/${name}.ts`,
    '--dry-run',
    '--outdir',
    directory,
    ...Object.entries(defines).flatMap(([key, value]) => [
      '--define',
      `${key}:${JSON.stringify(value)}`,
    ]),
  ])
  if (!built.ok) throw new Error(built.error)
  const source = await readFile(join(directory, `${name}.js`), 'utf8')
  await rm(directory, { recursive: true })
  return source
}
