/** Our keys and their certificates, as every face shows them. */
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { err, ok } from '../lib/result.ts'
import { fingerprintOf, parseCertificate, toPem } from '../saml/certificate.ts'
import { findGenerations, spKeyKinds, type Generation } from '../sp/store.ts'
import { oneValue, optionalText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { time } from './shape.ts'
import { sentence, tableOf, type Block, type See } from './view.ts'

/** The Worker makes them, because only it has GATEHOUSE_SECRET. */
export const WHEN =
  'The Worker makes them when the metadata of a connection is fetched (its entity ID is the URL), or within the hour.'

export const next = (operation: string): See => ({ operation, asks: null })

export const generationShape = v.object({
  generation: v.number(),
  state: v.picklist(['current', 'next', 'last']),
  since: time,
})
const certificateEntries = { fingerprint: v.string(), notBefore: time, notAfter: time }

export const generationFacts = ({ generation, state, since }: Generation) => ({
  generation,
  state,
  since: toIso(since),
})

async function certificateFacts(text: string) {
  const parsed = parseCertificate(text)
  if (!parsed.ok) throw new Error(`a certificate that we made is ${parsed.error}`)
  return {
    fingerprint: await fingerprintOf(parsed.value),
    notBefore: toIso(parsed.value.notBefore),
    notAfter: toIso(parsed.value.notAfter),
  }
}

export const keyListShape = v.object({
  generations: v.array(generationShape),
  keys: v.array(
    v.object({
      generation: v.number(),
      state: generationShape.entries.state,
      kind: v.picklist(spKeyKinds),
      ...certificateEntries,
    }),
  ),
})

export const keyList = defineOperation({
  name: 'keys list',
  summary: 'the keys of Gatehouse, and how far a rotation is',
  details: null,
  examples: [{ says: 'those that there are', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/keys' },
  result: keyListShape,
  judge: null,
  run: async ({ db }) => {
    const generations = await findGenerations(db)
    const keys = await Promise.all(
      generations.flatMap(({ generation, state, keys: own }) =>
        own.map(async ({ kind, certificate }) => ({
          generation,
          state,
          kind,
          ...(await certificateFacts(certificate)),
        })),
      ),
    )
    return ok({ generations, keys })
  },
  show: ({ generations, keys }) => ({
    facts: { generations: generations.map(generationFacts), keys },
    view:
      keys.length === 0
        ? [
            sentence(`There are no keys yet. ${WHEN}`, {
              operation: 'keys certificate',
              asks: null,
              input: { kind: 'encryption' },
            }),
          ]
        : [
            tableOf(keys, {
              set: ({ generation }) => generation,
              state: ({ state }) => state,
              kind: ({ kind }) => kind,
              fingerprint: ({ fingerprint }) => fingerprint,
              expires: ({ notAfter }) => notAfter.slice(0, 10),
            }),
            ...generations
              .filter((each) => each.keys.length === 0)
              .map(({ generation }) =>
                sentence(`Those of set ${generation} are not made yet. ${WHEN}`),
              ),
            ...nextStep(generations),
          ],
  }),
  undo: null,
  explain: (never: never) => never,
})

function nextStep(generations: readonly Generation[]): readonly Block[] {
  const states = generations.map(({ state }) => state)
  if (states.includes('next')) {
    return [
      sentence('Next: give every IdP the new certificates, then switch.', next('keys switch')),
    ]
  }
  return states.includes('last')
    ? [sentence('Next: when no IdP uses the old certificates any more.', next('keys retire'))]
    : []
}

const kindField = oneValue(
  {
    meaning: spKeyKinds.join(', '),
    placeholder: 'kind',
    isRequired: true,
    schema: { type: 'string', enum: spKeyKinds },
  },
  (given) => {
    const kind = spKeyKinds.find((known) => known === given)
    return kind ? ok(kind) : err(`must be one of ${spKeyKinds.join(', ')}`)
  },
)

export const keyCertificateShape = v.object({
  kind: v.picklist(spKeyKinds),
  set: v.number(),
  state: generationShape.entries.state,
  ...certificateEntries,
  pem: v.string(),
})

export const keyCertificate = defineOperation({
  name: 'keys certificate',
  summary: 'the newest certificate of a kind, as PEM, for an IdP that takes a file',
  details:
    'An IdP that takes metadata finds the certificate there. The URL of the metadata is the entity ID of the connection.',
  examples: [{ says: 'for Token encryption of Entra ID', input: { kind: 'encryption' } }],
  subject: 'kind',
  fields: {
    kind: kindField,
    set: optionalText('number', 'of that set of keys, instead of the newest', 20),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/keys/{kind}/certificate' },
  result: keyCertificateShape,
  judge: null,
  run: async ({ db }, { kind, set }) => {
    const generations = await findGenerations(db)
    const meant = generations.find(({ generation }) => set === null || String(generation) === set)
    const key = meant?.keys.find((each) => each.kind === kind)
    if (!meant || !key) return err({ reason: 'no-such-key' as const })
    const { generation, state } = meant
    const { certificate } = key
    return ok({
      kind,
      set: generation,
      state,
      ...(await certificateFacts(certificate)),
      pem: toPem(certificate),
    })
  },
  show: (facts) => ({
    facts,
    view: [
      {
        kind: 'values',
        rows: [
          ['kind', facts.kind],
          ['set', facts.set],
          ['fingerprint', facts.fingerprint],
          ['expires', facts.notAfter.slice(0, 10)],
          ['PEM', facts.pem],
        ],
      },
    ],
  }),
  undo: null,
  explain: ({ reason }) =>
    refusal('not-found', reason, `There is no such key yet. ${WHEN}`, next('keys list')),
})
