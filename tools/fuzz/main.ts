/**
 * `npm run fuzz -- --seconds N --seed S`: gives mutants of every fixture to Gatehouse, to a reader on
 * saxes, and to libxml2 and xmlsec1, which read, canonicalize and verify them. A disagreement is a finding;
 * docs/fuzzing.md lists what counts as one. The exit code is 1 if there is a finding.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { utf8, type Bytes } from '../../src/lib/bytes.ts'
import type { XmlElement } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import { Clock } from './clock.ts'
import { heavyDocuments, heavyReferences, MOST_TIMES, type Heavy } from './heavy.ts'
import { askUs, compare, requestsOf, type Finding, type Judge } from './judge.ts'
import { minimise } from './minimise.ts'
import { mutantOf } from './mutate.ts'
import { startOracle, type CanonicalRequest } from './oracle.ts'
import { readSeeds, type Seed, type Signed } from './seeds.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    /** The first iteration. Together with --mutants 1 it repeats a single one. */
    from: { type: 'string', default: '0' },
    mutants: { type: 'string', default: 'Infinity' },
    out: { type: 'string' },
  },
})
const [seconds, seed] = [Number(options.seconds), Number(options.seed)]
const [from, most] = [Number(options.from), Number(options.mutants)]
if (![seconds, seed, from, most].every((value) => value >= 0)) {
  console.error('Say --seconds, --seed, --from and --mutants as numbers.')
  process.exit(2)
}

interface Found {
  readonly finding: Finding
  readonly origin: Seed
  readonly bytes: Bytes
  readonly iteration: number
}

const MOST_FINDINGS = 20
const IN_FLIGHT = 64

const seeds = await readSeeds()
const oracle = startOracle()
const judging = await prepare(seeds)
console.log(
  `${seeds.length} fixtures, ${seeds.filter((s) => s.signed).length} of them signed; seed ${seed}`,
)

const clock = new Clock()
const readings = new Map<string, number>()
const openings = new Map<string, number>()
const found: string[] = []
const shown = new Set<string>()
const began = performance.now()
const end = began + seconds * 1000
const last = from + most
let next = from
let stopped = false
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (stopped = true))
let waiting: Promise<void>[] = []
let toReport: Found[] = []
for (; next < last && isGoingOn(); next++) {
  const iteration = next
  const { seed: origin, bytes, dice } = mutantOf(seeds, seed, iteration)
  const ours = await askUs(bytes, origin.signed, (root) => requestsOf(root, dice))
  const slow = clock.isTooSlow(ours.milliseconds, bytes.length)
    ? await confirmSlow(bytes, origin.signed)
    : []
  const note = async (): Promise<void> => {
    const verdict = await compare(judging, bytes, origin.signed, ours)
    count(readings, verdict.reading)
    if (verdict.opening) count(openings, verdict.opening)
    for (const finding of [...verdict.findings, ...slow]) {
      toReport.push({ finding, origin, bytes, iteration })
    }
  }
  if (next % 20_000 === 19_999) console.error(`${next + 1} …`)
  // The oracle works on this one while the next mutants are made.
  waiting.push(note())
  if (waiting.length < IN_FLIGHT) continue
  await reportAll()
}
await reportAll()
await reportHeavy()
oracle.close()

const took = (performance.now() - began) / 1000
console.log(
  `${Math.round((next - from) / took)} mutants a second, ${took.toFixed(0)} s; ${(clock.median * 1000).toFixed(0)} µs for a kilobyte`,
)
console.log(table('Reading', readings))
console.log(table('Opening', openings))
console.log(`${next - from} mutants, ${found.length} findings`)
process.exit(found.length > 0 || next === from ? 1 : 0)

/** Stops at the end of the time, after too many findings, or on Ctrl-C. */
function isGoingOn(): boolean {
  return !stopped && performance.now() < end && found.length < MOST_FINDINGS
}

/**
 * Checks that both sides accept every seed; otherwise two programs that refuse everything would
 * agree.
 */
