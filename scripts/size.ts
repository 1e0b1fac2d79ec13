/**
 * Measures the Worker as wrangler builds it, gzipped. If it is larger than the ceiling, somebody
 * must give the reason.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { complain, say } from '../cli/terminal.ts'
import { runWrangler } from '../cli/wrangler.ts'

/**
 * Workers may be far larger; this is about the time to start. What a visitor's request needs and what
 * an administrator's or a directory's needs are one bundle still.
 */
const CEILING_KIB = 138

const directory = await mkdtemp(join(tmpdir(), 'gatehouse-size-'))
const built = await runWrangler(['deploy', '--dry-run', '--outdir', directory])
if (!built.ok) {
  complain(`The Worker does not build:\n${built.error}`)
  process.exit(1)
}
const worker = await readFile(join(directory, 'worker.js'))
await rm(directory, { recursive: true })
const kibibytes = gzipSync(worker, { level: 9 }).length / 1024
say(`The Worker is ${kibibytes.toFixed(1)} KiB gzipped; the ceiling is ${CEILING_KIB} KiB.`)
if (kibibytes > CEILING_KIB) process.exit(1)
