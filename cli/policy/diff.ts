/** `gatehouse diff`: who gains and who loses what by the config as it is now. */
import { resolve } from 'node:path'
import { count } from '../../src/admin/view.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import {
  refused,
  switchOption,
  textOf,
  textOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { storeOptions } from '../options.ts'
import { configFile } from '../project.ts'
import { plain } from '../text.ts'
import { readAt } from './at-commit.ts'
import { compare, type Access, type Change } from './compare.ts'
import { findDeployed } from './deployed.ts'
import type { Somebody } from '../../src/admin/question.ts'
import { readEverybody, readPeople } from './people.ts'

export const diffCommand: Command = {
  name: 'diff',
  summary: 'people who gain and lose access by gatehouse.config.ts as it is now',
  positionals: [],
  options: [
    textOption('against', '<ref>', 'a commit, branch or tag of git, or deployed: what runs now'),
    textOption(
      'people',
      '<file>',
      'people of a JSON file or of gatehouse.test.ts, instead of the store',
    ),
    switchOption('all', 'all names, not only the first ten of each change'),
    ...storeOptions,
  ],
  details:
    'Each route of both configs is asked for by everybody in the store, as if they signed in now, by each method and from each place that a rule names. Attributes are not known before a sign-in. Exit code 1 when something changes.',
  examples: [
    { says: 'before a deploy', line: 'npx gatehouse diff --against deployed --remote' },
    {
      says: 'a pull request, without a store',
      line: 'npx gatehouse diff --against main --people people.json',
    },
  ],
  run: diff,
}

async function diff(input: Input, world: World): Promise<Outcome> {
  const against = textOf(input, 'against')
  if (against === null)
    return usage('Say what to compare with: --against main, or --against deployed.')
  const after = await world.readConfig()
  if (!after.ok) return after
  const file = textOf(input, 'config') ?? configFile
  const before =
    against === 'deployed' ? await findDeployed(after.value) : await readAt(against, resolve(file))
  if (!before.ok) return before
  if (before.value === null) {
    return refused(
      'No deploy has kept its config yet. The next one does; until then compare with a commit, such as --against main.',
    )
  }
  const people = await whom(input, world)
  if (!people.ok) return people
  return report(
    compare(before.value, after.value, people.value, world.now),
    people.value.length,
    input.switches.has('all'),
  )
}

async function whom(input: Input, world: World): Promise<Result<readonly Somebody[], Failure>> {
  const file = textOf(input, 'people')
  if (file !== null) return readPeople(file, world.now)
  const db = await world.openStore()
  if (!db.ok) return db
  const all = await readEverybody(db.value, world.now, (read) =>
    world.note(`${read} people read …`),
  )
  return ok(all)
}

const SHOWN = 10

export function report(changes: readonly Change[], people: number, isAll: boolean): Outcome {
  const asked = `${people} people and a visitor who is not signed in were asked for.`
  const lines = changes.flatMap(({ request, from, before, after, who }) => {
    const shown = isAll ? who : who.slice(0, SHOWN)
    const more = who.length - shown.length
    return [
      `${signOf(before, after)} ${request}${from === '' ? '' : ` from ${from}`}`,
      `    ${who.length} ${verbs[before][after]}: ${plain(shown.join(', '))}${more > 0 ? `, and ${more} more` : ''}`,
    ]
  })
  return ok({
    text: [
      ...lines,
      ...(lines.length > 0 ? [''] : []),
      changes.length === 0
        ? `Nothing changes. ${asked}`
        : `${count(changes.length, 'change')}. ${asked}`,
    ].join('\n'),
    json: { people, changes },
    isRefusal: changes.length > 0,
  })
}

const signOf = (before: Access, after: Access): string =>
  after === 'yes' ? '+' : before === 'yes' || after === 'no' ? '-' : '+'

const verbs: Readonly<Record<Access, Readonly<Record<Access, string>>>> = {
  yes: { yes: 'keep it', again: 'must sign in again', no: 'lose it' },
  again: { yes: 'need not sign in again', again: 'keep it', no: 'lose it' },
  no: { yes: 'gain it', again: 'gain it after another sign-in', no: 'keep out' },
}
