/** Our own keys. Identity providers hold copies of the certificates, so only these commands change the keys. */
import type { Context } from '../src/admin/context.ts'
import {
  lackingKinds,
  previewRetirement,
  retireKeys,
  rotateKeys,
  switchKeys,
  switchKeysBack,
  type KeyRefusal,
} from '../src/admin/keys.ts'
import type { Err } from '../src/lib/result.ts'
import { toPem } from '../src/saml/certificate.ts'
import { findGenerations, spKeyKinds, type Generation } from '../src/sp/store.ts'
import {
  positional,
  refused,
  said,
  switchOption,
  textOf,
  textOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { waitForKeys } from './keys-made.ts'
import { factsOf, listKeys, MAKE, WHEN, withoutKeys } from './keys-shown.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import { day } from './text.ts'

export const keyCommands: readonly Command[] = [
  {
    name: 'keys list',
    summary: 'the keys of Gatehouse, and how far a rotation is',
    positionals: [],
    options: storeOptions,
    details: null,
    examples: [{ says: 'those of the deployed Worker', line: 'npx gatehouse keys list --remote' }],
    run: listKeys,
  },
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
  {
    name: 'keys switch',
    summary: 'step 2 of 3: when every IdP has the new certificates, sign with the new keys',
    positionals: [],
    options: [switchOption('back', 'undo step 2: sign with the old keys again'), ...changeOptions],
    details: 'Gatehouse still decrypts with the old keys.',
    examples: [
      { says: 'sign with the new keys', line: 'npx gatehouse keys switch --remote' },
      {
        says: 'an IdP does not have the new certificate',
        line: 'npx gatehouse keys switch --back --remote',
      },
    ],
    run: changeOver,
  },
  {
    name: 'keys retire',
    summary: 'step 3 of 3: remove the old keys',
    positionals: [],
    options: [
      switchOption('next', 'remove the new keys instead: takes back a rotation'),
      switchOption('yes', 'do it: this cannot be undone'),
      ...changeOptions,
    ],
    details:
      'An IdP that still encrypts for a removed key can sign nobody in until it has the certificate in the metadata. With --next, this concerns the IdPs that took the new certificate.',
    examples: [
      { says: 'which keys would be removed', line: 'npx gatehouse keys retire --remote' },
      { says: 'remove them', line: 'npx gatehouse keys retire --yes --remote' },
    ],
    run: retire,
  },
]

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
    ...(await factsOf(key.certificate)),
    pem,
  })
}

async function rotate(input: Input, world: World): Promise<Outcome> {
  const context = await world.openAdmin()
  if (!context.ok) return context
  const ordered = await rotateKeys(context.value)
  if (!ordered.ok) return explainKeys(ordered.error)
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
    { generations: generations.map(withoutKeys), made: why === null },
  )
}

async function changeOver(input: Input, world: World): Promise<Outcome> {
  const context = await world.openAdmin()
  if (!context.ok) return context
  if (input.switches.has('back')) return changeBack(context.value)
  const switched = await switchKeys(context.value)
  if (!switched.ok) return explainKeys(switched.error)
  return said(
    'Requests are signed with the new keys, within a minute everywhere. Gatehouse still decrypts with the old keys.\n\nNext: when no IdP uses the old certificates any more, `npx gatehouse keys retire`',
    { generations: (await findGenerations(context.value.db)).map(withoutKeys) },
  )
}

async function changeBack(context: Context): Promise<Outcome> {
  const switched = await switchKeysBack(context)
  if (!switched.ok) {
    return refused('There are no old keys to go back to: `npx gatehouse keys list`')
  }
  return said(
    'Requests are signed with the old keys again, within a minute everywhere.\n\nNext: give every IdP the new certificates, then `npx gatehouse keys switch`',
    { generations: (await findGenerations(context.db)).map(withoutKeys) },
  )
}

async function retire(input: Input, world: World): Promise<Outcome> {
  const state = input.switches.has('next') ? 'next' : 'last'
  const context = await world.openAdmin()
  if (!context.ok) return context
  const isMeant = input.switches.has('yes')
  const gone = isMeant
    ? await retireKeys(context.value, state)
    : await previewRetirement(context.value.db, state)
  if (!gone.ok) {
    return gone.error.reason === 'no-next-keys'
      ? refused('No rotation is under way.')
      : explainKeys(gone.error)
  }
  const { generation: set, since, keys } = gone.value
  if (!isMeant) {
    const kinds = keys.map(({ kind }) => kind).join(', ') || 'none is made yet'
    return refused(
      `The keys of set ${set}, of ${day(since)} (${kinds}), would be removed for good: an IdP that still encrypts for them can sign nobody in. If no IdP uses them any more, add --yes.`,
      { set },
    )
  }
  return said(`The keys of set ${set}, of ${day(since)}, are removed.`, { removed: set })
}

function explainKeys(refusal: KeyRefusal): Err<Failure> {
  switch (refusal.reason) {
    case 'no-keys':
      return refused(`There are no keys yet to rotate. ${WHEN} ${MAKE}`)
    case 'rotation-unfinished':
      return refused('The last rotation is not finished: `npx gatehouse keys retire`')
    case 'rotation-under-way':
      return refused('A rotation is under way already: `npx gatehouse keys list`')
    case 'no-next-keys':
      return refused('There are no new keys to switch to: `npx gatehouse keys rotate`')
    case 'no-last-keys':
      return refused('There are no old keys to remove: `npx gatehouse keys list`')
    case 'keys-not-made':
      return refused(
        `The new keys are not all made yet (${refusal.kinds.join(', ')}), so no IdP can have them. ${WHEN}`,
      )
  }
}
