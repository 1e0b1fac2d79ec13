/**
 * `npm run load -- --seconds N`: sign-ins, pages, WebSockets, SCIM and revocations together, on the
 * Worker as wrangler builds it. It runs as two isolates over one KV and one D1, as at Cloudflare.
 * Prints rates, times, errors, memory, and what was asked of KV and D1. The exit code is 1 if any
 * answer was not the right one.
 *
 *   --seconds N      how long (default 60)
 *   --isolates 1     one isolate in place of two
 *   --revocation N   `revocationSeconds` of the config (default 15, as Gatehouse's own default)
 *   --rate X         times the usual traffic (default 1)
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { load, workerdOf } from '../bench/process.ts'
import { openDirectory } from '../stage/kill-switch.ts'
import { createStage } from '../stage/stage.ts'
import { countingModule, readCounts, since } from './count.ts'
import { readHeaps, type Heaps } from './heap.ts'
import { slopeOf, watchMemory } from './memory.ts'
import { createScim } from './person.ts'
import { createTally } from './tally.ts'
import { settle } from './traffic.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    isolates: { type: 'string', default: '2' },
    revocation: { type: 'string', default: '15' },
    rate: { type: 'string', default: '1' },
  },
})
const [seconds, rate] = [Number(options.seconds), Number(options.rate)]
const [isolates, revocationSeconds] = [Number(options.isolates), Number(options.revocation)]
if (!(seconds > 0) || !(rate > 0) || ![1, 2].includes(isolates) || !(revocationSeconds >= 1)) {
  console.error('--seconds, --rate and --revocation are numbers above 0, --isolates is 1 or 2.')
  process.exit(2)
}

const stage = await createStage(undefined, revocationSeconds, {
  module: countingModule,
  isInspected: true,
})
try {
  const [a, b] = stage.ports
  const heapsOf = (): Promise<Heaps> => readHeaps(stage.inspector)
  const ports: readonly [number, ...number[]] = isolates === 2 ? [a, b] : [a]
  const { authorization } = await openDirectory(stage)
  const tally = createTally()
  const scim = createScim(authorization)
  const { run, verify } = await settle({ stage, ports, scim, tally, revocationSeconds, rate })
  console.log(
    `${isolates} ${isolates === 1 ? 'isolate' : 'isolates'}, ${seconds} s, revocationSeconds ${revocationSeconds}; ${cpus().length} × ${cpus()[0]?.model}, load ${load()} at the start`,
  )
  const before = await readCounts(ports)
  const heaps = [await heapsOf()]
  const memory = watchMemory(workerdOf(process.pid))
  const from = performance.now()
  const later = [0.1, 0.5].map((share) =>
    setTimeout(() => void heapsOf().then((each) => heaps.push(each)), seconds * share * 1000),
  )
  await run(seconds)
  for (const timer of later) clearTimeout(timer)
  const took = (performance.now() - from) / 1000
  memory.stop()
  heaps.push(await heapsOf())
  const asked = since(await readCounts(ports), before)
  await verify()

  console.table(tally.rows(took))
  const mib = (megabytes = Number.NaN) => `${megabytes.toFixed(0)} MiB`
  const { samples } = memory
  const secondHalf = samples.filter((sample) => sample.seconds >= took / 2)
  console.log(
    `workerd: ${mib(samples[0]?.megabytes)} at the start, ${mib(samples.at(-1)?.megabytes)} at the end, ${mib(Math.max(...samples.map(({ megabytes }) => megabytes)))} at most; ${slopeOf(samples).toFixed(1)} MiB a minute over all, ${slopeOf(secondHalf).toFixed(1)} over the second half`,
  )
  const live = (of: keyof Heaps) => heaps.map((each) => each[of].toFixed(1)).join(', ')
  console.log(
    `Alive in V8 at the start, after a tenth, a half and all of the time: ${live('worker')} MiB of the Worker; ${live('beside')} MiB of Miniflare's D1, KV and limits`,
  )
  const perSecond = (count: number) => (count / took).toFixed(1)
  console.log(
    `D1: ${asked.calls} calls (${perSecond(asked.calls)} a second), ${asked.reads} statements that read and ${asked.writes} that write; KV: ${asked.kvReads} reads, ${asked.kvWrites} writes`,
  )
  console.log(`Load ${load()} at the end.`)
  const errors = tally.errors()
  for (const error of errors) console.error(error)
  console.log(errors.length === 0 ? 'Every answer was the right one.' : 'Some answers were wrong.')
  process.exitCode = errors.length === 0 ? 0 : 1
} finally {
  await stage.stop()
}
