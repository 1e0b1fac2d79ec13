/**
 * `npm run bench:saml`: verifies one posted response with Gatehouse, with npm libraries in the same
 * workerd, and with libxmlsec1 in C. Measures CPU time of each process. The contenders take turns,
 * so that other load on the machine affects all of them.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startOracle } from '../fuzz/oracle.ts'
import type { Message } from './message.ts'
import { readMessages } from './messages.ts'
import { bundleContender, removeBundle, startWorker, type Bundle } from './workerd.ts'

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(options.rounds)

/** The exact versions that are measured. */
const peers: Readonly<Record<string, string>> = {
  '@node-saml/node-saml': '5.1.0',
  samlify: '2.13.1',
  '@boxyhq/saml20': '1.15.2',
}

type Answer = { readonly name: string } | { readonly refused: string }

/** The messages for a fresh isolate. */
const FIRST = new Set(['okta', 'entra1000'])
const FRESH_PROCESSES = 5

/** V8 compiles frequent code in stages, so the first runs are not counted. */
const WARM_MICROSECONDS = 1_500_000

interface Contender {
  readonly name: string
  /** Sets the message that `run` opens from now on. */
  readonly take: (message: Message) => Promise<void>
  readonly run: (times: number) => Promise<Answer>
  readonly pid: number
  readonly stop: () => void
}

const packages = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
writeFileSync(
  join(packages, 'package.json'),
  JSON.stringify({ private: true, dependencies: peers }),
)
const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
const installed = spawnSync('npm', ['install', ...quiet], { cwd: packages, stdio: 'inherit' })
if (installed.status !== 0) process.exit(1)

const bundles: ReadonlyMap<string, Bundle> = new Map([
  ['Gatehouse', await bundleContender('gatehouse.ts', null)],
  ['@node-saml/node-saml', await bundleContender('node-saml.mjs', packages)],
  ['samlify', await bundleContender('samlify.mjs', packages)],
  ['@boxyhq/saml20', await bundleContender('saml20.mjs', packages)],
])
/** Measured beside them, so that an encrypted response can be compared with its parts. */
const rsa = await bundleContender('rsa.ts', null)
const contenders: Contender[] = []
for (const [name, bundle] of bundles) contenders.push(await inWorkerd(name, bundle))
contenders.push(await inWorkerd('one RSA decryption', rsa), inC())
console.log(`${rounds} rounds; median (least-most) µs of processor time, and how many times ours`)
console.log(
  `In workerd: ${Object.entries(peers)
    .map((pair) => pair.join(' '))
    .join(', ')}`,
)
try {
  const { layouts, growing } = await readMessages()
  for (const message of layouts) await race(message, () => '')
  for (const message of layouts.filter(({ name }) => FIRST.has(name))) await raceFirst(message)
  console.log('\nGrowth')
  for (const message of growing) {
    const kilobytes = message.xml.length / 1024
    await race(message, (cost) => `  ${(cost / kilobytes).toFixed(1)} µs for a KB`)
  }
} finally {
  for (const contender of contenders) contender.stop()
  for (const bundle of [...bundles.values(), rsa]) removeBundle(bundle)
  rmSync(packages, { recursive: true })
}

async function race(message: Message, more: (cost: number) => string): Promise<void> {
  const samples = new Map<Contender, number[]>()
  const counts = new Map<Contender, number>()
  for (const contender of contenders) {
    const refusal = await whyUnfit(contender, message)
    if (refusal) console.log(`  ${contender.name}: not timed, ${refusal}`)
    else counts.set(contender, await calibrate(contender))
  }
  for (let round = 0; round < rounds; round++) {
    for (const [contender, times] of counts) {
      const cost = await costOf(contender, times)
      samples.set(contender, [...(samples.get(contender) ?? []), cost])
    }
  }
  console.log(`\n${message.name}, ${(message.xml.length / 1024).toFixed(1)} KB`)
  let own: number | null = null
  for (const [contender, costs] of samples) {
    const { median, text } = summary(costs)
    own ??= median
    const ratio = `${(median / own).toFixed(2)}x`
    console.log(`  ${contender.name.padEnd(22)} ${text(0)}  ${ratio}${more(median)}`)
  }
}

/**
 * V8 compiles on threads other than the isolate's, so the isolate's own thread is measured
 * separately.
 */
type Fresh = 'first' | 'ofIsolate' | 'second'

