/** A Worker of this folder, as wrangler builds it for a deploy. */
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../cli/project.ts'
import { runWrangler } from '../../cli/wrangler.ts'

const cache = join(root, 'node_modules', '.cache', 'gatehouse')
/** All that a build reads. */
const sources = ['src/**/*', 'tools/stage/*', 'package-lock.json', 'tsconfig.json', 'wrangler.toml']

/** @param given the values that the file declares, by name. */
export async function buildWorker(
  name: string,
  given: Readonly<Record<string, string | number>>,
): Promise<string> {
  const source = await readFile(join(await buildOnce(name), `${name}.js`), 'utf8')
  const declared = Object.entries(given).map(
    ([key, value]) => `const ${key} = ${JSON.stringify(value)};\n`,
  )
  return declared.join('') + source
}

/** The folder with the build. It is kept until a source changes, since many tests need the same one. */
async function buildOnce(name: string): Promise<string> {
  const place = join(cache, `${name}-${await hashSources()}`)
  const kept = globSync(`${name}-*`, { cwd: cache }).map((folder) => join(cache, folder))
  if (kept.includes(place)) return place
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(join(cache, 'build-'))
  const args = ['deploy', `tools/stage/${name}.ts`, '--dry-run', '--outdir', unfinished]
  const built = await runWrangler(args)
  if (!built.ok) {
    await rm(unfinished, { recursive: true })
    throw new Error(built.error)
  }
  // Another process may have built the same.
  await rename(unfinished, place).catch(() => rm(unfinished, { recursive: true }))
  for (const old of kept) await rm(old, { recursive: true, force: true })
  return place
}

async function hashSources(): Promise<string> {
  const files = globSync(sources, { cwd: root, withFileTypes: true }).filter((at) => at.isFile())
  const hash = createHash('sha256')
  for (const file of files.map((at) => join(at.parentPath, at.name)).toSorted()) {
    hash.update(`${file}\n`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}
