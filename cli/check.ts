/** Whether a person may make a request, and which names of gatehouse.config.ts match nothing in the store. */
import type { Config } from '../src/config.ts'
import { findDrift, findingFacts, sumUp } from '../src/admin/drift.ts'
import { ok } from '../src/lib/result.ts'
import type { Command, Input, Outcome, World } from './command.ts'
import { withSee } from './shown.ts'
import { storeOptions } from './options.ts'
import { checkPerson, personOptions } from './policy/check.ts'
import { plain } from './text.ts'

export const checkCommand: Command = {
  name: 'check',
  summary:
    'whether a person may make a request, and which names of gatehouse.config.ts match nothing',
  positionals: [
    {
      name: 'person',
      help: 'by id, user name or email address; nobody is a visitor',
      isOptional: true,
    },
    { name: 'method', help: 'such as GET', isOptional: true },
    { name: 'url', help: 'an address, or a path of the first site', isOptional: true },
  ],
  options: [...personOptions, ...storeOptions],
  details:
    'With a person, a method and an address: what the gate would answer, and why, line by line. Exit code 1 when it would not let them in. Without: whether the store has the groups, connections and domains that the config names. Groups of connections without a directory come with each sign-in, so they cannot be looked up and are not judged. Exit code 1 when a name matches nothing.',
  examples: [
    { says: 'before a deploy', line: 'npx gatehouse check --remote' },
    {
      says: 'why a person may not',
      line: 'npx gatehouse check ada@example.com GET https://wiki.example.com/admin --remote',
    },
  ],
  run: check,
}

async function check(input: Input, world: World): Promise<Outcome> {
  if (input.positionals.length > 0) return checkPerson(input, world)
  const config = await world.readConfig()
  if (!config.ok) return config
  const db = await world.openStore()
  if (!db.ok) return db
  return checkConfig(config.value, db.value)
}

/** For `npm run deploy` too. */
export async function checkConfig(config: Config, db: D1Database): Promise<Outcome> {
  const findings = await findDrift(db, config)
  const bad = findings.filter(({ outcome }) => outcome === 'matches nothing')
  return ok({
    text: [
      ...findings.map(
        ({ at, what, outcome, says, see }) =>
          `${outcome.padEnd(15)}  ${at}: ${plain(what)}${says === null ? '' : `\n${' '.repeat(17)}${withSee(plain(says), see)}`}`,
      ),
      ...(findings.length > 0 ? [''] : []),
      sumUp(findings),
    ].join('\n'),
    json: { findings: findings.map(findingFacts), matchNothing: bad.length },
    isRefusal: bad.length > 0,
  })
}
