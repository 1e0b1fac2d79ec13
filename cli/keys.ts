/** The commands on our own keys that wait until the Worker has made them. The others are operations as they are. */
import { explainKeys } from '../src/admin/key-operations.ts'
import { certificateFacts, generationFacts, WHEN } from '../src/admin/key-shown.ts'
import { lackingKinds, rotateKeys } from '../src/admin/keys.ts'
import { toPem } from '../src/saml/certificate.ts'
import { findGenerations, spKeyKinds, type Generation } from '../src/sp/store.ts'
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
import { waitForKeys } from './keys-made.ts'
import { refuse } from './shown.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'

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
  const db = await world.openStore()
  if (!db.ok) return db
  const has = (each: Generation | undefined) => each?.keys.find((key) => key.kind === kind)
  const meant = (generations: readonly Generation[]) =>
    set === null ? generations[0] : generations.find((each) => String(each.generation) === set)
  const before = await findGenerations(db.value)
  if (set !== null && !meant(before)) {
    return refused(`There is no set "${set}": \`npx gatehouse keys list\``)
  }
  const isDue =
    set === null && (kind === 'encryption' || before.some((each) => has(each) !== undefined))
  const { generations, why } = isDue
    ? await waitForKeys(
        { db: db.value, generations: before },
        input,
        world,
        (now) => has(meant(now)) !== undefined,
      )
    : { generations: before, why: null }
  const generation = meant(generations)
  const key = has(generation)
  if (!generation || !key) {
    const older = before.find((each) => has(each) !== undefined)
    const how = older
      ? ` An older certificate: \`npx gatehouse keys certificate ${kind} --set ${older.generation}\``
      : kind === 'encryption'
        ? ''
        : ` A connection has to sign its requests with ${kind}.`
    return refused(`There is no such key yet.${why === null ? '' : ` ${why}`} ${WHEN}${how}`)
  }
  const pem = toPem(key.certificate)
  return said(pem, {
    kind,
    set: generation.generation,
    state: generation.state,
    ...(await certificateFacts(key.certificate)),
    pem,
  })
}

async function rotate(input: Input, world: World): Promise<Outcome> {
  const context = await world.openAdmin()
  if (!context.ok) return context
  const ordered = await rotateKeys(context.value)
  if (!ordered.ok) {
    return ordered.error.reason === 'no-keys'
      ? refused(`There are no keys yet to rotate. ${WHEN} ${MAKE}`)
      : refuse(explainKeys(ordered.error))
  }
  const { db } = context.value
  const { generations, why } = await waitForKeys(
    { db, generations: await findGenerations(db) },
    input,
    world,
    (now) => lackingKinds(now).length === 0,
  )
  const set = generations.find(({ state }) => state === 'next')?.generation ?? 0
  return said(
    [
      why === null
        ? `The new keys are made: set ${set}.`
        : `New keys are ordered: set ${set}. ${why} ${WHEN}`,
      '',
      'Next: give every IdP the new certificates (`npx gatehouse keys certificate <kind>`, or the metadata), then `npx gatehouse keys switch`',
    ].join('\n'),
    { generations: generations.map(generationFacts), made: why === null },
  )
}
