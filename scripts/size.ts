/**
 * Measures the Worker as wrangler builds it, gzipped: the gate alone, and with the admin part. If one
 * is larger than its ceiling, somebody must give the reason.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { complain, say } from '../cli/terminal.ts'
import { runWrangler } from '../cli/wrangler.ts'

/** Cloudflare allows far more, but a larger Worker takes longer to start. */
const workers = [
  { name: 'The gate', entry: 'tools/bench/gate-alone.ts', ceilingKib: 236 },
  { name: 'With the admin part, it', entry: 'worker.ts', ceilingKib: 374 },
] as const

let isTooLarge = false
for (const { name, entry, ceilingKib } of workers) {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-size-'))
  const built = await runWrangler(['deploy', entry, '--dry-run', '--outdir', directory])
  if (!built.ok) {
    complain(`The Worker does not build:\n${built.error}`)
    process.exit(1)
  }
  const file = entry.replace(/^.*\//, '').replace('.ts', '.js')
  const worker = await readFile(join(directory, file))
  await rm(directory, { recursive: true })
  const kibibytes = gzipSync(worker, { level: 9 }).length / 1024
  say(`${name} is ${kibibytes.toFixed(1)} KiB gzipped; the ceiling is ${ceilingKib} KiB.`)
  isTooLarge ||= kibibytes > ceilingKib
}
if (isTooLarge) process.exit(1)