/** Measures the first sign-in after a Worker has started. */
async function raceFirst(message: Message): Promise<void> {
  const costs = new Map<string, Readonly<Record<Fresh, number>>[]>()
  for (let i = 0; i < FRESH_PROCESSES; i++) {
    for (const [name, bundle] of bundles) {
      const fresh = await inWorkerd(name, bundle)
      await fresh.take(message)
      // Warms up the request handling, so that only opening the response is new.
      for (let j = 0; j < 20; j++) await fresh.run(0)
      const before = threadTime(fresh.pid, fresh.pid)
      const first = await costOf(fresh, 1)
      const ofIsolate = (threadTime(fresh.pid, fresh.pid) - before) / 1000
      const cost = { first, ofIsolate, second: await costOf(fresh, 1) }
      costs.set(name, [...(costs.get(name) ?? []), cost])
      fresh.stop()
    }
  }
  console.log(`\nIn ${FRESH_PROCESSES} fresh processes, ${message.name}: milliseconds`)
  for (const [name, each] of costs) {
    const of = (which: Fresh) => summary(each.map((cost) => cost[which] / 1000)).text(1)
    console.log(
      `  ${name.padEnd(22)} the first ${of('first')}, of it on the isolate's thread ${of('ofIsolate')}, the second ${of('second')}`,
    )
  }
}

function summary(values: readonly number[]): {
  readonly median: number
  readonly text: (digits: number) => string
} {
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const [least, most] = [sorted[0] ?? NaN, sorted.at(-1) ?? NaN]
  return {
    median,
    text: (digits) =>
      `${median.toFixed(digits).padStart(8)} (${least.toFixed(digits)}-${most.toFixed(digits)})`,
  }
}

/**
 * A contender that accepts a changed message or refuses the valid one is not measured. null: it is
 * fit.
 */
async function whyUnfit(contender: Contender, message: Message): Promise<string | null> {
  const name = message.decryptionKey === null ? /(NameID [^>]*>)[^<]/ : /(CipherValue>)[^<]/g
  const changed = { ...message, xml: message.xml.replace(name, '$1_') }
  if (changed.xml === message.xml) throw new Error('the message was not changed')
  await contender.take(changed)
  if ('name' in (await contender.run(1))) return 'it accepts a changed message'
  await contender.take(message)
  const answer = await contender.run(1)
  return 'refused' in answer ? `it refuses the message: ${answer.refused}` : null
}

/** The number of runs that takes about a tenth of a second. Warms up first. */
async function calibrate(contender: Contender): Promise<number> {
  let [times, cost, warm] = [1, 0, 0]
  while (warm < WARM_MICROSECONDS) {
    cost = await costOf(contender, times)
    warm += cost * times
    times = Math.max(1, Math.min(times * 4, Math.ceil(100_000 / cost)))
  }
  return times
}

/** CPU microseconds per run. */
async function costOf(contender: Contender, times: number): Promise<number> {
  const before = processorTime(contender.pid)
  if ('refused' in (await contender.run(times)))
    throw new Error(`${contender.name} changed its mind`)
  return (processorTime(contender.pid) - before) / times / 1000
}

/** CPU nanoseconds of all threads. */
function processorTime(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks.reduce((sum, task) => sum + threadTime(pid, Number(task)), 0)
}

function threadTime(pid: number, task: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
}

async function inWorkerd(name: string, bundle: Bundle): Promise<Contender> {
  const { pid, url, stop } = await startWorker(bundle)
  return {
    name,
    pid,
    stop,
    take: async ({ xml, ...message }) => {
      const body = JSON.stringify({ ...message, posted: Buffer.from(xml).toString('base64') })
      await fetch(url, { method: 'PUT', body })
    },
    run: async (times) => {
      const answer: Answer = await (await fetch(`${url}?times=${times}`)).json()
      return answer
    },
  }
}

/** libxml2 and libxmlsec1: only parsing and the signature, no claims. */
function inC(): Contender {
  const oracle = startOracle()
  const keys = new Map<string, number>()
  let document: Uint8Array = new Uint8Array()
  let key = 0
  return {
    name: 'libxmlsec1 (C)',
    pid: oracle.pid,
    stop: oracle.close,
    take: async ({ xml, certificate }) => {
      key = keys.get(certificate) ?? (await oracle.addKey(certificate))
      keys.set(certificate, key)
      document = Buffer.from(xml)
    },
    run: async (times) => {
      const asked = Array.from({ length: times }, () => oracle.verify(document, key, false))
      const verdicts = await Promise.all(asked)
      const good = verdicts.every((each) => each?.[0] === true)
      return good ? { name: 'whoever was signed' } : { refused: 'xmlsec1 does not verify it' }
    },
  }
}
