/** Our own keys towards identity providers: what they hold copies of changes by these commands only. */
import type { Facts } from '../src/audit/event.ts'
import { fingerprintOf, parseCertificate, type Certificate } from '../src/saml/certificate.ts'
import { toIso } from '../src/lib/instant.ts'
import {
  addNextGeneration,
  findGenerations,
  keyKinds,
  removeGeneration,
  useLastGeneration,
  useNextGeneration,
  type Generation,
} from '../src/sp/store.ts'
import {
  positional,
  refused,
  said,
  switchOption,
  usage,
  type Command,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { storeOptions } from './options.ts'
import { day, table } from './text.ts'

export const keyCommands: readonly Command[] = [
  {
    name: 'keys list',
    summary: 'which keys of ours there are, and how far a rotation is',
    positionals: [],
    options: storeOptions,
    details: null,
    examples: [{ says: 'those of the deployed Worker', line: 'npx gatehouse keys list --remote' }],
    run: list,
  },
  {
    name: 'keys certificate',
    summary: 'the newest certificate of a kind, as PEM, for an IdP that takes a file',
    positionals: [positional('kind', keyKinds.join(', '))],
    options: storeOptions,
    details: 'IdPs that take metadata find it there: the entity ID of the connection is its URL.',
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
    options: storeOptions,
    details:
      'The Worker makes them, when its metadata is fetched next or within the hour. They stand in the metadata beside the old ones, and what is encrypted for them opens at once.',
    examples: [{ says: 'begin', line: 'npx gatehouse keys rotate --remote' }],
    run: rotate,
  },
  {
    name: 'keys switch',
    summary: 'step 2 of 3: once every IdP has the new certificates, sign by the new keys',
    positionals: [],
    options: [
      switchOption('back', 'sign by the old keys again, while they are there: step 2 taken back'),
      ...storeOptions,
    ],
    details: 'What is encrypted for the old key opens still.',
    examples: [
      { says: 'change over', line: 'npx gatehouse keys switch --remote' },
      { says: 'an IdP had not the new one', line: 'npx gatehouse keys switch --back --remote' },
    ],
    run: changeOver,
  },
  {
    name: 'keys retire',
    summary: 'step 3 of 3: the old keys go',
    positionals: [],
    options: [
      switchOption('next', 'the new ones instead: a rotation that was begun is taken back'),
      ...storeOptions,
    ],
    details:
      'An IdP that still encrypts for a key that is gone signs nobody in any more, until it has the certificate of the metadata. With --next those are the IdPs that took the new one.',
    examples: [{ says: 'end', line: 'npx gatehouse keys retire --remote' }],
    run: retire,
  },
]

const WHEN =
  'The Worker makes them when the metadata of a connection is fetched (its entity ID is the URL), or within the hour.'

async function list(_: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const generations = await findGenerations(db.value)
  const keys = await Promise.all(
    generations.flatMap((generation) =>
      generation.keys.map(async ({ kind, certificate: text }) => ({
        generation: generation.generation,
        state: generation.state,
        kind,
        ...(await factsOf(text)),
      })),
    ),
  )
  const json = { generations: generations.map(withoutKeys), keys }
  const unmade = generations.filter((each) => each.keys.length === 0)
  if (keys.length === 0) return said(`There are no keys yet. ${WHEN}`, json)
  return said(
    [
      table([
        ['SET', 'STATE', 'KIND', 'FINGERPRINT', 'EXPIRES'],
        ...keys.map((key) => [
          String(key.generation),
          key.state,
          key.kind,
          key.fingerprint,
          key.notAfter.slice(0, 10),
        ]),
      ]),
      ...unmade.map(({ generation }) => `\nThose of set ${generation} are not made yet. ${WHEN}`),
      ...nextStep(generations),
    ].join('\n'),
    json,
  )
}

const withoutKeys = ({ generation, state, since }: Generation) => ({
  generation,
  state,
  since: toIso(since),
})

async function factsOf(text: string) {
  const parsed = read(text)
  return {
    fingerprint: await fingerprintOf(parsed),
    notBefore: toIso(parsed.notBefore),
    notAfter: toIso(parsed.notAfter),
  }
}

function read(text: string): Certificate {
  const parsed = parseCertificate(text)
  if (!parsed.ok) throw new Error(`a certificate that we made is ${parsed.error}`)
  return parsed.value
}

function nextStep(generations: readonly Generation[]): readonly string[] {
  const states = generations.map(({ state }) => state)
  if (states.includes('next')) {
    return ['', 'Next: give every IdP the new certificates, then npx gatehouse keys switch']
  }
  return states.includes('last')
    ? ['', 'Next: when every IdP has done with the old certificates, npx gatehouse keys retire']
    : []
}

async function certificate(input: Input, world: World): Promise<Outcome> {
  const kind = keyKinds.find((known) => known === input.positionals[0])
  if (!kind) return usage(`<kind> must be one of ${keyKinds.join(', ')}.`)
  const db = await world.openStore()
  if (!db.ok) return db
  const [newest] = (await findGenerations(db.value)).flatMap(({ keys }) =>
    keys.filter((key) => key.kind === kind),
  )
  if (!newest) {
    const how = kind === 'encryption' ? '' : ` A connection has to sign its requests by ${kind}.`
    return refused(`There is no such key yet. ${WHEN}${how}`)
  }
  const lines = newest.certificate.match(/.{1,64}/g) ?? []
  const pem = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n')
  return said(pem, { kind, ...(await factsOf(newest.certificate)), pem })
}

async function rotate(_: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const before = await findGenerations(db.value)
  if (before.length === 0) return refused(`There are no keys yet to rotate. ${WHEN}`)
  if (before.some(({ state }) => state === 'last')) {
    return refused('The last rotation is not at its end: npx gatehouse keys retire')
  }
  if (!(await addNextGeneration(db.value, world.now))) {
    return refused('A rotation is under way already: npx gatehouse keys list')
  }
  await recordKeys(world, 'keys rotate', {})
  return said(
    `New keys are ordered. ${WHEN}\n\nNext: give every IdP the new certificates (keys certificate, or the metadata), then npx gatehouse keys switch`,
    { generations: (await findGenerations(db.value)).map(withoutKeys) },
  )
}

const NONE_TO_COME = 'There are no new keys to change over to: npx gatehouse keys rotate'

async function changeOver(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  if (input.switches.has('back')) return changeBack(db.value, world)
  const generations = await findGenerations(db.value)
  const next = generations.find(({ state }) => state === 'next')
  const current = generations.find(({ state }) => state === 'current')
  if (!next) return refused(NONE_TO_COME)
  const kinds = next.keys.map(({ kind }) => kind)
  const lacking = current?.keys.filter(({ kind }) => !kinds.includes(kind)) ?? []
  if (lacking.length > 0) {
    const names = lacking.map(({ kind }) => kind).join(', ')
    return refused(`The new keys are not all made yet (${names}), so no IdP can have them. ${WHEN}`)
  }
  // It may have been taken back meanwhile.
  if (!(await useNextGeneration(db.value, world.now))) return refused(NONE_TO_COME)
  await recordKeys(world, 'keys switch', { to: next.generation })
  return said(
    'Requests are signed by the new keys, within a minute everywhere. The old ones open still what is encrypted for them.\n\nNext: when every IdP has done with the old certificates, npx gatehouse keys retire',
    { generations: (await findGenerations(db.value)).map(withoutKeys) },
  )
}

async function changeBack(db: D1Database, world: World): Promise<Outcome> {
  const last = (await findGenerations(db)).find(({ state }) => state === 'last')
  if (!last || !(await useLastGeneration(db, world.now))) {
    return refused('There are no old keys to go back to: npx gatehouse keys list')
  }
  await recordKeys(world, 'keys switch', { to: last.generation })
  return said(
    'Requests are signed by the old keys again, within a minute everywhere.\n\nNext: give every IdP the new certificates, then npx gatehouse keys switch',
    { generations: (await findGenerations(db)).map(withoutKeys) },
  )
}

async function retire(input: Input, world: World): Promise<Outcome> {
  const state = input.switches.has('next') ? 'next' : 'last'
  const db = await world.openStore()
  if (!db.ok) return db
  const gone = (await findGenerations(db.value)).find((each) => each.state === state)
  if (!gone || !(await removeGeneration(db.value, state))) {
    return refused(
      state === 'next'
        ? 'No rotation is under way.'
        : 'There are no old keys to take away: npx gatehouse keys list',
    )
  }
  await recordKeys(world, 'keys retire', { removed: gone.generation })
  return said(`The keys of set ${gone.generation}, of ${day(gone.since)}, are gone.`, {
    removed: gone.generation,
  })
}

/** They are of every connection. */
const recordKeys = (world: World, command: string, facts: Facts): Promise<void> =>
  world.record({ command, connection: null, user: null, facts })