async function prepare(all: readonly Seed[]): Promise<Judge> {
  const keys = new Map<string, number>()
  for (const { name, xml, signed } of all) {
    if (!signed) continue
    const { certificate, sha1, encrypted } = signed
    if (!keys.has(certificate)) keys.set(certificate, await oracle.addKey(certificate))
    const verdicts = await oracle.verify(Buffer.from(xml), keys.get(certificate) ?? 0, sha1)
    if (!verdicts || (verdicts.length === 0 && !encrypted) || verdicts.includes(false)) {
      throw new Error(`xmlsec1 refuses the seed ${name}`)
    }
  }
  return {
    oracle,
    keyOf: (certificate) => keys.get(certificate) ?? 0,
    subjectsOf: (certificate) =>
      all.flatMap(({ signed }) => (signed?.certificate === certificate ? [signed.subject] : [])),
  }
}

async function confirmSlow(bytes: Bytes, signed: Signed | null): Promise<readonly Finding[]> {
  const best = await millisecondsOf(bytes, signed)
  const detail = `${best.toFixed(0)} ms for ${bytes.length} bytes`
  return clock.isTooSlow(best, bytes.length) ? [{ kind: 'slow', detail }] : []
}

/** The best of several runs in CPU time, to leave out the noise of the machine. */
async function millisecondsOf(bytes: Bytes, signed: Signed | null): Promise<number> {
  let best = Infinity
  for (let times = 0; times < 5; times++) {
    const start = process.cpuUsage()
    await askUs(bytes, signed, () => [])
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

/** Work that happens before the signature is verified: canonicalization and decryption. */
async function reportHeavy(): Promise<void> {
  await reportHeavyOf('own assertion', heavyDocuments)
  await reportHeavyOf('ssp-enc-aes128cbc-assertion-only', heavyReferences)
}

async function reportHeavyOf(
  seedName: string,
  documentsOf: (genuine: string) => readonly Heavy[],
): Promise<void> {
  const genuine = seeds.find(({ name }) => name === seedName)
  if (!genuine) throw new Error(`there is no fixture ${seedName}`)
  for (const { name, xml, harmless } of documentsOf(genuine.xml)) {
    const bytes = utf8(xml)
    const usual = await millisecondsOf(utf8(harmless), genuine.signed)
    const times = (await millisecondsOf(bytes, genuine.signed)) / usual
    if (times < MOST_TIMES) continue
    const finding: Finding = { kind: 'slow', detail: `${times.toFixed(0)} times the harmless one` }
    await report({ finding, origin: { ...genuine, name }, bytes, iteration: next })
  }
}

async function reportAll(): Promise<void> {
  await Promise.all(waiting)
  waiting = []
  for (const each of toReport) await report(each)
  toReport = []
}

async function report({ finding, origin, bytes, iteration }: Found): Promise<void> {
  const smallest =
    finding.kind === 'slow'
      ? bytes
      : await minimise(bytes, async (smaller) => {
          const ours = await askUs(smaller, origin.signed, everyRequest(finding))
          const again = await compare(judging, smaller, origin.signed, ours)
          return again.findings.some(({ kind }) => kind === finding.kind)
        })
  const name = `${finding.kind}-${seed}-${iteration}`
  const text = Buffer.from(smallest).toString('latin1')
  // The same smallest document counts as one finding.
  if (shown.has(finding.kind + text)) return
  shown.add(finding.kind + text)
  found.push(name)
  console.log(`${name} (of ${origin.name}): ${finding.detail}`)
  console.log(`  ${JSON.stringify(text.slice(0, 400))}`)
  if (options.out === undefined) return
  mkdirSync(options.out, { recursive: true })
  writeFileSync(join(options.out, `${name}.xml`), smallest)
  const facts = { ...finding, seed, iteration, origin: origin.name }
  writeFileSync(join(options.out, `${name}.json`), `${JSON.stringify(facts, null, 2)}\n`)
}

/**
 * A smaller document has other elements, so the request is tried on each of them, with the options
 * that showed the finding.
 */
function everyRequest({ kind, detail }: Finding): (root: XmlElement) => CanonicalRequest[] {
  if (!/^(canonical|tree)$/.test(kind) || !detail.startsWith('{')) return () => []
  const request: CanonicalRequest = JSON.parse(detail)
  return (root) => {
    const elements = [...descendants(root)]
    return elements
      .slice(0, 40)
      .flatMap((_, apex) =>
        request.omitted === null
          ? [{ ...request, apex }]
          : elements
              .slice(apex + 1, apex + 8)
              .map((__, i) => ({ ...request, apex, omitted: apex + 1 + i })),
      )
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function table(title: string, counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].toSorted(([, a], [, b]) => b - a)
  return [`${title}:`, ...rows.map(([key, times]) => `  ${times} ${key}`)].join('\n')
}
