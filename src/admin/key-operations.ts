/** The three steps of a rotation of our keys, as every face offers them. */
import * as v from 'valibot'
import { err, ok, type Result } from '../lib/result.ts'
import { findGenerations, type Generation } from '../sp/store.ts'
import type { Context } from './context.ts'
import { confirmField, onOff } from './field.ts'
import { generationFacts, generationShape, next, WHEN } from './key-shown.ts'
import {
  previewRetirement,
  retireKeys,
  rotateKeys,
  switchKeys,
  switchKeysBack,
  type KeyRefusal,
  type Retired,
} from './keys.ts'
import { defineOperation, refusal, unconfirmed, type Refusal } from './operation.ts'
import { dayOf } from './shape.ts'
import { sentence, type See } from './view.ts'

const generationsShape = v.object({ generations: v.array(generationShape) })

type Changed = readonly Generation[]

const after = async (
  { db }: Context,
  done: Result<unknown, KeyRefusal>,
): Promise<Result<Changed, KeyRefusal>> => (done.ok ? ok(await findGenerations(db)) : done)

const factsAfter = (generations: Changed) => ({ generations: generations.map(generationFacts) })

export const keyRotate = defineOperation({
  name: 'keys rotate',
  summary: 'step 1 of 3: new keys beside those in use',
  details: `${WHEN} The metadata then has them beside the old ones, and Gatehouse decrypts with both.`,
  examples: [{ says: 'begin', input: {} }],
  subject: null,
  fields: {},
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'POST', path: '/keys/rotate' },
  result: generationsShape,
  judge: null,
  run: async (context) => after(context, await rotateKeys(context)),
  show: (generations) => {
    const set = generations.find(({ state }) => state === 'next')?.generation ?? 0
    return {
      facts: factsAfter(generations),
      view: [
        sentence(`New keys are ordered: set ${set}. ${WHEN}`),
        sentence('Next: give every IdP the new certificates, then switch.', next('keys switch')),
      ],
    }
  },
  undo: () => ({ operation: 'keys retire', input: { next: 'true', yes: 'true' } }),
  explain: explainKeys,
})

export const keySwitch = defineOperation({
  name: 'keys switch',
  summary: 'step 2 of 3: when every IdP has the new certificates, sign with the new keys',
  details: 'Gatehouse still decrypts with the old keys.',
  examples: [
    { says: 'sign with the new keys', input: {} },
    { says: 'an IdP does not have the new certificate', input: { back: '' } },
  ],
  subject: null,
  fields: { back: onOff('undo step 2: sign with the old keys again') },
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'POST', path: '/keys/switch' },
  result: generationsShape,
  judge: null,
  run: async (
    context,
    { back },
  ): Promise<Result<{ generations: Changed; back: boolean }, KeyRefusal | NoneToGoBackTo>> => {
    const done = back ? await switchKeysBack(context) : await switchKeys(context)
    if (!done.ok) return back ? err({ reason: 'no-keys-before' }) : done
    return ok({ generations: await findGenerations(context.db), back })
  },
  show: ({ generations, back }) => ({
    facts: factsAfter(generations),
    view: back
      ? [
          sentence('Requests are signed with the old keys again, within a minute everywhere.'),
          sentence('Next: give every IdP the new certificates, then switch.', next('keys switch')),
        ]
      : [
          sentence(
            'Requests are signed with the new keys, within a minute everywhere. Gatehouse still decrypts with the old keys.',
          ),
          sentence('Next: when no IdP uses the old certificates any more.', next('keys retire')),
        ],
  }),
  undo: ({ back }) => ({ operation: 'keys switch', input: { back: String(!back) } }),
  explain: (refused) =>
    refused.reason === 'no-keys-before'
      ? refusal(
          'conflict',
          refused.reason,
          'There are no old keys to go back to.',
          next('keys list'),
        )
      : explainKeys(refused),
})

interface NoneToGoBackTo {
  readonly reason: 'no-keys-before'
}

interface Unconfirmed {
  readonly reason: 'unconfirmed'
  readonly generation: Generation
}

export const keyRetire = defineOperation({
  name: 'keys retire',
  summary: 'step 3 of 3: remove the old keys',
  details:
    'An IdP that still encrypts for a removed key can sign nobody in until it has the certificate in the metadata. Where the new keys are removed, this concerns the IdPs that took the new certificate.',
  examples: [
    { says: 'which keys would be removed', input: {} },
    { says: 'remove them', input: { yes: '' } },
  ],
  subject: null,
  fields: {
    next: onOff('remove the new keys instead: takes back a rotation'),
    yes: confirmField,
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'POST', path: '/keys/retire' },
  result: v.object({ removed: v.number() }),
  judge: null,
  run: async (
    context,
    given,
  ): Promise<Result<Generation, KeyRefusal | Unconfirmed | { readonly reason: 'no-rotation' }>> => {
    const state: Retired = given.next ? 'next' : 'last'
    const gone = given.yes
      ? await retireKeys(context, state)
      : await previewRetirement(context.db, state)
    if (!gone.ok)
      return gone.error.reason === 'no-next-keys' ? err({ reason: 'no-rotation' }) : gone
    return given.yes ? gone : err({ reason: 'unconfirmed', generation: gone.value })
  },
  show: ({ generation, since }) => ({
    facts: { removed: generation },
    view: [sentence(`The keys of set ${generation}, of ${dayOf(since)}, are removed.`)],
  }),
  undo: null,
  explain: (refused) => {
    if (refused.reason === 'no-rotation') {
      return refusal('conflict', refused.reason, 'No rotation is under way.')
    }
    if (refused.reason !== 'unconfirmed') return explainKeys(refused)
    const { generation: set, since, keys } = refused.generation
    const kinds = keys.map(({ kind }) => kind).join(', ') || 'none is made yet'
    return unconfirmed(
      `The keys of set ${set}, of ${dayOf(since)} (${kinds}), would be removed for good: an IdP that still encrypts for them can sign nobody in.`,
      { set },
    )
  },
})

function explainKeys(refused: KeyRefusal): Refusal {
  const { reason } = refused
  const conflict = (message: string, see: See | null = null) =>
    refusal('conflict', reason, message, see)
  switch (reason) {
    case 'no-keys':
      return conflict(`There are no keys yet to rotate. ${WHEN}`)
    case 'rotation-unfinished':
      return conflict('The last rotation is not finished.', next('keys retire'))
    case 'rotation-under-way':
      return conflict('A rotation is under way already.', next('keys list'))
    case 'no-next-keys':
      return conflict('There are no new keys to switch to.', next('keys rotate'))
    case 'no-last-keys':
      return conflict('There are no old keys to remove.', next('keys list'))
    case 'keys-not-made':
      return conflict(
        `The new keys are not all made yet (${refused.kinds.join(', ')}), so no IdP can have them. ${WHEN}`,
      )
  }
}
