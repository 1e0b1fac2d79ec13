/**
 * `npm run fuzz:readers -- --mutants N --seed S`: gives the mutants of `npm run fuzz` to our reader of
 * XML and to the one on saxes alone, and reads again what was canonicalized. That needs no C library
 * and is faster. The exit code is 1 if there is a difference.
 */
import { parseArgs } from 'node:util'
import { parseXml, type XmlElement } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import { requestsOf, toCall } from './judge.ts'
import { mutantOf } from './mutate.ts'
import type { Dice } from './random.ts'
import { differenceOf, treeDifferenceOf, verdictOf } from './readers.ts'
import { readSeeds } from './seeds.ts'

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    /** The first iteration. */
    from: { type: 'string', default: '0' },
  },
})
const [mutants, seed, from] = [Number(values.mutants), Number(values.seed), Number(values.from)]
if (![mutants, seed, from].every((value) => value >= 0)) {
  console.error('Say --mutants, --seed and --from as numbers.')
  process.exit(2)
}

// Both readers refuse by throwing, and nobody reads where from.
Error.stackTraceLimit = 0

const MOST_DIFFERENCES = 20
const seeds = await readSeeds()
const counts = new Map<string, number>()
let differences = 0
let canonicalized = 0
let done = 0
for (; done < mutants && differences < MOST_DIFFERENCES; done++) {
  const { bytes, seed: origin, dice } = mutantOf(seeds, seed, from + done)
  const ours = parseXml(bytes)
  const verdict = verdictOf(ours)
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const difference =
    differenceOf(bytes, ours) ?? (ours.ok ? rereadDifferenceOf(ours.value, dice) : null)
  if (done % 100_000 === 99_999) console.error(`${done + 1} …`)
  if (difference === null) continue
  differences++
  console.log(`seed ${seed}, iteration ${from + done} (of ${origin.name}): ${difference}`)
  console.log(`  ${JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 400))}`)
}
console.log(`  ${canonicalized} elements canonicalized`)
for (const [verdict, times] of [...counts].toSorted(([, a], [, b]) => b - a)) {
  console.log(`  ${times} ${verdict}`)
}
console.log(`seed ${seed}: ${done} mutants, ${differences} differences`)
process.exit(differences > 0 || done === 0 ? 1 : 0)

function rereadDifferenceOf(root: XmlElement, dice: Dice): string | null {
  const elements = descendants(root)
  for (const request of requestsOf(root, dice)) {
    canonicalized++
    const difference = treeDifferenceOf(...toCall(elements, request))
    if (difference !== null) return `${difference}, ${JSON.stringify(request)}`
  }
  return null
}
