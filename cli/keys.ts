/** The commands on our own keys that wait until the Worker has made them. The others are operations as they are. */
import * as v from 'valibot'
import { keyRotate } from '../src/admin/key-operations.ts'
import { keyCertificate, keyCertificateShape, WHEN } from '../src/admin/key-shown.ts'
import { ok } from '../src/lib/result.ts'
import { spKeyKinds } from '../src/sp/store.ts'
import {
  positional,
  refused,
  said,
  textOf,
  textOption,
  usage,
  type Command,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { readKeys, waitForKeys, type KnownKeys } from './keys-made.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import { perform } from './perform.ts'

export const keyCommands: readonly Command[] = [
  {
    name: 'keys certificate',
    summary: 'the newest certificate of a kind, as PEM, for an IdP that takes a file',
    positionals: [positional('kind', spKeyKinds.join(', '))],
    options: [
      textOption('set', '<number>', 'of that set in keys list, instead of the newest'),
      ...storeOptions,
    ],
    details:
      'An IdP that takes metadata finds the certificate there. The URL of the metadata is the entity ID of the connection.',
    examples: [
      {
        says: 'for Token encryption of Entra ID',
        line: 'npx gatehouse keys certificate encryption --remote > gatehouse.cer',
      },
    ],
    run: certificate,
  },
  {
    name: 'keys rotate',
    summary: 'step 1 of 3: new keys beside those in use',
    positionals: [],
    options: changeOptions,
    details:
      'The Worker makes them, and the command waits for that. The metadata then has them beside the old ones, and Gatehouse decrypts with both.',
    examples: [{ says: 'begin', line: 'npx gatehouse keys rotate --remote' }],
    run: rotate,
  },
]

const MAKE = 'To have them now: `npx gatehouse keys certificate encryption`'

async function certificate(input: Input, world: World): Promise<Outcome> {
  const kind = spKeyKinds.find((known) => known === input.positionals[0])
  if (!kind) return usage(`<kind> must be one of ${spKeyKinds.join(', ')}.`)
  const set = textOf(input, 'set')
  const before = await readKeys(world)
  if (!before.ok) return before
  /** The set that is meant; undefined: there is none. */
  const meant = ({ generations }: KnownKeys): number | undefined =>
    generations.find(({ generation }) => set === null || String(generation) === set)?.generation
  const has = (known: KnownKeys): boolean =>
    known.keys.some((key) => key.kind === kind && key.generation === meant(known))
  if (set !== null && meant(before.value) === undefined) {
    return refused(`There is no set "${set}": \`npx gatehouse keys list\``)
  }
  const older = before.value.keys.find((key) => key.kind === kind)
  const isDue = set === null && (kind === 'encryption' || older !== undefined)
  const made = isDue
    ? await waitForKeys(before.value, input, world, has)
    : ok({ known: before.value, why: null })
  if (!made.ok) return made
  const { known, why } = made.value
  if (!has(known)) {
    const how = older
      ? ` An older certificate: \`npx gatehouse keys certificate ${kind} --set ${older.generation}\``
      : kind === 'encryption'
        ? ''
        : ` A connection has to sign its requests with ${kind}.`
    return refused(`There is no such key yet.${why === null ? '' : ` ${why}`} ${WHEN}${how}`)
  }
  const given = new Map([['kind', [kind]], ...(set === null ? [] : [['set', [set]] as const])])
  const shown = await perform(keyCertificate, given, world)
  if (!shown.ok) return shown
  const facts = v.parse(keyCertificateShape, shown.value.answer.facts)
  return said(facts.pem, facts)
}

async function rotate(input: Input, world: World): Promise<Outcome> {
  const ordered = await perform(keyRotate, new Map(), world)
  if (!ordered.ok) {
    return ordered.error.facts['reason'] === 'no-keys'
      ? refused(`There are no keys yet to rotate. ${WHEN} ${MAKE}`, ordered.error.facts)
      : ordered
  }
  const before = await readKeys(world)
  if (!before.ok) return before
  const made = await waitForKeys(before.value, input, world, (known) => !isLacking(known))
  if (!made.ok) return made
  const { known, why } = made.value
  const set = known.generations.find(({ state }) => state === 'next')?.generation ?? 0
  return said(
    [
      why === null
        ? `The new keys are made: set ${set}.`
        : `New keys are ordered: set ${set}. ${why} ${WHEN}`,
      '',
      'Next: give every IdP the new certificates (`npx gatehouse keys certificate <kind>`, or the metadata), then `npx gatehouse keys switch`',
    ].join('\n'),
    { generations: known.generations, made: why === null },
  )
}

/** Whether a kind of key is in use, and not yet in the next set. */
function isLacking({ keys }: KnownKeys): boolean {
  const next = keys.filter(({ state }) => state === 'next').map(({ kind }) => kind)
  return keys.some(({ state, kind }) => state === 'current' && !next.includes(kind))
}
