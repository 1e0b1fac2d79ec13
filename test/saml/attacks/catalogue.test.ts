/** The whole catalogue of attack/, played on the responses of every product that it applies to. */
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../tools/attack/catalogue.ts'
import {
  build,
  gatehouseOf,
  response,
  type Message,
  type Stage,
} from '../../../tools/attack/entry.ts'
import { capturedStages, distinct, ownStages } from '../../../tools/attack/fixtures.ts'
import { openAsGatehouse } from '../../../tools/attack/gatehouse.ts'
import { createTestIdp } from '../../../tools/signing/saml-signer.ts'
import published from '../../vectors/attacks/published.txt?raw'
import manifest from '../../vectors/responses/manifest.json?raw'

const files = import.meta.glob('../../vectors/responses/**/*', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const fileOf = (name: string): string => files[`../../vectors/responses/${name}`] ?? ''

const attacker = await createTestIdp()
const every: readonly Stage[] = [
  ...(await ownStages(attacker, new Date('2026-11-24T10:00:00Z'))),
  ...(await capturedStages(JSON.parse(manifest), fileOf, attacker)),
]

const stages = distinct(every)
const genuine = new Map(
  await Promise.all(
    every.map(
      async ({ seed }) => [seed.name, await openAsGatehouse(response(seed.xml), seed)] as const,
    ),
  ),
)

/** One of each product: what fills a reader to its limits is the same for all. */
const few = stages.filter(({ seed }) =>
  ['ours, both signed', 'ssp-both', 'samlp-both', 'lasso-both', 'saml-idp-both'].includes(
    seed.name,
  ),
)

/** These send what is good as it is, and ask something else of it. */
const unchanged = ['ok-next-key', 'replay']

/**
 * `accepted`: with all that was signed, and nothing else. What an attacker made says exactly what the
 * genuine response says; what the identity provider made says at least the name that it signed.
 */
async function outcomeOf(message: Message, { seed }: Stage, by: string): Promise<string> {
  const judged = await openAsGatehouse(message, seed)
  if (!judged.ok) return judged.error
  const signedName = message.kind === 'response' ? message.nameId : null
  if (judged.value.nameId !== (signedName ?? seed.nameId)) return 'accepted with another name'
  const original = genuine.get(seed.name)
  if (by === 'attacker' && signedName === null && original?.ok) {
    expect(judged.value).toEqual(original.value)
  }
  return 'accepted'
}

describe('the catalogue', () => {
  it('starts from good responses of every product', () => {
    const refused = every.filter(({ seed }) => genuine.get(seed.name)?.ok !== true)
    expect(refused.map(({ seed }) => seed.name)).toEqual([])
    expect([every.length, stages.length, few.length]).toEqual([26, 17, 5])
  })

  it('has every published one, of its class and with its verdict, and each id once', () => {
    const own = catalogue.filter(({ source }) => source === 'ours')
    const others = catalogue.filter(({ source }) => source !== 'ours')
    const rows = others.map((entry) => `${entry.id} ${entry.class} ${entry.correct}`)
    // It is the forged message in the query that must be refused, not the post as a whole.
    // A NotBefore that has come keeps nobody out: identity providers send it all the same.
    const list = published
      .trim()
      .replace('with-query transport refuse', 'with-query transport either')
      .replace('prof-scd-notbefore profile refuse', 'prof-scd-notbefore profile either')
    expect(rows.toSorted()).toEqual(list.split('\n').toSorted())
    expect(published.trim().split('\n').length).toBe(326)
    expect(own.length).toBeGreaterThan(40)
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length)
  })

  it('never has Gatehouse accept what must be refused', () => {
    const taken = stages.flatMap(({ seed }) =>
      catalogue.filter(
        (entry) => entry.correct === 'refuse' && gatehouseOf(entry, seed) === 'accepted',
      ),
    )
    expect(taken.map(({ id }) => id)).toEqual([])
  })

  it.each(catalogue.map((entry) => [entry.id, entry] as const))('%s', async (_, entry) => {
    const expected: Record<string, string> = {}
    const outcomes: Record<string, string> = {}
    for (const stage of entry.class === 'resource' ? few : stages) {
      const message = await build(entry, stage)
      if (!message) continue
      const document = message.kind === 'response' ? message.document : ''
      if (!unchanged.includes(entry.id)) expect(document).not.toBe(stage.seed.xml)
      expected[stage.seed.name] = gatehouseOf(entry, stage.seed)
      outcomes[stage.seed.name] = await outcomeOf(message, stage, entry.by)
    }
    expect(outcomes).toEqual(expected)
    expect(Object.keys(outcomes).length).toBeGreaterThan(4)
  })
})
