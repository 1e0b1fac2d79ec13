/** The Worker as wrangler builds it, gzipped, against a ceiling: what grew is asked for its reason. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runWrangler } from '../cli/wrangler.ts'

/** Workers allow 3 MB on the free plan; start-up time is what this is about. */
const CEILING_KB = 105

const directory = await mkdtemp(join(tmpdir(), 'gatehouse-size-'))
const built = await runWrangler(['deploy', '--dry-run', '--minify', '--outdir', directory])
if (!built.ok) {
  console.error(`The Worker does not build:\n${built.error}`)
  process.exit(1)
}
const worker = await readFile(join(directory, 'index.js'))
await rm(directory, { recursive: true })
const kilobytes = gzipSync(worker, { level: 9 }).length / 1024
console.log(`The Worker is ${kilobytes.toFixed(1)} KB gzipped; the ceiling is ${CEILING_KB} KB.`)
if (kilobytes > CEILING_KB) process.exit(1)
